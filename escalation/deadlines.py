"""Due dates in working time (服务承诺, never shown as 法定期限).

A due date is never only a date: ``Ticket.due_steps`` says what it follows from, so that a
corrected calendar, a pause or an extension can be computed anew from the beginning.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from core.clock import at_local, local, local_day
from core.config import Escalation
from core.worktime import Worktime, parse_spans
from escalation.model import Complexity

# One step of a due date: its kind and what it takes.
#   at, start, due          a date of before the steps were kept
#   answer, start, days     the answer is promised so many working days from the start
#   expert, start, days     not before a working day after an expert who was asked then must answer
#   pause, since, until     the clock stood still
#   extend, days            so many working days more
Step = list[str | int]
Steps = list[Step]


@dataclass(frozen=True)
class ServiceLevels:
    """The promises of ``[escalation]`` on the working calendar."""

    promise: Escalation
    worktime: Worktime

    def within(self, spans: Iterable[str]) -> "ServiceLevels":
        """The same promises at a center with its own hours; empty: the hours of the settings."""
        given = parse_spans(spans)
        if not given:
            return self
        return replace(self, worktime=replace(self.worktime, spans=given))

    def first_reply(self, start: datetime) -> datetime:
        """When a person first replies to what came at ``start``.

        Out of hours: by the promised hour of the next working day.
        """
        if self.worktime.is_open(start):
            return self.worktime.after_minutes(start, self.promise.reply_minutes)
        opens = self.worktime.after_minutes(start, 0)
        if local_day(opens) == local_day(start) and self._worked_before(start):
            return self.worktime.after_minutes(opens, self.promise.reply_minutes)  # at lunch
        day = local_day(opens)
        return max(opens, at_local(day, self.promise.reply_hour))

    def _worked_before(self, instant: datetime) -> bool:
        return any(end <= instant for _, end in self.worktime.spans_on(local_day(instant)))

    def answer_due(self, complexity: str, start: datetime) -> datetime:
        """When a question that came at ``start`` must be answered: end of a working day."""
        return self.worktime.due_in_days(start, self.answer_days(complexity))

    def answer_days(self, complexity: str) -> int:
        """How many working days a question as hard as this may take."""
        return {
            Complexity.SIMPLE: self.promise.simple_days,
            Complexity.ORDINARY: self.promise.ordinary_days,
            Complexity.COMPLEX: self.promise.complex_days,
        }[Complexity(complexity)]

    def answer_step(self, complexity: str, start: datetime) -> Step:
        """The first step of a due date."""
        return ["answer", start.isoformat(), self.answer_days(complexity)]

    def expert_days(self, complexity: str = Complexity.ORDINARY) -> int:
        """How many working days an expert may take."""
        hard = Complexity(complexity) is Complexity.COMPLEX
        return self.promise.expert_hard_days if hard else self.promise.expert_days

    def expert_due(self, start: datetime, complexity: str = Complexity.ORDINARY) -> datetime:
        """When an expert who is asked at ``start`` must have answered."""
        return self.worktime.due_in_days(start, self.expert_days(complexity))

    def expert_accept_due(self, start: datetime) -> datetime:
        """When an expert who is asked at ``start`` must have accepted: a whole working day on."""
        return self._whole_days(start, self.promise.expert_accept_days)

    def contact_due(self, start: datetime) -> datetime:
        """When somebody who rated badly must have been contacted."""
        return self._whole_days(start, self.promise.contact_days)

    def settle_due(self, start: datetime) -> datetime:
        """When the matter behind a bad rating must be settled."""
        return self._whole_days(start, self.promise.settle_days)

    def call_due(self, start: datetime) -> datetime:
        """When an urgent asker must have been called."""
        return self.worktime.after_minutes(start, self.promise.call_minutes)

    def after_expert(self, expert_due: datetime) -> datetime:
        """The asker's date when an expert's is ``expert_due``: a working day later."""
        return self.worktime.due_in_days(expert_due, 1)

    def after_pause(self, due: datetime, since: datetime, until: datetime) -> datetime:
        """``due`` moved by the working minutes during which the clock stood still."""
        minutes = self.worktime.minutes_between(since, until)
        return self.worktime.after_minutes(due, minutes) if minutes else due

    def due(self, steps: Steps) -> datetime:
        """What the steps come to on this calendar."""
        due: datetime | None = None
        for kind, *given in steps:
            if kind == "answer":
                due = self.worktime.due_in_days(_instant(given[0]), int(given[1]))
                continue
            if kind == "at":
                due = _instant(given[1])
                continue
            assert due is not None, "a due date starts with an answer"
            if kind == "expert":
                expert_due = self.worktime.due_in_days(_instant(given[0]), int(given[1]))
                due = max(due, self.after_expert(expert_due))
            elif kind == "pause":
                due = self.after_pause(due, _instant(given[0]), _instant(given[1]))
            elif kind == "extend":
                due = self._days_on(due, int(given[0]))
        assert due is not None
        return due

    def expert_due_of(self, steps: Steps) -> datetime | None:
        """When the expert who was asked last must have answered, pauses since then added."""
        due: datetime | None = None
        for kind, *given in steps:
            if kind == "expert":
                due = self.worktime.due_in_days(_instant(given[0]), int(given[1]))
            elif kind == "pause" and due is not None:
                due = self.after_pause(due, _instant(given[0]), _instant(given[1]))
        return due

    def alert_times(self, steps: Steps, due: datetime) -> tuple[datetime, datetime]:
        """When 50% and 80% of the time to ``due`` are gone, pauses left out."""
        start, worked = start_of(steps), self.worktime
        pauses = [(_instant(s[1]), _instant(s[2])) for s in steps if s[0] == "pause"]
        paused = sum(worked.minutes_between(since, until) for since, until in pauses)
        whole = max(worked.minutes_between(start, due) - paused, 0)

        def reached(part: int) -> datetime:
            at = worked.after_minutes(start, whole * part // 100)
            for since, until in pauses:
                if since < at:
                    at = self.after_pause(at, since, until)
            return at

        return reached(50), reached(80)

    def is_near(self, legal_due: date, now: datetime) -> bool:
        """Whether a legal deadline of the asker is near enough to call them."""
        days = (legal_due - local_day(now)).days
        return 0 <= days <= self.promise.urgent_days

    def _days_on(self, due: datetime, days: int) -> datetime:
        """The end of the working day that is ``days`` working days after that of ``due``."""
        day = local_day(due)
        for _ in range(days):
            day = self.worktime.next_workday(day + timedelta(days=1))
        return self.worktime.spans_on(day)[-1][1]

    def _whole_days(self, start: datetime, days: int) -> datetime:
        """The same time of the working day, ``days`` working days on; at least a whole one."""
        worked = self.worktime
        day = local_day(worked.after_minutes(start, 0))
        for _ in range(days):
            day = worked.next_workday(day + timedelta(days=1))
        same = at_local(day, local(start).hour, local(start).minute)
        opens, ends = worked.spans_on(day)[0][0], worked.spans_on(day)[-1][1]
        return min(max(same, opens), ends)

    @property
    def merge_within(self) -> timedelta:
        """Follow-ups within this time belong to the matter before."""
        return timedelta(days=self.promise.merge_days)


def start_of(steps: Steps) -> datetime:
    """When the present run of the clock began."""
    return _instant(steps[0][1])


def _instant(value: str | int) -> datetime:
    return datetime.fromisoformat(str(value))
