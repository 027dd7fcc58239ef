"""Teach the network which questions mean the same entry, and which are not ours."""

from __future__ import annotations

import random
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_

from knowledge.teach.distil import BATCH, Cut, Lesson, Report, filled_up
from knowledge.teach.network import SIZE, Encoder
from knowledge.teach.slips import Slips
from knowledge.teach.texts import Asked

EPOCHS = 5
_RATE, _MARKS_RATE = 3e-4, 3e-3
_SHARP = 20.0  # how much one mark's nearness decides
_APART = 0.1  # a question must lie nearer to its entry than to others by so much
_FOREIGN = 48  # marks of what is not ours: it is of many kinds
_REMEMBER = 4  # every so many steps, a batch of what was distilled, lest the language be forgotten
_NEARLY = 6  # characters: batches of like length, but not the same each time


class Marks(nn.Module):
    """A mark an entry, and marks for what is not ours; only for teaching."""

    def __init__(self, places: dict[str, int], centres: Tensor, middle: Tensor) -> None:
        super().__init__()
        self.places = places
        self.middle = nn.Parameter(middle)
        self.rows = nn.Parameter(torch.cat([centres, torch.randn(_FOREIGN, SIZE)]))

    def loss(self, vectors: Tensor, asked: Sequence[Asked]) -> Tensor:
        """How unlikely the right marks are found."""
        away = functional.normalize(vectors - self.middle, dim=-1)
        near = _SHARP * away @ functional.normalize(self.rows, dim=-1).T
        right = torch.zeros(near.shape, dtype=torch.bool)
        for row, item in enumerate(asked):
            if item.entry is None:
                right[row, len(self.places) :] = True
            else:
                right[row, self.places[item.entry]] = True
        near = near - _APART * _SHARP * right
        found = torch.logsumexp(near.masked_fill(~right, -1e9), 1)
        return (torch.logsumexp(near, 1) - found).mean()


def tune(
    network: Encoder,
    asked: Sequence[Asked],
    lesson: Lesson,
    cut: Cut,
    report: Report,
    *,
    epochs: int = EPOCHS,
) -> None:
    """Teach; the marks are thrown away, since at run time an entry is where its phrasings are."""
    marks = _marks(network, asked, cut)
    weights = [part for part in network.parameters() if part.requires_grad]
    optimiser = _optimiser(weights, marks)
    steps = epochs * (len(asked) // BATCH)
    pace = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, [_RATE, _MARKS_RATE], steps, pct_start=0.06
    )
    slips = Slips.of(item.text for item in asked)
    network.train()
    for epoch in range(epochs):
        total = 0.0
        batches = _batches(asked)
        for number, batch in enumerate(batches):
            typed = [slips.maybe(one.text) for one in batch]
            loss = marks.loss(network(filled_up(cut(typed))), batch)
            total += float(loss.detach())
            if number % _REMEMBER == 0:
                loss = loss + _forgotten(network, lesson, cut)
            optimiser.zero_grad()
            loss.backward()
            clip_grad_norm_(weights, 1.0)
            optimiser.step()
            pace.step()
        report(f"tuned, epoch {epoch + 1}: loss {total / len(batches):.3f}")


def _optimiser(weights: list[nn.Parameter], marks: Marks) -> torch.optim.AdamW:
    rows = {"params": [*marks.parameters()], "lr": _MARKS_RATE, "weight_decay": 0.0}
    return torch.optim.AdamW([{"params": weights, "lr": _RATE}, rows], weight_decay=0.01)


def vectors(network: Encoder, texts: Sequence[str], cut: Cut) -> Tensor:
    """One row a text, without learning from it."""
    network.eval()
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    found = torch.zeros(len(texts), SIZE)
    with torch.no_grad():
        for at in range(0, len(order), BATCH):
            places = order[at : at + BATCH]
            found[places] = network(filled_up(cut([texts[place] for place in places])))
    return found


def _marks(network: Encoder, asked: Sequence[Asked], cut: Cut) -> Marks:
    ours = [(item.text, item.entry) for item in asked if item.entry is not None]
    entries = sorted({entry for _, entry in ours})
    rows = vectors(network, [text for text, _ in ours], cut)
    middle = rows.mean(0)
    places = {entry: place for place, entry in enumerate(entries)}
    owners = torch.tensor([places[entry] for _, entry in ours])
    away = functional.normalize(rows - middle, dim=-1)
    return Marks(places, torch.zeros(len(entries), SIZE).index_add_(0, owners, away), middle)


def _forgotten(network: Encoder, lesson: Lesson, cut: Cut) -> Tensor:
    number = random.randrange(len(lesson.batches))
    some = lesson.batches[number][: BATCH // 2]
    rows = network(filled_up(cut(some)))
    mine = functional.normalize(rows - rows.mean(0), dim=-1)
    wanted = lesson.apart(rows, number)[1]
    return 4 * functional.mse_loss(mine @ mine.T, wanted @ wanted.T)


def _batches(asked: Sequence[Asked]) -> list[list[Asked]]:
    order = sorted(asked, key=lambda item: len(item.text) + random.random() * _NEARLY)
    batches = [[*order[at : at + BATCH]] for at in range(0, len(order) - BATCH + 1, BATCH)]
    random.shuffle(batches)
    return batches
