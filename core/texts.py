"""What people read: short texts by dotted key, long ones as Jinja2 templates, per language.

``locales/<lang>/<room>.toml`` holds the short ones (the file name is the first part of the key);
``locales/<lang>/<key>.md.j2`` holds a long one. Texts are a small Markdown (bold, lists, line
breaks); channels turn it into what they can show. Parameters are escaped unless they are ``Md``.
"""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined

LANGUAGES = ("zh", "en")
DEFAULT_LANGUAGE = "zh"
_LOCALES = files("core") / "locales"
_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~&!])")
_LIST_MARK = re.compile(r"^(\s*\d*)([-+.)])(?=\s)", re.MULTILINE)


class Md(str):
    """Text that is Markdown already and is not escaped again."""

    __slots__ = ()


def escape(value: object) -> str:
    """Make any value show as itself inside Markdown."""
    if isinstance(value, Md):
        return value
    text = _SPECIAL.sub(r"\\\1", str(value))
    return _LIST_MARK.sub(r"\1\\\2", text)


def say(key: str, lang: str = DEFAULT_LANGUAGE, **params: Any) -> Md:
    """The text of ``key`` in ``lang``, filled. Raises KeyError for a key nobody wrote."""
    short = catalogue(lang).get(key)
    if short is not None:
        return Md(short.format_map({name: escape(value) for name, value in params.items()}))
    return Md(_templates(lang).get_template(key).render(**params).strip())


def plain(key: str, lang: str = DEFAULT_LANGUAGE, **params: Any) -> str:
    """A short text without Markdown, for buttons, page titles and terminal output."""
    return catalogue(lang)[key].format_map(params)


@cache
def catalogue(lang: str) -> dict[str, str]:
    """All short texts of a language by full key."""
    found: dict[str, str] = {}
    for entry in (_LOCALES / lang).iterdir():
        if entry.name.endswith(".toml"):
            room = entry.name.removesuffix(".toml")
            _flatten(room, tomllib.loads(entry.read_text(encoding="utf-8")), found)
    return found


@cache
def templates(lang: str) -> dict[str, str]:
    """All long texts of a language by key, as Jinja2 source."""
    return {
        entry.name.removesuffix(".md.j2"): entry.read_text(encoding="utf-8")
        for entry in (_LOCALES / lang).iterdir()
        if entry.name.endswith(".md.j2")
    }


@cache
def _templates(lang: str) -> Environment:
    environment = Environment(
        loader=DictLoader(templates(lang)),
        undefined=StrictUndefined,
        finalize=escape,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # Markdown, escaped by finalize; HTML is made later
    )
    environment.globals["md"] = Md
    return environment


def _flatten(prefix: str, node: dict[str, Any], into: dict[str, str]) -> None:
    for name, value in node.items():
        key = f"{prefix}.{name}"
        if isinstance(value, dict):
            _flatten(key, value, into)
        else:
            into[key] = str(value)
