"""What tests of exports share: a registry in which every field is filled, hostile texts, views of them."""

import copy
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any, get_args

from dashboard.language import translator
from dashboard.outputs.view import Edition, View
from dashboard.progress.filters import Filters
from dashboard.registry import reader
from dashboard.registry.model import Registry
from dashboard.registry.scalars import Clock, Language, Text, Words
from tests.small import ROOT

SHIPPED = ROOT / "recommendations.yaml"
TODAY = date(2026, 11, 25)

FULL = """\
version: 1
title: {en: "=Full", ru: Полный, kk: Толық, from: ru, drafts: [en, kk]}
publisher:
  name: A council
  contact: council@example.org
  funders: {en: Nobody, ru: Никто}
  conflicts: None that we know of
licence: CC-BY-4.0
rules:
  check_again_after_days: {open: 100, other: 200}
  no_movement_months: 12
  ongoing_within_months: 6
  percent_from: 10
  answer_within_days: 30
  desk_minutes_a_week: 20
themes:
  - {id: water, name: {en: Water, ru: Вода, kk: Су}, headline: true, steward: A group, check_every_days: 90}
  - {id: air, name: {ru: Воздух}}
actors:
  - id: the-state
    name: {en: The state, ru: Государство, kk: Мемлекет}
    kind: state
    side: state
    country: KZ
    same_as: ["wikidata:Q1 and more", "a\\\\nb \\\\ c", "two\\nlines"]
    url: https://example.org/state
  - {id: the-town, name: The town, kind: government, side: state, part_of: the-state, successor_of: the-state}
  - {id: a-paper, name: {kk: Газет}, kind: media, side: society}
instruments:
  - {id: a-law, name: {en: "@law"}, url: https://example.org/law, articles: 1 to 3}
evidence:
  - id: minutes
    says: {en: "+The council votes.", ru: Совет голосует., kk: Кеңес дауыс береді., drafts: [ru]}
    owner: state
    owned_by: the-town
    form: document-with-effect
    url: https://example.org/minutes
    publisher: The town
    voice: the-town
    title: "  Minutes, _x0041_ of 😀  "
    published: 2024-03
    published_note: The month alone
    language: kk
    quote: "'=the money is there"
    place: KZ-ALA
    accessed: 2025-01-02
    archive_url: https://example.org/archived
    archived_on: 2025-01-03
    sha256: 0000000000000000000000000000000000000000000000000000000000000001
  - {id: a-copy, says: A copy, owner: independent, form: news, url: "https://example.org/copy", publisher: A paper, copy_of: minutes}
  - {id: kept, says: Kept private, owner: independent, form: seen, withheld: true, sha256: 0000000000000000000000000000000000000000000000000000000000000002}
recommendations:
  - id: read-meters
    title: {en: Read meters, ru: Снять показания, kk: Көрсеткіштерді алу, drafts: [kk]}
    summary: "Who asked,\\n\\"whom\\", for what"
    kind: commitment
    as_given: own-words
    theme: water
    instrument: a-law
    on: 2023-05~
    alignments: [{code: "sdg:6.4", match: touches}, {code: "-x", match: same}]
    origin:
      - {source: report-one, paragraph: 1, quote: open a shelter in every region, by: the-town, told: quoted, translation: {ru: откройте приют в каждом регионе, from: ru}}
      - {source: report-one, locator: page 3, quote: soon, by: a-paper, told: reported}
    actors:
      - {actor: the-town, role: must-act, basis: inferred, why: It is theirs}
      - {actor: the-state, role: must-agree, basis: named}
    done_when: [Every meter was read once, {kk: Бәрі оқылды}]
    beyond_test: [Nobody wastes water]
    due: {on: 2024-12-31, basis: Said in May 2023}
    steps:
      - {step: The council votes, state: done, on: 2023-09-01, evidence: [minutes, "source:report-one#1"]}
      - {step: The permit holds, state: lapsed, until: 2024-01}
    asked: [{actor: the-town, on: 2024-02-01, how: By letter}]
    answers:
      - {by: the-town, position: not-ours, on: 2024-03-10, text: {kk: Біздікі емес}, evidence: [minutes], whose: the-state}
    funding:
      - {by: the-town, to: a-paper, stage: allocated, on: 2023-09, amount: 25000.50, currency: EUR, purpose: Reading, iati: XX-1, evidence: [minutes]}
      - {by: the-state, stage: pledged, purpose: More, amount: 5, currency: USD}
      - {by: the-state, stage: paid, purpose: The same, amount: 5.00, currency: USD}
    assessments:
      - status: partly-implemented
        as_of: 2024-04-30
        assessed_on: 2024-05-20
        by: editors
        evidence: [minutes, "source:report-one#1"]
        conditions_met: [{condition: 1, evidence: [minutes, a-copy]}, {condition: 2, evidence: [minutes]}]
        note: {en: "-Found; not the rest", ru: Найдено}
        judged: 0123456789ab
        recorded_on: 2024-05-21
        reviewed_by: a-paper
      - status: blocked
        as_of: 2024-05
        assessed_on: 2024-05-22
        by: a-paper
        evidence: [kept]
        note: No
        withdrawn: {on: 2024-06-01, why: Another town}
    checks: [{on: 2024-06-20, by: editors, where: The minutes, recorded_on: 2024-06-21}]
    setbacks: [{on: 2024-05-02, what: Half the money is gone, evidence: [minutes]}]
    open_questions: [Which districts?, {ru: Когда?}]
    related: [{id: breathe, relation: beside}]
  - id: went
    title: It went
    kind: demand
    theme: air
    origin: [{source: report-one, paragraph: 2, quote: donors should keep funding them, by: a-paper, told: own}]
    actors: [{actor: the-state, role: must-act, basis: named}]
    assessments:
      - {status: not-started, as_of: 2024-05, assessed_on: 2024-05-22, by: editors, evidence: [minutes], note: Not yet}
    retired: {on: 2025-07-01, reason: It stood here twice, into: breathe}
  - id: breathe
    title: {kk: Тыныс алу}
    kind: demand
    theme: air
    text: "The full\\n  wording"
    open_ended: true
    origin: [{source: record-two, paragraph: 7, by: a-paper, told: own}]
    actors: [{actor: the-state, role: must-act, basis: named}]
corrections:
  - {on: 2025-01-01, record: read-meters, was: {en: Two, ru: Два}, now: Three}
...
"""

