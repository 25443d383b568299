"""The door under torture: kills, faults of the disk, crowds, careless editors, other machines.

`python -m tests.torture` prints what was tried, what was found and what is allowed, and ends with 1
where a goal was missed. tests/test_store.py and its neighbours run the trials in small. Some need
strace, which kills or fails one system call of a running save; the small ones do without.
"""

import argparse
import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from random import Random

from dashboard import cli, entering
from dashboard.registry import commands, reader, recording, store, swapping
from dashboard.registry.access import LOCAL_EDITOR
from dashboard.registry.scalars import Text, today
from dashboard.registry.swapping import Changed
from tests.small import REGISTRY, ROOT, committed, git, written

TODAY = today()
SEED = 4
RECORD = "open-shelters"
CALLS = ("openat", "write", "fsync", "renameat2", "rename", "link", "unlink", "fchmod", "chmod")
FAULTS = ("ENOSPC", "EIO", "EACCES")
MOST_CALLS = 500
"""No save makes so many system calls of one kind; a trial that gets there counts wrongly."""

_WORD = re.compile(r"(?:where: |id: )(w[0-9a-z-]+)")
_MARK = re.compile(r"^# editor (\d+)$", re.MULTILINE)
_ANYBODY = ctypes.c_ulong(-1)
_SET_PTRACER = 0x59616D61


@dataclass(frozen=True, slots=True)
class Figure:
    """What a trial found: how often, and how often at most it may be (None: it is only told)."""

    trial: str
    what: str
    found: int
    goal: int | None = None

    @property
    def met(self) -> bool:
        return self.goal is None or self.found <= self.goal

    def line(self) -> str:
        goal = "" if self.goal is None else f"goal {self.goal}  {'met' if self.met else 'MISSED'}"
        return f"{self.trial:42} {self.what:44} {self.found:7,}  {goal}".rstrip()


class CannotTry(Exception):
    """The trial needs something that is not here; the message says what to do."""


def figures(trial: str, tried: dict[str, int], wrong: Counter[str], told: Counter[str]) -> list[Figure]:
    """Rows: what was tried, what came of it, and what must not be."""
    rows = [Figure(trial, what, found) for what, found in {**tried, **told}.items()]
    return rows + [Figure(trial, what, found, 0) for what, found in wrong.items()]


def missed(rows: list[Figure]) -> list[str]:
    return [row.line() for row in rows if not row.met]


# --- a registry that is saved to, and what must be true of it ---------------------------------------


class Scene:
    """A registry that is saved to, by children that are killed as well as by us."""

    def __init__(self, folder: Path, in_git: bool, save: "Save | None" = None) -> None:
        self.folder, self.in_git, self.save_as = folder, in_git, save or looked
        self.path = written(folder)
        if in_git:
            committed(folder)
        self.acknowledged: list[str] = []
        self.held: list[str] = []
        """The words that the file held when it was last examined."""
        self.number = 0
        self.wrong = Counter(dict.fromkeys(_WRONG + (_WRONG_IN_GIT if in_git else ()), 0))
        self.told = Counter[str]()

    def save(self, word: str) -> store.Saved:
        return self.save_as(self.path, word)

    def saves(self, limit: int, mouth: int) -> None:
        """Saves and says so after each."""
        for n in range(self.number, self.number + limit):
            self.save(f"w{n}")
            os.write(mouth, f"w{n}\n".encode())

    def heard(self, said: bytes) -> None:
        words = said.decode().split()
        self.acknowledged += words
        self.number += len(words) + 1  # the one under way may stand, or not
        self.told["saves acknowledged"] += len(words)

    def examined(self) -> None:
        """Counts what is wrong before the next start and after it."""
        loaded = reader.load(self.path, TODAY)
        text = loaded.texts.registry.decode()
        held = _WORD.findall(text) + sorted(
            (Path(name).stem for name in loaded.texts.sources if Path(name).name[0] == "w"), key=_n
        )
        new = set(held) - set(self.held) - set(self.acknowledged)
        bare = "".join(line for line in text.splitlines(keepends=True) if not _WORD.search(line))
        in_order = held[: len(self.held)] == self.held
        self.wrong["damaged files"] += bool(loaded.errors) or bare != REGISTRY or not in_order or len(new) > 1
        self.wrong["acknowledged saves lost"] += len(set(self.acknowledged) - set(held))
        self.wrong["saves doubled"] += len(held) - len(set(held))
        self.told["stood without being acknowledged"] += len(new)
        self.held = held
        said = store.settle(self.path, TODAY)
        self.told["told at the next start"] += len(said)
        self.wrong["strays after the next start"] += len(list(self.folder.rglob(f"{swapping.TEMPORARY}*")))
        for old in self.folder.glob(f"{swapping.DISPLACED}*"):  # as after ten minutes; each save looks at them
            old.unlink()
        if self.in_git:
            self.wrong["not committed after the next start"] += bool(output(self.folder, "status", "--porcelain"))

    def concluded(self) -> None:
        """One more save; then everything that stands is in the history exactly once."""
        self.save(f"w{self.number}")
        self.acknowledged.append(f"w{self.number}")
        self.number += 1
        self.examined()
        if self.in_git:
            self.wrong["locks of git left"] += len(list((self.folder / ".git").rglob("*.lock")))
            added = added_words(self.folder)
            self.wrong["not in the history exactly once"] += sum(added[word] != 1 for word in self.held)


