"""Fit weights, probabilities and thresholds on the development questions.

    python -m knowledge.fit [--cache DIR] [--vectors]

Writes `data/calibration.json`, which also says what was chosen and why, and `data/domain*`. With
`--vectors`, only writes the vectors of the shipped base.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge import lexical, match, thresholds
from knowledge.calibration import Alone, Calibration, Linear, Way, save
from knowledge.domain import ByVector, Domain
from knowledge.embed import Cached, Vectors, open_encoder
from knowledge.engine import ENTRIES
from knowledge.examples import FOLDS, Question, foreign, questions
from knowledge.load import Base, load
from knowledge.match import Matcher, Signals, weigh
from knowledge.normalise import Plain, plain
from knowledge.regress import choose, judge

# How much a question counts whose entry is taken away, to learn what that looks like: of fifty
# questions in the field, about one has no entry yet.
ABSENT = 0.02


@dataclass(slots=True)
class Sheet:
    """Features of all development questions over all entries."""

    asked: Sequence[Question]
    features: NDArray[np.float32]
    extra: list[Signals]
    right: NDArray[np.bool_]

    def by_words(self) -> Sheet:
        """The same without what vectors say."""
        return Sheet(self.asked, self.features[:, :, : len(lexical.NAMES)], self.extra, self.right)


def sheet(matchers: dict[int, Matcher], asked: Sequence[Question]) -> Sheet:
    """Each question as seen by the matcher that did not learn from its fold."""
    table, extra = [], []
    for item in asked:
        features, signals = matchers[item.fold].features(plain(item.text))
        table.append(features)
        extra.append(signals)
    ids = matchers[-1].ids
    right = np.array([[one in item.entries for one in ids] for item in asked])
    return Sheet(asked, np.stack(table), extra, right)


def judged(rank: Linear, table: Sheet, without_right: bool = False) -> list[Signals]:
    """The signals of each question, if wished with its right entries taken away."""
    found = []
    for features, extra, right in zip(table.features, table.extra, table.right, strict=True):
        kept = features[~right] if without_right else features
        order, _, signals = weigh(rank, kept, extra)
        right_first = not without_right and bool(right[order[0]])
        in_four = not without_right and bool(right[order[:4]].any())
        found.append({**signals, "is-right": float(right_first), "is-in-four": float(in_four)})
    return found


def fit_way(table: Sheet, vectors: bool) -> tuple[Way, list[Signals]]:
    """All figures of one way of matching, and the signals of all questions under it."""
    keep = np.asarray(table.right.any(axis=1))
    rank = choose(
        match.columns(vectors), table.features[keep].astype(np.float64), table.right[keep]
    )
    ours = np.array([bool(item.entries) for item in table.asked])
    shown, absent = judged(rank, table), judged(rank, table, without_right=True)
    names: tuple[str, ...] = match.VECTOR_INSIDE if vectors else match.INSIDE
    inside = judge(names, _values(names, shown), ours.astype(np.float64), np.ones(len(shown)))
    names = match.VECTOR_SIGNALS if vectors else match.SIGNALS
    rows = _only(shown, ours) + _only(absent, keep)
    counts = np.repeat([1.0, ABSENT], [ours.sum(), keep.sum()])
    right = judge(names, _values(names, rows), _column("is-right", rows), counts)
    way = Way(rank, right, inside, 0.0, 0.0, 0.0, {})
    likely, within = thresholds.chances(way, shown)
    found = _column("is-right", shown), _column("is-in-four", shown)
    chosen = thresholds.choose(thresholds.Judged(likely, within, *found, ours))
    return replace(
        way,
        answer_from=chosen.answer,
        inside_from=chosen.inside,
        choices_from=chosen.choices,
        chosen=chosen.why,
    ), shown


def _only(rows: list[Signals], which: NDArray[np.bool_]) -> list[Signals]:
    return [row for row, one in zip(rows, which, strict=True) if one]


def _column(name: str, rows: list[Signals]) -> NDArray[np.float64]:
    return np.array([row[name] for row in rows])


def _values(names: tuple[str, ...], rows: list[Signals]) -> NDArray[np.float64]:
    return np.array([[row[name] for name in names] for row in rows])


def domains(base: Base, embedder: Cached, asked: Sequence[Question]) -> dict[int, Domain]:
    """For each fold what tells our field from others, unseen; -1: the shipped one, of all."""
    ways = embedder.passages(
        [plain(way).said for e in base.entries.values() for way in e.phrasings]
    )
    shown = [(plain(item.text), bool(item.entries), item.fold) for item in asked]
    told = [plain(text) for text in foreign()]
    found = {}
    for fold in (-1, *range(FOLDS)):
        ours, far = (
            [text for text, is_ours, own in shown if is_ours == kind and own != fold]
            for kind in (True, False)
        )
        far += told
        near = np.concatenate([ways, embedder.passages([text.said for text in ours])])
        side = ByVector.between(near, embedder.passages([text.said for text in far]))
        found[fold] = Domain.of(ours, far, side)
    return found


class Tabled:
    """The development questions' vectors from the cache, as if they were computed anew."""

    def __init__(self, inner: Cached, asked: Sequence[Plain]) -> None:
        self._inner = inner
        texts = [item.said for item in asked]
        self._rows: dict[str, Vectors] = dict(zip(texts, inner.passages(texts), strict=True))
        self.name = inner.name

    def passages(self, texts: Sequence[str]) -> Vectors:
        """From the cache."""
        return self._inner.passages(texts)

    def query(self, text: str) -> Vectors:
        """From the table."""
        return self._rows[text]


