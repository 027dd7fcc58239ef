"""Which answers people get: our matcher beside what one would otherwise take, in one run.

    python benchmarks/answering.py [--json] [--quick] [--chatterbot-python PATH]

All systems know the same phrasings and are asked the same questions (benchmarks/data, written by
somebody who had seen each entry's question and short answer, never its phrasings), each in a
process of its own on one core. For the others the score from which they answer is chosen on the
development questions by the rule that serves for ours: the most worth among those that answer at
most 0.5% of foreign questions.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SYSTEMS = ("ipstation", "ipstation-words", "rapidfuzz", "bm25s-jieba", "chatterbot")
LEFT_OUT = "left out: "
# ChatterBot compares with every known sentence in Python: it gets a part of the questions.
FEW = {"chatterbot": 150}
QUICK = {"chatterbot": 24}
QUICK_STEP = 6
MOST_FOREIGN = 0.005
RIGHT, WRONG = 1.0, -0.25

Ranked = list[tuple[str, float]]  # entries with scores, best first
Ask = Callable[[str], Ranked]


# -- the systems; each builder returns how to ask it ------------------------------------------


def _best_by_entry(owners: list[str], scores: Any, most: int = 4) -> Ranked:
    best: dict[str, float] = {}
    for place in sorted(range(len(owners)), key=lambda n: -scores[n]):
        best.setdefault(owners[place], float(scores[place]))
        if len(best) == most:
            break
    return list(best.items())


def rapidfuzz_alone(phrasings: list[list[str]]) -> Ask:
    """The closest phrasing by rapidfuzz's weighted ratio."""
    from rapidfuzz import fuzz, process

    owners, texts = [item[0] for item in phrasings], [item[1] for item in phrasings]

    def ask(question: str) -> Ranked:
        found = process.extract(question, texts, scorer=fuzz.WRatio, limit=60)
        ranked: dict[str, float] = {}
        for _, score, place in found:
            ranked.setdefault(owners[place], score / 100)
        return list(ranked.items())[:4]

    return ask


def bm25s_jieba(phrasings: list[list[str]]) -> Ask:
    """BM25 over jieba's words."""
    import bm25s
    import rjieba

    owners = [item[0] for item in phrasings]
    index = bm25s.BM25()
    index.index([rjieba.cut(item[1]) for item in phrasings], show_progress=False)

    def ask(question: str) -> Ranked:
        words = [word for word in rjieba.cut(question) if word in index.vocab_dict]
        return _best_by_entry(owners, index.get_scores(words)) if words else []

    return ask


def chatterbot(phrasings: list[list[str]]) -> Ask:
    """ChatterBot on SQLite; its default tagger would need a download, so its lower-case one."""
    import logging

    from chatterbot import ChatBot, languages
    from chatterbot.conversation import Statement
    from chatterbot.tagging import LowercaseTagger

    logging.disable(logging.CRITICAL)
    folder = tempfile.mkdtemp()
    bot = ChatBot(
        "bench",
        read_only=True,
        tagger=LowercaseTagger,
        tagger_language=languages.CHI,
        database_uri=f"sqlite:///{folder}/bot.sqlite3",
        logic_adapters=[
            {
                "import_path": "chatterbot.logic.BestMatch",
                "search_algorithm_name": "text_search",
            }
        ],
    )
    indexed = bot.tagger.get_text_index_string
    bot.storage.create_many(
        [
            Statement(
                text=entry,
                in_response_to=text,
                search_text=indexed(entry),
                search_in_response_to=indexed(text),
            )
            for entry, text in phrasings
        ]
    )

    def ask(question: str) -> Ranked:
        said = bot.get_response(question)
        return [(str(said.text), float(said.confidence))]

    return ask


BUILDERS = {"rapidfuzz": rapidfuzz_alone, "bm25s-jieba": bm25s_jieba, "chatterbot": chatterbot}


def ours(vectors: bool) -> tuple[Ask, Callable[[str], list[Any]]]:
    """Our engine: its ranking, and its decision (kind, entry, confidence, choices)."""
    from datetime import date

    from knowledge.engine import ENTRIES, Engine

    engine = Engine.open(ENTRIES, ROOT / "var" / "cache", embed=vectors)
    if vectors and not engine.has_vectors:
        raise ImportError("the sentence model does not run here")

    def ask(question: str) -> Ranked:
        ranking = engine.rank(question)
        found = [] if isinstance(ranking, str) else ranking.candidates
        return [(item.entry, item.share) for item in found]

    def decide(question: str) -> list[Any]:
        decision = engine.ask(question, date(2026, 11, 22))
        offered = [choice.entry for one in decision.every for choice in one.choices]
        given = [one.entry for one in decision.every if one.entry]
        first = given[0] if given else None
        return [decision.kind, first, decision.confidence, [*given, *offered]]

    return ask, decide


