"""Recall of the statutes search on lay questions labelled with the articles that settle them.

Two sets, and each favours something. `knowledge/data/statute_questions.jsonl` was written before
the search was built, but by the author of the plain words (`statute_plain.tsv`), so that it
flatters them; "all but plain words" is free of that. Of the base's development questions, by other
authors, the articles cited by the right entry count as labels, which flatters "entries"; "all but
entries" is free of that. Plain words must never be written from missed questions of either set.

Each way of searching stands alone and together with the others; beside them bm25s over jieba
words, which one would otherwise use.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from core.config import load as load_config  # noqa: E402
from knowledge.embed import Cached, Embedder, open_encoder  # noqa: E402
from knowledge.entry import Entry  # noqa: E402
from knowledge.lexicon import DATA, cutter  # noqa: E402
from knowledge.load import load  # noqa: E402
from knowledge.normalise import plain  # noqa: E402
from knowledge.statutes.fields import Asked, ByText  # noqa: E402
from knowledge.statutes.read import read_laws  # noqa: E402
from knowledge.statutes.search import WEIGHTS, Statutes  # noqa: E402
from knowledge.statutes.shelf import Shelf, Standing  # noqa: E402
from knowledge.statutes.store import saved, store_file  # noqa: E402
from knowledge.statutes.text import Law  # noqa: E402
from knowledge.statutes.wordings import citations  # noqa: E402

DAY = date(2026, 11, 22)  # the labels hold on this day
Labelled = list[tuple[str, frozenset[int]]]
Rank = Callable[[str], list[int]]


def own_set(shelf: Shelf, file: str) -> Labelled:
    """A written set; a third item in a label names a version, else the present one is meant."""
    shown = (Standing.IN_FORCE, Standing.EXPIRED)
    current = {law.name: law.label for law in shelf.laws if shelf.standing(law, DAY) in shown}
    found = []
    for line in (DATA / file).read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        labels = [
            shelf.number(law, version[0] if version else current.get(law, ""), article)
            for law, article, *version in row["articles"]
        ]
        if None not in labels:
            found.append((row["q"], frozenset(n for n in labels if n is not None)))
    return found


def dev_set(shelf: Shelf, entries: list[Entry]) -> Labelled:
    """The base's development questions with what the right entry cites today."""
    shown = (Standing.IN_FORCE, Standing.EXPIRED)
    standings = shelf.standings(DAY)
    cited = {
        entry.id: frozenset(n for n in numbers if standings[n] in shown)
        for entry, numbers in zip(entries, citations(entries, shelf), strict=True)
    }
    found = []
    for file in sorted(DATA.glob("dev_[ab].jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if cited.get(row["entry"]):
                found.append((row["q"], cited[row["entry"]]))
    return found


def measure(rank: Rank, labelled: Labelled) -> dict[str, float]:
    """Mean share of the labels among the first 1, 3 and 10; how often any is among the 10."""
    shares: dict[str, list[float]] = {"r1": [], "r3": [], "r10": [], "any10": []}
    for question, labels in labelled:
        found = rank(question)
        for name, most in (("r1", 1), ("r3", 3), ("r10", 10)):
            shares[name].append(len(labels & set(found[:most])) / len(labels))
        shares["any10"].append(float(bool(labels & set(found[:10]))))
    return {name: round(statistics.fmean(values), 3) for name, values in shares.items()}


def ranks(search: Statutes, shelf: Shelf, embedder: Embedder | None) -> dict[str, Rank]:
    """Each way of searching by name."""
    text = ByText(shelf.placed, {})
    open_to = np.array([standing is Standing.IN_FORCE for standing in shelf.standings(DAY)])
    number = {id(item.article): n for n, item in enumerate(shelf.placed)}

    def best(scores: np.ndarray) -> list[int]:
        return [int(n) for n in np.argsort(-scores * open_to, kind="stable")[:10]]

    def of_text(question: str, name: str) -> list[int]:
        return best(text.scores(Asked.of(plain(question), None), open_to)[name])

    def unwritten(question: str) -> list[int]:
        asked = Asked.of(plain(question), embedder)
        of_entries = search.fields(asked, open_to)["entries"]
        fields = {**text.scores(asked, open_to), "entries": of_entries}
        return best(sum(WEIGHTS[name] * scores for name, scores in fields.items()))

    def of_fields(question: str, names: Iterable[str], vectors: bool = True) -> list[int]:
        asked = Asked.of(plain(question), embedder if vectors else None)
        fields = search.fields(asked, open_to)
        return best(sum(WEIGHTS[name] * fields[name] for name in names))

    ways: dict[str, Rank] = {
        "text, words": lambda q: of_text(q, "words"),
        "text, pieces": lambda q: of_text(q, "grams"),
        "text + plain words, words": lambda q: of_fields(q, ["words"], False),
        "text + plain words, pieces": lambda q: of_fields(q, ["grams"], False),
        "entries, without vectors": lambda q: of_fields(q, ["entries"], False),
        "all, without vectors": lambda q: of_fields(q, ["words", "grams", "entries"], False),
    }
    if embedder:
        ways |= {
            "plain words, vectors": lambda q: of_fields(q, ["meaning"]),
            "entries": lambda q: of_fields(q, ["entries"]),
            "all but plain words": unwritten,
            "all but entries": lambda q: of_fields(q, ["words", "grams", "meaning"]),
        }
    ways["search"] = lambda q: [number[id(hit.article)] for hit in search.search(q, DAY)]
    return ways


def bm25s_rank(shelf: Shelf) -> Rank | None:
    """bm25s over jieba words of the texts in force; None where it is not installed."""
    try:
        import bm25s
    except ImportError:
        return None
    numbers = [n for n, s in enumerate(shelf.standings(DAY)) if s is Standing.IN_FORCE]
    index = bm25s.BM25()
    words = [cutter().cut_for_search(shelf.placed[n].article.text) for n in numbers]
    index.index(words, show_progress=False)

    def rank(question: str) -> list[int]:
        asked = [[word for word in cutter().cut_for_search(question) if word.strip()]]
        found, _ = index.retrieve(asked, k=10, show_progress=False)
        return [numbers[int(n)] for n in found[0]]

    return rank


def latency(search: Statutes, questions: list[str]) -> dict[str, float]:
    """Milliseconds a question, one after the other."""
    spent = []
    for question in questions:
        started = time.perf_counter()
        search.search(question, DAY)
        spent.append((time.perf_counter() - started) * 1000)
    cuts = statistics.quantiles(spent, n=100)
    return {"p50_ms": round(cuts[49], 1), "p99_ms": round(cuts[98], 1)}


def run(
    laws: tuple[Law, ...], entries: list[Entry], embedder: Embedder | None, quick: bool
) -> dict:
    """Everything measured."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    search = Statutes(laws, entries, embedder)
    opened = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    shelf = Shelf(laws)
    step = 5 if quick else 1
    sets = {
        "clean": own_set(shelf, "statute_questions_clean.jsonl")[::step],
        "written": own_set(shelf, "statute_questions.jsonl")[::step],
        "development": dev_set(shelf, entries)[:: 4 * step],
    }
    ways = ranks(search, shelf, embedder)
    outside = bm25s_rank(shelf)
    if outside:
        ways = {"bm25s, jieba words": outside, **ways}
    return {
        "articles": len(shelf.placed),
        "questions": {name: len(labelled) for name, labelled in sets.items()},
        "vectors": embedder is not None,
        "recall": {
            name: {way: measure(rank, labelled) for way, rank in ways.items()}
            for name, labelled in sets.items()
        },
        "latency": latency(search, [q for q, _ in sets["written"]] * 2),
        "open_seconds": round(opened, 1),
        "memory_mb": round(memory / 1024),
    }


def main() -> None:
    """Print a table, and one JSON object on the last line with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--statutes", type=Path, help="folder of law texts; default: the imported")
    parser.add_argument("--cache", type=Path, help="folder of cached vectors")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="fewer questions, cached vectors only")
    given = parser.parse_args()
    config = load_config(ROOT / "config.toml", environ={})
    laws = read_laws(given.statutes).laws if given.statutes else saved(store_file(config.paths.var))
    if not laws:
        sys.exit("no laws: run `ipstation kb statutes import FOLDER`, or give --statutes FOLDER")
    cache = given.cache or config.paths.var / "cache"
    embedder = None
    if not given.quick or any(cache.glob("vectors-*.npz")):
        model = open_encoder()
        embedder = Cached(model, cache) if model else None
    entries = [*load(config.paths.entries).entries.values()]
    results = run(laws, entries, embedder, given.quick)
    for name, ways in results["recall"].items():
        print(f"\n{name} ({results['questions'][name]} questions)")
        print(f"{'':30}{'r@1':>8}{'r@3':>8}{'r@10':>8}{'any@10':>8}")
        for way, figures in ways.items():
            print(f"{way:30}" + "".join(f"{figures[key]:8.3f}" for key in figures))
    for key in ("articles", "vectors", "latency", "open_seconds", "memory_mb"):
        print(key, results[key])
    if given.json:
        print(json.dumps({"benchmark": "statutes", "cores": os.cpu_count(), **results}))


if __name__ == "__main__":
    main()
