"""A question answered outside a chat: for the command line and the HTTP interface."""

import time
from datetime import date
from typing import Any

from bot.channels.markdown import to_plain
from bot.handlers.ask import HAND_OFFS, shown
from bot.law_texts import SEARCHED, statutes_data
from bot.phrases import ACTIONS, wish
from core.texts import plain, say
from knowledge.decide import Decision
from knowledge.engine import Engine
from knowledge.statutes.library import Library


def answer(
    engine: Engine, question: str, day: date, *, library: Library | None = None
) -> dict[str, Any]:
    """One question as the JSON object that ``ipstation ask --json`` and ``/api/v1/ask`` give.

    decision: answer, choices, handoff or flow; ms: milliseconds spent. statutes: law texts that
    may settle what the base does not, where they are imported.
    """
    started = time.perf_counter()
    wished = wish(question)
    flow = None if wished is None else ACTIONS[wished][0]
    decision = engine.ask(question, day)
    given = None if flow else decision.answer
    return {
        "q": question,
        "decision": "flow" if flow else decision.kind,
        "entry": given.entry if given else None,
        "title": given.title if given else None,
        "answer": _text(decision, flow),
        "citations": _citations(decision) if given else [],
        "confidence": decision.confidence,
        "choices": [] if flow else [{"entry": c.entry, "title": c.title} for c in decision.choices],
        "flow": flow,
        "also": [] if flow else _also(decision),
        "statutes": _statutes(decision, library, question, day) if flow is None else [],
        "ms": round((time.perf_counter() - started) * 1000, 2),
    }


def _statutes(
    decision: Decision, library: Library | None, question: str, day: date
) -> list[dict[str, Any]]:
    searched = decision.kind == "handoff" and decision.reason in SEARCHED
    return statutes_data(library, question, day) if searched else []


def _citations(decision: Decision) -> list[str]:
    return list(dict.fromkeys(cited for one in decision.every for cited in one.citations))


def _also(decision: Decision) -> list[dict[str, Any]]:
    """The answers to the further questions of the same message."""
    return [
        {"entry": one.entry, "title": one.title, "confidence": one.confidence}
        for one in decision.also
    ]


def _text(decision: Decision, flow: str | None) -> str:
    """What a person would read, without the buttons."""
    if flow is not None:
        return plain(f"flow.{flow}")
    if decision.answer is not None:
        return "\n\n".join(to_plain(say("ask.answer", **shown(one))) for one in decision.every)
    if decision.kind == "choices":
        titles = (f"{n}. {choice.title}" for n, choice in enumerate(decision.choices, 1))
        return "\n".join([plain("ask.choices"), *titles])
    return to_plain(say(HAND_OFFS.get(decision.reason or "", "ask.unsure")))
