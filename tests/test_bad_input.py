"""What a registry must not hold: each case with the place and the words in which it is reported."""

import os
import time
from pathlib import Path

import pytest

from dashboard.registry import problems, reader
from dashboard.registry.reader import Loaded, Texts, Unreadable
from tests.fuzz import REGISTRY, SOURCE
from tests.generate import TODAY

Edits = dict[str, str]
"""What stands in the registry to what is put in its place."""
Case = tuple[Edits, str, str]
"""The edits, line and column of the problem, and what its message says."""

FILE = "recommendations.yaml"
BESIDE = "sources/report.yaml"


def read(registry: str | bytes, source: str | bytes = SOURCE) -> Loaded:
    def as_bytes(text: str | bytes) -> bytes:
        return text if isinstance(text, bytes) else text.encode()

    return reader.read(Texts(FILE, as_bytes(registry), {BESIDE: as_bytes(source)}), TODAY)


def changed(text: str, edits: Edits) -> str:
    for old, new in edits.items():
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
        text = text.replace(old, new)
    return text


def told(loaded: Loaded, place: str, says: str) -> bool:
    """Whether an error stands at `place` and says `says`."""
    return any(p.place() == place and says in p.message() and p.severity == "error" for p in loaded.problems)


def refused(loaded: Loaded, place: str, says: str) -> None:
    assert told(loaded, place, says), problems.as_text(loaded.problems) or "accepted in silence"


def test_the_registry_that_is_spoilt_here_is_itself_without_a_problem() -> None:
    assert read(REGISTRY).problems == ()


DEEP = "title: " + "[" * 60 + "]" * 60
CONFLICT = "<<<<<<< HEAD\ntitle: Ours\n=======\ntitle: Theirs\n>>>>>>> theirs\n"
BOMB = "title: Small\nx: &a [x, x]\ny: &b [*a, *a, *a]\n"

YAML_FAULTS: dict[str, Case] = {
    "an anchor": (
        {"title: A small registry": "title: &a A small registry"},
        "2:8",
        "an anchor &a",
    ),
    "an alias": (
        {"title: A small registry": "title: *a"},
        "2:8",
        "alias",
    ),
    "an alias bomb": (
        {"title: A small registry\n": BOMB},
        "4:8",
        "an alias *a",
    ),
    "a merge key": (
        {"    owner: state\n": "    <<: law\n    owner: state\n"},
        "14:5",
        "a merge key <<",
    ),
    "a tag": (
        {"version: 1": "version: !!int 1"},
        "1:10",
        "a tag",
    ),
    "a python tag": (
        {"title: A small registry": "title: !!python/object/apply:os.system [ls]"},
        "2:8",
        "a tag",
    ),
    "the same field twice": (
        {"    owner: state\n": "    owner: state\n    owner: state\n"},
        "15:5",
        "the field 'owner' stands twice here",
    ),
    "a list as a key": (
        {"title: A small registry": "? [title]\n: A small registry"},
        "2:3",
        "a key is a list",
    ),
    "nesting beyond 50": (
        {"title: A small registry": DEEP},
        "2:57",
        "nested deeper than 50",
    ),
    "a scalar beyond 64 KiB": (
        {"title: A small registry": "title: " + "a" * 65_537},
        "2:8",
        "a text of 65,537 characters",
    ),
    "a second document": (
        {"\nlicence:": "\n...\n---\nlicence:"},
        "5:1",
        "a second document",
    ),
    "a git conflict": (
        {"title: A small registry\n": CONFLICT},
        "2:1",
        "an unresolved git conflict: <<<<<<<",
    ),
    "no end mark": (
        {"          says\n...\n": "          says\n"},
        "49:1",
        "the file has no end mark",
    ),
    "a tab as indentation": (
        {"    owner: state\n": "\towner: state\n"},
        "14:1",
        "this is not YAML",
    ),
    "a quote that does not end": (
        {"licence: CC-BY-4.0": "licence: 'CC-BY-4.0"},
        "49:1",
        "this is not YAML",
    ),
    "a newer version of YAML": (
        {"version: 1": "%YAML 3.7\n---\nversion: 1"},
        "1:1",
        "this is not YAML",
    ),
    "a colour code in a title": (
        {"title: A small registry": 'title: "\\x1b[31mred"'},
        "2:8",
        "U+001B",
    ),
    "a raw colour code": (
        {"title: A small registry": "title: \x1b[31mred"},
        "2:8",
        "U+001B",
    ),
    "an escaped NUL": (
        {"title: A small registry": 'title: "a\\0b"'},
        "2:8",
        "U+0000",
    ),
    "a raw NUL": (
        {"title: A small registry": "title: a\x00b"},
        "2:9",
        "U+0000",
    ),
    "a raw bell": (
        {"title: A small registry": "title: a\x07b"},
        "2:9",
        "U+0007",
    ),
    "a character that turns the direction": (
        {"title: A small registry": "title: a\u202eb"},
        "2:9",
        "U+202E",
    ),
    "an escape that turns the direction": (
        {"title: A small registry": 'title: "a\\u202Eb"'},
        "2:8",
        "U+202E",
    ),
    "an isolate": (
        {"title: A small registry": "title: a\u2066b"},
        "2:9",
        "U+2066",
    ),
    "a zero-width space in a field name": (
        {"licence:": "lic\u200bence:"},
        "4:4",
        "U+200B",
    ),
    "a soft hyphen": (
        {"title: A small registry": "title: a\xadb"},
        "2:9",
        "U+00AD",
    ),
    "a next-line character": (
        {"title: A small registry": "title: a\x85b: c"},
        "2:9",
        "U+0085",
    ),
    "a line separator": (
        {"title: A small registry": "title: a\u2028b: c"},
        "2:9",
        "U+2028",
    ),
    "a paragraph separator": (
        {"title: A small registry": "title: a\u2029b: c"},
        "2:9",
        "U+2029",
    ),
    "an escaped line separator": (
        {"title: A small registry": 'title: "a\\Lb"'},
        "2:8",
        "U+2028",
    ),
    "a byte order mark inside": (
        {"title: A small registry": "title: a\ufeffb"},
        "2:9",
        "U+FEFF",
    ),
    "a lone surrogate escape": (
        {"title: A small registry": 'title: "\\ud800"'},
        "2:11",
        "this is not YAML",
    ),
    "an unknown escape": (
        {"title: A small registry": 'title: "\\q"'},
        "2:9",
        "this is not YAML",
    ),
}