_WRONG = ("damaged files", "acknowledged saves lost", "saves doubled", "strays after the next start")
_WRONG_IN_GIT = ("not committed after the next start", "not in the history exactly once", "locks of git left")


Save = Callable[[Path, str], store.Saved]


def looked(path: Path, word: str, known: reader.Loaded | None = None, record: str = RECORD) -> store.Saved:
    """Somebody looked again: one line of its own in the file."""
    look = commands.Look(records=(record,), where=Text(en=word))
    return store.save(path, look, lambda: LOCAL_EDITOR, "", TODAY, known)


def source_added(path: Path, word: str) -> store.Saved:
    """A file of its own in sources/."""
    added = entering.built(commands.AddSource, {"entry": source(word)})
    return store.save(path, added, lambda: LOCAL_EDITOR, "", TODAY)


def source(word: str) -> dict[str, str]:
    return {
        "id": word, "title": "A report", "publisher": "A publisher", "owner": "independent", "form": "report",
        "published": "2024-02-03", "url": f"https://example.org/{word}", "language": "en",
        "licence": "all rights reserved", "rights": "quote-only", "text_sha256": "0" * 64, "summary": "What it asks for.",
    }  # fmt: skip


def _n(word: str) -> int:
    return int(word[1:])


def output(folder: Path, *arguments: str) -> str:
    """What git prints."""
    return subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True).stdout


def added_words(folder: Path, revision: str = "HEAD") -> Counter[str]:
    """How often each word was added in the history."""
    log = output(folder, "log", "-p", "--format=", revision)
    return Counter(word for line in log.splitlines() if line.startswith("+") for word in _WORD.findall(line))


def forked(action: Callable[[], object]) -> int:
    """A child that does it and ends: with what it returns, or 70 where it raised. Everything is imported already."""
    child = os.fork()
    if child:
        return child
    code: object = 70
    try:
        code = action()
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code if isinstance(code, int) else 0)


def heard(ear: int) -> bytes:
    with open(ear, "rb") as said:
        return said.read()


# --- kills at random moments ------------------------------------------------------------------------


def kills(folder: Path, seed: int, count: int, in_git: bool, each: int = 100) -> list[Figure]:
    """SIGKILL at random moments of saves; a fresh registry after `each`."""
    random, wrong, told = Random(f"{seed} kills {in_git}"), Counter[str](), Counter[str]()
    for begin in range(0, count, each):
        scene = Scene(folder / f"kills-{begin}", in_git)
        horizon = 3 * _seconds_a_save(scene)
        for _ in range(min(each, count - begin)):
            ear, mouth = os.pipe()
            child = forked(partial(scene.saves, 10**9, mouth))
            os.close(mouth)
            time.sleep(random.uniform(0, horizon))
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            scene.told["children that failed"] += not os.WIFSIGNALED(status)
            scene.heard(heard(ear))
            scene.examined()
        scene.concluded()
        wrong.update(scene.wrong)
        told.update(scene.told)
        shutil.rmtree(scene.folder)
    wrong["children that failed"] = told.pop("children that failed")
    return figures(f"SIGKILL at random{', in git' * in_git}", {"kills": count}, wrong, told)


def _seconds_a_save(scene: Scene) -> float:
    ear, mouth = os.pipe()
    begun = time.perf_counter()
    child = forked(partial(scene.saves, 5, mouth))
    os.close(mouth)
    scene.heard(heard(ear))
    os.waitpid(child, 0)
    scene.examined()
    return (time.perf_counter() - begun) / 5


# --- a kill or a fault at every system call -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Traced:
    """How a traced child ended, and the system call at which strace struck; empty where it was not reached."""

    status: int
    struck: str


