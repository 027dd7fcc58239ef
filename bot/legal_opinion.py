"""A request for a formal legal opinion: declined politely, with what can be done instead."""

import re

_WANTS = re.compile(
    r"(?:出具|出|开|写|给|要|盖章的?|正式的?)[^，。？！；]{0,8}(?:法律)?意见书"
    r"|正式[^，。？！；]{0,4}法律意见"
    r"|意见书[^，。？！；]{0,6}(?:盖章|签字)"
    r"|formal legal opinion|signed legal opinion",
    re.IGNORECASE,
)
# Opinions that are somebody else's: the office's on an application, or a party's on those.
_OTHER = re.compile(r"审查意见|复审|陈述意见|意见陈述|检索|答复")


def wants_legal_opinion(text: str) -> bool:
    """Whether the words ask us to issue a formal legal opinion."""
    return _WANTS.search(text) is not None and _OTHER.search(text) is None
