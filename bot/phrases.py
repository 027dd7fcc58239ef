"""Whether a message asks for something to be done (book, escalate) rather than known."""

import re
import tomllib
from functools import cache
from importlib.resources import files

from rapidfuzz import fuzz, process

_FILLERS = re.compile(r"[\s，。,.!！?？~、]|请问|麻烦|一下|你好|您好|那个|嗯|吧|啊|呢|哦|谢谢")
_LONGEST = 24
_ALIKE = 88

# 期限 一通 2026-11-20: a kind of term and a day in one line.
_ONE_LINE = re.compile(r"(?:期限|/?deadline)[\s:：]+(\S.{1,80})", re.IGNORECASE | re.DOTALL)
_DATED = re.compile(
    r"\d\s*[年月/.-]\s*\d|\d{8}|\d\s*[号日]|月[一二三十]|[今昨前]天|周[一二三四五六日天]|today|yesterday"
)
_ASKED = re.compile(r"[?？]|怎么|如何|什么|多久|多少|几|能否|可以|[吗呢]")

# What each list of phrases.toml starts: (flow as told to callers, action).
ACTIONS = {
    "book": ("book", "book.start"),
    "mine": ("book", "book.mine"),
    "escalate": ("escalate", "escalate.start"),
    "tickets": ("escalate", "escalate.mine"),
    "deadline": ("deadline", "deadline.start"),
    "fees": ("fees", "fees.start"),
}


def wish(text: str) -> str | None:
    """The list of ``phrases.toml`` that the text belongs to, or None when it is a question."""
    if one_line(text) is not None:
        return "deadline"
    stripped = _FILLERS.sub("", text.lower())
    if not stripped or len(stripped) > _LONGEST:
        return None
    found = process.extractOne(stripped, _phrases(), scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return None if found is None else _phrases_by_text()[found[0]]


def one_line(text: str) -> str | None:
    """The kind of term and the day where both are given at once; None for any other text."""
    found = _ONE_LINE.fullmatch(text.strip())
    if found is None or _ASKED.search(text) or not _DATED.search(found[1].lower()):
        return None
    return found[1]


@cache
def _phrases_by_text() -> dict[str, str]:
    raw = tomllib.loads((files("bot") / "phrases.toml").read_text(encoding="utf-8"))
    return {_FILLERS.sub("", phrase): name for name, found in raw.items() for phrase in found}


@cache
def _phrases() -> tuple[str, ...]:
    return tuple(_phrases_by_text())