FIELD_FAULTS: dict[str, Case] = {
    "an unknown field, with the nearest name": (
        {"    kind: recommendation\n": "    knid: recommendation\n"},
        "23:5",
        "unknown field 'knid'; did you mean 'kind'?",
    ),
    "an unknown field at the top": (
        {"licence: CC-BY-4.0": "license: CC-BY-4.0"},
        "4:1",
        "unknown field 'license'; did you mean 'licence'?",
    ),
    "an unknown list at the top": (
        {"licence: CC-BY-4.0": "licence: CC-BY-4.0\nnotes: [one, two]"},
        "5:1",
        "unknown field 'notes'",
    ),
    "a missing field": (
        {"    theme: safety\n": ""},
        "21:5",
        "the field theme is missing",
    ),
    "a missing field at the top": (
        {"version: 1\n": ""},
        "1:1",
        "the field version is missing",
    ),
    "another version": (
        {"version: 1": "version: 2"},
        "1:10",
        "'2' is not allowed here",
    ),
    "a status that is none": (
        {"status: implemented": "status: implmented"},
        "40:17",
        "did you mean 'implemented'?",
    ),
    "a status that is derived": (
        {"status: implemented": "status: not-assessed"},
        "40:17",
        "'not-assessed' is not allowed here",
    ),
    "a role that is none": (
        {"role: must-act": "role: must act"},
        "32:30",
        "did you mean 'must-act'?",
    ),
    'the field names 1 and "1"': (
        {"title: A small registry": 'title: {1: a, "1": b}'},
        "2:15",
        "the field '1' stands twice here",
    ),
    "an empty field name": (
        {"title: A small registry": 'title: {"": a, en: b}'},
        "2:9",
        "unknown field ''",
    ),
    "null as a field name": (
        {"title: A small registry": "title: {~: a, en: b}"},
        "2:9",
        "unknown field '~'",
    ),
    "null as a value": (
        {"licence: CC-BY-4.0": "licence:"},
        "4:9",
        "it is empty",
    ),
    "an empty text": (
        {"title: A small registry": 'title: {en: ""}'},
        "2:13",
        "it is empty",
    ),
    "a text in no language": (
        {"title: A small registry": "title: {from: en}"},
        "2:8",
        "has no text in any language",
    ),
    "an original that is not there": (
        {"title: A small registry": "title: {en: A, from: kk}"},
        "2:8",
        "says from: kk",
    ),
    "a draft that is not there": (
        {"title: A small registry": "title: {en: A, drafts: [ru]}"},
        "2:8",
        "marks ru as a draft",
    ),
    "a language that is none": (
        {"title: A small registry": "title: {en: A, de: B}"},
        "2:16",
        "unknown field 'de'",
    ),
    "a list where a text is due": (
        {"licence: CC-BY-4.0": "licence: [CC-BY-4.0]"},
        "4:10",
        "a list where one text is expected",
    ),
    "a text where a list is due": (
        {"    done_when:\n": "    alignments: sdg:5\n    done_when:\n"},
        "33:17",
        "where a list is expected",
    ),
    "a text where fields are due": (
        {'publisher: {name: not yet named, contact: "desk@example.org"}': "publisher: nobody"},
        "3:12",
        "where a group of fields is expected",
    ),
    "an id with capital letters": (
        {"  - id: law\n": "  - id: Law\n"},
        "12:9",
        "an id has lower-case Latin letters",
    ),
    "an id with a Cyrillic letter": (
        {"  - id: law\n": "  - id: l\u0430w\n"},
        "12:9",
        "an id has lower-case Latin letters",
    ),
    "an id with a path in it": (
        {"  - id: law\n": "  - id: ../law\n"},
        "12:9",
        "an id has lower-case Latin letters",
    ),
    "an id that ends in a line break": (
        {"  - id: law\n": '  - id: "law\\n"\n'},
        "12:9",
        "an id has lower-case Latin letters",
    ),
    "a date that is not in the calendar": (
        {"    published: 2024-04-15": "    published: 2024-02-30"},
        "19:16",
        "'2024-02-30' is not in the calendar",
    ),
    "the year 0": (
        {"    published: 2024-04-15": "    published: 0000-01-01"},
        "19:16",
        "is not in the calendar",
    ),
    "a month of nought": (
        {"    published: 2024-04-15": "    published: 2024-00"},
        "19:16",
        "'2024-00' is not in the calendar",
    ),
    "a list where a date is due": (
        {"    published: 2024-04-15": "    published: [2024-04-15]"},
        "19:16",
        "is not a date",
    ),
    "a group where a date is due": (
        {"        as_of: 2024-04-15": "        as_of: {on: 2024-04-15}"},
        "41:16",
        "is not a date",
    ),
    "a list where a flag is due": (
        {"headline: true": "headline: [true]"},
        "6:83",
        "is neither true nor false",
    ),
    "a group where an id is due": (
        {"  - id: law\n": "  - id: {law: law}\n"},
        "12:9",
        "a group of fields where one text is expected",
    ),
    "a list where a status is due": (
        {"status: implemented": "status: [implemented]"},
        "40:17",
        "a list where one word is expected",
    ),
    "a list of languages in a list": (
        {"title: A small registry": "title: {en: A, drafts: [[en]]}"},
        "2:25",
        "a list where one word is expected",
    ),
    "a word where drafts are due": (
        {"title: A small registry": "title: {en: A, drafts: {en: B}}"},
        "2:24",
        "a group of fields where a list is expected",
    ),
    "seconds as a date": (
        {"    published: 2024-04-15": "    published: 1704067200"},
        "19:16",
        "'1704067200' is not a date",
    ),
    "a date with an hour": (
        {"    published: 2024-04-15": "    published: 2024-04-15 10:30"},
        "19:16",
        "is not a date",
    ),
    "a date that is not padded": (
        {"    published: 2024-04-15": "    published: 2024-4-15"},
        "19:16",
        "'2024-4-15' is not a date",
    ),
    "a date in other digits": (
        {"    published: 2024-04-15": "    published: \u0662\u0660\u0662\u0664"},
        "19:16",
        "is not a date",
    ),
    "a flag that YAML 1.1 takes for one": (
        {"headline: true": "headline: yes"},
        "6:83",
        "'yes' is neither true nor false",
    ),
    "a count with an underscore": (
        {"        paragraph: 3": "        paragraph: 1_000"},
        "27:20",
        "'1_000' is not a count",
    ),
    "a count in another base": (
        {"        paragraph: 3": "        paragraph: 0x1F"},
        "27:20",
        "'0x1F' is not a count",
    ),
    "a count of nought": (
        {"        paragraph: 3": "        paragraph: 0"},
        "27:20",
        "'0' is not a count",
    ),
    "an address that runs a script": (
        {"    url: https://example.org/law": "    url: javascript:alert(1)"},
        "17:10",
        "write a whole address",
    ),
    "an address with a blank": (
        {"    url: https://example.org/law": "    url: https://example.org/a law"},
        "17:10",
        "write a whole address",
    ),
    "a passage without a paragraph": (
        {
            "        conditions_met: [{condition: 1, evidence: [law]}]": "        conditions_met: [{condition: 1, evidence: ['source:report']}]"
        },
        "45:52",
        "source:ID#PARAGRAPH",
    ),
}

