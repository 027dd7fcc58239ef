"""Settings: ``config.toml``, overridden by the environment, as frozen typed sections.

Every problem (unknown key, wrong type, impossible value, a secret in the file) is reported
together, at start.
"""

import dataclasses
import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, get_origin, get_type_hints

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from core.errors import ConfigError
from core.worktime import Worktime, parse_spans

PREFIX = "IPSTATION_"
SECRET = {"secret": True}
ADDRESS = {"address": True}  # may hold a password


@dataclass(frozen=True)
class Server:
    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = "http://127.0.0.1:8080"
    secure_cookies: bool = False


@dataclass(frozen=True)
class DatabaseSettings:
    url: str = field(default="sqlite+aiosqlite:///var/ipstation.db", metadata=ADDRESS)


@dataclass(frozen=True)
class Paths:
    var: Path = Path("var")
    entries: Path = Path("knowledge/entries")


@dataclass(frozen=True)
class Telegram:
    mode: str = "polling"
    base_url: str = "https://api.telegram.org/bot"
    bot_name: str = ""
    token: str = field(default="", metadata=SECRET)
    webhook_secret: str = field(default="", metadata=SECRET)


@dataclass(frozen=True)
class Knowledge:
    embeddings: bool = True
    statutes: str = ""
    gap_days: int = 180


@dataclass(frozen=True)
class WorktimeSettings:
    spans: tuple[str, ...] = ("09:00-12:00", "13:30-17:30")
    holidays: tuple[str, ...] = ()
    workdays: tuple[str, ...] = ()


@dataclass(frozen=True)
class Booking:
    lengths: tuple[int, ...] = (30, 60)
    horizon_days: int = 14
    notice_minutes: int = 120
    hold_minutes: int = 10
    reminder_hours: tuple[int, ...] = (24, 2)
    open_limit: int = 5
    buffer_before: int = 0
    buffer_after: int = 0
    daily_limit: int = 0
    confirm: bool = True
    confirm_hours: int = 4
    no_show_limit: int = 2
    no_show_days: int = 90
    offer_minutes: int = 15


@dataclass(frozen=True)
class Calendars:
    hosts: tuple[str, ...] = ()
    refresh_minutes: int = 30
    timeout_seconds: int = 10
    largest_kb: int = 1024


@dataclass(frozen=True)
class Escalation:
    simple_days: int = 1
    ordinary_days: int = 2
    complex_days: int = 5
    expert_days: int = 3
    merge_days: int = 7
    reply_minutes: int = 30
    reply_hour: int = 10
    expert_accept_days: int = 1
    expert_hard_days: int = 5
    panel_days: int = 10
    extension_days: int = 5
    remind_after_days: int = 7
    lapse_after_days: int = 7
    urgent_days: int = 7
    call_minutes: int = 120
    contact_days: int = 1
    settle_days: int = 5


@dataclass(frozen=True)
class Attachments:
    largest_mb: int = 10
    upload_hours: int = 2
    link_hours: int = 72


@dataclass(frozen=True)
class Outbox:
    lease_seconds: int = 60
    retry_seconds: tuple[int, ...] = (2, 10, 60, 300, 1800, 7200)
    telegram_per_second: int = 25
    telegram_chat_interval: float = 1.0


@dataclass(frozen=True)
class Security:
    session_hours: int = 12
    invitation_days: int = 3
    two_factor_roles: tuple[str, ...] = ("province", "director")
    secret_key: str = field(default="", metadata=SECRET)
    confidential_key: str = field(default="", metadata=SECRET)


@dataclass(frozen=True)
class Config:
    """All sections; ``root`` is the folder that relative paths start from."""

    root: Path
    server: Server = Server()
    database: DatabaseSettings = DatabaseSettings()
    paths: Paths = Paths()
    telegram: Telegram = Telegram()
    knowledge: Knowledge = Knowledge()
    worktime: WorktimeSettings = WorktimeSettings()
    booking: Booking = Booking()
    calendars: Calendars = Calendars()
    escalation: Escalation = Escalation()
    attachments: Attachments = Attachments()
    outbox: Outbox = Outbox()
    security: Security = Security()

    def calendar(self) -> Worktime:
        """The working calendar these settings describe."""
        return Worktime(
            spans=parse_spans(self.worktime.spans),
            holidays=frozenset(date.fromisoformat(day) for day in self.worktime.holidays),
            workdays=frozenset(date.fromisoformat(day) for day in self.worktime.workdays),
        )

    def dump(self) -> dict[str, dict[str, Any]]:
        """Every section as plain data, secrets and passwords redacted."""
        return {
            name: {
                f.name: _shown(getattr(section, f.name), f.metadata)
                for f in dataclasses.fields(section)
            }
            for name, section in _sections(self).items()
        }


