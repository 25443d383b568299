"""Ten who write and ten who read at the same time: every save stands, and every page is of one state."""

import json
import multiprocessing
import re
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

import pytest

from dashboard import reading
from dashboard.registry import reader, swapping
from dashboard.registry.reader import Texts
from tests import crowd, generate
from tests.generate import TODAY
from tests.small import ROOT

WRITERS, READERS, SAVES, RECORDS = 10, 10, 3, 200
COMPARED = 5
"""States shown meanwhile that are read in full afterwards."""


def test_whoever_reads_while_many_write_sees_one_state_and_in_the_end_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = generate.write(tmp_path, generate.registry(7, RECORDS))
    monkeypatch.setenv("TRACKER_REGISTRY", str(path))
    monkeypatch.setattr(reading, "today", lambda: TODAY)
    said, begin = multiprocessing.SimpleQueue(), multiprocessing.Event()
    writers = [
        multiprocessing.Process(target=crowd.write, args=(path, n, SAVES, begin, said), daemon=True)
        for n in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    first = reader.load(path, TODAY)
    over, readers = Event(), [crowd.Reader(n) for n in range(READERS)]
    threads = [Thread(target=each.read, args=(over,)) for each in readers]
    for thread in threads:
        thread.start()
    readers[0].begun.wait()
    begin.set()
    for writer in writers:
        writer.join()
    over.set()
    for thread in threads:
        thread.join()
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    assert [each for one in readers for each in one.wrong] == []
    acknowledged = []
    while not said.empty():
        acknowledged.append(said.get())
    assert len(acknowledged) > WRITERS * SAVES / 2
    words = set(re.findall(r"\bw[0-9]+-[0-9]+\b", path.read_text("utf-8")))
    assert {word for word, _ in acknowledged} <= words
    shown = {digest: registry for one in readers for digest, registry in one.seen.items()}
    assert shown.keys() <= {first.digest, *(digest for _, digest in acknowledged)}
    assert len(shown) > 1
    compared = 0
    for texts in versions(path):
        if texts.digest in shown and compared < COMPARED:
            compared += 1
            read = reader.read(texts, TODAY).registry
            assert read
            assert (shown[texts.digest].file, shown[texts.digest].sources) == (read.file, read.sources)
    assert compared > 1
    command = [sys.executable, "-m", "tests.crowd", str(path), str(TODAY)]
    fresh = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    for each in readers:
        assert each.last == fresh


def versions(path: Path) -> list[Texts]:
    """The registry as it is, and as it was before each save, the newest first."""
    now = reader.texts(path)
    displaced = sorted(path.parent.glob(f"{swapping.DISPLACED}*"), reverse=True)
    return [now, *(Texts(now.name, each.read_bytes(), now.sources) for each in displaced)]
