"""Imported law texts, kept in one file that is replaced whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from knowledge.statutes.text import Article, Law

FORMAT = 1


def store_file(var: Path) -> Path:
    """Where the imported laws stand below the folder of running data."""
    return var / "statutes" / "laws.jsonl"


def save(laws: Sequence[Law], file: Path) -> None:
    """Replace what was imported before. Raises OSError, and then the old file stays."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(f".{os.getpid()}.new")
    try:
        with fresh.open("w", encoding="utf-8") as out:
            out.write(json.dumps({"format": FORMAT, "laws": len(laws)}) + "\n")
            for law in laws:
                out.write(json.dumps(asdict(law), ensure_ascii=False, default=str) + "\n")
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)


def saved(file: Path) -> tuple[Law, ...] | None:
    """The imported laws; None where there are none, or not in a form that is understood."""
    try:
        head, *lines = file.read_text(encoding="utf-8").rstrip("\n").split("\n")
        if json.loads(head) != {"format": FORMAT, "laws": len(lines)}:
            return None
        return tuple(_law(json.loads(line)) for line in lines)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _law(raw: dict[str, Any]) -> Law:
    articles = tuple(
        Article(item["name"], tuple(item["headings"]), tuple(item["paragraphs"]), item["line"])
        for item in raw["articles"]
    )
    return Law(raw["name"], _day(raw["version"]), _day(raw["since"]), _day(raw["until"]), articles)


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None
