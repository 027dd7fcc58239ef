"""The files of a base as texts: taken in from a folder, read, examined, written out."""

from __future__ import annotations

import difflib
import hashlib
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from knowledge.check import check
from knowledge.front import LARGEST
from knowledge.lawbook import LawBook
from knowledge.load import Reading, read_folder
from knowledge.problem import Problem, problem

Files = Mapping[str, str]  # exact text by name relative to the folder

NAME = re.compile(
    r"(?P<area>[a-z]+(?:-[a-z]+)*)/(?P<slug>[a-z0-9]+(?:-[a-z0-9]+)*)"
    r"(?:@(?P<day>\d{4}-\d{2}-\d{2}))?\.md"
)


def entry_of(name: str) -> str | None:
    """The entry that a file belongs to by its name; None for a name of no entry."""
    found = NAME.fullmatch(name)
    return f"{found['area']}-{found['slug']}" if found else None


def by_entry(files: Files) -> dict[str, dict[str, str]]:
    """The files of each entry."""
    found: dict[str, dict[str, str]] = {}
    for name in sorted(files):
        found.setdefault(entry_of(name) or name, {})[name] = files[name]
    return found


def fingerprint(files: Files) -> str:
    """The same for the same files, whatever their order."""
    digest = hashlib.sha256()
    for name in sorted(files):
        for part in (name, files[name]):
            digest.update(f"{len(part)}:{part}\0".encode())
    return digest.hexdigest()


def difference(old: Files, new: Files) -> str:
    """Unified difference of two versions, file by file; empty where nothing changed."""
    return "".join(
        line
        for name in sorted({*old, *new})
        for line in _lines_apart(name, old.get(name, ""), new.get(name, ""))
    )


def _lines_apart(name: str, old: str, new: str) -> Iterator[str]:
    lines = difflib.unified_diff(
        old.splitlines(keepends=True), new.splitlines(keepends=True), name, name
    )
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n"


@dataclass(frozen=True, slots=True)
class Taken:
    """A folder's files, and what keeps it from being used."""

    files: dict[str, str]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems on account of which nothing of it may be used."""
        return tuple(item for item in self.problems if item.is_error)


def take_in(folder: Path) -> Taken:
    """Every entry file below a folder exactly as it is, byte-order mark and line ends included."""
    if not folder.is_dir():
        return Taken({}, (problem(str(folder), 1, "no-folder"),))
    files: dict[str, str] = {}
    problems: list[Problem] = []
    for path in sorted(folder.rglob("*.md")):
        name = path.relative_to(folder).as_posix()
        if entry_of(name) is None:
            problems.append(problem(name, 1, "bad-slug", name=name))
        try:
            if path.stat().st_size <= LARGEST:  # reading reports larger ones
                files[name] = path.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError):
            continue  # reading reports it with its line
    if not files and not problems:
        problems.append(problem(str(folder), 1, "no-entries"))
    problems += (item for name in files for item in _marks(name, files[name]))
    return Taken(files, (*problems, *read_folder(folder).errors))


def _marks(name: str, text: str) -> Iterator[Problem]:
    if text.startswith("\ufeff"):
        yield problem(name, 1, "bom")
    if "\r" in text:
        yield problem(name, text.count("\n", 0, text.index("\r")) + 1, "crlf")


def write_out(files: Files, folder: Path) -> None:
    """Write texts below a folder, byte for byte as they were taken in. Raises OSError."""
    for name, text in files.items():
        if entry_of(name) is None:
            raise ValueError(f"not a name of an entry's file: {name}")
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))


def read_texts(files: Files) -> Reading:
    """The texts as a base, with every problem named by file and line."""
    with tempfile.TemporaryDirectory(prefix="ipstation-kb-") as name:
        write_out(files, Path(name))
        return read_folder(Path(name))


def examine(files: Files, laws: LawBook | None = None) -> list[Problem]:
    """Everything that ``ipstation kb check`` says of a folder with these files."""
    return check(read_texts(files), statutes=laws)


def examine_entry(files: Files, others: Files, laws: LawBook | None = None) -> list[Problem]:
    """What is wrong with the files of one entry among those of all others."""
    own = by_entry(files)
    changed = next(iter(own), None)
    return [
        item
        for item in check(read_texts({**others, **files}), statutes=laws, twins_of=changed)
        if item.file in files or any(value in own for _, value in item.detail)
    ]


def files_of(folder: Path, entry_id: str) -> dict[str, str]:
    """The files of one entry in a folder, as they are; empty where it has none."""
    names = ((path, path.relative_to(folder).as_posix()) for path in folder.rglob("*.md"))
    return {
        name: path.read_bytes().decode("utf-8", "replace")
        for path, name in sorted(names)
        if entry_of(name) == entry_id
    }
