"""How an article is put for matching: the law's plain name and its chapter."""

from __future__ import annotations

import re

from knowledge.statutes.text import Article, Law

_RANK = re.compile(r"^(?:第[一二三四五六七八九十百]+(?:分?编|章|节)|附件\d*|\d+[.、])\s*")
_COMMON = re.compile(r"^(?:总则|附则|一般规定|其他规定|通则)$")
_ISSUER = re.compile(r"^最高人民法院(?:[、 ]最高人民检察院)?关于(?:审理|办理|审查|第一审)?")
_FORM = re.compile(
    r"(?:案件)?(?:具体)?(?:[应适]用)?(?:法律)?(?:适用)?(?:若干|几个)?(?:法律适用)?(?:问题)?的?"
    r"(?:若干)?(?:解释|规定|批复|决定).{0,3}$"
)


def plain_name(law: str) -> str:
    """The law's name without its issuer and form: 侵犯专利权纠纷案件 of a judicial reading."""
    if not _ISSUER.match(law):
        return law
    return _FORM.sub("", _ISSUER.sub("", law)) or law


def chapters(article: Article) -> tuple[str, ...]:
    """The headings that say something: 专利权的期限、终止和无效, not 第五章 and not 总则."""
    titles = (_RANK.sub("", heading).replace(" ", "") for heading in article.headings)
    return tuple(title for title in titles if title and not _COMMON.match(title))


def context(law: Law, article: Article) -> str:
    """Law and innermost chapter, in one line."""
    return " ".join((plain_name(law.name), *chapters(article)[-1:]))
