"""Choose which probability is enough, and write down why (for `fit`, not at run time)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge.calibration import Alone, Way
from knowledge.decide import BESIDES_BELOW

MOST_FOREIGN = 0.005  # the aim itself: each question is judged by what has not seen it
# A list costs one tap on "none of these"; a question held back as not ours is lost.
MISSED, LISTED = 0.002, 0.02
# What an outcome is worth to somebody with a question in the field. A list with the right entry
# costs a second look; a wrong answer misleads, less so where the right entry stands beside it.
RIGHT, IN_LIST, BESIDE, WRONG = 1.0, 0.35, 0.1, -0.25

Floats = NDArray[np.float64]
LEAST = 0.4  # less likely than two in five is too doubtful to be said, whatever it is worth
WHY = (
    "answer_from and inside_from: the pair worth most on the fitted lines (right 1, right entry "
    "offered 0.35, wrong -0.25, or 0.1 with the right entry beside it; from 0.4 on) among those "
    "that answer at most 0.5% of the foreign development questions; choices_from: the highest "
    "that still offers a list for 99.8% of the questions in the field, or lower, as long as at "
    "most 2% of the foreign ones are answered or get a list. Each question is judged by what was "
    "learned from the other folds."
)

SURE = 0.98  # below it words alone were wrong more often than with vectors
NEARLY = 0.01
WHY_ALONE = (
    "right_from and inside_from: the pair that spares most questions in the field their vector, "
    "with right_from at least 0.98, among those that spare no foreign question it, even with both "
    "lowered by 0.01."
)


class Asked(Protocol):
    """A development question."""

    @property
    def entries(self) -> frozenset[str]:
        """The entries that answer it; none for a foreign one."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The thresholds."""

    answer: float
    inside: float
    choices: float
    why: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Judged:
    """The fitted questions under the fitted probabilities."""

    right: Floats
    within: Floats
    is_right: Floats
    in_four: Floats
    ours: NDArray[np.bool_]

    def worth(self, given: NDArray[np.bool_], offered: NDArray[np.bool_]) -> float:
        """The mean worth of answers given and lists offered to questions in the field."""
        beside = (self.right < BESIDES_BELOW) & (self.in_four > 0)
        answers = np.where(self.is_right > 0, RIGHT, np.where(beside, BESIDE, WRONG))
        return float((given * answers + offered * self.in_four * IN_LIST)[self.ours].mean())

    def most(self, ours: bool, share: float) -> float:
        """What the probability of belonging to the field is at most for a share of a kind."""
        return float(np.quantile(self.within[self.ours == ours], share))

    def too_foreign(self, given: NDArray[np.bool_]) -> bool:
        """Whether too many foreign questions are answered."""
        return bool(given[~self.ours].mean() > MOST_FOREIGN)


def choose(judged: Judged) -> Chosen:
    """The thresholds worth most among those that keep foreign questions out."""
    choices = round(min(judged.most(True, MISSED), judged.most(False, 1 - LISTED)), 3)
    best: tuple[float, float, float] | None = None
    for answer in np.arange(LEAST, 0.96, 0.01):
        for inside in np.arange(0.3, 1.0, 0.01):
            given = (judged.right >= answer) & (judged.within >= inside)
            if judged.too_foreign(given):
                continue
            value = judged.worth(given, ~given & (judged.within >= choices))
            if best is None or value > best[0] + 1e-9:
                best = (value, round(float(answer), 2), round(float(inside), 3))
    value, answer, inside = best or (0.0, 0.95, 0.95)
    return Chosen(answer, inside, choices, {"why": WHY, "worth": value})


@dataclass(frozen=True, slots=True)
class Both:
    """All questions under both ways of matching, each as its own fit judges them."""

    right: Floats  # by words: the first is the right one
    within: Floats  # by words: the question belongs to the field
    first_by_words: Floats
    first_by_vectors: Floats
    ours: NDArray[np.bool_]

    def loss(self, skipping: NDArray[np.bool_]) -> float:
        """The share of questions in the field that are right at first with vectors alone."""
        lost = (self.first_by_vectors - self.first_by_words) * skipping
        return float(lost[self.ours].mean())


def alone(both: Both) -> Alone:
    """How sure words must be for the vector, ten times as dear as all else, to be left out."""
    best: tuple[float, float, float] = (0.0, 2.0, 2.0)
    for right in np.arange(SURE, 0.995, 0.005):
        for inside in np.arange(0.5, 0.995, 0.005):
            skipping = (both.right >= right) & (both.within >= inside)
            nearly = (both.right >= right - NEARLY) & (both.within >= inside - NEARLY)
            if (nearly & ~both.ours).any():
                continue
            share = float(skipping[both.ours].mean())
            if share > best[0] + 1e-9:
                best = (share, round(float(right), 3), round(float(inside), 3))
    skipping = (both.right >= best[1]) & (both.within >= best[2])
    measured = {"skipping": best[0], "first_of_ranking_lost": both.loss(skipping)}
    return Alone(best[1], best[2], {"why": WHY_ALONE, "measured": measured})


def chances(way: Way, signals: Sequence[Mapping[str, float]]) -> tuple[Floats, Floats]:
    """`Way.chances` of many questions."""
    right, within = np.array([way.chances(item) for item in signals]).T
    return right, within


def measure(way: Way, asked: Sequence[Asked], signals: list[dict[str, float]]) -> dict[str, Any]:
    """How the thresholds do on the development questions."""
    right, within = chances(way, signals)
    is_right = np.array([item["is-right"] for item in signals])
    in_four = np.array([item["is-in-four"] for item in signals])
    given = (right >= way.answer_from) & (within >= way.inside_from)
    offered = ~given & (within >= way.choices_from)
    shown = np.where(given & (right >= BESIDES_BELOW), is_right, (given | offered) * in_four)
    mine = np.array([bool(item.entries) for item in asked])
    return {
        "questions": int(mine.sum()),
        "first_of_ranking": float(is_right[mine].mean()),
        "in_four_of_ranking": float(in_four[mine].mean()),
        "right_at_first": float((given * is_right)[mine].mean()),
        "right_within_choices": float(shown[mine].mean()),
        "answered_wrong": float((given * (1 - is_right))[mine].mean()),
        "offered_choices": float(offered[mine].mean()),
        "foreign": int((~mine).sum()),
        "foreign_answered": float(given[~mine].mean()),
        "foreign_offered_choices": float(offered[~mine].mean()),
        "reliability": reliability(right[given], (is_right * mine)[given]),
    }


def reliability(confidence: Floats, is_right: Floats) -> list[list[float]]:
    """Bins of confidence: from, questions, mean confidence, share right."""
    table = []
    for low in (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95):
        high = {0.0: 0.5, 0.9: 0.95, 0.95: 1.01}.get(low, low + 0.1)
        held = (confidence >= low) & (confidence < high)
        if held.any():
            figures = (confidence[held].mean(), is_right[held].mean())
            table.append([low, int(held.sum()), *(float(item) for item in figures)])
    return table
