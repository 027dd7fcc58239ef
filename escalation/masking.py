"""What would tell an expert who asks, taken out of a text."""

import re

MASK = "＊＊＊"
# Mobile numbers, identity numbers and unified credit codes, each standing alone: patent and
# application numbers (202110123456.7, ZL 2021 1 0123456.7) are none of these and stay readable.
_NUMBERS = re.compile(
    r"(?<![\dA-Za-z.])(?:(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}|\d{17}[\dXx]"
    r"|[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10})(?![\dA-Za-z]|\.\d)"
)


def masked(text: str, known: list[str | None]) -> str:
    """``text`` without phone, identity and credit-code numbers and without the ``known`` names."""
    for name in sorted((n for n in known if n and len(n) > 1), key=len, reverse=True):
        text = text.replace(name, MASK)
    return _NUMBERS.sub(MASK, text)
