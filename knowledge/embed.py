"""Sentence vectors: a port, the shipped small model behind it, and a cache by content."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Protocol
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from knowledge.lexicon import DATA

Vectors = NDArray[np.float32]
Packed = NDArray[np.int8]

MODEL = "e5-field-4"  # a new one for every new file: vectors of different models do not mix
_REPEATED = 2_000  # questions whose vectors stay in memory (3 MB): many ask the same
_SPARE = 10_000
_HEAD, _TAIL = 30, 60  # characters: a token costs time, and a story ends in asking

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


class FieldE5:
    """Six layers of multilingual-e5-small, taught our field (see `knowledge.teach`), in one byte
    a weight. A vector depends on its text alone, and several threads may ask at a time.
    """

    name = MODEL

    def __init__(self, folder: Path) -> None:
        """Raises ImportError where ONNX Runtime is not to be had, OSError without the files."""
        import onnxruntime
        import sentencepiece

        options = onnxruntime.SessionOptions()
        # of several threads each would wait for the others longer than it works
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        model = (folder / f"{MODEL}.onnx").read_bytes()
        self._pieces = sentencepiece.SentencePieceProcessor(
            model_proto=(folder / f"{MODEL}.pieces").read_bytes()
        )
        self._session = onnxruntime.InferenceSession(model, options)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """One row a text."""
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            return np.stack([*threads.map(self.query, texts)])

    def query(self, text: str) -> Vectors:
        """The vector of a text; of a long one, of how it begins and ends."""
        if len(text) > _HEAD + _TAIL:
            text = f"{text[:_HEAD]} {text[-_TAIL:]}"
        numbers = self._pieces.encode(text, add_bos=True, add_eos=True)
        given = {"pieces": np.array(numbers, dtype=np.int64)}
        return np.asarray(self._session.run(None, given)[0], dtype=np.float32)


def open_encoder(folder: Path = DATA) -> FieldE5 | None:
    """The shipped model, or None where it cannot run: then words alone decide."""
    try:
        return FieldE5(folder)
    except (ImportError, OSError, RuntimeError) as error:
        log.warning("no sentence vectors: %s", error)
        return None


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8"), digest_size=16).digest()


def seed_file(name: str) -> Path:
    """Vectors of the shipped base, so that a fresh clone need not compute them."""
    return DATA / f"vectors-{name}.npz"


class Cached:
    """An embedder that computes a text of the base once, whatever happens to the files.

    Kept as one byte a figure. Fresh vectors are rounded the same way, so that it never matters
    whether a vector was computed or read.
    """

    def __init__(self, inner: Embedder, folder: Path, seed: Path | None = None) -> None:
        self._inner = inner
        self._file = folder / f"vectors-{inner.name}.npz"
        self._seed = seed_file(inner.name) if seed is None else seed
        self._used: set[bytes] = set()
        self._lock = threading.Lock()
        self._asked = lru_cache(_REPEATED)(inner.query)

    @property
    def name(self) -> str:
        """The name of the embedder behind the cache."""
        return self._inner.name

    def query(self, text: str) -> Vectors:
        """Questions of users are never written down: they are theirs. Lately asked ones stay in
        memory."""
        return self._asked(text)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Rows from the cache; the missing ones are computed and kept."""
        keys = [_key(text) for text in texts]
        with self._lock:
            self._used.update(keys)
            known = _read(self._file)
            if not known.keys() >= set(keys):
                known = {**_read(self._seed), **known}
            missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
            if missing:
                log.info("computing %d vectors", len(missing))
                fresh = self._inner.passages([*missing.values()])
                known.update(zip(missing, packed(fresh), strict=True))
                self._keep(known)
        return unpacked(np.stack([known[key] for key in keys]))

    def save_seed(self, texts: Sequence[str]) -> Path:
        """Write the vectors of these texts beside the code, and of no others."""
        self.passages(texts)
        known, wanted = _read(self._file) or _read(self._seed), {_key(text) for text in texts}
        _write(self._seed, {key: known[key] for key in sorted(wanted)})
        return self._seed

    def _keep(self, known: dict[bytes, Packed]) -> None:
        """A folder that cannot be written only costs time; what long was not used goes."""
        if len(known) > 2 * len(self._used) + _SPARE:
            known = {key: known[key] for key in self._used if key in known}
        try:
            _write(self._file, known)
        except OSError as error:
            log.warning("vectors are not kept: %s", error)


def along(rows: Vectors, vector: Vectors) -> Vectors:
    """Products of rows and a vector, without the threads of the algebra library: for work this
    small they wait for one another longer than they work, and on a busy machine far longer."""
    return np.asarray(np.einsum("ij,j->i", rows, vector), dtype=np.float32)


def packed(rows: Vectors) -> Packed:
    """Figures as bytes; the scale is lost, which the length of one gives back."""
    largest = np.maximum(np.abs(rows).max(axis=1, keepdims=True), 1e-9)
    return np.asarray(np.rint(rows / largest * 127), dtype=np.int8)


def unpacked(rows: Packed) -> Vectors:
    plain = rows.astype(np.float32)
    norms = np.maximum(np.linalg.norm(plain, axis=1, keepdims=True), 1e-9)
    return np.asarray(plain / norms, dtype=np.float32)


def _read(file: Path) -> dict[bytes, Packed]:
    try:
        with file.open("rb") as raw, np.load(raw, allow_pickle=False) as stored:
            keys, rows = stored["keys"], stored["rows"]
        return {key.tobytes(): row for key, row in zip(keys, rows, strict=True)}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return {}  # absent, or cut short by a crash: computed anew


def _write(file: Path, known: dict[bytes, Packed]) -> None:
    """Whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.stem}.{os.getpid()}.npz")
    keys = np.frombuffer(b"".join(known), dtype=np.uint8).reshape(-1, 16)
    try:
        np.savez(fresh, keys=keys, rows=np.stack([*known.values()]))
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)