def load(path: Path, environ: Mapping[str, str] | None = None) -> Config:
    """Read ``path`` and the environment. Raises ConfigError listing every problem."""
    environ = os.environ if environ is None else environ
    problems: list[str] = []
    raw = _read(path, problems)
    root = path.resolve().parent
    values = {
        name: _section(name, kind, raw.pop(name, {}), environ, problems)
        for name, kind in _section_types().items()
    }
    problems += [f"config.toml：不认识的小节 [{name}]，请删除或改正拼写。" for name in raw]
    problems += _unknown_variables(environ)
    if not problems:
        problems += _check(Config(root=root, **values))
    if problems:
        raise ConfigError(problems)
    config = Config(root=root, **values)
    laws = config.knowledge.statutes
    return dataclasses.replace(
        config,
        knowledge=dataclasses.replace(config.knowledge, statutes=str(root / laws) if laws else ""),
        paths=Paths(var=root / config.paths.var, entries=root / config.paths.entries),
        database=DatabaseSettings(url=_anchored(config.database.url, root)),
    )


def ensure_secret_key(config: Config) -> Config:
    """Use the configured secret key, else one kept in ``var/secret.key`` (made on first start)."""
    if config.security.secret_key:
        return config
    path = config.paths.var / "secret.key"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32))
    security = dataclasses.replace(config.security, secret_key=path.read_text().strip())
    return dataclasses.replace(config, security=security)


def _section_types() -> dict[str, type]:
    hints = get_type_hints(Config)
    return {name: kind for name, kind in hints.items() if name != "root"}


def _sections(config: Config) -> dict[str, Any]:
    return {name: getattr(config, name) for name in _section_types()}


