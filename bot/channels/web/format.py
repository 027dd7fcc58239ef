"""How rows look as frames of the chat protocol."""

import re
from datetime import datetime
from typing import Any

from bot.channels.citations import Link, linked
from bot.channels.markdown import to_html
from core.clock import local_day
from core.outbox import OutboxRow
from core.texts import LANGUAGES, plain

# Links to pages of the desk without sign-in, made clickable as addresses of this very site: what
# stands before the path is dropped, so that no text can lead elsewhere.
_OWN_PAGE = re.compile(r"https?://[\w.\-:\[\]]{1,255}(/desk/[ufx]/[\w\-]{20,60}\.[0-9a-f]{40})")
NEW_WINDOW = ' target="_blank" rel="noopener"'  # the chat stays where it is


def message_frame(row: OutboxRow, link: Link | None = None) -> dict[str, Any]:
    """One message of ours. ``seq`` is its outbox id; a button is tapped by menu and index.

    link: where the texts behind citations can be read.
    """
    text = page_html(row.payload["text"])
    text = _OWN_PAGE.sub(rf'<a href="\1"{NEW_WINDOW}>\g<0></a>', text)
    html = linked(text, link, local_day(row.created_at), more=NEW_WINDOW)
    labels = [[button["label"] for button in line] for line in row.payload["buttons"]]
    index = iter(range(sum(map(len, labels))))
    return {
        "type": "message",
        "seq": row.id,
        "at": epoch_ms(row.created_at),
        "html": html,
        "buttons": [
            [{"label": label, "menu": row.menu, "index": next(index)} for label in line]
            for line in labels
        ],
        "file": row.payload.get("file"),
    }


def own_frame(seq: int, key: str, text: str, at: datetime) -> dict[str, Any]:
    """One line of the person's own. ``seq`` is its inbox id, ``id`` what the page called it."""
    return {"type": "own", "seq": seq, "id": key, "text": text, "at": epoch_ms(at)}


def page_html(text: str) -> str:
    """Safe HTML of our Markdown, the paragraph of sources marked for smaller print."""
    html = to_html(text)
    for lang in LANGUAGES:
        mark = f"<p>{plain('web.sources_mark', lang)}"
        html = html.replace(mark, mark.replace("<p>", '<p class="sources">'))
    return html


def epoch_ms(at: datetime) -> float:
    """Milliseconds since 1970, as JavaScript counts."""
    return at.timestamp() * 1000
