"""Front matter: YAML between two lines of ---, with the line of every key and list item."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from knowledge.problem import Problem, problem

try:
    from yaml import CSafeLoader as _Base
except ImportError:  # PyYAML without libyaml: slower, otherwise the same
    from yaml import SafeLoader as _Base  # type: ignore[assignment]


class _TextLoader(_Base):
    """Leaves every value a string: dates and numbers are read, and complained about, by us.

    Tags that ask for another kind (``!!int``) are errors: their own readers raise anything.
    """


_TextLoader.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if tag == "tag:yaml.org,2002:null"]
    for first, rules in _Base.yaml_implicit_resolvers.items()
}

_TextLoader.yaml_constructors = {
    tag: build
    for tag, build in _Base.yaml_constructors.items()
    if tag is None or tag.rpartition(":")[2] in ("str", "seq", "map", "null")
}

Report = Callable[..., None]
LARGEST = 256 * 1024  # bytes of one file; the longest entry has 7 KB
_REMEMBERED = 2_048  # front matters: a changed base has nearly the same


@dataclass(slots=True)
class Front:
    """The values of a front matter, where each stands, and the body after it."""

    file: str
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    body: str = ""
    body_line: int = 1
    problems: list[Problem] = field(default_factory=list)

    def report(self, at: str, code: str, /, **detail: object) -> None:
        """Note a problem at the line of a key (`sources.1` falls back to `sources`)."""
        line = self.lines.get(at) or self.lines.get(at.partition(".")[0]) or 1
        self.problems.append(problem(self.file, line, code, **detail))

    def report_line(self, line: int, code: str, /, **detail: object) -> None:
        """Note a problem at a line of the file."""
        self.problems.append(problem(self.file, line, code, **detail))


def read_front(path: Path, name: str) -> Front:
    """Read and split one file; what cannot be read becomes problems."""
    front = Front(name)
    text = decode(path, front)
    return front if text is None else _split(text, front)


def read_text(text: str, name: str) -> Front:
    """Split a text as if it had been read from a file of that name."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return _split(text, Front(name))


def _split(text: str, front: Front) -> Front:
    lines = text.split("\n")
    lost = next((n for n, line in enumerate(lines, 1) if "\ufffd" in line), None)
    if lost is not None:
        front.report_line(lost, "garbled")
    if not lines or lines[0].strip() != "---":
        front.report_line(1, "no-front")
        return front
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if end is None:
        front.report_line(len(lines), "front-not-closed")
        return front
    front.body = "\n".join(lines[end + 1 :])
    front.body_line = end + 2
    parsed = _parsed("\n".join(lines[1:end]) + "\n")
    front.values, front.lines = parsed.values, parsed.lines
    front.problems += [replace(item, file=front.file) for item in parsed.problems]
    return front


def decode(path: Path, front: Front) -> str | None:
    """The text of a UTF-8 file; None, with a problem reported, where it cannot be read."""
    try:
        if path.stat().st_size > LARGEST:
            front.report_line(1, "too-big", size=path.stat().st_size // 1024, most=LARGEST // 1024)
            return None
        raw = path.read_bytes()
    except OSError as error:
        front.report_line(1, "not-readable", reason=error.strerror or error)
        return None
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        try:
            raw.decode("gb18030")
        except UnicodeDecodeError:
            front.report_line(line, "not-utf8")
        else:
            front.report_line(line, "gbk")
        return None


@lru_cache(_REMEMBERED)
def _parsed(text: str) -> Front:
    """The values of a front matter, without a body; not to be changed."""
    front = Front("")
    try:
        loader = _TextLoader(text)
        node = loader.get_single_node()
    except yaml.YAMLError as error:
        _report_yaml(error, front)
        return front
    if not isinstance(node, yaml.MappingNode):
        front.report_line(2, "not-a-mapping")
        return front
    _locate(node, front)
    try:
        front.values = loader.construct_document(node)
    except yaml.YAMLError as error:
        _report_yaml(error, front)
    return front


def _report_yaml(error: yaml.YAMLError, front: Front) -> None:
    if not isinstance(error, yaml.MarkedYAMLError):
        front.report_line(2, "bad-yaml", reason=re.sub(r"\s+", " ", str(error)))
        return
    # what was left open is where it was opened, not where its end was missed
    opened = re.match("while (parsing a flow|scanning a quoted)", error.context or "")
    mark = error.context_mark if opened else error.problem_mark or error.context_mark
    front.report_line((mark.line if mark else 0) + 2, "bad-yaml", reason=error.problem)


def _locate(node: yaml.MappingNode, front: Front) -> None:
    """Lines of keys and list items; YAML itself lets a key be written twice."""
    for key, value in node.value:
        name, line = str(key.value), key.start_mark.line + 2
        if name in front.lines:
            front.report_line(line, "duplicate-key", key=name)
        front.lines[name] = line
        if isinstance(value, yaml.SequenceNode):
            for n, item in enumerate(value.value):
                front.lines[f"{name}.{n}"] = item.start_mark.line + 2