# -- one system, in its own process -----------------------------------------------------------


def _memory() -> float:
    """Megabytes resident now."""
    import psutil

    return float(psutil.Process().memory_info().rss) / 2**20


def work(system: str, data: dict[str, Any]) -> dict[str, Any]:
    """Build, ask everything, measure."""
    before, started = _memory(), time.perf_counter()
    if system.startswith("ipstation"):
        sys.path.insert(0, str(ROOT))
        ask, decide = ours(vectors=system == "ipstation")
    else:
        ask, decide = BUILDERS[system](data["phrasings"]), None
    built = time.perf_counter() - started
    ask("专利年费怎么交")  # the first question pays for what is made only when needed
    rows, times = [], []
    for item in data["questions"]:
        if decide and item["fitted"]:
            continue
        started = time.perf_counter()
        ranked = ask(item["q"])
        times.append((time.perf_counter() - started) * 1000)
        rows.append({**item, "ranked": ranked, "decision": decide(item["q"]) if decide else None})
    return {
        **judge(rows),
        "p50_ms": _quantile(times, 0.5),
        "p99_ms": _quantile(times, 0.99),
        "build_s": round(built, 2),
        "memory_mb": round(_memory() - before, 1),
    }


def _quantile(values: list[float], share: float) -> float:
    return round(sorted(values)[min(len(values) - 1, int(len(values) * share))], 3)


def judge(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Accuracy of the ranking, and of what is said once a score is asked for."""
    held = [row for row in rows if not row["fitted"]]
    field = [row for row in held if row["entries"]]
    foreign = [row for row in held if not row["entries"]]
    if rows[0]["decision"] is None:
        least, said = _threshold([row for row in rows if row["fitted"]]), _by_score
    else:
        least, said = None, _by_decision
    return {
        "asked": len(field),
        "accuracy_at_1": _share(field, lambda row: _hit(row, 1)),
        "accuracy_at_3": _share(field, lambda row: _hit(row, 3)),
        "right_at_first": _share(field, lambda row: said(row, least) in row["entries"]),
        "wrong_at_first": _share(
            field, lambda row: said(row, least) not in [None, *row["entries"]]
        ),
        "right_within_choices": _within(field, said, least),
        "wrong_and_sure": _wrong_and_sure(field),
        "foreign_asked": len(foreign),
        "foreign_answered": _share(foreign, lambda row: said(row, least) is not None),
        "answers_from_score": least,
        "reliability": reliability(held) if least is None else None,
    }


def _hit(row: dict[str, Any], most: int) -> bool:
    return any(entry in row["entries"] for entry, _ in row["ranked"][:most])


def _share(rows: list[dict[str, Any]], holds: Callable[[dict[str, Any]], bool]) -> float:
    return round(sum(map(holds, rows)) / max(len(rows), 1), 4)


def _by_score(row: dict[str, Any], least: float | None) -> str | None:
    top = row["ranked"][:1]
    return str(top[0][0]) if top and least is not None and top[0][1] >= least else None


def _by_decision(row: dict[str, Any], _least: float | None) -> str | None:
    kind, entry, *_ = row["decision"]
    return entry if kind == "answer" else None


def _within(rows: list[dict[str, Any]], said: Any, least: float | None) -> float:
    """What a person finds in the answer or among what is offered with it."""

    def found(row: dict[str, Any]) -> bool:
        shown = row["decision"][3] if row["decision"] else [said(row, least)]
        return any(entry in row["entries"] for entry in shown)

    return _share(rows, found)


def _wrong_and_sure(rows: list[dict[str, Any]]) -> int | None:
    """Answers from a wrong entry with a confidence above 0.9."""
    if rows[0]["decision"] is None:
        return None
    given = [row for row in rows if row["decision"][0] == "answer" and row["decision"][2] > 0.9]
    return sum(row["decision"][1] not in row["entries"] for row in given)


def _threshold(rows: list[dict[str, Any]]) -> float:
    """The score worth most among those that answer few enough foreign questions."""
    field = [row for row in rows if row["entries"]]
    foreign = [row for row in rows if not row["entries"]]
    scores = sorted({row["ranked"][0][1] for row in rows if row["ranked"]})
    best = (float("-inf"), scores[-1] + 1e-6 if scores else 1.0)
    for least in [*scores, best[1]]:
        if _share(foreign, lambda row, s=least: _by_score(row, s) is not None) > MOST_FOREIGN:
            continue
        given = [(row, _by_score(row, least)) for row in field]
        worth = sum(RIGHT if e in row["entries"] else WRONG for row, e in given if e is not None)
        best = max(best, (worth, least), key=lambda pair: pair[0])
    return round(best[1], 4)


def reliability(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of answers given with such confidence, how many were right."""
    table = []
    edges = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.001)
    for low, high in itertools.pairwise(edges):
        given = [r for r in rows if r["decision"][0] == "answer" and low <= r["decision"][2] < high]
        if given:
            mean = sum(row["decision"][2] for row in given) / len(given)
            right = _share(given, lambda row: row["decision"][1] in row["entries"])
            table.append(
                {"from": low, "answers": len(given), "mean": round(mean, 3), "right": right}
            )
    return table


