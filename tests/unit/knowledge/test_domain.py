"""What tells our field from others: learned from both kinds, written down, read again."""

from pathlib import Path

import numpy as np
import pytest

from knowledge.domain import ByVector, ByWords, Counts, Domain
from knowledge.normalise import plain

OURS = [plain(text) for text in ("专利年费怎么交", "专利年费多少钱", "商标续展怎么办")]
FOREIGN = [plain(text) for text in ("医保怎么交", "医保多少钱", "驾照到期怎么换")]


def side() -> ByVector:
    rows = np.random.default_rng(1).normal(size=(80, 8)).astype(np.float32)
    rows[:40, 0] += 3
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return ByVector.between(rows[:40], rows[40:])


def test_words_of_either_kind_speak_for_it() -> None:
    domain = Domain.of(OURS, FOREIGN)
    by_words = ByWords(domain.ours, domain.foreign)
    near, far = by_words.features(plain("专利年费")), by_words.features(plain("医保"))
    assert near[0] > 0 > far[0]
    assert by_words.features(plain("量子纠缠"))[0] == 0


def test_a_word_seen_once_says_nothing() -> None:
    domain = Domain.of(OURS, FOREIGN)
    assert "商标" not in domain.ours.words
    assert "专利" in domain.ours.words


def test_the_base_adds_its_own_words() -> None:
    domain = Domain.of(OURS, FOREIGN)
    own = Counts.of([plain("蓝色证书在哪里续"), plain("蓝色证书过期了")])
    asked = plain("蓝色证书")
    assert ByWords(domain.ours, domain.foreign).features(asked)[0] == 0
    assert ByWords(domain.ours + own, domain.foreign).features(asked)[0] > 0


def test_the_direction_tells_the_kinds_apart() -> None:
    by_vector = side()
    ours = np.eye(8, dtype=np.float32)[0]
    assert by_vector.features(ours, np.ones(4))[0] > 0 > by_vector.features(-ours, np.ones(4))[0]


def test_what_was_learned_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = Domain.of(OURS, FOREIGN, side())
    written.save("model", tmp_path)
    found = Domain.read("model", tmp_path)
    assert (found.ours, found.foreign) == (written.ours, written.foreign)
    assert found.by_vector is not None and written.by_vector is not None
    assert np.array_equal(found.by_vector.direction, written.by_vector.direction)
    assert np.allclose(found.by_vector.far, written.by_vector.far, atol=0.02)
    assert Domain.read(None, tmp_path).by_vector is None
    with pytest.raises(OSError, match="other"):
        Domain.read("other", tmp_path)
