"""What is sealed in Python opens in Node and in a browser, and the reverse: files, cases, identities."""

import secrets

import pytest

from tests.support.interop import Client, b64, from_b64, items, members
from tests.support.sealed_case import ANSWERS, DAY, FACTS, INSTALLATION, MEMBERS, OFFER, PEOPLE
from tipportal.envelope import EnvelopeError, HybridIdentity, HybridRecipient, inspect, seal, sealed_size
from tipportal.envelope.bodies import FactsBody, ReportBody, TextBody
from tipportal.envelope.casecode import CaseCode, SourceKeys, derive
from tipportal.envelope.epochs import EpochRecipients
from tipportal.envelope.genesis import ExpectedGenesis, VerifiedGenesis, verify_genesis
from tipportal.envelope.grants import check_grant_seed
from tipportal.envelope.keys import dialogue_seed, recipient_hash
from tipportal.envelope.opening import open_sealed
from tipportal.envelope.passphrase import (
    HandlerIdentity,
    PassphraseIdentity,
    machine_passphrase,
    parse_identity_file,
    seal_identity_file,
)
from tipportal.envelope.reading import OpenedRecord, VerifiedRecord, read_stream
from tipportal.envelope.records import Attachment, Chain, Kind, SealedBy, Stream, Writer
from tipportal.envelope.submission import Next, Submission, build_dialogue_record, build_submission

pytestmark = pytest.mark.browser

SIZES = [0, 1, 65_535, 65_536, 65_537, 200_000]
PHOTO = Attachment(
    name="Foto \U0001f477 «1».jpg",
    type="image/jpeg",
    size=2**53 - 1,
    sha256="ab" * 32,
    key=bytes(range(32)),
    cleaned=True,
)
CODE = CaseCode.from_entropy(bytes(range(100, 116)))


@pytest.mark.parametrize("size", SIZES)
def test_a_file_from_python_opens_there(client: Client, size: int) -> None:
    identity, other = HybridIdentity(secrets.token_bytes(32)), HybridIdentity(secrets.token_bytes(32))
    plaintext = secrets.token_bytes(size)
    file = seal(plaintext, [other.recipient, identity.recipient], random=secrets.token_bytes)
    assert from_b64(client.call("open", b64(file), b64(identity.seed))) == plaintext


@pytest.mark.parametrize("size", SIZES)
def test_a_file_from_there_opens_in_python(client: Client, size: int) -> None:
    identity, other = HybridIdentity(secrets.token_bytes(32)), HybridIdentity(secrets.token_bytes(32))
    plaintext = secrets.token_bytes(size)
    recipients = [b64(identity.recipient.raw), b64(other.recipient.raw)]
    file = from_b64(client.call("seal", b64(plaintext), recipients))
    assert len(file) == sealed_size(size, 2)
    assert inspect(file).recipients == 2
    assert open_sealed(file, [identity]) == plaintext
    assert open_sealed(file, [other]) == plaintext


@pytest.mark.parametrize("size", SIZES)
def test_a_file_from_node_opens_in_the_browser_and_the_reverse(node: Client, chromium: Client, size: int) -> None:
    identity = HybridIdentity(secrets.token_bytes(32))
    plaintext, recipients = b64(secrets.token_bytes(size)), [b64(identity.recipient.raw)]
    for maker, opener in ((node, chromium), (chromium, node)):
        assert opener.call("open", maker.call("seal", plaintext, recipients), b64(identity.seed)) == plaintext


def test_a_seed_has_one_recipient_everywhere(client: Client) -> None:
    for _ in range(5):
        identity = HybridIdentity(secrets.token_bytes(32))
        assert client.call("recipient", b64(identity.seed)) == b64(identity.recipient.raw)


def test_both_refuse_the_same_keys_and_files(client: Client) -> None:
    identity = HybridIdentity(secrets.token_bytes(32))
    raw = identity.recipient.raw
    for bad in (raw[:-1], b"\xff" * 3 + raw[3:], raw[:-32] + bytes(32)):
        with pytest.raises(EnvelopeError):
            HybridRecipient.from_bytes(bad)
        with pytest.raises(EnvelopeError):
            client.call("seal", b64(b"text"), [b64(bad)])
    file = seal(b"text", [identity.recipient], random=secrets.token_bytes)
    for changed in (file[:-1], file + b"\0", file[:-1] + bytes([file[-1] ^ 1]), file.replace(b"v1\n", b"v2\n", 1)):
        with pytest.raises(EnvelopeError):
            open_sealed(changed, [identity])
        with pytest.raises(EnvelopeError):
            client.call("open", b64(changed), b64(identity.seed))


