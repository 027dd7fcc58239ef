"""What a message asks, in the light of the one before: one question, several, a keyword, another
day's rules, or the rest of a question whose beginning was said before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Protocol

from knowledge.answer import compose
from knowledge.calibration import Way
from knowledge.decide import MOST_CHOICES, Choice, Decision, Then, handoff
from knowledge.entry import Entry, Section, Text
from knowledge.follow import (
    Elliptical,
    Last,
    asks,
    carried,
    elliptical,
    fits,
    goes_on,
    kinds_of,
    lines_on,
    of_one_place,
    part,
    rebuilt,
    says_nothing,
    silent_on,
)
from knowledge.guard import settled
from knowledge.keyword import entries_of, is_bare
from knowledge.load import Base
from knowledge.match import Ranking
from knowledge.moment import Moment, moment
from knowledge.normalise import plain
from knowledge.several import questions, says_further

# How sure we are where no ranking tells: a section headed by what was asked, a line that shows it.
OF_SECTION, OF_LINES = 0.9, 0.75
SURE = 0.8  # a dedicated entry at least as sure as this is preferred to single lines
KEYWORD = (
    0.9  # a keyword with one entry; a bare term that the ranking is less sure of gives choices
)
LIKELY = 0.05  # a choice among what may be meant
WHOLE = 0.95  # a message that one entry answers so surely is not taken apart


class Finder(Protocol):
    """What the talk needs of the engine."""

    base: Base

    @property
    def way(self) -> Way:
        """The thresholds in use."""
        ...

    def rank(self, question: str) -> Ranking | str:
        """The ranking, or why the message is no question."""
        ...

    def phrased(self, question: str) -> bool:
        """Whether a message stands in the base as a way of asking."""
        ...

    def decide(self, ranking: Ranking | str, day: date) -> Decision:
        """The outcome of a ranking."""
        ...


def understand(engine: Finder, message: str, day: date, last: Last | None = None) -> Decision:
    """What to do with a message; `last` is what the chat was answered before it."""
    asked = questions(message)
    if len(asked) > 1 and settled(message) is None:
        found = _several(engine, message, asked, day, last)
        if found is not None:
            return found
    return _one(engine, message, day, last)


def _several(
    engine: Finder, message: str, asked: tuple[str, ...], day: date, last: Last | None
) -> Decision | None:
    """The decisions on the parts; None where one entry answers the whole better."""
    whole = engine.rank(message)
    if isinstance(whole, str) or whole.by == "same":
        return None
    found: dict[str, Decision] = {}
    for question in asked:
        decision = _one(engine, question, day, last)
        if decision.kind == "handoff":
            return None
        if decision.answer is not None:
            last = Last(decision.answer.entry, decision.understood or question)
        else:
            decision = replace(decision, understood=decision.understood or question)
        found.setdefault(decision.entry or question, decision)
    first, *others = found.values()
    if not others or not _better_apart(whole, found, says_further(message)):
        return None
    return replace(first, also=tuple(others))


def _better_apart(whole: Ranking, found: dict[str, Decision], announced: bool) -> bool:
    """Whether the parts, by entry, are answered better than the whole by its one entry."""
    parts = [*found.values()]
    answered = [one.confidence for one in parts if one.kind == "answer"]
    if len(answered) < len(parts):
        return bool(answered) and whole.right < SURE and (announced or parts[0].kind == "answer")
    if whole.first and whole.first.entry in found:  # it answers one of the questions only
        return min(answered) >= SURE
    return whole.right < min(WHOLE, *answered)


def _one(engine: Finder, question: str, day: date, last: Last | None) -> Decision:
    reason = settled(question)
    if reason is not None:
        return handoff(reason)
    when = moment(question, day)
    if when is not None:
        return _at(engine, question, when, day, last)
    return _now(engine, question, day, last)


def _now(engine: Finder, question: str, day: date, last: Last | None) -> Decision:
    said = elliptical(question)
    if said is not None and engine.phrased(question):
        said = None  # short, but asked so in the base: 上班时间
    if said is not None:
        entry = engine.base.entries.get(last.entry) if last else None
        if last and entry and entry.text_on(day) and _leans(said):
            return _followed(engine, said, entry, last, day)
        if said.asks_aspect_only or not said.contrasts:
            return handoff("elliptical")
        if said.aspect is None and (said.bare or said.leaning):
            question = said.contrasts[0].value
    named = entries_of(question, engine.base)
    if named:
        return _offered(engine, named, day)
    ranking = engine.rank(question)
    decision = engine.decide(ranking, day)
    if said is None and last and goes_on(question) and _weak(decision):
        decision = _carried_on(engine, question, last, day) or decision
    if decision.answer is None or isinstance(ranking, str) or ranking.by == "same":
        return decision
    if decision.confidence < KEYWORD and is_bare(plain(question)):
        ids = [item.entry for item in ranking.candidates]
        return _choices(engine, ids, day, decision.confidence)
    return decision


def _leans(said: Elliptical) -> bool:
    """Whether a message is none by itself: marked so, or naming no right with its aspect."""
    if said.leaning or said.asks_aspect_only or said.ordinal:
        return True
    names_right = any(contrast.dimension == "right" for contrast in said.contrasts)
    if said.aspect is None:
        return said.bare
    return not names_right


def _weak(decision: Decision) -> bool:
    return decision.kind != "answer" or decision.confidence < SURE


def _carried_on(engine: Finder, message: str, last: Last, day: date) -> Decision | None:
    """A message going on in words of its own, where it surely means a question near the last."""
    entry = engine.base.entries.get(last.entry)
    ranking = engine.rank(carried(entry.question, message)) if entry else None
    if entry is None or ranking is None or isinstance(ranking, str) or ranking.first is None:
        return None
    first = engine.base.entries[ranking.first.entry]
    if ranking.right < SURE or first is entry or not _near(entry, first):
        return None
    return replace(engine.decide(ranking, day), understood=first.question)


def _offered(engine: Finder, named: tuple[str, ...], day: date) -> Decision:
    if len(named) == 1:
        answer = compose(engine.base.entries[named[0]], day, engine.base)
        return Decision("answer", KEYWORD, answer) if answer else handoff("not-in-force")
    return _choices(engine, named, day, 1 / len(named))


def _choices(
    engine: Finder, ids: tuple[str, ...] | list[str], day: date, confidence: float
) -> Decision:
    entries = [engine.base.entries[n] for n in dict.fromkeys(ids)]
    held = [entry for entry in entries if entry.text_on(day)]
    found = tuple(Choice(entry.id, entry.question) for entry in held[:MOST_CHOICES])
    if not found:
        return handoff("unsure", confidence)
    return Decision("choices", round(confidence, 4), choices=found)


def _followed(engine: Finder, said: Elliptical, entry: Entry, last: Last, day: date) -> Decision:
    if said.asks_aspect_only:
        return _aspect(engine, said, entry, day)
    own = part(entry, said, day)
    best: Ranking | None = None
    likely: list[str] = []
    for source in dict.fromkeys((last.question, entry.question)):
        ranking = _fitting(engine, source, said)
        if ranking is None:
            continue
        likely += [c.entry for c in ranking.candidates[:MOST_CHOICES] if c.share >= LIKELY]
        if best is None or ranking.right > best.right:
            best = ranking
    first = engine.base.entries[best.candidates[0].entry] if best else None
    same_kind = first is not None and _same_kind(entry, said, first)
    if own and (said.ordinal or first is None or first is entry or not same_kind):
        return _of_entry(engine, entry, own, day, OF_LINES)
    whole = rebuilt(entry.question, said)
    if first is entry:
        same_kind = not silent_on(entry, said, day)
    elif first is not None and first.id in entry.related:
        same_kind = True
    if best and same_kind:
        decision = engine.decide(best, day)
        if decision.answer is not None:
            return replace(decision, understood=whole)
    if own:
        return _of_entry(engine, entry, own, day, OF_LINES)
    linked = [n for n in entry.related if n in engine.base.entries]
    likely += [n for n in linked if fits(engine.base.entries[n], said)]
    return _maybe(engine, likely, whole, day)


def _fitting(engine: Finder, source: str, said: Elliptical) -> Ranking | None:
    """The ranking of the question that is meant, by entries that speak of the new value."""
    ranking = engine.rank(rebuilt(source, said))
    if isinstance(ranking, str):
        return None
    kept = tuple(c for c in ranking.candidates if fits(engine.base.entries[c.entry], said))
    if not kept:
        return None
    led = kept[0] is ranking.candidates[0]
    return replace(ranking, candidates=kept, right=ranking.right if led else 0.0)


def _same_kind(entry: Entry, said: Elliptical, other: Entry) -> bool:
    """Whether another entry is asked for what the first is (or for the aspect now asked for)."""
    if said.aspect is not None:
        return asks(other.question, said.aspect)
    mine, theirs = kinds_of(entry.question), kinds_of(other.question)
    return mine == theirs or bool(mine & theirs)


def _aspect(engine: Finder, said: Elliptical, entry: Entry, day: date) -> Decision:
    """Another aspect of the same matter: the entry's own section, a dedicated entry, its lines."""
    assert said.aspect is not None
    own = part(entry, said, day)
    if own is not None:
        return _of_entry(engine, entry, own, day, OF_SECTION)
    whole = rebuilt(entry.question, said)
    ranking = engine.rank(whole)
    near: list[str] = []
    first: str | None = None
    lines = lines_on(entry, said.aspect, day)
    if not isinstance(ranking, str):
        found = [engine.base.entries[item.entry] for item in ranking.candidates]
        near = [n.id for n in found if _near(entry, n) and asks(n.question, said.aspect)]
        first = found[0].id if found else None
        if near[:1] == [first] and (
            ranking.right >= SURE or (lines is None and first in entry.related)
        ):
            sure = replace(ranking, right=max(ranking.right, OF_LINES))
            return replace(engine.decide(sure, day), understood=whole)
    if lines is not None:
        return _of_entry(engine, entry, lines, day, OF_LINES)
    linked = [engine.base.entries[n] for n in entry.related if n in engine.base.entries]
    on_it = [n.id for n in linked if _near(entry, n) and asks(n.question, said.aspect)]
    likely = list(dict.fromkeys([*on_it, *near]))
    if likely == [first] and first in entry.related:
        only = replace(pick(engine, likely[0], day), confidence=OF_LINES, understood=whole)
        return only if only.answer else _maybe(engine, [], whole, day)
    return _maybe(engine, likely, whole, day)


