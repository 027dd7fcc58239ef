"""Many short rows of numbers in one array: a list of lists takes ten times the memory."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


Kind = Literal["i", "H"]  # as in `array.array`


class Growing:
    """Rows that are laid in a line one by one."""

    def __init__(self, kind: Kind) -> None:
        self._flat, self._sizes = array(kind), array("q", [0])

    def add(self, row: list[int]) -> None:
        """Lay one more."""
        self._flat.extend(row)
        self._sizes.append(len(row))

    def rows(self) -> Rows:
        """All of them."""
        sizes = np.array(self._sizes, dtype=np.int64)
        return Rows(np.array(self._flat, dtype=self._flat.typecode), np.cumsum(sizes))


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows one after the other; `starts` also tells where the last one ends."""

    flat: NDArray[np.integer]
    starts: Numbers

    @classmethod
    def of(cls, rows: Iterable[list[int]], kind: Kind) -> Rows:
        """Lay rows in a line."""
        growing = Growing(kind)
        for row in rows:
            growing.add(row)
        return growing.rows()

    def __len__(self) -> int:
        return len(self.starts) - 1

    def grouped(self, starts: Numbers) -> Rows:
        """Groups of rows as rows; `starts` tells the first of each, and how many there are."""
        return Rows(self.flat, self.starts[starts])

    def spans(self, firsts: Numbers, lasts: Numbers) -> NDArray[np.integer]:
        """The numbers of rows from some to others (exclusive), one span after the other."""
        ends = zip(self.starts[firsts], self.starts[lasts], strict=True)
        return np.concatenate([self.flat[:0], *(self.flat[a:b] for a, b in ends)])

    def sizes(self, chosen: Numbers) -> Numbers:
        """How long rows are."""
        return self.starts[chosen + 1] - self.starts[chosen]


def spread(starts: Numbers, chosen: Numbers) -> tuple[Numbers, Numbers]:
    """The rows of chosen groups, and where those of each begin among them."""
    sizes = starts[chosen + 1] - starts[chosen]
    begins = np.cumsum(sizes) - sizes
    return np.arange(sizes.sum()) + np.repeat(starts[chosen] - begins, sizes), begins
