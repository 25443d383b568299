"""The history written anew without a passage: every object, ref and note that git keeps in this repository.

An object keeps its id unless it, or what it stands on, held the passage. The new history is made and
proved in a private copy within git's folder; only then is it handed over. Each step gives the same
result when it is done again, so that whoever is cut off runs the same once more. git-filter-repo was tried
and left: it goes through fast-export, which drops signatures, so that every commit from the first signed one on
(each merge that a hosting service made) gets a new name, and citations of them break, though it never held the
passage. Not here: the door and its lock (redacting.py), and the files that git does not keep (copies.py).
"""

import hashlib
import os
import re
import shutil
import subprocess
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from dashboard.registry import history, swapping
from dashboard.registry.problems import counted
from dashboard.registry.recording import SAFE, Message, Refused
from dashboard.registry.spellings import MARK, Passages, closed
from dashboard.registry.swapping import Changed

COPY = "tracker-redact"
"""The private copy, in git's folder. Where it stands, a run was cut off."""

SECONDS = 3600

_DROPPED = (
    *("refs/stash", "refs/remotes/", "refs/replace/", "refs/notes/", "refs/original/", "refs/bisect/"),
    *("refs/prefetch/", "refs/worktree/", "refs/rewritten/"),
)
"""What names old objects by their ids, or is a copy of what others hold: it goes, and is told."""

_FORGOTTEN = (
    *("logs", "rr-cache", "lost-found", "filter-repo", "ORIG_HEAD", "FETCH_HEAD", "COMMIT_EDITMSG", "TAG_EDITMSG"),
    *(
        "MERGE_MSG",
        "SQUASH_MSG",
        "AUTO_MERGE",
        "gitk.cache",
        "tracker-pending.json",
        "tracker-pending.json.new",
        "info/refs",
    ),
)
"""What git remembers besides, in its folder."""

_KEPT = ("config", "hooks", "info", "description")
"""What somebody set up: never touched, but told where it holds the passage."""


_NAMING, _PEOPLE = (b"tree", b"parent", b"object"), (b"author", b"committer", b"tagger")
"""Words with which lines of a commit's or tag's head begin."""


@dataclass(frozen=True, slots=True)
class Ref:
    name: str
    id: str


@dataclass
class Survey:
    """Where in git a passage stands. The counts are of objects, by their kind; `places` of all that it stands in."""

    objects: int = 0
    holding: Counter[str] = field(default_factory=Counter)
    unreachable: int = 0
    places: int = 0
    names: int = 0
    refs: int = 0
    files: list[str] = field(default_factory=list)
    """In git's folder, besides objects and refs."""
    shut: Counter[str] = field(default_factory=Counter)
    """Files that nobody here can look into, by kind."""
    dropped: Counter[str] = field(default_factory=Counter)
    stashes: int = 0

    @property
    def total(self) -> int:
        return self.places + self.refs + len(self.files)


def folder_of(target: Path) -> Path | None:
    """The folder that git keeps for the repository of the registry; None where there is none. Raises Refused."""
    try:
        return (target.parent / _ask(target.parent, "rev-parse", "--git-dir")).resolve()
    except Refused as refused:
        if "not a git repository" in str(refused) or "not installed" in str(refused):
            return None
        raise


def root_of(target: Path) -> Path:
    """The working tree that the registry is in. Raises Refused."""
    return Path(_ask(target.parent, "rev-parse", "--show-toplevel"))