def need_strace() -> None:
    """Raises CannotTry where strace is missing or may not trace."""
    if shutil.which("strace") is None:
        raise CannotTry("strace is not installed, and this trial needs it; run make system, or install it yourself")
    child = forked(partial(time.sleep, 30))
    try:
        with _attached(child, ["-e", "trace=none"]):
            pass
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def traced(action: Callable[[], object], log: Path, call: str, strike: str, said: Path | None = None) -> Traced:
    """The action in a child, with strace striking at one of its calls; what it prints goes to the file `said`.

    The child is a copy of this process, which has done the same before: nothing is left to be imported.
    strace joins it when it is about to begin, so that what is counted begins at the action itself.
    """
    waits, go = os.pipe()

    def begin() -> object:
        if said is not None:
            with said.open("w") as file:
                for stream in (1, 2):
                    os.dup2(file.fileno(), stream)
        ctypes.CDLL(None).prctl(_SET_PTRACER, _ANYBODY, 0, 0, 0)
        os.read(waits, 1)
        return action()

    child = forked(begin)
    os.close(waits)
    how = ["-y", "-o", str(log), "-e", f"trace={call}", "-e", f"inject={call}:{strike}"]
    with _attached(child, how):
        os.write(go, b"!")
        os.close(go)
        _, status = os.waitpid(child, 0)
    lines = log.read_text("utf-8", "replace").splitlines()
    struck = [line for line in lines if "(INJECTED)" in line]
    if os.WIFSIGNALED(status):
        struck = [line for line in lines if line.startswith(f"{call}(")][-1:] or [call]
    return Traced(status, struck[0] if struck else "")


@contextmanager
def _attached(child: int, how: list[str]) -> Iterator[None]:
    with subprocess.Popen(["strace", *how, "-p", str(child)], stderr=subprocess.PIPE, text=True) as strace:
        assert strace.stderr
        said = strace.stderr.readline()
        if "attached" not in said:
            strace.kill()
            raise CannotTry(f"strace may not trace here ({said.strip()}); allow ptrace (in a container: SYS_PTRACE)")
        yield
        strace.terminate()


def kills_at_every_call(folder: Path, in_git: bool, save: Save = looked) -> list[Figure]:
    """SIGKILL at the first, second, … system call of each kind that a save makes."""
    need_strace()
    _warm(folder, in_git, save)
    tried, wrong, told = 0, Counter[str](), Counter[str]()
    for call in CALLS:
        for n in _counted():
            # A registry of its own each time: what lies there decides how many calls a save makes.
            scene = Scene(folder / "struck", in_git, save)
            ear, mouth = os.pipe()
            ended = traced(partial(scene.saves, 1, mouth), folder / "log", call, f"signal=KILL:when={n}")
            os.close(mouth)
            scene.heard(heard(ear))
            scene.examined()
            scene.concluded()
            wrong.update(scene.wrong)
            told.update(scene.told)
            shutil.rmtree(scene.folder)
            if not ended.struck:
                break
            tried += 1
    what = " of a new source" * (save is source_added)
    return figures(f"SIGKILL at every call{what}{', in git' * in_git}", {"kills": tried}, wrong, told)


def faults_at_every_call(folder: Path, fault: str, save: Save = looked) -> list[Figure]:
    """`fault` at the first, second, … system call of each kind that a command makes in the registry's folder."""
    need_strace()
    _warm(folder, True, save)
    said, counts, wrong, told = folder / "said", Counter[str](), Counter[str](), Counter[str]()
    wrong.update(dict.fromkeys(_WRONG_WHEN_TOLD, 0))
    for call in CALLS:
        for n in _counted():
            scene = Scene(folder / "struck", True, save)
            before = _content(scene.folder)
            action = partial(cli.main, _typed(scene.path, "w0", save))
            ended = traced(action, folder / "log", call, f"error={fault}:when={n}", said)
            code, text = os.waitstatus_to_exitcode(ended.status), said.read_text("utf-8")
            if _concerns(scene.folder, ended.struck):
                counts["faults"] += 1
                told[f"exit {code}"] += 1
                wrong.update(_misled(code, text, before, _content(scene.folder), ended.struck))
            scene.heard(b"w0" if code == cli.FINE else b"")
            scene.examined()
            scene.concluded()
            wrong.update(scene.wrong)
            shutil.rmtree(scene.folder)
            if not ended.struck:
                break
    what = "add source" if save is source_added else "look"
    return figures(f"{fault} at every call of {what}", dict(counts), wrong, told)


def _concerns(folder: Path, struck: str) -> bool:
    """Whether it was a call on a file below the folder: not on what the command prints."""
    return bool(re.match(rf'\w+\((\d+<|(AT_FDCWD<[^>]*>, )?"){re.escape(str(folder))}', struck))


_WRONG_WHEN_TOLD = ("exit neither 0 nor 6", "traceback, or no clear message", "what was said is not true")


