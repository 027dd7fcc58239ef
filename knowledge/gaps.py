"""Questions without a good answer: near duplicates together, what is asked most first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from rapidfuzz import fuzz, process

from knowledge.embed import Vectors
from knowledge.engine import Engine
from knowledge.follow import contrasts_of, kinds_of
from knowledge.normalise import Plain, plain

ALIKE = 75.0  # rapidfuzz: below it, what differs is more than the wording
CLOSE = 0.955  # cosine: on our questions, half of what lies this near has the same answer
LIKELY, INSIDE = 0.2, 0.5  # of an entry that is only proposed to a curator
MOST_VECTORS = 300  # a vector takes milliseconds; what was asked seldom goes without

Vector = Callable[[str], Vectors]


@dataclass(frozen=True, slots=True)
class Unmet:
    """One question that was not answered well."""

    id: int
    question: str
    why: str
    day: date
    entry: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Near duplicates, the most frequent wording first."""

    items: tuple[Unmet, ...]
    questions: tuple[str, ...]  # distinct

    @property
    def count(self) -> int:
        """How often it was asked."""
        return len(self.items)

    @property
    def question(self) -> str:
        """The most frequent wording."""
        return self.questions[0]

    @property
    def last(self) -> date:
        """The day on which it was asked last."""
        return max(item.day for item in self.items)

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Why, and how often, most first."""
        return Counter(item.why for item in self.items).most_common()

    @property
    def given(self) -> str | None:
        """The entry that was mostly given without helping."""
        found = Counter(item.entry for item in self.items if item.entry).most_common(1)
        return found[0][0] if found else None

    @property
    def ids(self) -> tuple[int, ...]:
        """The rows it is made of."""
        return tuple(item.id for item in self.items)


class _Leader:
    """The first wording of a group, which later ones are compared with."""

    def __init__(self, seen: Plain, vector: Vectors | None) -> None:
        self.text, self.vector = seen.joined, vector
        self.values, self.kinds = contrasts_of(seen.joined), kinds_of(seen.joined)

    def is_other_than(self, other: _Leader) -> bool:
        """Whether they name different values of something, or ask for different things."""
        shared = self.values.keys() & other.values.keys()
        if any(self.values[name] != other.values[name] for name in shared):
            return True
        return bool(self.kinds and other.kinds) and not self.kinds & other.kinds


def grouped(rows: Sequence[Unmet], vector: Vector | None = None) -> list[Group]:
    """Near duplicates together: by their letters and, where there are vectors, by their meaning.

    Frequent wordings lead, so that a chain of small differences never joins what differs much.
    """
    by_text: dict[str, list[Unmet]] = {}
    seen: dict[str, Plain] = {}
    for row in rows:
        found = plain(row.question)
        by_text.setdefault(found.joined, []).append(row)
        seen.setdefault(found.joined, found)
    leaders: list[_Leader] = []
    members: list[list[Unmet]] = []
    for n, text in enumerate(sorted(by_text, key=lambda one: -len(by_text[one]))):
        vectored = vector is not None and n < MOST_VECTORS
        leader = _Leader(seen[text], vector(seen[text].text) if vector and vectored else None)
        at = _place(leader, leaders)
        if at is None:
            leaders.append(leader)
            members.append([])
            at = len(members) - 1
        members[at] += by_text[text]
    found_groups = [_group(items) for items in members]
    return sorted(found_groups, key=lambda one: (-one.count, -one.last.toordinal(), one.ids))


def _place(one: _Leader, leaders: Sequence[_Leader]) -> int | None:
    """The group that a wording belongs to."""
    near = process.extract(
        one.text,
        [leader.text for leader in leaders],
        scorer=fuzz.ratio,
        score_cutoff=ALIKE,
        limit=5,
    )
    order = [place for _, _, place in near]
    if one.vector is not None:
        close = [
            (float(np.dot(leader.vector, one.vector)), place)
            for place, leader in enumerate(leaders)
            if leader.vector is not None
        ]
        order += [place for score, place in sorted(close, reverse=True) if score >= CLOSE]
    return next((place for place in order if not one.is_other_than(leaders[place])), None)


def _group(items: Sequence[Unmet]) -> Group:
    wordings = Counter(item.question for item in items)
    return Group(tuple(items), tuple(text for text, _ in wordings.most_common()))


def nearest(engine: Engine, group: Group) -> str | None:
    """The entry that could be meant: the one that was given, else the engine's first thought."""
    if group.given in engine.base.entries:
        return group.given
    ranking = engine.rank(group.question)
    if isinstance(ranking, str) or ranking.first is None:
        return None
    likely = ranking.right >= LIKELY and ranking.inside >= INSIDE
    return ranking.first.entry if likely else None
