"""Texts for Telegram: marked up, escaped, and cut where a reader would pause."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.markdown import to_plain
from bot.channels.telegram.format import MESSAGE_UNITS, parts, units
from core.texts import escape


def html(markdown: str) -> str:
    (part,) = parts(markdown)
    return part.html


def test_bold_lists_and_line_breaks() -> None:
    assert (
        html("**要点**：\n- 一\n- 二\n\n1. 甲\n2. 乙")
        == "<b>要点</b>：\n\n· 一\n· 二\n\n1. 甲\n2. 乙"
    )


@pytest.mark.parametrize(
    "typed", ["<b>粗</b> & <script>", "**不粗** _x_ `y`", "a\\*b", "1. 一\n- 二"]
)
def test_what_people_type_is_shown_as_itself(typed: str) -> None:
    (part,) = parts(f"您问：{escape(typed)}")
    assert unescape(part.html) == part.plain == f"您问：{typed}"
    assert not re.search(r"<(?!/?b>)", part.html)


def test_a_text_without_words_gives_no_message() -> None:
    assert parts("") == parts(" \n\n ") == []


def test_a_message_of_the_greatest_length_stays_whole() -> None:
    assert len(parts("字" * MESSAGE_UNITS)) == 1
    assert len(parts("字" * (MESSAGE_UNITS + 1))) == 2
    assert len(parts("😀" * (MESSAGE_UNITS // 2))) == 1
    assert len(parts("😀" * (MESSAGE_UNITS // 2 + 1))) == 2


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("一二三四五六\n\n七八。九十\n十一十二", "一二三四五六"),
        ("一二三四五六七\n八。九十十一十二", "一二三四五六七"),
        ("一二三四五，六七。八九，十十一十二", "一二三四五，六七。"),
        ("一二三四五六，七八九十十一十二", "一二三四五六，"),
        ("一二三四五六七 patentability", "一二三四五六七"),
        ("一二三四五六七patentability", "一二三四五六七"),
        ("一二三四五六七八ZL2021.7", "一二三四五六七八"),
        ("一二三四五六七八九👍🏽十", "一二三四五六七八九"),
    ],
)
def test_a_part_ends_where_a_reader_pauses(text: str, first: str) -> None:
    assert parts(text, limit=12)[0].plain == first


def test_bold_across_a_cut_is_closed_and_opened_again() -> None:
    first, second = parts(f"**{'字' * 15}**", limit=10)
    assert first.html == f"<b>{'字' * 10}</b>"
    assert second.html == f"<b>{'字' * 5}</b>"


@given(st.text(alphabet=st.sampled_from("ab 1.专利，。\n*<&😀-👍\u200d"), max_size=200))
def test_nothing_is_lost_and_nothing_is_too_long(markdown: str) -> None:
    found = parts(markdown, limit=20)
    assert "".join("".join(part.plain.split()) for part in found) == "".join(
        to_plain(markdown).split()
    )
    for part in found:
        assert 0 < units(part.plain) <= 20
        assert part.html.count("<b>") == part.html.count("</b>")
        assert unescape(re.sub(r"</?b>", "", part.html)) == part.plain
