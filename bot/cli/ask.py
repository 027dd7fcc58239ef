"""``ipstation ask``: one question, or a file of them, without a server or a database."""

import json
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from bot.channels.markdown import to_plain
from bot.phrases import ACTIONS, wish
from bot.station import open_engine
from core.clock import local_day, system_clock
from core.config import Config
from core.texts import plain, say
from knowledge.answer import compose
from knowledge.decide import Decision
from knowledge.engine import Engine


def run(
    config: Config, *, question: str | None, batch: Path | None, as_json: bool, as_of: date | None
) -> int:
    """Answer and print. 0 when every question was read."""
    engine = open_engine(config, lambda line: print(line, file=sys.stderr))
    day = as_of or local_day(system_clock())
    if batch is None:
        found = answer(engine, question or "", day)
        print(json.dumps(found, ensure_ascii=False) if as_json else found["answer"])
        return 0
    for asked in read_batch(batch):
        found = answer(engine, asked, day)
        print(json.dumps(found, ensure_ascii=False) if as_json else found["answer"], flush=True)
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
    given = decision.entry if decision.kind == "answer" and flow is None else None
    composed = compose(given, day) if given is not None else None
    return {
        "q": question,
        "decision": "flow" if flow else decision.kind,
        "entry": given.id if given else None,
        "title": given.question if given else None,
        "answer": _text(decision, flow, composed),
        "citations": list(composed.citations) if composed else [],
        "confidence": round(decision.confidence, 4),
        "choices": [{"entry": c.entry, "title": c.title} for c in decision.choices],
        "flow": flow,
        "ms": round(elapsed, 2),
    }


def _text(decision: Decision, flow: str | None, composed: Any) -> str:
    if flow is not None:
        return plain(f"flow.{flow}")
    if composed is not None:
        return to_plain(say("ask.answer", a=composed))
    if decision.kind == "choices":
        return "\n".join(
            [plain("ask.choices"), *(f"{n}. {c.title}" for n, c in enumerate(decision.choices, 1))]
        )
    return plain(f"ask.{decision.reason}" if decision.reason == "foreign" else "ask.unsure")
