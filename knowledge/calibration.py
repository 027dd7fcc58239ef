"""Fitted figures: how scores become probabilities, and which probability is enough."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.lexicon import DATA

FILE = DATA / "calibration.json"


@dataclass(frozen=True)
class Linear:
    """A weighted sum of named, standardised values."""

    names: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float = 0.0

    def __call__(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """The sums of rows of values, in the order of the names."""
        slope, start = self._line
        return np.asarray(np.asarray(values, dtype=np.float64) @ slope + start)

    @cached_property
    def _line(self) -> tuple[NDArray[np.float64], float]:
        """The same sum over the plain values."""
        slope = np.asarray(self.weights) / np.asarray(self.scale)
        return slope, self.bias - float(slope @ np.asarray(self.mean))

    def chance(self, signals: Mapping[str, float]) -> float:
        """The sum of one row, given by name, as a probability."""
        values = np.array([signals[name] for name in self.names])
        return float(1 / (1 + np.exp(-np.clip(self(values), -30, 30))))


@dataclass(frozen=True, slots=True)
class Way:
    """All that was fitted for one way of matching: by words alone, or with vectors.

    right: of a question in the field, how likely the first entry is the right one.
    inside: how likely a question belongs to the field at all.
    """

    rank: Linear
    right: Linear
    inside: Linear
    answer_from: float
    inside_from: float
    choices_from: float
    chosen: dict[str, Any]

    def chances(self, signals: Mapping[str, float]) -> tuple[float, float]:
        """How likely the first entry is what was asked for, and that the question is ours."""
        inside = self.inside.chance(signals)
        return inside * self.right.chance(signals), inside


@dataclass(frozen=True, slots=True)
class Alone:
    """How sure the way by words must be for vectors not to be asked; the default is never."""

    right_from: float = 2.0
    inside_from: float = 2.0
    chosen: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Both ways of matching, and when the first suffices."""

    words: Way
    vectors: Way
    alone: Alone = Alone()

    def words_suffice(self, right: float, inside: float) -> bool:
        """Whether words are so sure that vectors would not change the answer."""
        return right >= self.alone.right_from and inside >= self.alone.inside_from


@cache
def calibration(file: Path = FILE) -> Calibration:
    """The shipped figures."""
    stored = json.loads(file.read_text(encoding="utf-8"))
    alone = Alone(**stored.get("alone", {}))
    return Calibration(_way(stored["words"]), _way(stored["vectors"]), alone)


def save(fitted: Calibration, file: Path = FILE) -> None:
    """Write the figures down, rounded so that a new fit changes only what it changed."""
    text = json.dumps(_rounded(asdict(fitted)), ensure_ascii=False, indent=1)
    file.write_text(text + "\n", encoding="utf-8")


def _way(stored: dict[str, Any]) -> Way:
    parts = {key: _linear(stored[key]) for key in ("rank", "right", "inside")}
    rest: dict[str, Any] = {key: value for key, value in stored.items() if key not in parts}
    return Way(**{**rest, **parts})


def _linear(stored: dict[str, Any]) -> Linear:
    lists = {key: tuple(value) for key, value in stored.items() if isinstance(value, list)}
    return Linear(**lists, bias=stored["bias"])


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.5g}")
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value
