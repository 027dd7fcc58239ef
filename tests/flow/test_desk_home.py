"""The first page: what needs somebody now."""

from tests.fakes_desk import DeskWorld
from tests.flow.curators import changed, draft
from tests.flow.test_kb_desk import desk as desk  # noqa: PLC0414 (a fixture)


async def test_a_draft_is_announced_to_whoever_may_review_it(desk: DeskWorld) -> None:
    author, other = await desk.signed_in("editor"), await desk.signed_in("editor_2")
    assert "等您复核" not in await other.open("/")
    await draft(author, changed())
    assert "知识库有 1 个草稿等您复核" in await other.open("/")
    assert "等您复核" not in await author.open("/")
    assert "等您复核" not in await (await desk.signed_in("staff")).open("/")
