"""The calculators for programs: a term, the kinds of terms and a bill as plain data."""

from collections.abc import Iterable
from typing import Any

from knowledge.calculate.deadline import sources_of
from knowledge.calculate.fees import Bill, Line
from knowledge.calculate.kinds import catalogue
from knowledge.calculate.tables import FEN
from knowledge.calculate.term import Deadline, Remedy
from knowledge.entry import Source


def deadline_data(found: Deadline) -> dict[str, Any]:
    """A term; days as ISO dates, money in yuan."""
    return {
        "kind": found.kind,
        "name": found.name,
        "date": found.given.isoformat(),
        "start": found.start.isoformat(),
        "due": found.due.isoformat(),
        "last_day": found.last_day.isoformat(),
        "moved": found.moved,
        "opens": found.opens.isoformat() if found.opens else None,
        "rule": found.rule,
        "article": cited(found.articles),
        "articles": [s.cite() for s in (*found.articles, *found.rule_articles)],
        "after": found.after,
        "sense": found.sense,
        "extend": _remedy(found.extend),
        "restore": _remedy(found.restore),
        "steps": [
            {
                "name": step.name,
                "until": step.until.isoformat(),
                "fee": None if step.fee is None else yuan(step.fee),
            }
            for step in found.steps
        ],
        "notes": list(found.notes),
        "doubt": found.doubt,
    }


def kinds_data() -> list[dict[str, Any]]:
    """Every kind of term: its id, names, group, and which day to give."""
    return [
        {
            "kind": kind.id,
            "name": kind.name,
            "group": kind.group,
            "date": kind.give,
            "aliases": list(kind.aliases),
        }
        for kind in catalogue().kinds.values()
    ]


def bill_data(bill: Bill) -> dict[str, Any]:
    """A bill; amounts in yuan."""
    return {
        "kind": bill.case.kind,
        "reduction": bill.case.reduction,
        "grant_year": bill.case.grant_year,
        "reduced_years": list(bill.reduced_years) if bill.reduced_years else None,
        "lines": _lines(bill.lines),
        "total_full": yuan(bill.total_full),
        "total_due": yuan(bill.total_due),
        "schedule": [
            {
                "year": item.year,
                "full": yuan(item.full),
                "due": yuan(item.due),
                "late": [yuan(amount) for amount in item.late],
            }
            for item in bill.schedule
        ],
        "extras": _lines(bill.extras),
        "notes": list(bill.notes),
    }


def yuan(fen: int) -> int | float:
    """Fen as yuan: whole where it is whole."""
    return fen // FEN if fen % FEN == 0 else fen / FEN


def cited(sources: Iterable[Source]) -> str:
    """Citations in one line."""
    return "、".join(source.cite() for source in sources)


def all_citations(found: Deadline) -> tuple[str, ...]:
    """Everything a shown term rests on, each once."""
    return tuple(dict.fromkeys(source.cite() for source in sources_of(found)))


def _remedy(found: Remedy | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "how": found.how,
        "until": found.until.isoformat() if found.until else None,
        "article": cited(found.articles),
        "fee": None if found.fee is None else yuan(found.fee),
    }


def _lines(lines: Iterable[Line]) -> list[dict[str, Any]]:
    return [
        {"stage": i.stage, "name": i.name, "full": yuan(i.full), "due": yuan(i.due)} for i in lines
    ]
