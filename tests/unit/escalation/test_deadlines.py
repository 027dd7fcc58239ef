"""Promises in working days."""

from datetime import datetime

import pytest

from core.clock import SHANGHAI, local
from core.config import Config
from escalation.deadlines import ServiceLevels
from escalation.model import Complexity


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=SHANGHAI)


@pytest.fixture
def levels(config: Config) -> ServiceLevels:
    return ServiceLevels(config.escalation, config.calendar())


@pytest.mark.parametrize(
    ("complexity", "start", "due"),
    [
        (Complexity.SIMPLE, "11-23 10:00", "11-23 17:30"),
        (Complexity.SIMPLE, "11-23 17:30", "11-24 17:30"),  # after work: the next working day
        (Complexity.ORDINARY, "11-27 09:00", "11-30 17:30"),  # Friday, over the weekend
        (Complexity.COMPLEX, "11-28 12:00", "12-04 17:30"),  # Saturday: counts from Monday
        (Complexity.ORDINARY, "09-30 10:00", "10-08 17:30"),  # over the National Day week
        (Complexity.SIMPLE, "10-10 10:00", "10-10 17:30"),  # a make-up Saturday is worked
    ],
)
def test_answer_due(levels: ServiceLevels, complexity: Complexity, start: str, due: str) -> None:
    assert local(levels.answer_due(complexity, at(start))) == at(due)


def test_an_experts_date_and_the_askers_behind_it(levels: ServiceLevels) -> None:
    expert_due = levels.expert_due(at("11-26 10:00"))
    assert local(expert_due) == at("11-30 17:30")
    assert local(levels.after_expert(expert_due)) == at("12-01 17:30")


@pytest.mark.parametrize(
    ("since", "until", "due"),
    [
        ("11-23 10:00", "11-23 16:00", "11-24 17:30"),  # the same day: nothing lost
        ("11-23 10:00", "11-25 09:00", "11-26 17:30"),
        ("11-20 17:00", "11-23 09:00", "11-25 17:30"),  # a weekend costs no working day
    ],
)
def test_waiting_for_the_asker_moves_the_date(
    levels: ServiceLevels, since: str, until: str, due: str
) -> None:
    assert local(levels.after_pause(at("11-24 17:30"), at(since), at(until))) == at(due)
