"""Search in English, Russian and Kazakh: real questions to the shipped registry, and what must not match."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from dashboard.language.search import Index, words
from dashboard.progress.finding import finder, texts_of
from dashboard.registry import reader
from dashboard.registry.scalars import Language
from tests.small import ROOT

REGISTRY = reader.load(ROOT / "recommendations.yaml", date(2026, 11, 25)).registry
IDS = [record.id for record in REGISTRY.file.recommendations]
SHIPPED = finder(REGISTRY)

# query; ids that it must find; ids that it must not find
ENGLISH = """
woman's party; party-for-mothers-and-women; different-parties-for-different-groups new-parliamentary-elections
ratifying Convention 190; ilo-c190-ratification; istanbul-convention-accession end-torture-in-detention
harassed at the workplace; ilo-c190-ratification; sexual-assault-serious-crime-in-law family-centers-under-2024-law
investigating attacks, police; police-investigate-attacks-on-feminita; end-torture-in-detention party-for-mothers-and-women
registering a party; different-parties-for-different-groups; party-for-mothers-and-women new-parliamentary-elections
funded grassroots activist; donors-support-grassroots-activists; men-and-women-join-campaigns donors-give-grassroots-leaders-platforms
labor unions' leader; donors-give-grassroots-leaders-platforms; leadership-effort-on-domestic-violence
mothers protesting, social welfare; better-social-welfare-for-mothers; party-for-mothers-and-women us-support-for-civil-society
promised by the president; president-keeps-womens-rights-promise; us-support-for-civil-society those-in-power-make-space-for-the-young
sexual assaults, crimes; sexual-assault-serious-crime-in-law; more-comprehensive-laws-on-violence ilo-c190-ratification
regional alliances; regional-alliance-against-gender-based-violence; international-commitments-on-gender-based-violence
ignoring people; government-does-not-ignore-people; new-parliamentary-elections gender-concerns-everyone
tortured; end-torture-in-detention; police-investigate-attacks-on-feminita careful-with-the-label-terrorists
family centre; family-centers-under-2024-law; us-support-for-civil-society donors-recognise-past-gender-policy-effects
strategies of the United States; us-support-for-civil-society; eu-support-for-civil-society donors-gender-work-bottom-up
recognizing side effects; donors-recognise-past-gender-policy-effects; sexual-assault-serious-crime-in-law
gender policies, ticking boxes; gender-policy-bottom-up; donors-gender-work-bottom-up gender-concerns-everyone
reacted swiftly; foreign-officials-answer-disinformation; careful-with-the-label-terrorists
elections to the Majilis; new-parliamentary-elections; president-keeps-womens-rights-promise more-women-in-government
slogans of the young; those-in-power-make-space-for-the-young; careful-with-the-label-terrorists more-women-in-government
"""

RUSSIAN = """
присоединится к Стамбульской конвенции; istanbul-convention-accession; ilo-c190-ratification end-torture-in-detention
ратификация Конвенции МОТ; ilo-c190-ratification; istanbul-convention-accession
домогательство на рабочих местах; ilo-c190-ratification; sexual-assault-serious-crime-in-law
домашним насилием, законы; family-centers-under-2024-law leadership-effort-on-domestic-violence; media-effort-on-domestic-violence more-comprehensive-laws-on-violence
зарубежная помощь США; us-support-for-civil-society; eu-support-for-civil-society donors-support-grassroots-activists
доноры, низовой активист; donors-support-grassroots-activists donors-give-grassroots-leaders-platforms; donors-gender-work-bottom-up eu-support-for-civil-society
партия матери; party-for-mothers-and-women; different-parties-for-different-groups better-social-welfare-for-mothers
расследование нападений; police-investigate-attacks-on-feminita; end-torture-in-detention foreign-pressure-for-international-obligations
пытка; end-torture-in-detention; police-investigate-attacks-on-feminita ilo-c190-ratification
предвыборные слова президентом; president-keeps-womens-rights-promise; those-in-power-make-space-for-the-young
правительство игнорирует людей; government-does-not-ignore-people; gender-concerns-everyone new-parliamentary-elections
выборам в парламент; new-parliamentary-elections; president-keeps-womens-rights-promise more-women-in-government
международное обязательство; foreign-pressure-for-international-obligations international-commitments-on-gender-based-violence; istanbul-convention-accession
женщина во власти; more-women-in-government those-in-power-make-space-for-the-young; gender-concerns-everyone men-and-women-join-campaigns
галочка; gender-policy-bottom-up; donors-gender-work-bottom-up
побочное последствие; donors-recognise-past-gender-policy-effects; donors-understand-gender-policy-impact
социальной поддержкой матерям; better-social-welfare-for-mothers; party-for-mothers-and-women eu-support-for-civil-society
мягкий приговор; sexual-assault-serious-crime-in-law; end-torture-in-detention
дезинформацией; foreign-officials-answer-disinformation; media-effort-on-domestic-violence
независимый журналист; donors-give-grassroots-leaders-platforms; media-effort-on-domestic-violence
"""

KAZAKH = """
конвенцияға қосылды; istanbul-convention-accession; ilo-c190-ratification end-torture-in-detention
ХЕҰ конвенцияны ратификациялайды; ilo-c190-ratification; istanbul-convention-accession
аналардың партияға; party-for-mothers-and-women; different-parties-for-different-groups better-social-welfare-for-mothers
партияларды тіркеді; different-parties-for-different-groups; party-for-mothers-and-women
шабуылды тергеді; police-investigate-attacks-on-feminita; end-torture-in-detention foreign-pressure-for-international-obligations
азаптаулар; end-torture-in-detention; police-investigate-attacks-on-feminita
әйелдердің құқықтарына; president-keeps-womens-rights-promise; party-for-mothers-and-women foreign-pressure-for-international-obligations
сайлаудың парламентке; new-parliamentary-elections; president-keeps-womens-rights-promise
халқын елемеген; government-does-not-ignore-people; better-social-welfare-for-mothers new-parliamentary-elections
тұрмыстық зорлықтың БАҚ-та; media-effort-on-domestic-violence; family-centers-under-2024-law men-and-women-join-campaigns
тұрмыстық зомбылығы, отбасының орталығы; family-centers-under-2024-law; media-effort-on-domestic-violence civil-society-effort-on-domestic-violence
журналисттен; donors-give-grassroots-leaders-platforms; media-effort-on-domestic-violence donors-support-grassroots-activists
шетелдік донордан; donors-support-grassroots-activists donors-understand-gender-policy-impact; eu-support-for-civil-society
жалған ақпараттар; foreign-officials-answer-disinformation; media-effort-on-domestic-violence
альянстың доллары; regional-alliance-against-gender-based-violence; us-support-for-civil-society international-commitments-on-gender-based-violence
биліктегі әйелге; more-women-in-government those-in-power-make-space-for-the-young; party-for-mothers-and-women gender-concerns-everyone
жыныстық қылмысы; sexual-assault-serious-crime-in-law; more-comprehensive-laws-on-violence ilo-c190-ratification
анаға әлеуметтік қолдауды; better-social-welfare-for-mothers; party-for-mothers-and-women eu-support-for-civil-society
кедейлікке; government-does-not-ignore-people; better-social-welfare-for-mothers
АҚШ-қа уәдесінен; us-support-for-civil-society; eu-support-for-civil-society president-keeps-womens-rights-promise
"""


def table(text: str) -> list[tuple[str, str, str]]:
    """The rows of a table above."""
    rows = [line.split("; ") for line in text.strip().splitlines()]
    return [(query, finds, leaves) for query, finds, leaves in rows]


SEARCHES = [*table(ENGLISH), *table(RUSSIAN), *table(KAZAKH)]


def found(query: str) -> set[str]:
    return {id for id, here in zip(IDS, SHIPPED.find(query), strict=True) if here}


@pytest.mark.parametrize(("query", "finds", "leaves"), SEARCHES, ids=[row[0] for row in SEARCHES])
def test_a_question_finds_the_records_that_say_it_in_other_forms(query: str, finds: str, leaves: str) -> None:
    wanted, unwanted = set(finds.split()), set(leaves.split())
    assert wanted | unwanted <= set(IDS)
    assert (wanted - found(query), unwanted & found(query)) == (set(), set())


def test_there_are_twenty_questions_in_each_language_and_letters_alone_would_answer_few() -> None:
    assert [len(table(text)) for text in (ENGLISH, RUSSIAN, KAZAKH)] == [20, 20, 20]
    texts = {record.id: " ".join(t for _, t in texts_of(REGISTRY, record)) for record in REGISTRY.file.recommendations}
    literal = [
        query
        for query, finds, _ in SEARCHES
        if all(word in texts[id].casefold() for id in finds.split() for word in words(query))
    ]
    assert len(literal) <= 6, literal


# --- one word -------------------------------------------------------------------------------------


def says(text: str, query: str, language: Language) -> bool:
    return Index([[(language, text)]]).find(query) == [True]


@pytest.mark.parametrize(
    ("language", "text", "query"),
    [
        ("en", "women’s", "woman"),
        ("en", "Women’s", "women's"),
        ("en", "children", "child"),
        ("en", "organized", "organise"),
        ("ru", "законы", "закона"),
        ("ru", "Всё ещё", "все еще"),
        ("ru", "зако\u0301ны", "ЗАКОН"),
        ("ru", "Май", "\u043c\u0430\u0438\u0306"),
        ("ru", "пытки", "пыток"),
        ("ru", "матерей", "мать"),
        ("ru", "1990-е годы", "1990-х годов"),
        ("ru", "«Феминиты»", "феминита"),
        ("ru", "из-за угроз", "угрозами"),
        ("kk", "конвенциясы", "конвенциясына"),
        ("kk", "конвенцияға", "конвенциясына"),
        ("kk", "әйелдердің", "әйелдер"),
        ("kk", "әйел", "әйелдер"),
        ("kk", "құқығы", "құқық"),
        ("kk", "мектебінде", "мектеп"),
        ("kk", "министрлігі", "министрліктер"),
        ("kk", "халқына", "халықтың"),
        ("kk", "жұмысында", "жұмыс"),
        ("kk", "журналистер", "журналист"),
        ("kk", "қосылғаны", "қосылу"),
        ("kk", "БАҚ-тарына", "БАҚ-тың"),
        ("kk", "елдерінде", "ел"),
        ("kk", "USAID-тің", "usaid"),
        ("kk", "зорлыкты", "зорлық"),
        ("kk", "айелдер", "әйел"),
        ("kk", "адилет", "әділеттің"),
        ("kk", "тенсиздик", "теңсіздікке"),
    ],
)
def test_other_forms_of_a_word_are_found(language: Language, text: str, query: str) -> None:
    assert says(text, query, language)
    assert says(query, text, language)


@pytest.mark.parametrize(
    ("language", "text", "query"),
    [
        ("en", "a fact", "act"),
        ("en", "a network", "work"),
        ("en", "1900", "190"),
        ("en", "19,000", "190"),
        ("en", "a mention of men", "mentioning women"),
        ("ru", "незаконный", "закон"),
        ("ru", "сотня", "сот сотрудник"),
        ("kk", "заңсыз", "заңдар"),
        ("kk", "баспанада", "баспа баспагер"),
        ("kk", "қолдау", "қолға"),
        ("kk", "ерте", "ерге"),
        ("kk", "әйелдерге қатысты", "қатысу"),
        ("kk", "өлең", "өлшем"),
        ("kk", "еді", "е"),
        ("kk", "осы", "ос"),
    ],
)
def test_words_that_only_look_alike_are_not_found(language: Language, text: str, query: str) -> None:
    assert not says(text, query, language)


@pytest.mark.parametrize("query", ["istanb", "Стамб", "стамбул", "стамбульск", "стамбул конвенц"])
def test_the_beginning_of_a_word_finds_it(query: str) -> None:
    assert found(query) == {"istanbul-convention-accession"}


def test_the_beginning_of_a_word_is_found_in_each_language() -> None:
    for language, text, query in (
        ("en", "Istanbul", "ist"),
        ("ru", "Стамбульской", "ста"),
        ("kk", "Ыстамбұлдың", "ыстамб"),
    ):
        assert says(text, query, language)
        assert not says(text, query[:2], language)


def test_a_short_word_that_stands_in_the_texts_is_itself_and_begins_no_other() -> None:
    index = Index([[("kk", "сот")], [("ru", "сотрудник")], [("en", "men")], [("en", "mention")]])
    assert index.find("сот") == [True, False, False, False]
    assert index.find("men") == [False, False, True, False]
    assert index.find("мен") == [False, False, False, False]


def test_a_long_word_that_stands_in_the_texts_begins_others_too() -> None:
    assert Index([[("ru", "гендер")], [("ru", "гендерная")]]).find("гендер") == [True, True]


# --- several words, and none ----------------------------------------------------------------------


def test_every_word_must_be_said_each_in_any_language() -> None:
    index = Index([[("en", "a law"), ("ru", "о насилии")], [("en", "laws")], [("ru", "насилие")]])
    assert index.find("law насилие") == [True, False, False]


def test_small_words_are_not_asked_for_unless_there_is_nothing_else() -> None:
    index = Index([[("en", "rights for women")], [("en", "rights of women")], [("en", "men")]])
    assert index.find("the rights of women") == [True, True, False]
    assert index.find("of") == [False, True, False]


@pytest.mark.parametrize("query", ["", "   ", "«»", "?!", "-", "'’ʼ", "\u0301", "__", "\x00\ud800"])
def test_a_query_without_a_word_finds_everything(query: str) -> None:
    assert found(query) == set(IDS)


def test_an_index_of_nothing_finds_nothing() -> None:
    assert Index([]).find("law") == []
    assert Index([[]]).find("law") == [False]


def hostile() -> Iterator[str]:
    yield from (letter * 200 for letter in "aаысннтеrу-'1ی漢İß\u0301\u200b\U0001f469")
    yield from ("тар" * 66, "сынан" * 40, "-тың" * 50, "а-" * 100, "%_*?[](){}\\" * 18, "ﷺ" * 200)
    yield " ".join(("при", "про", "con", "int", "қаз", "бол", "the", "а", "1") * 6)[:200]


@pytest.mark.parametrize("query", list(hostile()), ids=lambda query: ascii(query[:6]))
def test_no_query_crashes_or_takes_long(query: str) -> None:
    began = time.perf_counter()
    assert len(SHIPPED.find(query)) == len(IDS)
    assert time.perf_counter() - began < 0.5


# --- the texts of a record ------------------------------------------------------------------------


def test_the_id_the_actors_and_who_asks_the_theme_the_instrument_and_the_quotes_are_searched() -> None:
    for query in ("C190", "парламенті", "Jarbussynova", "ХЕҰ-ға", "world of work", "workplace", "рабочем месте"):
        assert "ilo-c190-ratification" in found(query), query


def test_names_that_were_left_out_of_the_registry_do_not_stop_the_search() -> None:
    bare = replace(REGISTRY.file, actors=(), themes=(), instruments=())
    index = finder(replace(REGISTRY, file=bare, sources=()))
    assert index.find("ratify")[IDS.index("ilo-c190-ratification")]
