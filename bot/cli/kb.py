"""``ipstation kb``: check the curated base; compute its sentence vectors."""

import time
from pathlib import Path

from bot.station import open_engine
from core.config import Config
from knowledge.check import main as run_check


def check(config: Config, statutes: Path | None, facts: Path | None) -> int:
    """Report every problem of the base; 1 when there is an error."""
    arguments = ["--entries", str(config.paths.entries)]
    statutes = statutes or (Path(config.knowledge.statutes) if config.knowledge.statutes else None)
    if statutes is not None:
        arguments.append(str(statutes))
    if facts is not None:
        arguments += ["--facts", str(facts)]
    return run_check(arguments)


def index(config: Config) -> int:
    """Fill the vector cache, so that the next start is quick."""
    started = time.perf_counter()
    engine = open_engine(config, print)
    print(f"知识库 {len(engine.base)} 条，用时 {time.perf_counter() - started:.1f} 秒。")
    return 0
