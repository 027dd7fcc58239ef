"""The route table of the desk: every address, what answers it, and who may."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web

from booking.queries import UnknownAppointment
from console.auth import VISIT, Handler
from console.forms import BadForm
from console.views import (
    answer,
    appointment,
    appointments,
    ask_back,
    cancel,
    canned,
    check_in,
    close,
    counts,
    draft,
    enterprises,
    expert_accept,
    expert_decline,
    expert_page,
    file_link,
    files,
    home,
    kb_edit,
    kb_entry,
    kb_exam,
    kb_law,
    kb_list,
    kb_new,
    kb_steps,
    no_show,
    note,
    pass_on,
    presence,
    queue,
    recall,
    reopen,
    reply_tools,
    sign_in,
    sign_in_link,
    sign_out,
    take,
    talk,
    ticket,
    upload,
    walk_in,
)
from console.visit import Visit
from core.errors import Refusal
from directory.model import Role
from escalation.queries import UnknownTicket

View = Callable[[Visit], Awaitable[web.StreamResponse]]

NOBODY_YET: frozenset[Role] = frozenset()
EVERYBODY = frozenset(Role)
CENTER = frozenset({Role.STAFF, Role.DIRECTOR})
STAFF = CENTER | {Role.PROVINCE}
TICKETS = STAFF | {Role.EXPERT}
BOOKINGS = STAFF | {Role.ADVISOR}
EXPERT = frozenset({Role.EXPERT})
EDITORS = frozenset({Role.EDITOR, Role.PROVINCE})


@dataclass(frozen=True)
class Route:
    """One address.

    roles: who may; nobody means that no sign-in is needed.
    again: the page shown again, with what was typed, when a post is refused.
    """

    method: str
    path: str
    name: str
    view: View
    roles: frozenset[Role]
    again: View | None = None


TICKET = r"/tickets/{id:\d{1,12}}"
ENTRY = r"/kb/{entry:[a-z]+(?:-[a-z0-9]+)+}"
CANNED = r"/canned/{id:\d{1,12}}"
FILE = TICKET + r"/files/{file:\d{1,12}}"
PAGE = "/x/{token}"
PAGE_FILE = PAGE + r"/files/{file:\d{1,12}}"
EXPERT_VERBS = "/{verb:accept|answer|ask|decline|propose|preview}"
MEETING = r"/appointments/{id:\d{1,12}}"

ROUTES = (
    Route("GET", "/signin", "sign_in", sign_in.show, NOBODY_YET),
    Route("POST", "/signin", "sign_in", sign_in.submit, NOBODY_YET, sign_in.show),
    Route("GET", "/signin/{token}", "sign_in_link", sign_in_link.show, NOBODY_YET),
    Route("POST", "/signin/{token}", "sign_in_link", sign_in_link.submit, NOBODY_YET, sign_in.show),
    Route("POST", "/signout", "sign_out", sign_out.submit, EVERYBODY),
    Route("GET", "/", "home", home.show, EVERYBODY),
    Route("GET", "/tickets", "queue", queue.show, TICKETS),
    Route("GET", TICKET, "ticket", ticket.show, TICKETS),
    Route("POST", f"{TICKET}/take", "take", take.submit, STAFF, ticket.show),
    Route("POST", f"{TICKET}/answer", "answer", answer.submit, TICKETS, ticket.show),
    Route("POST", f"{TICKET}/ask-back", "ask_back", ask_back.submit, STAFF, ticket.show),
    Route("POST", f"{TICKET}/pass-on", "pass_on", pass_on.submit, STAFF, ticket.show),
    Route("POST", f"{TICKET}/recall", "recall", recall.submit, STAFF, ticket.show),
    Route("POST", f"{TICKET}/close", "close", close.submit, STAFF, ticket.show),
    Route("POST", f"{TICKET}/reopen", "reopen", reopen.submit, STAFF, ticket.show),
    Route("POST", f"{TICKET}/accept", "accept", expert_accept.submit, EXPERT, ticket.show),
    Route("POST", f"{TICKET}/decline", "decline", expert_decline.submit, EXPERT, ticket.show),
    Route("GET", f"{TICKET}/talk", "talk", talk.show, STAFF),
    Route("POST", f"{TICKET}/talk/begin", "talk_begin", talk.begin, STAFF, ticket.show),
    Route("POST", f"{TICKET}/talk/end", "talk_end", talk.end, STAFF, ticket.show),
    Route("POST", f"{TICKET}/say", "say", talk.say, STAFF, ticket.show),
    Route("POST", f"{TICKET}/preview", "reply_preview", reply_tools.preview, TICKETS, ticket.show),
    Route("POST", f"{TICKET}/find", "reply_find", reply_tools.find, STAFF, ticket.show),
    Route("POST", f"{TICKET}/insert", "reply_insert", reply_tools.insert, STAFF, ticket.show),
    Route("POST", f"{TICKET}/draft", "draft", draft.save, TICKETS),
    Route("POST", f"{TICKET}/presence", "presence", presence.poll, STAFF),
    Route("POST", f"{TICKET}/note", "note", note.submit, STAFF, ticket.show),
    Route("POST", r"/mentions/{id:\d{1,12}}", "mention", note.open_mention, STAFF),
    Route("POST", f"{TICKET}/files", "attach", files.add, STAFF, ticket.show),
    Route("GET", FILE, "file", files.download, STAFF),
    Route("POST", f"{FILE}/send", "file_send", files.send, STAFF, ticket.show),
    Route("POST", f"{TICKET}/expert-page", "expert_link", files.page_link, STAFF, ticket.show),
    Route("GET", "/u/{token}", "upload", upload.show, NOBODY_YET),
    Route("POST", "/u/{token}", "upload", upload.submit, NOBODY_YET, upload.show),
    Route("GET", "/f/{token}", "file_link", file_link.show, NOBODY_YET),
    Route("POST", "/f/{token}", "file_link", file_link.submit, NOBODY_YET),
    Route("GET", PAGE, "expert_page", expert_page.show, NOBODY_YET),
    Route("POST", f"{PAGE}/open", "expert_open", expert_page.open_it, NOBODY_YET),
    Route("POST", PAGE_FILE, "expert_file", expert_page.download, NOBODY_YET),
    Route("POST", PAGE + EXPERT_VERBS, "expert_act", expert_page.act, NOBODY_YET, expert_page.show),
    Route("GET", "/canned", "canned", canned.show, STAFF),
    Route("POST", "/canned", "canned", canned.create, STAFF, canned.show),
    Route("GET", CANNED, "canned_edit", canned.edit, STAFF),
    Route("POST", CANNED, "canned_edit", canned.change, STAFF, canned.edit),
    Route("POST", f"{CANNED}/retire", "canned_retire", canned.retire, STAFF, canned.edit),
    Route("GET", "/appointments", "appointments", appointments.show, BOOKINGS),
    Route("GET", MEETING, "appointment", appointment.show, BOOKINGS),
    Route("POST", f"{MEETING}/check-in", "check_in", check_in.submit, BOOKINGS, appointment.show),
    Route("POST", f"{MEETING}/no-show", "no_show", no_show.submit, BOOKINGS, appointment.show),
    Route("POST", f"{MEETING}/cancel", "cancel", cancel.submit, BOOKINGS, appointment.show),
    Route("GET", "/counts", "counts", counts.show, STAFF),
    Route("GET", "/counts.xlsx", "counts_xlsx", counts.download, STAFF),
    Route("GET", "/walk-in", "walk_in", walk_in.show, CENTER),
    Route("POST", "/walk-in", "walk_in", walk_in.submit, CENTER, walk_in.show),
    Route("GET", "/enterprises", "enterprises", enterprises.find, CENTER),
    Route("GET", "/kb", "kb", kb_list.show, EDITORS),
    Route("GET", "/kb/new", "kb_new", kb_new.show, EDITORS),
    Route("POST", "/kb/new", "kb_new", kb_new.submit, EDITORS, kb_new.show),
    Route("GET", "/kb/law", "kb_law", kb_law.show, EDITORS),
    Route("POST", "/kb/law", "kb_law", kb_law.submit, EDITORS, kb_law.show),
    Route("GET", ENTRY, "kb_entry", kb_entry.show, EDITORS),
    Route("GET", f"{ENTRY}/diff", "kb_diff", kb_entry.diff, EDITORS),
    Route("GET", f"{ENTRY}/edit", "kb_edit", kb_edit.show, EDITORS),
    Route("POST", f"{ENTRY}/edit", "kb_edit", kb_edit.submit, EDITORS, kb_edit.show),
    Route("POST", f"{ENTRY}/review", "kb_review", kb_steps.review_it, EDITORS, kb_entry.show),
    Route("POST", f"{ENTRY}/send-back", "kb_send_back", kb_steps.return_it, EDITORS, kb_entry.show),
    Route("POST", f"{ENTRY}/withdraw", "kb_withdraw", kb_steps.drop_it, EDITORS, kb_entry.show),
    Route("POST", f"{ENTRY}/publish", "kb_publish", kb_steps.publish_it, EDITORS, kb_entry.show),
    Route("POST", f"{ENTRY}/expire", "kb_expire", kb_steps.take_down, EDITORS, kb_entry.show),
    Route("POST", f"{ENTRY}/unflag", "kb_unflag", kb_steps.keep_it, EDITORS, kb_entry.show),
    Route("GET", f"{ENTRY}/exam", "kb_exam", kb_exam.show, EDITORS),
    Route("POST", f"{ENTRY}/exam", "kb_exam", kb_exam.begin, EDITORS, kb_exam.show),
    Route("POST", f"{ENTRY}/exam/seen", "kb_exam_seen", kb_exam.seen, EDITORS, kb_exam.show),
)  # fmt: skip


def add_routes(app: web.Application) -> None:
    """Put the table into the application."""
    for route in ROUTES:
        app.router.add_route(route.method, route.path, _endpoint(route), name=route.name)


def _endpoint(route: Route) -> Handler:
    async def respond(request: web.Request) -> web.StreamResponse:
        visit = request[VISIT]
        if route.roles and visit.signed_in is None:
            if route.method == "POST":
                raise web.HTTPForbidden
            return visit.go_to(f"{visit.url('sign_in')}?next={quote(request.path_qs)}")
        if route.roles and visit.actor.role not in route.roles:
            raise web.HTTPForbidden
        return await _respond(route, visit)

    return respond


async def _respond(route: Route, visit: Visit) -> web.StreamResponse:
    """The view's answer; a refused post gets its page again, with what was typed."""
    try:
        return await route.view(visit)
    except (UnknownTicket, UnknownAppointment) as unknown:
        raise web.HTTPNotFound from unknown
    except Refusal as refusal:
        if route.again is None:
            raise
        visit.refuse(refusal, 409 if route.roles and not isinstance(refusal, BadForm) else 422)
        return await route.again(visit)
