"""Vectors of what trustees have: shares of seeds, and secrets on paper."""

from collections.abc import Callable

from tests.support.sealed_case import TRUSTEES, fixed_random, seed
from tipportal.envelope.keys import recipient_hash
from tipportal.envelope.paper import paper_rows, read_paper
from tipportal.envelope.refusals import PaperError
from tipportal.envelope.shamir import split


def share_vectors() -> dict[str, object]:
    """Give seeds split into shares, with the random bytes that both implementations draw in one order.

    First 255 bytes for the coordinates, then `threshold` - 1 for each byte of the secret.
    """
    made = []
    for name, count, threshold in (("work", 3, 2), ("vault", 7, 2), ("all", 5, 5), ("most", 255, 3)):
        drawn = bytearray()
        shares = split(seed(name), shares=count, threshold=threshold, random=_noting(f"shares of {name}", drawn))
        made.append(
            {
                "secret": seed(name).hex(),
                "threshold": threshold,
                "random": drawn.hex(),
                "shares": [share.hex() for share in shares],
            }
        )
    good = split(seed("work"), shares=3, threshold=2, random=fixed_random("shares of work"))
    return {
        "split": made,
        "refused": [
            {"shares": [share.hex() for share in shares], "reason": reason}
            for shares, reason in (
                (good[:1], "share_count"),
                ([good[0], good[0]], "share_repeated"),
                ([good[0], good[1][:-1]], "share_size"),
                ([good[0], good[1][:-1] + b"\0"], "share_size"),
            )
        ],
    }


def paper_vectors() -> dict[str, object]:
    """Give secrets as they stand on paper, what may be typed back, and a trustee's keys."""
    secrets = (bytes(32), b"\xff" * 32, seed("t1/paper"))
    rows = paper_rows(secrets[2])
    lines = [f"{' '.join(row.words)} {row.check}" for row in rows]
    short = [f"{' '.join(word[:4] for word in row.words)} {row.check}" for row in rows]
    other = paper_rows(seed("t2/paper"))[3]
    typed = [
        "\n".join(lines),
        " ".join(lines).upper(),
        "; ".join(short),
        "\n".join([*lines[:2], lines[2].replace(rows[2].words[0], rows[2].words[1], 1), *lines[3:]]),
        "\n".join([lines[1], lines[0], *lines[2:]]),
        "\n".join([*lines[:3], f"{' '.join(other.words)} {other.check}", *lines[4:]]),
        "\n".join([*lines[:4], "xyzzy " + lines[4], lines[5]]),
        "\n".join(lines[:5]),
        "\n".join(lines) + " ord",
        "",
    ]
    trustee = TRUSTEES["t1"]
    return {
        "papers": [
            {"secret": secret.hex(), "rows": [[*row.words, row.check] for row in paper_rows(secret)]}
            for secret in secrets
        ],
        "typed": [_typed(raw) for raw in typed],
        "trustee": {
            "seed": trustee.identity.seed.hex(),
            "recipient_hash": recipient_hash(trustee.identity.recipient),
            "verification_key": trustee.signing_key.verification_key.raw.hex(),
        },
    }


def _noting(name: str, drawn: bytearray) -> Callable[[int], bytes]:
    source = fixed_random(name)

    def take(size: int) -> bytes:
        taken = source(size)
        drawn.extend(taken)
        return taken

    return take


def _typed(raw: str) -> dict[str, object]:
    try:
        return {"raw": raw, "secret": read_paper(raw).hex()}
    except PaperError as error:
        return {"raw": raw, "reason": error.reason, "rows": list(error.rows)}
