"""The vector cache: computed once, whatever happens to the file."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from knowledge.embed import Cached, Vectors, open_encoder


class Counting:
    """An embedder that counts what it is asked for; its vectors tell texts apart."""

    name = "counting"

    def __init__(self) -> None:
        self.seen: list[str] = []

    def passages(self, texts: Sequence[str]) -> Vectors:
        self.seen += texts
        return np.stack([self.query(text) for text in texts])

    def query(self, text: str) -> Vectors:
        rng = np.random.default_rng(abs(hash(text)) % 2**32)
        row = rng.normal(size=8).astype(np.float32)
        return np.asarray(row / np.linalg.norm(row), dtype=np.float32)


def cached(folder: Path) -> tuple[Cached, Counting]:
    inner = Counting()
    return Cached(inner, folder, seed=folder / "none.npz"), inner


def test_a_text_is_computed_once(tmp_path: Path) -> None:
    cache, inner = cached(tmp_path)
    first = cache.passages(["甲", "乙", "甲"])
    again = cache.passages(["乙", "丙"])
    assert inner.seen == ["甲", "乙", "丙"]
    assert np.array_equal(first[0], first[2])
    assert np.array_equal(first[1], again[0])
    fresh, computed = cached(tmp_path)
    assert np.array_equal(fresh.passages(["甲"]), first[:1])
    assert computed.seen == []


def test_kept_vectors_stay_true_and_of_length_one(tmp_path: Path) -> None:
    cache, inner = cached(tmp_path)
    rows = cache.passages(["甲", "乙"])
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert float(rows[0] @ inner.query("甲")) > 0.999


def test_a_file_cut_short_is_computed_anew(tmp_path: Path) -> None:
    cache, _ = cached(tmp_path)
    cache.passages(["甲", "乙"])
    file = next(tmp_path.glob("*.npz"))
    file.write_bytes(file.read_bytes()[:40])
    fresh, computed = cached(tmp_path)
    fresh.passages(["甲"])
    assert computed.seen == ["甲"]


def test_a_folder_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    cache, _ = cached(blocked / "below")
    assert cache.passages(["甲"]).shape == (1, 8)


def test_shipped_vectors_need_no_computing(tmp_path: Path) -> None:
    seed = tmp_path / "seed.npz"
    inner = Counting()
    Cached(inner, tmp_path / "a", seed=seed).save_seed(["甲", "乙"])
    later = Counting()
    Cached(later, tmp_path / "b", seed=seed).passages(["乙", "甲"])
    assert later.seen == []


def test_without_its_files_there_is_no_model(tmp_path: Path) -> None:
    assert open_encoder(tmp_path) is None


def test_a_vector_depends_on_its_text_alone() -> None:
    model = open_encoder()
    assert model is not None
    texts = ["专利年费怎么交", "商标被抢注了", "专利年费怎么交" * 3]
    together = model.passages(texts)
    assert np.array_equal(together[1], model.query(texts[1]))
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


def test_of_a_long_story_beginning_and_end_count() -> None:
    model = open_encoder()
    assert model is not None
    head, tail = "我们厂做保温杯的想问一下" * 3, "外观专利的年费忘记交了超过半年怎么办" * 4
    near = model.query(head + "中间说了很多别的" + tail)
    assert np.array_equal(near, model.query(head + "当中是另外的话头" + tail))
    assert float(near @ model.query("外观专利年费忘交了")) > float(near @ model.query("今天天气"))
