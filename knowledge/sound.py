"""What was typed by sound: terms in wrong characters, and terms in pinyin."""

from __future__ import annotations

import re
from functools import cache

from knowledge.lexicon import cutter, pairs, terms

# Differences that many speakers, in Hunan especially, do not make.
_FOLDS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))
_ENDS = (("ing", "in"), ("eng", "en"), ("ang", "an"), ("ong", "on"), ("ue", "ve"))

_HAN = re.compile(r"[一-鿿]{2,}")
_LATIN = re.compile(r"[a-z']{4,}(?:\s+[a-z']{2,})*")


@cache
def _syllables() -> dict[str, str]:
    return {char: sound for sound, chars in pairs("sounds.tsv").items() for char in chars}


def is_simple(char: str) -> bool:
    """Whether a character is one of GB 2312, which has simplified ones only."""
    return char in _syllables()


@cache
def _known() -> frozenset[str]:
    return frozenset(pairs("sounds.tsv"))


@cache
def fold(syllable: str) -> str:
    """A syllable without the differences that ears and keyboards mix up."""
    for before, after in _FOLDS:
        if syllable.startswith(before):
            syllable = after + syllable[len(before) :]
            break
    for before, after in _ENDS:
        if syllable.endswith(before):
            return syllable[: -len(before)] + after
    return syllable


def sounds(text: str) -> tuple[str, ...]:
    """The folded syllable of each character; a character without one stands for itself."""
    table = _syllables()
    return tuple(fold(table[char]) if char in table else char for char in text)


@cache
def _by_sound() -> dict[tuple[str, ...], str]:
    """Terms by their sound; of two that sound alike, the one listed first."""
    found: dict[tuple[str, ...], str] = {}
    for term in terms():
        found.setdefault(sounds(term), term)
    return found


@cache
def _longest() -> dict[tuple[str, ...], int]:
    """How long a term may be that starts with these two syllables."""
    found: dict[tuple[str, ...], int] = {}
    for spoken in _by_sound():
        found[spoken[:2]] = max(found.get(spoken[:2], 0), len(spoken))
    return found


def correct(text: str) -> str:
    """Put right terms written with other characters of the same sound."""
    return _HAN.sub(lambda run: _correct_run(run[0]), text)


def _correct_run(run: str) -> str:
    spoken, known, longest = sounds(run), _by_sound(), _longest()
    tokens: list[tuple[int, int]] | None = None
    out, n = "", 0
    while n < len(run):
        for size in range(min(longest.get(spoken[n : n + 2], 0), len(run) - n), 1, -1):
            term = known.get(spoken[n : n + size])
            if term is None:
                continue
            if term != run[n : n + size]:
                tokens = tokens or _tokens(run)
                if not _may_replace(run, n, n + size, tokens):
                    continue
            out, n = out + term, n + size
            break
        else:
            out, n = out + run[n], n + 1
    return out


def _tokens(run: str) -> list[tuple[int, int]]:
    spans, start = [], 0
    for word in cutter().cut(run):
        spans.append((start, start + len(word)))
        start += len(word)
    return spans


def _may_replace(run: str, start: int, end: int, tokens: list[tuple[int, int]]) -> bool:
    """Not where the characters are words that mean something: 周转利润 holds no 专利."""
    if cutter().has_word(run[start:end]):
        return False
    whole = 0
    for left, right in tokens:
        if left >= end or right <= start or right - left == 1:
            continue
        known = cutter().has_word(run[left:right])
        if known and (left < start or right > end):
            return False
        whole += (right - left) * known
    # of a short span every character must be adrift; a long one may hold words (外观 in 外观射机)
    return whole == 0 if end - start == 2 else whole < end - start


def from_pinyin(text: str) -> str:
    """Pinyin runs that spell terms of the field, written in characters."""
    return _LATIN.sub(lambda run: _spelled(run[0]), text)


def heard(text: str, words: frozenset[str]) -> str:
    """A short text read by its sound as some of these words; what is none of them stays."""
    pinyin = _split(text.lower()) if text.isascii() else None
    spoken = sounds(text) if pinyin is None else tuple(fold(part) for part in pinyin)
    written = text if pinyin is None else pinyin
    known = {sounds(word): word for word in sorted(words)}
    out, n = "", 0
    while n < len(spoken):
        for size in range(min(5, len(spoken) - n), 0, -1):
            word = known.get(spoken[n : n + size])
            if word is not None:
                out, n = out + word, n + size
                break
        else:
            out, n = out + written[n], n + 1
    return out


def _spelled(run: str) -> str:
    parts = _split(run)
    if parts is None:
        return run
    folded, known, longest = tuple(fold(part) for part in parts), _by_sound(), _longest()
    out, hit, n = "", 0, 0
    while n < len(folded):
        for size in range(min(longest.get(folded[n : n + 2], 0), len(folded) - n), 1, -1):
            term = known.get(folded[n : n + size])
            if term:
                out, hit, n = out + term, hit + size, n + size
                break
        else:
            out, n = out + " " + parts[n] + " ", n + 1
    # English words that happen to be syllables (women, change) spell no terms
    return out if hit * 2 >= len(parts) else run


def _split(run: str) -> list[str] | None:
    """Cut a run of letters into syllables, the longest first where there is a choice."""
    found: list[str] = []
    for word in re.split(r"[\s']+", run):
        parts = _split_word(word)
        if parts is None:
            return None
        found += parts
    return found


@cache
def _split_word_cached(word: str) -> tuple[str, ...] | None:
    if not word:
        return ()
    for size in range(min(6, len(word)), 0, -1):
        if word[:size] in _known():
            rest = _split_word_cached(word[size:])
            if rest is not None:
                return (word[:size], *rest)
    return None


def _split_word(word: str) -> list[str] | None:
    parts = _split_word_cached(word) if len(word) <= 60 else None
    return None if parts is None else list(parts)
