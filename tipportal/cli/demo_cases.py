"""The demo's three cases, in different states, made by playing both sides through the real use cases."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tipportal.domain.approvals import VALID_DAYS
from tipportal.domain.cases import SealedBy, Stream
from tipportal.domain.handlinglog import instant
from tipportal.domain.organisations import Channel
from tipportal.envelope import HybridIdentity, HybridRecipient
from tipportal.envelope import submission as sealing
from tipportal.envelope.acts import Act, ActKind, AssessPayload, ClosePayload, Outcome, payload_digest, sign_act
from tipportal.envelope.bodies import FactsBody, TextBody
from tipportal.envelope.casecode import CaseCode, derive
from tipportal.envelope.keys import dialogue_seed
from tipportal.envelope.opening import open_sealed
from tipportal.envelope.records import SOURCE, Chain, Kind, Writer
from tipportal.envelope.records import SealedBy as Sealer
from tipportal.envelope.records import Stream as SealedStream
from tipportal.usecases import approve, dialogue, handle, offers, submit
from tipportal.usecases.context import Context
from tipportal.usecases.handing_in import offer_to_seal, sealed_file, sealed_submission
from tipportal.usecases.sealedfiles import SealedFile

from .demo_staffing import Member, Municipality

DAY = 24 * 3600
Advance = Callable[[int], None]
Answers = Mapping[str, str | tuple[str, ...]]

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


@dataclass(slots=True)
class _Story:
    """One case seen from everybody's side at once, which only a demo can."""

    reference: str
    gen: str
    work_seed: bytes = field(repr=False)
    chains: dict[Stream, Chain]
    members: dict[str, Member]

    def recipient(self, stream: Stream) -> HybridRecipient:
        seed = self.work_seed if stream is Stream.WORK else dialogue_seed(self.work_seed)
        return HybridIdentity(seed).recipient


def codes() -> tuple[CaseCode, ...]:
    """The codes of the three cases: the same in every demo, so that nobody has to keep them."""
    return tuple(CaseCode.from_entropy(hashlib.sha256(f"tipportal demo {n}".encode()).digest()) for n in (1, 2, 3))


def leave_cases(public: Context, handler: Context, municipality: Municipality, advance: Advance) -> None:
    """A new tip, a report under follow-up with a dialogue, and a tip that two have closed."""
    new_code, report_code, closed_code = codes()
    closed = _submit(public, municipality, closed_code, Channel.TIP, GRANT)
    _work(handler, closed, Kind.TITLE, "Aktivitetsbidrag för barn som inte finns")
    advance(2 * DAY)
    handle.begin_follow_up(handler, closed.members["h1"].account, closed.reference)
    _work(
        handler, closed, Kind.NOTE, "Jämfört närvarolistor med hallens bokningar: tre av fyra kvällar stod hallen tom."
    )
    _answer(
        handler, closed, Kind.FEEDBACK, "Tack. Vi har granskat föreningens närvarolistor och krävt tillbaka bidraget."
    )
    advance(4 * DAY)
    _close(handler, closed)

    report = _submit(public, municipality, report_code, Channel.REPORT, INVOICES)
    _work(handler, report, Kind.TITLE, "Dubbla konsultfakturor, attest av delägare")
    advance(DAY)
    _assess(handler, report)
    handle.begin_follow_up(handler, report.members["h2"].account, report.reference)
    _answer(
        handler,
        report,
        Kind.MESSAGE,
        "Tack för att du berättar. Vet du ungefär hur länge det har pågått, och finns fakturorna kvar?",
    )
    advance(3 * DAY)
    _reply(
        public, report, report_code, "Sedan i våras. Alla fakturor ligger i ekonomisystemet, sök på konsultens namn."
    )
    advance(8 * DAY)
    _submit(public, municipality, new_code, Channel.TIP, HOME_CARE)