def draw(rows: list[dict[str, Any]], file: Path) -> None:
    """The reliability diagram: what confidence promised, and what came of it."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "reliability"  # the same figures, the same file
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(5, 5))
    axes.plot([0.4, 1], [0.4, 1], color="gray", linewidth=1, linestyle="--")
    promised, kept = [row["mean"] for row in rows], [row["right"] for row in rows]
    sizes = [20 + row["answers"] for row in rows]
    axes.scatter(promised, kept, s=sizes, alpha=0.6)
    for row in rows:
        at = (row["mean"], row["right"])
        axes.annotate(str(row["answers"]), at, (8, -12), textcoords="offset points")
    axes.set(xlabel="mean confidence", ylabel="share right", xlim=(0.4, 1.03), ylim=(0.4, 1.03))
    axes.set_title("Blind questions answered, by confidence")
    figure.savefig(file, metadata={"Date": None})


# -- all of them, side by side ----------------------------------------------------------------


def questions_and_phrasings() -> dict[str, Any]:
    """What every system is given."""
    sys.path.insert(0, str(ROOT))
    from benchmarks.blind import blind
    from knowledge.engine import ENTRIES
    from knowledge.examples import questions
    from knowledge.load import read_folder

    entries = read_folder(ENTRIES).base.entries.values()
    return {
        "phrasings": [[entry.id, way] for entry in entries for way in entry.phrasings],
        "questions": [
            {"q": item.text, "entries": sorted(item.entries), "fitted": fitted}
            for asked, fitted in ((questions(), True), (blind(), False))
            for item in asked
        ],
    }


def thinned(data: dict[str, Any], most: int | None, step: int) -> dict[str, Any]:
    """Fewer questions, spread over all of them, kinds and parts in proportion."""
    kept = data["questions"]
    if most is not None:
        step = max(step, len(kept) // most)
    parts: dict[tuple[bool, bool], list[Any]] = {}
    for item in kept:
        parts.setdefault((bool(item["entries"]), item["fitted"]), []).append(item)
    return {**data, "questions": [item for part in parts.values() for item in part[::step]]}


def run(system: str, data: dict[str, Any], python: str) -> dict[str, Any]:
    """A system's figures, or why there are none."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(data, file, ensure_ascii=False)
        file.flush()
        command = [python, __file__, "--system", system, "--data", file.name]
        done = subprocess.run(
            command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False
        )
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        why = (done.stderr.strip().splitlines() or ["no output"])[-1]
        return {"left_out": f"{LEFT_OUT}{why}"}
    result: dict[str, Any] = json.loads(lines[-1])
    return result


def show(results: dict[str, dict[str, Any]]) -> None:
    """A table for people."""
    head = ("asked", "accuracy_at_1", "accuracy_at_3", "right_at_first", "right_within_choices",
            "wrong_at_first", "foreign_answered", "p50_ms", "p99_ms", "build_s",
            "memory_mb")  # fmt: skip
    print(f"{'':16}" + "".join(f"{name:>21}" for name in head))
    for system, row in results.items():
        if "left_out" in row:
            print(f"{system:16}  {row['left_out']}")
        else:
            print(f"{system:16}" + "".join(f"{row[name]:>21}" for name in head))
    for row in results.get("ipstation", {}).get("reliability") or []:
        line = (
            "  confidence from {from:.2f}: {answers:4} answers, mean {mean:.3f}, right {right:.3f}"
        )
        print(line.format(**row))


def main() -> int:
    """Run one system (for the parent) or all of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    parser.add_argument("--quick", action="store_true", help="under a minute, on fewer questions")
    parser.add_argument(
        "--chatterbot-python",
        default=sys.executable,
        help="another interpreter, where ChatterBot cannot live beside the rest",
    )
    parser.add_argument("--diagram", type=Path, help="draw the reliability of ours into an SVG")
    parser.add_argument("--system", choices=SYSTEMS, help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.system:
        print(json.dumps(work(given.system, json.loads(given.data.read_text("utf-8")))))
        return 0
    data = questions_and_phrasings()
    results = {}
    for system in SYSTEMS:
        most = (QUICK if given.quick else FEW).get(system)
        part = thinned(data, most, QUICK_STEP if given.quick else 1)
        python = given.chatterbot_python if system == "chatterbot" else sys.executable
        results[system] = run(system, part, python)
    show(results)
    if given.diagram:
        draw(results["ipstation"]["reliability"], given.diagram)
    if given.json:
        print(json.dumps({"benchmark": "answering", "quick": given.quick, "systems": results}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
