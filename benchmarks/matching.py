"""How matching grows with the base: ours beside what one would otherwise take, in one run.

    python benchmarks/matching.py [--json] [--quick]

Each system and size runs in a process of its own, held to one core. All get the same base (see
`crowd.py`) and held-out development questions in the field; memory is the whole process, after
the questions. `alone` is the share of questions for which ours computed no sentence vector.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

SYSTEMS = ("ipstation", "ipstation-words", "bm25s-jieba", "rapidfuzz", "sqlite-fts5")
SIZES = (500, 2_000, 10_000, 50_000, 100_000)
QUICK_SIZES = (500, 10_000, 100_000)
ASKED, QUICK_ASKED = 366, 60
# rapidfuzz compares with every phrasing: of a large base it gets a part of the questions
FEW = {"rapidfuzz": 2_000_000}
CLOSEST = 60

Pairs = list[tuple[str, str]]  # phrasings with their entry
Ask = Callable[[str], str | None]  # the entry found first


def bm25s_jieba(phrasings: Pairs) -> Ask:
    """BM25 over jieba's words."""
    import bm25s
    import rjieba

    index = bm25s.BM25()
    index.index([rjieba.cut(way) for _, way in phrasings], show_progress=False)

    def ask(question: str) -> str | None:
        words = [word for word in rjieba.cut(question) if word in index.vocab_dict]
        return phrasings[int(index.get_scores(words).argmax())][0] if words else None

    return ask


def rapidfuzz_alone(phrasings: Pairs) -> Ask:
    """The closest phrasing by rapidfuzz's weighted ratio."""
    from rapidfuzz import fuzz, process

    texts = [way for _, way in phrasings]

    def ask(question: str) -> str | None:
        found = process.extractOne(question, texts, scorer=fuzz.WRatio)
        return phrasings[found[2]][0] if found else None

    return ask


def sqlite_fts5(phrasings: Pairs) -> Ask:
    """SQLite's full text search over pieces of three characters, in memory."""
    database = sqlite3.connect(":memory:")
    database.execute("create virtual table ways using fts5(entry unindexed, way, tokenize=trigram)")
    database.executemany("insert into ways values (?, ?)", phrasings)

    def ask(question: str) -> str | None:
        pieces = {question[n : n + 3] for n in range(len(question) - 2)}
        if not pieces:
            return None
        query = " OR ".join('"' + piece.replace('"', '""') + '"' for piece in sorted(pieces))
        sql = "select entry from ways where way match ? order by rank limit 1"
        found = database.execute(sql, (query,)).fetchone()
        return found[0] if found else None

    return ask


BUILDERS = {
    "bm25s-jieba": bm25s_jieba,
    "rapidfuzz": rapidfuzz_alone,
    "sqlite-fts5": sqlite_fts5,
}


def ours(base: Any, embedder: Any, seen: list[str]) -> Ask:
    """Our matcher; notes what decided each question."""
    from knowledge.match import Matcher
    from knowledge.normalise import plain

    matcher = Matcher(base, embedder)

    def ask(question: str) -> str | None:
        ranking = matcher.rank(plain(question))
        seen.append(ranking.by)
        return ranking.first.entry if ranking.first else None

    return ask


def model(base: Any) -> tuple[Any, Any]:
    """The model, and the embedder that knows the real texts of a base and puts others together."""
    from benchmarks.crowd import Parts
    from knowledge.embed import Cached, open_encoder
    from knowledge.fit import base_texts

    inner = open_encoder()
    if inner is None:
        raise ImportError("the sentence model does not run here")
    cached = Cached(inner, ROOT / "var" / "cache" / "matching")
    return inner, Parts(cached, list(dict.fromkeys(base_texts(base))))


def work(system: str, size: int, most: int) -> dict[str, Any]:
    """Build, ask, measure; what is said of ours alone stands beside."""
    from benchmarks.blind import blind
    from benchmarks.crowd import crowded, likeness
    from knowledge.engine import ENTRIES
    from knowledge.load import read_folder
    from knowledge.normalise import plain

    real = read_folder(ENTRIES).base
    base, seen, extra = crowded(real, size), list[str](), dict[str, Any]()
    total = sum(len(item.phrasings) for item in base.entries.values())
    embedder, phrasings = None, list[tuple[str, str]]()
    if system == "ipstation":
        inner, embedder = model(real)
        made = [item for item in base.entries.values() if item.id not in real.entries]
        texts = [plain(item.phrasings[0]).text for item in made[:: len(made) // 100 + 1]]
        if texts:
            extra["likeness"] = likeness(embedder, inner, texts)
    if system in BUILDERS:
        phrasings = [(item.id, way) for item in base.entries.values() for way in item.phrasings]
    started = time.perf_counter()
    ask = BUILDERS[system](phrasings) if phrasings else ours(base, embedder, seen)
    built = time.perf_counter() - started
    asked = [item for item in blind() if item.entries]
    asked = asked[:: max(len(asked) // max(min(most, FEW.get(system, 10**9) // total), 10), 1)]
    ask("专利年费怎么交")
    seen.clear()
    times, right = [], 0
    for item in asked:
        started = time.perf_counter()
        found = ask(item.text)
        times.append((time.perf_counter() - started) * 1000)
        right += found in item.entries
    if seen:
        extra["alone"] = round(1 - seen.count("vectors") / len(seen), 3)
    return {"phrasings": total, "asked": len(asked), "accuracy_at_1": round(right / len(asked), 4),
            "p50_ms": _quantile(times, 0.5), "p99_ms": _quantile(times, 0.99),
            "build_s": round(built, 2), "memory_mb": _memory(), **extra}  # fmt: skip


def _memory() -> float:
    import psutil

    return round(float(psutil.Process().memory_info().rss) / 2**20, 1)


def _quantile(values: Sequence[float], share: float) -> float:
    return round(sorted(values)[min(len(values) - 1, int(len(values) * share))], 2)


def run(system: str, size: int, most: int) -> dict[str, Any]:
    """A system's figures at a size, or why there are none."""
    one = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, __file__, "--system", system, "--size", str(size)]
    done = subprocess.run(
        [*command, "--most", str(most)],
        capture_output=True, text=True, env=one, cwd=ROOT, check=False,
    )  # fmt: skip
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        return {"left_out": (done.stderr.strip().splitlines() or ["no output"])[-1]}
    result: dict[str, Any] = json.loads(lines[-1])
    return result


def show(system: str, size: int, row: dict[str, Any]) -> None:
    """A line for people."""
    figures = "  ".join(f"{name} {value}" for name, value in row.items())
    print(f"{system:16}{size:>8}  {figures}", flush=True)


def main() -> int:
    """Run one system at one size (for the parent) or all of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    parser.add_argument("--quick", action="store_true", help="fewer sizes and questions")
    parser.add_argument("--system", choices=SYSTEMS, help=argparse.SUPPRESS)
    parser.add_argument("--size", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--most", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.system:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        print(json.dumps(work(given.system, given.size, given.most)))
        return 0
    results: dict[str, dict[str, Any]] = {system: {} for system in SYSTEMS}
    for size in QUICK_SIZES if given.quick else SIZES:
        for system in SYSTEMS:
            row = run(system, size, QUICK_ASKED if given.quick else ASKED)
            results[system][str(size)] = row
            show(system, size, row)
    if given.json:
        print(json.dumps({"benchmark": "matching", "quick": given.quick, "systems": results}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
