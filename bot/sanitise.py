"""Cleaning of what people type: nothing invisible, nothing endless."""

import unicodedata

LONGEST = 2000


def clean(text: str) -> str:
    """Without control, zero-width and bidirectional characters; cut at 2,000 characters."""
    kept = "".join(
        char
        for char in text
        if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co")
    )
    return kept.strip()[:LONGEST]


def too_long(text: str) -> bool:
    """Whether ``clean`` would cut the text."""
    return len(text) > LONGEST
