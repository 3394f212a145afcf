"""Lines of duties done at once, of the reporter's name, and of a lost administrator who is replaced."""

from __future__ import annotations

from tests.support.setting_up import decided, two
from tests.support.story import REPORT, Story
from tests.usecases.entry_lines import Act, World, line, reads
from tests.usecases.test_vaults import ME, anew, identity_of, lend, notice, opened, proposed
from tipportal.cli.demo_playing import PlayedCase, agree, leave_case
from tipportal.cli.demo_trustees import DemoTrustee, appoint
from tipportal.domain.accounts import Account
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.duties import DutyKind, Verdict
from tipportal.domain.errors import NotEntitled
from tipportal.domain.handlinglog import EntryKind as E
from tipportal.domain.organisations import Channel
from tipportal.envelope import HybridRecipient
from tipportal.envelope.changes import ChangeAct, sign_change
from tipportal.envelope.keys import recipient_hash
from tipportal.envelope.opening import open_sealed
from tipportal.envelope.vault import combine_vault
from tipportal.usecases import alerts, changes, duties, proving, receiving, replacing, sign_in, surveying, vaults
from tipportal.usecases.vaults import RENEWAL

PEOPLE = (("Nils Ek", "Björkviks kommun", "Arkivet"), ("Ulla Ros", "Älvnäs kommun", "Registraturen"))
PARTS = {"choosing.choose", "offers.redraw"}
"""What a draw is made of: values in, values out."""
SESSIONS = {
    # A lent share is what the act that it is for leaves in the log; until both have signed, it is nothing.
    "vaults.lend",
}


def _seen(world: World, case: PlayedCase) -> PlayedCase:
    # What is pending of a case joins the log right before its first entry there.
    duties.do_at_once(world.story.handler, case.members["h1"].account, case.reference, DutyKind.LEX_SARAH)
    return case


@line("duties.do_at_once", E.DUTY_DONE)
def _do_at_once(world: World) -> Act:
    case = _seen(world, world.story.report())
    account = case.members["h1"].account
    return lambda: duties.do_at_once(world.story.handler, account, case.reference, DutyKind.ACUTE_DANGER)


@line("duties.do_at_once quarantine", E.DUTY_DONE, E.QUARANTINED)
def _quarantine(world: World) -> Act:
    case = _seen(world, world.story.report())
    account = case.members["h1"].account
    return lambda: duties.do_at_once(world.story.handler, account, case.reference, DutyKind.QUARANTINE)


@line("duties.review", E.DUTY_REVIEWED)
def _review(world: World) -> Act:
    case = world.story.report()
    duty = duties.do_at_once(world.story.handler, case.members["h1"].account, case.reference, DutyKind.LEX_MARIA)
    return lambda: duties.review(world.story.handler, case.members["h2"].account, duty.id, Verdict.UPHELD)


def _with_a_name(story: Story) -> PlayedCase:
    return leave_case(story.public, story.municipality, story.source(), Channel.REPORT, REPORT, identity=ME)


@line("vaults.lend")
def _lend(world: World) -> Act:
    case = _with_a_name(world.story)
    return lambda: lend(world.story, case, RENEWAL, "h1", "h2")


@line("approve.approve opening the name", E.APPROVED, E.IDENTITY_OPENED, E.MESSAGE_SENT)
def _open_name(world: World) -> Act:
    case = _with_a_name(world.story)
    proposal = proposed(world.story, case)
    lend(world.story, case, proposal.nonce, "h1", "h2")
    lend(world.story, case, proposal.nonce, "h2", "h1")
    return lambda: agree(world.story.handler, case, proposal, records=notice(world.story, case))


@line("vaults.open_vault", E.OPENED)
def _open_vault(world: World) -> Act:
    case = _with_a_name(world.story)
    proposal = opened(world.story, case)
    return lambda: vaults.open_vault(world.story.handler, case.members["h1"].account, case.reference, proposal.id)


@line("vaults.split_anew", E.VAULT_RESPLIT)
def _split_anew(world: World) -> Act:
    story, case = world.story, _seen(world, _with_a_name(world.story))
    second = case.members["h2"].account
    lend(story, case, RENEWAL, "h1", "h2")
    found = vaults.renewal(story.handler, second, case.reference)
    assert found.lent is not None
    seed = combine_vault(
        [open_sealed(file, [identity_of(case, "h2")]) for file in (found.mine.file, found.lent.file)],
        recipient_hash(HybridRecipient.from_bytes(found.vault.recipient)),
    ).seed
    shares = anew(story, case, seed)
    return lambda: vaults.split_anew(story.handler, second, case.reference, 0, shares)


@line("vaults.renewal")
def _renewal(world: World) -> Act:
    case = _with_a_name(world.story)
    return lambda: vaults.renewal(world.story.handler, case.members["h1"].account, case.reference)


@line("receiving.function_names")
def _function_names(world: World) -> Act:
    with world.story.database.read() as uow:
        case = uow.cases.by_lookup(bytes.fromhex(world.tip.keys.lookup_digest))
    assert case is not None
    return lambda: receiving.function_names(world.story.handler, case)


@line("changes.log_refusal", E.CHANGE_REFUSED)
def _log_refusal(world: World) -> Act:
    refusal = NotEntitled("")
    return lambda: changes.log_refusal(world.story.handler, _me(world), None, "restore", refusal)


def _me(world: World) -> Account:
    return two(world.story).proposer.account


reads(
    "alerts.alerts", lambda world: alerts.alerts(world.story.handler, _me(world), surveying.survey(world.story.handler))
)
reads("duties.waiting", lambda world: duties.waiting(world.story.handler, world.handler))
reads("proving.prepare", lambda world: proving.prepare(world.story.handler))
reads("sign_in.is_designated", lambda world: sign_in.is_designated(world.story.handler, world.handler))
reads("surveying.survey", lambda world: surveying.survey(world.story.handler))


def _left_alone(world: World) -> tuple[str, ChangeAct, tuple[DemoTrustee, ...]]:
    """A proposal to give the other administrator's account back, and the trustees who can approve it."""
    both = two(world.story)
    trustees = appoint(both, decided(world.story), PEOPLE)
    change_id, act = both.propose(ChangeKind.RESTORE, {"account": both.approver.account.id})
    return change_id, act, trustees


def asks(world: World) -> Act:
    """``replacing.asked``: registered with the last, for other trustees than the directory's are in force after it."""
    change_id, _, _ = _left_alone(world)
    return lambda: replacing.asked(world.story.handler, _me(world), change_id)


def may_ask(world: World) -> Act:
    """``replacing.may_ask``, as the one before."""
    change_id, _, _ = _left_alone(world)
    return lambda: replacing.may_ask(world.story.handler, _me(world), change_id)


def replaces(world: World) -> Act:
    """``replacing.approve``: registered last, for nobody is there afterwards who could approve anything else."""
    change_id, act, trustees = _left_alone(world)
    signatures = {each.id: sign_change(act, each.keys.signing_key) for each in trustees}
    return lambda: replacing.approve(world.story.handler, _me(world), change_id, signatures)