def _read(path: Path, problems: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        problems.append(f"找不到设置文件 {path.name}，请在项目文件夹里运行，或用 --config 指定。")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(f"{path.name} 不是有效的 UTF-8 TOML 文件：{error}")
    return {}


def _section(
    name: str,
    kind: type,
    raw: Any,
    environ: Mapping[str, str],
    problems: list[str],
) -> Any:
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    if not isinstance(raw, dict):
        problems.append(f"config.toml：{name} 应写成小节 [{name}]。")
        raw = {}
    for item in dataclasses.fields(kind):
        where, value = f"[{name}] {item.name}", raw.pop(item.name, None)
        if item.metadata.get("secret") and value is not None:
            problems.append(f"{where} 是密钥，不能写在文件里，请改用环境变量。")
        variable = f"{PREFIX}{name}_{item.name}".upper()
        override = _from_environment(variable, environ, problems)
        if override is not None:
            where, value = variable, override
        if value is None:
            continue
        try:
            values[item.name] = _convert(value, hints[item.name])
        except (TypeError, ValueError):
            problems.append(f"{where} 的值 {value!r} 不对，应为 {_type_name(hints[item.name])}。")
    problems += [f"config.toml：[{name}] 里不认识 {key}，请删除或改正拼写。" for key in raw]
    return kind(**values)


def _from_environment(variable: str, environ: Mapping[str, str], problems: list[str]) -> str | None:
    if variable in environ:
        return environ[variable]
    file = environ.get(f"{variable}_FILE")
    if file is None:
        return None
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        problems.append(f"{variable}_FILE 指向的文件读不了：{error.strerror}。")
        return None


def _convert(value: Any, kind: Any) -> Any:
    if get_origin(kind) is tuple:
        parts = [p.strip() for p in value.split(",")] if isinstance(value, str) else value
        if not isinstance(parts, list):
            raise TypeError
        item = int if kind == tuple[int, ...] else str
        return tuple(_convert(part, item) for part in parts if part != "")
    if kind is bool:
        if isinstance(value, bool):
            return value
        return {"true": True, "1": True, "false": False, "0": False}[str(value).lower()]
    if isinstance(value, bool):
        raise TypeError
    if kind is str and not isinstance(value, str):
        raise TypeError
    return kind(value)


def _type_name(kind: Any) -> str:
    names = {bool: "true 或 false", int: "整数", float: "数字", str: "文字", Path: "路径"}
    return names.get(kind, "列表")


def _unknown_variables(environ: Mapping[str, str]) -> list[str]:
    known = {
        f"{PREFIX}{name}_{item.name}".upper()
        for name, kind in _section_types().items()
        for item in dataclasses.fields(kind)
    }
    known |= {f"{name}_FILE" for name in known} | {f"{PREFIX}CONFIG"}
    return [
        f"环境变量 {name} 不对应任何设置，请改正拼写或去掉。"
        for name in sorted(environ)
        if name.startswith(PREFIX) and name not in known
    ]


def _check(config: Config) -> list[str]:
    problems = []
    if not 0 <= config.server.port <= 65535:
        problems.append("[server] port 应在 0 到 65535 之间。")
    if config.telegram.mode not in ("polling", "webhook"):
        problems.append("[telegram] mode 只能是 polling 或 webhook。")
    if config.telegram.mode == "webhook" and config.telegram.token:
        if not config.telegram.webhook_secret:
            problems.append("webhook 模式需要 IPSTATION_TELEGRAM_WEBHOOK_SECRET。")
        if not config.server.public_url.startswith("https://"):
            problems.append("webhook 模式需要 [server] public_url 以 https:// 开头。")
    if any(length <= 0 or length % 15 for length in config.booking.lengths):
        problems.append("[booking] lengths 应为 15 的倍数（分钟）。")
    buffers = (config.booking.buffer_before, config.booking.buffer_after)
    if any(minutes % 15 or not 0 <= minutes <= 240 for minutes in buffers):
        problems.append("[booking] buffer_before、buffer_after 应为 15 的倍数，0 到 240（分钟）。")
    if config.knowledge.gap_days < 1:
        problems.append("[knowledge] gap_days 至少为 1（天）。")
    if config.booking.daily_limit < 0:
        problems.append("[booking] daily_limit 不能小于 0；0 表示不限。")
    if min(config.booking.confirm_hours, config.booking.offer_minutes) < 1:
        problems.append("[booking] confirm_hours、offer_minutes 应大于 0。")
    problems += _check_calendars(config.calendars)
    problems += _check_attachments(config.attachments)
    try:
        config.calendar()
    except ValueError as error:
        problems.append(f"[worktime] 的时间或日期写法不对：{error}")
    return problems


def _check_calendars(calendars: Calendars) -> list[str]:
    problems = []
    if any("/" in host or ":" in host or "*" in host for host in calendars.hosts):
        problems.append(
            "[calendars] hosts 只写主机名，例如 calendar.example.com，不带 https:// 和路径。"
        )
    if min(calendars.refresh_minutes, calendars.timeout_seconds, calendars.largest_kb) <= 0:
        problems.append("[calendars] refresh_minutes、timeout_seconds、largest_kb 应大于 0。")
    return problems


def _check_attachments(attachments: Attachments) -> list[str]:
    problems = []
    if not 1 <= attachments.largest_mb <= 50:
        problems.append("[attachments] largest_mb 应为 1 到 50（MB）。")
    if min(attachments.upload_hours, attachments.link_hours) < 1:
        problems.append("[attachments] upload_hours、link_hours 至少为 1（小时）。")
    return problems


def _anchored(url: str, root: Path) -> str:
    """A relative SQLite path starts from the config file's folder, not from the shell's."""
    scheme, marker, rest = url.partition(":///")
    if not scheme.startswith("sqlite") or not marker or rest.startswith("/") or not rest:
        return url
    return f"{scheme}:///{root / rest}"


def _shown(value: Any, marks: Mapping[str, Any]) -> Any:
    if "secret" in marks:
        return "（已设置）" if value else ""
    if "address" in marks:
        return _without_password(value)
    if isinstance(value, Path):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def _without_password(address: str) -> str:
    """The address as given where it holds no password."""
    try:
        url = make_url(address)
    except ArgumentError:
        return "（写法不对，不显示）"
    named = {key: "hidden" for key in url.query if "password" in key}
    if url.password is None and not named:
        return address
    return url.update_query_dict(named).render_as_string(hide_password=True)