RULE_FAULTS: dict[str, Case] = {
    "a theme that is not there": (
        {"    theme: safety\n": "    theme: safty\n"},
        "24:12",
        "'safty' is not in the registry; did you mean 'safety'?",
    ),
    "an actor that is not there": (
        {"{actor: state, role": "{actor: stat, role"},
        "32:17",
        "'stat' is not in the registry; did you mean 'state'?",
    ),
    "a source that is not there": (
        {"      - source: report\n": "      - source: reprot\n"},
        "26:17",
        "'reprot' is not in the registry; did you mean 'report'?",
    ),
    "evidence that is not there": (
        {"        evidence: [law]\n        conditions": "        evidence: [lwa]\n        conditions"},
        "44:20",
        "'lwa' is not in the registry; did you mean 'law'?",
    ),
    "a passage of no source": (
        {"        evidence: [law]\n        conditions": "        evidence: [law, 'source:rept#1']\n        conditions"},
        "44:25",
        "'rept' is not in the registry; did you mean 'report'?",
    ),
    "an instrument that is not there": (
        {"    theme: safety\n": "    theme: safety\n    instrument: cedaw\n"},
        "25:17",
        "'cedaw' is not in the registry",
    ),
    "a related record that is not there": (
        {"    theme: safety\n": "    theme: safety\n    related: [{id: nowhere, relation: beside}]\n"},
        "25:20",
        "'nowhere' is not in the registry",
    ),
    "an assessor that is not there": (
        {"        by: editors\n": "        by: nobody\n"},
        "43:13",
        "'nobody' is not in the registry",
    ),
    "a whole that is not there": (
        {"part_of: state": "part_of: stat"},
        "9:89",
        "'stat' is not in the registry; did you mean 'state'?",
    ),
    "an actor that is part of itself": (
        {"kind: state, side: state}": "kind: state, side: state, part_of: ministry}"},
        "8:106",
        "by a circle",
    ),
    "an actor called editors": (
        {"  - {id: bureau, name": "  - {id: editors, name: E, kind: person, side: society}\n  - {id: bureau, name"},
        "10:10",
        "editors is a reserved name",
    ),
    "an id twice": (
        {"  - {id: bureau, name": "  - {id: state, name: E, kind: person, side: society}\n  - {id: bureau, name"},
        "10:10",
        "the id 'state' is already that of entry 1 under actors",
    ),
    "an id twice but for the case": (
        {"  - {id: bureau, name": "  - {id: State, name: E, kind: person, side: society}\n  - {id: bureau, name"},
        "10:10",
        "the id 'State' is already that of entry 1 under actors",
    ),
    "an assessment in the future": (
        {
            "        as_of: 2024-04-15\n        assessed_on: 2024-05": "        as_of: 2024-04-15\n        assessed_on: 2027-05-01"
        },
        "42:22",
        "2027-05-01 is in the future",
    ),
    "evidence from the future": (
        {"    published: 2024-04-15": "    published: 2026-11-22"},
        "19:16",
        "2026-11-22 is in the future; today is 2026-11-21",
    ),
    "looked at before it was true": (
        {"        assessed_on: 2024-05": "        assessed_on: 2024-03"},
        "41:16",
        "nobody can look ahead",
    ),
    "true before it was asked": (
        {"        as_of: 2024-04-15\n": "        as_of: 2019-12-31\n"},
        "41:16",
        "is before the ask (2020-05)",
    ),
    "recorded before anybody looked": (
        {"        by: editors\n": "        by: editors\n        recorded_on: 2024-04-30\n"},
        "44:22",
        "recorded before anybody looked",
    ),
    "a quote of 26 words": (
        {"quote: should join the convention": "quote: " + "word " * 25 + "word"},
        "28:16",
        "a quote of 26 words; at most 25",
    ),
    "no origin": (
        {
            "    origin:\n      - source: report\n        paragraph: 3\n        quote: should join the convention\n        by: bureau\n        told: own\n": "    origin: []\n"
        },
        "25:13",
        "it has no origin",
    ),
    "no quote": (
        {"        quote: should join the convention\n": ""},
        "26:9",
        "it has no quote",
    ),
    "a full wording of someone else's work": (
        {"    theme: safety\n": "    theme: safety\n    text: All of it\n"},
        "25:11",
        "a full wording, but report is someone else's work",
    ),
    "nobody must act": (
        {"role: must-act": "role: helps"},
        "32:7",
        "nobody must act",
    ),
    "actors of two sides": (
        {
            "      - {actor: state, role: must-act, basis: inferred}\n": "      - {actor: state, role: must-act, basis: inferred}\n      - {actor: bureau, role: must-act, basis: named}\n"
        },
        "32:7",
        "those who must act are of different sides",
    ),
    "an actor twice in one role": (
        {
            "      - {actor: state, role: must-act, basis: inferred}\n": "      - {actor: state, role: must-act, basis: inferred}\n      - {actor: state, role: must-act, basis: named}\n"
        },
        "33:9",
        "state stands twice as must-act",
    ),
    "a narrow actor inferred without a reason": (
        {"{actor: state, role": "{actor: ministry, role"},
        "32:9",
        "ministry is inferred without a reason",
    ),
    "a commitment that does not say how it was given": (
        {"    kind: recommendation\n": "    kind: commitment\n"},
        "23:11",
        "a commitment without as_given",
    ),
    "how a recommendation was given": (
        {"    theme: safety\n": "    theme: safety\n    as_given: reported\n"},
        "25:15",
        "as_given on a recommendation",
    ),
    "conditions on an open-ended record": (
        {"    theme: safety\n": "    theme: safety\n    open_ended: true\n"},
        "35:7",
        "conditions on an open-ended record",
    ),
    "nothing found on a commitment": (
        {
            "    kind: recommendation\n": "    kind: commitment\n    as_given: reported\n",
            "      - status: implemented\n": "      - status: nothing-found\n",
        },
        "41:17",
        "nothing-found on a commitment",
    ),
    "a status without evidence": (
        {"        evidence: [law]\n        conditions": "        evidence: []\n        conditions"},
        "44:19",
        "implemented without evidence",
    ),
    "implemented on an open-ended record": (
        {
            "    done_when:\n      - en: It is signed\n        ru: Подписано\n        kk: Қол қойылды\n": "    open_ended: true\n",
        },
        "37:17",
        "implemented on an open-ended record",
    ),
    "ongoing on a record with an end": (
        {"status: implemented": "status: ongoing"},
        "40:17",
        "ongoing on a record with an end",
    ),
    "implemented without its conditions": (
        {"        conditions_met: [{condition: 1, evidence: [law]}]\n": ""},
        "40:9",
        "implemented without conditions met",
    ),
    "a condition that is not there": (
        {"{condition: 1, evidence": "{condition: 2, evidence"},
        "45:25",
        "condition 2 is not there or stands twice",
    ),
    "implemented with a condition left": (
        {"    steps:\n": "      - {en: Two, ru: Дв\u0430, kk: Екі}\n    steps:\n"},
        "46:25",
        "implemented, but not every condition is met",
    ),
    "implemented on a press release": (
        {"    form: document-with-effect": "    form: statement"},
        "44:19",
        "implemented, known only by own-word",
    ),
    "implemented on the news": (
        {
            "    owned_by: state\n    form: document-with-effect": "    owned_by: state\n    voice: bureau\n    form: news"
        },
        "45:19",
        "implemented, known only by press",
    ),
    "partly done on own word": (
        {"    form: document-with-effect": "    form: statement", "status: implemented": "status: partly-implemented"},
        "45:25",
        "a condition met on the addressee's own word",
    ),
    "not started without the register": (
        {
            "    form: document-with-effect": "    form: statement",
            "status: implemented": "status: not-started",
            "        conditions_met: [{condition: 1, evidence: [law]}]\n": "",
        },
        "44:19",
        "not-started without the register read",
    ),
    "in progress on the promise itself": (
        {
            "        evidence: [law]\n        conditions_met: [{condition: 1, evidence: [law]}]\n": "        evidence: ['source:report#3']\n",
            "status: implemented": "status: in-progress",
        },
        "44:19",
        "in-progress on the promise itself",
    ),
    "conditions met at another status": (
        {"status: implemented": "status: promised"},
        "45:25",
        "conditions met at status promised",
    ),
    "evidence without an address": (
        {"    url: https://example.org/law\n": ""},
        "12:5",
        "no address or no publisher",
    ),
    "withheld evidence with an address": (
        {"    publisher: The gazette\n": "    publisher: The gazette\n    withheld: true\n"},
        "19:15",
        "withheld, but with an address",
    ),
    "a state's evidence without the owner": (
        {"    owned_by: state\n": ""},
        "14:12",
        "owned by a state, but by which?",
    ),
    "credentials in an address": (
        {"https://example.org/law": "https://user:secret@example.org/law"},
        "17:10",
        "a user name or password",
    ),
    "a user name in an address": (
        {"https://example.org/law": "https://user@example.org/law"},
        "17:10",
        "a user name or password",
    ),
    "an e-mail address": (
        {"          says\n...": "          says anna.k@mail.example\n..."},
        "48:22",
        "an e-mail address",
    ),
    "an e-mail address in a comment": (
        {"version: 1\n": "version: 1  # anna.k@mail.example\n"},
        "1:21",
        "an e-mail address",
    ),
    "an e-mail address in the address of a page": (
        {"https://example.org/law": "https://example.org/?to=anna@mail.example"},
        "17:38",
        "an e-mail address",
    ),
    "an e-mail address after the word contact": (
        {"          says\n...": "          says contact: anna@mail.example\n..."},
        "48:29",
        "an e-mail address",
    ),
    "a telephone number": (
        {"          says\n...": "          says +7 701 123 45 67\n..."},
        "48:16",
        "a telephone number",
    ),
    "a telephone number as it is dialled at home": (
        {"          says\n...": "          says 8 (701) 123-45-67\n..."},
        "48:16",
        "a telephone number",
    ),
    "a correction of no record": (
        {"recommendations:\n": "corrections: [{on: 2024, record: nowhere, was: A, now: B}]\nrecommendations:\n"},
        "20:34",
        "'nowhere' is not in the registry",
    ),
}

