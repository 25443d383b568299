"""The registry that ships with the project: sound, complete, in three languages, and without a victim's name."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from hashlib import sha256
from typing import Any, get_args
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from pydantic import TypeAdapter

from dashboard.registry import grounds, reader
from dashboard.registry.model import Recommendation, Registry, Status
from dashboard.registry.scalars import LANGUAGES, Text
from tests.slow import counts
from tests.small import ROOT

PATH = ROOT / "recommendations.yaml"
TODAY = date(2026, 11, 22)
END_OF_SAMPLE = "# --- end of the sample record"

# sha256 of the surnames, casefolded, as they begin in Latin, Russian and Kazakh letters: the murder
# victim of 2023, the musician of January 2022, the detained leader of an unregistered party. The
# names themselves stand nowhere in the project, this test included.
NEVER_NAMED = frozenset(
    (
        "de924fbdc428f5b4eebce096dda96a66b4a4960b3c644b51c9dcbc7707ba882d",
        "6ec09e643c96d09e5fc0def6a98725ee6967b4d4759d1470809017e8342c319a",
        "901d0c8ec7955c2f79cd91a62b9089c835b849f934dc6bc0aaf7019b57f949aa",
        "1526ac6e4a30f15dcefc73592575f04f47c97b426632b6b10636ec88a4319067",
        "460dba3280b6f4c915a8838dcf101b16ef172f713fa9a49ea804d15989a60bd7",
        "81fe57a601ce4b1bde521cab078d02904a0ce5fe2bacaef799f003a8e0d49b86",
        "f3dac915941c988c98b07df76b09f011044c7440d8f60af8d43fc83bb4a2d941",
        "3dac1c7d4e83e24f1a88f96f451c370b4d5abf8c446e3a94b2ea66880818caad",
        "dd83cedc60e0c290d383ea4779db60ef7f50112e416b1e7cb7ede6cac794533d",
        "57de91414e7834aed3be2e48288d2211f0abab5421892cfdaf9c85ab5c92ea32",
        "8dceef20d94658158de6c5e971f14734a0be4ca154efcdadcf04af327e168232",
        "0094b0bc947804e2300cd0731fd38d3209b5af195adda8d2deddec02523bf754",
    )
)


@pytest.fixture(scope="module")
def loaded() -> reader.Loaded:
    return reader.load(PATH, TODAY)


@pytest.fixture(scope="module")
def registry(loaded: reader.Loaded) -> Registry:
    assert loaded.registry
    return loaded.registry


def test_the_shipped_registry_has_no_errors_and_no_warnings(loaded: reader.Loaded) -> None:
    assert [str(problem) for problem in loaded.problems] == []


def test_it_holds_34_records_from_five_sources(registry: Registry) -> None:
    assert len(registry.file.recommendations) == 34
    assert [source.id for source in registry.sources] == [
        "astana-times-experts",
        "e-ir-feminist-politics",
        "kamidola-eucam",
        "opendemocracy-interview",
        "tutumlu-lessons",
    ]


STATES = {
    date(2022, 2, 1): {
        "sides": {
            "state": {"refused": 1, "not-assessed": 5},
            "foreign": {"promised": 2},
            "society": {"not-assessed": 2},
        },
        "total": 10,
        "testable": 5,
        "checked": 1,
        "done": 0,
    },
    date(2023, 1, 1): {
        "sides": {
            "state": {"partly-implemented": 2, "promised": 1, "refused": 1, "not-assessed": 5},
            "foreign": {"ongoing": 2, "promised": 2, "not-assessed": 2},
            "society": {"not-assessed": 2},
        },
        "total": 17,
        "testable": 6,
        "checked": 3,
        "done": 0,
    },
    date(2024, 7, 1): {
        "sides": {
            "state": {"partly-implemented": 3, "promised": 6, "refused": 1, "not-assessed": 10},
            "foreign": {"ongoing": 3, "promised": 1, "not-assessed": 5},
            "society": {"not-assessed": 5},
        },
        "total": 34,
        "testable": 12,
        "checked": 6,
        "done": 0,
    },
    date(2026, 11, 21): {
        "sides": {
            "state": {"partly-implemented": 4, "promised": 6, "refused": 1, "nothing-found": 1, "not-assessed": 8},
            "foreign": {"ongoing": 3, "reversed": 1, "nothing-found": 1, "not-assessed": 4},
            "society": {"nothing-found": 1, "not-assessed": 4},
        },
        "total": 34,
        "testable": 12,
        "checked": 10,
        "done": 0,
    },
}


@pytest.mark.parametrize("day", STATES, ids=str)
def test_the_counts_by_side_and_status_on_four_days(day: date) -> None:
    assert counts(PATH, day, TODAY) == STATES[day]


def test_the_four_days_all_differ() -> None:
    states = [repr(sorted(state["sides"].items())) for state in STATES.values()]  # type: ignore[attr-defined]
    assert len(set(states)) == 4


def test_a_promise_of_june_2024_counts_from_its_day_on(registry: Registry) -> None:
    """By hand: said on a webinar of 20 June 2024, so it is in the third and the fourth state only."""
    asked = registry.asked_on(registry.records["istanbul-convention-accession"])
    assert asked is not None
    assert [asked.last <= day for day in STATES] == [False, False, True, True]


def test_a_year_alone_counts_once_the_year_is_over(registry: Registry) -> None:
    """By hand: promised since 2019, ongoing in 2024, undone on 10 March 2025. In July 2024 the year
    2024 has not passed, so the third state still counts one promise on the foreign side."""
    given = registry.records["us-support-for-civil-society"].assessments
    assert [(a.status, str(a.as_of), a.as_of.last) for a in given] == [
        (Status.ONGOING, "2024", date(2024, 12, 31)),
        (Status.REVERSED, "2025-03-10", date(2025, 3, 10)),
    ]
    assert [sum(a.as_of.last <= day for a in given) for day in STATES] == [0, 0, 0, 2]


def test_five_subjects_are_on_the_first_screen(registry: Registry) -> None:
    assert [theme.id for theme in registry.file.themes if theme.headline] == [
        "gender-policy-from-below",
        "grassroots-funding",
        "disinformation",
        "istanbul-convention",
        "ilo-c190",
    ]


def test_every_text_stands_in_english_russian_and_kazakh(registry: Registry) -> None:
    gaps = [(where, code) for where, text in _texts(registry) for code in LANGUAGES if not text.held(code)]
    # A quote stands in the source's own English, so its translation needs no third language.
    assert [(where, code) for where, code in gaps if not (where.endswith("translation") and code == "en")] == []


def test_every_text_that_is_not_english_is_marked_as_a_draft(registry: Registry) -> None:
    unmarked = [
        (where, code)
        for where, text in _texts(registry)
        for code in ("ru", "kk")
        if text.held(code) and code not in text.drafts  # type: ignore[arg-type]
    ]
    assert unmarked == []


def test_the_sample_record_is_valid_by_itself() -> None:
    [record] = yaml.load("\n".join(_sample()), yaml.CBaseLoader)
    assert TypeAdapter(Recommendation).validate_python(record).id == "sample-record"


def test_the_sample_record_names_every_field() -> None:
    """A field is named where the record has it, or in a comment beside the record."""
    [record] = yaml.load("\n".join(_sample()), yaml.CBaseLoader)
    used = set(_used(TypeAdapter(Recommendation).validate_python(record)))
    comments = "\n".join(_top()) + "\n".join(line.partition("#")[2] for line in _sample())
    named = set(re.findall(r"[a-z_]+", comments.replace("`from`", "from_")))
    missing = [f"{kind.__name__}.{name}" for kind, name in _all_fields(Recommendation) if (kind, name) not in used]
    assert [each for each in missing if each.partition(".")[2] not in named] == []


def test_the_sample_record_is_not_counted(registry: Registry) -> None:
    assert "sample-record" not in registry.records
    assert len(registry.records) == 34


def test_no_victim_or_detainee_is_named_in_a_text_or_an_address() -> None:
    files = [PATH, *sorted((ROOT / "sources").glob("*.yaml"))]
    assert [str(file.name) for file in files if NEVER_NAMED & _beginnings(file.read_text("utf-8"))] == []


def test_a_name_is_found_in_any_case_with_any_ending_and_in_an_encoded_address() -> None:
    word = "\u0417\u0438\u043c\u0430"
    found = _beginnings("https://example.org/%D0%97%D0%B8%D0%BC%D0%BE%D0%B9 " + word.upper() + "\u043c\u0438")
    assert {
        sha256("\u0437\u0438\u043c\u043e\u0439".encode()).hexdigest(),
        sha256(word.casefold().encode()).hexdigest(),
    } <= found


def test_every_address_has_a_host_and_is_a_page_of_the_web(registry: Registry) -> None:
    every = [url for _, url in _addresses(registry)]
    assert len(every) > 50
    assert [url for url in every if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname] == []


def test_every_assessment_says_which_wording_it_judged_and_none_has_changed(registry: Registry) -> None:
    judged = [(record, given) for record in registry.file.recommendations for given in record.assessments]
    assert judged
    assert [record.id for record, given in judged if grounds.earlier(registry, record, given)] == []
    assert all(given.judged for _, given in judged)


def _sample() -> list[str]:
    """The lines of the sample record without the `# ` in front of each."""
    lines = _commented()
    return [line[2:] for line in lines[_start(lines) :]]


def _top() -> list[str]:
    lines = _commented()
    return lines[: _start(lines)]


def _start(lines: list[str]) -> int:
    return lines.index(next(line for line in lines if line.startswith("# - id:")))


def _commented() -> list[str]:
    lines = PATH.read_text("utf-8").splitlines()
    lines = lines[1 : lines.index(END_OF_SAMPLE)]
    assert all(line.startswith("#") for line in lines)
    return lines


def _all_fields(kind: Any) -> Iterator[tuple[type, str]]:
    """Every field of a class of the model and of the classes that its fields hold."""
    for each in fields(kind):
        yield kind, each.name
        for held in _held(each.type):
            yield from _all_fields(held)


def _held(annotation: Any) -> Iterator[type]:
    if isinstance(annotation, type) and is_dataclass(annotation):
        if annotation.__module__ == "dashboard.registry.model" or annotation is Text:
            yield annotation
        return
    for argument in get_args(annotation):
        yield from _held(argument)


def _used(value: Any) -> Iterator[tuple[type, str]]:
    """The fields of the model that a record fills in."""
    if isinstance(value, tuple):
        for each in value:
            yield from _used(each)
    elif is_dataclass(value):
        for each in fields(value):
            if (inner := getattr(value, each.name)) not in (None, (), False):
                yield type(value), each.name
                yield from _used(inner)


def _walked(value: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    """Every value below a value of the model, with the way to it."""
    yield where, value
    if isinstance(value, tuple):
        for number, each in enumerate(value):
            yield from _walked(each, f"{where}[{getattr(each, 'id', number)}]")
    elif is_dataclass(value) and not isinstance(value, Text):
        for each in fields(value):
            yield from _walked(getattr(value, each.name), f"{where}.{each.name}")


def _texts(registry: Registry) -> list[tuple[str, Text]]:
    found = [*_walked(registry.file), *_walked(registry.sources)]
    return [(where, value) for where, value in found if isinstance(value, Text)]


def _addresses(registry: Registry) -> list[tuple[str, str]]:
    found = [*_walked(registry.file), *_walked(registry.sources)]
    return [(where, value) for where, value in found if where.endswith("url") and isinstance(value, str)]


def _beginnings(text: str) -> set[str]:
    """sha256 of every beginning, from four letters on, of every word: endings differ by language."""
    words = set(re.findall(r"[^\W\d_]{4,}", (text + "\n" + unquote(text)).casefold()))
    beginnings = {word[:n] for word in words for n in range(4, min(len(word), 12) + 1)}
    return {sha256(beginning.encode()).hexdigest() for beginning in beginnings}
