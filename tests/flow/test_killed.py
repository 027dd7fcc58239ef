"""Killed with SIGKILL at random points and started again, the main job ends with the same rows."""

import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.script import COUNTS

ROOT = Path(__file__).resolve().parents[2]
KILLS, SEEDS = 20, 2
SIGNED = re.compile(r"/a/[\w.~-]+")  # the link to an appointment holds its code

# Random by design, or how often a delivery was tried: not what the script is about.
INCIDENTAL = {
    "menu", "uid", "fingerprint", "csrf_token", "attempts", "due_at", "sent_at",
    "lease_until",
}  # fmt: skip


def rows(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Every table, without what is random: the booking code and the button tokens."""
    database = sqlite3.connect(folder / "job.db")
    database.row_factory = sqlite3.Row
    code = database.execute("SELECT code, uid FROM appointments").fetchone()
    menus = [row["menu"] for row in database.execute("SELECT menu FROM outbox WHERE menu > ''")]
    tables = [
        r["name"] for r in database.execute("SELECT name FROM sqlite_master WHERE type='table'")
    ]

    def plain(value: Any) -> Any:
        unfolded = str(value).replace("\\r\\n ", "")  # lines of a calendar file
        text = unfolded.replace(code["code"], "CODE").replace(code["uid"], "UID")
        text = SIGNED.sub("/a/LINK", text)
        return "MENU" if text.rpartition(".")[0] in menus else text

    found = {
        table: [
            {key: plain(row[key]) for key in row.keys() if key not in INCIDENTAL}  # noqa: SIM118
            for row in database.execute(f'SELECT * FROM "{table}" ORDER BY 1')
        ]
        for table in tables
    }
    database.close()
    return found


def test_a_killed_station_ends_with_the_same_rows(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.main_job", str(tmp_path), str(KILLS), str(SEEDS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert [*map(int, done.stdout.split())] == [KILLS] * SEEDS
    calm = rows(tmp_path / "calm")
    for seed in range(SEEDS):
        folder = tmp_path / f"killed-{seed}"
        killed = rows(folder)
        for table, expected in calm.items():
            assert killed[table] == expected, (seed, table)
        assert _counts(folder) == COUNTS
        _everything_arrived_in_order(folder, killed["outbox"])


def _counts(folder: Path) -> dict[str, int]:
    database = sqlite3.connect(folder / "job.db")
    query = "SELECT code, sum(quantity) FROM service_counts GROUP BY code"
    found = dict(database.execute(query).fetchall())
    database.close()
    return found


def _everything_arrived_in_order(folder: Path, outbox: list[dict[str, Any]]) -> None:
    delivered: dict[str, list[int]] = {}
    for line in (folder / "delivered.txt").read_text().splitlines():
        chat, row = line.split()
        seen = delivered.setdefault(chat, [])
        if int(row) not in seen:
            seen.append(int(row))
    for chat, seen in delivered.items():
        assert seen == sorted(seen)
        assert seen == [int(row["id"]) for row in outbox if row["chat"] == chat]
