"""The small Markdown of our texts as HTML."""

from markdown_it import MarkdownIt

PARSER = MarkdownIt("zero", {"breaks": True, "html": False}).enable(
    ["emphasis", "list", "newline", "escape"]
)


def to_html(text: str) -> str:
    """Safe HTML with ``p``, ``br``, ``strong``, ``ul``, ``ol`` and ``li`` only."""
    return str(PARSER.render(text))