def test_an_identity_file_opens_on_the_other_side(client: Client) -> None:
    anna = PEOPLE["h1"]
    passphrase = machine_passphrase(secrets.token_bytes)
    made = seal_identity_file(HandlerIdentity(anna.identity, anna.signing_key), passphrase, random=secrets.token_bytes)
    expected = {"age": b64(anna.identity.seed), "signing": b64(anna.signing_key.seed)}
    assert client.call("openIdentity", b64(made), passphrase.upper()) == expected
    file = from_b64(client.call("sealIdentity", expected["signing"], expected["age"], passphrase))
    opened = parse_identity_file(open_sealed(file, [PassphraseIdentity(passphrase)]))
    assert opened.identity.seed == anna.identity.seed
    assert opened.signing_key.seed == anna.signing_key.seed


def offer_json() -> dict[str, object]:
    return {
        "ticket": "ticket",
        "reference": OFFER.reference,
        "installation": OFFER.installation,
        "date": OFFER.at.isoformat(),
        "organisation": OFFER.organisation,
        "authority": OFFER.authority,
        "policy_version": OFFER.policy_version,
        "directory_version": OFFER.directory_version,
        "members": [
            {
                "id": member.id,
                "role": member.role.value,
                "function": member.function,
                "unit": member.unit,
                "recipient": b64(member.recipient.raw),
                "verification_key": b64(member.verification_key.raw),
            }
            for member in MEMBERS
        ],
        "trustees": [],
        "trustee_threshold": 0,
    }


def wanted_json() -> dict[str, object]:
    return {
        "organisation": OFFER.organisation,
        "channel": OFFER.channel.value,
        "facts": {"area": FACTS.area, "subject_role": FACTS.subject_role, "concerns": FACTS.concerns},
        "answers": ANSWERS,
        "language": "sv",
        "attachments": [PHOTO.to_json()],
    }


def verified_genesis(keys: SourceKeys, file: bytes, work: HybridRecipient, opener: HybridIdentity) -> VerifiedGenesis:
    expected = ExpectedGenesis(
        case=OFFER.reference,
        installation=OFFER.installation,
        source=keys.identity.recipient,
        work=work,
        source_key=keys.signing_key.verification_key,
    )
    return verify_genesis(open_sealed(file, [opener]), expected)


def test_a_case_sealed_there_is_read_and_verified_in_python(client: Client) -> None:
    sent = members(client.call("submit", offer_json(), wanted_json(), CODE.text))
    keys = derive(CODE, INSTALLATION)
    assert sent["source"] == {
        "recipient": b64(keys.identity.recipient.raw),
        "verification_key": b64(keys.signing_key.verification_key.raw),
        "lookup_digest": keys.lookup_digest,
    }
    genesis_file, *files = [from_b64(record["file"]) for record in items(sent["records"])]
    grants = {str(grant["holder"]): from_b64(grant["file"]) for grant in items(sent["grants"])}
    epoch = EpochRecipients(
        0, HybridRecipient.from_bytes(from_b64(sent["work"])), HybridRecipient.from_bytes(from_b64(sent["dialogue"]))
    )
    work_seeds = {open_sealed(grants[name], [PEOPLE[name].identity]) for name in ("h1", "h2", "h3")}
    assert len(work_seeds) == 1
    work_seed = work_seeds.pop()
    check_grant_seed(work_seed, recipient_hash(epoch.work))
    assert open_sealed(grants["source"], [keys.identity]) == dialogue_seed(work_seed)
    genesis = verified_genesis(keys, genesis_file, epoch.work, keys.identity)
    assert verified_genesis(keys, genesis_file, epoch.work, HybridIdentity(work_seed)) == genesis
    assert genesis.genesis.members == tuple(member.named() for member in MEMBERS)
    for stream, file, seed, expected in (
        (Stream.DIALOGUE, files[0], dialogue_seed(work_seed), ReportBody(ANSWERS, OFFER.channel, "sv")),
        (Stream.WORK, files[1], work_seed, FACTS),
    ):
        row = OpenedRecord(0, 0, file, open_sealed(file, [HybridIdentity(seed)]))
        (record,) = read_stream(genesis, genesis_file, stream, [epoch], [row]).records
        assert isinstance(record, VerifiedRecord)
        assert isinstance(record.body, (ReportBody, FactsBody))
        assert record.body == expected
        assert record.header.sealed_by is SealedBy.BROWSER
        assert record.header.attachments == ((PHOTO,) if stream is Stream.DIALOGUE else ())


