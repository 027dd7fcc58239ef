"""What is settled before any matching: nothing said, noise, small talk, far too much."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from knowledge.lexicon import pairs
from knowledge.normalise import tidy, visible

MOST = 2000  # beyond this it is a document, perhaps an unfiled invention: for a person
_WORD = re.compile(r"[一-鿿]|[a-z]{2,}")
_THANKS = "👍🙏👌💐🌹❤🤝"
_AT_US = re.compile(
    r"^(?:你们?|您|这个?|破|机器人|客服|小站|系统|真|太|就|都|全|是|一[群帮个]|个)+"
)
_TAIL = re.compile(r"(?:[啊呀哦嗯吧呢啦嘛哈]|谢谢|\s)+$")


@cache
def _small_talk() -> dict[str, str]:
    return {
        phrase.replace(" ", ""): reason
        for reason, phrases in pairs("smalltalk.tsv").items()
        for phrase in phrases.split("|")
    }


def _of_emoji(text: str) -> str | None:
    """What a message without any word says by its emoji."""
    if any(sign in text for sign in _THANKS):
        return "thanks"
    return "chat" if any(unicodedata.category(sign) == "So" for sign in text) else None


def _small(text: str) -> str | None:
    """What a message is that asks nothing; an insult may say whom it means."""
    less = _TAIL.sub("", text)
    for form in (text, less, re.sub(r"(.)\1+", r"\1", text)):
        if form in _small_talk():
            return _small_talk()[form]
    return "abuse" if _small_talk().get(_AT_US.sub("", less)) == "abuse" else None


def settled(question: str) -> str | None:
    """The reason why a message is not matched, or None where it is a question."""
    if len(question) > MOST:
        return "long"
    seen = visible(question).strip()
    if not seen:
        return "empty"
    text = tidy(seen).replace(" ", "")
    if not text and (reason := _of_emoji(seen)):
        return reason
    if reason := _small(text):
        return reason
    if not _WORD.search(text) or len(set(text)) < 2:
        return "unclear"
    return None
