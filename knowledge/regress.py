"""The two regressions that calibration needs, by Newton steps (for `fit`, not at run time)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge.calibration import Linear

Floats = NDArray[np.float64]
_STEPS = 40


def _scale(values: Floats) -> tuple[Floats, Floats]:
    flat = values.reshape(-1, values.shape[-1])
    return flat.mean(axis=0), np.maximum(flat.std(axis=0), 1e-6)


def _descend(
    size: int, loss: Callable[[Floats], float], slopes: Callable[[Floats], tuple[Floats, Floats]]
) -> Floats:
    """Damped Newton steps until nothing is gained."""
    weights = np.zeros(size)
    current = loss(weights)
    for _ in range(_STEPS):
        gradient, curvature = slopes(weights)
        step, length = np.linalg.solve(curvature, gradient), 1.0
        while (after := loss(weights - length * step)) > current and length > 1e-6:
            length /= 2
        if current - after < 1e-7:
            break
        weights, current = weights - length * step, after
    return weights


def _log_sum(values: Floats) -> Floats:
    top = values.max(axis=1, keepdims=True)
    sums = top + np.log(np.exp(values - top).sum(axis=1, keepdims=True))
    return np.asarray(sums[:, 0])


def choose(
    names: Sequence[str], features: Floats, right: NDArray[np.bool_], pull: float = 2.0
) -> Linear:
    """Weights that make a right entry the likeliest of all (conditional logit)."""
    mean, scale = _scale(features)
    rows = (features - mean) / scale
    wrong = np.where(right, 0.0, -1e9)

    def loss(weights: Floats) -> float:
        all_of = rows @ weights
        return float(
            (_log_sum(all_of) - _log_sum(all_of + wrong)).sum() + pull / 2 * weights @ weights
        )

    def slopes(weights: Floats) -> tuple[Floats, Floats]:
        all_of = rows @ weights
        share = np.exp(all_of - _log_sum(all_of)[:, None])
        ours = np.exp(all_of + wrong - _log_sum(all_of + wrong)[:, None])
        expected = np.einsum("nm,nmd->nd", share, rows)
        found = np.einsum("nm,nmd->nd", ours, rows)
        spread = np.einsum("nmd,nme->de", share[:, :, None] * rows, rows, optimize=True)
        curvature = spread - expected.T @ expected + pull * np.eye(len(weights))
        return (expected - found).sum(axis=0) + pull * weights, curvature

    weights = _descend(rows.shape[-1], loss, slopes)
    return Linear(
        tuple(names), tuple(mean.tolist()), tuple(scale.tolist()), tuple(weights.tolist())
    )


def judge(
    names: Sequence[str], values: Floats, right: Floats, counts: Floats, pull: float = 1.0
) -> Linear:
    """Weights that turn signals into a probability (logistic, each row counting so much)."""
    mean, scale = _scale(values)
    rows = np.hstack([(values - mean) / scale, np.ones((len(values), 1))])
    hold = np.array([*[pull] * values.shape[1], 1e-6])

    def loss(weights: Floats) -> float:
        along = rows @ weights
        each = np.logaddexp(0, along) - right * along
        return float(counts @ each + (hold * weights) @ weights / 2)

    def slopes(weights: Floats) -> tuple[Floats, Floats]:
        chance = 1 / (1 + np.exp(-rows @ weights))
        gradient = rows.T @ (counts * (chance - right)) + hold * weights
        bend = counts * np.maximum(chance * (1 - chance), 1e-6)
        return gradient, (rows * bend[:, None]).T @ rows + np.diag(hold)

    found = _descend(rows.shape[1], loss, slopes)
    weights = tuple(found[:-1].tolist())
    return Linear(
        tuple(names), tuple(mean.tolist()), tuple(scale.tolist()), weights, float(found[-1])
    )
