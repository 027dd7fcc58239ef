"""Telephone numbers as people write them, and guessing at passwords."""

import asyncio

import pytest

from core.security import hash_password
from directory.model import Account
from directory.service import LOCK_AFTER, BadPhone, check_password, clean_phone
from tests.world import World


@pytest.mark.parametrize(
    ("given", "phone"),
    [
        ("13800000000", "13800000000"),
        (" +86 138 0000 0000", "13800000000"),
        ("１３８００００００００", "13800000000"),
        ("138００００0000", "13800000000"),
        ("（0731）00000001", "073100000001"),
        ("0731－00000001", "0731-00000001"),
    ],
)
def test_a_number_is_kept_in_plain_digits(given: str, phone: str) -> None:
    kept = clean_phone(given)
    assert kept.replace("-", "") == phone.replace("-", "")
    assert kept.isascii()


@pytest.mark.parametrize("given", ["", "138abc45678", "1380000000٠", "13800000000x", "12800000000"])
def test_what_is_no_number_is_refused(given: str) -> None:
    with pytest.raises(BadPhone):
        clean_phone(given)


async def test_misses_at_the_same_moment_lock_like_misses_one_by_one(both_worlds: World) -> None:
    world = both_worlds
    async with world.session() as session:
        staff = await session.get_one(Account, world.ids["staff"])
        staff.password_hash = hash_password("right")

    async def guess(password: str) -> Account | None:
        async with world.session() as session:
            return await check_password(
                session, username="staff", password=password, now=world.clock()
            )

    await asyncio.gather(*(guess("wrong") for _ in range(LOCK_AFTER)))
    assert await guess("right") is None
    world.clock.move(minutes=11)
    assert await guess("right") is not None