def kept_json(submission: Submission, *more: dict[str, object]) -> dict[str, object]:
    genesis, report, _facts = submission.records
    first = {
        "stream": "dialogue",
        "kind": "report",
        "epoch": 0,
        "seq": 0,
        "prev": report.prev,
        "file": b64(report.file),
    }
    return {
        "reference": OFFER.reference,
        "installation": OFFER.installation,
        "genesis": b64(genesis.file),
        "work": b64(submission.work.raw),
        "dialogue": b64(submission.dialogue.raw),
        "grant": b64(submission.grants[-1].file),
        "records": [first, *more],
    }


def test_a_case_sealed_in_python_is_read_and_answered_there(client: Client) -> None:
    keys = derive(CODE, INSTALLATION)
    submission = build_submission(
        keys=keys, offer=OFFER, facts=FACTS, answers=ANSWERS, sealed_by=SealedBy.SERVER, random=secrets.token_bytes
    )
    genesis_file, report_file = submission.records[0].file, submission.records[1].file
    start = Chain.start(case=OFFER.reference, gen=submission.gen, stream=Stream.DIALOGUE, genesis_file=genesis_file)
    answer = build_dialogue_record(
        at=Next(start.after(report_file), 0, submission.dialogue),
        writer=Writer("h2", PEOPLE["h2"].signing_key, SealedBy.BROWSER, DAY),
        text="Tack. Vi återkommer \U0001f990",
        random=secrets.token_bytes,
        kind=Kind.FEEDBACK,
        attachments=(PHOTO,),
    )
    kept = kept_json(
        submission,
        {
            "stream": "dialogue",
            "kind": "feedback",
            "epoch": 0,
            "seq": answer.seq,
            "prev": answer.prev,
            "file": b64(answer.file),
        },
    )
    report = {"answers": {**ANSWERS, "heard_how": ["poster", "friend"]}, "form": "tip", "language": "sv"}
    assert client.call("read", CODE.text, kept) == [
        {"kind": "report", "from": "source", "attachments": [], "body": report},
        {
            "kind": "feedback",
            "from": "h2",
            "attachments": [PHOTO.to_json()],
            "body": {"text": "Tack. Vi återkommer \U0001f990"},
        },
    ]
    written = members(
        client.call("answer", CODE.text, kept, "Här är mer \U0001f4ce", DAY.isoformat(), [PHOTO.to_json()])
    )
    file = from_b64(written["file"])
    genesis = verified_genesis(keys, genesis_file, submission.work, keys.identity)
    epoch = EpochRecipients(0, submission.work, submission.dialogue)
    reader = HybridIdentity(open_sealed(submission.grants[-1].file, [keys.identity]))
    rows = [
        OpenedRecord(0, seq, one, open_sealed(one, [reader]))
        for seq, one in enumerate((report_file, answer.file, file))
    ]
    last = read_stream(genesis, genesis_file, Stream.DIALOGUE, [epoch], rows).records[-1]
    assert isinstance(last, VerifiedRecord)
    assert last.body == TextBody("Här är mer \U0001f4ce")
    assert last.header.attachments == (PHOTO,)
    assert (written["seq"], written["prev"]) == (2, last.header.prev)


def test_a_case_of_another_code_does_not_open(client: Client) -> None:
    submission = build_submission(
        keys=derive(CODE, INSTALLATION),
        offer=OFFER,
        facts=FACTS,
        answers=ANSWERS,
        sealed_by=SealedBy.SERVER,
        random=secrets.token_bytes,
    )
    other = CaseCode.from_entropy(secrets.token_bytes(16))
    with pytest.raises(EnvelopeError) as refused:
        client.call("read", other.text, kept_json(submission))
    assert refused.value.reason == "not_opened"
