"""A small invented base, written to a folder, for tests of reading and matching."""

from pathlib import Path

TOPICS = {
    "filing/blue-fee": (
        "蓝色专利的年费怎么交？",
        ["蓝专利每年交多少钱", "蓝色证书续费去哪里", "年费 蓝色", "我们厂蓝色专利要续费了",
         "老板问蓝色专利一年多少钱", "蓝专利忘记续费会失效吗"],
        "蓝色专利每年交一次年费，到期前一个月内在网上交。",
    ),
    "filing/green-search": (
        "绿色发明怎么检索有没有人做过？",
        ["绿发明查重去哪里", "怎么知道绿色发明别人报过没有", "绿色 查新", "帮忙查查绿色点子撞车没",
         "绿色发明申请前要不要检索", "绿发明检索网站是哪个"],
        "绿色发明可在公开数据库里免费检索，先用关键词，再用分类号。",
    ),
    "trademark/red-mark": (
        "红色商标被人抢注了怎么办？",
        ["红牌子让同行先注册了", "红商标被抢注能要回来吗", "红色 抢注 异议",
         "有人抢了我们红色的牌子", "请问一下红商标被别人注册咋办", "红色商标异议期限多长"],
        "红色商标被抢注，公告期内可以提异议，注册后可以请求宣告无效。",
    ),
}  # fmt: skip


def front(slug: str, title: str, asks: list[str], /, **changes: str | None) -> str:
    """The front matter of an entry; a change to None leaves the key out."""
    area, name = slug.split("/")
    values: dict[str, str | None] = {
        "id": f"{area}-{name}",
        "area": area,
        "question": title,
        "ask": "\n" + "\n".join(f"  - {ask}" for ask in asks),
        "sources": "\n  - {law: 专利法, article: 第四十二条}",
        "facts": "[]",
        "valid_from": "2024-01-20",
        "reviewed_on": "2026-11-01",
        "review_by": "2027-11-01",
        "region": "全国",
        "related": "[]",
        "actions": "[book]",
    }
    values.update(changes)
    lines = [f"{key}: {value}" for key, value in values.items() if value is not None]
    return "---\n" + "\n".join(lines) + "\n---\n"


def entry(slug: str = "filing/blue-fee", body: str | None = None, **changes: str | None) -> str:
    """A sound entry, or one with the given keys changed."""
    question, asks, short = TOPICS[slug]
    text = body if body is not None else f"{short}\n\n## 步骤\n1. 先登录。\n2. 再办理。\n"
    return front(slug, question, asks, **changes) + text


def write(folder: Path, files: dict[str, str | bytes] | None = None) -> Path:
    """The small base, or other files, below a folder."""
    for name, text in (files or {f"{slug}.md": entry(slug) for slug in TOPICS}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            path.write_bytes(text)
        else:
            path.write_text(text, encoding="utf-8")
    return folder
