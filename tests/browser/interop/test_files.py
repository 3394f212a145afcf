"""Attached files sealed in Python, Node and a browser open in the others, and names are made safe alike."""

import io
import random
import secrets
from dataclasses import replace

import pytest

from tests.support.interop import Client, b64, from_b64, members
from tipportal.domain.files import safe_name
from tipportal.envelope import EnvelopeError, HybridIdentity, padded_length, seal
from tipportal.envelope.canonical import digest
from tipportal.envelope.files import seal_file, sealed_file_size
from tipportal.envelope.opening import open_file
from tipportal.envelope.records import Attachment

pytestmark = pytest.mark.browser

CHUNK = 65_536
SIZES = [1, 4095, 4096, 4097, CHUNK - 1, CHUNK, CHUNK + 1, 80 * CHUNK]
PART_SIZE = 4 * 1024 * 1024
# Why the other side may refuse an attached file: never an error of a library's own.
REFUSALS = {"file_size", "file_padding", "file_digest", "recipients", "not_opened"}


def said_of(attachment: Attachment) -> dict[str, object]:
    return {"size": attachment.size, "sha256": attachment.sha256, "key": b64(attachment.key)}


def opened(file: bytes, attachment: Attachment) -> bytes:
    out = io.BytesIO()
    open_file(io.BytesIO(file), out, attachment)
    return out.getvalue()


def attached(name: str, content: bytes) -> tuple[bytes, Attachment]:
    file, sealed = seal_file(content, random=secrets.token_bytes)
    return file, Attachment(name=name, type="", size=sealed.size, sha256=sealed.sha256, key=sealed.key)


@pytest.mark.parametrize("size", SIZES)
def test_an_attached_file_from_python_opens_there(client: Client, size: int) -> None:
    content = secrets.token_bytes(size)
    file, attachment = attached("a", content)
    assert client.call("openFile", b64(file), said_of(attachment)) == digest(content)


@pytest.mark.parametrize("size", SIZES)
def test_an_attached_file_from_there_opens_in_python_and_elsewhere(node: Client, chromium: Client, size: int) -> None:
    times = max(1, size // CHUNK) if size % CHUNK == 0 else 1
    piece = secrets.token_bytes(size // times)
    content = piece * times
    for maker, opener in ((node, chromium), (chromium, node)):
        sealed = members(maker.call("sealFile", b64(piece), times))
        file = from_b64(sealed["file"])
        whole, rest = divmod(len(file), PART_SIZE)
        assert sealed["parts"] == [PART_SIZE] * whole + [rest] * bool(rest)
        assert (len(file), sealed["size"], sealed["sha256"]) == (sealed_file_size(size), size, digest(content))
        key = from_b64(sealed["key"])
        said = Attachment(name="a", type="", size=size, sha256=digest(content), key=key)
        assert opened(file, said) == content
        assert opener.call("openFile", b64(file), said_of(said)) == digest(content)


def test_both_refuse_the_same_attached_files(client: Client) -> None:
    content = secrets.token_bytes(70_000)
    file, attachment = attached("a", content)
    other, another = attached("b", content)
    padded = content.ljust(padded_length(len(content)), b"\0")
    own = HybridIdentity(attachment.key).recipient
    more = replace(attachment, size=attachment.size + 1), replace(attachment, size=attachment.size - 1)
    for changed, said in (
        (file, another),
        (other, attachment),
        (file[:-1], attachment),
        (file[:-16] + bytes(16), attachment),
        (file + bytes(16), attachment),
        *((file, one) for one in more),
        (file, replace(attachment, sha256=digest(b""))),
        (seal(padded, [own, HybridIdentity(secrets.token_bytes(32)).recipient]), attachment),
        (seal(padded[:-1] + b"x", [own]), attachment),
        (seal(content, [own]), attachment),
    ):
        with pytest.raises(EnvelopeError):
            opened(changed, said)
        with pytest.raises(EnvelopeError) as refused:
            client.call("openFile", b64(changed), said_of(said))
        assert refused.value.reason in REFUSALS
    assert client.call("openFile", b64(seal(padded, [own])), said_of(attachment)) == digest(content)


def test_names_are_made_safe_alike(client: Client) -> None:
    """Letters of many scripts, and what is dropped, turned or kept by Windows, strewn together."""
    drawn = random.Random("names")  # noqa: S311 - nothing secret is drawn
    pieces = [
        *'/\\. <>:"|?*\t\u00a0\u3000\u200d\u200b\u202e\u0301\u030a\u00ad',
        "CON",
        "nul",
        "Com7.",
        "x" * 70,
        "å" * 140,
    ]
    letters = [chr(drawn.randrange(0x20, 0x3000)) for _ in range(600)] + list("åäöÅÄÖé\U0001f477\U0001f333")
    names = ["".join(drawn.choices(pieces + letters, k=drawn.randrange(12))) for _ in range(3000)]
    assert client.call("safeNames", names) == [safe_name(name) for name in names]
