"""The service-count catalogue (服务计数目录), kept as data in ``catalogue.toml``."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Service:
    """One line of the catalogue: its name, its unit, and what one counts as."""

    code: str
    name: str
    unit: str
    counts: str


@cache
def services() -> dict[str, Service]:
    """The catalogue by code, in its official order."""
    raw = tomllib.loads((files("ledger") / "catalogue.toml").read_text(encoding="utf-8"))
    return {code: Service(code=code, **fields) for code, fields in raw.items()}
