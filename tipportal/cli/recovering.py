"""`tipportal recover`: trustees type their papers one after the other, and one case is opened here, nowhere else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from tipportal.domain.errors import Refusal
from tipportal.domain.texts import N_
from tipportal.envelope import EnvelopeError, HybridRecipient
from tipportal.envelope.bodies import ReportBody, TextBody
from tipportal.envelope.epochs import TrusteeSet
from tipportal.envelope.keys import VerificationKey, recipient_hash
from tipportal.envelope.opening import open_sealed
from tipportal.envelope.paper import read_paper
from tipportal.envelope.reading import FailedRecord, ReadRecord
from tipportal.envelope.refusals import PaperError
from tipportal.envelope.trustees import Trustee, TrusteeIdentity, foreign_shares, seed_of_shares, trustee_identity
from tipportal.usecases import recovering as usecase

from .sealed_case import VerifiedCase, bytes_of, verified_case
from .surroundings import handler_context

_FILE = click.Path(dir_okay=False, path_type=Path)
_THERE = click.Path(exists=True, dir_okay=False, path_type=Path)


class RecoveryRefusedError(Exception):
    """Why a recovery cannot go on: a msgid and its values, nothing secret."""

    def __init__(self, reason: str, **values: object) -> None:
        """Keep the msgid and the values."""
        super().__init__(reason)
        self.reason, self.values = reason, values


@dataclass(frozen=True, slots=True)
class Holder:
    """A trustee of the bundle."""

    id: str
    name: str
    recipient: str
    verification_key: VerificationKey


@dataclass(slots=True)
class Recovering:
    """One case on its way to being opened. What has been typed is kept in memory, and forgotten with this."""

    bundle: Mapping[str, Any] = field(repr=False)
    present: dict[str, TrusteeIdentity] = field(default_factory=dict, repr=False)

    @property
    def holders(self) -> tuple[Holder, ...]:
        """The trustees who hold shares of the case."""
        return tuple(
            Holder(
                str(one["id"]),
                str(one["name"]),
                recipient_hash(HybridRecipient.from_bytes(bytes_of(one["recipient"]))),
                VerificationKey(bytes_of(one["verification_key"])),
            )
            for one in self.bundle["trustees"]
        )

    @property
    def missing(self) -> int:
        """How many more papers it takes."""
        return max(0, int(self.bundle["threshold"]) - len(self.present))

    def add(self, typed: str) -> Holder:
        """Take a paper as it was typed; whose it is. Raises RecoveryRefusedError for a wrong or repeated one."""
        try:
            seed = read_paper(typed)
        except PaperError as error:
            if not error.rows:
                raise RecoveryRefusedError(N_("Det ska vara sex rader med fyra ord och två siffror.")) from None
            rows = ", ".join(map(str, error.rows))
            raise RecoveryRefusedError(N_("Fel på rad %(rows)s. Jämför med papperet."), rows=rows) from None
        keys = trustee_identity(seed)
        mine = recipient_hash(keys.identity.recipient)
        for holder in self.holders:
            if holder.recipient != mine or holder.verification_key != keys.signing_key.verification_key:
                continue
            if holder.id in self.present:
                raise RecoveryRefusedError(N_("Papperet har redan skrivits in: %(name)s."), name=holder.name)
            self.present[holder.id] = keys
            return holder
        raise RecoveryRefusedError(N_("Papperet hör inte till någon av ärendets nyckelförvaltare."))

    def seeds(self) -> dict[int, bytes]:
        """The work seed of each epoch. Raises RecoveryRefusedError, naming whose share is damaged or foreign."""
        return {int(epoch["epoch"]): self._seed(epoch) for epoch in self.bundle["epochs"]}

    def _seed(self, epoch: Mapping[str, Any]) -> bytes:
        names = {holder.id: holder.name for holder in self.holders}
        files = {str(share["holder"]): bytes_of(share["file"]) for share in epoch["shares"]}
        opened: dict[str, bytes] = {}
        for member, keys in self.present.items():
            try:
                opened[member] = open_sealed(files[member], [keys.identity])
            except (EnvelopeError, KeyError):
                raise RecoveryRefusedError(
                    N_("Delen för %(name)s saknas eller är skadad."), name=names[member]
                ) from None
        expected = recipient_hash(HybridRecipient.from_bytes(bytes_of(epoch["work"])))
        shares, threshold = list(opened.values()), int(self.bundle["threshold"])
        try:
            return seed_of_shares(shares, expected).seed
        except EnvelopeError:
            wrong = foreign_shares(shares, threshold, expected) if len(shares) > threshold else range(len(shares))
            whose = ", ".join(names[member] for place, member in enumerate(opened) if place in wrong)
            raise RecoveryRefusedError(N_("Delarna hör inte ihop: %(names)s."), names=whose) from None


def opened_case(bundle: Mapping[str, Any], seeds: Mapping[int, bytes]) -> VerifiedCase:
    """Open and verify the one case of a bundle with the work seeds of its epochs. Raises BundleError, EnvelopeError."""
    trusted = TrusteeSet(
        tuple(
            Trustee(
                id=str(one["id"]),
                recipient=recipient_hash(HybridRecipient.from_bytes(bytes_of(one["recipient"]))),
                verification_key=VerificationKey(bytes_of(one["verification_key"])),
            )
            for one in bundle["trustees"]
        ),
        int(bundle["threshold"]),
    )
    # Whoever types a paper here knows who the others are: they are in the room.
    return verified_case(bundle, seeds, lambda *_: trusted)


@click.command()
@click.argument("reference")
@click.option("--export", "exported", type=_FILE, help="Write what is sealed of the case to this new file, and stop.")
@click.option("--bundle", "given", type=_THERE, help="Read such a file, on another machine.")
def recover(reference: str, exported: Path | None, given: Path | None) -> None:
    """Open one case with its trustees, who type their papers one after the other; it is shown here and kept nowhere.

    Two administrators decide on it first, in their browsers. To give the case to a new panel, use the page instead.
    """
    bundle = json.loads(given.read_text("utf-8")) if given else _from_server(reference)
    if bundle["reference"] != reference:
        raise click.ClickException("The file is of another case.")
    if exported is not None:
        with exported.open("x", encoding="utf-8") as file:
            json.dump(bundle, file)
        return
    recovering = Recovering(bundle)
    while recovering.missing:
        click.echo(f"{recovering.missing} more trustee(s). Type the six rows of the paper, then an empty line:")
        try:
            click.echo(f"  {recovering.add(_typed()).name}")
        except RecoveryRefusedError as refusal:
            click.echo(refusal.reason % refusal.values)
    try:
        opened = opened_case(bundle, recovering.seeds())
    except RecoveryRefusedError as refusal:
        raise click.ClickException(refusal.reason % refusal.values) from None
    except EnvelopeError as error:
        raise click.ClickException(f"The case does not hold: {error.reason}") from None
    for name, records in (("dialogue", opened.dialogue), ("work", opened.work)):
        for record in records:
            click.echo(f"{name} {_told(record)}")


def _from_server(reference: str) -> Mapping[str, Any]:
    try:
        with handler_context() as ctx:
            found = usecase.bundle(ctx, usecase.open_of(ctx, reference).id, None)
    except Refusal as refusal:
        raise click.ClickException(str(refusal.reason)) from None
    return usecase.bundle_json(found)


def _typed() -> str:
    lines = iter(lambda: click.prompt("", default="", show_default=False, prompt_suffix="", hide_input=True), "")
    return "\n".join(lines)


def _told(record: ReadRecord) -> str:
    if isinstance(record, FailedRecord):
        return f"{record.seq} [{record.reason}]"
    head, body = record.header, record.body
    if isinstance(body, ReportBody):
        said = "\n".join(f"  {name}: {answer}" for name, answer in body.answers.items())
    elif isinstance(body, TextBody):
        said = f"  {body.text}"
    else:
        said = ""
    return f"{head.seq} {head.kind.value}, {head.at.isoformat()}, {head.author}\n{said}"
