"""A day at the knowledge desk: a draft under way with its exam, a changed law, open questions."""

from datetime import timedelta

from knowledge.exam import Asked
from knowledge.folder import files_of
from knowledge.front import read_text
from knowledge.model import Why
from knowledge.service.gaps import note_gap
from tests.conftest import ROOT
from tests.fakes import MONDAY
from tests.fakes_desk import DeskWorld
from tests.flow.curators import draft, examine_only, step

LATE_FEE = "filing-late-annual-fee"
_FILE = "filing/late-annual-fee.md"
_TEXT = files_of(ROOT / "knowledge" / "entries", LATE_FEE)[_FILE]
_ASKS = read_text(_TEXT, _FILE).values["ask"]
GAPS = [
    ("中国专利奖今年什么时候申报", 4, Why.UNSURE, None),
    ("请问今年中国专利奖什么时候开始申报", 2, Why.REJECTED, None),
    ("外观专利的年费晚交了 5 个月要补多少", 3, Why.UNHELPFUL, LATE_FEE),
    ("开放许可声明里许可费可以写面议吗", 2, Why.REJECTED, None),
    ("高新技术企业认定用受让的专利打几折", 1, Why.UNCLEAR, None),
]


def lately() -> list[Asked]:
    """What the entry was asked in before, so that the exam has something to show."""
    return [Asked(ask, frozenset({LATE_FEE})) for ask in _ASKS]


def _reworded() -> str:
    """The entry with quite other ways of asking, and one more caution."""
    text = _TEXT
    for number, ask in zip("一二三四五六七八九十甲乙丙丁戊己", _ASKS, strict=False):
        text = text.replace(f"  - {ask}\n", f"  - 第{number}种全新的说法\n")
    return text.rstrip("\n") + "\n- 以国家知识产权局最近一次通知书上的日期为准。\n"


async def curating_day(desk: DeskWorld) -> None:
    """Everything that the pages of the knowledge base can show."""
    editor, other = await desk.signed_in("editor"), await desk.signed_in("editor_2")
    await draft(editor, _reworded(), LATE_FEE, why="问法换成今年常见的说法，并提醒看通知书")
    await step(other, "review", LATE_FEE, note="依据核对过")
    await examine_only(desk, editor, LATE_FEE)
    await editor.open("/kb/law")
    await editor.send(
        "/kb/law", law="专利法", articles="第二十四条", from_day="2026-12-01",
        why="示例：宽限期的情形有增加",
    )  # fmt: skip
    async with desk.world.session() as session:
        for question, times, why, entry in GAPS:
            for n in range(times):
                await note_gap(
                    session, question=question, why=why, chat=f"{question}{n}",
                    now=MONDAY - timedelta(days=n), entry_id=entry,
                )  # fmt: skip


async def answered_by_expert(desk: DeskWorld, ticket: int) -> None:
    """A ticket whose answer came from an expert."""
    staff, expert = await desk.signed_in("staff"), await desk.signed_in("expert")
    await staff.open(f"/tickets/{ticket}")
    await staff.send(f"/tickets/{ticket}/take", complexity="ordinary")
    chosen = str(desk.world.ids["expert_filing"])
    await staff.send(f"/tickets/{ticket}/pass-on", expert=chosen, note="")
    await expert.open(f"/tickets/{ticket}")
    await expert.send(f"/tickets/{ticket}/answer", answer="可以只交前后各三十页，其余不用提交。")