SOURCE = """\
id: report-one
title: "\\tReport; one"
authors: ["=An author", "A \\\\ second,\\nwho has two lines"]
publisher: A publisher
owner: state
owned_by: the-town
form: report
published: 2023-02~
published_note: {en: About, kk: Шамамен}
url: https://example.org/report-one
language: en
licence: all rights reserved
rights: quote-only
text_sha256: b32cbb78b93aecae72dd5263d22c81df9dcfa0b676c72689acb9f0d0538ec8b7
summary: {en: What it asks for, ru: О чём, drafts: [ru]}
not_tracked:
  - {paragraph: 3, quote: everyone hopes for the best, reason: hope}
  - {paragraph: 4, quote: and again, reason: supports-another, supports: breathe}
...
"""

SECOND = """\
id: record-two
title: Record two
publisher: A parliament
owner: state
owned_by: the-state
form: report
published: 2024-02-03
url: https://example.org/record-two
language: ru
licence: public
rights: public-record
summary: A record
...
"""

STARTERS = (
    "=", "+", "-", "@", "\t", "\r", "\n=", "＝", "＋", "－", "＠", " =", "\ufeff=", "'=", "''-", "'", "\u00a0+",
)  # fmt: skip
"""What a hostile cell may begin with."""


def full(folder: Path) -> Registry:
    """The registry in which every field is filled, read from files."""
    (folder / "sources").mkdir(parents=True)
    (folder / "sources" / "report-one.yaml").write_text(SOURCE, "utf-8")
    (folder / "sources" / "record-two.yaml").write_text(SECOND, "utf-8")
    path = folder / "recommendations.yaml"
    path.write_text(FULL, "utf-8")
    return registry(path)


def registry(path: Path = SHIPPED, today: date = TODAY) -> Registry:
    loaded = reader.load(path, today)
    assert loaded.registry
    assert loaded.errors == 0, [problem.message() for problem in loaded.problems]
    return loaded.registry


def view(
    of: Registry,
    filters: Filters | None = None,
    language: Language = "en",
    as_of: date = TODAY,
    today: date = TODAY,
    edition: Edition | None = Edition("abc1234", date(2026, 11, 20)),  # noqa: B008 (it is frozen)
) -> View:
    return View(
        registry=of,
        clock=Clock(as_of, today),
        tr=translator(language),
        filters=filters or Filters(),
        edition=edition,
        origin="https://example.org",
    )


def altered(of: Registry, put: Callable[[str], str]) -> Registry:
    """The registry with every free text of it changed, below the checks of the model."""
    return Registry(file=_altered(of.file, put), sources=_altered(of.sources, put))


def _altered(value: Any, put: Callable[[str], str]) -> Any:
    if isinstance(value, tuple):
        return tuple(_altered(each, put) for each in value)
    if not is_dataclass(value) or type(value).__module__ not in ("dashboard.registry.model", Text.__module__):
        return value
    made = copy.copy(value)
    for each in fields(value):
        held = getattr(value, each.name)
        if isinstance(held, str) and Words in (each.type, *get_args(each.type)):
            held = put(held)
        elif isinstance(held, tuple) and Words in get_args(each.type):
            held = tuple(map(put, held))
        else:
            held = _altered(held, put)
        object.__setattr__(made, each.name, held)
    return made
