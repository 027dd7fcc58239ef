"""What is wrong with a file of the base: where, what, and what to do about it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LEVELS = {"error": "错误", "warning": "提醒", "note": "说明"}
WORDING = Path(__file__).parent / "data" / "problems.toml"


@cache
def _wording() -> dict[str, dict[str, str]]:
    return tomllib.loads(WORDING.read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. Its wording is data, so that curators can improve it."""

    file: str
    line: int
    code: str
    detail: tuple[tuple[str, str], ...] = ()

    @property
    def level(self) -> str:
        """How much it matters: error, warning or note."""
        return _wording()[self.code].get("level", "error")

    @property
    def is_error(self) -> bool:
        """Warnings are worth a look; errors keep the entry out of the base."""
        return self.level == "error"

    def __str__(self) -> str:
        says = _wording()[self.code]
        details = dict(self.detail)
        what, remedy = (says[key].format(**details) for key in ("what", "do"))
        return f"{self.file}:{self.line}: {LEVELS[self.level]}：{what} → {remedy}"


def problem(file: str, line: int, code: str, /, **detail: object) -> Problem:
    """A `Problem` with its details given by name."""
    return Problem(file, line, code, tuple((key, str(value)) for key, value in detail.items()))


class BadBase(Exception):
    """The folder cannot be used as it is; all that is wrong with it, together."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(item) for item in problems))
        self.problems = problems
