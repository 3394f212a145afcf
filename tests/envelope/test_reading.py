"""After opening: what holds is shown, what fails is shown as failed, and nothing that was sent is left out."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.sealed_case import (
    DAY,
    MEMBERS,
    OFFER,
    PEOPLE,
    SealedCase,
    handler_writes,
    keys_of_source,
    opened_row,
    sealed_case,
    seed,
)
from tipportal.envelope.bodies import ReportBody, TextBody
from tipportal.envelope.epochs import Epoch, EpochRecipients, SourceNames, build_epoch, first_epoch
from tipportal.envelope.hybrid import HybridIdentity
from tipportal.envelope.keys import SigningKey, dialogue_seed, recipient_hash
from tipportal.envelope.reading import (
    FailedRecord,
    OpenedRecord,
    StreamReading,
    VerifiedRecord,
    read_dialogue,
    read_stream,
)
from tipportal.envelope.records import Chain, Kind, SealedBy, Stream, Writer
from tipportal.envelope.refusals import EpochError, Refusal
from tipportal.envelope.submission import Next, SealedRecord, build_dialogue_record, seal_next

QUIET = settings(derandomize=True, deadline=None, max_examples=60)
CASE = sealed_case()
GENESIS = CASE.genesis()
SOURCE = CASE.source_writes()
SEEDS = {0: CASE.work_seed, 1: seed("work of epoch 1")}
ONE = EpochRecipients(1, HybridIdentity(SEEDS[1]).recipient, HybridIdentity(dialogue_seed(SEEDS[1])).recipient)
EPOCHS = (CASE.epoch, ONE)
H1, H2, H3 = (member.named() for member in MEMBERS)


@dataclass
class Thread:
    """A stream that grows, as the server would keep it."""

    chain: Chain
    rows: list[OpenedRecord]

    @classmethod
    def started(cls, stream: Stream = Stream.DIALOGUE, case: SealedCase = CASE) -> "Thread":
        first = case.submission.records[1 if stream is Stream.DIALOGUE else 2]
        gen = case.genesis().gen
        chain = Chain.start(case=OFFER.reference, gen=gen, stream=stream, genesis_file=case.genesis_file)
        return cls(chain.after(first.file), [opened_row(first, case.work_seed)])

    def at(self, epoch: int) -> Next:
        recipients = EPOCHS[epoch]
        work = self.chain.stream is Stream.WORK
        return Next(self.chain, epoch, recipients.work if work else recipients.dialogue)

    def add(self, record: SealedRecord) -> "Thread":
        self.rows.append(opened_row(record, SEEDS[record.epoch]))
        self.chain = self.chain.after(record.file)
        return self

    def write(self, writer: Writer, kind: Kind = Kind.MESSAGE, epoch: int = 0, text: str = "Hej") -> "Thread":
        body = TextBody(text).encode()
        return self.add(seal_next(self.at(epoch), kind, body, writer, random=secrets.token_bytes))

    def turn(self, writer: Writer, body: Epoch) -> "Thread":
        """Begin epoch 1."""
        return self.add(seal_next(self.at(1), Kind.EPOCH, body.encode(), writer, random=secrets.token_bytes))

    def read(self, rows: Sequence[OpenedRecord] | None = None) -> StreamReading:
        return read_stream(GENESIS, CASE.genesis_file, self.chain.stream, EPOCHS, self.rows if rows is None else rows)

    def outcome(self, rows: Sequence[OpenedRecord] | None = None) -> list[str]:
        """Give ``ok`` or the reason for each row."""
        return [record.reason if isinstance(record, FailedRecord) else "ok" for record in self.read(rows).records]


def _next_epoch() -> Epoch:
    return build_epoch(first_epoch(GENESIS.genesis, CASE.epoch), ONE, (H1, replace(H3, role=H1.role)))


OWN = keys_of_source("own code")


def _own_code(signer: SigningKey = OWN.signing_key) -> Epoch:
    names = SourceNames(recipient_hash(OWN.identity.recipient), OWN.signing_key.verification_key)
    same = build_epoch(first_epoch(GENESIS.genesis, CASE.epoch), ONE, (H1, H2, H3))
    return same.with_source(names, signer, case=GENESIS.genesis.case, gen=GENESIS.gen)


def test_the_source_takes_other_keys() -> None:
    """The old ones sign for it, and then no more; in the work stream as well."""
    own = replace(SOURCE, key=OWN.signing_key)
    thread = Thread.started().turn(SOURCE, _own_code())
    thread.write(SOURCE, epoch=1).write(own, epoch=1).write(handler_writes("h1"), epoch=1)
    assert thread.outcome() == ["ok", "ok", Refusal.SIGNATURE, "ok", "ok"]
    assert thread.read().epoch.source.verification_key == OWN.signing_key.verification_key
    assert Thread.started(Stream.WORK).turn(SOURCE, _own_code()).outcome() == ["ok", "ok"]


@pytest.mark.parametrize(
    ("writer", "body", "reason"),
    [
        (handler_writes("h1"), _own_code(), Refusal.AUTHOR),
        (replace(SOURCE, key=OWN.signing_key), _own_code(), Refusal.SIGNATURE),
        (SOURCE, _own_code(SigningKey(seed("x"))), Refusal.SOURCE),
    ],
    ids=["member", "new_key_alone", "unproved"],
)
def test_nobody_else_gives_the_source_other_keys(writer: Writer, body: Epoch, reason: str) -> None:
    thread = Thread.started().turn(writer, body)
    assert thread.outcome() == ["ok", reason]
    assert thread.read().epoch.source.verification_key == GENESIS.genesis.source_key


def _conversation() -> Thread:
    return (
        Thread.started()
        .write(handler_writes("h1"), text="Vilket år?")
        .write(SOURCE, text="2025")
        .write(handler_writes("h2"), Kind.FEEDBACK, text="Vi har begärt tillbaka pengarna.")
    )


def test_conversation() -> None:
    thread = _conversation()
    reading = read_dialogue(GENESIS, CASE.genesis_file, EPOCHS, thread.rows)
    assert [type(record) for record in reading.records] == [VerifiedRecord] * 4
    bodies = [record.body for record in reading.records if isinstance(record, VerifiedRecord)]
    assert isinstance(bodies[0], ReportBody)
    assert bodies[1:] == [TextBody("Vilket år?"), TextBody("2025"), TextBody("Vi har begärt tillbaka pengarna.")]
    authors = [record.header.author for record in reading.records if isinstance(record, VerifiedRecord)]
    assert authors == ["source", "h1", "source", "h2"]
    assert reading.chain == thread.chain
    assert reading.epoch.number == 0


def test_work_stream() -> None:
    thread = Thread.started(Stream.WORK)
    for kind in (Kind.TITLE, Kind.NOTE, Kind.ASSESSMENT):
        thread.write(handler_writes("h2"), kind)
    assert thread.outcome() == ["ok"] * 4


def test_new_epoch() -> None:
    """After it, those who left no longer write, and the keys are others."""
    for stream, kind in ((Stream.DIALOGUE, Kind.MESSAGE), (Stream.WORK, Kind.NOTE)):
        thread = Thread.started(stream).turn(handler_writes("h1"), _next_epoch())
        thread.write(handler_writes("h3"), kind, epoch=1).write(handler_writes("h2"), kind, epoch=1)
        assert thread.outcome() == ["ok", "ok", "ok", Refusal.AUTHOR]
        reading = thread.read()
        assert [member.id for member in reading.epoch.members] == ["h1", "h3"]
        assert reading.epoch.number == 1


def test_the_source_may_begin_an_epoch() -> None:
    thread = Thread.started().turn(SOURCE, _next_epoch()).write(SOURCE, epoch=1)
    assert thread.outcome() == ["ok"] * 3


def test_who_leaves_does_not_begin_the_next_epoch() -> None:
    """Whoever makes an epoch knows its keys."""
    thread = Thread.started().turn(handler_writes("h2"), _next_epoch()).write(SOURCE, epoch=1)
    assert thread.outcome() == ["ok", Refusal.AUTHOR, Refusal.EPOCH]


def test_no_way_back() -> None:
    thread = Thread.started().turn(SOURCE, _next_epoch()).write(SOURCE, epoch=0)
    assert thread.outcome() == ["ok", "ok", Refusal.EPOCH]


def test_no_epoch_without_its_record() -> None:
    assert Thread.started().write(SOURCE, epoch=1).outcome() == ["ok", Refusal.EPOCH]


def test_an_epoch_that_two_would_have_to_sign() -> None:
    added = replace(
        H2, id="h4", unit="u-new", recipient=ONE.link, verification_key=SigningKey(seed("x")).verification_key
    )
    epoch = replace(_next_epoch(), members=(H1, H2, added))
    thread = Thread.started().turn(handler_writes("h1"), epoch).write(SOURCE, epoch=1)
    assert thread.outcome() == ["ok", Refusal.TOO_FEW_SIGNATURES, Refusal.EPOCH]


@pytest.mark.parametrize(
    ("writer", "kind", "reason"),
    [
        (SOURCE, Kind.FEEDBACK, Refusal.AUTHOR),
        (SOURCE, Kind.REPORT, Refusal.KIND),
        (handler_writes("h1"), Kind.REPORT, Refusal.AUTHOR),
        (replace(handler_writes("h1"), author="h2"), Kind.MESSAGE, Refusal.SIGNATURE),
        (replace(handler_writes("h1"), author="source"), Kind.MESSAGE, Refusal.SIGNATURE),
        (replace(SOURCE, author="h1"), Kind.MESSAGE, Refusal.SIGNATURE),
        (replace(SOURCE, author="staff"), Kind.MESSAGE, Refusal.SIGNATURE),
        (replace(handler_writes("h1"), author="h9"), Kind.MESSAGE, Refusal.AUTHOR),
        (replace(handler_writes("h1"), key=SigningKey(seed("stranger"))), Kind.MESSAGE, Refusal.SIGNATURE),
        (replace(handler_writes("h2"), author="staff"), Kind.FEEDBACK, "ok"),
        (handler_writes("h3"), Kind.MESSAGE, "ok"),
    ],
)
def test_writers(writer: Writer, kind: Kind, reason: str) -> None:
    thread = Thread.started()
    body = ReportBody({}, OFFER.channel, "sv").encode() if kind is Kind.REPORT else TextBody("Hej").encode()
    thread.add(seal_next(thread.at(0), kind, body, writer, random=secrets.token_bytes))
    assert thread.outcome() == ["ok", reason]


def test_nobody_is_staff_in_the_work_stream() -> None:
    thread = Thread.started(Stream.WORK).write(replace(handler_writes("h1"), author="staff"), Kind.NOTE)
    assert thread.outcome() == ["ok", Refusal.AUTHOR]


def test_a_case_begins_with_a_report() -> None:
    thread = Thread(
        Chain.start(case=OFFER.reference, gen=GENESIS.gen, stream=Stream.DIALOGUE, genesis_file=CASE.genesis_file), []
    )
    for writer in (SOURCE, handler_writes("h1")):
        record = build_dialogue_record(at=thread.at(0), writer=writer, text="Hej", random=secrets.token_bytes)
        assert thread.outcome([opened_row(record, CASE.work_seed)]) == [Refusal.KIND]


def test_a_record_withheld_shows_at_the_next() -> None:
    rows = _conversation().rows
    assert _conversation().outcome([rows[0], *rows[2:]]) == ["ok", Refusal.SEQUENCE, "ok"]


@pytest.mark.parametrize(
    "order", [(0, 2, 1, 3), (1, 0, 2, 3), (0, 0, 1, 2), (0, 1, 2, 3, 0, 1, 2, 3), (3, 2, 1, 0), (1, 2, 3)]
)
def test_order(order: tuple[int, ...]) -> None:
    """Swapped, doubled or missing rows: each row is told of, no record is taken twice, and something has failed."""
    thread = _conversation()
    outcome = thread.outcome([thread.rows[place] for place in order])
    taken = [place for place, told in zip(order, outcome, strict=True) if told == "ok"]
    assert len(outcome) == len(order)
    assert len(taken) == len(set(taken)) < len(order)
    assert taken == sorted(taken)


def test_a_record_that_does_not_open_takes_its_place() -> None:
    thread = _conversation()
    rows = [replace(row, plaintext=None) if row.seq == 1 else row for row in thread.rows]
    assert thread.outcome(rows) == ["ok", Refusal.NOT_OPENED, "ok", "ok"]


def test_a_file_exchanged_shows_twice() -> None:
    """In its own place by its content, and at the next by the digest."""
    thread = _conversation()
    other = Thread.started().write(handler_writes("h1"), text="Något annat").rows[1]
    rows = [other if row.seq == 1 else row for row in thread.rows]
    # Signed and in its place, it is a record as good as the first: only what follows tells that it isn't the one.
    assert thread.outcome(rows) == ["ok", "ok", Refusal.PREVIOUS, "ok"]


def test_a_record_of_another_case() -> None:
    """Even of the same source, with the same reference and members."""
    other = sealed_case()
    assert Thread.started().outcome([opened_row(other.submission.records[1], other.work_seed)]) == [Refusal.GENESIS]


def test_a_record_of_the_other_stream() -> None:
    thread = Thread.started()
    facts = opened_row(CASE.submission.records[2], CASE.work_seed)
    assert thread.outcome([facts]) == [Refusal.STREAM]


def test_the_row_does_not_overrule_the_record() -> None:
    thread = _conversation()
    for changed in (replace(thread.rows[0], epoch=1), replace(thread.rows[0], seq=1), replace(thread.rows[0], epoch=7)):
        assert thread.outcome([changed])[0] in {Refusal.EPOCH, Refusal.SEQUENCE}


def test_no_beginning() -> None:
    """Without the recipients that genesis names nothing can be read at all."""
    for epochs in ((), (ONE,), (replace(ONE, epoch=0),)):
        with pytest.raises(EpochError):
            read_dialogue(GENESIS, CASE.genesis_file, epochs, Thread.started().rows)


def test_another_genesis_file() -> None:
    """The streams hang on the very file, not only on what is in it."""
    other = sealed_case().genesis_file
    reading = read_dialogue(GENESIS, other, EPOCHS, Thread.started().rows)
    assert [record.reason for record in reading.records if isinstance(record, FailedRecord)] == [Refusal.PREVIOUS]


def test_withheld_recipients_of_an_epoch() -> None:
    thread = Thread.started().turn(SOURCE, _next_epoch()).write(SOURCE, epoch=1)
    reading = read_stream(GENESIS, CASE.genesis_file, Stream.DIALOGUE, EPOCHS[:1], thread.rows)
    reasons = [record.reason for record in reading.records if isinstance(record, FailedRecord)]
    assert reasons == [Refusal.EPOCH, Refusal.EPOCH]


CONVERSATION = _conversation()


@QUIET
@given(st.integers(0, 3), st.binary(max_size=300) | st.none())
def test_any_plaintext(place: int, plaintext: bytes | None) -> None:
    """Nothing comes out of reading but records that hold or have failed."""
    rows = [replace(row, plaintext=plaintext) if row.seq == place else row for row in CONVERSATION.rows]
    outcome = CONVERSATION.outcome(rows)
    assert [told == "ok" for told in outcome] == [row.seq != place for row in rows]


@QUIET
@given(st.integers(0, 3), st.integers(0, 700), st.integers(1, 255))
def test_any_changed_byte(place: int, at: int, change: int) -> None:
    rows = list(CONVERSATION.rows)
    plaintext = bytearray(rows[place].plaintext or b"")
    plaintext[at] ^= change
    rows[place] = replace(rows[place], plaintext=bytes(plaintext))
    assert CONVERSATION.outcome(rows)[place] != "ok"


def test_text_does_not_show() -> None:
    shown = repr(CONVERSATION.read()) + repr(CONVERSATION.rows)
    assert "2025" not in shown
    assert SOURCE.key.seed.hex() not in repr(Writer("source", PEOPLE["h1"].signing_key, SealedBy.SERVER, DAY))
