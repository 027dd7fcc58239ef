"""Which entries a question may mean, in order, with what speaks for the first of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from knowledge import lexical, semantic
from knowledge.asked import Asked
from knowledge.calibration import Calibration, Way, calibration
from knowledge.domain import ByWords, Domain
from knowledge.embed import Embedder, Vectors
from knowledge.lexical import Features, Lexical
from knowledge.load import Base
from knowledge.normalise import Plain
from knowledge.rows import Numbers
from knowledge.semantic import Semantic
from knowledge.subject import Rights, contradict, named, of_entries

SAME = 95.0  # rapidfuzz: one character in twenty
APART = 88.0  # no other entry may come this near
ALIKE = 0.4  # two texts that differ by one character in twenty have far more pieces in common
KEPT = 12
SHORT = 60  # entries by words, by pieces and by vector are worth a closer look
FEW = 8  # of them are looked at first: where words are sure, it is of one of these
BEST_GRAMS = lexical.NAMES.index("best-grams")

INSIDE = ("words-odds", "words-best", "words-worst", "known", "utility", "top-words", "top-grams",
          "top-best-grams", "share", "lead", "sharpness")  # fmt: skip
VECTOR_INSIDE = (*INSIDE, "along", "nearer", "top-best", "top-centre")
SIGNALS = (*INSIDE, "share-of-four")
VECTOR_SIGNALS = (*VECTOR_INSIDE, "share-of-four")

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
    by: str  # what decided: "same" (a phrasing), "words" or "vectors"

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
        domain: Domain | None = None,
    ) -> None:
        entries = [*base.entries.values()]
        self.ids = [entry.id for entry in entries]
        self._fitted = fitted
        self._semantic: Semantic | None = None
        if not entries:
            return
        asked = Asked.of(entries)
        joined = asked.joined()
        self._rights = of_entries(entries, joined, asked.starts)
        self._lexical = Lexical(entries, asked, joined)
        domain = domain or Domain.read(embedder.name if embedder else None)
        self._tell_apart = ByWords(domain.ours + asked.examples, domain.foreign)
        if embedder is not None:
            self._semantic = Semantic(entries, asked, embedder)
            self._by_vector = domain.by_vector

    @property
    def has_vectors(self) -> bool:
        """Whether sentence vectors take part."""
        return self._semantic is not None

    def rank(self, question: Plain) -> Ranking:
        """The candidates for a question; where words are sure enough, vectors are not asked."""
        if not self.ids or not question.joined:
            return Ranking((), 0.0, 0.0, "words")
        fitted = self._fitted or calibration()
        rights, among = self._shortlist(question)
        if not len(among):  # of the field, for it names a right, but no entry is on that one
            return Ranking((), 0.0, 1.0, "words")
        near, signals = among[:FEW], self._signals(question)
        table = self._lexical.features(question, near)
        same = self._same(question, near, table)
        if same is not None:
            return Ranking((Candidate(self.ids[same], 1.0),), 0.99, 1.0, "same")
        ranking = self._judged(fitted.words, table, signals, near)
        # of English only the gloss was compared, which leaves too much out to be sure
        if not question.english and fitted.words_suffice(ranking.right, ranking.inside):
            return ranking
        table = np.concatenate([table, self._lexical.features(question, among[FEW:])])
        if self._semantic is None:
            return self._judged(fitted.words, table, signals, among)
        vector = self._semantic.vector(question)
        likeliest = np.argsort(-fitted.words.rank(table))[:SHORT]
        nearest = self._of(rights, self._semantic.shortlist(vector, SHORT))
        more = np.setdiff1d(nearest, among[likeliest])
        table = np.concatenate([table[likeliest], self._lexical.features(question, more)])
        among = np.concatenate([among[likeliest], more])
        by_vector, extra = self._by_meaning(vector, among)
        table = np.concatenate([table, by_vector], axis=1)
        return self._judged(fitted.vectors, table, {**signals, **extra}, among)

    def phrased(self, question: Plain) -> bool:
        """Whether a question stands in the base as it is; vectors are not asked."""
        if not self.ids or not question.joined:
            return False
        near = self._shortlist(question)[1][:FEW]
        return self._same(question, near, self._lexical.features(question, near)) is not None

    def _shortlist(self, question: Plain) -> tuple[Rights, Numbers]:
        """The rights that a question names, and the entries by words that are worth a look."""
        rights = named([question.joined])
        return rights, self._of(rights, self._lexical.shortlist(question, SHORT))

    def features(self, question: Plain) -> tuple[NDArray[np.float32], Signals]:
        """A row an entry of the whole base; and what is known of the question as a whole."""
        assert self._semantic is not None
        every = np.arange(len(self.ids))
        by_vector, extra = self._by_meaning(self._semantic.vector(question), every)
        table = np.concatenate([self._lexical.features(question, every), by_vector], axis=1)
        return table, {**self._signals(question), **extra}

    def _of(self, rights: Rights, among: Numbers) -> Numbers:
        """Without entries on another right than the question names."""
        if not rights:
            return among
        return np.array([n for n in among if not contradict(rights, self._rights[n])], np.int64)

    def _signals(self, question: Plain) -> Signals:
        odds, best, worst = self._tell_apart.features(question)
        return {
            "words-odds": odds,
            "words-best": best,
            "words-worst": worst,
            "known": self._lexical.known_share(question),
        }

    def _by_meaning(self, vector: Vectors, among: Numbers) -> tuple[NDArray[np.float32], Signals]:
        assert self._semantic is not None and self._by_vector is not None
        features, near = self._semantic.features(vector, among)
        side, nearer = self._by_vector.features(vector, near)
        return features, {"along": side, "nearer": nearer}

    def _judged(
        self, way: Way, features: NDArray[np.float32], extra: Signals, among: Numbers
    ) -> Ranking:
        order, shares, signals = weigh(way.rank, features, extra)
        right, inside = way.chances(signals)
        first = among[order[:KEPT]]
        candidates = tuple(
            Candidate(self.ids[n], float(share))
            for n, share in zip(first, shares[:KEPT], strict=True)
        )
        by = "vectors" if features.shape[1] > len(lexical.NAMES) else "words"
        return Ranking(candidates, right, inside, by)

    def _same(self, question: Plain, among: Numbers, table: Features) -> int | None:
        """The one entry that has this phrasing, give or take a character; digits must agree. Of a
        question in English only the gloss could be compared, and that leaves too much out."""
        if question.english:
            return None
        alike = among[table[:, BEST_GRAMS] > ALIKE]
        ways = {(int(entry), way) for entry in alike for way in self._lexical.ways(entry)}
        scored = [(fuzz.ratio(question.joined, way), entry, way) for entry, way in ways]
        near = [item for item in scored if item[0] >= APART]
        best, owner, way = max(near, default=(0.0, 0, ""))
        if best < SAME or any(entry != owner for _, entry, _ in near):
            return None
        return owner if _figures(way) == _figures(question.joined) else None


def _figures(text: str) -> str:
    return "".join(char for char in text if char.isdigit() or char in "一二三四五六七八九十百千万")


def columns(vectors: bool) -> tuple[str, ...]:
    """The names of the columns of `Matcher.features`."""
    return (*lexical.NAMES, *semantic.NAMES) if vectors else lexical.NAMES


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
    if "best" in named:
        signals["top-best"], signals["top-centre"] = float(named["best"]), float(named["centre"])
    return order, shares, signals
