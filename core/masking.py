"""What would tell who asks, taken out of a text."""

import re
from collections.abc import Iterable

MASK = "＊＊＊"
# Full-width signs and other dashes and spaces, as the patterns below read them: one for one, so
# that what was found stands at the same place in the text as it was typed.
_READ_AS = str.maketrans(
    {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    | dict.fromkeys("‐‑‒–—―−﹣", "-")
    | dict.fromkeys("\u3000\u00a0\u2002\u2003\u2009", " ")
)
_APART = r"[-._ ·•・]{0,3}"  # what people put between the groups of a phone number
# Credit codes, identity numbers, landlines with their area code and mobiles. Letters may stand
# beside a phone (13812345678QQ), digits may not: patent and application numbers
# (202110123456.7, ZL 2021 1 0123456.7, 98101234.5) are none of these and stay readable.
_NUMBERS = re.compile(
    r"(?<![\dA-Z])[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}(?![\dA-Z])"
    r"|(?<!\d)\d{6}[- ]?\d{8}[- ]?\d{3}[\dX](?!\d)"
    rf"|(?<!\d)(?:(?:(?:\+|00)86{_APART}|86-)\(?0?|\(?0)\d{{2,3}}\)?{_APART}\d{{3,4}}{_APART}\d{{4}}"
    r"(?:-\d{1,6})?(?!\d)"
    rf"|(?<!\d)(?:(?:\+|00)?86{_APART})?1[3-9]\d(?:{_APART}\d){{8}}(?!\d)",
    re.ASCII | re.IGNORECASE,
)
# For words that leave the matter they were written in: whatever names a case, a mailbox or an
# account. A figure of seven digits and more is one of these; sums are smaller or written in 万.
# Days, spans of years or of sums, and standards are read first and stay.
_TRACES = re.compile(
    r"(?<!\d)(?P<kept>\d{4}-\d{1,2}-\d{1,2}(?![\d-])|(?:19|20)\d\d ?- ?(?:19|20)\d\d(?![\d-])"
    r"|\d{1,6} ?- ?\d{1,6}(?= ?[元万])|(?<![A-Z])[A-Z]+/T ?\d+-\d{4}(?!\d))"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|PCT/[A-Z]{2}\d{4}/\d{4,6}|(?<!\d)\d{4}SR\d{6,}"
    r"|(?<!\d)(?:[A-Z]{1,3} (?!\d{4}-)|(?<![A-Z])[A-Z]+)?\d(?:[ -]?\d){6,}"
    r"(?:\.[\dX](?![\dA-Z]))?(?:[A-Z]\d?(?![\dA-Z]))?",
    re.ASCII | re.IGNORECASE,
)


def masked(text: str, known: Iterable[str | None]) -> str:
    """``text`` without phone, identity and credit-code numbers and without the ``known`` names."""
    for name in sorted((n for n in known if n and len(n) > 1), key=len, reverse=True):
        text = text.replace(name, MASK)
    return _without(_NUMBERS, text)


def anonymous(text: str, known: Iterable[str | None]) -> str:
    """Masked, and without application, patent and registration numbers and mailboxes too: for
    texts that others than those of the matter will read."""
    return _without(_TRACES, masked(text, known))


def _without(pattern: re.Pattern[str], text: str) -> str:
    parts, at = [], 0
    for found in pattern.finditer(text.translate(_READ_AS)):
        if found.lastgroup == "kept":
            continue
        parts += [text[at : found.start()], MASK]
        at = found.end()
    return "".join([*parts, text[at:]])