SOURCE_FAULTS: dict[str, Case] = {
    "a source whose id is not its file's name": (
        {"id: report\n": "id: raport\n"},
        "1:5",
        "the id raport is not the name of its file",
    ),
    "a source from the future": (
        {"published: 2020-05": "published: 2027"},
        "6:12",
        "2027 is in the future",
    ),
    "a source with credentials": (
        {"https://example.org/report": "https://a:b@example.org/report"},
        "7:6",
        "a user name or password",
    ),
    "a state's source without the owner": (
        {"owner: independent": "owner: state"},
        "4:8",
        "owned by a state, but by which?",
    ),
    "an owner that is not there": (
        {"owner: independent": "owner: independent\nowned_by: stat"},
        "5:11",
        "'stat' is not in the registry",
    ),
    "an over-long quote": (
        {"quote: progress was made": "quote: " + "word " * 25 + "word"},
        "13:27",
        "a quote of 26 words",
    ),
    "a reason without its record": (
        {"reason: description": "reason: supports-another"},
        "13:54",
        "supports and its reason go together",
    ),
    "support of no record": (
        {"reason: description": "reason: supports-another, supports: nowhere"},
        "13:82",
        "'nowhere' is not in the registry",
    ),
    "a reason that is none": (
        {"reason: description": "reason: because"},
        "13:54",
        "'because' is not allowed here",
    ),
    "a source that is cut off": (
        {"description}\n...\n": "description}\n"},
        "14:1",
        "the file has no end mark",
    ),
    "a source with an unknown field": (
        {"language: en": "langauge: en"},
        "8:1",
        "unknown field 'langauge'; did you mean 'language'?",
    ),
}


