"""The statutes search: versions by day, plain words, citations of entries, articles by number."""

import json
import re
from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest

from knowledge.embed import Vectors
from knowledge.entry import Entry, Source, Text
from knowledge.lexicon import DATA, rows
from knowledge.statutes.context import chapters, plain_name
from knowledge.statutes.read import number
from knowledge.statutes.search import Statutes
from knowledge.statutes.shelf import Standing
from knowledge.statutes.text import Article, Law

TODAY = date(2026, 11, 22)
NEXT_YEAR = date(2027, 1, 1)


def law(name: str, days: tuple[str, str, str | None], articles: dict[str, str]) -> Law:
    """A law of the days on which it was made, begins and ends to hold."""
    made, since, until = days
    return Law(
        name,
        date.fromisoformat(made),
        date.fromisoformat(since),
        date.fromisoformat(until) if until else None,
        tuple(Article(key, (), (text,), 1) for key, text in articles.items()),
    )


OLD = law(
    "商标法",
    ("2019-04-23", "2019-11-01", "2026-12-31"),
    {"第三十三条": "自公告之日起三个月内可以提出异议。", "第三十九条": "有效期为十年。"},
)
NEW = law(
    "商标法",
    ("2026-06-26", "2027-01-01", None),
    {"第三十六条": "自公告之日起二个月内可以提出异议。", "第四十三条": "有效期为十年。"},
)
PATENTS = law("专利法", ("2020-10-17", "2021-06-01", None),
              {"第四十二条": "发明专利权的期限为二十年。", "第四十三条": "应当缴纳年费。",
               "第六十七条": "属于现有技术的，不构成侵犯专利权。"})  # fmt: skip
CIRCUITS = law("集成电路布图设计保护条例", ("2001-04-02", "2001-10-01", "2026-10-14"),
               {"第十二条": "布图设计专有权的保护期为十年。"})  # fmt: skip
HARBOURS = law("港口法", ("2026-10-01", "2027-03-01", None), {"第一条": "港口应当登记船舶。"})
LAWS = (OLD, NEW, PATENTS, CIRCUITS, HARBOURS)


def entry(ways: Sequence[str], *sources: Source) -> Entry:
    text = Text(date(2021, 6, 1), None, TODAY, NEXT_YEAR, sources, "短答。", ())
    return Entry("filing-one", "filing", ways[0], tuple(ways[1:]), (text,), "全国")


def first(statutes: Statutes, question: str, day: date = TODAY) -> tuple[str, str, str]:
    hit = statutes.search(question, day)[0]
    return hit.law.name, hit.law.label, hit.article.name


def test_the_version_in_force_on_the_day_is_given() -> None:
    statutes = Statutes(LAWS)
    question = "商标公告以后提异议的时间"
    assert first(statutes, question) == ("商标法", "2019-04-23", "第三十三条")
    assert first(statutes, question, NEXT_YEAR) == ("商标法", "2026-06-26", "第三十六条")
    assert first(statutes, question, date(2026, 12, 31))[1] == "2019-04-23"
    assert {hit.law.label for hit in statutes.search(question, NEXT_YEAR)
            if hit.law.name == "商标法"} == {"2026-06-26"}  # fmt: skip


@pytest.mark.parametrize("question", ["新商标法提异议", "2027年商标异议", "明年商标提异议"])
def test_a_question_about_what_is_coming_is_shown_the_coming_text_marked(question: str) -> None:
    hits = Statutes(LAWS).search(question, TODAY)
    standings = {hit.law.label: hit.standing for hit in hits if hit.law.name == "商标法"}
    assert standings["2026-06-26"] is Standing.COMING
    assert standings["2019-04-23"] is Standing.IN_FORCE


def test_other_questions_are_not_shown_the_coming_text() -> None:
    hits = Statutes(LAWS).search("商标提异议", TODAY)
    assert {hit.law.label for hit in hits if hit.law.name == "商标法"} == {"2019-04-23"}


def test_a_law_that_has_no_other_text_is_shown_coming_or_expired_marked() -> None:
    statutes = Statutes(LAWS)
    (harbour, *_), (circuit, *_) = (
        statutes.search("港口登记船舶", TODAY),
        statutes.search("布图设计保护期", TODAY),
    )
    assert (harbour.law.name, harbour.standing) == ("港口法", Standing.COMING)
    assert (circuit.law.name, circuit.standing) == (CIRCUITS.name, Standing.EXPIRED)


