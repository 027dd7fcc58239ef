"""The part of e5's vocabulary that Chinese and English of the field need, as a SentencePiece
model."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sentencepiece import SentencePieceProcessor
from sentencepiece.sentencepiece_model_pb2 import ModelProto as Model  # type: ignore[attr-defined]

from knowledge.sound import is_simple
from knowledge.teach.source import Source

_SPECIAL = 7
_MOST_CHINESE, _MOST_LATIN = 6_000, 9_000
_CHINESE, _LATIN = re.compile(r"▁?[一-鿿]{2,4}"), re.compile(r"▁?[a-z0-9]+")


def choose(source: Source, texts: Sequence[str]) -> list[int]:
    """All pieces of the texts, all simple characters, and the commonest others."""
    pieces = source.pieces
    whole = SentencePieceProcessor(model_proto=model(source, range(len(pieces))))
    kept = {*range(_SPECIAL), *(number for row in whole.encode([*texts]) for number in row)}
    kept |= {n for n, piece in enumerate(pieces) if len(piece) == 1 and _is_chinese(piece)}
    kept |= _commonest(source, _CHINESE, _MOST_CHINESE)
    kept |= _commonest(source, _LATIN, _MOST_LATIN)
    return sorted(kept)


def model(source: Source, kept: Sequence[int]) -> bytes:
    """A SentencePiece model of some pieces, numbered anew; texts come normalised."""
    made = Model()
    kinds = [Model.SentencePiece.CONTROL] * 3 + [Model.SentencePiece.UNKNOWN]
    for place, number in enumerate(kept):
        kind = kinds[place] if place < len(kinds) else Model.SentencePiece.NORMAL
        score = float(source.scores[number])
        made.pieces.add(piece=source.pieces[number], score=score, type=kind)
    trainer = made.trainer_spec
    trainer.model_type, trainer.vocab_size = trainer.UNIGRAM, len(kept)
    trainer.bos_id, trainer.pad_id, trainer.eos_id, trainer.unk_id = range(4)
    trainer.bos_piece, trainer.pad_piece, trainer.eos_piece, trainer.unk_piece = source.pieces[:4]
    normaliser = made.normalizer_spec
    normaliser.name, normaliser.add_dummy_prefix = "identity", True
    normaliser.remove_extra_whitespaces = normaliser.escape_whitespaces = True
    written: bytes = made.SerializeToString()
    return written


def _commonest(source: Source, form: re.Pattern[str], most: int) -> set[int]:
    fitting = [
        number
        for number, piece in enumerate(source.pieces)
        if form.fullmatch(piece)
        and all(is_simple(c) for c in piece if not c.isascii() and c != "▁")
    ]
    return set(sorted(fitting, key=lambda number: -source.scores[number])[:most])


def _is_chinese(piece: str) -> bool:
    return "一" <= piece <= "鿿" and is_simple(piece)
