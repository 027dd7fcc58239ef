"""Further ways of asking put into the file of an entry, which else stays as it is."""

from collections.abc import Sequence

from knowledge.front import read_text
from knowledge.skeleton import quoted


def with_asks(text: str, asks: Sequence[str]) -> str | None:
    """The file with more ways of asking; None where none is new, or its list is not one a line."""
    front = read_text(text, "")
    known = front.values.get("ask")
    if not isinstance(known, list):
        return None
    new = [ask for ask in dict.fromkeys(asks) if ask not in (*known, front.values.get("question"))]
    last = front.lines.get(f"ask.{len(known) - 1}")
    if not new or last is None:
        return None
    lines = text.splitlines(keepends=True)
    end = "\r\n" if lines[last - 1].endswith("\r\n") else "\n"
    indent = lines[last - 1].partition("-")[0]
    lines[last:last] = [f"{indent}- {quoted(ask)}{end}" for ask in new]
    more = "".join(lines)
    return more if read_text(more, "").values.get("ask") == [*known, *new] else None