def hindrance(target: Path, folder: Path, passages: Passages) -> str:
    """Why the history cannot be rewritten here, and what to do; empty where it can."""
    where = target.parent
    if _ask(where, "rev-parse", "--is-shallow-repository") == "true":
        return "this clone does not hold the whole history (it is shallow): git fetch --unshallow, then run this again"
    if len(_ask(where, "worktree", "list", "--porcelain").split("\n\n")) > 1 or (folder / "commondir").exists():
        return "the repository has several working trees: remove the others (git worktree list, git worktree remove)"
    if (folder / "objects" / "info" / "alternates").exists():
        return "objects are borrowed from another repository: run git repack -a -d there after a full clone, or use one"
    if _settings(where, r"^(remote\..*\.promisor|extensions\.partialclone)$"):
        return "this clone lacks a part of the objects (it is partial): make a full clone, and run this there"
    if (folder / "info" / "grafts").exists():
        return "the history is grafted (.git/info/grafts): remove that file, then run this again"
    if (folder / "modules").exists() or any(mode == "160000" for mode, _, _ in _listed(where, "HEAD")):
        return "there are submodules, each a repository of its own: run this in each, and without them here"
    if _ask(where, "config", "--type=bool", "--get", "core.sparseCheckout", lenient=True) == "true":
        return "a part of the files is not checked out (sparse): git sparse-checkout disable, then run this again"
    if (folder / "lfs" / "objects").exists() or (folder / "annex").exists() or _filtered(where):
        return (
            "files are kept by git LFS or go through another filter (.gitattributes), where this cannot look: bring them "
            "back into git first (git lfs migrate export --everything --include='*', then delete .git/lfs/objects)"
        )
    branch = _symbolic(where)
    if branch and passages.count_text(branch):
        return "the passage stands in the name of the branch that is checked out: rename it first (git branch -m NEW)"
    if passages.count((folder / "config").read_bytes()):
        return (
            "the passage stands in the settings of the repository (.git/config): change it there by hand first; "
            "if it is a word of git's own there, write more of what stands around it"
        )
    return ""


def _filtered(where: Path) -> bool:
    """Whether a tracked file is another in git than in the folder."""
    root = _ask(where, "rev-parse", "--show-toplevel")
    names = _ask(Path(root), "ls-files", "-z")
    said = _ask(Path(root), "check-attr", "-z", "--stdin", "filter", given=os.fsencode(names)).split("\0")
    return any(value not in ("unspecified", "unset") for value in said[2::3])


def changed(target: Path) -> list[str]:
    """Tracked files that are not as committed."""
    said = _ask(target.parent, "status", "--porcelain", "-z", "--no-renames", "--untracked-files=no")
    return [line[3:] for line in said.split("\0") if line]


# --- looking ----------------------------------------------------------------------------------------


