"""The demo's three cases, in different states."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from tipportal.domain.organisations import Channel
from tipportal.envelope.acts import AssessPayload, ClosePayload, Outcome
from tipportal.envelope.casecode import CaseCode, derive
from tipportal.envelope.records import Kind
from tipportal.usecases import handle
from tipportal.usecases.context import Context

from .demo_playing import DAY, Answers, PlayedCase, agree, leave_case, propose, reply, seal_text, write
from .demo_staffing import Municipality

Advance = Callable[[int], None]

HOME_CARE: Answers = {
    "area": "hemtjanst",
    "what_happened": (
        "Jag är granne till en äldre man som har hemtjänst från ett privat företag. Enligt schemat på hans kylskåp "
        "ska de komma fyra gånger om dagen. Det kommer någon på morgonen, ibland på kvällen, men aldrig mitt på "
        "dagen. Han säger själv att de skriver upp besöken ändå."
    ),
    "who": "Hemtjänstföretaget Omsorg i Björkvik AB",
    "when": "Sedan i september, varje vecka",
    "ongoing": "yes",
    "where": "Storgatan",
    "how_known": "Jag ser det själv från mitt fönster.",
}
GRANT: Answers = {
    "area": "foreningsbidrag",
    "what_happened": (
        "Föreningen har sökt aktivitetsbidrag för över hundra barn, men på träningarna är det sällan fler än femton. "
        "Närvarolistorna fylls i efteråt."
    ),
    "ongoing": "unknown",
}
INVOICES: Answers = {
    "area": "fakturahantering",
    "what_happened": (
        "Jag arbetar med fakturor. Samma konsult fakturerar två förvaltningar för samma timmar, och fakturorna "
        "attesteras av en chef som är delägare i konsultens bolag. Jag har påpekat det men fått höra att jag inte "
        "ska lägga mig i."
    ),
    "relation": "employee",
    "ongoing": "yes",
    "reported_before": "Ja, muntligen till min närmaste chef.",
}


def codes() -> tuple[CaseCode, ...]:
    """The codes of the three cases: the same in every demo, so that nobody has to keep them."""
    return tuple(CaseCode.from_entropy(hashlib.sha256(f"tipportal demo {n}".encode()).digest()) for n in (1, 2, 3))


def leave_cases(public: Context, handler: Context, municipality: Municipality, advance: Advance) -> None:
    """A new tip, a report under follow-up with a dialogue, and a tip that two have closed."""
    with public.storage.read() as uow:
        installation_id = uow.installation_id() or b""
    new, asked, done = (derive(code, installation_id) for code in codes())
    closed = leave_case(public, municipality, done, Channel.TIP, GRANT)
    write(handler, closed, Kind.TITLE, "Aktivitetsbidrag för barn som inte finns")
    advance(2 * DAY)
    handle.begin_follow_up(handler, closed.members["h1"].account, closed.reference)
    write(
        handler, closed, Kind.NOTE, "Jämfört närvarolistor med hallens bokningar: tre av fyra kvällar stod hallen tom."
    )
    write(
        handler, closed, Kind.FEEDBACK, "Tack. Vi har granskat föreningens närvarolistor och krävt tillbaka bidraget."
    )
    advance(4 * DAY)
    _close(handler, closed)

    report = leave_case(public, municipality, asked, Channel.REPORT, INVOICES)
    write(handler, report, Kind.TITLE, "Dubbla konsultfakturor, attest av delägare")
    advance(DAY)
    _assess(handler, report)
    handle.begin_follow_up(handler, report.members["h2"].account, report.reference)
    write(
        handler,
        report,
        Kind.MESSAGE,
        "Tack för att du berättar. Vet du ungefär hur länge det har pågått, och finns fakturorna kvar?",
    )
    advance(3 * DAY)
    reply(public, report, "Sedan i våras. Alla fakturor ligger i ekonomisystemet, sök på konsultens namn.")
    advance(8 * DAY)
    leave_case(public, municipality, new, Channel.TIP, HOME_CARE)


def _assess(ctx: Context, case: PlayedCase) -> None:
    reasons = seal_text(ctx, case, Kind.ASSESSMENT, "Rör jäv vid attest: missförhållande av allmänintresse.", by="h1")
    covered = AssessPayload(covered=True, reasons=reasons.digest.hex())
    agree(ctx, case, propose(ctx, case, covered, reasons))


def _close(ctx: Context, case: PlayedCase) -> None:
    reasons = seal_text(ctx, case, Kind.ASSESSMENT, "Bidraget är återkrävt och föreningen har medgett felet.", by="h1")
    agree(ctx, case, propose(ctx, case, ClosePayload(Outcome.CONFIRMED, reasons.digest.hex()), reasons))
