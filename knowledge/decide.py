"""From probabilities to one of three outcomes: an answer, a choice, or a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from knowledge.answer import Answer, compose
from knowledge.calibration import Way
from knowledge.entry import Section
from knowledge.load import Base
from knowledge.match import Ranking

MOST_CHOICES = 4
BESIDES_BELOW = 0.8  # an answer less sure than this comes with what else may have been meant
LEAST_SHARE = 0.02  # a choice that one in fifty would pick only makes the list longer

Kind = Literal["answer", "choices", "handoff"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the entries that may be meant."""

    entry: str
    title: str


@dataclass(frozen=True, slots=True)
class Then:
    """The day whose rules were asked for, where it is not today.

    state: changed (another wording holds then and is given; `today` is the present one in short),
        same (the present wording holds then too, as far as is known), doubtful (it is given, but
        a law it rests on has changed by then, which the answer says), unheld (no wording of that
        day is kept; the present one is given instead).
    day: None where only "before" or "under the new law" was said and no wording tells the day.
    """

    day: date | None
    state: Literal["changed", "same", "doubtful", "unheld"]
    past: bool = False
    today: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with a question, and how sure we are of its first entry.

    `choices` are the entries to choose from, or beside a less sure answer, what else may be meant.
    `reason` says why there is no answer: empty, unclear, long, greeting, thanks, bye, test, chat,
    abuse, about, robot, foreign, unsure, not-in-force, elliptical (what about is not said),
    unfollowed (a question on the last answer that the base has no answer to).
    `understood` is the whole question that a message leaning on the last answer was taken for;
    `part` the part of the entry that answers it and is said first. `also` are the decisions on the
    further questions of the same message, in order.
    """

    kind: Kind
    confidence: float
    answer: Answer | None = None
    choices: tuple[Choice, ...] = ()
    reason: str | None = None
    understood: str | None = None
    part: Section | None = None
    then: Then | None = None
    also: tuple[Decision, ...] = ()

    @property
    def every(self) -> tuple[Decision, ...]:
        """This decision and those on the further questions of the message."""
        return (self, *self.also)

    @property
    def entry(self) -> str | None:
        """The id of the entry that is given as the answer."""
        return self.answer.entry if self.answer else None

    @property
    def title(self) -> str | None:
        """The question that the answer answers."""
        return self.answer.title if self.answer else None

    @property
    def citations(self) -> tuple[str, ...]:
        """What the answer rests on."""
        return self.answer.citations if self.answer else ()


def handoff(reason: str, confidence: float = 0.0) -> Decision:
    """Not answered from the base; the reason tells what to say instead."""
    return Decision("handoff", round(confidence, 4), reason=reason)


def decide(ranking: Ranking, way: Way, base: Base, day: date) -> Decision:
    """Answer where the first entry is likely enough, offer choices in the field, else hand off."""
    first = ranking.first
    if first is None:
        return handoff("unsure" if ranking.inside else "unclear")
    if ranking.inside < way.choices_from:
        return handoff("foreign", min(ranking.right, ranking.inside))
    sure = ranking.right >= way.answer_from and ranking.inside >= way.inside_from
    if sure:
        answer = compose(base.entries[first.entry], day, base)
        if answer is None:
            return handoff("not-in-force", ranking.right)
        besides = _choices(ranking, base, day)[1:] if ranking.right < BESIDES_BELOW else ()
        return Decision("answer", round(ranking.right, 4), answer, besides)
    choices = _choices(ranking, base, day)
    if not choices:
        return handoff("unsure", ranking.right)
    return Decision("choices", round(ranking.right, 4), choices=choices)


def _choices(ranking: Ranking, base: Base, day: date) -> tuple[Choice, ...]:
    likely = [
        base.entries[item.entry]
        for n, item in enumerate(ranking.candidates)
        if n < 2 or item.share >= LEAST_SHARE
    ]
    held = [entry for entry in likely if entry.text_on(day)]
    return tuple(Choice(entry.id, entry.question) for entry in held[:MOST_CHOICES])