@pytest.mark.parametrize(("edits", "place", "says"), YAML_FAULTS.values(), ids=YAML_FAULTS.keys())
def test_what_yaml_allows_but_a_registry_must_not_hold_is_refused(edits: Edits, place: str, says: str) -> None:
    refused(read(changed(REGISTRY, edits)), f"{FILE}:{place}", says)


@pytest.mark.parametrize(("edits", "place", "says"), FIELD_FAULTS.values(), ids=FIELD_FAULTS.keys())
def test_a_field_that_is_not_as_the_model_says_is_refused(edits: Edits, place: str, says: str) -> None:
    refused(read(changed(REGISTRY, edits)), f"{FILE}:{place}", says)


@pytest.mark.parametrize(("edits", "place", "says"), RULE_FAULTS.values(), ids=RULE_FAULTS.keys())
def test_what_breaks_a_rule_of_the_method_is_refused(edits: Edits, place: str, says: str) -> None:
    refused(read(changed(REGISTRY, edits)), f"{FILE}:{place}", says)


@pytest.mark.parametrize(("edits", "place", "says"), SOURCE_FAULTS.values(), ids=SOURCE_FAULTS.keys())
def test_a_fault_of_a_source_is_told_with_the_place_in_its_own_file(edits: Edits, place: str, says: str) -> None:
    refused(read(REGISTRY, changed(SOURCE, edits)), f"{BESIDE}:{place}", says)


