"""Sealing (加密存放): what must not be read from a copy of the database alone.

The key is derived from a secret, which lives outside the database, once for each purpose.
"""

import base64
import json
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import Refusal

CONFIDENTIAL = "confidential words"


@lru_cache(maxsize=32)
def cipher(secret_key: str, purpose: str) -> Fernet:
    """The cipher of a purpose."""
    derived = HKDF(SHA256(), 32, salt=None, info=f"ipstation {purpose}".encode())
    return Fernet(base64.urlsafe_b64encode(derived.derive(secret_key.encode())))


def seal(secret_key: str, purpose: str, text: str) -> str:
    """``text`` so that only the holder of the key can read it; different each time."""
    return cipher(secret_key, purpose).encrypt(text.encode()).decode()


def unseal(secret_key: str, purpose: str, sealed: str) -> str | None:
    """The text, or None when it was sealed with another key, for another purpose, or altered."""
    try:
        return cipher(secret_key, purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


class WrongKey(Refusal):
    """The words were sealed with another key, or are damaged."""

    key = "error.wrong_key"


class Sealer:
    """Seals and opens confidential words. ``key``: any long secret."""

    def __init__(self, key: str) -> None:
        if not key:
            raise ValueError("a sealer needs a key")
        self._key = key

    def seal(self, words: dict[str, str]) -> str:
        """The words as one sealed text, different each time."""
        return seal(self._key, CONFIDENTIAL, json.dumps(words))

    def open(self, sealed: str) -> dict[str, str]:
        """The words again. Raises WrongKey."""
        opened = unseal(self._key, CONFIDENTIAL, sealed)
        if opened is None:
            raise WrongKey
        words: dict[str, str] = json.loads(opened)
        return words
