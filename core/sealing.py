"""Words encrypted at rest, with a key that is not in the database."""

import json
from base64 import urlsafe_b64encode
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken

_PURPOSE = b"ipstation confidential words\0"


class WrongKey(Exception):
    """The words were sealed with another key, or are damaged."""


class Sealer:
    """Seals and opens words. ``key``: any long secret; the cipher's key is derived from it."""

    def __init__(self, key: str) -> None:
        if not key:
            raise ValueError("a sealer needs a key")
        self._fernet = Fernet(urlsafe_b64encode(sha256(_PURPOSE + key.encode()).digest()))

    def seal(self, words: dict[str, str]) -> str:
        """The words as one sealed text, different each time."""
        return self._fernet.encrypt(json.dumps(words).encode()).decode()

    def open(self, sealed: str) -> dict[str, str]:
        """The words again. Raises WrongKey."""
        try:
            opened: dict[str, str] = json.loads(self._fernet.decrypt(sealed.encode()))
        except InvalidToken as error:
            raise WrongKey from error
        return opened
