"""Which entries a question may mean, in order, with what speaks for the first of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from knowledge import lexical, semantic
from knowledge.calibration import Calibration, Linear, Way, calibration
from knowledge.domain import ByVector, ByWords
from knowledge.embed import Embedder
from knowledge.examples import Learned, learned
from knowledge.lexical import Lexical
from knowledge.load import Base
from knowledge.normalise import Plain, plain
from knowledge.semantic import Matrix, Semantic

SAME = 95.0  # rapidfuzz: one character in twenty
APART = 88.0  # no other entry may come this near
KEPT = 12

INSIDE = ("words-odds", "words-best", "words-worst", "known", "utility", "top-words", "top-grams",
          "top-best-grams")  # fmt: skip
VECTOR_INSIDE = (*INSIDE, "along", "nearer", "top-raw", "top-centre")
SIGNALS = ("inside", *INSIDE, "lead", "share", "share-of-four", "sharpness")
VECTOR_SIGNALS = ("inside", *VECTOR_INSIDE, "lead", "share", "share-of-four", "sharpness")

Signals = dict[str, float]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry with its share of the belief, given that one of the base is meant."""

    entry: str
    share: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """The most likely entries, and the probabilities on which to decide."""

    candidates: tuple[Candidate, ...]
    right: float  # the first is the right one
    inside: float  # the question belongs to the field
    by: str  # "same", "words" or "vectors": what decided

    @property
    def first(self) -> Candidate | None:
        """The most likely entry."""
        return self.candidates[0] if self.candidates else None


class Matcher:
    """Everything computed once for a base. Holds no state of any question."""

    def __init__(
        self,
        base: Base,
        embedder: Embedder | None = None,
        fitted: Calibration | None = None,
        metric: Matrix | None = None,
        known: Learned | None = None,
    ) -> None:
        entries = [*base.entries.values()]
        self.ids = [entry.id for entry in entries]
        asked = [[plain(way) for way in entry.phrasings] for entry in entries]
        flat = [way for ways in asked for way in ways]
        self._owner = np.repeat(np.arange(len(asked)), [len(ways) for ways in asked])
        self._joined = [way.joined for way in flat]
        self._fitted = fitted
        self._lexical = Lexical(entries, asked) if entries else None
        known = learned() if known is None else known
        self._by_words = ByWords([*flat, *known.ours], known.foreign)
        self._semantic: Semantic | None = None
        if embedder is not None and entries:
            self._semantic = Semantic(entries, asked, embedder, metric)
            self._by_vector = ByVector(self._semantic.rows, known, embedder)

    @property
    def has_vectors(self) -> bool:
        """Whether sentence vectors take part."""
        return self._semantic is not None

    def rank(self, question: Plain) -> Ranking:
        """The candidates for a question; a near-identical phrasing needs no vectors."""
        if not self.ids or not question.joined:
            return Ranking((), 0.0, 0.0, "words")
        same = self._same(question)
        if same is not None:
            return Ranking((Candidate(self.ids[same], 1.0),), 0.99, 1.0, "same")
        fitted = self._fitted or calibration()
        way = fitted.vectors if self._semantic else fitted.words
        features, extra = self.features(question)
        return self._judged(way, features, extra, "vectors" if self._semantic else "words")

    def features(
        self, question: Plain, vectors: bool = True
    ) -> tuple[NDArray[np.float32], Signals]:
        """A row an entry; and what is known of the question as a whole."""
        assert self._lexical is not None
        columns = [self._lexical.features(question)]
        odds, best, worst = self._by_words.features(question)
        signals = {
            "words-odds": odds,
            "words-best": best,
            "words-worst": worst,
            "known": self._lexical.known_share(question),
        }
        if vectors and self._semantic:
            vector = self._semantic.vector(question)
            near = self._semantic.near(vector)
            columns.append(self._semantic.features(vector, near))
            signals["along"], signals["nearer"] = self._by_vector.features(vector, near)
        return np.concatenate(columns, axis=1), signals

    def _judged(self, way: Way, features: NDArray[np.float32], extra: Signals, by: str) -> Ranking:
        order, shares, signals = weigh(way.rank, features, extra)
        inside = belonging(way.inside, signals)
        right = way.right.chance(np.array([signals[name] for name in way.right.names]))
        candidates = tuple(
            Candidate(self.ids[n], float(share))
            for n, share in zip(order[:KEPT], shares[:KEPT], strict=True)
        )
        return Ranking(candidates, right, inside, by)

    def _same(self, question: Plain) -> int | None:
        """The one entry that has this phrasing, give or take a character; digits must agree."""
        found = process.extract(
            question.joined, self._joined, scorer=fuzz.ratio, score_cutoff=APART, limit=16
        )
        owners = {int(self._owner[position]) for _, _, position in found}
        if len(owners) != 1 or found[0][1] < SAME:
            return None
        best = found[0][0]
        return owners.pop() if _figures(best) == _figures(question.joined) else None


def _figures(text: str) -> str:
    return "".join(char for char in text if char.isdigit() or char in "一二三四五六七八九十百千万")


def columns(vectors: bool) -> tuple[str, ...]:
    """The names of the columns of `Matcher.features`."""
    return (*lexical.NAMES, *semantic.NAMES) if vectors else lexical.NAMES


def belonging(inside: Linear, signals: Signals) -> float:
    """The probability that a question is ours; kept among the signals, as its logarithmic odds."""
    values = np.array([signals[name] for name in inside.names])
    signals["inside"] = float(np.clip(inside(values), -8, 8))
    return inside.chance(values)


def weigh(
    rank: Callable[[NDArray[np.float32]], NDArray[np.float64]],
    features: NDArray[np.float32],
    extra: Signals,
) -> tuple[NDArray[np.int64], NDArray[np.float64], Signals]:
    """Entries by belief, their shares, and all signals about the first of them."""
    utility = rank(features)
    order = np.argsort(-utility, kind="stable")
    shares = np.exp(utility[order] - utility[order[0]])
    shares /= shares.sum()
    top = features[order[0]]
    second = utility[order[1]] if len(order) > 1 else utility[order[0]] - 10
    named = dict(zip(columns(features.shape[1] > len(lexical.NAMES)), top, strict=True))
    signals = {
        **extra,
        "utility": float(utility[order[0]]),
        "lead": float(min(utility[order[0]] - second, 10.0)),
        "share": float(shares[0]),
        "share-of-four": float(shares[:4].sum()),
        "sharpness": float((shares**2).sum()),
        "top-words": float(named["words-covered"]),
        "top-grams": float(named["grams-covered"]),
        "top-best-grams": float(named["best-grams"]),
    }
    if "best-raw" in named:
        signals["top-raw"], signals["top-centre"] = float(named["best-raw"]), float(named["centre"])
    return order, shares, signals
