"""``ipstation kb statutes`` from the command line, on an invented law."""

import argparse
import dataclasses
import json
from pathlib import Path

import pytest

from bot.cli import statutes
from core.config import Config
from knowledge.statutes.store import store_file

GOOD = "# 船舶法\n<!-- INFO END -->\n\n第一条 泊位费应当缴纳。\n\n第二条 船长应当在船。\n"


@pytest.fixture
def words_only(config: Config) -> Config:
    return dataclasses.replace(
        config, knowledge=dataclasses.replace(config.knowledge, embeddings=False)
    )


def run(config: Config, *words: str) -> int:
    parser = argparse.ArgumentParser()
    statutes.add_commands(parser.add_subparsers(required=True))
    arguments = parser.parse_args(["statutes", *words])
    return int(arguments.run(config, arguments))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "laws"
    made.mkdir()
    (made / "船舶法(2020-10-17).md").write_text(GOOD, encoding="utf-8")
    return made


def test_without_an_import_it_says_how(
    words_only: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(words_only, "search", "泊位费") == 2
    assert "ipstation kb statutes import" in capsys.readouterr().err


def test_import_then_search(
    words_only: Config, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(words_only, "import", str(folder)) == 0
    assert "1 个文本，2 条" in capsys.readouterr().out
    assert run(words_only, "search", "泊位费", "--json") == 0
    line = json.loads(capsys.readouterr().out)
    best = line["results"][0]
    assert (best["law"], best["article"], best["version"]) == ("船舶法", "第一条", "2020-10-17")
    assert line["q"] == "泊位费" and 0 < best["score"] <= 1
    assert run(words_only, "search", "泊位费") == 0
    assert "泊位费应当缴纳。" in capsys.readouterr().out


def test_a_batch_gives_one_line_a_question_in_order(
    words_only: Config, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = tmp_path / "questions.jsonl"
    batch.write_text('{"q": "船长"}\n{"q": "泊位费"}\n', encoding="utf-8")
    assert run(words_only, "search", "--folder", str(folder), "--batch", str(batch), "--json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["q"], line["results"][0]["article"]) for line in lines] == [
        ("船长", "第二条"),
        ("泊位费", "第一条"),
    ]
    assert not store_file(words_only.paths.var).exists()


def test_a_failed_import_names_every_bad_file_and_leaves_the_old_laws(
    words_only: Config, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(words_only, "import", str(folder)) == 0
    before = store_file(words_only.paths.var).read_bytes()
    (folder / "商标法.md").write_bytes("第一条 商标。".encode("gb18030"))
    (folder / "著作权法(2020-13-01).md").write_text(GOOD, encoding="utf-8")
    assert run(words_only, "import", str(folder)) == 1
    said = capsys.readouterr().err
    assert "商标法.md:1" in said and "著作权法(2020-13-01).md:1" in said
    assert store_file(words_only.paths.var).read_bytes() == before


def test_a_question_and_a_batch_together_are_refused(
    words_only: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(words_only, "search", "泊位费", "--batch", "x.jsonl") == 2
    assert "--batch" in capsys.readouterr().err
