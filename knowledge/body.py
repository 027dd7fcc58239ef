"""The body of an entry: a short answer, then headed lists."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from knowledge.calculate.tables import Tables
from knowledge.entry import HEADINGS, Section
from knowledge.figures import render
from knowledge.front import Front

MOST_SHORT = 120
MOST_BODY = 700

_ITEM = re.compile(r"^\s*(?:[-*+]|(\d+)[.)、．])\s+(.*)$")
_FORBIDDEN = (
    (re.compile(r"!?\[[^\]]*\]\([^)]*\)"), "链接"),
    (re.compile(r"</?[a-zA-Z][^>]*>|<!--"), "HTML"),
    (re.compile(r"^\s*\|.*\|\s*$"), "表格"),
    (re.compile(r"^\s*```"), "代码块"),
)


@dataclass(slots=True)
class _Part:
    """A heading with its lines while the body is being read."""

    heading: str
    line: int
    lines: list[str] = field(default_factory=list)
    numbered: bool = False
    blank: bool = False


def read_body(front: Front, tables: Tables, day: date | None) -> tuple[str, tuple[Section, ...]]:
    """The short answer and the sections, figures as they stand on a day.

    What is wrong goes to `front.problems`.
    """
    body, problems = render(front.body, tables, day, front.file, front.body_line)
    front.problems += problems
    parts = _split(body, front)
    short = _short(parts[0], front)
    _check_order(parts[1:], front)
    for part in parts[1:]:
        if not part.lines:
            front.report_line(part.line, "empty-section", heading=part.heading)
    if (count := len(re.sub(r"\s", "", body))) > MOST_BODY:
        front.report_line(front.body_line, "long-body", count=count, most=600)
    return short, tuple(
        Section(part.heading, tuple(part.lines), part.numbered) for part in parts[1:]
    )


def _split(body: str, front: Front) -> list[_Part]:
    parts = [_Part("", front.body_line)]
    for n, raw in enumerate(body.split("\n"), front.body_line):
        for pattern, kind in _FORBIDDEN:
            if pattern.search(raw):
                front.report_line(n, "bad-markdown", kind=kind)
        if raw.startswith("#"):
            parts.append(_Part(raw.lstrip("#").strip(), n))
        elif raw.strip():
            _take(raw, parts[-1])
        else:
            parts[-1].blank = True
    return parts


def _take(raw: str, part: _Part) -> None:
    item = _ITEM.match(raw)
    if item and part.heading:
        part.lines.append(item[2].strip())
        part.numbered = part.numbered or item[1] is not None
    elif part.lines and not part.blank:
        part.lines[-1] += raw.strip()  # a wrapped line; Chinese needs no space in between
    else:
        part.lines.append(raw.strip())
    part.blank = False


def _short(part: _Part, front: Front) -> str:
    if not part.lines:
        front.report_line(front.body_line, "no-short", most=MOST_SHORT)
        return ""
    if len(part.lines) > 1:
        front.report_line(front.body_line, "two-shorts")
    count = len(part.lines[0].replace("**", ""))
    if count > MOST_SHORT:
        front.report_line(front.body_line, "long-short", count=count, most=MOST_SHORT)
    return part.lines[0]


def _check_order(parts: list[_Part], front: Front) -> None:
    known, last = "、".join(HEADINGS), -1
    for part in parts:
        if part.heading not in HEADINGS:
            front.report_line(part.line, "unknown-heading", heading=part.heading, known=known)
            continue
        place = HEADINGS.index(part.heading)
        if place <= last:
            front.report_line(part.line, "heading-order", heading=part.heading, known=known)
        last = max(last, place)
