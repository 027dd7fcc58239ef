"""Annual fees by patent year: the amount, the surcharge steps, what a reduction covers.

Sources: 缴费服务指南附件2 and 第二章5, 专利法实施细则第一百一十五条.
"""

from __future__ import annotations

from datetime import date

from knowledge.calculate.tables import Row, Tables

PATENTS = ("invention", "utility", "design")
STEPS = 6  # months of the late period: the first is free, each later one adds a step


def term_years(tables: Tables, patent: str | None = None, when: date | None = None) -> int:
    """How many years a patent of that kind can be kept; of the longest kind when None."""
    kinds = PATENTS if patent is None else (patent,)
    return max(tables.on(f"patent-term-{kind}", when).value for kind in kinds)


def annuity(tables: Tables, patent: str, year: int, when: date | None = None) -> Row:
    """The annual fee of a patent year. Raises KeyError for a year that the kind does not have."""
    for name in tables.names:
        if name.startswith(f"annuity-{patent}-"):
            row = tables.on(name, when)
            if row.years and row.years[0] <= year <= row.years[1]:
                return row
    raise KeyError(f"annuity-{patent}, year {year}")


def surcharge(tables: Tables, full: int, step: int, when: date | None = None) -> int:
    """The surcharge in fen on a full fee in fen; step 0 is the free first month, 5 the last."""
    return full * tables.on("annuity-surcharge", when).value * step // 100


def reduced(full: int, percent: int) -> int:
    """What is left of an amount in fen after a reduction by ``percent``."""
    return full * (100 - percent) // 100
