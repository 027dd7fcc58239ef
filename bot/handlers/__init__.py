"""One file per thing a person can ask the bot to do, and the list of them."""

from bot.context import Intent
from bot.handlers import (
    ask,
    book,
    center,
    deadline,
    escalate,
    expert,
    fees,
    help,
    me,
    remind,
    start,
    talk,
    ticket,
    upload,
)

INTENTS: dict[str, Intent] = {
    module.INTENT.name: module.INTENT
    for module in (
        *(start, help, ask, book, deadline, fees, remind),
        *(escalate, ticket, expert, center, me, talk, upload),
    )
}