# --- whole files ----------------------------------------------------------------------------------

WHOLE_FILES: dict[str, tuple[bytes, str, str]] = {
    "an empty file": (b"", "1:1", "the file is empty"),
    "blanks and line ends only": (b" \n\n \n", "1:1", "the file is empty"),
    "comments only": (b"# nothing yet\n", "1:1", "nothing where a group of fields is expected"),
    "an end mark only": (b"...\n", "1:1", "this is not YAML"),
    "a lone tilde": (b"~\n...\n", "1:1", "where a group of fields is expected"),
    "a lone word": (b"recommendations\n...\n", "1:1", "where a group of fields is expected"),
    "a list": (b"- version: 1\n...\n", "1:1", "a list where a group of fields is expected"),
    "UTF-16": (REGISTRY.encode("utf-16"), "1:1", "the file is UTF-16"),
    "UTF-16 without a mark": ("version: 1\n...\n".encode("utf-16-le"), "1:2", "U+0000"),
    "a byte that is not UTF-8": (
        REGISTRY.encode().replace(b"A small", b"A \xff small"),
        "2:10",
        "byte 0xff is not UTF-8",
    ),
    "an overlong NUL": (REGISTRY.encode().replace(b"A small", b"A \xc0\x80"), "2:10", "byte 0xc0 is not UTF-8"),
    "a surrogate in UTF-8": (
        REGISTRY.encode().replace(b"A small", b"A \xed\xa0\x80"),
        "2:10",
        "byte 0xed is not UTF-8",
    ),
    "half a letter at the end": (REGISTRY.encode() + b"\xd0", "50:1", "byte 0xd0 is not UTF-8"),
    "old Cyrillic": (REGISTRY.encode("cp1251", "replace"), "6:41", "byte 0xc1 is not UTF-8"),
    "a thousand open brackets": (b"[" * 1000, "1:51", "nested deeper than 50"),
    "a million open brackets": (b"[" * 1_000_000, "1:51", "nested deeper than 50"),
}


