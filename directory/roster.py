"""The roster (名册): the organisations and people as an operator writes them down in a TOML file.

Reading judges each table by itself and collects all that is wrong, so that a file is corrected
once. Whatever needs the database is judged where the rows are written, in ``enrol``.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import pairwise
from pathlib import Path
from typing import Any

from core.errors import Refusal
from core.texts import plain
from core.worktime import parse_spans
from directory.model import Role
from directory.service import clean_phone

Reader = Callable[[Any], Any]  # raises ValueError that says what is wrong and what to do
Weekly = tuple[int, time, time]  # 0 is Monday

ROLES = {
    "分中心人员": Role.STAFF, "分中心主任": Role.DIRECTOR, "机构顾问": Role.ADVISOR,
    "省级专家": Role.EXPERT, "知识编辑": Role.EDITOR, "省级管理员": Role.PROVINCE,
    "审计": Role.AUDIT,
}  # fmt: skip
TITLES = {  # in the order of writing: what others refer to comes first
    "center": "分中心", "agency": "代理机构", "expert": "专家", "enterprise": "企业",
    "advisor": "顾问", "liaison": "联络员", "account": "账号",
}  # fmt: skip
REQUIRED = {
    "center": ("code", "name"),
    "agency": ("name",),
    "expert": ("name", "areas"),
    "enterprise": ("name", "center"),
    "advisor": ("name", "agency", "center", "areas"),
    "liaison": ("name", "enterprise", "since"),
    "account": ("username", "name", "role"),
}
DAYS = {name: n for n, name in enumerate("一二三四五六日")}
_SPAN = re.compile(r"\d\d:\d\d-\d\d:\d\d", re.ASCII)
_LINE = re.compile(r"(.*) \(at line (\d+), column \d+\)")
_CODE = "只能用小写英文字母、数字和横线，2 到 20 个，首尾用字母或数字"
_USCC = "统一社会信用代码要 18 位，只有数字和大写字母，不含 I、O、S、V、Z，请照营业执照填写"
_HOURS = '要写成 ["周一至周五 09:00-12:00 13:30-17:30", "周六、周日 09:00-12:00"] 这样'


@dataclass
class Row:
    """One table of the file. ``given``: as it stands there; ``values``: what was understood.

    item: its row in the database, once written. state: added, changed or same; changed: the keys
    that differed.
    """

    table: str
    number: int
    given: Mapping[str, Any]
    values: dict[str, Any] = field(default_factory=dict)
    broken: bool = False
    item: Any = None
    state: str = ""
    changed: list[str] = field(default_factory=list)

    @property
    def place(self) -> str:
        """Where it stands, as a person counts."""
        return f"第 {self.number} 个 [[{self.table}]]"


@dataclass
class Roster:
    """A file as read, and everything found wrong with it so far."""

    file: str
    rows: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in TITLES})
    problems: list[str] = field(default_factory=list)

    def complain(self, row: Row, what: str) -> None:
        """Note a mistake; the row is not written."""
        row.broken = True
        self.problems.append(f"{self.file} {row.place}：{what}。")

    def all_rows(self) -> Iterator[Row]:
        """Every row, in the order of writing."""
        return (row for rows in self.rows.values() for row in rows)


def read_roster(path: Path, areas: Sequence[str]) -> Roster:
    """Read a file. ``areas``: the knowledge areas that advisors and experts can have."""
    roster, readers = Roster(path.name), _readers(areas)
    try:
        document = _parse(path)
    except ValueError as error:
        roster.problems.append(f"{path.name}{error}。")
        return roster
    for table, rows in document.items():
        if table not in TITLES:
            known = "、".join(f"[[{name}]]" for name in TITLES)
            roster.problems.append(f"{path.name}：不认识 {table}。可以写的表：{known}。")
        elif not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            roster.problems.append(f"{path.name}：{table} 要写成双方括号的表：[[{table}]]。")
        else:
            roster.rows[table] = [Row(table, n, given) for n, given in enumerate(rows, 1)]
    for row in roster.all_rows():
        _read_row(roster, row, readers[row.table])
    return roster


def _parse(path: Path) -> dict[str, Any]:
    """Raises ValueError that begins where the mistake is."""
    try:
        raw = path.read_bytes()
        return tomllib.loads(raw.decode("utf-8-sig"))
    except OSError as error:
        raise ValueError(f"：读不出来（{error.strerror}），请检查路径和权限") from None
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ValueError(f" 第 {line} 行：不是 UTF-8 编码，请另存为 UTF-8 再试") from None
    except tomllib.TOMLDecodeError as error:
        found = _LINE.fullmatch(str(error))
        what, line_ = (found[1], f" 第 {found[2]} 行") if found else (str(error), "")
        raise ValueError(
            f"{line_}：不是正确的 TOML（{what}），请检查引号、括号、等号，以及有没有重复的键"
        ) from None


def _read_row(roster: Roster, row: Row, readers: Mapping[str, Reader]) -> None:
    for key in REQUIRED[row.table]:
        if key not in row.given:
            roster.complain(row, f"缺少 {key}，请补上")
    for key, value in row.given.items():
        if key not in readers:
            roster.complain(row, f"不认识 {key}，请改正或删去。可以写：{'、'.join(readers)}")
            continue
        try:
            row.values[key] = readers[key](value)
        except ValueError as error:
            roster.complain(row, f"{key} {error}")


def _readers(areas: Sequence[str]) -> dict[str, dict[str, Reader]]:
    short, long, some = _text(40), _text(80), _areas(areas)
    return {
        "center": {"code": _fits(r"[a-z0-9][a-z0-9-]{0,18}[a-z0-9]", _CODE), "name": long,
                   "address": _text(120), "spans": _spans},
        "agency": {"name": long, "credit_grade": _one_of({g: g for g in ("A+", *"ABCD")})},
        "expert": {"name": short, "areas": some, "active": _flag},
        "enterprise": {"name": _unspaced, "uscc": _fits(r"[0-9A-HJ-NP-RTUWXY]{18}", _USCC),
                       "center": long, "high_tech": _flag, "above_scale": _flag},
        "advisor": {"name": short, "agency": long, "center": long, "areas": some,
                    "hours": _hours, "active": _flag},
        "liaison": {"name": short, "enterprise": _unspaced, "phone": _phone, "since": _day,
                    "active": _flag},
        "account": {"username": _fits(r"[a-z0-9][a-z0-9._-]{1,38}[a-z0-9]",
                                      plain("account.bad_username").rstrip("。")),
                    "name": short, "role": _one_of({**ROLES, **{r: r for r in Role}}),
                    "center": long, "advisor": _text(130), "expert": short,
                    "undertaking_on": _day},
    }  # fmt: skip


def _text(most: int) -> Reader:
    def read(value: Any) -> str:
        if not isinstance(value, str) or not value.strip():
            raise ValueError("要写成引号里的文字，不能为空")
        words = " ".join(value.split())
        if len(words) > most:
            raise ValueError(f"有 {len(words)} 个字，最多 {most} 个，请缩短")
        if not words.isprintable():
            raise ValueError("里有看不见的字符，请删去重写")
        return words

    return read


def _unspaced(value: Any) -> str:
    """An enterprise's name as people who type it are understood: spaces aside."""
    return "".join(_text(120)(value).split())


