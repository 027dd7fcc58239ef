"""A small imported shelf of invented law texts, so that no real ones are needed."""

from pathlib import Path

from core.config import Config
from knowledge.statutes.library import Library
from knowledge.statutes.read import read_laws
from knowledge.statutes.search import Statutes
from knowledge.statutes.store import save, store_file

README = """# 目录

| 名称 | 版本日期 | 施行 | 截止 |
|---|---|---|---|
| 专利法 | 2020-10-17 | 2021-06-01 |  |
| 商标法 | 2019-04-23 | 2019-11-01 | 2026-12-31 |
| 商标法 | 2026-06-26 | 2027-01-01 |  |
"""
PATENT = """# 专利法
## 第一章 总则
第三十六条 示例：前一条。
第三十七条 示例：应当在指定的期限内陈述意见；<b>逾期</b>不答复的，视为撤回。
第二款示例。
## 第二章 保护
第三十八条 示例：后一条。
"""
MARK_OLD = """# 商标法
第三十三条 示例：自公告之日起三个月内，可以提出异议。
"""
MARK_NEW = """# 商标法
第三十三条 示例：新文本里的另一件事。
第三十六条 示例：自公告之日起二个月内，可以提出异议。
"""
FILES = {
    "README.md": README,
    "专利法(2020-10-17).md": PATENT,
    "商标法(2019-04-23).md": MARK_OLD,
    "商标法(2026-06-26).md": MARK_NEW,
}


def folder_of_laws(folder: Path) -> Path:
    """The texts as files to import."""
    folder.mkdir(exist_ok=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def imported(config: Config, folder: Path) -> None:
    """Import them below var."""
    save(read_laws(folder_of_laws(folder)).laws, store_file(config.paths.var))


def library(config: Config, search: type[Statutes] = Statutes) -> Library:
    """What is imported, searched by words alone."""
    return Library(store_file(config.paths.var), search)
