"""What would tell who asks, taken out of a text."""

import re
from collections.abc import Iterable

MASK = "＊＊＊"
# Mobile numbers, identity numbers and unified credit codes, each standing alone: patent and
# application numbers (202110123456.7, ZL 2021 1 0123456.7) are none of these and stay readable.
_NUMBERS = re.compile(
    r"(?<![\dA-Za-z.])(?:(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}|\d{17}[\dXx]"
    r"|[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10})(?![\dA-Za-z]|\.\d)"
)


# For words that leave the matter they were written in: whatever names a case, a mailbox or an
# account. A figure of seven digits and more is one of these; sums are smaller or written in 万.
_TRACES = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|PCT/[A-Za-z]{2}\d{4}/\d{4,6}"
    r"|(?<![\dA-Za-z])(?!\d{4}-\d\d-\d\d(?![\d-]))(?:[A-Z]{1,3} ?)?\d(?:[ -]?\d){6,}(?:\.[\dXx])?"
    r"[A-Z]?(?![\dA-Za-z])",
    re.ASCII,
)


def masked(text: str, known: Iterable[str | None]) -> str:
    """``text`` without phone, identity and credit-code numbers and without the ``known`` names."""
    for name in sorted((n for n in known if n and len(n) > 1), key=len, reverse=True):
        text = text.replace(name, MASK)
    return _NUMBERS.sub(MASK, text)


def anonymous(text: str, known: Iterable[str | None]) -> str:
    """Masked, and without application, patent and registration numbers and mailboxes too: for
    texts that others than those of the matter will read."""
    return _TRACES.sub(MASK, masked(text, known))
