"""Make the sentence model: ``python -m knowledge.teach --statutes FOLDER``."""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

import torch
from sentencepiece import SentencePieceProcessor

from knowledge.embed import MODEL
from knowledge.engine import ENTRIES
from knowledge.lexicon import DATA
from knowledge.load import load
from knowledge.teach import pieces, source
from knowledge.teach.distil import Cut, Lesson, Report, distil
from knowledge.teach.export import export
from knowledge.teach.network import Encoder, filled
from knowledge.teach.texts import asked, clauses
from knowledge.teach.tune import EPOCHS, tune

TAKEN = (0, 2, 4, 6, 8, 11)  # of twelve layers
DROP = 0.1
DISTILLED, TUNED = Path("var/teach/distilled.pt"), Path("var/teach/tuned.pt")
SEED = 20261130


def main(arguments: list[str] | None = None) -> int:
    """Distil, tune and write the model into `knowledge/data`."""
    parser = argparse.ArgumentParser(prog="python -m knowledge.teach", description=__doc__)
    parser.add_argument("--statutes", type=Path, required=True, help="law texts in Markdown")
    parser.add_argument("--distilled", type=Path, default=DISTILLED, help="kept here")
    parser.add_argument(
        "--onward",
        action="store_true",
        help=f"go on from {TUNED} with what was added",
    )
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    given = parser.parse_args(arguments)
    random.seed(SEED)
    torch.manual_seed(SEED)
    torch.set_num_threads(os.cpu_count() or 1)  # torch itself counts only whole cores
    base, started = load(ENTRIES), time.monotonic()

    def report(line: str) -> None:
        sys.stdout.write(f"{time.monotonic() - started:6.0f} s  {line}\n")
        sys.stdout.flush()

    questions = asked(base)
    if not given.distilled.exists():
        texts = [item.text for item in questions] + clauses(base, given.statutes)
        given.distilled.parent.mkdir(parents=True, exist_ok=True)
        torch.save(_distilled(texts, report), given.distilled)
    stored = torch.load(given.distilled, weights_only=False)
    network = Encoder(stored["pieces"], len(TAKEN), DROP)
    network.load_state_dict(
        torch.load(TUNED, weights_only=True) if given.onward else stored["weights"]
    )
    (DATA / f"{MODEL}.pieces").write_bytes(stored["vocabulary"])
    report(f"tuning on {len(questions)} questions")
    cut = _cut(stored["vocabulary"])
    tune(network, questions, stored["lesson"], cut, report, epochs=given.epochs)
    torch.save(network.state_dict(), TUNED)
    export(network, DATA / f"{MODEL}.onnx")
    return 0


def _distilled(texts: list[str], report: Report) -> dict[str, Any]:
    original = source.read()
    kept = pieces.choose(original, texts)
    vocabulary = pieces.model(original, kept)
    cut = _cut(vocabulary)
    lesson = Lesson.of(texts, filled(Encoder(len(kept), 12), original, kept, range(12)), cut)
    report(f"the teacher has read {len(texts)} texts in {len(kept)} pieces")
    student = filled(Encoder(len(kept), len(TAKEN)), original, kept, TAKEN)
    distil(student, lesson, cut, report)
    weights = student.state_dict()
    return {"pieces": len(kept), "vocabulary": vocabulary, "lesson": lesson, "weights": weights}


def _cut(vocabulary: bytes) -> Cut:
    cutter = SentencePieceProcessor(model_proto=vocabulary)

    def cut(texts: list[str]) -> list[list[int]]:
        numbers: list[list[int]] = cutter.encode(texts, add_bos=True, add_eos=True)
        return numbers

    return cut


if __name__ == "__main__":
    sys.exit(main())
