"""The file of a new entry, made from what somebody filled in."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date

from core.errors import Refusal
from knowledge.load import YEARS

_ARTICLE = re.compile(
    r"^《?(?P<law>[^《》\s]+?)》?\s*(?P<article>第[一二三四五六七八九十百千零〇]+条\S*)$"
)
_NUMBERED = re.compile(r"^(?P<document>.+?)[（(](?P<number>[^（）()]*号)[）)]$")


class FarDay(Refusal):
    """A day so far away that it is a slip."""

    key = "kb.far_day"


@dataclass(frozen=True, slots=True)
class Sketch:
    """A new entry: a question, ways of asking it, a short answer, the rest of the body.

    sources: one a line, ``专利法 第四十二条``, or the name of a document with its number.
    body: what follows the short answer, headed lists as in the files.
    """

    area: str
    slug: str
    question: str
    asks: tuple[str, ...]
    short: str
    sources: tuple[str, ...] = ()
    body: str = ""
    related: tuple[str, ...] = ()
    doubt: str = ""

    @property
    def entry_id(self) -> str:
        """The id that goes with its place."""
        return f"{self.area}-{self.slug}"

    def files(self, today: date, valid_from: date | None = None) -> dict[str, str]:
        """Its one file; reviewed today and to be reviewed within a year. Raises FarDay."""
        starts = valid_from or today
        if starts.year not in YEARS:
            raise FarDay(day=starts.isoformat(), first=YEARS[0], last=YEARS[-1])
        front = [
            f"id: {self.entry_id}",
            f"area: {self.area}",
            f"question: {quoted(self.question)}",
            "ask:",
            *(f"  - {quoted(ask)}" for ask in self.asks),
            "sources:",
            *(f"  - {_source(line)}" for line in self.sources),
            *([f"doubt: {quoted(self.doubt)}"] if self.doubt else []),
            f"valid_from: {starts.isoformat()}",
            f"reviewed_on: {max(today, starts).isoformat()}",
            f"review_by: {_next_year(max(today, starts)).isoformat()}",
            "region: 全国",
            f"related: [{', '.join(self.related)}]",
            "actions: [book, escalate]",
        ]
        rest = f"\n\n{self.body.strip()}" if self.body.strip() else ""
        text = "---\n" + "\n".join(front) + f"\n---\n{self.short.strip()}{rest}\n"
        return {f"{self.area}/{self.slug}.md": text}


def quoted(text: str) -> str:
    """As a YAML scalar, whatever is in it."""
    return json.dumps(" ".join(text.split()), ensure_ascii=False)


def _source(line: str) -> str:
    law, numbered = _ARTICLE.match(line.strip()), _NUMBERED.match(line.strip())
    if law:
        return f"{{law: {quoted(law['law'])}, article: {quoted(law['article'])}}}"
    if numbered:
        return f"{{document: {quoted(numbered['document'])}, number: {quoted(numbered['number'])}}}"
    return f"{{document: {quoted(line)}}}"


def _next_year(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year + 1, day=28)


def lines(text: str) -> tuple[str, ...]:
    """What was typed one a line."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())
