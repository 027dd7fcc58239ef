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

# Booking in words: a wish to book and a time, a topic or a name in it; no question about booking.
_LONGEST_WISH = 40
_BOOKS = re.compile(
    r"(?:想|要|能|可以|帮我|给我|请|可否|能否|最早|尽快|再)[^，。]{0,12}约|^(?:预?约)"
)
_NO_BOOKING = re.compile(
    r"怎么|怎样|如何|多少|收费|要钱|费用|流程|材料|取消|改约|改期|改到|爽约|约定|合约|大约|条约|公约"
    r"|契约|约束|违约|签约|续约|解约|毁约|预约号|约的|约了|约好|几点|几号|约到|今天能约|多久|为什么|需要"
)
_NAMES_A_TIME = re.compile(
    r"[今明后]天|[周期拜][一二三四五六日天末1-7]|[下这本]周|\d\s*[月号日点]|[一二三四五六七八九十]\s*[月号日点]"
    r"|[月年][底初末中]|节[前后]|[以之]?后第|最早|尽快|越快|天[后内]|周[后内]|工作日"
)
_OPENINGS = (
    "我想约",
    "想约",
    "我要约",
    "要约见",
    "帮我约",
    "帮我预约",
    "我想预约",
    "我要预约",
    "约一下",
)

# What each list of phrases.toml starts: (flow as told to callers, action).
ACTIONS = {
    "book": ("book", "book.start"),
    "mine": ("book", "book.mine"),
    "escalate": ("escalate", "escalate.start"),
    "tickets": ("escalate", "escalate.mine"),
    "deadline": ("deadline", "deadline.start"),
    "fees": ("fees", "fees.start"),
}


def books_in_words(text: str) -> bool:
    """Whether a time, a topic or somebody is asked for in one line: 我想约下周三下午谈商标."""
    said = _FILLERS.sub("", text.lower())
    if len(said) > _LONGEST_WISH or _NO_BOOKING.search(said) or not _BOOKS.search(said):
        return False
    return _NAMES_A_TIME.search(said) is not None or said.startswith(_OPENINGS)


def wish(text: str) -> str | None:
    """The list of ``phrases.toml`` that the text belongs to, or None when it is a question."""
    if one_line(text) is not None:
        return "deadline"
    if books_in_words(text) and _fuzzy(text) is None:
        return "book"
    return _fuzzy(text)


def _fuzzy(text: str) -> str | None:
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