def _submit(ctx: Context, municipality: Municipality, code: CaseCode, channel: Channel, answers: Answers) -> _Story:
    offer = offers.offer_panel(
        ctx,
        "bjorkvik",
        channel,
        area=str(answers["area"]),
        subject_role="unknown",
        concerns=(),
        form_nonce=ctx.random(16).hex(),
    )
    sealed = sealing.build_submission(
        keys=derive(code, offer.installation_id),
        offer=offer_to_seal(offer),
        facts=FactsBody(offer.facts.area, offer.facts.subject_role.value, ()),
        answers=answers,
        language="sv",
        sealed_by=Sealer.BROWSER,
        random=ctx.random,
    )
    digest = hashlib.sha256(b"".join(record.file for record in sealed.records)).digest()
    submit.submit_case(ctx, sealed_submission(offer, sealed, sealed_by=SealedBy.BROWSER, content_digest=digest))
    genesis = sealed.records[0].file
    chains = {
        Stream(stream.value): Chain.start(case=offer.reference, gen=sealed.gen, stream=stream, genesis_file=genesis)
        for stream in (SealedStream.DIALOGUE, SealedStream.WORK)
    }
    for record in sealed.records[1:]:
        stream = Stream(record.stream.value)
        chains[stream] = chains[stream].after(record.file)
    recipients = {
        member.account.recipient: member for member in municipality.members if member.account.recipient is not None
    }
    members = {member.id: recipients[member.recipient] for member in offer.members}
    # The seed is taken as a handler gets it: by opening a grant.
    identity = members["h1"].identity
    work_seed = b"" if identity is None else open_sealed(sealed.grants[0].file, [identity.identity])
    return _Story(offer.reference, sealed.gen, work_seed, chains, members)


def _work(ctx: Context, story: _Story, kind: Kind, text: str) -> None:
    handle.add_record(ctx, story.members["h1"].account, story.reference, _seal(ctx, story, Stream.WORK, kind, text))


def _answer(ctx: Context, story: _Story, kind: Kind, text: str) -> None:
    handle.add_record(ctx, story.members["h1"].account, story.reference, _seal(ctx, story, Stream.DIALOGUE, kind, text))


def _reply(ctx: Context, story: _Story, code: CaseCode, text: str) -> None:
    with ctx.storage.read() as uow:
        keys = derive(code, uow.installation_id() or b"")
    writer = Writer(SOURCE, keys.signing_key, Sealer.BROWSER, ctx.today())
    record = _sealed(ctx, story, Stream.DIALOGUE, Kind.MESSAGE, text, writer)
    dialogue.add_message(ctx, keys.lookup_token, record)


def _assess(ctx: Context, story: _Story) -> None:
    reasons = _seal(ctx, story, Stream.WORK, Kind.ASSESSMENT, "Rör jäv vid attest: missförhållande av allmänintresse.")
    _by_two(ctx, story, ActKind.ASSESS, AssessPayload(True, reasons.digest.hex()), reasons)  # noqa: FBT003 - covered


def _close(ctx: Context, story: _Story) -> None:
    reasons = _seal(ctx, story, Stream.WORK, Kind.ASSESSMENT, "Bidraget är återkrävt och föreningen har medgett felet.")
    _by_two(ctx, story, ActKind.CLOSE, ClosePayload(Outcome.CONFIRMED, reasons.digest.hex()), reasons)


def _by_two(
    ctx: Context, story: _Story, kind: ActKind, payload: AssessPayload | ClosePayload, reasons: SealedFile
) -> None:
    expires = ctx.clock() + VALID_DAYS * DAY
    act = Act(
        case=story.reference,
        genesis=story.gen,
        epoch=0,
        kind=kind,
        payload=payload_digest(payload),
        policy=0,
        directory=0,
        expires=datetime.fromtimestamp(expires, UTC),
        nonce=ctx.random(16),
    )
    proposer, approver = story.members["h1"], story.members["h2"]
    content = {"covered": payload.covered} if isinstance(payload, AssessPayload) else {"outcome": payload.outcome.value}
    offered = approve.OfferedProposal(
        act=dict(act.to_json()),
        payload={**content, "reasons": payload.reasons},
        signature=_sign(proposer, act),
        reasons=reasons,
    )
    proposal = approve.propose(ctx, proposer.account, story.reference, offered)
    approve.approve(ctx, approver.account, proposal.id, _sign(approver, act))


def _sign(member: Member, act: Act) -> bytes:
    if member.identity is None:
        raise TypeError(instant(0))
    return sign_act(act, member.identity.signing_key)


def _seal(ctx: Context, story: _Story, stream: Stream, kind: Kind, text: str) -> SealedFile:
    identity = story.members["h1"].identity
    if identity is None:
        raise TypeError(kind)
    writer = Writer("h1", identity.signing_key, Sealer.BROWSER, ctx.today())
    return _sealed(ctx, story, stream, kind, text, writer)


def _sealed(ctx: Context, story: _Story, stream: Stream, kind: Kind, text: str, writer: Writer) -> SealedFile:
    at = sealing.Next(story.chains[stream], 0, story.recipient(stream))
    record = sealing.seal_next(at, kind, TextBody(text).encode(), writer, random=ctx.random)
    story.chains[stream] = story.chains[stream].after(record.file)
    return sealed_file(record)
