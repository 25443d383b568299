"""Valid registries of any size, in the shape and size of a real one: for tests, bench and fuzz.

Plain strings put together by a seeded generator; no YAML library, so that 10,000 records take
seconds. Every status, side, role and kind comes up, with several assessors, addressees among
them, withdrawn and retired entries, and dates to the day, month and year.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random

TODAY = date(2026, 11, 21)
"""The day on which the generated registries are read; nothing in them lies after it."""

Words = tuple[str, str, str]

_WHO: tuple[Words, ...] = (
    ("the ministry", "министерство", "министрлік"),
    ("the police service", "полицейская служба", "полиция қызметі"),
    ("the district court", "районный суд", "аудандық сот"),
    ("the crisis centre", "кризисный центр", "дағдарыс орталығы"),
    ("the working group", "рабочая группа", "жұмыс тобы"),
    ("the committee of parliament", "комитет парламента", "парламент комитеті"),
)
_DOES: tuple[Words, ...] = (
    (
        "publishes the figures on protection orders",
        "публикует данные об охранных предписаниях",
        "қорғау нұсқамалары туралы деректерді жариялайды",
    ),
    (
        "trains officers who answer calls at night",
        "обучает сотрудников ночных дежурств",
        "түнгі кезекшілік қызметкерлерін оқытады",
    ),
    (
        "pays for shelters outside the large cities",
        "оплачивает приюты вне крупных городов",
        "ірі қалалардан тыс баспаналарды қаржыландырады",
    ),
    ("opens the draft law to comment", "открывает законопроект для обсуждения", "заң жобасын талқылауға ашады"),
    ("hears those whom the measure concerns", "выслушивает тех, кого касается мера", "шара қатысты адамдарды тыңдайды"),
    ("keeps a register of complaints", "ведёт реестр обращений", "шағымдар тізілімін жүргізеді"),
)
_WHEN: tuple[Words, ...] = (
    ("before the end of the year", "до конца года", "жыл соңына дейін"),
    ("in every region of the country", "в каждом регионе страны", "елдің әр өңірінде"),
    ("as the convention asks", "как того требует конвенция", "конвенция талап еткендей"),
    ("together with women's organisations", "вместе с женскими организациями", "әйелдер ұйымдарымен бірге"),
    ("and says how it was counted", "и объясняет, как это подсчитано", "және қалай есептелгенін түсіндіреді"),
)

_RHYTHMS = {1: "\n    steward: The crisis centre\n    check_every_days: 90", 3: "\n    check_every_days: 300"}
_THEMES = ("family-violence", "political-voice", "work-and-pay", "civic-space", "aid-and-donors", "schooling", "health")

# id, kind, side, other fields
_ACTORS = (
    ("kazakhstan", "state", "state", "country: KZ"),
    ("president", "head-of-state", "state", "part_of: kazakhstan"),
    ("government", "government", "state", "part_of: kazakhstan"),
    ("interior-ministry", "government", "state", "part_of: government"),
    ("labour-ministry", "government", "state", "part_of: government"),
    ("parliament", "legislature", "state", ""),
    ("upper-house", "legislature", "state", "part_of: parliament"),
    ("supreme-court", "judiciary", "state", ""),
    ("women-commission", "government", "state", ""),
    ("family-agency", "government", "state", "successor_of: women-commission"),
    ("european-union", "intergovernmental", "foreign", ""),
    ("eu-delegation", "intergovernmental", "foreign", "part_of: european-union"),
    ("un-women", "intergovernmental", "foreign", "same_as: [UN Women, Women of the UN]"),
    ("development-agency", "donor", "foreign", "country: US"),
    ("treaty-committee", "intergovernmental", "foreign", "url: https://example.org/committee"),
    ("open-viewpoint", "civil-society", "society", "country: KZ"),
    ("crisis-centres-union", "civil-society", "society", "country: KZ"),
    ("march-organisers", "civil-society", "society", ""),
    ("rights-bureau", "civil-society", "society", ""),
    ("bureau-lawyer", "person", "society", "part_of: rights-bureau"),
    ("evening-paper", "media", "society", ""),
    ("institute", "academia", "society", ""),
    ("public", "public", "society", ""),
)
_SIDE = {actor: side for actor, _, side, _ in _ACTORS}
_UNDER_KAZAKHSTAN = ("kazakhstan", "president", "government", "interior-ministry", "labour-ministry")
_FAMILIES = (
    _UNDER_KAZAKHSTAN,
    ("parliament", "upper-house"),
    ("supreme-court",),
    ("women-commission", "family-agency"),
    ("european-union", "eu-delegation"),
    ("un-women",),
    ("development-agency",),
    ("rights-bureau", "bureau-lawyer"),
    ("crisis-centres-union",),
    ("public",),
)
_OUTSIDE = ("editors", "treaty-committee", "open-viewpoint", "institute", "evening-paper", "march-organisers")
_MOVING = ("not-started", "promised", "in-progress", "blocked", "reversed", "refused")


def registry(seed: int = 1, records: int = 30, sources: int = 8) -> dict[str, str]:
    """The files of a valid registry, name to text: recommendations.yaml and sources/*.yaml."""
    random = Random(seed)
    documents = [_document(random, number) for number in range(sources)]
    made = [_record(random, number, records, documents) for number in range(records)]
    files = {f"sources/{d.id}.yaml": _source_text(random, d, made) for d in documents}
    return {"recommendations.yaml": _registry_text(random, made), **files}


def write(folder: Path, files: dict[str, str]) -> Path:
    """Put `files` under `folder`; returns the path of the registry."""
    (folder / "sources").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "recommendations.yaml"


@dataclass(frozen=True, slots=True)
class _Document:
    id: str
    published: str
    by: str
    public_record: bool


@dataclass(slots=True)
class _Record:
    id: str
    text: str = ""
    evidence: list[str] = field(default_factory=list)


# --- words --------------------------------------------------------------------------------------


def _sentence(random: Random) -> Words:
    who, does, when = random.choice(_WHO), random.choice(_DOES), random.choice(_WHEN)
    en, ru, kk = (f"{who[n]} {does[n]} {when[n]}" for n in range(3))
    return en[0].upper() + en[1:], ru[0].upper() + ru[1:], kk[0].upper() + kk[1:]


def _all(random: Random, indent: int, sentences: int = 1) -> str:
    """A text in all three languages, as the lines below its key."""
    said = [_sentence(random) for _ in range(sentences)]
    blank = "\n" + " " * indent
    return "".join(
        f"{blank}{language}: {'. '.join(s[n] for s in said)}" for n, language in enumerate(("en", "ru", "kk"))
    )


def _some(random: Random, indent: int) -> str:
    """A text as people write it: plain English, or mappings with some languages."""
    en, ru, kk = _sentence(random)
    blank = "\n" + " " * indent
    match random.randrange(5):
        case 0:
            return f" {en}"
        case 1:
            return f"{blank}ru: {ru}{blank}en: {en}{blank}from: ru"
        case 2:
            return f'{blank}kk: "{kk}"{blank}en: {en}{blank}drafts: [en]'
        case 3:
            return f"{blank}en: >-{blank}  {en},{blank}  as far as known{blank}ru: {ru}{blank}kk: {kk}{blank}drafts: [ru, kk]"
    return f"{blank}en: {en}{blank}ru: '{ru}'{blank}kk: {kk}{blank}from: en"


# --- dates --------------------------------------------------------------------------------------


def _between(random: Random, first: date, last: date) -> date:
    return first + timedelta(days=random.randint(0, max(0, (last - first).days)))


def _written(random: Random, day: date) -> str:
    """The day as people write it; the span never begins after it."""
    return random.choice(
        (f"{day}", f"{day}", f"{day}", f"{day}", f"{day:%Y-%m}", f"{day:%Y}", f"{day}~", f"{day:%Y-%m}~")
    )


# --- the parts of a record ------------------------------------------------------------------------


def _document(random: Random, number: int) -> _Document:
    day = _between(random, date(2015, 1, 1), date(2022, 6, 30))
    by = random.choice(("rights-bureau", "treaty-committee", "open-viewpoint", "institute"))
    return _Document(f"document-{number + 1}", _written(random, day), by, number % 4 == 3)


def _record(random: Random, number: int, total: int, documents: list[_Document]) -> _Record:
    made = _Record(f"{random.choice(_THEMES)}-{number + 1}")
    kind = random.choice(("recommendation", "recommendation", "demand", "commitment"))
    family = random.choice(_FAMILIES)
    conditions = random.choice((0, 1, 1, 2, 3))
    open_ended = not conditions and random.random() < 0.8
    _add_evidence(random, made, family)
    document = random.choice(documents)
    ask = _between(random, date(2022, 7, 1), date(2025, 6, 30))
    lines = [
        f"  - id: {made.id}",
        f"    title:{_all(random, 6)}",
        f"    summary:{_all(random, 6)}",
        f"    kind: {kind}",
    ]
    if kind == "commitment":
        lines += [f"    as_given: {random.choice(('official-document', 'own-words', 'reported'))}"]
    lines += [f"    theme: {random.choice(_THEMES)}"]
    if random.random() < 0.3:
        lines += ["    instrument: istanbul-convention"]
    if random.random() < 0.5:
        lines += [f"    on: {_written(random, ask)}"]
    lines += [
        "    alignments:",
        f"      - {{code: 'sdg:5.2.{random.randint(1, 9)}', match: {random.choice(('same', 'near', 'touches'))}}}",
    ]
    lines += _origin(random, document, kind, family)
    lines += _addressed(random, family)
    lines += _conditions(random, conditions, open_ended)
    lines += _steps(random, made) + _answers(random, made, family) + _funding(random, made)
    lines += _assessments(random, made, kind, family, conditions, open_ended, ask)
    lines += _looks(random, made, ask)
    if random.random() < 0.05:
        lines += [f"    retired:\n      on: {_between(random, ask, TODAY)}\n      reason:{_some(random, 8)}"]
    if number and random.random() < 0.3:
        lines += [
            "    related:",
            f"      - {{id: {{related-{random.randrange(total)}}}, relation: {random.choice(('beside', 'part-of', 'repeats'))}}}",
        ]
    made.text = "\n".join(lines)
    return made


def _add_evidence(random: Random, made: _Record, family: tuple[str, ...]) -> None:
    """`-a` is an official document or an independent report, `-b` the addressee's word or the press,
    `-c` (now and then) withheld or a copy."""

    def entry(name: str, owner: str, form: str, more: list[str]) -> str:
        head = [f"  - id: {made.id}-{name}", f"    says:{_all(random, 6)}", f"    owner: {owner}", f"    form: {form}"]
        return "\n".join(head + more)

    page = [
        f"    url: https://example.org/{made.id}/{random.randrange(10**6)}", "    publisher: Example Press",
        f"    published: {_written(random, _between(random, date(2023, 1, 1), date(2026, 9, 1)))}", "    accessed: 2026-10-30",
        "    language: ru",
    ]  # fmt: skip
    if random.random() < 0.5:
        made.evidence.append(entry("a", "state", "document-with-effect", [*page, "    owned_by: kazakhstan"]))
    else:
        made.evidence.append(
            entry(
                "a",
                "independent",
                random.choice(("report", "dataset", "seen")),
                [*page, "    title: A report on one year"],
            )
        )
    if random.random() < 0.5:
        made.evidence.append(entry("b", "independent", "statement", [*page, f"    voice: {random.choice(family)}"]))
    else:
        made.evidence.append(
            entry("b", "independent", "news", [*page, "    quote: the draft was sent to the committee"])
        )
    match random.randrange(6):
        case 0:
            made.evidence.append(
                entry(
                    "c", "independent", "report", ["    withheld: true", f"    sha256: {random.getrandbits(256):064x}"]
                )
            )
        case 1:
            made.evidence.append(entry("c", "independent", "news", [*page, f"    copy_of: {made.id}-a"]))


def _origin(random: Random, document: _Document, kind: str, family: tuple[str, ...]) -> list[str]:
    by = family[-1] if kind == "commitment" else document.by
    told = "quoted" if kind == "commitment" else "own"
    lines = ["    origin:", f"      - source: {document.id}", f"        paragraph: {random.randint(1, 40)}"]
    if document.public_record and random.random() < 0.5:
        return [f"    text:{_some(random, 6)}", *lines, f"        by: {by}\n        told: {told}"]
    quote = " ".join(_sentence(random)[0].split()[:25])
    return [
        *lines,
        f"        quote: {quote}",
        f"        by: {by}\n        told: {told}",
        f"        translation:{_some(random, 10)}",
    ]


def _addressed(random: Random, family: tuple[str, ...]) -> list[str]:
    # A successor is bound by what its predecessor was asked, not the other way round.
    lead = family[0] if "women-commission" in family else random.choice(family)
    lines = ["    actors:", f"      - {{actor: {lead}, role: must-act, basis: named}}"]
    if lead == "kazakhstan" and random.random() < 0.5:
        lines[-1] = f"      - {{actor: {lead}, role: must-act, basis: inferred}}"
    if random.random() < 0.3:
        other = random.choice([actor for actor in _SIDE if actor != lead and actor != "public"])
        lines += [
            f"      - actor: {other}\n        role: {random.choice(('together', 'helps', 'pays'))}\n        basis: named"
        ]
    if random.random() < 0.2:
        lines += [
            f"      - actor: parliament\n        role: must-agree\n        basis: inferred\n        why:{_some(random, 10)}"
        ]
    return lines


def _conditions(random: Random, conditions: int, open_ended: bool) -> list[str]:
    lines = ["    open_ended: true"] if open_ended else []
    if conditions:
        lines += ["    done_when:", *(f"      - {_all(random, 8).lstrip()}" for _ in range(conditions))]
    if random.random() < 0.2:
        lines += ["    beyond_test:", f"      - {_all(random, 8).lstrip()}"]
    if random.random() < 0.2:
        lines += [
            f"    due:\n      on: {random.choice(('2027', '2027-06', '2025-12-31'))}\n      basis:{_some(random, 8)}"
        ]
    return lines


def _steps(random: Random, made: _Record) -> list[str]:
    lines = []
    for _ in range(random.choice((0, 0, 0, 2))):
        state = random.choice(("done", "not-done", "unknown", "lapsed", "not-needed"))
        lines += [f"      - step:{_all(random, 10)}", f"        state: {state}"]
        if state == "done":
            day = _between(random, date(2023, 1, 1), date(2026, 10, 1))
            lines += [f"        on: {_written(random, day)}", f"        evidence: [{made.id}-a]"]
    return ["    steps:", *lines] if lines else []


def _answers(random: Random, made: _Record, family: tuple[str, ...]) -> list[str]:
    lines = []
    if random.random() < 0.3:
        position = random.choice(("agreed", "agreed-in-part", "took-note", "declined", "not-ours", "done-already"))
        lines += ["    answers:", f"      - by: {family[0]}", f"        position: {position}", "        on: 2026-03-14"]
        lines += [f"        text:{_all(random, 10)}", f"        evidence: [{made.id}-b]"]
    if random.random() < 0.2:
        lines += ["    asked:", f"      - actor: {family[0]}\n        on: 2026-02-01\n        how:{_some(random, 10)}"]
    return lines


def _funding(random: Random, made: _Record) -> list[str]:
    if random.random() > 0.3:
        return []
    stage = random.choice(("reported", "pledged", "allocated", "paid", "suspended", "cancelled"))
    return [
        "    funding:", f"      - by: european-union\n        to: rights-bureau\n        stage: {stage}",
        f"        on: {random.choice(('2024', '2025-03', '2025-04-01'))}\n        amount: {random.randint(1, 999)}000.50",
        f"        currency: EUR\n        purpose:{_some(random, 10)}\n        evidence: [{made.id}-a]",
    ]  # fmt: skip


def _assessments(
    random: Random, made: _Record, kind: str, family: tuple[str, ...], conditions: int, open_ended: bool, ask: date
) -> list[str]:
    lines: list[str] = []
    recorded = random.random() < 0.3
    for _ in range(random.choice((0, 1, 1, 1, 2, 2, 3))):
        # Assessments begin after every ask and every source; a year alone could begin before.
        as_of = _between(random, date(2025, 7, 1), date(2026, 10, 31))
        looked = _between(random, as_of, date(2026, 11, 15))
        by = random.choice(family) if random.random() < 0.25 else random.choice(_OUTSIDE)
        status = _status(random, kind, conditions, open_ended)
        lines += [
            f"      - status: {status}",
            f"        as_of: {_written(random, as_of)}",
            f"        assessed_on: {looked}",
        ]
        backing = _claim(made, status, conditions) if by in family and random.random() < 0.5 else None
        lines += [
            f"        by: {by}",
            *(backing or _backing(random, made, status, conditions)),
            f"        note:{_all(random, 10)}",
        ]
        if recorded:
            lines += ["        recorded_on: 2026-11-16"]
        if random.random() < 0.1:
            on = _between(random, looked, date(2026, 11, 18))
            lines += [f"        withdrawn:\n          on: {on}\n          why:{_some(random, 12)}"]
    return ["    assessments:", *lines] if lines else []


def _status(random: Random, kind: str, conditions: int, open_ended: bool) -> str:
    allowed = [*_MOVING]
    if kind != "commitment":
        allowed += ["nothing-found", "nothing-found"]
    if open_ended:
        allowed += ["ongoing", "ongoing"]
    if conditions:
        allowed += ["implemented", "implemented", "partly-implemented"]
    return random.choice(allowed)


def _backing(random: Random, made: _Record, status: str, conditions: int) -> list[str]:
    """The evidence that the status needs (rules 13 to 21)."""
    strong, weak = f"{made.id}-a", f"{made.id}-b"
    if status == "nothing-found":
        return ["        evidence: []"]
    if status == "not-started":
        return [f"        evidence: [{strong}]"]
    if status == "implemented":
        met = "".join(f"\n          - {{condition: {n + 1}, evidence: [{strong}]}}" for n in range(conditions))
        return [f"        evidence: [{strong}, {weak}]", f"        conditions_met:{met}"]
    if status == "partly-implemented":
        press = "form: news" in made.evidence[1]
        met = weak if press and random.random() < 0.5 else strong
        return [
            f"        evidence: [{met}]",
            f"        conditions_met:\n          - condition: 1\n            evidence: [{met}]",
        ]
    if random.random() < 0.5:
        return [f"        evidence:\n          - {strong}"]
    return [f"        evidence: [{weak}]"]


def _claim(made: _Record, status: str, conditions: int) -> list[str] | None:
    """An addressee's claim of delivery, on whatever it points to; None for other statuses."""
    if status not in ("implemented", "partly-implemented"):
        return None
    return [
        f"        evidence: [{made.id}-b]",
        f"        conditions_met: [{{condition: {conditions}, evidence: [{made.id}-b]}}]",
    ]


def _looks(random: Random, made: _Record, ask: date) -> list[str]:
    lines = []
    if random.random() < 0.4:
        lines += [
            "    checks:",
            f"      - on: {_between(random, ask, TODAY)}\n        by: editors\n        where:{_some(random, 10)}",
        ]
    if random.random() < 0.2:
        lines += [
            "    setbacks:", f"      - on: {_written(random, _between(random, ask, TODAY))}",
            f"        what:{_all(random, 10)}", f"        evidence: [{made.id}-b]",
        ]  # fmt: skip
    if random.random() < 0.3:
        lines += ["    open_questions:", f"      - {_all(random, 8).lstrip()}"]
    return lines


# --- the files ------------------------------------------------------------------------------------


def _registry_text(random: Random, made: list[_Record]) -> str:
    parts = [
        "# A registry made up by tests/generate.py: every name in it is invented.",
        "version: 1", f"title:{_all(random, 2)}", "publisher:\n  name: not yet named", "licence: CC-BY-4.0",
        "rules:\n  check_again_after_days: {open: 180, other: 365}\n  no_movement_months: 18", "themes:",
    ]  # fmt: skip
    parts += [
        f"  - id: {theme}\n    name:{_all(random, 6)}\n    headline: {str(n < 5).lower()}" + _RHYTHMS.get(n, "")
        for n, theme in enumerate(_THEMES)
    ]
    parts += ["actors:"]
    for actor, kind, side, more in _ACTORS:
        parts += [
            f"  - id: {actor}\n    name:{_all(random, 6)}\n    kind: {kind}\n    side: {side}"
            + (more and f"\n    {more}")
        ]
    parts += [
        "instruments:",
        f"  - id: istanbul-convention\n    name:{_all(random, 6)}\n    url: https://example.org/210",
    ]
    if made:
        parts += ["evidence:", *(entry for record in made for entry in record.evidence), "recommendations:"]
        for record in made:
            text = record.text
            if "{related-" in text:
                before, _, after = text.partition("{related-")
                number, _, rest = after.partition("}")
                text = before + made[int(number)].id + rest
            parts.append(text)
        parts += [
            "corrections:",
            f"  - on: 2026-10-01\n    record: {made[0].id}\n    was:{_some(random, 6)}\n    now:{_some(random, 6)}",
        ]
    return "\n".join([*parts, "...", ""])


def _source_text(random: Random, document: _Document, made: list[_Record]) -> str:
    lines = [
        f"id: {document.id}", "title: A document made up for the tests", "authors: [First Author, Second Author]",
        "publisher: Example Institute", "owner: independent", "form: report", f"published: {document.published}",
        f"url: https://example.org/{document.id}", "language: en", "licence: all rights reserved",
        f"rights: {'public-record' if document.public_record else 'quote-only'}", f"summary:{_all(random, 2)}", "not_tracked:",
        "  - paragraph: 2\n    quote: progress has been made\n    reason: description",
    ]  # fmt: skip
    if made:
        lines += [
            f"  - paragraph: 3\n    quote: as said above\n    reason: supports-another\n    supports: {made[0].id}"
        ]
    return "\n".join([*lines, "...", ""])