def _misled(code: int, text: str, before: bytes, after: bytes, struck: str) -> Counter[str]:
    """What is wrong with the code, the message, and the files that they speak of."""
    stands = after != before
    told_that_it_stands = code == cli.FINE or "the change is in the file" in text
    wrong = Counter[str]()
    wrong[_WRONG_WHEN_TOLD[0]] = code not in (cli.FINE, cli.NO_ACCESS)
    wrong[_WRONG_WHEN_TOLD[1]] = "Traceback" in text or (code != cli.FINE and len(text.splitlines()) != 1)
    wrong[_WRONG_WHEN_TOLD[2]] = stands != told_that_it_stands
    if any(wrong.values()):
        print(f"exit {code}: {text.strip()}  <- {struck}", file=sys.stderr)
    return wrong


def _content(folder: Path) -> bytes:
    """What a reader finds there: the registry and its sources."""
    texts = reader.texts(folder / "recommendations.yaml")
    return texts.registry + b"".join(texts.sources.values())


def _typed(path: Path, word: str, save: Save) -> list[str]:
    """The arguments of `python -m dashboard`."""
    if save is looked:
        return ["--registry", str(path), "look", RECORD, "--where", word]
    file = path.parents[1] / "typed.yaml"
    file.write_text("".join(f"{name}: {json.dumps(value)}\n" for name, value in source(word).items()), "utf-8")
    return ["--registry", str(path), "add", "source", str(file)]


def kills_inside_git(folder: Path, strike: str = "signal=KILL") -> list[Figure]:
    """A kill or fault at every system call of each git that writes; the saving process lives."""
    need_strace()
    scene, tried = _warm(folder / "scene", in_git=True), 0
    recording._LOCK_SECONDS = 0.1  # no stranger's git is at work here: nobody need wait for one
    shim, log, path = folder / "shim", folder / "log", os.environ["PATH"]
    shim.mkdir()
    for call in CALLS:
        for n in _counted():
            log.write_bytes(b"")
            script = f"""#!/bin/sh
case " $* " in *" add "*|*" commit "*) exec strace -f -qq -A -o {log} -e trace={call} -e inject={call}:{strike}:when={n} \\
  {shutil.which("git", path=path)} "$@" ;; esac
exec {shutil.which("git", path=path)} "$@"
"""
            (shim / "git").write_text(script)
            (shim / "git").chmod(0o755)
            os.environ["PATH"] = f"{shim}:{path}"
            saved = scene.save(f"w{scene.number}")
            os.environ["PATH"] = path
            scene.heard(f"w{scene.number}".encode())
            scene.told["saved, not yet in the history"] += not saved.commit
            scene.examined()
            struck = log.read_text("utf-8", "replace")
            if "killed by SIGKILL" not in struck and "(INJECTED)" not in struck:
                break
            tried += 1
    scene.concluded()
    output(scene.folder, "fsck", "--strict")
    what = "SIGKILL" if "KILL" in strike else strike.removeprefix("error=")
    return figures(f"{what} at every call of git", {"strikes": tried}, scene.wrong, scene.told)


def _warm(folder: Path, in_git: bool, save: Save = looked) -> Scene:
    """A scene, after everything was done once in another: whatever is imported late is imported."""
    trial = Scene(folder / "warm", in_git, save)
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        for path in (trial.path, folder / "nowhere.yaml"):
            cli.main(_typed(path, "w0", save))
    scene = Scene(folder / "scene", in_git, save)
    scene.save("w0")
    scene.heard(b"w0")
    scene.examined()
    return scene


def _counted() -> Iterator[int]:
    yield from range(1, MOST_CALLS)
    raise AssertionError("the call is reached too often; the count must be wrong")


# --- the same without strace, for the tests ---------------------------------------------------------------

STEPS = ("open", "os.rename", "os.link", "os.remove", "os.chmod", "os.listdir")
"""Events that Python tells before it does something to a file; fsync and write are not among them."""


def strike_at(n: int, folder: Path, strike: Callable[[], None]) -> None:
    """From now on the n-th step taken on a file below `folder` is struck. For a child: it cannot be undone."""
    taken, real = 0, {name: getattr(os, name) for name in ("fsync", "write")}

    def step() -> None:
        nonlocal taken
        taken += 1
        if taken == n:
            strike()

    def told(event: str, arguments: tuple[object, ...]) -> None:
        if event in STEPS and str(arguments[0]).startswith(str(folder)):
            step()

    def counted(name: str, *arguments: object) -> object:
        step()
        return real[name](*arguments)

    sys.addaudithook(told)
    for name in real:
        setattr(os, name, partial(counted, name))