def _fits(pattern: str, otherwise: str) -> Reader:
    def read(value: Any) -> str:
        words: str = _text(40)(value)
        if re.fullmatch(pattern, words) is None:
            raise ValueError(f"“{words}”不对：{otherwise}")
        return words

    return read


def _one_of(choices: Mapping[str, str]) -> Reader:
    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in choices:
            names: dict[str, str] = {}
            for written, meant in choices.items():  # what means the same is shown together
                names[meant] = f"{names[meant]}（{written}）" if meant in names else written
            raise ValueError(f"没有“{value}”这一项。可以写：{'、'.join(names.values())}")
        return choices[value]

    return read


def _areas(areas: Sequence[str]) -> Reader:
    one = _one_of({**{plain(f"area.{area}"): area for area in areas}, **{a: a for a in areas}})

    def read(value: Any) -> list[str]:
        if not isinstance(value, list) or not value:
            raise ValueError('要写成 ["专利申请", "商标"] 这样，至少一项')
        return list(dict.fromkeys(one(area) for area in value))

    return read


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("只能写 true 或 false，不加引号")
    return value


def _day(value: Any) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError("要写成 2026-01-31 这样的日期，不加引号")
    return value


def _phone(value: Any) -> str:
    words = _text(40)(value)
    try:
        return clean_phone(words)
    except Refusal as refusal:
        raise ValueError(plain(refusal.key, **refusal.params).rstrip("。")) from None


def _spans(value: Any) -> list[str]:
    """A day's hours; the same form as in the settings."""
    if not isinstance(value, list) or not all(isinstance(span, str) for span in value):
        raise ValueError('要写成 ["09:00-12:00", "13:30-17:30"] 这样')
    _clock_spans(value)
    return sorted(value)


def _clock_spans(spans: Sequence[str]) -> tuple[tuple[time, time], ...]:
    for span in spans:
        if not _SPAN.fullmatch(span):
            raise ValueError(f"里的“{span}”不是时段，要写成 09:00-12:00 这样")
    try:
        parsed = parse_spans(spans)
    except ValueError:
        raise ValueError(f"里的“{' '.join(spans)}”有不存在的钟点，或先结束后开始") from None
    _require_apart(parsed)
    return parsed


def _require_apart(spans: Sequence[tuple[time, time]]) -> None:
    if any(first[1] > then[0] for first, then in pairwise(sorted(spans))):
        raise ValueError("里有重叠的时段，请分开")


def _hours(value: Any) -> list[Weekly]:
    """An advisor's week."""
    if not isinstance(value, list) or not all(isinstance(line, str) for line in value):
        raise ValueError(_HOURS)
    week: list[Weekly] = []
    for line in value:
        days, *spans = line.split() or [""]
        if not spans:
            raise ValueError(_HOURS)
        week += [(day, *span) for day in _days_of(days) for span in _clock_spans(spans)]
    for day in DAYS.values():
        _require_apart([(start, end) for on, start, end in week if on == day])
    return sorted(week)


def _days_of(words: str) -> list[int]:
    """周一, 周一、周三 or 周一至周五."""
    ranged = "至" in words
    named = [name.removeprefix("周") for name in re.split("[至、]", words)]
    if any(name not in DAYS for name in named) or (ranged and len(named) != 2):
        raise ValueError(f"里的“{words}”不是星期，{_HOURS}")
    days = [DAYS[name] for name in named]
    return list(range(days[0], days[1] + 1)) if ranged else days
