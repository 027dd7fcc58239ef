"""Promises in working days."""

import dataclasses
from datetime import date, datetime

import pytest

from core.clock import SHANGHAI, local
from core.config import Config
from escalation.deadlines import ServiceLevels, Step, Steps
from escalation.legal_dates import legal_deadline
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
        ("11-23 10:00", "11-23 10:00", "11-24 17:30"),
        ("11-23 10:00", "11-23 16:00", "11-25 15:00"),  # four and a half hours, lunch left out
        ("11-23 10:00", "11-25 09:00", "11-26 16:30"),
        ("11-20 17:00", "11-23 09:00", "11-25 09:30"),  # a weekend is no working time
        ("11-20 20:00", "11-22 20:00", "11-24 17:30"),
    ],
)
def test_waiting_for_the_asker_moves_the_date(
    levels: ServiceLevels, since: str, until: str, due: str
) -> None:
    assert local(levels.after_pause(at("11-24 17:30"), at(since), at(until))) == at(due)


@pytest.mark.parametrize(
    ("start", "by"),
    [
        ("11-23 09:00", "11-23 09:30"),
        ("11-23 11:45", "11-23 13:45"),  # the lunch break in between
        ("11-23 12:30", "11-23 14:00"),  # at lunch: from the afternoon on
        ("11-23 08:00", "11-23 10:00"),  # before work
        ("11-23 17:15", "11-24 09:15"),  # a quarter of an hour today, one tomorrow
        ("11-23 17:30", "11-24 10:00"),  # after work
        ("11-27 20:00", "11-30 10:00"),  # Friday night
        ("10-10 09:00", "10-10 09:30"),  # a make-up Saturday is worked
        ("10-01 10:00", "10-08 10:00"),  # the National Day week
    ],
)
def test_first_reply(levels: ServiceLevels, start: str, by: str) -> None:
    assert local(levels.first_reply(at(start))) == at(by)


def test_over_the_end_of_the_year(config: Config) -> None:
    rests = frozenset({date(2027, 1, day) for day in (1, 2, 3)})
    calendar = dataclasses.replace(config.calendar(), holidays=rests)
    levels = ServiceLevels(config.escalation, calendar)
    start = at("12-31 15:00")
    due = local(levels.answer_due(Complexity.ORDINARY, start))
    assert f"{due:%Y-%m-%d %H:%M}" == "2027-01-04 17:30"
    assert f"{local(levels.first_reply(at('12-31 18:00'))):%Y-%m-%d %H:%M}" == "2027-01-04 10:00"
    assert f"{local(levels.contact_due(start)):%Y-%m-%d %H:%M}" == "2027-01-04 15:00"


@pytest.mark.parametrize(
    ("promised", "start", "due"),
    [
        ("expert_accept_due", "11-26 10:00", "11-27 10:00"),
        ("expert_accept_due", "11-27 16:00", "11-30 16:00"),  # over a weekend
        ("expert_accept_due", "11-27 19:00", "12-01 17:30"),  # from Monday morning on
        ("contact_due", "11-28 12:00", "12-01 12:00"),
        ("settle_due", "11-23 10:00", "11-30 10:00"),
        ("call_due", "11-23 11:00", "11-23 14:30"),  # two hours, lunch left out
        ("call_due", "11-23 17:00", "11-24 10:30"),
    ],
)
def test_other_promises(levels: ServiceLevels, promised: str, start: str, due: str) -> None:
    assert local(getattr(levels, promised)(at(start))) == at(due)


def test_a_hard_question_gives_the_expert_longer(levels: ServiceLevels) -> None:
    assert local(levels.expert_due(at("11-23 10:00"), Complexity.COMPLEX)) == at("11-27 17:30")


def answered(start: str, days: int) -> Step:
    return ["answer", at(start).isoformat(), days]


def paused(since: str, until: str) -> Step:
    return ["pause", at(since).isoformat(), at(until).isoformat()]


@pytest.mark.parametrize(
    ("steps", "due"),
    [
        ([answered("11-23 10:00", 2)], "11-24 17:30"),
        ([answered("11-23 10:00", 2), paused("11-23 10:00", "11-23 11:00")], "11-25 10:00"),
        ([answered("11-23 10:00", 2), ["extend", 5]], "12-01 17:30"),
        ([answered("11-23 10:00", 5), ["expert", at("11-23 12:00").isoformat(), 3]], "11-27 17:30"),
        ([answered("11-23 10:00", 2), ["expert", at("11-23 12:00").isoformat(), 3]], "11-26 17:30"),
        (
            [["at", at("11-20 10:00").isoformat(), at("11-24 17:30").isoformat()], ["extend", 5]],
            "12-01 17:30",
        ),
    ],
)
def test_a_due_date_follows_from_its_steps(levels: ServiceLevels, steps: Steps, due: str) -> None:
    assert local(levels.due(steps)) == at(due)


def test_own_hours_of_a_center(levels: ServiceLevels) -> None:
    early = levels.within(["08:00-11:30", "14:00-16:00"])
    assert local(early.answer_due(Complexity.SIMPLE, at("11-23 10:00"))) == at("11-23 16:00")
    assert local(early.first_reply(at("11-23 11:15"))) == at("11-23 14:15")
    assert levels.within([]) is levels


def test_half_and_four_fifths_of_working_time(levels: ServiceLevels) -> None:
    steps: Steps = [answered("11-23 09:00", 2)]  # two days of seven hours
    half, late = levels.alert_times(steps, levels.due(steps))
    assert (local(half), local(late)) == (at("11-23 17:30"), at("11-24 14:42"))
    steps.append(paused("11-23 10:00", "11-24 10:00"))  # a whole working day stands still
    half, late = levels.alert_times(steps, levels.due(steps))
    assert (local(half), local(late)) == (at("11-24 17:30"), at("11-25 14:42"))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("审查意见明天到期，怎么答复", "11-24"),
        ("审查意见答复期限是12月20日", "12-20"),
        ("还剩三天就要届满了", "11-26"),
        ("必须在11月30日前答复", "11-30"),
        ("展会是11月1日办的，下周三截止提交", "12-02"),
        ("The reply is due tomorrow", "11-24"),
        ("我们11月25日在展会展出过", None),
        ("期限已经在昨天过期了", None),
        ("审查意见的期限是哪天？", None),
    ],
)
def test_a_legal_deadline_in_the_words(text: str, day: str | None) -> None:
    found = legal_deadline(text, date(2026, 11, 23))
    assert found == (None if day is None else date.fromisoformat(f"2026-{day}"))
