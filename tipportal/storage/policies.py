"""Policies in their exact form, and what their newest proofs found."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from typing import TypeAlias

import sqlalchemy as sa
from sqlalchemy import Connection

from tipportal.domain.independence.kept import KeptProof
from tipportal.domain.policies.explaining import Sentence
from tipportal.domain.policies.policy import Policy, PolicyInForce
from tipportal.domain.policies.reading import read_policy
from tipportal.domain.policies.writing import write_policy

from .prepared import Prepared
from .rows import policies, proofs

_Kept: TypeAlias = "str | int | list[_Kept] | dict[str, _Kept]"

_NEWEST_POLICY = Prepared(
    sa.select(policies.c.version, policies.c.document)
    .where(policies.c.organisation_id == sa.bindparam("organisation_id"))
    .order_by(policies.c.version.desc())
    .limit(1)
)
_POLICIES_KEPT_PARSED = 64


class Policies:
    """The part of ``ports.Register`` that keeps policies and proofs."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_policy(self, policy: Policy, activated_at: int) -> int:
        """Keep a policy for every organisation that it covers; the version that it got."""
        had = sa.select(sa.func.max(policies.c.version)).where(policies.c.organisation_id.in_(policy.organisations))
        newest: int | None = self._connection.execute(had).scalar_one_or_none()
        version = 0 if newest is None else newest + 1
        document = write_policy(policy)
        self._connection.execute(
            sa.insert(policies),
            [
                {"organisation_id": each, "version": version, "document": document, "activated_at": activated_at}
                for each in policy.organisations
            ],
        )
        return version

    def policy(self, organisation_id: str) -> PolicyInForce | None:
        """The newest version, or None."""
        row = _NEWEST_POLICY.row(self._connection, {"organisation_id": organisation_id})
        return None if row is None else PolicyInForce(row[0], _parsed(row[1]))

    def policies(self) -> Sequence[PolicyInForce]:
        """Every policy that is in force somewhere, each once, oldest first."""
        newest = (
            sa.select(policies.c.organisation_id, sa.func.max(policies.c.version).label("version"))
            .group_by(policies.c.organisation_id)
            .subquery()
        )
        query = (
            sa.select(policies.c.version, policies.c.document)
            .distinct()
            .join(
                newest,
                sa.and_(newest.c.organisation_id == policies.c.organisation_id, newest.c.version == policies.c.version),
            )
            .order_by(policies.c.version, policies.c.document)
        )
        return [PolicyInForce(version, _parsed(text)) for version, text in self._connection.execute(query)]

    def policy_texts(self) -> Sequence[tuple[str, int, str]]:
        """Every version of every organisation's policy, by both, with its text as it is kept."""
        query = sa.select(policies.c.organisation_id, policies.c.version, policies.c.document).order_by(
            policies.c.organisation_id, policies.c.version
        )
        return [(organisation, version, text) for organisation, version, text in self._connection.execute(query)]

    def keep_proof(self, proof: KeptProof) -> None:
        """Keep what the newest proof found, in place of the one before."""
        findings = {
            "reasons": [_lines(each) for each in proof.reasons],
            "weak_places": [_lines(each) for each in proof.weak_places],
            "firm_alone": proof.firm_alone,
            "dependence": _lines(proof.dependence),
            "figures": dict(proof.figures),
            "places": dict(proof.places),
        }
        self._connection.execute(sa.delete(proofs).where(proofs.c.organisation_id == proof.organisation_id))
        self._connection.execute(
            sa.insert(proofs),
            {
                "organisation_id": proof.organisation_id,
                "policy_version": proof.policy_version,
                "register_version": proof.register_version,
                "proven_on": proof.proven_on,
                "holds": proof.holds,
                "findings": json.dumps(findings),
            },
        )

    def proof(self, organisation_id: str) -> KeptProof | None:
        """What the newest proof of an organisation's policy found, or None before the first."""
        query = sa.select(proofs).where(proofs.c.organisation_id == organisation_id)
        row = self._connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        findings = json.loads(row["findings"])
        return KeptProof(
            organisation_id=organisation_id,
            policy_version=row["policy_version"],
            register_version=row["register_version"],
            proven_on=row["proven_on"],
            holds=row["holds"],
            reasons=tuple(_sentences(each) for each in findings["reasons"]),
            weak_places=tuple(_sentences(each) for each in findings["weak_places"]),
            firm_alone=findings["firm_alone"],
            dependence=_sentences(findings["dependence"]),
            # Proofs kept before there were figures and places have none: the next one is logged with them.
            figures=findings.get("figures", {}),
            places=findings.get("places", {}),
        )


@functools.lru_cache(maxsize=_POLICIES_KEPT_PARSED)
def _parsed(text: str) -> Policy:
    """A kept document, read once: parsing one takes longer than everything else that a submission does."""
    return read_policy("policy", text)


def _lines(sentences: Sequence[Sentence]) -> list[_Kept]:
    return [_kept(sentence) for sentence in sentences]


def _kept(value: object) -> _Kept:
    if isinstance(value, Sentence):
        return {"msgid": value.msgid, "values": {name: _kept(part) for name, part in value.values.items()}}
    return value if isinstance(value, int) else str(value)


def _sentences(kept: list[_Kept]) -> tuple[Sentence, ...]:
    return tuple(sentence for each in kept if isinstance(sentence := _read(each), Sentence))


def _read(kept: _Kept) -> object:
    if not isinstance(kept, dict):
        return kept
    values = kept["values"]
    if not isinstance(values, dict):
        raise TypeError("a sentence without values")
    return Sentence(str(kept["msgid"]), {name: _read(part) for name, part in values.items()})
