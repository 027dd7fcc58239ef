"""The route table of the desk: every address, what answers it, and who may."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web

from booking.conflicts import UnknownAdvisor
from booking.queries import UnknownAppointment
from console.auth import VISIT, Handler
from console.forms import BadForm
from console.views import (
    account,
    accounts,
    agencies,
    alerts,
    answer,
    appointment,
    appointments,
    appointments_file,
    ask_back,
    audit,
    bulk,
    calendar,
    cancel,
    canned,
    check_in,
    check_in_desk,
    close,
    close_month,
    conflicts,
    counts,
    desk_book,
    desk_list,
    draft,
    enterprise,
    enterprises,
    events,
    expert_accept,
    expert_decline,
    expert_page,
    file_link,
    files,
    hand_over,
    home,
    hours,
    kb_edit,
    kb_entry,
    kb_exam,
    kb_gaps,
    kb_law,
    kb_list,
    kb_new,
    kb_steps,
    move,
    news,
    no_show,
    note,
    pass_on,
    presence,
    queue,
    queue_xlsx,
    recall,
    record,
    reopen,
    reply_tools,
    reverse,
    rooms,
    search,
    shares,
    sign_in,
    sign_in_code,
    sign_in_link,
    sign_out,
    take,
    talk,
    ticket,
    to_kb,
    two_factor,
    upload,
    walk_in,
)
from console.views import ticket_steps as steps
from console.visit import Visit
from core.errors import Refusal
from directory.accounts import UnknownAccount
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
LEADERS = frozenset({Role.DIRECTOR, Role.PROVINCE})
PROVINCE = frozenset({Role.PROVINCE})
EDITORS = frozenset({Role.EDITOR, Role.PROVINCE})
MANAGERS = frozenset({Role.DIRECTOR, Role.PROVINCE})
INSPECTORS = MANAGERS | {Role.AUDIT}
OWING = ("account", "password", "two_factor", "sign_out")  # open before the second factor is set


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
ACCOUNT = r"/accounts/{id:\d{1,12}}"
ENTRY = r"/kb/{entry:[a-z]+(?:-[a-z0-9]+)+}"
KIND = r"/record/{code:[A-Z]\d\d}"
COUNT = r"/counts/{id:\d{1,12}}/reverse"
CANNED = r"/canned/{id:\d{1,12}}"
FILE = TICKET + r"/files/{file:\d{1,12}}"
PAGE = "/x/{token}"
PAGE_FILE = PAGE + r"/files/{file:\d{1,12}}"
EXPERT_VERBS = "/{verb:accept|answer|ask|decline|propose|preview}"
MEETING = r"/appointments/{id:\d{1,12}}"
HOURS = r"/hours/{id:\d{1,12}}"

# The diary, its rules, the front desk.
DIARY = (
    Route("GET", "/appointments.csv", "appointments_csv", appointments_file.csv, BOOKINGS),
    Route("GET", "/appointments.xlsx", "appointments_xlsx", appointments_file.xlsx, BOOKINGS),
    Route("GET", f"{MEETING}/move", "move", move.show, BOOKINGS),
    Route("POST", f"{MEETING}/move", "move", move.submit, BOOKINGS, move.show),
    Route("POST", f"{MEETING}/keep", "keep", conflicts.keep_it, BOOKINGS, conflicts.show),
    Route("GET", "/book", "desk_book", desk_book.show, CENTER),
    Route("POST", "/book", "desk_book", desk_book.submit, CENTER, desk_book.show),
    Route("POST", "/book/now", "desk_now", desk_book.now, CENTER, desk_book.show),
    Route("GET", "/book/list", "desk_list", desk_list.show, CENTER),
    Route("POST", "/book/list", "desk_list", desk_list.submit, CENTER, desk_list.show),
    Route("GET", "/check-in", "check_in_desk", check_in_desk.show, BOOKINGS),
    Route("POST", "/check-in", "check_in_desk", check_in_desk.submit, BOOKINGS, check_in_desk.show),
    Route("GET", "/conflicts", "conflicts", conflicts.show, BOOKINGS),
    Route("GET", "/hours", "hours", hours.show_all, BOOKINGS),
    Route("GET", HOURS, "hours_of", hours.show, BOOKINGS),
    Route("POST", f"{HOURS}/week", "hours_week", hours.week, BOOKINGS, hours.show),
    Route("POST", f"{HOURS}/day", "hours_day", hours.day, BOOKINGS, hours.show),
    Route("POST", f"{HOURS}/day-clear", "hours_clear", hours.clear_day, BOOKINGS, hours.show),
    Route("POST", f"{HOURS}/leave", "hours_leave", hours.leave, BOOKINGS, hours.show),
    Route("POST", f"{HOURS}/back", "hours_back", hours.back_from_leave, BOOKINGS, hours.show),
    Route("POST", f"{HOURS}/limits", "hours_limits", hours.limits, BOOKINGS, hours.show),
    Route("POST", f"{HOURS}/retire", "hours_retire", hours.retire, STAFF, hours.show),
    Route("GET", f"{HOURS}/calendar", "calendar", calendar.show, BOOKINGS),
    Route("POST", f"{HOURS}/feed", "feed_make", calendar.make, BOOKINGS, calendar.show),
    Route("POST", f"{HOURS}/feed/end", "feed_revoke", calendar.revoke, BOOKINGS, calendar.show),
    Route("POST", f"{HOURS}/busy", "busy_on", calendar.connect, BOOKINGS, calendar.show),
    Route("POST", f"{HOURS}/busy/end", "busy_off", calendar.disconnect, BOOKINGS, calendar.show),
    Route("GET", "/shares", "shares", shares.show, BOOKINGS),
    Route("GET", "/agencies", "agencies", agencies.show, STAFF),
    Route("POST", "/agencies", "agencies", agencies.weigh, STAFF, agencies.show),
    Route("GET", "/agencies.csv", "agencies_csv", agencies.csv, STAFF),
    Route("GET", "/agencies.xlsx", "agencies_xlsx", agencies.xlsx, STAFF),
    Route("GET", "/rooms", "rooms", rooms.show, STAFF),
    Route("POST", "/rooms", "rooms", rooms.put, STAFF, rooms.show),
    Route("POST", r"/rooms/{id:\d{1,12}}/close", "room_close", rooms.close, STAFF, rooms.show),
    Route("POST", r"/closures/{id:\d{1,12}}/end", "room_reopen", rooms.reopen, STAFF, rooms.show),
)

ROUTES = (
    Route("GET", "/signin", "sign_in", sign_in.show, NOBODY_YET),
    Route("POST", "/signin", "sign_in", sign_in.submit, NOBODY_YET, sign_in.show),
    Route("GET", "/signin/{token}", "sign_in_link", sign_in_link.show, NOBODY_YET),
    Route("POST", "/signin/{token}", "sign_in_link", sign_in_link.submit, NOBODY_YET, sign_in.show),
    Route("GET", "/signin-code", "sign_in_code", sign_in_code.show, NOBODY_YET),
    Route("POST", "/signin-code", "sign_in_code", sign_in_code.submit, NOBODY_YET, sign_in_code.show),
    Route("GET", "/account", "account", account.show, EVERYBODY),
    Route("POST", "/account/password", "password", account.password, EVERYBODY, account.show),
    Route("POST", r"/account/sessions/{id:\d{1,12}}/end", "end_session", account.end_one, EVERYBODY),
    Route("POST", "/account/sessions/end", "end_sessions", account.end_others, EVERYBODY),
    Route("GET", "/account/two-factor", "two_factor", two_factor.show, EVERYBODY),
    Route("POST", "/account/two-factor", "two_factor", two_factor.submit, EVERYBODY, two_factor.show),
    Route("GET", "/accounts", "accounts", accounts.show, MANAGERS),
    Route("GET", "/accounts/new", "account_new", accounts.new, MANAGERS),
    Route("POST", "/accounts/new", "account_new", accounts.create, MANAGERS, accounts.new),
    Route("GET", ACCOUNT, "account_one", accounts.one, MANAGERS),
    Route("POST", f"{ACCOUNT}/link", "account_link", accounts.link, MANAGERS, accounts.one),
    Route("POST", f"{ACCOUNT}/switch", "account_switch", accounts.switch, MANAGERS, accounts.one),
    Route("POST", f"{ACCOUNT}/second", "account_second", accounts.unlock_second, MANAGERS, accounts.one),
    Route("POST", f"{ACCOUNT}/undertaking", "undertaking", accounts.undertaking, MANAGERS, accounts.one),
    Route("GET", "/audit", "audit", audit.show, INSPECTORS),
    Route("GET", "/audit.csv", "audit_csv", audit.download, INSPECTORS),
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
    Route("POST", f"{TICKET}/to-kb", "to_kb", to_kb.submit, STAFF, ticket.show),
    Route("POST", f"{TICKET}/accept", "accept", expert_accept.submit, EXPERT, ticket.show),
    Route("POST", f"{TICKET}/decline", "decline", expert_decline.submit, EXPERT, ticket.show),
    Route("POST", f"{TICKET}/return", "give_back", steps.return_it, STAFF, ticket.show),
    Route("POST", f"{TICKET}/transfer", "transfer", steps.transfer_it, STAFF, ticket.show),
    Route("POST", f"{TICKET}/move", "move_center", steps.move_it, STAFF, ticket.show),
    Route("POST", f"{TICKET}/merge", "merge", steps.merge_it, STAFF, ticket.show),
    Route("POST", f"{TICKET}/unmerge", "unmerge", steps.unmerge_it, STAFF, ticket.show),
    Route("POST", f"{TICKET}/split", "split", steps.split_it, STAFF, ticket.show),
    Route("POST", f"{TICKET}/extend", "extend", steps.extend_it, STAFF, ticket.show),
    Route("POST", f"{TICKET}/contacted", "contacted", steps.note_it, STAFF, ticket.show),
    Route("POST", f"{TICKET}/oppose", "oppose", steps.oppose_it, STAFF, ticket.show),
    Route("POST", f"{TICKET}/panel", "panel", steps.convene_it, STAFF, ticket.show),
    Route("POST", f"{TICKET}/seal", "seal", steps.seal_it, STAFF, ticket.show),
    Route("POST", f"{TICKET}/open", "open_sealed", steps.open_it, TICKETS, ticket.show),
    Route("GET", "/alerts", "alerts", alerts.show, STAFF),
    Route("GET", "/hand-over", "hand_over", hand_over.show, STAFF),
    Route("POST", "/hand-over", "hand_over", hand_over.submit, STAFF, hand_over.show),
    Route("POST", "/hand-over/leave", "leave", hand_over.leave, STAFF, hand_over.show),
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
    *DIARY,
    Route("GET", "/counts", "counts", counts.show, STAFF),
    Route("GET", "/counts.xlsx", "counts_xlsx", counts.download, STAFF),
    Route("GET", "/walk-in", "walk_in", walk_in.show, CENTER),
    Route("POST", "/walk-in", "walk_in", walk_in.submit, CENTER, walk_in.show),
    Route("GET", "/enterprises", "enterprises", enterprises.find, CENTER),
    Route("POST", "/tickets", "bulk", bulk.submit, STAFF, queue.show),
    Route("GET", "/tickets.xlsx", "queue_xlsx", queue_xlsx.download, STAFF),
    Route("POST", "/views", "view_save", queue.save, TICKETS, queue.show),
    Route("POST", r"/views/{id:\d{1,12}}/drop", "view_drop", queue.drop, TICKETS, queue.show),
    Route("GET", "/search", "search", search.show, TICKETS | EDITORS),
    Route("GET", r"/enterprises/{id:\d{1,12}}", "enterprise", enterprise.show, STAFF),
    Route("GET", KIND, "record", record.show, CENTER),
    Route("POST", KIND, "record", record.submit, CENTER, record.show),
    Route("GET", COUNT, "reverse", reverse.show, LEADERS),
    Route("POST", COUNT, "reverse", reverse.submit, LEADERS, reverse.show),
    Route("POST", "/counts/close", "close_month", close_month.submit, PROVINCE, counts.show),
    Route("GET", "/events", "events", events.stream, TICKETS),
    Route("GET", "/events/lately", "lately", events.lately, TICKETS),
    Route("GET", "/news", "news", news.show, TICKETS),
    Route("GET", "/kb", "kb", kb_list.show, EDITORS),
    Route("GET", "/kb/new", "kb_new", kb_new.show, EDITORS),
    Route("POST", "/kb/new", "kb_new", kb_new.submit, EDITORS, kb_new.show),
    Route("GET", "/kb/law", "kb_law", kb_law.show, EDITORS),
    Route("POST", "/kb/law", "kb_law", kb_law.submit, EDITORS, kb_law.show),
    Route("GET", "/kb/gaps", "kb_gaps", kb_gaps.show, EDITORS),
    Route("POST", "/kb/gaps/write", "kb_gaps_write", kb_gaps.write, EDITORS, kb_gaps.show),
    Route("POST", "/kb/gaps/add", "kb_gaps_add", kb_gaps.add, EDITORS, kb_gaps.show),
    Route("POST", "/kb/gaps/drop", "kb_gaps_drop", kb_gaps.drop, EDITORS, kb_gaps.show),
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
        if route.roles and visit.owes_second and route.name not in OWING:
            return visit.go("two_factor", said="account.second_needed")
        return await _respond(route, visit)

    return respond


async def _respond(route: Route, visit: Visit) -> web.StreamResponse:
    """The view's answer; a refused post gets its page again, with what was typed."""
    try:
        return await route.view(visit)
    except (UnknownTicket, UnknownAppointment, UnknownAdvisor, UnknownAccount) as unknown:
        raise web.HTTPNotFound from unknown
    except Refusal as refusal:
        if route.again is None:
            raise
        visit.refuse(refusal, 409 if route.roles and not isinstance(refusal, BadForm) else 422)
        return await route.again(visit)