@pytest.mark.parametrize(("data", "place", "says"), WHOLE_FILES.values(), ids=WHOLE_FILES.keys())
def test_a_file_that_is_no_registry_yields_none_and_says_why(data: bytes, place: str, says: str) -> None:
    loaded = read(data)
    assert loaded.registry is None
    refused(loaded, f"{FILE}:{place}", says)


def test_a_file_beyond_the_size_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.registry.events.MAX_BYTES", 100)
    refused(read(REGISTRY), f"{FILE}:1:1", "at most 100 are read")


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_every_kind_of_line_end_and_a_byte_order_mark_in_front_are_fine(ends: str) -> None:
    loaded = read(b"\xef\xbb\xbf" + REGISTRY.replace("\n", ends).encode())
    assert loaded.problems == ()
    assert loaded.registry is not None


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_a_byte_order_mark_moves_no_place(ends: str) -> None:
    text = changed(REGISTRY, {"licence:": "license:", "version: 1": "versoin: 1"}).replace("\n", ends)
    loaded = read(b"\xef\xbb\xbf" + text.encode())
    refused(loaded, f"{FILE}:4:1", "unknown field 'license'")
    refused(loaded, f"{FILE}:1:1", "unknown field 'versoin'")


def test_a_registry_cut_off_at_any_byte_before_its_end_mark_is_refused() -> None:
    whole = REGISTRY.encode()
    end = whole.index(b"\n...") + len(b"\n...")
    for cut in range(end):
        loaded = read(whole[:cut])
        assert loaded.errors, f"cut at byte {cut} and accepted in silence"
        assert loaded.registry is None, f"cut at byte {cut} and yet a registry"
        assert all(problem.line >= 1 and problem.column >= 1 for problem in loaded.problems)


