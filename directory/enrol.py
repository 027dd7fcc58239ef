"""Write a roster (名册) into the database: what is new is added, what differs is changed.

Nothing is ever deleted: somebody who has left is made inactive. A key that the file does not
mention keeps its value, so that a file need only hold what it is about.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from directory import audit
from directory.accounts import UNUSABLE
from directory.actor import Actor
from directory.model import (
    Account,
    Advisor,
    Agency,
    Center,
    Contact,
    Enterprise,
    Expert,
    Liaison,
    Role,
)
from directory.roster import TITLES, Roster, Row

IMPORT = Actor(kind="system", name="ipstation people import")
TABLES: dict[str, Any] = {
    "center": Center, "agency": Agency, "expert": Expert, "enterprise": Enterprise,
    "advisor": Advisor, "liaison": Liaison, "account": Account,
}  # fmt: skip
# What a row is recognised by; an enterprise by either.
KEYS: dict[str, tuple[tuple[str, ...], ...]] = {
    "center": (("code",),), "agency": (("name",),), "expert": (("name",),),
    "enterprise": (("uscc",), ("name",)), "advisor": (("agency_id", "name"),),
    "liaison": (("enterprise_id", "name"),), "account": (("username",),),
}  # fmt: skip
NEEDS = {
    Role.STAFF: "center", Role.DIRECTOR: "center", Role.ADVISOR: "advisor", Role.EXPERT: "expert",
}  # fmt: skip
NO_COLUMN = ("hours", "phone")  # hours are the booking room's; a telephone is the contact's


async def enrol(session: AsyncSession, roster: Roster, *, now: datetime) -> None:
    """Write every row and note in it what became of it. The caller rolls back when
    ``roster.problems`` is not empty afterwards: only then is it known that nothing is wrong."""
    writing = _Writing(session, roster, now)
    for table in TITLES:
        await writing.write(table)


async def has_province(session: AsyncSession) -> bool:
    """Whether anybody can sign in who manages everything."""
    query = select(func.count()).where(Account.role == Role.PROVINCE, Account.active)
    return bool(await session.scalar(query))


async def chats_of_liaisons(
    session: AsyncSession, roster: Roster
) -> list[tuple[Liaison, Enterprise, Contact]]:
    """Of liaisons without a chat: the one chat that gave their telephone and their enterprise.

    Both are only what somebody typed there, so a person has to make sure of it before that chat
    hears about the enterprise's appointments.
    """
    found = []
    for row in roster.rows["liaison"]:
        if "phone" not in row.values or row.item.contact_id is not None or not row.item.active:
            continue
        firm, phone = row.item.enterprise_id, row.values["phone"].replace("-", "")
        query = select(Contact).where(Contact.enterprise_id == firm)
        contacts = [
            contact
            for contact in await session.scalars(query)
            if (contact.phone or "").replace("-", "") == phone
        ]
        if len(contacts) == 1:
            enterprise = await session.get_one(Enterprise, firm)
            found.append((row.item, enterprise, contacts[0]))
    return found


class _Writing:
    """One run over a file. ``known``: what each name in the tables so far stands for; ``excused``:
    names of rows that are wrong themselves, whose mention is not another mistake."""

    def __init__(self, session: AsyncSession, roster: Roster, now: datetime) -> None:
        self.session, self.roster, self.now = session, roster, now
        self.known: dict[str, dict[str, list[Any]]] = {}
        self.excused: set[tuple[str, str]] = set()

    async def write(self, table: str) -> None:
        """The rows of one table, after those that they refer to."""
        items = list(await self.session.scalars(select(TABLES[table]).order_by(TABLES[table].id)))
        index: dict[tuple[Any, ...], list[Any]] = {}
        for item in items:
            for key in _keys(table, vars(item)):
                index.setdefault(key, []).append(item)
        taken: dict[Any, Row] = {}
        for row in self.roster.rows[table]:
            wanted = self._wanted(row)
            keys = _keys(table, wanted)
            found = list({id(i): i for key in keys for i in index.get(key, ())}.values())
            self._judge(row, taken, [*keys, *found], found)
            if row.broken:
                self._excuse(row)
                continue
            await self._settle(row, found[0] if found else None, wanted)
            if row.state == "added":
                items.append(row.item)
        await self.session.flush()
        self._learn(table, items)

    def _excuse(self, row: Row) -> None:
        given = row.given
        names = [given.get("code"), given.get("name"), given.get("uscc")]
        names.append(f"{given.get('agency')}/{given.get('name')}")
        self.excused |= {(row.table, str(name)) for name in names}

    def _judge(self, row: Row, taken: dict[Any, Row], marks: list[Any], found: list[Any]) -> None:
        """Complain of a row that stands twice, or could be either of several in the database."""
        earlier = next((taken[mark] for mark in marks if mark in taken), None)
        if earlier is not None:
            self.roster.complain(row, f"和{earlier.place}是同一个，请合并成一个")
        elif len(found) > 1:
            what = (
                "name 和 uscc 在数据库里分属两家企业，请核对后改成一致的"
                if row.table == "enterprise"
                else "数据库里有几个同名的，分不清是哪一个，请先删去这一段"
            )
            self.roster.complain(row, what)
        taken.update(dict.fromkeys(marks, row))

    def _wanted(self, row: Row) -> dict[str, Any]:
        """The columns as the file wants them."""
        wanted: dict[str, Any] = {}
        for key, value in row.values.items():
            if key in TABLES:
                found = self._find(row, key, value)
                if found is not None:
                    wanted[f"{key}_id"] = found.id
                    if row.table == "account" and key == "advisor":
                        wanted["center_id"] = found.center_id
            elif key not in NO_COLUMN:
                wanted[key] = value
        if row.table == "account" and "role" in wanted:
            self._place(row, wanted)
        return wanted

    def _place(self, row: Row, wanted: dict[str, Any]) -> None:
        """A role has the place it needs and no other; the old one goes when the role changes."""
        need = NEEDS.get(wanted["role"])
        for key in ("center", "advisor", "expert"):
            if key == need and key not in row.given:
                self.roster.complain(row, f"role 是 {wanted['role']} 时要写 {key}，请补上")
            elif key != need and key in row.given:
                self.roster.complain(row, f"role 是 {wanted['role']} 时不写 {key}，请删去")
            wanted.setdefault(f"{key}_id", None)

    def _find(self, row: Row, table: str, name: str) -> Any:
        """The row of another table that is named. None, with a complaint, where that fails."""
        found = self.known[table].get(name, [])
        if len(found) == 1:
            return found[0]
        if found:
            how = {"center": "请写代码（code）", "advisor": "请写成“机构名/姓名”"}
            remedy = how.get(table, "请先改其中一个的名字")
            self.roster.complain(row, f"{table}“{name}”有 {len(found)} 个，{remedy}")
        elif (table, name) in self.excused:
            row.broken = True
        else:
            self.roster.complain(
                row, f"没有叫“{name}”的{TITLES[table]}，请改正，或在文件里加上它的 [[{table}]]"
            )
        return None

    async def _settle(self, row: Row, item: Any, wanted: dict[str, Any]) -> None:
        """Add the row, or change what differs."""
        if item is None:
            row.state, row.item = "added", TABLES[row.table](**wanted)
            if row.table == "account":
                row.item.password_hash = UNUSABLE
                self._audit("account_new", row.item, wanted["role"])
            self.session.add(row.item)
            return
        row.item = item
        before = {key: getattr(item, key) for key in wanted if getattr(item, key) != wanted[key]}
        row.state, row.changed = ("changed" if before else "same"), list(before)
        for key in before:
            setattr(item, key, wanted[key])
        if row.table == "account" and before:
            said = "；".join(f"{key} {old} → {wanted[key]}" for key, old in before.items())
            self._audit("account_edit", item, said)
        if row.table == "advisor" and "center_id" in before:  # whoever manages them moves along
            await self.session.execute(
                update(Account)
                .where(Account.advisor_id == item.id)
                .values(center_id=item.center_id)
            )

    def _audit(self, verb: str, account: Account, detail: str) -> None:
        what = account.username
        audit.write(self.session, verb, actor=IMPORT, now=self.now, what=what, detail=detail)

    def _learn(self, table: str, items: Sequence[Any]) -> None:
        """The names by which later tables may refer to these rows."""
        known = self.known[table] = {}
        agencies = {one.id: name for name, (one, *_) in self.known.get("agency", {}).items()}
        for item in items:
            names: set[Any] = {getattr(item, key, None) for key in ("code", "name", "uscc")}
            if table == "advisor":
                names.add(f"{agencies[item.agency_id]}/{item.name}")
            for name in names - {None}:
                known.setdefault(name, []).append(item)


def _keys(table: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """What a row of the file or of the database is recognised by, where it is known."""
    found = [(columns, *(values.get(column) for column in columns)) for columns in KEYS[table]]
    return [key for key in found if None not in key]
