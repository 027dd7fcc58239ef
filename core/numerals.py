"""Numbers as people type them: 12, １２, 十二, 第5年度, 12项."""

import re
import unicodedata

_NUMERAL = re.compile(r"[零〇一二两三四五六七八九十]+")
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_WHOLE = re.compile(r"[-−负]?\s*\d+(?:\.\d+)?")
_LONGEST = 9


def plain_digits(text: str) -> str:
    """Half-width, lower case, Chinese numerals below a hundred as digits."""
    return _NUMERAL.sub(_number, unicodedata.normalize("NFKC", text).lower())


def whole_number(text: str) -> int | None:
    """The one whole number in the text, perhaps negative; None for none, several or a fraction."""
    found = _WHOLE.findall(plain_digits(text))
    if len(found) != 1 or "." in found[0] or len(found[0]) > _LONGEST:
        return None
    digits = found[0].lstrip("-−负 ")
    return int(digits) if found[0][0].isdecimal() else -int(digits)


def _number(found: re.Match[str]) -> str:
    before, ten, after = found[0].partition("十")
    if not ten:
        return "".join(str(_DIGITS[char]) for char in before)
    if len(before) > 1 or len(after) > 1:
        return found[0]
    return str((_DIGITS[before] if before else 1) * 10 + (_DIGITS[after] if after else 0))
