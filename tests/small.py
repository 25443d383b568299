"""A registry small enough to read in one breath, for tests that write, change and count."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

REGISTRY = """\
# One comment at the top.
version: 1
title: {en: Small, ru: Малый, kk: Шағын}
publisher: {name: not yet named}
licence: CC-BY-4.0
themes:
  - id: shelters
    name: {en: Shelters, ru: Приюты, kk: Баспаналар}
actors:
  - id: the-state
    name: {en: The state, ru: Государство, kk: Мемлекет}
    kind: state
    side: state
  - id: the-ministry
    name: {en: The ministry, ru: Министерство, kk: Министрлік}
    kind: government
    side: state
    part_of: the-state
  - id: the-donor
    name: {en: The donor, ru: Донор, kk: Донор}
    kind: donor
    side: foreign
  - id: an-author
    name: {en: An author, ru: Автор, kk: Автор}
    kind: person
    side: society
evidence:
  - id: audit-report
    says: Eleven shelters were counted.
    owner: independent
    form: report
    url: https://example.org/audit
    publisher: An audit office
recommendations:
  - id: open-shelters
    title: {en: Open shelters, ru: Открыть приюты, kk: Баспана ашу}
    kind: demand
    theme: shelters
    origin:
      - source: report-one
        paragraph: 1
        quote: open a shelter in every region
        by: an-author
        told: own
    actors:
      - {actor: the-ministry, role: must-act, basis: named}
    done_when:
      - {en: A shelter in every region, ru: Приют в каждом регионе, kk: Әр өңірде баспана}
    assessments:
      - status: in-progress
        as_of: 2025-03-01
        assessed_on: 2025-04-01
        by: editors   # who looked
        evidence: [audit-report]
        note: Eleven of seventeen.
    checks:
      - {on: 2025-06, by: editors, where: The ministry's page}
  - id: fund-shelters
    title: {en: Fund shelters, ru: Финансировать приюты, kk: Баспананы қаржыландыру}
    kind: recommendation
    theme: shelters
    open_ended: true
    origin:
      - source: report-one
        paragraph: 2
        quote: donors should keep funding them
        by: an-author
        told: own
    actors:
      - {actor: the-donor, role: must-act, basis: named}
...
"""

SOURCE = """\
id: report-one
title: Report one
publisher: A publisher
owner: independent
form: report
published: 2024-02-03
url: https://example.org/report-one
language: en
licence: all rights reserved
rights: quote-only
text_sha256: b32cbb78b93aecae72dd5263d22c81df9dcfa0b676c72689acb9f0d0538ec8b7
summary: What it asks for.
not_tracked:
  - {paragraph: 3, quote: everyone hopes for the best, reason: hope}
...
"""

TEXT = """\
Report one, by an author

They must open a shelter
in every region, soon.

And donors should keep funding them.

In the end everyone hopes for the best.
"""


def written(folder: Path, registry: str = REGISTRY, source: str = SOURCE) -> Path:
    """The registry on disk, with its source beside it. Bytes as given: no newline is translated."""
    (folder / "sources").mkdir(parents=True, exist_ok=True)
    (folder / "sources" / "report-one.yaml").write_bytes(source.encode())
    path = folder / "recommendations.yaml"
    path.write_bytes(registry.encode())
    return path


def command(*arguments: object, cwd: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    """`python -m dashboard …` in a process of its own."""
    words = [sys.executable, "-m", "dashboard", *map(str, arguments)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=60)


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)


def committed(folder: Path) -> None:
    """The folder as a repository with one commit of everything in it."""
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "First")
