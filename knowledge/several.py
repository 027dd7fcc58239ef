"""The questions of a message that asks more than one thing."""

from __future__ import annotations

import re

from knowledge.normalise import simplified, visible

MOST = 4  # a longer list is a story or a form
_LEAST = 3  # characters of a question
_END = re.compile(r"(?<=[？?。！!；;\n])")
_FURTHER = re.compile(
    r"(?:(?<=[，,、：:\s？?。；;！!])|^)"
    r"(?:另外|还有(?![多几没什]|.?没有|救)|顺便(?:再)?(?:问(?:一下|下)?|咨询(?:一下)?)?|再(?:问|请问)(?:一下|一个|下)?"
    r"|还?想(?:再)?问(?:一下|下)|同时(?:想问|请问)?|其次|以及|第[二三]个?问题是?|[2-4][.、．)）](?!\d)"
    r"|(?:and )?also\b|another question)"
    r"(?:，|,|：|:|\s)*",
    re.IGNORECASE,
)
_FIRST = re.compile(
    r"^\s*(?:第一个?问题是?|首先|1[.、．)）](?!\d)|两个问题|三个问题|几个问题|问[两三]个问题)[，,：:\s]*"
)
_ASKS = re.compile(
    r"[？?]|多少|多久|多长|什么|啥|怎么|怎样|如何|哪|谁|几[个天年月号类件次块]|吗|么$|呢|能不能|能否|是否|是不是|可不可以|"
    r"可以.{0,6}不|要不要|有没有|算不算|行不行|咋|为何|\b(?:how|what|when|where|which|who|can|do|does|is)\b",
    re.IGNORECASE,
)


def questions(message: str) -> tuple[str, ...]:
    """The questions in order, each with the words that lead up to it; one for most messages."""
    pieces = [piece for end in _END.split(_FIRST.sub("", _plain(message))) for piece in _cut(end)]
    found: list[str] = []
    story = ""
    for piece in pieces:
        if _ASKS.search(piece) and len(_bare(piece)) >= _LEAST:
            found.append((story + piece).strip())
            story = ""
        else:
            story += piece
    if found and _bare(story):
        found[-1] = f"{found[-1]} {story.strip()}"
    return tuple(found) if 1 < len(found) <= MOST else (message,)


def says_further(message: str) -> bool:
    """Whether a further question is announced in so many words: 另外, 还有, also."""
    return _FURTHER.search(_plain(message)) is not None


def _plain(message: str) -> str:
    return simplified(visible(message)).strip()


def _cut(sentence: str) -> list[str]:
    return [piece for piece in _FURTHER.split(sentence) if piece and piece.strip(" ，,。？?！!；;")]


def _bare(text: str) -> str:
    return re.sub(r"\W", "", text)