def kills_at_every_step(folder: Path, in_git: bool) -> list[Figure]:
    """As `kills_at_every_call`, with steps of Python in the place of system calls."""
    scene, tried = Scene(folder / "scene", in_git), 0
    scene.concluded()  # whatever is imported late is imported now
    for n in _counted():
        ear, mouth = os.pipe()
        child = forked(partial(_killed_at, n, scene, mouth))
        os.close(mouth)
        _, status = os.waitpid(child, 0)
        scene.heard(heard(ear))
        scene.examined()
        if not os.WIFSIGNALED(status):
            break
        tried += 1
    scene.concluded()
    return figures("SIGKILL at every step", {"kills": tried}, scene.wrong, scene.told)


def _killed_at(n: int, scene: Scene, mouth: int) -> None:
    strike_at(n, scene.folder, lambda: os.kill(os.getpid(), signal.SIGKILL))
    scene.saves(1, mouth)


def faults_at_every_step(folder: Path, fault: int, in_git: bool, save: Save = looked) -> list[Figure]:
    """As `faults_at_every_call`, with steps of Python in the place of system calls."""
    said, reached, wrong, told = folder / "said", folder / "reached", Counter[str](), Counter[str]()
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        cli.main(_typed(folder / "nowhere" / "registry.yaml", "w0", save))  # whatever is imported late is imported now
    for n in _counted():
        scene = Scene(folder / "scene", in_git, save)
        before, arguments = _content(scene.folder), _typed(scene.path, "w0", save)
        child = forked(partial(_failing_at, n, fault, scene.folder, arguments, folder))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        scene.heard(b"w0" if code == cli.FINE else b"")
        if not reached.exists():
            break
        reached.unlink()
        told[f"exit {code}"] += 1
        wrong.update(_misled(code, said.read_text("utf-8"), before, _content(scene.folder), f"step {n}"))
        scene.examined()
        scene.concluded()
        wrong.update(scene.wrong)
        shutil.rmtree(scene.folder)
    return figures(f"{os.strerror(fault)} at every step", {"faults": sum(told.values())}, wrong, told)


def _failing_at(n: int, fault: int, folder: Path, arguments: list[str], beside: Path) -> int:
    def strike() -> None:
        (beside / "reached").touch()
        raise OSError(fault, os.strerror(fault))

    with (beside / "said").open("w") as file, redirect_stdout(file), redirect_stderr(file):
        strike_at(n, folder, strike)
        return cli.main(arguments)


# --- many at once -------------------------------------------------------------------------------------


def crowd(folder: Path, processes: int, saves: int) -> list[Figure]:
    """Several processes save to one file; a refused save is tried again."""
    scene = Scene(folder / "crowd", in_git=True)
    logs = [folder / f"log-{n}" for n in range(processes)]
    children = [forked(partial(_of_the_crowd, scene.path, f"w{n}", saves, log)) for n, log in enumerate(logs)]
    failed = sum(os.waitpid(child, 0)[1] != 0 for child in children)
    said = Counter(word for log in logs for word in log.read_text("utf-8").split())
    scene.told["refused and told"] = said.pop("refused", 0)
    scene.told["told besides"] = said.pop("told", 0)
    text = scene.path.read_text("utf-8")
    held = Counter(_WORD.findall(text))
    bare = "".join(line for line in text.splitlines(keepends=True) if not _WORD.search(line))
    scene.wrong["damaged files"] = bool(reader.load(scene.path, TODAY).errors) or bare != REGISTRY
    scene.wrong["locks of git left"] = len(list((scene.folder / ".git").rglob("*.lock")))
    scene.wrong["children that failed"] = failed
    scene.wrong["saved without being acknowledged"] = len(set(held) - set(said))
    scene.wrong["acknowledged saves lost"] = len(set(said) - set(held))
    scene.wrong["saves doubled"] = sum(n > 1 for n in held.values())
    added = added_words(scene.folder)
    scene.wrong["not in the history exactly once"] = sum(added[word] != 1 for word in said)
    scene.wrong["not committed after the next start"] = bool(output(scene.folder, "status", "--porcelain"))
    scene.wrong["strays after the next start"] = len(list(scene.folder.glob(f"{swapping.TEMPORARY}*")))
    tried = {"processes": processes, "saves acknowledged": len(said)}
    return figures("many processes on one file", tried, scene.wrong, scene.told)


def _of_the_crowd(path: Path, name: str, saves: int, log: Path) -> None:
    with log.open("w", encoding="utf-8") as says:
        known = None
        for n in range(saves):
            while True:
                try:
                    saved = looked(path, f"{name}-{n}", known)
                    break
                except Changed:
                    print("refused", file=says, flush=True)
            known = saved.loaded
            print(f"{name}-{n}", *("told" for _ in saved.told), file=says, flush=True)