def base_texts(base: Base) -> list[str]:
    """Every text of which the matcher needs a vector."""
    return _said(base) + [plain(entry.texts[-1].short).text for entry in base.entries.values()]


def _said(base: Base) -> list[str]:
    return [plain(way).said for entry in base.entries.values() for way in entry.phrasings]


def main(arguments: list[str] | None = None) -> int:
    """Fit and write; prints what was chosen and how it does."""
    parser = argparse.ArgumentParser(prog="python -m knowledge.fit", description=__doc__)
    parser.add_argument("--cache", type=Path, default=Path("var/cache"))
    parser.add_argument("--vectors", action="store_true", help="only write the base's vectors")
    given = parser.parse_args(arguments)
    model = open_encoder()
    if model is None:
        sys.stderr.write("the sentence model is needed for fitting\n")
        return 1
    base, embedder = load(ENTRIES), Cached(model, given.cache)
    if not given.vectors:
        _fit(base, embedder)
    sys.stdout.write(f"{embedder.save_seed(base_texts(base))}\n")
    return 0


def _fit(base: Base, embedder: Cached) -> None:
    asked = questions()
    sides = domains(base, embedder, asked)
    tabled = Tabled(embedder, [plain(item.text) for item in asked])
    matchers = {fold: Matcher(base, tabled, domain=side) for fold, side in sides.items()}
    every = sheet(matchers, asked)
    ways, signals = {}, {}
    for name, vectors in (("words", False), ("vectors", True)):
        table = every if vectors else every.by_words()
        ways[name], signals[name] = fit_way(table, vectors)
        ways[name].chosen["measured"] = thresholds.measure(ways[name], asked, signals[name])
    alone = _alone(asked, ways["words"], signals)
    for name, chosen in (
        *((name, way.chosen) for name, way in ways.items()),
        ("alone", alone.chosen),
    ):
        sys.stdout.write(f"{name}: {json.dumps(chosen, ensure_ascii=False, indent=1)}\n")
    save(Calibration(ways["words"], ways["vectors"], alone))
    sides[-1].save(embedder.name)


def _alone(asked: Sequence[Question], words: Way, signals: dict[str, list[Signals]]) -> Alone:
    shown = signals["words"]
    right, within = thresholds.chances(words, shown)
    return thresholds.alone(
        thresholds.Both(
            right,
            within,
            _column("is-right", shown),
            _column("is-right", signals["vectors"]),
            np.array([bool(item.entries) for item in asked]),
        )
    )


if __name__ == "__main__":
    sys.exit(main())
