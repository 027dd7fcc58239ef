"""Buttons pointed at in words: 第一个, 后面那个, the second."""

import re

from core.numerals import plain_digits

# a bare 3项 is an answer to a question of a flow
_NTH = re.compile(
    r"(?:我|就|是|要|想问)*(?:第|选第?)(\d{1,2})(?:个|条|项|种|号)?(?:问题)?(?:吧|呢|啊)?"
)
_FIRST = frozenset(
    {"前面那个", "上面那个", "前一个", "前者", "头一个", "最前面那个", "最上面那个", "first"}
)
_SECOND = frozenset({"后者"})
_LAST = frozenset(
    {"后面那个", "下面那个", "后一个", "最后一个", "最后那个", "最后面那个", "最下面那个", "last"}
)
_ENGLISH = {"first": 1, "second": 2, "third": 3, "fourth": 4}


def pointed_at(text: str, actions: list[str]) -> int | None:
    """Which of the buttons a text points at, from 0; None where it points at none.

    actions: what the buttons do. First and last are meant among those that offer an answer, where
    there are any: below them stand rating and further ways on.
    """
    word = text.lower().strip("。.!！,，~ ").removeprefix("the ").removesuffix(" one")
    if not actions:
        return None
    offered = [n for n, do in enumerate(actions) if do.startswith("ask.entry:")]
    among = offered or [*range(len(actions))]
    if word in _FIRST:
        return among[0]
    if word in _LAST:
        return among[-1]
    number = 2 if word in _SECOND else _ENGLISH.get(word) or _number(word)
    return number - 1 if number is not None and 1 <= number <= len(actions) else None


def _number(word: str) -> int | None:
    found = _NTH.fullmatch(plain_digits(word))
    return int(found[1]) if found else None
