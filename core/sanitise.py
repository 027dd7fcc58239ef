"""Cleaning of what people type, wherever they type it."""

import unicodedata


def visible(text: str) -> str:
    """Without control, zero-width and bidirectional characters; line breaks and tabs stay."""
    return "".join(
        char
        for char in text
        if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co")
    ).strip()
