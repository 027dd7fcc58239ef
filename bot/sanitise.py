"""Cleaning of what people type: nothing invisible, nothing endless."""

from core.sanitise import visible

LONGEST = 2000


def clean(text: str) -> str:
    """The visible text, cut at 2,000 characters."""
    return visible(text)[:LONGEST]


def too_long(text: str) -> bool:
    """Whether ``clean`` would cut the text."""
    return len(text) > LONGEST
