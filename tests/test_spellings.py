"""A passage in all its spellings: found, and replaced by a mark that breaks nothing around it."""

import gzip
import io
import json
import unicodedata
import zipfile
from urllib.parse import quote, quote_plus

import pytest
import yaml

from dashboard.registry.spellings import MARK, Passages, closed

NAME = "Иван Қасымұлы Петров-Ёжиков"
SPELLINGS = (
    NAME,
    NAME.upper(),
    NAME.replace("Ё", "Е"),
    unicodedata.normalize("NFD", NAME),
    "Ива\u0301н Қасымұлы Петров-Ёжиков",
    "Иван\n      Қасымұлы\n      Петров-Ёжиков",
    "Иван\r\n  Қасымұлы Петров-Ёжиков",
    "И\\\n    ван Қасымұлы Петров-Ёжиков",
    "Иван Қасым-\nұлы Петров-Ёжиков",
    "# Иван\n# Қасымұлы\n# Петров-Ёжиков",
    "> Иван Қасымұлы\n> Петров-Ёжиков",
    NAME.replace(" ", "\u00a0"),
    NAME.replace(" ", "&nbsp;"),
    NAME.replace(" ", "_"),
    NAME.replace("ван", "в\u00adа\u200bн"),
    "<b>Иван</b> <i>Қасымұлы</i> Петров-Ёжиков",
    json.dumps(NAME)[1:-1],
    json.dumps(NAME)[1:-1].upper().replace("\\U", "\\u"),
    "".join(f"\\U{ord(c):08x}" for c in NAME),
    "".join(f"\\{byte:03o}" for byte in NAME.encode()),
    "".join(f"\\x{byte:02x}" for byte in NAME.encode()),
    "".join(f"&#x{ord(c):x};" for c in NAME),
    "".join(f"&#{ord(c)};" for c in NAME),
    quote(NAME),
    quote(NAME).lower(),
    quote_plus(NAME),
    "".join(f"={byte:02X}" for byte in NAME.encode()),
)
ENCODINGS = ("cp1251", "koi8-r", "koi8-u", "kz1048", "mac-cyrillic", "iso8859-5", "cp866")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_name_is_found_once_in_each_spelling_and_gone_afterwards(spelling: str, encoding: str) -> None:
    data = f"before: {spelling}; after".encode(encoding)
    passages = Passages([NAME])
    assert passages.count(data) == 1
    mended = passages.cleaned(data).decode(encoding)
    assert MARK in mended
    assert mended.startswith("before: ")
    assert mended.endswith("; after")
    assert passages.count(mended.encode(encoding)) == 0
    assert "ұлы" not in mended


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_older_encoding_is_found_beside_bytes_that_are_none(encoding: str) -> None:
    around = "é".encode() + b"\xff\x98 \xd0\n"
    data = around + "да, ИВАН  Петров!".encode(encoding) + "ж".encode()
    mended = Passages(["Иван Петров"]).cleaned(data)
    assert mended == around + f"да, {MARK}!".encode(encoding) + "ж".encode()


def test_latin_letters_with_accents_and_named_entities_are_found() -> None:
    assert Passages(["Jose Nunez"]).cleaned("JOSÉ NÚÑEZ!".encode("latin-1")) == f"{MARK}!".encode()
    assert Passages(["José Núñez"]).cleaned(b"Jos&eacute;&nbsp;N&uacute;&ntilde;ez!") == f"{MARK}!".encode()


@pytest.mark.parametrize("said", ["Иван Қасым", "Петров-Ёжиков", "- Иван\n- Қасымұлы\n- Петров-Ёжиков", ""])
def test_what_is_not_the_whole_passage_stays(said: str) -> None:
    assert Passages([NAME]).cleaned(said.encode()) == said.encode()


def test_a_plain_name_is_found_beside_what_looks_like_an_escape() -> None:
    assert Passages(["Adam Smith"]).cleaned(b"q=ADAM smith&copy=1") == f"q={MARK}&copy=1".encode()


@pytest.mark.parametrize(
    "style",
    [
        "{}",
        "'{}'",
        '"{}"',
        ">-\n  {}",
        "|\n  {}",
        "one {} two",
        "[a, {}, b]",
        "{{en: {}, ru: b}}",
        "a # {}",
        "! {}"[2:],
    ],
)
def test_the_mark_keeps_yaml_valid_in_every_style(style: str) -> None:
    text = f"a: {style.format('Anna Bell')}\nb: 1\n"
    mended = Passages(["Anna Bell"]).cleaned(text.encode()).decode()
    whole = yaml.safe_load(text)
    assert yaml.safe_load(mended) == json.loads(json.dumps(whole).replace("Anna Bell", MARK))


def test_a_name_broken_in_a_folded_scalar_is_one_text_afterwards() -> None:
    text = "a: >-\n    it was Anna\n    Bell who said it\nb: 'x Anna\n  Bell'\nc: \"x An\\\n  na Bell\"\n"
    mended = Passages(["Anna Bell"]).cleaned(text.encode())
    assert yaml.safe_load(mended) == {"a": f"it was {MARK} who said it", "b": f"x {MARK}", "c": f"x {MARK}"}


def test_the_longer_of_two_passages_goes_first() -> None:
    passages = Passages(["Anna", "Anna Bell"])
    assert passages.cleaned(b"Anna Bell and Anna") == f"{MARK} and {MARK}".encode()


def test_a_sentence_with_signs_is_found_with_other_quotes_and_spaces() -> None:
    passages = Passages(["He said: “at 5, Main street”, and left."])
    assert passages.count(b"X. He said: 'at 5,\n  Main street', and left. Y") == 1
    assert passages.count(b"He said: at 6, Main street, and left") == 0


def zipped(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return made.getvalue()


def test_containers_are_opened_and_what_holds_it_is_nothing_but_the_mark() -> None:
    passages = Passages(["Anna Bell"])
    for data in (
        zipped({"a.xml": b"x", "b.xml": b"Anna Bell"}),
        zipped({"Anna Bell.txt": b""}),
        gzip.compress(b"by Anna Bell"),
        zipped({"in.zip": zipped({"a": b"Anna Bell"})}),
    ):
        assert passages.count(data) > 0
        assert passages.cleaned(data) == f"{MARK}\n".encode()
    other = zipped({"a.xml": b"nobody"})
    assert passages.cleaned(other) == other


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7", "PDF"),
        (b"PAR1x", "Parquet"),
        (b"PK\x03\x04broken", "an archive that cannot be opened"),
        (b"text", ""),
    ],
)
def test_what_cannot_be_looked_into_is_told(data: bytes, kind: str) -> None:
    assert closed(data) == kind


def test_what_must_go_has_no_text_form() -> None:
    assert repr(Passages(["Anna Bell"])) == str(Passages(["Anna Bell"])) == "<1 passages>"
    assert Passages(["abc", "Anna", "!!!"]).too_short == [1, 3]


def test_of_passages_that_overlap_nothing_is_left() -> None:
    assert Passages(["Mrs Anna", "Anna Bell"]).cleaned(b"by Mrs Anna Bell!") == f"by {MARK}!".encode()
    passages = Passages(["Anna Bell", "Bell lives at\n5, Main street"])
    assert passages.cleaned(b"Anna\nBell lives\nat 5, Main\nstreet.") == f"{MARK}.".encode()
    assert Passages(["Bell Anna Bell"]).cleaned(b"Bell Anna Bell Anna Bell") == MARK.encode()
