"""A message that leans on the last answer, made whole: 那外观呢, 多少钱, 第二次呢."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from core.numerals import plain_digits
from knowledge.entry import Entry, Section, Text
from knowledge.lexicon import DATA, english
from knowledge.normalise import glossed, plain, tidy
from knowledge.sound import heard

_NUMBER = r"(?:十[一二三四五六七八九]|[一二三四五六七八九十两]|\d{1,2})"
_ORDINAL = re.compile(rf"第{_NUMBER}(?:次|年|回|种|项|件|类)|[二两三2-9][次回]|(?:再|下)一次")
_WIDE = ("专利", "企业", "国内")  # values that others are kinds of
_SPAN = re.compile(r"(\d+)\s*[-—~至到]\s*(\d+)\s*(年|次|项|件|类)")
_GOES_ON = re.compile(r"^(?:那么?(?!个|些|种|里|年|天|边)|如果|要是|假如|换成)|(?:呢|的话)$")
_AFTER_FIRST = re.compile(r"再次|以后每次|以后的|其他|第二次|之后每")


MOST_TYPED = 48  # characters; English and pinyin are longer than what they say


@dataclass(frozen=True, slots=True)
class Last:
    """What a chat was last answered: the entry, and the question as it was understood."""

    entry: str
    question: str


@dataclass(frozen=True, slots=True)
class Contrast:
    """Another value of one dimension: exterior design instead of invention."""

    dimension: str
    value: str


@dataclass(frozen=True, slots=True)
class Aspect:
    """One thing that can be asked of any matter: its cost, its term, its papers."""

    name: str
    sign: re.Pattern[str]
    needs: re.Pattern[str] | None
    say: str
    heading: str | None
    line: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Elliptical:
    """What a message says that is no question without the one before.

    leaning: it is marked as going on (那 …, … 呢), so that it is never a question of its own.
    bare: it is the contrasting word and nothing else.
    """

    contrasts: tuple[Contrast, ...]
    ordinal: str | None
    aspect: Aspect | None
    leaning: bool
    bare: bool

    @property
    def asks_aspect_only(self) -> bool:
        """Whether nothing but an aspect of the same matter is asked for."""
        return not self.contrasts and self.ordinal is None


@dataclass(frozen=True, slots=True)
class _Words:
    lead: re.Pattern[str]
    english_lead: re.Pattern[str]
    tail: re.Pattern[str]
    whole: re.Pattern[str]
    values: dict[str, tuple[tuple[str, re.Pattern[str]], ...]]
    aspects: tuple[Aspect, ...]
    heard: frozenset[str]
    english: re.Pattern[str]
    nothing: re.Pattern[str]
    longest: int


@cache
def _words() -> _Words:
    raw = tomllib.loads((DATA / "follow.toml").read_text(encoding="utf-8"))
    values = {
        dimension: tuple((value, re.compile(words)) for value, words in found.items())
        for dimension, found in raw["contrasts"].items()
    }
    aspects = tuple(_aspect(found) for found in raw["aspects"])
    contrasts = "|".join(words for found in raw["contrasts"].values() for words in found.values())
    signs = "|".join(found["sign"] for found in raw["aspects"])
    bag = f"{contrasts}|{_ORDINAL.pattern}|{signs}|{raw['lead']}|{raw['tail']}|{raw['filler']}"
    return _Words(
        lead=re.compile(rf"^(?:{raw['lead']})"),
        english_lead=re.compile(rf"^(?:{raw['english_lead']})\b", re.IGNORECASE),
        tail=re.compile(rf"(?:{raw['tail']})$"),
        whole=re.compile(rf"(?:{bag})+"),
        values=values,
        aspects=aspects,
        heard=frozenset(raw["heard"].split("|")),
        english=re.compile(rf"(?:{english()[0].pattern}|\b(?:{raw['english_filler']})\b|\W)+"),
        nothing=re.compile(f"(?:{raw['lead']}|{raw['tail']}|{raw['filler']})*"),
        longest=raw["longest"],
    )


def _aspect(raw: dict[str, str]) -> Aspect:
    def pattern(key: str) -> re.Pattern[str] | None:
        return re.compile(raw[key]) if key in raw else None

    return Aspect(
        raw["name"],
        re.compile(raw["sign"]),
        pattern("needs"),
        raw.get("say", ""),
        raw.get("heading"),
        pattern("line"),
    )


def elliptical(message: str) -> Elliptical | None:
    """How a message leans on what went before; None for one with a topic of its own."""
    words, typed = _words(), tidy(message)
    text = plain(message).joined
    if not text or len(typed) > MOST_TYPED:
        return None
    in_english = typed.isascii() and glossed(typed) != typed
    if in_english and not words.english.fullmatch(typed):
        return None
    if not in_english and not words.whole.fullmatch(text):
        text = heard(typed.replace(" ", ""), words.heard)
    if len(text) > words.longest or not words.whole.fullmatch(text):
        return None
    ordinal = _ORDINAL.search(text)
    contrasts = tuple(_contrasts(text))
    found = Elliptical(
        contrasts,
        ordinal[0] if ordinal else None,
        next(_aspects(text), None),
        bool(
            words.lead.search(text) or words.tail.search(text) or words.english_lead.search(typed)
        ),
        len(contrasts) == 1 and _word_of(contrasts[0]).fullmatch(text) is not None,
    )
    says_nothing = found.asks_aspect_only and found.aspect is None
    return None if says_nothing else found


def says_nothing(message: str) -> bool:
    """Whether nothing is left of a message but words that carry no question."""
    return _words().nothing.fullmatch(tidy(message).replace(" ", "")) is not None


def goes_on(message: str) -> bool:
    """Whether a short message of its own words is marked as going on: 那已经公开了的呢."""
    text = tidy(message).replace(" ", "")
    if len(text) > _words().longest:
        return False
    return bool(_GOES_ON.search(text) or _words().english_lead.search(tidy(message)))


def carried(question: str, message: str) -> str:
    """The matter of a question, asked anew as a message goes on."""
    said = _words().tail.sub("", _words().lead.sub("", tidy(message).replace(" ", "")))
    return f"{_ASKING.sub(' ', question).strip(' ，')} {said}"


def _contrasts(text: str) -> Iterator[Contrast]:
    """The first value of each dimension; what one has taken is not read again."""
    for dimension, values in _words().values.items():
        for value, words in values:
            if words.search(text):
                text = words.sub(" ", text)
                yield Contrast(dimension, value)
                break


def _aspects(text: str) -> Iterator[Aspect]:
    for aspect in _words().aspects:
        if aspect.sign.search(text) and (aspect.needs is None or aspect.needs.search(text)):
            yield aspect


def asks(question: str, aspect: Aspect) -> bool:
    """Whether a question is about an aspect."""
    return aspect in _aspects(plain(question).joined)


def kinds_of(question: str) -> frozenset[str]:
    """All aspects that a question asks for, by name."""
    return frozenset(aspect.name for aspect in _aspects(question))


def contrasts_of(question: str) -> dict[str, str]:
    """The particular value that a question names of each dimension; wide ones say little."""
    return {one.dimension: one.value for one in _contrasts(question) if one.value not in _WIDE}


_ASKING = re.compile(
    r"(?:一共|大概|官费|需)?要?(?:交|花|付)?(?:多少钱?|几个月内?|几[天年]内?|多久|什么时候|哪些|什么)"
    r"(?:材料|资料|官费|能下来|交|办)?|怎么(?:办理?|交|弄|做|答|申请)?|如何|在?哪里办?|吗|呢|[？?]"
)


def rebuilt(question: str, said: Elliptical) -> str:
    """The whole question that is meant, from one that was answered."""
    text = question.rstrip("？? ")
    for contrast in said.contrasts:
        text = _exchanged(text, contrast)
    if said.ordinal:
        held = _ORDINAL.search(text)
        text = text.replace(held[0], said.ordinal) if held else f"{said.ordinal}{text}"
    if said.aspect is not None and said.aspect.say:
        text = f"{_ASKING.sub(' ', text).strip(' ，')} {said.aspect.say}"
    return text


def _exchanged(text: str, contrast: Contrast) -> str:
    values = "|".join(f"(?:{words.pattern})" for _, words in _words().values[contrast.dimension])
    several = re.compile(rf"(?:{values})(?:(?:[、或和及与]|还是)(?:{values}))*")
    said = contrast.value if contrast.dimension != "place" else contrast.value.split()[0]
    less, count = several.subn(said, text)
    return less if count else f"{said} {text}"


def silent_on(entry: Entry, said: Elliptical, day: date) -> bool:
    """Whether an entry's text speaks of rival values only, and so not of this one."""
    text = entry.text_on(day)
    if text is None:
        return True
    whole = " ".join(_lines(text))
    for contrast in said.contrasts:
        values = _words().values[contrast.dimension]
        rivals = [w for value, w in values if value not in (contrast.value, *_WIDE)]
        if any(w.search(whole) for w in rivals) and not _word_of(contrast).search(whole):
            return True
    return False