def survey(folder: Path, passages: Passages) -> Survey:
    """Everything in git's folder that holds the passage. Raises Refused, OSError."""
    found = Survey()
    kept = _kept(_refs(folder))
    reached = set(_reached(folder, [ref.id for ref in kept] + _head(folder)))
    for name, kind, data in _all_objects(folder):
        found.objects += 1
        count, names = _held(kind, data, passages, len(name) // 2)
        if kind == "blob" and (shut := closed(data)):
            found.shut[shut] += 1
        if count:
            found.places += count
            found.names += names
            found.holding[kind] += 1
            found.unreachable += name not in reached
    for ref in _refs(folder):
        found.refs += bool(passages.count_text(ref.name))
        if ref.name.startswith(_DROPPED):
            found.dropped["/".join(ref.name.split("/")[1:2])] += 1
    with suppress(OSError):
        found.stashes = len((folder / "logs" / "refs" / "stash").read_bytes().splitlines())
    found.files = [str(file.relative_to(folder)) for file in _others(folder) if _file_holds(file, folder, passages)]
    return found


def _held(kind: str, data: bytes, passages: Passages, width: int) -> tuple[int, int]:
    """In how many places of an object a passage stands, and in how many names of files."""
    if kind == "tree":
        names = sum(_in_name(passages, name) for _, name, _ in _entries(data, width))
        return names, names
    if kind == "blob":
        return passages.count(data), 0
    head, _, text = data.partition(b"\n\n")
    return sum(map(passages.count, _said(head))) + passages.count(text), 0


def _said(head: bytes) -> Iterator[bytes]:
    """What somebody chose of the head of a commit or tag: not the names of objects, which are letters and
    figures by chance, and not the hour."""
    for line in _headers(head):
        word, _, rest = line.partition(b" ")
        if word in _PEOPLE:
            yield rest.rpartition(b">")[0]
        elif word not in _NAMING:
            yield rest


def _in_name(passages: Passages, name: bytes) -> int:
    return passages.count_text(os.fsdecode(name))


def _file_holds(file: Path, folder: Path, passages: Passages) -> bool:
    return bool(passages.count_text(str(file.relative_to(folder)))) or bool(passages.count(file.read_bytes()))


def _others(folder: Path) -> Iterator[Path]:
    """The files in git's folder that are neither objects nor refs, nor names of objects alone."""
    left_out = (folder / "objects", folder / "refs", folder / COPY)
    named = ("HEAD", "packed-refs", history.RENAMED)
    for root, names, files in os.walk(folder):
        names[:] = sorted(each for each in names if Path(root, each) not in left_out)
        yield from (Path(root, each) for each in sorted(files) if Path(root, each).is_file() and each not in named)


# --- the new history --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Made:
    """The new history, proved, in the private copy."""

    copy: Path
    before: tuple[Ref, ...]
    after: tuple[Ref, ...]
    head: str
    """The commit that was checked out."""
    tip: str
    """The commit that will be."""
    renamed: Mapping[str, str]
    """Commits, old name to new."""
    objects: int
    commits: int
    signed: int
    """Of commits and tags, that lose a signature."""


def made(folder: Path, passages: Passages, target: Path, message: Message, moment: int, content: bytes | None) -> Made:
    """The history without the passage in a private copy; where `content` is given, with one more commit in
    which the file `target` holds it. Raises Refused, where it could not be proved; OSError.
    """
    copy = folder / COPY
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(mode=0o700)
    before = _refs(folder)
    (head,) = _head(folder)
    form = _ask(folder, "rev-parse", "--show-object-format")
    _ask(copy, "init", "--quiet", "--bare", f"--object-format={form}", "--template=", str(copy))
    (copy / "objects" / "info").mkdir(exist_ok=True)
    (copy / "objects" / "info" / "alternates").write_text(f"{folder / 'objects'}\n", "utf-8")
    with _Rewriter(folder, copy, passages, form) as rewriter:
        rewriter.commits([ref.id for ref in _kept(before)] + [head])
        tip = rewriter.new(head)
        if content is not None:
            tip = rewriter.added(tip, target, content, message, moment)
        branch = _symbolic(folder)
        after = tuple(rewriter.refs(_kept(before), branch, tip))
        renamed = {old: new for old, new in rewriter.renamed() if old != new}
        signed = rewriter.signed
    _stored(copy, after, tip)
    objects = _proved(copy, passages, after)
    commits = len(_ask(copy, "rev-list", "--all", "HEAD").split())
    return Made(copy, before, after, head, tip, renamed, objects, commits, signed)


def _stored(copy: Path, refs: Iterable[Ref], tip: str) -> None:
    """All that the refs reach, in one pack of the copy's own."""
    (copy / "HEAD").write_text(f"{tip}\n", "ascii")
    _ask(copy, "update-ref", "--stdin", given=os.fsencode("".join(f"create {ref.name} {ref.id}\n" for ref in refs)))
    settings = ("-c", "repack.writeBitmaps=false", "-c", "pack.writeReverseIndex=false")
    _ask(copy, *settings, "repack", "-a", "-d", "-q", "--no-write-bitmap-index")
    (copy / "objects" / "info" / "alternates").unlink()


def _proved(copy: Path, passages: Passages, refs: Iterable[Ref]) -> int:
    """How many objects there are, all of them there and none with the passage. Raises Refused."""
    _ask(copy, "rev-list", "--objects", "--all", "HEAD", "--quiet")
    _ask(copy, "fsck", "--connectivity-only", "--no-dangling", "--no-progress")
    left = objects = 0
    for name, kind, data in _all_objects(copy):
        objects += 1
        left += bool(_held(kind, data, passages, len(name) // 2)[0])
    if left or any(passages.count_text(ref.name) for ref in refs):
        raise Refused(f"{left} objects would still hold the passage; nothing was changed. Please report this")
    return objects


class _Rewriter:
    """Old objects to new ones, each once."""

    def __init__(self, folder: Path, copy: Path, passages: Passages, form: str) -> None:
        self._objects = _Objects(folder)
        self._copy, self._passages, self._form = copy, passages, form
        self._folder = folder
        self._known: dict[str, str] = {}
        self._commits: list[str] = []
        self.signed = 0

    def __enter__(self) -> "_Rewriter":
        return self

    def __exit__(self, *_: object) -> None:
        self._objects.close()

    def commits(self, tips: list[str]) -> None:
        """All commits that `tips` reach, parents first."""
        given = "".join(f"{tip}\n" for tip in tips).encode()
        said = _ask(self._folder, "rev-list", "--topo-order", "--reverse", "--stdin", given=given)
        self._commits = said.split()
        for each in self._commits:
            self.new(each)

    def renamed(self) -> Iterator[tuple[str, str]]:
        return ((each, self.new(each)) for each in self._commits)

    def new(self, name: str) -> str:
        """The new name of an object."""
        if name not in self._known:
            kind, data = self._objects.read(name)
            mended = {"blob": self._blob, "tree": self._tree, "commit": self._commit, "tag": self._tag}[kind](data)
            self._known[name] = name if mended == data else self._write(kind, mended)
        return self._known[name]

    def _blob(self, data: bytes) -> bytes:
        return self._passages.cleaned(data)

    def _tree(self, data: bytes) -> bytes:
        width = self._width
        made: dict[bytes, tuple[bytes, bytes]] = {}
        for mode, name, child in _entries(data, width):
            new = child if mode == b"160000" else bytes.fromhex(self.new(child.hex()))
            made[self._free(self._name(name), made)] = mode, new
        return _tree_of(made)

    def _name(self, name: bytes) -> bytes:
        return os.fsencode(self._passages.cleaned_text(os.fsdecode(name))) if _in_name(self._passages, name) else name

    def _free(self, name: bytes, taken: Mapping[bytes, object]) -> bytes:
        number, free = 2, name
        while free in taken:
            free, number = b"%b-%d" % (name, number), number + 1
        return free

    def _commit(self, data: bytes) -> bytes:
        head, _, text = data.partition(b"\n\n")
        lines = _headers(head)
        mended = [self._header(line) for line in lines]
        words = self._passages.cleaned(text)
        if mended == lines and words == text:
            return data
        kept = [line for line in mended if not line.startswith((b"gpgsig", b"mergetag "))]
        self.signed += len(kept) != len(mended)
        return b"\n".join(kept) + b"\n\n" + words

    def _header(self, line: bytes) -> bytes:
        word, _, rest = line.partition(b" ")
        if word in _NAMING:
            return word + b" " + self.new(rest.decode("ascii")).encode()
        if word in _PEOPLE:
            return word + b" " + self._who(rest)
        return word + b" " + self._passages.cleaned(rest) if self._passages.count(rest) else line

    def _who(self, line: bytes) -> bytes:
        """A name and an address; the hour behind them stays as it is."""
        before, _, hour = line.rpartition(b">")
        name, between, address = self._passages.cleaned(before).partition(b"<")
        if not between:  # a passage of the name and the address together
            name, address = f"{MARK} ".encode(), MARK.encode()
        return b"%b<%b>%b" % (name, address, hour)

    def _tag(self, data: bytes) -> bytes:
        head, _, text = data.partition(b"\n\n")
        lines = _headers(head)
        mended, words = [self._header(line) for line in lines], self._passages.cleaned(text)
        if mended == lines and words == text:
            return data
        bare = re.sub(rb"-----BEGIN (PGP|SSH|SIGNED) .*\Z", b"", words, flags=re.DOTALL)
        self.signed += bare != words
        return b"\n".join(line for line in mended if not line.startswith(b"gpgsig")) + b"\n\n" + bare

    def added(self, tip: str, target: Path, content: bytes, message: Message, moment: int) -> str:
        """One more commit on top of `tip`, in which the file `target` holds `content`, with git's own line ends."""
        tree = _headers(self._read(tip).partition(b"\n\n")[0])[0].removeprefix(b"tree ").decode()
        env = {"GIT_OBJECT_DIRECTORY": str(self._copy / "objects")}
        stored = ("hash-object", "-w", "--stdin", "--path", target.name)
        blob = _ask(target.parent, *stored, given=content, env=env)
        root = self._with(tree, os.fsencode(place_of(target)).split(b"/"), blob)
        if root == tree:
            return tip
        who = f"{message.organisation} <{message.organisation}@tracker.invalid> {moment} +0000"
        said = f"tree {root}\nparent {tip}\nauthor {who}\ncommitter {who}\n\n{message.text}"
        return self._write("commit", said.encode())

    def _with(self, tree: str, parts: list[bytes], blob: str) -> str:
        made = {name: (mode, child) for mode, name, child in _entries(self._read(tree), self._width)}
        mode, child = made[parts[0]]
        made[parts[0]] = mode, bytes.fromhex(self._with(child.hex(), parts[1:], blob) if parts[1:] else blob)
        return self._write("tree", _tree_of(made))

    def refs(self, refs: Iterable[Ref], branch: str, tip: str) -> Iterator[Ref]:
        taken: dict[bytes, object] = {}
        for ref in refs:
            name = self._free(self._name(os.fsencode(ref.name)), taken)
            taken[name] = ref
            yield Ref(os.fsdecode(name), tip if ref.name == branch else self.new(ref.id))
        if any(_above(name) & taken.keys() for name in taken):
            raise Refused(
                "without the passage the names of two branches or tags would clash, one being a folder of the other; "
                "rename or delete one of them (git branch -m OLD NEW, git tag -d NAME), then run this again"
            )

    @property
    def _width(self) -> int:
        return 32 if self._form == "sha256" else 20

    def _read(self, name: str) -> bytes:
        own = self._copy / "objects" / name[:2] / name[2:]
        if own.exists():
            return zlib.decompress(own.read_bytes()).partition(b"\0")[2]
        return self._objects.read(name)[1]

    def _write(self, kind: str, data: bytes) -> str:
        whole = b"%b %d\0%b" % (kind.encode(), len(data), data)
        name = hashlib.new(self._form, whole).hexdigest()
        file = self._copy / "objects" / name[:2] / name[2:]
        if not file.exists():
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(zlib.compress(whole, 1))
        return name


def _above(name: bytes) -> set[bytes]:
    """The folders of a name."""
    parts = name.split(b"/")
    return {b"/".join(parts[:n]) for n in range(1, len(parts))}


def _headers(head: bytes) -> list[bytes]:
    """The lines of the head of a commit or tag, each with those that continue it."""
    return re.split(rb"\n(?! )", head)


def _entries(data: bytes, width: int) -> Iterator[tuple[bytes, bytes, bytes]]:
    at = 0
    while at < len(data):
        end = data.index(b"\0", at)
        mode, _, name = data[at:end].partition(b" ")
        at = end + 1 + width
        yield mode, name, data[end + 1 : at]


def _tree_of(entries: Mapping[bytes, tuple[bytes, bytes]]) -> bytes:
    """As git orders it: a folder as if its name ended in a slash."""
    ordered = sorted(entries.items(), key=lambda each: each[0] + (b"/" if each[1][0] in (b"40000", b"040000") else b""))
    return b"".join(b"%b %b\0%b" % (mode, name, child) for name, (mode, child) in ordered)


# --- handing over -----------------------------------------------------------------------------------


def handed_over(target: Path, folder: Path, new: Made, passages: Passages, content: bytes, old: bytes) -> None:
    """The new history takes the place of the old: objects added, files and index put, names of commits noted,
    refs moved, and last what was before forgotten. `content` and `old` are the registry's file.

    Raises Changed, Refused, OSError.
    """
    root = root_of(target)
    _only_ours(root, folder, new)
    pack = _taken_in(folder, new.copy)
    _checked_out(target, root, folder, new, content, old)
    _noted(folder, new.renamed)
    _moved(folder, new, passages)
    _forgotten(folder, pack, new.after)


def _only_ours(root: Path, folder: Path, new: Made) -> None:
    """Every tracked file is as it was committed, or as it will be. Raises Changed."""
    neither = set(_differing(root, new.copy, new.head)) & set(_differing(root, new.copy, new.tip))
    if neither:
        raise Changed(
            f"not committed: {counted(len(neither), 'file')} that somebody changed; commit or take that back, then try again"
        )


def _differing(root: Path, copy: Path, commit: str) -> list[str]:
    """The files that are not as in a commit; afterwards the copy has an index of it."""
    env = {"GIT_INDEX_FILE": str(copy / "index"), **_borrowing(copy)}
    (copy / "index").unlink(missing_ok=True)
    _ask(root, "read-tree", commit, env=env)
    _ask(root, "update-index", "-q", "--refresh", env=env, lenient=True)
    return [each for each in _ask(root, "diff-files", "--name-only", "-z", env=env).split("\0") if each]


def _borrowing(copy: Path) -> dict[str, str]:
    return {"GIT_ALTERNATE_OBJECT_DIRECTORIES": str(copy / "objects")}


def _taken_in(folder: Path, copy: Path) -> str:
    """The pack of the copy is among the objects of the repository; its name."""
    place = folder / "objects" / "pack"
    place.mkdir(exist_ok=True)
    (pack,) = (copy / "objects" / "pack").glob("*.pack")
    for file in (pack, pack.with_suffix(".idx")):
        shutil.copyfile(file, place / f".{file.name}")
        with (place / f".{file.name}").open("rb") as written:
            os.fsync(written.fileno())
        (place / f".{file.name}").chmod(0o444)
        (place / f".{file.name}").replace(place / file.name)
    swapping.synced(place)
    return pack.stem


def _checked_out(target: Path, root: Path, folder: Path, new: Made, content: bytes, old: bytes) -> None:
    gone = _ask(root, "diff-tree", "-r", "-z", "--name-only", "--diff-filter=D", new.head, new.tip).split("\0")
    if target.read_bytes() != content:
        swapping.swap(target, content, old)
    env = {"GIT_INDEX_FILE": str(new.copy / "index")}
    if left := _differing(root, new.copy, new.tip):
        _ask(
            root,
            "checkout-index",
            "-f",
            "-z",
            "--stdin",
            given=os.fsencode("\0".join(left)),
            env=env,
        )
        _ask(root, "update-index", "-q", "--refresh", env=env, lenient=True)
    for name in filter(None, gone):
        (root / name).unlink(missing_ok=True)
        for above in list(Path(name).parents)[:-1]:
            with suppress(OSError):  # something else is in it
                (root / above).rmdir()
    (new.copy / "index").replace(folder / "index")


def _noted(folder: Path, renamed: Mapping[str, str]) -> None:
    """Which commit is meant by an address that names an old one."""
    known = {old: renamed.get(new, new) for old, new in history.renamed(folder).items()}
    lines = "".join(f"{old} {new}\n" for old, new in {**known, **renamed}.items())
    draft = folder / f"{history.RENAMED}.new"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.write(lines)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / history.RENAMED)


def _moved(folder: Path, new: Made, passages: Passages) -> None:
    """Every ref names the new history. Raises Changed."""
    before, after = ({ref.name: ref.id for ref in refs} for refs in (new.before, new.after))
    lines = [f"delete {name} {was}" for name, was in before.items() if name not in after]
    lines += [f"update {name} {now} {before.get(name, '0' * len(now))}" for name, now in after.items()]
    if not _symbolic(folder):
        lines.append(f"update HEAD {new.tip} {new.head}")
    gone = (name for name in _symbolic_refs(folder) if name.startswith(_DROPPED) or passages.count_text(name))
    lines += [f"delete {name}" for name in gone]  # by standard input: a name may hold what must not be in an argument
    given = os.fsencode("".join(f"option no-deref\n{line}\n" for line in lines))
    try:
        _ask(folder, "-c", "core.logAllRefUpdates=false", "update-ref", "--stdin", given=given)
    except Refused:
        raise Changed("a branch or a tag was moved meanwhile; nothing was taken out yet, run this again") from None
    _ask(folder, "pack-refs", "--all", "--prune")


def _forgotten(folder: Path, pack: str, refs: tuple[Ref, ...]) -> None:
    """Nothing is left of what was before. Raises Changed where somebody committed meanwhile."""
    if {(ref.name, ref.id) for ref in _refs(folder)} != {(ref.name, ref.id) for ref in refs}:
        raise Changed("somebody committed or fetched meanwhile; run this again, it begins with what is there then")
    for name in _FORGOTTEN:
        _removed(folder / name)
    for stray in (*folder.glob("tracker-index-*"), *folder.glob("next-index-*")):
        _removed(stray)
    objects = folder / "objects"
    for each in sorted(objects.iterdir()):
        if each.name == "pack":
            for file in each.iterdir():
                if file.stem != pack or file.suffix not in (".pack", ".idx"):
                    _removed(file)
        elif each.name == "info":
            for name in ("commit-graph", "commit-graphs", "packs"):
                _removed(each / name)
        else:
            _removed(each)


def cleared(folder: Path, passages: Passages) -> list[str]:
    """Whatever else in git's folder holds the passage is removed; what somebody set up is not, and told."""
    told = []
    for file in _others(folder):
        if _file_holds(file, folder, passages):
            if file.relative_to(folder).parts[0] in _KEPT:
                told.append(passages.cleaned_text(str(file.relative_to(folder))))
            else:
                _removed(file)
    _removed(folder / COPY)
    return told


def _removed(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def untracked(target: Path) -> tuple[list[Path], list[Path]]:
    """The files of the working tree that git does not keep; and folders that it is told to leave alone."""
    root = root_of(target)
    wanted = ("ls-files", "-z", "--others", "--exclude-standard")
    said = _ask(root, *wanted).split("\0") + _ask(root, *wanted, "--ignored", "--directory").split("\0")
    names = [each for each in dict.fromkeys(said) if each]
    return [root / each for each in names if not each.endswith("/")], [
        root / each for each in names if each.endswith("/")
    ]


def tracked(target: Path) -> list[Path]:
    """The files of the working tree that git keeps. None where the registry is not among them. Raises Refused."""
    root = root_of(target)
    names = [root / each for each in _ask(root, "ls-files", "-z").split("\0") if each]
    return names if target in names else []


def place_of(target: Path) -> str:
    """The name of the registry from the root of the repository."""
    return _ask(target.parent, "rev-parse", "--show-prefix") + target.name


# --- what others have -------------------------------------------------------------------------------


def remotes(folder: Path) -> dict[str, list[Ref]]:
    """Each remote with its branches, as they were when somebody last fetched."""
    names = _ask(folder, "remote").splitlines()
    return {
        name: [
            Ref(ref.name.removeprefix(f"refs/remotes/{name}/"), ref.id)
            for ref in _refs(folder)
            if ref.name.startswith(f"refs/remotes/{name}/")
        ]
        for name in names
    }


# --- git --------------------------------------------------------------------------------------------


def _refs(folder: Path) -> tuple[Ref, ...]:
    """All refs but those that only point to another."""
    lines = _ask(folder, "for-each-ref", "--format=%(objectname) %(refname) %(symref)").splitlines()
    return tuple(Ref(name, id) for id, name, to in (line.split(" ", 2) for line in lines) if not to)


def _symbolic_refs(folder: Path) -> list[str]:
    lines = _ask(folder, "for-each-ref", "--format=%(refname) %(symref)").splitlines()
    return [name for name, _, to in (line.partition(" ") for line in lines) if to]


def _kept(refs: Iterable[Ref]) -> list[Ref]:
    return [ref for ref in refs if not ref.name.startswith(_DROPPED)]


def _head(folder: Path) -> list[str]:
    return [_ask(folder, "rev-parse", "--verify", "HEAD^{commit}")]


def _symbolic(folder: Path) -> str:
    """The branch that is checked out; empty where none is."""
    return _ask(folder, "symbolic-ref", "--quiet", "HEAD", lenient=True)


def _settings(folder: Path, pattern: str) -> str:
    return _ask(folder, "config", "--get-regexp", pattern, lenient=True)


def _listed(folder: Path, commit: str) -> Iterator[tuple[str, str, str]]:
    for line in filter(None, _ask(folder, "ls-tree", "-r", "-z", "--full-tree", commit).split("\0")):
        told, _, name = line.partition("\t")
        mode, _, blob = told.split()
        yield mode, blob, name


def _reached(folder: Path, tips: list[str]) -> Iterator[str]:
    given = "".join(f"{tip}\n" for tip in tips).encode()
    said = _ask(folder, "rev-list", "--objects", "--no-object-names", "--stdin", given=given)
    return iter(said.split())


def _all_objects(folder: Path) -> Iterator[tuple[str, str, bytes]]:
    """Every object there is, reachable or not: its name, its kind, its content."""
    with subprocess.Popen(
        _command(folder, "cat-file", "--batch", "--batch-all-objects", "--unordered", "--buffer"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment({}),
    ) as git:
        assert git.stdout
        while head := git.stdout.readline():
            yield _object(head, git.stdout)
    if git.returncode:
        raise Refused("git cannot read all of its objects; see git fsck")


def _object(head: bytes, stream: IO[bytes]) -> tuple[str, str, bytes]:
    name, kind, *size = head.decode("ascii").split()
    if not size:
        raise Refused("git lacks an object; see git fsck")
    data = stream.read(int(size[0]))
    stream.read(1)
    return name, kind, data


class _Objects:
    """One git that answers with objects."""

    def __init__(self, folder: Path) -> None:
        self._git = subprocess.Popen(
            _command(folder, "cat-file", "--batch"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment({}),
        )

    def read(self, name: str) -> tuple[str, bytes]:
        assert self._git.stdin
        assert self._git.stdout
        self._git.stdin.write(f"{name}\n".encode())
        self._git.stdin.flush()
        return _object(self._git.stdout.readline(), self._git.stdout)[1:]

    def close(self) -> None:
        self._git.communicate()


_REASONS = (
    "not a git repository",
    "dubious ownership",
    "No space left on device",
    "Out of diskspace",
    "Disk quota exceeded",
    "Permission denied",
    "Read-only file system",
    "Too many open files",
    "Cannot allocate memory",
    ".lock': File exists",
)
"""Of what git complains, words that hold no name of a file."""


def _command(folder: Path, *arguments: str) -> list[str]:
    return ["git", "-C", str(folder), *SAFE, *arguments]


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    plain = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_REPLACE_OBJECTS": "1", "LC_ALL": "C.UTF-8"}
    return {**inherited, **plain, **more}


def _ask(
    folder: Path,
    *arguments: str,
    given: bytes = b"",
    env: Mapping[str, str] | None = None,
    lenient: bool = False,
) -> str:
    """What git prints; of what it complains only the command is told, since a name may hold the passage. Raises Refused."""
    try:
        done = subprocess.run(
            _command(folder, *arguments),
            input=given,
            capture_output=True,
            env=_environment(env or {}),
            timeout=SECONDS,
            check=False,
            start_new_session=True,
        )
    except FileNotFoundError:
        raise Refused("git is not installed") from None
    except subprocess.TimeoutExpired:
        raise Refused(f"git did not answer within {SECONDS} seconds") from None
    if done.returncode and not lenient:
        said = done.stderr.decode("utf-8", "replace")
        why = next((each for each in _REASONS if each in said), f"exit code {done.returncode}")
        command = next((each for each in arguments if not each.startswith("-") and "=" not in each), "")
        raise Refused(f"git {command} did not work ({why}); see git status and git fsck, then try again")
    return os.fsdecode(done.stdout).removesuffix("\n")
