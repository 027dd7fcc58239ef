"""An expert's answer becomes an anonymous draft that needs a source before it can go on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from core.config import Config
from core.database import Database
from core.masking import MASK, anonymous
from escalation.model import Ticket
from escalation.service.to_knowledge import parted
from knowledge.model import EntryVersion
from knowledge.queries import NotAnEditor
from knowledge.service.draft import propose
from knowledge.skeleton import Sketch
from tests.fakes_desk import DeskWorld
from tests.flow.curators import curators, examine, step

ANSWER = (
    "王小明您好，示例北园机械有限公司的 202110123456.7 号申请可以这样处理：先比对对比文件。"
    "再修改权利要求，代理机构“示例甲代理机构”可以协助。\n"
    "1. 意见陈述书写明区别特征；\n2. 电话 13800000000 或 a.b@example.com 联系。"
)
SECRETS = (
    "王小明", "示例北园机械有限公司", "202110123456", "示例甲代理机构", "13800000000",
    "example.com", "ZL", "示例专家甲",
)  # fmt: skip
ENTRY = "filing-compare-first"


@pytest.fixture
async def desk(database: Database, config: Config, tmp_path: Path) -> AsyncIterator[DeskWorld]:
    async with curators(database, config, tmp_path / "entries") as served:
        yield served


async def answered(desk: DeskWorld, by_expert: bool = True) -> Ticket:
    """A ticket of the north center that an expert answered, or its staff."""
    ticket = await desk.ticket(
        "示例专家甲看过的 ZL 2021 1 0123456.7，没有创造性怎么答复？我是王小明。",
        enterprise_id=desk.world.ids["factory"], person_name="王小明", phone="13800000000",
        bot_question="没有创造性怎么答复",
    )  # fmt: skip
    page, staff = f"/tickets/{ticket.id}", await desk.signed_in("staff")
    await staff.open(page)
    await staff.send(f"{page}/take", complexity="ordinary")
    if not by_expert:
        await staff.send(f"{page}/answer", answer=ANSWER)
        return ticket
    await staff.send(f"{page}/pass-on", expert=str(desk.world.ids["expert_filing"]), note="")
    expert = await desk.signed_in("expert")
    await expert.open(page)
    await expert.send(f"{page}/answer", answer=ANSWER)
    assert expert.status == 200
    return ticket


async def drafted(desk: DeskWorld) -> list[EntryVersion]:
    async with desk.world.session() as session:
        return list(await session.scalars(select(EntryVersion)))


async def test_staff_hand_it_in_and_nothing_tells_whose_matter_it_was(desk: DeskWorld) -> None:
    ticket = await answered(desk)
    page, staff = f"/tickets/{ticket.id}", await desk.signed_in("staff")
    assert "写成知识库草稿" in await staff.open(page)
    said = await staff.send(f"{page}/to-kb", area="filing", slug="compare-first")
    assert staff.path == f"/desk{page}" and f"已写成草稿 {ENTRY}" in said
    [row] = await drafted(desk)
    assert row.source == f"ticket:{ticket.id}" and row.author == "示例staff"
    text = "".join(row.files.values())
    assert not [secret for secret in SECRETS if secret in text]
    for kept in (f"{MASK}您好", "先比对对比文件", "意见陈述书写明区别特征", "没有创造性怎么答复"):
        assert kept in text
    await staff.send(f"{page}/to-kb", area="filing", slug="again")
    assert staff.status == 409 and "没有再建一份" in staff.words
    await staff.open(f"/kb/{ENTRY}")
    assert staff.status == 403


async def test_it_cannot_be_reviewed_before_an_editor_added_a_source(desk: DeskWorld) -> None:
    ticket = await answered(desk)
    page, province = f"/tickets/{ticket.id}", await desk.signed_in("province")
    await province.open(page)
    said = await province.send(f"{page}/to-kb", area="filing", slug="compare-first")
    assert province.path == f"/desk/kb/{ENTRY}" and "还没有补上依据" in said
    first, second = await desk.signed_in("editor"), await desk.signed_in("editor_2")
    said = await step(first, "review", ENTRY)
    assert first.status == 409 and "sources" in said
    await first.open(f"/kb/{ENTRY}/edit")
    fields = {name: first.hidden(name) for name in ("version", "seen", "based_on", "name-0")}
    [row] = await drafted(desk)
    text = row.files["filing/compare-first.md"]
    asks = "".join(f"  - 创造性不够要怎么回第{n}种问法\n" for n in range(6))
    whole = text.replace("sources:\n", "sources:\n  - {law: 专利法, article: 第二十二条}\n")
    whole = whole.replace("sources:\n", f"{asks}sources:\n", 1)
    await first.send(f"/kb/{ENTRY}/edit", **fields, **{"file-0": whole}, why="补上依据")
    assert "已复核" in await step(second, "review", ENTRY)
    await examine(desk, second, ENTRY)
    assert "已发布" in await step(second, "publish", ENTRY)


async def test_only_an_experts_answer_and_only_of_ones_own_center(desk: DeskWorld) -> None:
    ticket = await answered(desk, by_expert=False)
    page, staff = f"/tickets/{ticket.id}", await desk.signed_in("staff")
    assert "写成知识库草稿" not in await staff.open(page)
    await staff.send(f"{page}/to-kb", area="filing", slug="compare-first")
    assert staff.status == 409 and "没有专家答复" in staff.words
    for who, status in (("staff_south", 404), ("expert", 403), ("advisor", 403), ("editor", 403)):
        seat = await desk.signed_in(who)
        await seat.send(f"{page}/to-kb", area="filing", slug="compare-first")
        assert seat.status == status, who
    await staff.open(page)
    await staff.send(f"{page}/to-kb", area="other", slug="Not Good")
    assert staff.status == 422
    assert await drafted(desk) == []


async def test_an_advisor_cannot_hand_anything_in(desk: DeskWorld) -> None:
    sketch = Sketch("filing", "hers", "问？", (), "答。")
    actor = await desk.actor("advisor")
    async with desk.world.session() as session:
        with pytest.raises(NotAnEditor):
            await propose(
                session, actor=actor, sketch=sketch, why="w", source="x", now=desk.world.clock()
            )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("申请号202110123456.7已公开", f"申请号{MASK}已公开"),
        ("ZL 2021 1 0123456.7 与 CN112345678A", f"{MASK} 与 {MASK}"),
        ("PCT/CN2021/123456 和第12345678号商标", f"{MASK} 和第{MASK}号商标"),
        ("打 0731-88887777 或写信 a@b.cn", f"打 {MASK} 或写信 {MASK}"),
        ("2026年11月23日前交900元，按50万元算", "2026年11月23日前交900元，按50万元算"),
        ("专利法第二十二条第3款，审查指南第二部分", "专利法第二十二条第3款，审查指南第二部分"),
        ("zl202110123456.7 与 CN112345678B2，２０２１SR0123456", f"{MASK} 与 {MASK}，{MASK}"),
        ("weixin12345678 和 12345678QQ，ａ＠ｂ.cn", f"{MASK} 和 {MASK}QQ，{MASK}"),
        ("2026-11-23 到期", "2026-11-23 到期"),
        *((one, one) for one in ("2026—1—5 至 2026-11-5", "the 2025-2027 notice", "2025－2027年")),
        *((one, one) for one in ("GB/T 29490-2023 与 900-1200元", "2026-11-23 2026-11-24")),
    ],
)
def test_numbers_of_a_matter_are_taken_out_and_rules_stay(text: str, shown: str) -> None:
    assert anonymous(text, []) == shown


def test_the_first_sentences_are_the_short_answer() -> None:
    assert parted("可以。\n1. 先登录；2、再办理。") == ("可以。先登录；再办理。", [])
    long = "甲" * 100 + "。"
    assert parted(f"{long}{long}- 丙。") == (long, [long, "丙。"])
    assert parted("乙" * 130) == ("", ["乙" * 130])
