"""Our small Markdown as Telegram HTML, in parts that Telegram accepts. Pure functions."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import accumulate, groupby

from bot.channels.markdown import to_pieces

# Bot API: the length of a message and of a file's caption after the markup is taken away.
# Counted in UTF-16 units, as Telegram's clients and entity offsets do.
MESSAGE_UNITS = 4096
CAPTION_UNITS = 1024

# Where a part may end, best first: paragraph, line, sentence, pause, and last between two
# characters that do not belong to one Latin word, number or composed sign.
_BREAKS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\n\s*\n",
        r"\n",
        r"[。！？；…!?;][”’」』）)\"']*|\.\s",
        r"\s|[，、：,:](?!\d)",
        r"[^A-Za-z0-9_.\-/@\u200d](?![\u0300-\u036f\u200d\ufe0e\ufe0f\U0001f3fb-\U0001f3ff])",
    )
)


class _Mark(str):
    """A piece that switches bold on or off, told from the words by its type."""

    __slots__ = ()


_ON, _OFF = _Mark("on"), _Mark("off")


@dataclass(frozen=True)
class Part:
    """One message's worth of a text: as Telegram HTML, and without any markup."""

    html: str
    plain: str

    @property
    def fits_caption(self) -> bool:
        """Whether it may stand beneath a file instead of in a message of its own."""
        return units(self.plain) <= CAPTION_UNITS


def parts(markdown: str, limit: int = MESSAGE_UNITS) -> list[Part]:
    """The text in parts of at most ``limit`` UTF-16 units, each with its markup closed.

    The same text always gives the same parts, so a retry can go on after those that arrived.
    A text without words gives none.
    """
    letters = list(_letters(markdown))
    text = "".join(letter for letter, _ in letters)
    return [_part(letters[start:end]) for start, end in _spans(text, limit)]


def units(text: str) -> int:
    """Length in UTF-16 units."""
    return sum(map(_width, text))


def _width(letter: str) -> int:
    return 2 if letter > "\uffff" else 1


def _letters(markdown: str) -> Iterator[tuple[str, bool]]:
    """Every character with whether it is bold."""
    bold = False
    for piece in to_pieces(markdown, bold=(_ON, _OFF)):
        if isinstance(piece, _Mark):
            bold = piece is _ON
        else:
            yield from ((letter, bold) for letter in piece)


def _spans(text: str, limit: int) -> Iterator[tuple[int, int]]:
    """Start and end of every part, white space at both ends left out."""
    upto = list(accumulate(map(_width, text), initial=0))
    start = _skip_blank(text, 0)
    while start < len(text):
        end = bisect_right(upto, upto[start] + limit) - 1
        if end < len(text):
            end = _cut(text, start, end)
        yield start, start + len(text[start:end].rstrip())
        start = _skip_blank(text, end)


def _skip_blank(text: str, start: int) -> int:
    return len(text) - len(text[start:].lstrip())


def _cut(text: str, start: int, end: int) -> int:
    """The best place to end a part in its second half; ``end`` when there is none."""
    earliest = start + (end - start) // 2
    for pattern in _BREAKS:
        # One character more, so that a pattern sees whether the next one belongs to the last.
        found = [match.end() for match in pattern.finditer(text, earliest, end + 1)]
        within = [place for place in found if place <= end]
        if within:
            return within[-1]
    return end


def _part(letters: list[tuple[str, bool]]) -> Part:
    runs = [
        (bold, "".join(letter for letter, _ in run))
        for bold, run in groupby(letters, key=lambda pair: pair[1])
    ]
    html = (f"<b>{escape(t, quote=False)}</b>" if b else escape(t, quote=False) for b, t in runs)
    return Part("".join(html), "".join(t for _, t in runs))