def test_a_source_cut_off_at_any_byte_before_its_end_mark_is_refused() -> None:
    whole = SOURCE.encode()
    for cut in range(whole.index(b"\n...") + len(b"\n...")):
        assert read(REGISTRY, whole[:cut]).errors, f"cut at byte {cut} and accepted in silence"


def test_all_problems_of_all_files_are_told_at_once_in_their_order() -> None:
    registry = changed(REGISTRY, {"theme: safety": "theme: safty", "published: 2024-04-15": "published: 2024-02-30"})
    loaded = read(registry, changed(SOURCE, {"published: 2020-05": "published: 2027"}))
    assert [problem.place() for problem in loaded.problems if problem.severity == "error"][:2] == [
        f"{FILE}:19:16",
        f"{FILE}:24:12",
    ]
    assert told(loaded, f"{BESIDE}:6:12", "2027 is in the future")


def test_a_colour_code_never_reaches_the_terminal() -> None:
    spoilt = {"title: A small registry": 'title: {"\\x1b[31m\\u202Ered\\u009b": a, en: b}'}
    loaded = read(changed(REGISTRY, spoilt))
    for text in (
        problems.as_text(loaded.problems),
        problems.as_github(loaded.problems),
        problems.as_json(loaded.problems),
    ):
        assert text.replace("\n", "").isprintable()
    assert loaded.errors


# --- reading that must not hang ---------------------------------------------------------------------

LONG_READS = {
    "a long word and an @": f"# {'a' * 200_000} @\n",
    "many @": f"# {'@' * 200_000}\n",
    "many addresses": "# a@b.kz\n" * 20_000,
    "many telephone numbers": "# +7 701 123 45 67\n" * 20_000,
    "a long row of digits": f"# {'7' * 200_000}\n# +{'7' * 200_000}\n",
    "digits and blanks": f"# {'+7 ' * 60_000}\n",
    "many control characters": f"# {chr(1) * 100_000}\n",
    "many conflicts": "<<<<<<< HEAD\n" * 20_000,
    "many dots after an @": f"# a@{'a.' * 100_000}\n",
}


@pytest.mark.parametrize("comment", LONG_READS.values(), ids=LONG_READS.keys())
def test_a_long_hostile_comment_is_read_within_a_second(comment: str) -> None:
    begun = time.process_time()
    read(comment + REGISTRY)
    assert time.process_time() - begun < 1


def test_looking_up_a_place_stops_at_the_depth_limit_too() -> None:
    deep = {
        "    kind: recommendation\n": "    knid: recommendation\n",
        "          says\n": "          says\nx: " + "[" * 100_000 + "\n",
    }
    begun = time.process_time()
    loaded = read(changed(REGISTRY, deep))
    assert time.process_time() - begun < 1
    refused(loaded, f"{FILE}:23:5", "unknown field 'knid'")
    refused(loaded, f"{FILE}:49:53", "nested deeper than 50")


def test_a_group_as_a_key_behind_another_error_is_a_problem_and_no_crash() -> None:
    edits = {
        "    form: document-with-effect": "    form: decree",
        "recommendations:\n": "? {a: b}\n: c\nrecommendations:\n",
    }
    refused(read(changed(REGISTRY, edits)), f"{FILE}:20:3", "a key is a list or a group of fields")


# --- what is no ordinary file -----------------------------------------------------------------------


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="there is no such file"):
        reader.load(tmp_path / "recommendations.yaml", TODAY)


def test_a_directory_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"ordinary file|directory"):
        reader.load(tmp_path, TODAY)


def test_a_pipe_is_unreadable_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "recommendations.yaml")
    with pytest.raises(Unreadable, match="not an ordinary file"):
        reader.load(tmp_path / "recommendations.yaml", TODAY)


def test_a_pipe_among_the_sources_is_unreadable_too(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "recommendations.yaml").write_text(REGISTRY, encoding="utf-8")
    os.mkfifo(tmp_path / "sources" / "report.yaml")
    with pytest.raises(Unreadable, match="not an ordinary file"):
        reader.load(tmp_path / "recommendations.yaml", TODAY)


def test_a_device_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="not an ordinary file"):
        reader.load(Path("/dev/zero"), TODAY)
