"""Reading texts finds just the pieces and words that counting by hand finds."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from knowledge.forward import Pieces, Words, bm25, covered
from knowledge.inverted import Inverted, Rarity, Vocabulary, gram, numbers_of
from knowledge.rows import Rows, spread

TEXT = st.text(alphabet="专利年费多少钱ab", max_size=12)


def by_hand(text: str) -> dict[int, int]:
    found: dict[int, int] = {}
    for size in (1, 2, 3):
        for at in range(len(text) - size + 1):
            token = gram(*text[at : at + size])
            found[token] = found.get(token, 0) + 1
    return found


@given(question=TEXT.filter(bool), texts=st.lists(TEXT, min_size=1, max_size=6))
def test_pieces_are_counted_as_by_hand(question: str, texts: list[str]) -> None:
    letters = Vocabulary()
    rows = Rows.of(([*letters.add(text), 0] for text in texts), "H")
    sought = Pieces(question, letters)
    every = np.arange(len(texts))
    counts = sought.hits(rows.flat, rows.sizes(every)).counts(every, len(texts), len(sought.tokens))
    expected = [[by_hand(text).get(token, 0) for token in sought.tokens] for text in texts]
    assert sorted(sought.tokens) == sorted(by_hand(question))
    assert counts.tolist() == expected


def test_words_are_found_in_groups_of_rows() -> None:
    known = Vocabulary()
    rows = Rows.of(map(known.add, (["年费", "多少"], ["年费"], ["怎么", "年费", "年费"])), "i")
    words = Words(["年费", "没见过", "怎么"], known)
    hits = words.hits(rows.flat, rows.sizes(np.arange(3)))
    assert hits.counts(np.array([0, 0, 1]), 2, 3).tolist() == [[2, 0, 0], [2, 0, 1]]
    assert hits.summed(np.array([1.0, 5.0, 10.0]), 3).tolist() == [1, 1, 12]


def test_rows_come_span_by_span() -> None:
    rows = Rows.of([[1, 2], [], [3], [4, 5]], "i")
    assert rows.spans(np.array([0, 3]), np.array([1, 4])).tolist() == [1, 2, 4, 5]
    assert rows.spans(np.array([], int), np.array([], int)).tolist() == []
    assert rows.grouped(np.array([0, 2, 4])).sizes(np.array([0, 1])).tolist() == [2, 3]
    ways, begins = spread(np.array([0, 2, 3, 6]), np.array([0, 2]))
    assert (ways.tolist(), begins.tolist()) == ([0, 1, 3, 4, 5], [0, 2])


def test_a_rare_word_weighs_more_and_an_unknown_one_most() -> None:
    rows = Rows.of([[1, 2], [1], [1, 3], [1]], "i")
    usual, rare, unknown = Rarity(numbers_of(rows), 4).idf(np.array([1, 2, 9]))
    assert 0 < usual < rare < unknown
    found = Inverted(numbers_of(rows), 4).hits(np.array([1, 2, 9]))
    assert found.idf.tolist() == [usual, rare, unknown]
    assert Inverted(numbers_of(rows), 4).shortlist(np.array([2, 3]), 2).tolist() == [0, 2]


def test_scores_are_shares_of_the_best() -> None:
    counts, weights = np.array([[1.0, 1.0], [9.0, 0.0], [0.0, 0.0]]), np.array([1.0, 3.0])
    assert covered(counts, weights).tolist() == [1.0, 0.25, 0.0]
    first, second, third = bm25(counts, weights, np.ones(3))
    assert first > second > third == 0.0
