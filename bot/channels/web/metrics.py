"""Counters of this process, in the text format that Prometheus reads."""

from collections import Counter

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.outbox import OutboxRow, OutboxState

HELP = {
    "ipstation_web_events_total": ("counter", "Events of the web chat by outcome."),
    "ipstation_web_refused_total": ("counter", "Frames of the web chat refused, by reason."),
    "ipstation_web_sockets": ("gauge", "Open sockets of this process."),
    "ipstation_outbox_open": ("gauge", "Outbox rows not sent, by channel and state."),
}


Labels = tuple[tuple[str, str], ...]


class Metrics:
    """Counts since the process started."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, Labels]] = Counter()

    def count(self, name: str, **labels: str) -> None:
        """One more of ``name``, which is described in ``HELP``."""
        self._counts[name, tuple(sorted(labels.items()))] += 1

    def text(self, gauges: dict[str, dict[Labels, int]]) -> str:
        """Everything counted, and the gauges as they stand."""
        lines = []
        for name, (kind, meaning) in HELP.items():
            lines += [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]
            counted = {labels: n for (found, labels), n in self._counts.items() if found == name}
            for labels, number in (counted | gauges.get(name, {})).items():
                shown = ",".join(f'{key}="{value}"' for key, value in labels)
                lines.append(f"{name}{{{shown}}} {number}" if shown else f"{name} {number}")
        return "\n".join(lines) + "\n"


async def open_outbox(session: AsyncSession) -> dict[Labels, int]:
    """Rows waiting, being sent or parked, by channel and state."""
    found = await session.execute(
        select(OutboxRow.channel, OutboxRow.state, func.count())
        .where(OutboxRow.state != OutboxState.SENT)
        .group_by(OutboxRow.channel, OutboxRow.state)
    )
    return {(("channel", channel), ("state", state)): number for channel, state, number in found}
