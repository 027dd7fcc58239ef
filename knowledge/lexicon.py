"""The word lists under `data/`, read once."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import rjieba

DATA = Path(__file__).parent / "data"


def rows(name: str) -> list[str]:
    """The lines of a list, without comments and empty lines."""
    text = (DATA / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def pairs(name: str) -> dict[str, str]:
    """A list of two columns."""
    return dict(line.split("\t", 1) for line in rows(name))


def any_of(words: list[str] | dict[str, str]) -> re.Pattern[str]:
    """A pattern for any of the words, the longest first."""
    return re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)))


@cache
def terms() -> tuple[str, ...]:
    """The terms of the field."""
    return tuple(rows("terms.txt"))


@cache
def cutter() -> rjieba.Jieba:
    """A word cutter of our own that keeps the terms of the field whole."""
    jieba = rjieba.Jieba()
    for term in terms():
        jieba.add_word(term, None, None)
    return jieba


@cache
def synonyms() -> dict[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    """Lay words, each with the field's words for it, by their first character."""
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for lay, field_words in pairs("synonyms.tsv").items():
        for word in lay.split("|"):
            found.setdefault(word[0], []).append((word, tuple(field_words.split())))
    return {first: tuple(words) for first, words in found.items()}


@cache
def english() -> tuple[re.Pattern[str], dict[str, str]]:
    """English words of the field with what they are called here."""
    known = {
        word: meaning
        for words, meaning in pairs("english.tsv").items()
        for word in words.split("|")
    }
    pattern = "|".join(re.escape(word) for word in sorted(known, key=len, reverse=True))
    return re.compile(rf"\b(?:{pattern})\b"), known
