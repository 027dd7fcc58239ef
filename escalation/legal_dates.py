"""The asker's own legal deadline, where words name one: 明天到期, 期限还剩3天, due tomorrow."""

import re
from datetime import date, timedelta

from core.numerals import plain_digits
from core.when import parse_day

_CLAUSE = re.compile(r"[，。；！？、,;!?\n]")
_CUE = re.compile(
    r"截止|截至|到期|期限|届满|过期|最后一天|最后期限|最迟|逾期"
    r"|前(?:必须|要|得|需|应)?(?:答复|提交|交|回复|补正|递交|起诉|上诉|应诉|缴)"
    r"|deadline|due|no later than|expires?",
    re.IGNORECASE,
)
_LEFT = re.compile(r"(?:还有|还剩|只剩|仅剩|剩下|剩|只有)\s*(?:不到)?\s*(\d{1,3})\s*[天日]")
_ON = re.compile(r"(?<!\d)(\d{1,3})\s*[天日](?:之?后|以后)")


def legal_deadline(text: str, today: date) -> date | None:
    """The nearest deadline to come that the text names; None where it names none."""
    found = []
    for clause in _CLAUSE.split(plain_digits(text)):
        if _CUE.search(clause):
            found.append(_day_in(clause, today))
    return min((day for day in found if day is not None and day >= today), default=None)


def _day_in(clause: str, today: date) -> date | None:
    if days := _LEFT.search(clause) or _ON.search(clause):
        return today + timedelta(days=int(days[1]))
    return parse_day(clause, today)