def _near(entry: Entry, other: Entry) -> bool:
    linked = other.id in entry.related or entry.id in other.related or other.area == entry.area
    return linked and other is not entry and of_one_place(entry, other)


def _of_entry(engine: Finder, entry: Entry, own: Section, day: date, confidence: float) -> Decision:
    """The entry of the last answer again, what was asked for first."""
    answer = compose(entry, day, engine.base)
    return Decision("answer", confidence, answer, part=own)


def _maybe(engine: Finder, likely: list[str], whole: str, day: date) -> Decision:
    decision = _choices(engine, likely, day, 0.5) if likely else handoff("unfollowed")
    return replace(decision, understood=whole)


def _at(engine: Finder, question: str, when: Moment, day: date, last: Last | None) -> Decision:
    """The answer by the rules of another day."""
    rest = _now(engine, when.rest, day, last) if when.rest else handoff("elliptical")
    if last is not None and says_nothing(when.rest):
        rest = pick(engine, last.entry, day)
    whole = _now(engine, question, day, last)
    better = rest if when.firm and rest.kind == "answer" else max(rest, whole, key=_strength)
    return dated(engine, better, when, day)


def _strength(decision: Decision) -> tuple[bool, float]:
    return decision.kind == "answer", decision.confidence


def pick(engine: Finder, entry_id: str, day: date) -> Decision:
    """The answer of an entry that was chosen."""
    entry = engine.base.entries.get(entry_id)
    answer = compose(entry, day, engine.base) if entry else None
    return Decision("answer", 1.0, answer) if answer else handoff("not-in-force")


