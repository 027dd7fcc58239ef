"""Security primitives: passwords (argon2id), random tokens, signed values."""

import hashlib
import hmac
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """Argon2id hash with its parameters and salt."""
    return _hasher.hash(password)


def verify_password(hashed: str, password: str) -> bool:
    """Whether ``password`` belongs to ``hashed``."""
    try:
        return _hasher.verify(hashed, password)
    except (Argon2Error, InvalidHashError):
        return False


def new_token(size: int = 24) -> str:
    """An unguessable URL-safe token of ``size`` random bytes."""
    return secrets.token_urlsafe(size)


def fingerprint(token: str) -> str:
    """What is stored instead of a token, so that a copy of the database opens nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


def sign(secret_key: str, purpose: str, value: str) -> str:
    """``value`` with a signature that holds for one purpose only."""
    mac = hmac.new(secret_key.encode(), f"{purpose}\0{value}".encode(), hashlib.sha256)
    return f"{value}.{mac.hexdigest()[:40]}"


def unsign(secret_key: str, purpose: str, signed: str) -> str | None:
    """The value, or None when the signature does not fit."""
    value = signed.rpartition(".")[0]
    expected = sign(secret_key, purpose, value)
    return value if hmac.compare_digest(signed.encode(), expected.encode()) else None
