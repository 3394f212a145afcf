from __future__ import annotations

import base64

import pytest

from tipportal.envelope.keys import VerificationKey
from tipportal.envelope.refusals import KeyShapeError, SignatureError
from tipportal.envelope.signednotes import NoteKey, NoteSigner, parse_note, parse_signer, parse_vkey

# The example of golang.org/x/mod/sumdb/note, whose format the specification describes.
SKEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz\n"  # pragma: allowlist secret
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"  # pragma: allowlist secret
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNED = (
    TEXT
    + "\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_keys_and_notes_are_those_of_the_reference() -> None:
    signer = parse_signer(SKEY)
    assert signer.public.vkey() == VKEY
    assert signer.public == parse_vkey(VKEY)
    assert signer.file_text() == SKEY
    assert signer.sign(TEXT) == SIGNED
    note = parse_note(SIGNED)
    assert note.text == TEXT
    note.verify(parse_vkey(VKEY))


def test_nothing_of_the_private_half_shows() -> None:
    assert SKEY.rsplit("+", maxsplit=1)[-1].strip() not in repr(parse_signer(SKEY))


def test_an_altered_note_is_refused() -> None:
    key = parse_vkey(VKEY)
    for altered in (SIGNED.replace("answer", "Answer"), SIGNED.replace("ZJkuBS9", "ZJkuBS8")):
        with pytest.raises(SignatureError):
            parse_note(altered).verify(key)
    with pytest.raises(SignatureError):
        parse_note(SIGNED).verify(NoteKey("SomebodyElse", key.key))
    short = base64.b64encode(key.id + bytes(63)).decode()
    with pytest.raises(SignatureError):
        parse_note(f"{TEXT}\n— PeterNeumann {short}\n").verify(key)


def test_signatures_of_others_are_passed_over_but_a_bad_one_of_ours_is_not() -> None:
    key = parse_vkey(VKEY)
    other = NoteSigner("witness.example", bytes(32)).sign(TEXT).removeprefix(TEXT + "\n")
    parse_note(SIGNED + other).verify(key)
    assert parse_note(SIGNED + other).names(key)
    bad = base64.b64encode(key.id + bytes(64)).decode()
    with pytest.raises(SignatureError):
        parse_note(f"{SIGNED}— PeterNeumann {bad}\n").verify(key)


@pytest.mark.parametrize(
    "note",
    [
        "", TEXT, TEXT + "\n", SIGNED[:-1], SIGNED.replace("— ", "- "), SIGNED.replace("x08g", "!!!!"), SIGNED + "\n",
        SIGNED.replace("think", "th\tink"), SIGNED.replace("— PeterNeumann", "— Peter+Neumann"),
        "\n" * 5 + "x" * (1 << 20), TEXT + "\n" + "— PeterNeumann x08go/Y=\n" * 101,
    ],
)  # fmt: skip
def test_no_other_text_is_a_note(note: str) -> None:
    with pytest.raises(SignatureError):
        parse_note(note)


@pytest.mark.parametrize("text", ["no end", "bell\x07\n", ""])
def test_no_such_text_is_signed(text: str) -> None:
    with pytest.raises(SignatureError):
        parse_signer(SKEY).sign(text)


@pytest.mark.parametrize(
    "line",
    [
        "", "PeterNeumann", "PeterNeumann+c74f20a3", VKEY.replace("c74f", "c74e"), VKEY.replace("c74f", "C74F"),
        VKEY.replace("+AR", "+AB"), VKEY[:-4], VKEY.replace("Peter", "Peter "), VKEY.removeprefix("PeterNeumann"),
        VKEY.replace("+AR", "+!R"), VKEY.replace("c74f20a3", "zz"),
    ],
)  # fmt: skip
def test_no_other_line_is_a_key(line: str) -> None:
    with pytest.raises(KeyShapeError):
        parse_vkey(line)
    with pytest.raises(KeyShapeError):
        parse_signer(line)


def test_a_private_key_under_another_name_is_refused() -> None:
    with pytest.raises(KeyShapeError):
        parse_signer(SKEY.replace("PeterNeumann", "Somebody"))


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\x00"])
def test_no_such_name_is_a_key_s(name: str) -> None:
    with pytest.raises(KeyShapeError):
        NoteKey(name, VerificationKey(parse_vkey(VKEY).key.raw))
