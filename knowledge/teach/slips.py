"""Slips of the keyboard, so that the model is not thrown by them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.sound import sounds

_SHARE = 0.2  # of the questions
_SHORTEST = 6  # characters: of fewer, each is needed
_COMMON = 20  # a character offered for another of its sound occurs so often


@dataclass(frozen=True, slots=True)
class Slips:
    """The characters that an input method offers for a sound, among those in use."""

    alike: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Slips:
        """Count what is in use."""
        used = Counter(char for text in texts for char in text if not char.isascii())
        alike: dict[str, list[str]] = {}
        for char, times in used.items():
            if times >= _COMMON:
                alike.setdefault(sounds(char)[0], []).append(char)
        return cls({sound: tuple(chars) for sound, chars in alike.items()})

    def maybe(self, text: str) -> str:
        """Now and then a character is left out, doubled, changes place with the next, or another
        of its sound stands there."""
        if len(text) < _SHORTEST or random.random() > _SHARE:
            return text
        at = random.randrange(len(text) - 1)
        here, there = text[at], text[at + 1]
        heard = [char for char in self.alike.get(sounds(here)[0], ()) if char != here]
        if heard and random.random() < 0.5:
            return text[:at] + random.choice(heard) + text[at + 1 :]
        middle = random.choice([there, there + here, here + here + there])
        return text[:at] + middle + text[at + 2 :]
