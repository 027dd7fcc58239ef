"""``ipstation ask``: one question, or a file of them, without a server or a database."""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from bot.channels.markdown import to_plain
from bot.handlers.ask import HAND_OFFS
from bot.phrases import ACTIONS, wish
from bot.station import open_engine
from core.clock import local_day, system_clock
from core.config import Config
from core.texts import plain, say
from knowledge.decide import Decision
from knowledge.engine import Engine


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The subcommand and its arguments."""
    parser = commands.add_parser("ask", help="问一个问题，或用 --batch 批量提问")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("question", nargs="?", metavar="问题")
    what.add_argument("--batch", type=Path, metavar="文件", help="每行一个 JSON，字段 q 是问题")
    parser.add_argument("--json", action="store_true", help="每个回答输出一行 JSON")
    parser.add_argument(
        "--as-of",
        type=date.fromisoformat,
        metavar="YYYY-MM-DD",
        help="按这一天的规定回答，默认今天",
    )
    parser.set_defaults(run=run)


def run(config: Config, arguments: argparse.Namespace) -> int:
    """Answer and print. 0 when every question was read."""
    engine = open_engine(config, lambda line: print(line, file=sys.stderr))
    day = arguments.as_of or local_day(system_clock())
    questions = [arguments.question] if arguments.batch is None else read_batch(arguments.batch)
    for question in questions:
        found = answer(engine, question, day)
        shown = json.dumps(found, ensure_ascii=False) if arguments.json else found["answer"]
        print(shown, flush=True)
    return 0


def read_batch(path: Path) -> Iterator[str]:
    """The ``q`` of every line. SystemExit naming the line that is not JSON with a ``q``."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield str(json.loads(line)["q"])
        except (ValueError, KeyError, TypeError):
            raise SystemExit(f"{path.name} 第 {number} 行不是带 q 字段的 JSON，请改正。") from None


def answer(engine: Engine, question: str, day: date) -> dict[str, Any]:
    """One question as the JSON object that ``--json`` prints."""
    started = time.perf_counter()
    wished = wish(question)
    flow = None if wished is None else ACTIONS[wished][0]
    decision = engine.ask(question, day)
    elapsed = (time.perf_counter() - started) * 1000
    given = None if flow else decision.answer
    return {
        "q": question,
        "decision": "flow" if flow else decision.kind,
        "entry": given.entry if given else None,
        "title": given.title if given else None,
        "answer": _text(decision, flow),
        "citations": list(given.citations) if given else [],
        "confidence": decision.confidence,
        "choices": [] if flow else [{"entry": c.entry, "title": c.title} for c in decision.choices],
        "flow": flow,
        "ms": round(elapsed, 2),
    }


def _text(decision: Decision, flow: str | None) -> str:
    """What a person would read, without the buttons."""
    if flow is not None:
        return plain(f"flow.{flow}")
    if decision.answer is not None:
        return to_plain(say("ask.answer", a=decision.answer))
    if decision.kind == "choices":
        titles = (f"{n}. {choice.title}" for n, choice in enumerate(decision.choices, 1))
        return "\n".join([plain("ask.choices"), *titles])
    return to_plain(say(HAND_OFFS.get(decision.reason or "", "ask.unsure")))
