"""What an editor reads instead of the name of a field."""

import re

import pytest

from dashboard import fields, reading
from dashboard.language import translator
from dashboard.registry import edits, reader
from dashboard.registry.scalars import LANGUAGES, Language, today


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("title.ru", "Title, Русский"),
        ("done_when.2.kk", "Counts as done when 2, Қазақша"),
        ("origin.1.by", "Where it was asked or promised 1, Who asks or promises"),
        ("funding.2.by", "Money 2, Whose word or act it is"),
        ("open_questions.3", "What we do not know 3"),
        ("no_such.1", "no_such 1"),
    ],
)
def test_a_field_is_named_in_words(path: str, said: str) -> None:
    assert fields.place(translator("en"), path) == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_field_of_the_registry_that_can_be_mended_bears_a_raw_name(language: Language) -> None:
    path = reading.path()
    data, positions = reader.texts(path).registry, reader.load(path, today()).positions
    records = reader.load(path, today()).registry
    assert records
    for record in records.file.recommendations:
        for field in fields.texts(edits.value(data, "recommendations", record.id, positions)):
            if not field.startswith(("assessments.", "checks.")):
                assert not re.search(
                    r"\b[a-z]+_[a-z_]+\b|\.", fields.place(translator(language), field).replace("sdg:5.2", "")
                ), field
