"""The small Markdown of our texts, turned into HTML or plain words."""

from core.markdown import to_html, to_pieces, to_plain

__all__ = ["to_html", "to_pieces", "to_plain"]
