"""Settings: every problem at once, secrets never shown."""

from pathlib import Path

import pytest

from core.config import Config, load
from core.errors import ConfigError

SHIPPED = Path(__file__).resolve().parents[2] / "config.toml"


def test_the_shipped_file_holds_the_defaults_of_the_code() -> None:
    shipped = load(SHIPPED, environ={})
    plain = Config(root=shipped.root)
    for name in ("server", "telegram", "worktime", "booking", "escalation", "outbox", "security"):
        assert getattr(shipped, name) == getattr(plain, name), name


def test_environment_and_files_override(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("123:abc\n")
    config = load(
        SHIPPED,
        environ={
            "IPSTATION_SERVER_PORT": "9000",
            "IPSTATION_BOOKING_LENGTHS": "30,45",
            "IPSTATION_TELEGRAM_TOKEN_FILE": str(secret),
        },
    )
    assert config.server.port == 9000
    assert config.booking.lengths == (30, 45)
    assert config.telegram.token == "123:abc"


def test_every_problem_is_reported_together(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        '[server]\nport = "abc"\ncolour = 1\n[telegram]\ntoken = "x"\n[nonsense]\n'
        '[booking]\nlengths = [20]\n[worktime]\nspans = ["18:00-09:00"]\n',
        encoding="utf-8",
    )
    with pytest.raises(ConfigError) as caught:
        load(path, environ={"IPSTATION_SERVRE_PORT": "1"})
    text = str(caught.value)
    for part in ("port", "colour", "token", "nonsense", "IPSTATION_SERVRE_PORT"):
        assert part in text
    path.write_text('[booking]\nlengths = [20]\n[worktime]\nspans = ["18:00-09:00"]\n')
    with pytest.raises(ConfigError) as caught:
        load(path, environ={})
    assert "lengths" in str(caught.value)
    assert "worktime" in str(caught.value)


def test_a_dump_redacts_secrets() -> None:
    config = load(SHIPPED, environ={"IPSTATION_TELEGRAM_TOKEN": "123:secret"})
    assert "123:secret" not in str(config.dump())


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql+asyncpg://me:s3cret@host/name", "postgresql+asyncpg://me:***@host/name"),
        (
            "postgresql+asyncpg://host/n?password=s3cret",
            "postgresql+asyncpg://host/n?password=hidden",
        ),
        ("postgresql+asyncpg://me@host/name", "postgresql+asyncpg://me@host/name"),
        ("sqlite+aiosqlite:////data/知产 小站.db", "sqlite+aiosqlite:////data/知产 小站.db"),
        ("me:s3cret@host", "（写法不对，不显示）"),
    ],
)
def test_a_dump_hides_the_password_of_the_database(url: str, shown: str) -> None:
    config = load(SHIPPED, environ={"IPSTATION_DATABASE_URL": url})
    assert config.database.url == url
    assert config.dump()["database"]["url"] == shown


def test_webhook_mode_needs_https_and_a_secret() -> None:
    with pytest.raises(ConfigError) as caught:
        load(
            SHIPPED,
            environ={"IPSTATION_TELEGRAM_MODE": "webhook", "IPSTATION_TELEGRAM_TOKEN": "1:a"},
        )
    assert len(caught.value.problems) == 2


def test_relative_paths_start_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[knowledge]\nstatutes = "laws"\n')
    config = load(path, environ={})
    assert config.paths.var == tmp_path / "var"
    assert str(tmp_path / "var" / "ipstation.db") in config.database.url
    assert config.knowledge.statutes == str(tmp_path / "laws")
