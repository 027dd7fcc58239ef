"""Citations as they are written, 《专利法》（2020-10-17文本）第四十二条, and what they name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlencode

WRITTEN = re.compile(
    r"《(?P<law>[^《》]+(?:《[^《》]+》[^《》]*)*)》"
    r"(?:（(?P<version>\d{4}-\d\d-\d\d)文本）)?"
    r"(?P<article>第[一二三四五六七八九十百千零〇]+条(?:之[一二三四五六七八九十]+)?)"
)


@dataclass(frozen=True, slots=True)
class Citation:
    """One article of a law, in the version it names or in the one in force."""

    law: str
    article: str
    version: str | None = None

    @property
    def path(self) -> str:
        """Where the article's page is, below the public address."""
        where = f"/law/{quote(self.law, safe='')}/{quote(self.article)}"
        return f"{where}?{urlencode({'version': self.version})}" if self.version else where


def citations_in(text: str) -> Iterator[tuple[re.Match[str], Citation]]:
    """The citations in a text, each with where it stands."""
    for found in WRITTEN.finditer(text):
        yield found, Citation(found["law"], found["article"], found["version"])
