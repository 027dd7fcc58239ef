"""One plain form for what people type."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from knowledge.guard import settled
from knowledge.normalise import _stem, plain, stems, visible

SAME = {
    "traditional": ("專利年費忘記繳了", "专利年费忘记缴了"),
    "copyright keeps its character": ("著作權登記", "著作权登记"),
    "full width": ("ＰＣＴ申请，多少钱？", "pct申请 多少钱"),
    "bidirectional and zero-width": ("专\u202e利\u200b年\ufeff费", "专利年费"),
    "control characters": ("专利\x00\x07年费", "专利年费"),
    "markup": ("<b>专利</b><script>年费", "专利 年费"),
    "fillers": ("嗯那个请问一下 专利年费多少钱", "专利年费多少钱"),
    "voice typing": ("专力年废怎么半", "专利年费怎么办"),
    "voice typing of longer terms": ("实用心型和外观射机", "实用新型和外观设计"),
    "signs of pledge and renewal": ("质呀贷款 商镖续斩", "质押贷款 商标续展"),
    "pinyin": ("zhuanli nianfei duoshaoqian", "专利年费多少钱"),
    "english": ("how to renew a trademark?", "续展 商标"),
    "repeated": ("专利！！！！啊啊啊啊啊", "专利"),
}


@pytest.mark.parametrize(("typed", "expected"), SAME.values(), ids=SAME.keys())
def test_typed_text_becomes_plain(typed: str, expected: str) -> None:
    found = plain(typed)
    if typed.isascii() and "zhuan" not in typed:
        assert set(expected.split()) <= set(found.text.split())
    else:
        assert found.text == expected


@pytest.mark.parametrize(
    "text", ["周转利润", "我们深情款款", "women can change", "紧急情况", "亲权"]
)
def test_what_means_something_else_stays(text: str) -> None:
    assert plain(text).text == text


def test_lay_words_bring_the_fields_words_and_stay() -> None:
    found = plain("牌子被山寨了")
    assert "牌子" in found.words
    assert {"商标", "侵权"} <= set(found.field_words)


def test_visible_keeps_lines_apart() -> None:
    assert visible("一\n二\x1b[0m") == "一 二[0m"


SETTLED = {
    "": "empty",
    " \u200b\u202e\n": "empty",
    "？？？!!!": "unclear",
    "啊啊啊啊": "unclear",
    "7": "unclear",
    "你好！": "greeting",
    "谢谢啦~": "thanks",
    "测试测试": "test",
    "傻逼": "abuse",
    "你们都是废物！": "abuse",
    "这个破机器人真垃圾啊": "abuse",
    "你是谁？": "about",
    "专利" * 5000: "long",
}


@pytest.mark.parametrize(("said", "reason"), SETTLED.items(), ids=SETTLED.values())
def test_what_is_no_question_is_settled_first(said: str, reason: str) -> None:
    assert settled(said) == reason


@pytest.mark.parametrize(
    "question",
    ["年费", "软著多久", "how to file a patent", "你好，年费怎么交", "你们是骗子介绍的吗"],
)
def test_questions_pass(question: str) -> None:
    assert settled(question) is None


def test_english_is_matched_by_its_gloss_and_by_the_stems_of_its_own_words() -> None:
    one, other = plain("who is copying our products?"), plain("our product was copied")
    assert {"copi", "product"} <= {*one.words} & {*other.words}
    assert "our" not in one.words
    assert "copi" not in plain("产品被copied了怎么办").words


def test_threads_do_not_disturb_one_another_over_english_words() -> None:
    ways = ("registering", "licences", "infringement", "copied", "examination", "trademarks") * 40
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(10):
            _stem.cache_clear()
            with ThreadPoolExecutor(4) as threads:
                found = [*threads.map(stems, ways)]
            assert found == [stems(way) for way in ways[:6]] * 40
    finally:
        sys.setswitchinterval(usual)
