"""One plain form for what people type, and its words in the field's language beside it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files

import zhconv
from snowballstemmer import stemmer

from knowledge.lexicon import any_of, cutter, english, pairs, rows, synonyms
from knowledge.sound import correct, from_pinyin, is_simple

# Loaded by path: the library's own way of finding its dictionary leaves the file open.
zhconv.loaddict(str(files("zhconv") / "zhcdict.json"))

_TAG = re.compile(r"</?[a-z!][^<>]{0,200}>", re.IGNORECASE)
_LINK = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)
_NOISE = re.compile(r"[^\w]+")
# to the converter 著 is 着 and 么 is 幺; here they are those of 著作权, 软著, 著录 and 什么
_KEPT = {"著": "\ue000", "么": "\ue001"}
_REPEATED = re.compile(r"(.)\1{3,}")
_LATIN = re.compile(r"[a-z]{2,}")
_WORD = re.compile(r"[一-鿿]|[a-z]|\d")


@dataclass(frozen=True, slots=True)
class Plain:
    """A question ready for matching."""

    text: str  # words and single spaces: no punctuation, fillers, wrong characters
    words: tuple[str, ...]
    field_words: tuple[str, ...]  # the field's words for lay ones, not typed by the asker
    english: str = ""  # a question in English as it was typed; the text holds its gloss

    @property
    def joined(self) -> str:
        """The text without its spaces."""
        return self.text.replace(" ", "")

    @property
    def said(self) -> str:
        """What its sentence vector is made of: English keeps its own words beside the gloss."""
        return f"{self.english} {self.text}" if self.english else self.text


def visible(text: str) -> str:
    """Without control, bidirectional and zero-width characters; full-width made plain."""
    text = unicodedata.normalize("NFKC", text)
    return "".join(
        " " if char in "\n\r\t" else char
        for char in text
        if char in "\n\r\t" or unicodedata.category(char) not in ("Cc", "Cf", "Co", "Cn", "Cs")
    )


def simplified(text: str) -> str:
    """Traditional characters made simple; a text without any is left as it is.

    The converter takes some simple characters for traditional ones (么 for 麼's relative 幺), so
    that it is only asked where a character lies outside the simplified set.
    """
    if not any("一" <= char <= "鿿" and not is_simple(char) for char in text):
        return text
    for char, mark in _KEPT.items():
        text = text.replace(char, mark)
    text = str(zhconv.convert(text, "zh-cn"))
    for char, mark in _KEPT.items():
        text = text.replace(mark, char)
    return text


@cache
def _fillers() -> tuple[re.Pattern[str], re.Pattern[str]]:
    words = rows("fillers.txt")
    short = "".join(word for word in words if len(word) == 1)
    # a single character is a filler only at an edge: 急 on its own, not in 紧急
    edge = re.compile(rf"(?:(?<=\s)|^)[{short}]+|[{short}]+(?=\s|$)")
    return any_of([word for word in words if len(word) > 1]), edge


@cache
def _confusions() -> tuple[re.Pattern[str], dict[str, str]]:
    known = pairs("confusions.tsv")
    return any_of(known), known


def tidy(text: str) -> str:
    """Visible, simplified, lower-case text without markup, links and punctuation."""
    text = simplified(visible(text)).lower()
    text = _LINK.sub(" ", _TAG.sub(" ", text))
    text = _NOISE.sub(" ", text.replace("_", " "))
    return _REPEATED.sub(r"\1\1", text).strip()


def without_fillers(text: str) -> str:
    """Tidied text without words that carry no question; never emptied by it."""
    long, edge = _fillers()
    less = long.sub(" ", text)
    for _ in range(2):
        less = " ".join(edge.sub(" ", less).split())
    return less if len(less.replace(" ", "")) >= 2 else text


def glossed(text: str) -> str:
    """A question in English as the field's words for what it names; others stay as they are."""
    letters = sum(char.isascii() and char.isalpha() for char in text)
    if letters * 2 <= len(text):
        return text
    pattern, known = english()
    found = dict.fromkeys(known[match] for match in pattern.findall(text))
    return " ".join(found) or text


def put_right(text: str) -> str:
    """Wrong characters of voice and pinyin typing replaced by the terms that were meant."""
    pattern, known = _confusions()
    text = pattern.sub(lambda found: known[found[0]], text)
    return correct(from_pinyin(text)).lower()


def plain(text: str) -> Plain:
    """The whole way from what was typed to what is matched."""
    typed = without_fillers(tidy(text))
    gloss = glossed(typed)
    found = _cut(put_right(gloss))
    if gloss == typed:
        return found
    return replace(found, english=typed, words=(*found.words, *stems(typed)))


def stems(text: str) -> list[str]:
    """The English words of a text without their endings, and without the commonest ones."""
    return [_stem(word) for word in _LATIN.findall(text) if word not in _little()]


@cache
def _little() -> frozenset[str]:
    return frozenset(rows("english_little.txt"))


@lru_cache(4096)
def _stem(word: str) -> str:
    # one of its own: a stemmer keeps its word while at work, and threads match at the same time
    return str(stemmer("english").stemWord(word))


def curated(text: str) -> Plain:
    """The same for a text that was written with care: there is nothing to put right."""
    return _cut(tidy(text))


def _cut(text: str) -> Plain:
    words = tuple(word for word in cutter().cut_for_search(text) if _WORD.search(word))
    return Plain(text, words, _field_words(text, frozenset(words)))


def _field_words(text: str, words: frozenset[str]) -> tuple[str, ...]:
    """What the lay words of a text are called here; Latin words count only when whole."""
    known, added = synonyms(), dict[str, None]()
    for place, char in enumerate(text):
        for word, field_words in known.get(char, ()):
            if text.startswith(word, place) and (not word.isascii() or word in words):
                added.update(dict.fromkeys(field_words))
    return tuple(word for word in added if word not in words)
