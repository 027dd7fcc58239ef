"""The map of the house: which way imports point, and how long a file or a function may be."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Which of our rooms a room may import, besides itself.
ALLOWED = {
    "core": set(),
    "directory": {"core"},
    "knowledge": {"core", "directory"},
    "ledger": {"core", "directory"},
    "booking": {"core", "directory", "knowledge", "ledger"},
    "escalation": {"core", "directory", "knowledge", "ledger"},
    "bot": {"core", "directory", "knowledge", "ledger", "booking", "escalation"},
    "console": {"core", "directory", "knowledge", "ledger", "booking", "escalation"},
}
COMPOSITION_ROOT = "bot/__main__.py"
LONGEST_FILE = 400
LONGEST_FUNCTION = 40
LONGER: dict[str, str] = {}  # path or path::function -> the reason it may be longer


def sources() -> list[Path]:
    every = (p for room in ALLOWED for p in (ROOT / room).rglob("*.py"))
    return sorted(p for p in every if "migrations/versions" not in p.as_posix())  # generated


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", sources(), ids=name)
def test_imports_point_left(path: Path) -> None:
    room = name(path).split("/")[0]
    if name(path) == COMPOSITION_ROOT:
        return
    ours = {module.split(".")[0] for module in imports(path)} & set(ALLOWED)
    assert ours - {room} <= ALLOWED[room]


def test_outside_libraries_stay_at_the_door() -> None:
    for path in sources():
        where, used = name(path), set(imports(path))
        if where == COMPOSITION_ROOT:
            continue
        if any(m == "telegram" or m.startswith("telegram.") for m in used):
            assert where.startswith("bot/channels/telegram/"), where
        if any(m == "aiohttp.web" or m.startswith("aiohttp.web.") for m in used):
            assert where.startswith(("console/", "bot/channels/web/")), where


def test_only_the_clock_reads_the_time() -> None:
    for path in sources():
        if name(path) == "core/clock.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today"):
                owner = ast.unparse(node.value)
                assert owner not in ("datetime", "date", "datetime.datetime"), name(path)


@pytest.mark.parametrize("path", sources(), ids=name)
def test_nothing_grows_too_long(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_FILE or name(path) in LONGER
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            where = f"{name(path)}::{node.name}"
            assert length <= LONGEST_FUNCTION or where in LONGER, where