def test_plain_words_find_an_article_that_says_it_otherwise() -> None:
    # the data file calls 专利法第六十七条 "用的是老技术", which its text does not
    assert first(Statutes(LAWS), "我们用的是老技术") == ("专利法", "2020-10-17", "第六十七条")
    renumbered = law("专利法", ("2030-01-01", "2030-06-01", None), {"第六十七条": "船舶应当登记。"})
    later = Statutes([*LAWS, renumbered]).search("我们用的是老技术", date(2031, 1, 1))
    assert all(hit.law.label != "2030-01-01" for hit in later)


def test_an_article_inherits_the_ways_of_asking_of_the_entry_that_cites_it() -> None:
    question = "那个鸭子跑了找谁"
    assert not [hit for hit in Statutes(LAWS).search(question, TODAY) if hit.score > 0.2]
    citing = entry(["鸭子跑了怎么办", "鸭子不见了"], Source(law="专利法", article="第四十三条"))
    assert first(Statutes(LAWS, [citing]), question) == ("专利法", "2020-10-17", "第四十三条")


def test_an_entry_lends_its_words_to_the_version_it_was_reviewed_with() -> None:
    citing = entry(["鸭子跑了怎么办"], Source(law="商标法", article="第三十三条"))
    statutes = Statutes(LAWS, [citing])
    assert first(statutes, "鸭子跑了")[1:] == ("2019-04-23", "第三十三条")
    assert not [hit for hit in statutes.search("鸭子跑了", NEXT_YEAR) if hit.score > 0.2]


@pytest.mark.parametrize("question", ["专利法第42条讲什么", "专利法第四十二条", "请看专利法42条"])
def test_an_article_named_by_number_comes_first(question: str) -> None:
    assert first(Statutes(LAWS), question)[2] == "第四十二条"


class Ducks:
    """Knows one thing: texts about ducks and texts about annual fees mean the same."""

    name = "ducks"

    def passages(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self.query(text) for text in texts])

    def query(self, text: str) -> Vectors:
        alike = "鸭" in text or "年费" in text
        return np.array([1.0, 0.0] if alike else [0.0, 1.0], dtype=np.float32)


def test_vectors_find_what_words_cannot() -> None:
    question = "鸭鸭鸭"
    assert not Statutes(LAWS).search(question, TODAY)
    assert first(Statutes(LAWS, (), Ducks()), question) == ("专利法", "2020-10-17", "第四十三条")


@pytest.mark.parametrize("question", ["", "   ", "？！", "\u202e\u200b", "x"])
def test_a_question_that_says_nothing_finds_nothing(question: str) -> None:
    assert Statutes(LAWS).search(question, TODAY) == []


def test_a_very_long_question_is_answered_and_scores_stay_within_one() -> None:
    hits = Statutes(LAWS).search("商标异议" * 2500, TODAY)
    assert hits and all(0 < hit.score <= 1 for hit in hits)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_no_laws_find_nothing() -> None:
    assert Statutes([]).search("年费", TODAY) == []


def test_what_an_article_is_called_in_context() -> None:
    reading = "最高人民法院关于审理侵犯商业秘密民事案件适用法律若干问题的规定"
    assert plain_name(reading) == "侵犯商业秘密民事"
    assert plain_name("专利法") == "专利法"
    article = Article("第一条", ("第一章 总 则", "第二节 期限、终止"), ("文。",), 1)
    assert chapters(article) == ("期限、终止",)


def test_plain_words_are_well_formed_and_not_taken_from_the_questions_that_measure_them() -> None:
    table = [row.split("\t") for row in rows("statute_plain.tsv")]
    for law_name, version, article, words in table:
        assert law_name and words and number(article) != (0, 0)
        assert version == "-" or date.fromisoformat(version)
    assert len({tuple(row[:3]) for row in table}) == len(table)
    said = "\n".join(re.sub(r"\W", "", row[3]) for row in table)
    for line in (DATA / "statute_questions.jsonl").read_text(encoding="utf-8").splitlines():
        question = re.sub(r"\W", "", json.loads(line)["q"])
        assert not [n for n in range(len(question) - 7) if question[n : n + 8] in said], question
