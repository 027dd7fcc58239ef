"""Full-text search over Chinese: texts are cut into pairs of characters before they are stored.

A table keeps the cut words; SQLite indexes them by FTS5, PostgreSQL as a tsvector in a GIN index.
Neither index is known to the models, so comparisons with the database leave them out.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import DDL, Integer, Select, Table, column, event, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import Base

_HAN = re.compile(r"[㐀-䶿一-鿿豈-﫿]")
MOST_TOKENS = 4000
_ASKED = 16  # tokens of a question; more do not find more


def cut(words: str) -> Iterator[str]:
    """The tokens of a text: pairs of Chinese characters, and words and numbers as they stand."""
    normal = unicodedata.normalize("NFKC", words).lower()
    for run in re.split(rf"({_HAN.pattern}+)", normal):
        if _HAN.match(run):
            yield from (run[i : i + 2] for i in range(max(1, len(run) - 1)))
        else:
            yield from (token[:40] for token in re.findall(r"[^\W_]+", run))


def cut_words(texts: Iterable[str | None], scopes: Iterable[str] = ()) -> str:
    """What is stored of some texts. ``scopes``: names that no text can contain (``_`` in front)."""
    tokens = dict.fromkeys(token for one in texts if one for token in cut(one))
    return " ".join([*(f"_{scope}" for scope in scopes), *list(tokens)[:MOST_TOKENS]])


def tokens_of(question: str) -> list[str]:
    """What a question looks for: all of these."""
    return list(dict.fromkeys(cut(question)))[:_ASKED]


def index_statements(table: str, dialect: str) -> tuple[str, ...]:
    """What makes the index of a table with the columns ``id`` and ``words``; for migrations too."""
    if dialect == "postgresql":
        return (
            f"CREATE INDEX {table}_fts ON {table} USING gin "
            "(array_to_tsvector(string_to_array(words, ' ')))",
        )
    gone = f"INSERT INTO {table}_fts({table}_fts, rowid, words) VALUES('delete', old.id, old.words)"
    come = f"INSERT INTO {table}_fts(rowid, words) VALUES(new.id, new.words)"
    return (
        f"CREATE VIRTUAL TABLE {table}_fts USING fts5(words, content='{table}', "
        "content_rowid='id', detail=none, "
        "tokenize=\"unicode61 remove_diacritics 0 tokenchars '_'\")",
        f"CREATE TRIGGER {table}_come AFTER INSERT ON {table} BEGIN {come}; END",
        f"CREATE TRIGGER {table}_gone AFTER DELETE ON {table} BEGIN {gone}; END",
        f"CREATE TRIGGER {table}_new AFTER UPDATE OF words ON {table} BEGIN {gone}; {come}; END",
    )


def make_searchable(table: Table) -> None:
    """Make the index wherever the table is made."""
    for dialect in ("sqlite", "postgresql"):
        for statement in index_statements(table.name, dialect):
            ddl = DDL(statement)  # type: ignore[no-untyped-call]
            ddl = ddl.execute_if(dialect=dialect)
            event.listen(table, "after_create", ddl)


def newest(table: str, tokens: Iterable[str], scope: str, dialect: str, limit: int) -> Select[int]:
    """The highest ids of rows that have all tokens and the scope. Tokens of one Chinese character,
    and words and numbers, also match longer ones that begin so.

    The limit is within: a common word then costs no more than a rare one.
    """
    asked = list(tokens)
    if dialect == "postgresql":
        parts = [f"'{token}'" + (":*" if _open(token) else "") for token in asked]
        question = " & ".join([f"'_{scope}'", *parts])
        query = (
            f"SELECT id FROM {table} WHERE array_to_tsvector(string_to_array(words, ' ')) "
            "@@ CAST(:asked AS tsquery) ORDER BY id DESC LIMIT :most"
        )
    else:
        parts = [f'"{token}"' + ("*" if _open(token) else "") for token in asked]
        question = " AND ".join([f'"_{scope}"', *parts])
        query = (
            f"SELECT rowid AS id FROM {table}_fts WHERE {table}_fts MATCH :asked "
            "ORDER BY rowid DESC LIMIT :most"
        )
    found = text(query).bindparams(asked=question, most=limit).columns(column("id", Integer))
    return select(found.subquery().c.id)


def _open(token: str) -> bool:
    return len(token) == 1 or not _HAN.match(token)


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """For comparisons of the models with a database: whether the models know the thing."""
    return not (kind in ("table", "index") and name and "_fts" in name)


async def replace_rows(
    session: AsyncSession, model: type[Base], rows: list[dict[str, Any]], key: Sequence[str]
) -> None:
    """Insert the rows, or put them in place of those with the same key, in one go."""
    if not rows:
        return
    if session.get_bind().dialect.name == "postgresql":
        insert = postgresql.insert(model)
        new = {name: insert.excluded[name] for name in rows[0] if name not in key}
        await session.execute(insert.on_conflict_do_update(index_elements=key, set_=new), rows)
        return
    other = sqlite.insert(model)
    new = {name: other.excluded[name] for name in rows[0] if name not in key}
    await session.execute(other.on_conflict_do_update(index_elements=key, set_=new), rows)
