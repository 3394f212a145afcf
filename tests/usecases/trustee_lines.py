"""Lines of trustees, drills and recoveries: imported for their registration."""

from __future__ import annotations

from tests.support.recovering import administrator, begun, bundle_of, drill, made_by, offered_trustee, with_papers
from tests.support.setting_up import decided, two
from tests.usecases.entry_lines import Act, World, line, reads
from tipportal.cli.demo_directory import publish
from tipportal.cli.demo_trustees import DemoTrustee, appoint
from tipportal.domain.changes.change import ChangeKind
from tipportal.domain.handlinglog import EntryKind as E
from tipportal.domain.handlinglog import Json
from tipportal.envelope.checkphrase import check_phrase
from tipportal.envelope.opening import open_sealed
from tipportal.envelope.trustees import seal_shares
from tipportal.usecases import handle, recovering, trustees

PEOPLE = (("Nils Ek", "Björkviks kommun", "Arkivet"), ("Ulla Ros", "Älvnäs kommun", "Registraturen"))


def _named(world: World) -> tuple[tuple[DemoTrustee, ...], dict[str, Json]]:
    those = tuple(DemoTrustee(*person, None, world.story.handler.random(32)) for person in PEOPLE)
    named: list[Json] = [each.named() for each in those]
    return those, {"threshold": 2, "trustees": named, "decision": decided(world.story)}


@line("changes.approve trustees", E.CHANGE_APPROVED, E.TRUSTEES_CHANGED)
def _trustees(world: World) -> Act:
    change_id, act = two(world.story).propose(ChangeKind.TRUSTEES, _named(world)[1])
    return lambda: two(world.story).approve(change_id, act)


@line("changes.approve ceremony", E.CHANGE_APPROVED, E.CEREMONY_ACKNOWLEDGED)
def _ceremony(world: World) -> Act:
    those, payload = _named(world)
    two(world.story).make(ChangeKind.TRUSTEES, payload)
    with world.story.database.read() as uow:
        newest = uow.trustees.newest()
    assert newest is not None
    ids: list[Json] = [each.id for each in newest.trustees]
    change_id, act = two(world.story).propose(ChangeKind.CEREMONY, {"set": newest.version, "trustees": ids})
    phrases: dict[str, Json] = {
        each.id: check_phrase(each.keys.identity.recipient, each.keys.signing_key.verification_key) for each in those
    }
    return lambda: two(world.story).approve(change_id, act, {"phrases": phrases})


@line("changes.approve recover_case", E.CHANGE_APPROVED, E.RECOVERY_BEGUN)
def _recover_case(world: World) -> Act:
    payload = {"reference": world.story.tip().reference, "why": "Alla nycklar är borta."}
    change_id, act = two(world.story).propose(ChangeKind.RECOVER_CASE, payload)
    return lambda: two(world.story).approve(change_id, act)


@line("recovering.recover", E.CASE_RECOVERED)
def _recover(world: World) -> Act:
    case = world.story.tip()
    recovery = begun(world.story, case)
    first, second, *_ = world.story.municipality.trustees
    made = made_by(world.story, case, recovery, with_papers(bundle_of(world.story, recovery), first, second))
    # What is pending of a case joins the log right before its first entry there.
    handle.open_case(world.story.handler, case.members["h1"].account, case.reference)
    return lambda: recovering.recover(world.story.handler, administrator(world.story), recovery, made.offered)


@line("recovering.drill_done", E.DRILL_DONE)
def _drill(world: World) -> Act:
    story = world.story
    two_of_them = appoint(two(story), decided(story), PEOPLE)
    return lambda: drill(story, *two_of_them)


@line("trustees.split_anew", E.SHARES_RENEWED)
def _split_anew(world: World) -> Act:
    story, case = world.story, world.story.tip()
    appoint(two(story), decided(story), PEOPLE)
    publish(two(story))
    member = case.members["h1"]
    view = handle.open_case(story.handler, member.account, case.reference)
    wanted = trustees.wanted_of(story.handler, member.account, case.reference)
    assert wanted is not None
    assert member.identity is not None
    seed = open_sealed(view.grants[0].file, [member.identity.identity])
    holders = [offered_trustee(one.member, one.trustee) for one in wanted.named]
    sealed = seal_shares(seed, holders, wanted.threshold, random=story.handler.random)
    shares = [trustees.Share(0, holder, file) for holder, file in sealed]
    return lambda: trustees.split_anew(story.handler, member.account, case.reference, shares)


def _open(world: World) -> str:
    with world.story.database.read() as uow:
        return uow.trustees.open_recoveries()[0].id


reads("recovering.progress", lambda world: recovering.progress(world.story.handler, None))
reads("recovering.bundle", lambda world: recovering.bundle(world.story.handler, _open(world), None))
reads(
    "recovering.new_panel",
    lambda world: recovering.new_panel(
        world.story.handler, _open(world), None, area="", subject_role="unknown", concerns=()
    ),
)
reads(
    "recovering.open_of",
    lambda world: recovering.open_of(
        world.story.handler, recovering.bundle(world.story.handler, _open(world), None).case.reference
    ),
)
reads(
    "trustees.wanted_of",
    lambda world: trustees.wanted_of(world.story.handler, world.handler, world.tip.reference),
)