def dated(engine: Finder, decision: Decision, when: Moment, today: date) -> Decision:
    """The same decision by the rules of the day asked for, where they are others than today's."""
    if decision.answer is None:
        then = Then(when.day, "same", when.past)
        return replace(decision, then=then) if decision.kind == "choices" else decision
    entry = engine.base.entries[decision.answer.entry]
    day = when.day or _turn(entry, today, past=when.past)
    text = entry.text_on(day) if day else None
    now = entry.text_on(today)
    if text is None or day is None:
        return replace(decision, then=Then(day, "unheld", when.past)) if when.firm else decision
    if text is now:
        return _unchanged(decision, text, day, when)
    answer = compose(entry, day, engine.base)
    assert answer is not None
    answer = replace(answer, overdue=text.overdue_on(today))
    then = Then(day, "changed", when.past, now.short if now else None)
    return replace(decision, answer=answer, then=then, part=None)


def _unchanged(decision: Decision, text: Text, day: date, when: Moment) -> Decision:
    """Today's wording on another day, on which what it rests on may have changed."""
    assert decision.answer is not None
    doubtful = text.changed_on(day)
    if doubtful:
        answer = replace(decision.answer, changed_from=text.changed_from)
        decision = replace(decision, answer=answer)
    if not when.firm:
        return decision
    return replace(decision, then=Then(day, "doubtful" if doubtful else "same", when.past))


def _turn(entry: Entry, today: date, *, past: bool) -> date | None:
    """The first day of the coming wording, or the last day of the former one."""
    if not past:
        after = entry.coming(today)
        return after.valid_from if after else None
    ended = [t.valid_until for t in entry.texts if t.valid_until and t.valid_until < today]
    return ended[-1] if ended else None
