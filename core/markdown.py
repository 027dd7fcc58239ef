"""The small Markdown of our texts as HTML, and as plain words."""

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

PARSER = MarkdownIt("zero", {"breaks": True, "html": False}).enable(
    ["emphasis", "list", "newline", "escape"]
)


def to_html(text: str) -> str:
    """Safe HTML with ``p``, ``br``, ``strong``, ``ul``, ``ol`` and ``li`` only."""
    return str(PARSER.render(text))


def to_plain(text: str) -> str:
    """The words alone, lists marked with a dot or a number."""
    return "".join(to_pieces(text, bold=("", ""))).strip()


def to_pieces(text: str, bold: tuple[str, str]) -> Iterator[str]:
    """The words with ``bold`` put around strong text: for channels without block markup."""
    counters: list[int | None] = []
    for token in PARSER.parse(text):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            counters.append(
                None if token.type.startswith("bullet") else int(token.attrGet("start") or 1)
            )
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            counters.pop()
            if not counters:
                yield "\n"
        elif token.type == "list_item_open":
            number = counters[-1]
            yield "· " if number is None else f"{number}. "
            counters[-1] = None if number is None else number + 1
        elif token.type == "inline":
            yield from _inline(token, bold)
        elif token.type == "paragraph_close":
            yield "\n" if counters else "\n\n"


def _inline(token: Token, bold: tuple[str, str]) -> Iterator[str]:
    for child in token.children or ():
        if child.type in ("softbreak", "hardbreak"):
            yield "\n"
        elif child.type == "strong_open":
            yield bold[0]
        elif child.type == "strong_close":
            yield bold[1]
        else:
            yield child.content