# --- an editor that knows nothing of the door -----------------------------------------------------------


def replacing_editor(folder: Path, tries: int) -> list[Figure]:
    """An editor replaces the file every 2 ms, with what it has in its window, while we save.

    It puts its file there by an exchange of its own, only to see what it displaced: then every version
    that was ever on disk must be accounted for. One that is neither displaced by the editor itself, nor
    in the file at the end, nor in a rescued one was lost unnoticed.
    """
    scene, log, stop = Scene(folder / "scene", in_git=False), folder / "log", folder / "stop"
    child = forked(partial(_replaces, scene.path, log, stop))
    done, told = Counter[str](), set[str]()
    words = []
    for n in range(tries):
        try:
            saved = looked(scene.path, f"w{n}")
            words.append(f"w{n}")
            done["saved"] += 1
            told.update(saved.told)
        except Changed:
            done["refused and told"] += 1
    stop.touch()
    os.waitpid(child, 0)
    told.update(store.settle(scene.path, TODAY))
    done["rescued and told"] = len(told)
    seen = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    kept = [path.read_text("utf-8") for path in (scene.path, *scene.folder.glob(f"*{swapping.RESCUED}*"))]
    marks = {int(mark) for text in kept for mark in _MARK.findall(text)} | {each["mark"] for each in seen}
    held = {word for text in kept for word in _WORD.findall(text)} | {word for each in seen for word in each["words"]}
    wrong = Counter(
        {
            "versions of the editor lost unnoticed": len({each["wrote"] for each in seen} - marks),
            "acknowledged saves lost unnoticed": len(set(words) - held),
            "strays after the next start": len(list(scene.folder.glob(f"{swapping.TEMPORARY}*"))),
        }
    )
    return figures("an editor that replaces", {"tries": tries, "saves of the editor": len(seen)}, wrong, done)


def _replaces(path: Path, log: Path, stop: Path) -> None:
    exchange = ctypes.CDLL(None, use_errno=True).renameat2
    draft = path.with_name(".editor-draft")
    with log.open("w", encoding="utf-8") as says:
        n = 0
        while not stop.exists():
            n += 1
            draft.write_text(f"# editor {n}\n{REGISTRY}", "utf-8")
            assert exchange(-100, os.fsencode(draft), -100, os.fsencode(path), 2) == 0
            displaced = draft.read_text("utf-8")
            draft.unlink()
            marks, words = _MARK.findall(displaced), _WORD.findall(displaced)
            seen = {"wrote": n, "mark": int(marks[0]) if marks else 0, "words": words}
            says.write(json.dumps(seen) + "\n")
            time.sleep(0.002 if n % 10 else 0.05)  # a rest, or none of ours would ever come through


def writing_editor(folder: Path, seed: int, rounds: int) -> list[Figure]:
    """An editor opens the file, waits, and writes its version into it, while we save."""
    random, scene = Random(f"{seed} editor"), Scene(folder / "scene", in_git=False)
    done, wrong = Counter[str](), Counter({"versions of the editor lost unnoticed": 0, "rescued and not told": 0})
    horizon = 1.5 * _seconds_a_save(scene)
    for n in range(1, rounds + 1):
        ear, mouth = os.pipe()
        child = forked(partial(_writes, scene.path, n, random.uniform(0, horizon), mouth))
        os.read(ear, 1)  # it has the file open
        said: list[str] = []
        try:
            said += looked(scene.path, f"w{n}").told
            done["saved"] += 1
        except (Changed, store.Closed, store.Spoiled):
            done["refused and told"] += 1
        os.waitpid(child, 0)
        os.close(ear)
        os.close(mouth)
        said += store.settle(scene.path, TODAY)
        rescued = list(scene.folder.glob(f"*{swapping.RESCUED}*"))
        kept = [path.read_text("utf-8") for path in (scene.path, *rescued)]
        wrong["versions of the editor lost unnoticed"] += not any(f"# editor {n}\n" in text for text in kept)
        wrong["rescued and not told"] += sum(not any(str(path) in each for each in said) for path in rescued)
        done["rescued and told"] += len(rescued)
        for path in rescued:
            path.unlink()
    wrong["strays after the next start"] = len(list(scene.folder.glob(f"{swapping.TEMPORARY}*")))
    return figures("an editor that writes in place", {"rounds": rounds}, wrong, done)


def _writes(path: Path, number: int, pause: float, mouth: int) -> None:
    with path.open("r+b") as file:
        os.write(mouth, b"!")
        time.sleep(pause)
        file.truncate(0)
        file.write(f"# editor {number}\n{REGISTRY}".encode())


# --- several machines -----------------------------------------------------------------------------------


