"""The kinds of terms that the deadline calculator knows (``kinds/*.toml``, ``rules.toml``)."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process

from core.errors import Refusal
from knowledge.calculate.tables import Row, Tables
from knowledge.entry import Source

HERE = Path(__file__).parent
KINDS = HERE / "kinds"
EARLIEST = date(1985, 4, 1)  # 专利法 in force; a kind may say otherwise
NEAR_SCORE = 60
_SPACE = re.compile(r"[\s_—–-]+")


class UnknownKind(Refusal):
    """No kind of that name. ``near``: the names that come closest, joined."""

    key = "calculate.unknown_kind"


@dataclass(frozen=True, slots=True)
class Rule:
    """A way of counting: does the last day move past rest days, and what says so.

    monday: 审查指南 moves a period past a weekend worked to make up; shown as a doubt.
    doubt, doubt_from: what is unsure about terms that end on that day or later.
    """

    name: str
    text: str
    moves: bool
    sources: tuple[Source, ...]
    monday: bool = False
    doubt: str | None = None
    doubt_from: date | None = None


@dataclass(frozen=True, slots=True)
class RemedyRule:
    """How a term can be extended or a lost right restored.

    terms: counted one after the other from the term's end (by the rule), from its last day
    (``from_last_day``) or from its start (``from_start``); empty where nothing can be counted.
    """

    how: str
    sources: tuple[Source, ...]
    terms: tuple[str, ...] = ()
    fee: str | None = None
    rule: str | None = None
    from_last_day: bool = False
    from_start: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of term.

    give: which day to give. delivery: whose rules of delivery apply to the notice (patent,
    trademark), None where the term runs from an event. terms: figures of the tables, counted one
    after the other. shape: plain, day-before, year-end, window, backward, annual or late.
    sense: act (a term to keep), office (the authority's own), earliest, expiry. strict: why no
    answer can be given on days without a rule. before_term: the years that held until a day.
    sources: what its texts rest on besides the sources of its terms.
    """

    id: str
    name: str
    group: str
    give: str
    terms: tuple[str, ...]
    rule: str
    after: str
    aliases: tuple[str, ...] = ()
    delivery: str | None = None
    shape: str = "plain"
    sense: str = "act"
    extend: str | None = None
    restore: str | None = None
    notes: tuple[str, ...] = ()
    doubt: str | None = None
    strict: str | None = None
    earliest: date = EARLIEST
    before_term: Mapping[str, Any] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()

    def older_term(self, start: date) -> Mapping[str, Any] | None:
        """The ``years`` that hold for a start before a change, and the ``doubt`` about them."""
        old = self.before_term
        return old if old and start < old["until"] else None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All kinds by id, the rules and remedies they name, and the wording."""

    kinds: Mapping[str, Kind]
    rules: Mapping[str, Rule]
    extend: Mapping[str, RemedyRule]
    restore: Mapping[str, RemedyRule]
    wording: Mapping[str, Mapping[str, str]]
    named: Mapping[str, str]  # every name and alias, folded, to its id

    def find(self, asked: str) -> Kind:
        """The kind of that id, name or alias. Raises UnknownKind with the nearest names."""
        folded = fold(asked)
        if folded in self.named:
            return self.kinds[self.named[folded]]
        shown = "、".join(f"{kind.id}（{kind.name}）" for kind in self.near(asked)[:4])
        raise UnknownKind(asked=asked, near=shown or "—")

    def near(self, asked: str) -> tuple[Kind, ...]:
        """The kinds whose id, name or aliases come closest, best first; perhaps none."""
        folded = fold(asked)
        close = process.extract(folded, list(self.named), scorer=fuzz.WRatio, limit=12)
        return tuple(self.kinds[id_] for id_ in dict.fromkeys(self._closest(folded, close)))

    def _closest(self, folded: str, scored: list[tuple[str, float, int]]) -> Iterator[str]:
        inside = [n for n in self.named if folded and folded in n]
        yield from (self.named[n] for n in sorted(inside, key=len))
        yield from (self.named[n] for n, score, _ in scored if score >= NEAR_SCORE)

    def say(self, place: str, /, **params: object) -> str:
        """A sentence of the wording, filled; ``place`` is ``section.key``."""
        section, _, key = place.partition(".")
        return self.wording[section][key].format_map(params)


class _Figures(dict[str, str]):
    """The figures of the tables on a day, as they are put into a text."""

    def __init__(self, tables: Tables, when: date) -> None:
        super().__init__()
        self._tables, self._when = tables, when

    def __missing__(self, name: str) -> str:
        row: Row = self._tables.on(name, self._when)
        return row.shown


def fill(text: str, tables: Tables, when: date) -> str:
    """``text`` with ``{name}`` replaced by the figure of that name on that day."""
    return text.format_map(_Figures(tables, when))


def fold(text: str) -> str:
    """Case, width, spaces and hyphens do not matter when a kind is named."""
    return _SPACE.sub("", unicodedata.normalize("NFKC", text)).lower()


@cache
def catalogue() -> Catalogue:
    """The kinds of this release; the first line of a file names their group."""
    kinds: dict[str, Kind] = {}
    for path in sorted(KINDS.glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        group = text.partition("\n")[0].removeprefix("# ")
        for id_, value in tomllib.loads(text).items():
            kinds[id_] = Kind(id=id_, group=group, **_sourced(value))
    rules = tomllib.loads((HERE / "rules.toml").read_text(encoding="utf-8"))
    return Catalogue(
        kinds=kinds,
        rules={name: Rule(name=name, **_sourced(value)) for name, value in rules["rule"].items()},
        extend={name: RemedyRule(**_sourced(value)) for name, value in rules["extend"].items()},
        restore={name: RemedyRule(**_sourced(value)) for name, value in rules["restore"].items()},
        wording=tomllib.loads((HERE / "wording.toml").read_text(encoding="utf-8")),
        named={fold(n): k.id for k in kinds.values() for n in (k.id, k.name, *k.aliases)},
    )


def _sourced(value: dict[str, Any]) -> dict[str, Any]:
    sources = [Source(**source) for source in value.get("sources", ())]
    return _tuples({**value, "sources": sources})


def _tuples(value: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(item) if isinstance(item, list) else item for key, item in value.items()}
