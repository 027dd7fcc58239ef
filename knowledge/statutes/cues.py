"""What a question itself says about the law it means: an article by number, a coming text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from knowledge.statutes.shelf import CODE, Shelf
from knowledge.statutes.text import Law

_ARTICLE = re.compile(
    r"第?([一二三四五六七八九十百千零〇]+|\d{1,4})条(?:之([一二三四五六七八九十]+|\d))?"
)
_NEXT = re.compile(r"明年|后年|新规定|新法(?!院)|修订")
_YEAR = re.compile(r"(20\d\d)")
_DIGITS = "零一二三四五六七八九"


def cited_articles(question: str, shelf: Shelf) -> list[int]:
    """Articles named with their law, like 专利法第42条, in all versions."""
    found = []
    names = [law for law in (*shelf.names, CODE) if law in question]
    for law in names if any(map(str.isdigit, question)) or "条" in question else ():
        if any(law != other and law in other for other in names):
            continue  # 专利法 inside 专利法实施细则
        for match in _ARTICLE.finditer(question):
            found += shelf.named(law, _name(match[1], match[2]))
    return found


def article_name(said: str) -> str:
    """The article as laws write it: 42, 42条 and 第42条 as 第四十二条; anything else as it is."""
    found = _ARTICLE.fullmatch(said if said.endswith("条") or "条之" in said else f"{said}条")
    return _name(found[1], found[2]) if found else said


def speaks_of_coming(question: str, coming: Sequence[Law], day: date) -> bool:
    """Whether the question may mean a text that is not yet in force."""
    if _NEXT.search(question) or any(int(year) > day.year for year in _YEAR.findall(question)):
        return True
    return any(re.search(f"新的?{re.escape(law.name)}", question) for law in coming)


def _name(numeral: str, inserted: str | None) -> str:
    article = f"第{_spoken(numeral)}条"
    return f"{article}之{_spoken(inserted)}" if inserted else article


def _spoken(numeral: str) -> str:
    """119 as 一百一十九; what is written in characters already stays."""
    if not numeral.isdigit():
        return numeral
    value, said, skipped = int(numeral), "", False
    for unit, size in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit, value = divmod(value, size)
        if digit:
            said += ("零" if skipped and said else "") + _DIGITS[digit] + unit
        skipped = not digit
    return said.removeprefix("一") if said.startswith("一十") else said
