"""Where files lie: below var, by random names, encrypted with a key that is not in the database."""

import secrets
from pathlib import Path

from core.seal import cipher

FOLDER = "attachments"


class Vault:
    """Puts contents away and gives them back. Its calls block: for a thread."""

    def __init__(self, var: Path, secret_key: str) -> None:
        self._folder = var / FOLDER
        self._cipher = cipher(secret_key, "attachments")

    def put(self, content: bytes) -> str:
        """Keep a content; its name. A file that no row names, after a crash, is never shown."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = secrets.token_hex(24)
        path = self._folder / name
        path.touch(mode=0o600)
        path.write_bytes(self._cipher.encrypt(content))
        return name

    def get(self, name: str) -> bytes:
        """The content. Raises when it is gone or was changed."""
        return self._cipher.decrypt((self._folder / name).read_bytes())
