"""Due dates in working days (服务承诺, never shown as 法定期限)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.clock import local_day
from core.config import Escalation
from core.worktime import Worktime
from escalation.model import Complexity


@dataclass(frozen=True)
class ServiceLevels:
    """The promises of ``[escalation]`` on the working calendar."""

    promise: Escalation
    worktime: Worktime

    def answer_due(self, complexity: str, start: datetime) -> datetime:
        """When a question that came at ``start`` must be answered: end of a working day."""
        days = {
            Complexity.SIMPLE: self.promise.simple_days,
            Complexity.ORDINARY: self.promise.ordinary_days,
            Complexity.COMPLEX: self.promise.complex_days,
        }[Complexity(complexity)]
        return self.worktime.due_in_days(start, days)

    def expert_due(self, start: datetime) -> datetime:
        """When an expert who is asked at ``start`` must have answered."""
        return self.worktime.due_in_days(start, self.promise.expert_days)

    def after_expert(self, expert_due: datetime) -> datetime:
        """The asker's date when an expert's is ``expert_due``: a working day later."""
        return self.worktime.due_in_days(expert_due, 1)

    def after_pause(self, due: datetime, since: datetime, until: datetime) -> datetime:
        """``due`` moved by the working days that began while the clock stood still."""
        day, paused = local_day(since), 0
        while day < local_day(until):
            day += timedelta(days=1)
            paused += self.worktime.is_workday(day)
        return self.worktime.due_in_days(due, paused) if paused else due

    @property
    def merge_within(self) -> timedelta:
        """Follow-ups within this time belong to the matter before."""
        return timedelta(days=self.promise.merge_days)