def of_one_place(entry: Entry, other: Entry) -> bool:
    """Whether an entry on a certain place is followed by one that speaks of it too."""
    places = [words for _, words in _words().values["place"] if words.search(entry.question)]
    return not places or any(w.search(" ".join(other.phrasings)) for w in places)


def fits(entry: Entry, said: Elliptical) -> bool:
    """Whether an entry speaks of what the message contrasts with."""
    phrasings = " ".join(entry.phrasings)
    return all(_word_of(contrast).search(phrasings) for contrast in said.contrasts)


def _word_of(contrast: Contrast) -> re.Pattern[str]:
    return next(w for value, w in _words().values[contrast.dimension] if value == contrast.value)


def part(entry: Entry, said: Elliptical, day: date) -> Section | None:
    """The part of an entry's text that answers the message by itself; None where none does."""
    text = entry.text_on(day)
    if text is None:
        return None
    if said.asks_aspect_only:
        assert said.aspect is not None
        return _of_aspect(text, said.aspect)
    heading = "、".join(
        [*(c.value.split()[0] for c in said.contrasts), *filter(None, [said.ordinal])]
    )
    lines = [line for line in _lines(text) if _speaks(line, said)]
    if said.aspect is not None and said.aspect.line is not None:
        lines = [line for line in lines if said.aspect.line.search(line)]
    return Section(heading, tuple(lines)) if lines else None


