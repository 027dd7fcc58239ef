"""Database migrations (Alembic), run by ``ipstation db upgrade``."""