def machines(folder: Path, rounds: int) -> list[Figure]:
    """One host saves and pushes, another publishes pull requests in between, a third follows."""
    office = office_in(folder)
    done = Counter[str]()
    acknowledged: list[str] = []
    for n in range(rounds):
        change = _PULL_REQUESTS[n % len(_PULL_REQUESTS)]
        change(office.colleague, n)
        git(office.colleague, "push", "-q", "origin", "main")
        try:
            with office.pushing():
                acknowledged += _saved_by(office.host, n)
            done["saved and pushed"] += 1
        except Changed:
            done["refused and told"] += 1
        done["not as the remote has it"] += (
            output(office.host, "status", "--porcelain", "-b").strip() != "## main...origin/main"
        )
        git(office.colleague, "pull", "-q", "--ff-only")
        git(office.replica, "pull", "-q", "--ff-only")
        done["a replica is behind"] += _tip(office.replica) != _tip(office.remote)
    added = added_words(office.remote, "main")
    refused = [n for n in range(rounds) if f"w{n}" not in acknowledged]
    expected = [n for n in range(rounds) if _PULL_REQUESTS[n % len(_PULL_REQUESTS)] is _same_record]
    errors = reader.load(office.replica / "recommendations.yaml", TODAY).errors
    wrong = Counter(
        {
            "acknowledged, not in the history exactly once": sum(added[word] != 1 for word in acknowledged),
            "refused, and in the history": sum(added[f"w{n}"] > 0 for n in refused),
            "refused without a conflict, or the reverse": len(set(refused) ^ set(expected)),
            "not as the remote has it": done.pop("not as the remote has it"),
            "a replica is behind": done.pop("a replica is behind"),
            "errors in the end": errors,
        }
    )
    return figures("several machines", {"rounds": rounds}, wrong, done)


@dataclass(frozen=True, slots=True)
class Office:
    """A bare remote and its clones."""

    remote: Path
    host: Path
    colleague: Path
    replica: Path

    @contextmanager
    def pushing(self) -> Iterator[None]:
        os.environ[recording.PUSH_VARIABLE] = "on"
        try:
            yield
        finally:
            del os.environ[recording.PUSH_VARIABLE]


def office_in(folder: Path) -> Office:
    office = Office(*(folder / name for name in ("remote.git", "host", "colleague", "replica")))
    written(office.host)
    for name in ("main.py", "old.py"):
        (office.host / name).write_text("print(1)\n", "utf-8")
    committed(office.host)
    subprocess.run(["git", "clone", "-q", "--bare", str(office.host), str(office.remote)], check=True)
    git(office.host, "remote", "add", "origin", str(office.remote))
    git(office.host, "fetch", "-q", "origin")
    git(office.host, "branch", "-q", "--set-upstream-to=origin/main", "main")
    for clone in (office.colleague, office.replica):
        subprocess.run(["git", "clone", "-q", str(office.remote), str(clone)], check=True)
    return office


def _tip(folder: Path) -> str:
    return output(folder, "rev-parse", "main")


def _saved_by(folder: Path, n: int) -> list[str]:
    """What the host saved: a look, and evidence before it where the colleague added some."""
    words = []
    if _PULL_REQUESTS[n % len(_PULL_REQUESTS)] is _evidence:
        _add_evidence(folder / "recommendations.yaml", f"w-evidence-{n}")
        words.append(f"w-evidence-{n}")
    saved = looked(folder / "recommendations.yaml", f"w{n}")
    assert not saved.told, saved.told
    return [*words, f"w{n}"]


def _other_record(folder: Path, n: int) -> None:
    looked(folder / "recommendations.yaml", f"wother-{n}", record="fund-shelters")


def _same_record(folder: Path, n: int) -> None:
    looked(folder / "recommendations.yaml", f"wsame-{n}")


def _evidence(folder: Path, n: int) -> None:
    _add_evidence(folder / "recommendations.yaml", f"colleague-{n}")


def _add_evidence(path: Path, name: str) -> None:
    entry = {"id": name, "says": "Counted again.", "owner": "independent", "form": "report", "publisher": "An office",
             "url": f"https://example.org/{name}"}  # fmt: skip
    store.save(path, entering.built(commands.AddEvidence, {"entry": entry}), lambda: LOCAL_EDITOR, "", TODAY)


def _code(folder: Path, n: int) -> None:
    (folder / "main.py").write_text(f"print({n})\n", "utf-8")
    (folder / f"new_{n}.py").write_text("", "utf-8")
    (folder / "old.py").unlink(missing_ok=True)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "Code")


_PULL_REQUESTS = (_other_record, _same_record, _evidence, _code)


# --- where files cannot be exchanged --------------------------------------------------------------------


