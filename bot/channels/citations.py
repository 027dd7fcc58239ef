"""Citations in a message as links to the imported texts, for channels that can show links."""

from collections.abc import Callable
from datetime import date
from html import escape

from knowledge.statutes.citation import WRITTEN, Citation

# The address of the page with an article's text, as of a day; None where it is not imported.
Link = Callable[[Citation, date], str | None]


def linked(html: str, link: Link | None, day: date, *, more: str = "") -> str:
    """HTML of a message of ours with its citations as links. ``more``: further attributes.

    Works on ready HTML, whose tags hold no citations, so that stored messages get their links
    when they are shown and lose them when the texts are gone.
    """
    if link is None or "《" not in html:
        return html
    pieces, end = [], 0
    for found in WRITTEN.finditer(html):
        address = link(Citation(found["law"], found["article"], found["version"]), day)
        if address is not None:
            opening = f'<a href="{escape(address)}"{more}>'
            pieces += [html[end : found.start()], opening, found[0], "</a>"]
            end = found.end()
    return "".join((*pieces, html[end:]))
