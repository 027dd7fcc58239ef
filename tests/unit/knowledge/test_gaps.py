"""Near duplicates together, what differs apart."""

from datetime import date

import numpy as np
import pytest

from knowledge.asking import with_asks
from knowledge.embed import Vectors
from knowledge.engine import Engine
from knowledge.front import read_text
from knowledge.gaps import MOST_VECTORS, Unmet, grouped, nearest
from tests.unit.knowledge.small import entry

DAY = date(2026, 11, 20)


def asked(*questions: str, why: str = "unsure", given: str | None = None) -> list[Unmet]:
    return [Unmet(n, one, why, DAY, given) for n, one in enumerate(questions, 1)]


def texts(*questions: str) -> list[set[str]]:
    return [set(group.questions) for group in grouped(asked(*questions))]


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("专利证书丢了怎么补办？", "请问专利证书丢了怎么补办", True),
        ("專利證書丟了怎麼補辦", "专利证书丢了怎么补办", True),
        ("专利权评价报告怎么申请", "专利权评价报告如何申请", True),
        ("外观设计专利年费怎么交", "发明专利的年费怎么交", False),
        ("转让备案要交什么材料", "转让备案要交多少钱", False),
        ("小微企业费减备案怎么弄", "高校的费减备案怎么弄", False),
        ("专利证书丢了怎么补办", "客户欠我货款不还怎么办", False),
    ],
)
def test_near_duplicates_come_together(one: str, other: str, together: bool) -> None:
    assert (len(texts(one, other)) == 1) is together


def test_what_is_asked_most_comes_first_in_its_most_frequent_words() -> None:
    seldom, often = "布图设计能质押吗", "专利证书丢了怎么补办"
    groups = grouped(asked(seldom, "请问专利证书丢了怎么补办？", often, often))
    assert [group.count for group in groups] == [3, 1]
    assert groups[0].questions == (often, "请问专利证书丢了怎么补办？")
    assert set(groups[0].ids) == {2, 3, 4}
    assert groups[0].last == DAY


def test_a_chain_of_small_differences_does_not_join_what_differs_much() -> None:
    chain = ["甲乙丙丁戊己庚辛", "甲乙丙丁戊己壬癸", "甲乙丙丁子丑壬癸", "寅卯丙丁子丑壬癸"]
    assert len(texts(*chain)) > 1


def test_meaning_joins_what_letters_do_not() -> None:
    def vector(text: str) -> Vectors:
        return np.array([1.0, 0.0] if "证" in text else [0.0, 1.0], dtype=np.float32)

    rows = asked("证书弄丢了咋整", "红本本证不见了", "布图设计能质押吗")
    assert len(grouped(rows)) == 3
    assert [group.count for group in grouped(rows, vector)] == [2, 1]


def test_only_the_most_frequent_get_a_vector() -> None:
    counted: list[str] = []

    def vector(text: str) -> Vectors:
        counted.append(text)
        return np.zeros(2, dtype=np.float32)

    grouped([Unmet(n, f"第{n}种奇怪的说法{n * 7919}", "unsure", DAY) for n in range(400)], vector)
    assert len(counted) == MOST_VECTORS


def test_the_nearest_entry_is_the_one_given_else_what_the_engine_thinks_of(engine: Engine) -> None:
    given = next(iter(engine.base.entries))
    [rated] = grouped(asked("这个没说清楚", why="unhelpful", given=given))
    assert nearest(engine, rated) == given
    [gone] = grouped(asked("专利年费逾期了怎么办", why="unhelpful", given="filing-gone"))
    assert nearest(engine, gone) in engine.base.entries
    for unlike in ("你好", "客户欠我货款不还怎么办", "中国专利奖今年什么时候申报"):
        [nothing] = grouped(asked(unlike))
        assert nearest(engine, nothing) is None, unlike


def test_ways_of_asking_are_added_and_all_else_stays() -> None:
    before = entry()
    after = with_asks(before, ["新: 问法", "蓝专利每年交多少钱", '带"引号"的', "新: 问法"])
    assert after is not None
    asks = read_text(after, "x").values["ask"]
    assert asks[-2:] == ["新: 问法", '带"引号"的'] and len(asks) == 8
    new = set(after.splitlines()) - set(before.splitlines())
    assert [line for line in after.splitlines() if line not in new] == before.splitlines()
    assert with_asks(before, ["蓝专利每年交多少钱"]) is None
    assert with_asks(entry(ask="[一, 二]"), ["三"]) is None
    assert with_asks("没有文件头", ["三"]) is None
