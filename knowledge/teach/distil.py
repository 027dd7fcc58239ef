"""Move what all layers say of a text into fewer layers."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_

from knowledge.teach.network import PAD, Encoder

MOST_PIECES = 64
BATCH = 64
_PREFIX = "query: "  # e5's own; ours does without
_EPOCHS, _RATE = 2, 4e-4
_ALIKE = 5.0

Cut = Callable[[list[str]], list[list[int]]]
Report = Callable[[str], None]


def filled_up(rows: list[list[int]]) -> Tensor:
    """Numbers of pieces as one table."""
    rows = [row[:MOST_PIECES] for row in rows]
    longest = max(map(len, rows))
    return torch.tensor([row + [PAD] * (longest - len(row)) for row in rows])


@dataclass(frozen=True, slots=True)
class Lesson:
    """Texts with what the teacher says of each; `mean`: of all texts, where vectors begin."""

    batches: list[list[str]]
    wanted: list[Tensor]
    mean: Tensor

    @classmethod
    def of(cls, texts: Sequence[str], teacher: Encoder, cut: Cut) -> Lesson:
        """Ask the teacher; texts of like length go together."""
        ordered = sorted(dict.fromkeys(texts), key=len)
        batches = [ordered[at : at + BATCH] for at in range(0, len(ordered), BATCH)]
        teacher.eval()
        with torch.no_grad():
            wanted = [
                teacher(filled_up(cut([_PREFIX + text for text in batch]))) for batch in batches
            ]
        return cls(batches, wanted, torch.cat(wanted).mean(0))

    def apart(self, vectors: Tensor, number: int) -> tuple[Tensor, Tensor]:
        """A batch's vectors and the wanted ones, from their mean: its neighbourhoods count."""
        wanted = self.wanted[number][: len(vectors)]
        return (
            functional.normalize(vectors - self.mean, dim=-1),
            functional.normalize(wanted - self.mean, dim=-1),
        )


def distil(student: Encoder, lesson: Lesson, cut: Cut, report: Report) -> None:
    """Teach the student to say the same, text by text and between texts."""
    weights = [part for part in student.parameters() if part.requires_grad]
    optimiser = torch.optim.AdamW(weights, lr=_RATE, weight_decay=0.01)
    steps = _EPOCHS * len(lesson.batches)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, _RATE, steps, pct_start=0.1)
    student.train()
    for epoch in range(_EPOCHS):
        order = random.sample(range(len(lesson.batches)), len(lesson.batches))
        alike = 0.0
        for number in order:
            vectors = student(filled_up(cut(lesson.batches[number])))
            mine, wanted = lesson.apart(vectors, number)
            near = (mine * wanted).sum(-1).mean()
            between = functional.mse_loss(mine @ mine.T, wanted @ wanted.T)
            optimiser.zero_grad()
            (1 - near + _ALIKE * between).backward()
            clip_grad_norm_(weights, 1.0)
            optimiser.step()
            pace.step()
            alike += float(near.detach())
        report(f"distilled, epoch {epoch + 1}: alike {alike / len(order):.3f}")
