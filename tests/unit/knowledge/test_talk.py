"""Messages in the light of those before them: the dialogues of talk_cases.txt, on words alone."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from knowledge.decide import Decision
from knowledge.engine import Engine
from knowledge.follow import Last

TODAY = date(2026, 11, 22)
CASES = Path(__file__).with_name("talk_cases.txt")


def dialogues() -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """Where each begins, the entry answered before it or -, its messages with what is expected."""
    start, turns = "", list[tuple[str, str]]()
    for number, line in enumerate([*CASES.read_text(encoding="utf-8").splitlines(), ""], 1):
        if line[:1] in ("@", "-") and "|" not in line:
            start, turns = line, []
        elif "|" in line and not line.startswith("#"):
            message, _, expected = line.partition(" | ")
            turns.append((message, expected.strip()))
        elif not line and turns:
            yield f"{number}", start, turns
            turns = []


def outcome(decision: Decision, expected: str) -> str:
    """A decision in the words of the table, with as much detail as is expected."""
    if decision.kind == "handoff":
        return f"!{decision.reason}"
    if decision.kind == "choices":
        offered = [choice.entry for choice in decision.choices]
        return expected if expected.removeprefix("?") in offered else f"?{offered}"
    said = " + ".join(str(one.entry) for one in decision.every)
    if decision.part and "#" in expected:
        said += f" #{decision.part.heading}"
    if decision.then:
        said += f" ~{decision.then.state}"
    return said


@pytest.mark.parametrize(
    ("start", "turns"), [pytest.param(s, t, id=f"line-{n}") for n, s, t in dialogues()]
)
def test_a_dialogue_is_understood(engine: Engine, start: str, turns: list[tuple[str, str]]) -> None:
    last = None
    if start.startswith("@"):
        last = Last(start[1:], engine.base.entries[start[1:]].question)
    for message, expected in turns:
        decision = engine.ask(message, TODAY, last)
        assert outcome(decision, expected) == expected, message
        newest = decision.every[-1]
        if newest.entry and start != "-":
            last = Last(newest.entry, newest.understood or message)