def _of_aspect(text: Text, aspect: Aspect) -> Section | None:
    if aspect.name == "basis":
        return Section("依据", tuple(dict.fromkeys(source.cite() for source in text.sources)))
    for section in text.sections:
        if section.heading == aspect.heading:
            return section
    return None


def lines_on(entry: Entry, aspect: Aspect, day: date) -> Section | None:
    """Single lines of an entry that show what an aspect asks for."""
    text = entry.text_on(day)
    if text is None or aspect.line is None:
        return None
    lines = tuple(line for line in _lines(text) if aspect.line.search(line))
    return Section(aspect.say, lines) if lines else None


def _lines(text: Text) -> list[str]:
    return [*_sentences(text.short), *(line for s in text.sections for line in s.lines)]


def _sentences(short: str) -> list[str]:
    return [sentence for sentence in re.split(r"(?<=[。；])", short) if sentence.strip()]


def _speaks(line: str, said: Elliptical) -> bool:
    if not all(_word_of(contrast).search(line) for contrast in said.contrasts):
        return False
    return said.ordinal is None or _has_ordinal(line, said.ordinal)


def _has_ordinal(line: str, ordinal: str) -> bool:
    """第三年 is in 第1-3年; 第二次 is also what a line on every later time is about."""
    figure = re.search(r"\d+", plain_digits(ordinal))
    unit, number = ordinal[-1], int(figure[0]) if figure else 0
    plain_line = plain_digits(line)
    if f"第{number}{unit}" in plain_line:
        return True
    if any(int(a) <= number <= int(b) and u == unit for a, b, u in _SPAN.findall(plain_line)):
        return True
    return unit in "次回" and number > 1 and _AFTER_FIRST.search(line) is not None
