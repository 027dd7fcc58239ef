"""Typed values out of a front matter; what does not fit is reported at its line."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from knowledge.entry import Source
from knowledge.front import Front

_ARTICLE = re.compile(r"^第[一二三四五六七八九十百千零〇]+条(?:之[一二三四五六七八九十]+)?$")
_URL = re.compile(r"^https?://[^\s/]+\.[^\s]+$")
_SOURCE_KEYS = ("law", "article", "document", "number", "place", "url", "version")


def string(front: Front, key: str) -> str | None:
    """A text, or None where it is absent or wrong."""
    value = front.values.get(key)
    if key not in front.values:
        return None
    if value is None or (isinstance(value, str) and not value.strip()):
        front.report(key, "empty-value", key=key)
        return None
    if not isinstance(value, str):
        front.report(key, "wrong-kind", key=key, kind="一段文字", example=f'{key}: "……"')
        return None
    return value.strip()


def strings(front: Front, key: str) -> tuple[str, ...]:
    """A list of texts; empty where it is absent."""
    value = front.values.get(key)
    if key not in front.values:
        return ()
    if not isinstance(value, list):
        front.report(key, "wrong-kind", key=key, kind="列表", example=f"{key}: []")
        return ()
    found = []
    for n, item in enumerate(value):
        if isinstance(item, str) and item.strip():
            found.append(item.strip())
        else:
            detail = {"key": f"{key} 第 {n + 1} 项", "kind": "一段文字", "example": '- "……"'}
            front.report(f"{key}.{n}", "wrong-kind", **detail)
    return tuple(found)


def choice(front: Front, key: str, known: tuple[str, ...]) -> str | None:
    """A text that must be one of those known."""
    value = string(front, key)
    if value is not None and value not in known:
        front.report(key, "unknown-value", key=key, value=value, known="、".join(known))
        return None
    return value


def choices(front: Front, key: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """A list whose items must be among those known."""
    values = strings(front, key)
    for n, value in enumerate(values):
        if value not in known:
            detail = {"key": key, "value": value, "known": "、".join(known)}
            front.report(f"{key}.{n}", "unknown-value", **detail)
    return tuple(value for value in values if value in known)


def day(front: Front, key: str) -> date | None:
    """A date that exists."""
    value = string(front, key)
    return None if value is None else _day(front, key, key, value)


def _day(front: Front, place: str, key: str, value: str) -> date | None:
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            raise ValueError(value)
        return date.fromisoformat(value)
    except ValueError:
        front.report(place, "bad-date", key=key, value=value)
        return None


def source_list(front: Front) -> tuple[Source, ...]:
    """The sources, at least one; each cites an article or a document, never both."""
    value = front.values.get("sources")
    if "sources" not in front.values:
        return ()
    if not isinstance(value, list) or not value:
        example = "- {law: 专利法, article: 第四十二条}"
        front.report("sources", "wrong-kind", key="sources", kind="非空列表", example=example)
        return ()
    found = [_source(front, n, item) for n, item in enumerate(value)]
    return tuple(item for item in found if item)


def _source(front: Front, n: int, item: Any) -> Source | None:
    place = f"sources.{n}"
    if not isinstance(item, dict) or bool(item.get("law")) == bool(item.get("document")):
        front.report(place, "source-kind", n=n + 1)
        return None
    for key in item:
        if key not in _SOURCE_KEYS:
            front.report(place, "unknown-key", key=key, known="、".join(_SOURCE_KEYS))
    text = {key: str(item[key]).strip() for key in _SOURCE_KEYS if item.get(key) is not None}
    if "law" in text and not _ARTICLE.match(text.get("article", "")):
        front.report(place, "source-article", law=text["law"], article=text.get("article", ""))
    if "url" in text and not _URL.match(text["url"]):
        front.report(place, "bad-url", value=text["url"])
    version = text.pop("version", None)
    made = _day(front, place, "version", version) if version else None
    return Source(**text, version=made)
