"""Whether a message asks for something to be done (book, escalate) rather than known."""

import re
import tomllib
from functools import cache
from importlib.resources import files

from rapidfuzz import fuzz, process

_FILLERS = re.compile(r"[\s，。,.!！?？~、]|请问|麻烦|一下|你好|您好|那个|嗯|吧|啊|呢|哦|谢谢")
_LONGEST = 24
_ALIKE = 88

# What each list of phrases.toml starts: (flow as told to callers, action).
ACTIONS = {
    "book": ("book", "book.start"),
    "mine": ("book", "book.mine"),
    "escalate": ("escalate", "escalate.start"),
    "tickets": ("escalate", "escalate.mine"),
}


def wish(text: str) -> str | None:
    """The list of ``phrases.toml`` that the text belongs to, or None when it is a question."""
    stripped = _FILLERS.sub("", text.lower())
    if not stripped or len(stripped) > _LONGEST:
        return None
    found = process.extractOne(stripped, _phrases(), scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return None if found is None else _phrases_by_text()[found[0]]


@cache
def _phrases_by_text() -> dict[str, str]:
    raw = tomllib.loads((files("bot") / "phrases.toml").read_text(encoding="utf-8"))
    return {_FILLERS.sub("", phrase): name for name, found in raw.items() for phrase in found}


@cache
def _phrases() -> tuple[str, ...]:
    return tuple(_phrases_by_text())
