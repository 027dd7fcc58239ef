"""The error tree.

StationError
├── Refusal            an expected "no" to a person: a text key and its parameters
│   └── (each room subclasses it next to the rule that refuses)
├── DeliveryError      a message could not be sent: permanent or worth another try
└── ConfigError        the settings are wrong: every problem at once
Anything else is a bug: logged with the event id, rolled back, apologised for.
"""

from datetime import timedelta
from typing import Any


class StationError(Exception):
    """Root of the errors that this product raises on purpose."""


class Refusal(StationError):
    """An expected "no". ``key`` names the text shown; ``params`` fill it."""

    key = "error.refused"

    def __init__(self, key: str | None = None, **params: Any) -> None:
        if key is not None:
            self.key = key
        self.params = params
        super().__init__(self.key, params)


class DeliveryError(StationError):
    """Sending failed.

    permanent: trying again cannot help (blocked, chat gone, malformed).
    retry_after: the earliest next try the other side asked for, or None.
    progress: how many parts of a long message had arrived; the next try starts after them.
    """

    def __init__(
        self,
        reason: str,
        *,
        permanent: bool,
        retry_after: timedelta | None = None,
        progress: int = 0,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.retry_after = retry_after
        self.progress = progress


class ConfigError(StationError):
    """The settings are wrong. ``problems`` lists every one, in Chinese, each with its remedy."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
