"""Whether a question belongs to the field at all, told from examples of both kinds.

What `fit` learned is kept as counts of words and as vectors, so that no example is read at start.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.embed import Packed, Vectors, along, packed, unpacked
from knowledge.lexicon import DATA
from knowledge.normalise import Plain

_SMOOTH = 0.5
_RIDGE = 0.02
_STRONGEST = 3
_FEWEST = 2  # a word seen once tells nothing


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _tokens(question: Plain) -> list[str]:
    """Words, the field's words, and character pairs: each counts once a question."""
    text = question.joined
    pairs = (text[n : n + 2] for n in range(len(text) - 1))
    return [*dict.fromkeys([*question.words, *question.field_words, *pairs])]


@dataclass(slots=True)
class Counts:
    """How many questions of one kind there are, and in how many of them each word stands."""

    questions: int = 0
    words: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, asked: Iterable[Plain]) -> Counts:
        """Count."""
        every = cls()
        for item in asked:
            every.add(item)
        return every

    def add(self, question: Plain) -> None:
        """Count one more."""
        self.questions += 1
        self.words.update(_tokens(question))

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.questions + other.questions, self.words + other.words)


class ByWords:
    """Naive Bayes over words and character pairs."""

    def __init__(self, ours: Counts, foreign: Counts) -> None:
        near, far = ours.words, foreign.words
        self._odds = {
            # a copy, for the word itself lies among texts that are freed and keeps their memory
            word.encode().decode(): float(
                np.log((near[word] + _SMOOTH) / (ours.questions + 1))
                - np.log((far[word] + _SMOOTH) / (foreign.questions + 1))
            )
            for word in near.keys() | far.keys()
        }

    def features(self, question: Plain) -> tuple[float, float, float]:
        """The mean evidence that a question is ours, and the strongest for it and against it;
        unknown words say nothing."""
        odds = sorted(self._odds.get(word, 0.0) for word in _tokens(question)) or [0.0]
        return _mean(odds), _mean(odds[-_STRONGEST:]), _mean(odds[:_STRONGEST])


@dataclass(frozen=True, slots=True)
class ByVector:
    """A direction between the two kinds, and examples of what is not ours."""

    mean: NDArray[np.float64]
    direction: NDArray[np.float64]
    far: Vectors

    @classmethod
    def between(cls, ours: Vectors, far: Vectors) -> ByVector:
        """The direction that tells them apart best (linear discriminant, each kind half)."""
        both = np.concatenate([ours, far]).astype(np.float64)
        mean = both.mean(axis=0)
        weight = np.repeat([0.5 / len(ours), 0.5 / len(far)], [len(ours), len(far)])
        side = np.repeat([1.0, -1.0], [len(ours), len(far)])
        off = both - mean
        cover = (off * weight[:, None]).T @ off
        ridge = _RIDGE * float(np.trace(cover)) / len(cover) * len(cover) ** 0.5
        direction = np.linalg.solve(cover + ridge * np.eye(len(cover)), off.T @ (weight * side))
        return cls(mean, direction, far)

    def features(self, vector: Vectors, near: Vectors) -> tuple[float, float]:
        """Where the question lies along the direction, and how much nearer to ours."""
        side = float((vector - self.mean) @ self.direction)
        return side, _nearest(near) - _nearest(along(self.far, vector))


@dataclass(frozen=True, slots=True)
class Domain:
    """What tells our field from others: `ours` and `foreign` by words, and by vectors of a
    model. The phrasings of the base are counted where it is known."""

    ours: Counts
    foreign: Counts
    by_vector: ByVector | None = None

    @classmethod
    def of(
        cls, ours: Iterable[Plain], foreign: Iterable[Plain], by_vector: ByVector | None = None
    ) -> Domain:
        """Count, and leave out words too rare to tell anything."""
        near, far = Counts.of(ours), Counts.of(foreign)
        both = near.words + far.words
        for words in (near.words, far.words):
            for word in [word for word in words if both[word] < _FEWEST]:
                del words[word]
        return cls(near, far, by_vector)

    @classmethod
    def read(cls, model: str | None, folder: Path = DATA) -> Domain:
        """As it was fitted; OSError where it never was for this model."""
        stored = json.loads((folder / "domain.json").read_text(encoding="utf-8"))
        ours, foreign = (
            Counts(stored[kind]["questions"], Counter(stored[kind]["words"]))
            for kind in ("ours", "foreign")
        )
        if model is None:
            return cls(ours, foreign)
        with np.load(folder / f"domain-{model}.npz", allow_pickle=False) as rows:
            side = ByVector(rows["mean"], rows["direction"], unpacked(rows["far"]))
        return cls(ours, foreign, side)

    def save(self, model: str, folder: Path = DATA) -> None:
        """Write it down."""
        assert self.by_vector is not None
        stored = {
            kind: {"questions": counts.questions, "words": dict(sorted(counts.words.items()))}
            for kind, counts in (("ours", self.ours), ("foreign", self.foreign))
        }
        text = json.dumps(stored, ensure_ascii=False, indent=0)
        (folder / "domain.json").write_text(text + "\n", encoding="utf-8")
        side = self.by_vector
        far: Packed = packed(side.far)
        file = folder / f"domain-{model}.npz"
        np.savez(file, mean=side.mean, direction=side.direction, far=far)


def _nearest(near: Vectors) -> float:
    """The mean of the three closest."""
    return float(np.partition(near, -3)[-3:].mean() if len(near) > 3 else near.mean())
