"""Both languages say the same things, and nothing is written that nobody says."""

import re
import string
from pathlib import Path

import pytest
from jinja2 import Environment, meta

from core import texts
from core.texts import LANGUAGES, Md, catalogue, escape, say, templates

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("core", "directory", "knowledge", "ledger", "booking", "escalation", "bot", "console")


def parameters(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def template_names(source: str) -> set[str]:
    return meta.find_undeclared_variables(Environment().parse(source)) - {"md"}


@pytest.mark.parametrize("lang", LANGUAGES[1:])
def test_languages_have_the_same_keys_and_parameters(lang: str) -> None:
    first, other = catalogue(LANGUAGES[0]), catalogue(lang)
    assert first.keys() == other.keys()
    for key, text in first.items():
        assert parameters(text) == parameters(other[key]), key
    assert templates(LANGUAGES[0]).keys() == templates(lang).keys()
    for key, source in templates(LANGUAGES[0]).items():
        assert template_names(source) == template_names(templates(lang)[key]), key


def test_every_text_is_used() -> None:
    code = "\n".join(p.read_text(encoding="utf-8") for r in ROOMS for p in (ROOT / r).rglob("*.py"))
    used = set(re.findall(r"f?[\"']([a-z_]+\.[a-z_.{}]+)[\"']", code))
    put_together = [re.escape(text) for text in used if "{" in text]
    filled = [re.sub(r"\\\{.*?\\\}", "[a-z0-9_-]+", text) for text in put_together]
    filled += [text.replace(r"\{\}", ".+") for text in put_together]
    known = re.compile("|".join(filled))
    for key in (*catalogue("zh"), *templates("zh")):
        assert key in used or known.fullmatch(key), f"{key} is written but never said"


def test_what_people_type_is_shown_as_itself() -> None:
    assert say("ledger.month_closed", month="**2026**_11_") == texts.Md(
        catalogue("zh")["ledger.month_closed"].replace("{month}", r"\*\*2026\*\*\_11\_")
    )
    assert escape("<b>&") == r"\<b\>\&"
    assert escape("1. 不是列表\n- 也不是") == "1\\. 不是列表\n\\- 也不是"
    assert escape(Md("**粗**")) == "**粗**"