@contextmanager
def no_exchange() -> Iterator[None]:
    """As on a file system that cannot exchange two files. None such is at hand where this runs, so the one
    function that asks the system is replaced: here, and nowhere else, a fake is right.
    """
    real, swapping._exchange = swapping._exchange, lambda one, other: False
    try:
        yield
    finally:
        swapping._exchange = real


def without_exchange(folder: Path, seed: int, count: int, tries: int) -> list[Figure]:
    """Kills and the editor that replaces, in small. The moment between comparing and renaming stays open
    there, which `doctor` says: what the editor lost in it is told, without a goal.
    """
    with no_exchange():
        rows = [*kills(folder / "kills", seed, count, in_git=False), *replacing_editor(folder / "editor", tries)]
    open_moment = ("versions of the editor lost unnoticed",)
    return [
        Figure(f"no exchange: {row.trial}", row.what, row.found, None if row.what in open_moment else row.goal)
        for row in rows
    ]


# --- all of it --------------------------------------------------------------------------------------------


def trials(given: argparse.Namespace) -> dict[str, Callable[[Path], list[Figure]]]:
    """By name; the long ones first, since two run at a time."""
    half = given.kills // 2
    return {
        "kills-git": lambda folder: kills(folder, given.seed, given.kills - half, in_git=True),
        "crowd": lambda folder: crowd(folder, given.processes, given.saves),
        "git": kills_inside_git,
        "git-full": lambda folder: kills_inside_git(folder, "error=ENOSPC"),
        "editor": lambda folder: replacing_editor(folder, given.editor),
        "kills": lambda folder: kills(folder, given.seed, half, in_git=False),
        "calls-git": lambda folder: kills_at_every_call(folder, in_git=True),
        "calls-source": lambda folder: kills_at_every_call(folder, in_git=True, save=source_added),
        "calls": lambda folder: kills_at_every_call(folder, in_git=False),
        **{f"fault-{fault}": partial(faults_at_every_call, fault=fault) for fault in FAULTS},
        **{f"fault-{fault}-source": partial(faults_at_every_call, fault=fault, save=source_added) for fault in FAULTS},
        "machines": lambda folder: machines(folder, given.rounds),
        "in-place": lambda folder: writing_editor(folder, given.seed, given.in_place),
        "no-exchange": lambda folder: without_exchange(folder, given.seed, given.kills // 10, given.editor // 10),
    }


def main() -> int:
    given = _arguments()
    if given.trial:
        return _one(given)
    names = [name for name in trials(given) if not given.only or name in given.only]
    print(f"seed {given.seed}; {len(names)} trials", flush=True)
    begun = time.perf_counter()
    with ThreadPoolExecutor(given.at_a_time) as pool:
        good = list(pool.map(_apart, names))
    print(f"{sum(good)} of {len(names)} trials as they should be, in {time.perf_counter() - begun:.0f} s")
    return 0 if all(good) else 1


def _apart(name: str) -> bool:
    """A trial in a process of its own; its lines when it has ended. Whether everything was as it should be."""
    command = [sys.executable, "-m", "tests.torture", "--trial", name, *sys.argv[1:]]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    rows = [Figure(**json.loads(line)) for line in done.stdout.splitlines()]
    print("\n".join(row.line() for row in rows), flush=True)
    if done.stderr:
        print(f"{name}: {done.stderr.strip()}", file=sys.stderr, flush=True)
    return done.returncode == 0 and bool(rows) and all(row.met for row in rows)


def _one(given: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="torture-", dir=given.folder) as folder:
        try:
            rows = trials(given)[given.trial](Path(folder))
        except CannotTry as why:
            print(why, file=sys.stderr)
            return 1
    print("\n".join(json.dumps(asdict(row)) for row in rows))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=2000, help="at random moments (default 2000)")
    parser.add_argument("--processes", type=int, default=8, help="that save to one file (default 8)")
    parser.add_argument("--saves", type=int, default=200, help="of each of them (default 200)")
    parser.add_argument("--editor", type=int, default=5000, help="saves beside an editor that replaces (default 5000)")
    parser.add_argument("--in-place", type=int, default=500, help="rounds with one that writes in place (default 500)")
    parser.add_argument("--rounds", type=int, default=40, help="with several machines (default 40)")
    parser.add_argument("--seed", type=int, default=SEED, help=f"of every chance (default {SEED})")
    parser.add_argument("--folder", type=Path, help="where to work (default: the system's place for temporary files)")
    parser.add_argument("--at-a-time", type=int, default=2, help="how many trials run at a time (default 2)")
    parser.add_argument("--only", nargs="+", metavar="TRIAL", help="just these")
    parser.add_argument("--trial", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
