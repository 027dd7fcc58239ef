"""One file per thing a person can ask the bot to do, and the list of them."""

from bot.context import Intent
from bot.handlers import (
    advise,
    ask,
    book,
    center,
    deadline,
    escalate,
    expert,
    fees,
    help,
    me,
    prepare,
    remind,
    start,
    talk,
    ticket,
    upload,
    wait,
)

INTENTS: dict[str, Intent] = {
    module.INTENT.name: module.INTENT
    for module in (
        *(start, help, ask, book, prepare, wait, deadline, fees, remind),
        *(escalate, ticket, expert, advise, center, me, talk, upload),
    )
}
