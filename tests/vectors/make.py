"""Make the protocol's vectors: `python -m tests.vectors.make` from the repository's root.

Whoever writes another client checks it against these files; the tests in both languages do. All of it follows from
`docs/protocol.md` and the fixed inputs here, so running this again changes nothing unless the protocol did. Bytes are
hex, JSON that is hashed or signed stands as the text of its canonical bytes. Sealing is never the same twice: the age
files of `files.json` are kept as they were made once, and must open for ever.
"""

import io
import json
import secrets
from datetime import date
from pathlib import Path

from tests.support.sealed_case import DAY, INSTALLATION, MEMBERS, OFFER, PEOPLE, TRUSTEES, keys_of_source, person, seed
from tests.vectors.acts import act_vectors
from tests.vectors.changes import change_vectors
from tests.vectors.directories import directory_vectors
from tests.vectors.file_names import NAMES
from tests.vectors.shares import paper_vectors, share_vectors
from tipportal.envelope.bodies import TextBody
from tipportal.envelope.canonical import canonical, decode_b64, digest, encode_b64
from tipportal.envelope.casecode import (
    CaseCode,
    CaseCodeError,
    derive_root,
    form_code,
    normalise,
    source_keys,
    words,
    words_from_entropy,
)
from tipportal.envelope.checkphrase import check_phrase
from tipportal.envelope.epochs import EpochRecipients, SourceNames, build_epoch, first_epoch
from tipportal.envelope.files import seal_file, sealed_file_size
from tipportal.envelope.genesis import Genesis, Role
from tipportal.envelope.hybrid import HybridIdentity, HybridRecipient
from tipportal.envelope.keys import Label, SigningKey, dialogue_seed, hkdf, recipient_hash
from tipportal.envelope.opening import open_file
from tipportal.envelope.padding import pad, padded_length
from tipportal.envelope.records import (
    NO_DIGEST,
    SOURCE,
    Attachment,
    Header,
    Kind,
    Place,
    SealedBy,
    Stream,
    Writer,
    read_record,
    write_record,
)

HERE = Path(__file__).parent
PADDED = (0, 1, 4096, 4097, 4352, 4353, 8191, 8193, 65_535, 65_536, 65_537, 1_000_000, 5_242_880, 2**32 + 1)
PASSPHRASE_WORDS = 7
FILE_SIZES = (1, 4095, 4096, 4097, 65_535, 65_536, 65_537)


def case_code_vectors() -> dict[str, object]:
    """Give codes, what is derived from them, and how typed text is read."""
    codes = [CaseCode.from_entropy(entropy) for entropy in (bytes(16), b"\xff" * 16, seed("code")[:16])]
    form_secret, face_secret = seed("form")[:16], seed("face")
    text = codes[2].text
    first = [word[:4] for word in codes[2].words]
    typed = [
        text,
        text.upper(),
        "\n".join(f"{place}. {word}" for place, word in enumerate(codes[2].words, 1)),
        "-".join(first),
        text.replace(" ", "\u00a0 _ "),
        # Full-width letters, as a phone's keyboard may give them: NFKC makes them plain.
        "".join(chr(ord(letter) + 0xFEE0) if letter.isalpha() else letter for letter in text),
        " ".join(codes[2].words[:8]),
        " ".join([*codes[2].words, first[0]]),
        " ".join(["xyzzy", *codes[2].words[1:8], first[8][:3]]),
        " ".join([codes[2].words[0] + "z", *codes[2].words[1:]]),
        "",
    ]
    return {
        "words": {"first": words()[0], "last": words()[-1], "sha256": digest("\n".join(words()).encode())},
        "from_entropy": [
            {"entropy": entropy.hex(), "count": count, "words": list(words_from_entropy(entropy, count))}
            for entropy in (bytes(16), b"\xff" * 16, seed("code")[:16], seed("longer"))
            for count in (len(codes[0].words), PASSPHRASE_WORDS)
        ],
        "derived": [_derived(code, INSTALLATION) for code in codes],
        "form_code": {
            "form_secret": form_secret.hex(),
            "face_secret": face_secret.hex(),
            "code": form_code(form_secret, face_secret).text,
        },
        "typed": [_typed(raw) for raw in typed],
    }


def key_vectors() -> dict[str, object]:
    """Give derivations by label, and the recipient of a seed."""
    work_seed = seed("work")
    identity = HybridIdentity(work_seed)
    return {
        "hkdf": [
            {"ikm": ikm.hex(), "label": label.value, "out": hkdf(ikm, label).hex()}
            for label in Label
            for ikm in (bytes(32), work_seed)
        ],
        "work_seed": work_seed.hex(),
        "dialogue_seed": dialogue_seed(work_seed).hex(),
        "work_recipient": identity.recipient.raw.hex(),
        "work_recipient_hash": recipient_hash(identity.recipient),
        "signing_seed": seed("signing").hex(),
        "verification_key": SigningKey(seed("signing")).verification_key.raw.hex(),
        "refused_verification_keys": [
            bytes(32).hex(),
            (1).to_bytes(32, "little").hex(),
            (2**255 - 20).to_bytes(32, "little").hex(),
            (2**255 - 19).to_bytes(32, "little").hex(),
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        ],
    }


def record_vectors() -> dict[str, object]:
    """Give records before sealing: genesis, a report in two alphabets, a long note, and an answer with two files."""
    source = keys_of_source()
    work, dialogue = _recipients("work")
    genesis = make_genesis(work, dialogue)
    by_source = Writer(SOURCE, source.signing_key, SealedBy.SERVER, DAY)
    by_handler = Writer("h2", PEOPLE["h2"].signing_key, SealedBy.BROWSER, date(2027, 2, 28))
    place = Place(
        case=genesis.case,
        gen=NO_DIGEST,
        stream=Stream.GENESIS,
        epoch=0,
        seq=0,
        prev=NO_DIGEST,
        recipient=recipient_hash(source.identity.recipient, work),
    )
    header = place.header(Kind.GENESIS, by_source, len(genesis.encode()))
    made = [_record(header, genesis.encode(), by_source)]
    gen = str(made[0]["digest"])
    files = tuple(
        Attachment(
            name=name, type=media, size=size, sha256=digest(name.encode()), key=seed(f"key of {name}"), cleaned=cleaned
        )
        for name, media, size, cleaned in (
            ('Kvitto "april" \U0001f9fe.jpg', "image/jpeg", 2**53 - 1, True),
            ("x", "", 1, False),
        )
    )
    for stream, kind, writer, recipient, body in (
        (
            Stream.DIALOGUE,
            Kind.REPORT,
            by_source,
            dialogue,
            canonical(
                {"answers": {"what_happened": 'Räksmörgås \U0001f990 "\\\n\u2028'}, "form": "tip", "language": "sv"}
            ),
        ),
        (Stream.WORK, Kind.NOTE, by_handler, work, TextBody("å" * 2100).encode()),
        (Stream.DIALOGUE, Kind.FEEDBACK, by_handler, dialogue, TextBody("Se bilagorna.").encode()),
    ):
        at = Place(
            case=genesis.case,
            gen=gen,
            stream=stream,
            epoch=0,
            seq=0 if kind is Kind.REPORT else 7,
            prev=digest(b"the file before"),
            recipient=recipient_hash(recipient),
        )
        attachments = files if kind is Kind.FEEDBACK else ()
        made.append(_record(at.header(kind, writer, len(body), attachments=attachments), body, writer))
    return {"records": made}


def epoch_vectors() -> dict[str, object]:
    """Give an epoch record that lets the standby step in for somebody removed, signed by the one who stays.

    And one made by two trustees for people who were never in the case, and one by which the source takes a code of
    its own: the same members, and other keys of the source with their proof.
    """
    genesis = make_genesis(*_recipients("work"))
    before = first_epoch(genesis, EpochRecipients(0, *_recipients("work")))
    after = EpochRecipients(1, *_recipients("work of epoch 1"))
    stepped_in = MEMBERS[2]
    members = (genesis.members[0], PEOPLE["h3"].offered("h3", Role.PANEL, stepped_in.unit).named())
    gen = digest(b"genesis")
    unsigned = build_epoch(before, after, members)
    signed = unsigned.signed_by("h1", PEOPLE["h1"].signing_key, case=genesis.case, gen=gen)
    others = (
        person("dan").offered("h4", Role.PANEL, "u-parks").named(),
        person("eva").offered("h5", Role.PANEL, "u-water").named(),
    )
    recovered = build_epoch(before, after, others)
    for pseudonym in ("t1", "t3"):
        recovered = recovered.signed_by(pseudonym, TRUSTEES[pseudonym].signing_key, case=genesis.case, gen=gen)
    own = source_keys(seed("own code"))
    names = SourceNames(recipient_hash(own.identity.recipient), own.signing_key.verification_key)
    same = build_epoch(before, after, genesis.members)
    taken = same.with_source(names, own.signing_key, case=genesis.case, gen=gen)
    return {
        "own_code": {
            "body": taken.encode().decode(),
            "signing_seed": own.signing_key.seed.hex(),
            "verification_key": own.signing_key.verification_key.raw.hex(),
            "recipient_hash": names.recipient,
            "proof_bytes": same.proof_bytes(names, case=genesis.case, gen=gen).hex(),
        },
        "recovered": recovered.encode().decode(),
        "case": genesis.case,
        "gen": gen,
        "previous": {"work": before.recipients.work.raw.hex(), "dialogue": before.recipients.dialogue.raw.hex()},
        "work_seed": seed("work of epoch 1").hex(),
        "signed_bytes": unsigned.signed_bytes(case=genesis.case, gen=gen).hex(),
        "body": signed.encode().decode(),
        "signature": encode_b64(signed.signatures[0].signature),
        "verification_key": PEOPLE["h1"].signing_key.verification_key.raw.hex(),
    }


def check_phrase_vectors() -> dict[str, object]:
    """Give the check phrases of the identities that the file has."""
    kept = json.loads((HERE / "check-phrase.json").read_text("ascii"))["check_phrases"]
    found = []
    for one in kept:
        recipient = HybridIdentity(bytes.fromhex(one["age"])).recipient
        key = SigningKey(bytes.fromhex(one["signing"])).verification_key
        found.append({"age": one["age"], "signing": one["signing"], "phrase": check_phrase(recipient, key)})
    return {"check_phrases": found}


def padding_vectors() -> dict[str, object]:
    """Give lengths and what they are padded to."""
    return {"padded": [[length, padded_length(length)] for length in PADDED]}


def canonical_vectors() -> dict[str, object]:
    """Give texts that are canonical JSON here, and texts that are refused."""
    return {
        "taken": [
            "{}",
            "[]",
            '""',
            "null",
            "-1",
            "9007199254740991",
            '{"a":1,"b":[true,false,null],"c":"\u00e9\u2028\U0001f990"}',
            '"\\u001f\\b\\t\\n\\f\\r\\"\\\\/\x7f"',
            "[" * 16 + "0" + "]" * 16,
        ],
        "refused": [
            "",
            " {}",
            "{} ",
            "{",
            "1.0",
            "1e2",
            "0.5",
            "-0",
            "01",
            "NaN",
            "Infinity",
            "9007199254740992",
            '{"b":1,"a":2}',
            '{"a":1,"a":1}',
            '{"a": 1}',
            '{"å":1}',
            '{"":1}',
            '{"a\\n":1}',
            '"\\u0041"',
            '"\\/"',
            '"\\ud800"',
            '"\\u001F"',
            "\ufeff{}",
            "[" * 17 + "0" + "]" * 17,
            "'a'",
            "undefined",
        ],
    }


def file_vectors() -> dict[str, object]:
    """Give what becomes of files before they are sealed, and age files that open with their keys.

    A file of n bytes here has the bytes 0, 1, … 250, 0, 1, … over and over.
    """
    contents = [bytes(place % 251 for place in range(size)) for size in FILE_SIZES]
    kept = HERE / "files.json"
    before = json.loads(kept.read_text("ascii"))["sealed"] if kept.exists() else []
    return {
        "padded": [
            {
                "size": len(content),
                "sha256": digest(content),
                "padded_size": len(pad(content)),
                "padded_sha256": digest(pad(content)),
                "sealed_size": sealed_file_size(len(content)),
            }
            for content in contents
        ],
        "sealed": [_checked(one) for one in before]
        or [_sealed(content) for content in contents if len(content) < 5000],
    }


def name_vectors() -> dict[str, object]:
    """Give names of files, and the safe names that become of them."""
    return {"names": [{"name": name, "safe": safe} for name, safe in NAMES]}


FILES = {
    "case-code": case_code_vectors,
    "keys": key_vectors,
    "records": record_vectors,
    "epochs": epoch_vectors,
    "acts": act_vectors,
    "changes": change_vectors,
    "check-phrase": check_phrase_vectors,
    "directory": lambda: directory_vectors(HERE / "directory.json"),
    "shares": share_vectors,
    "paper": paper_vectors,
    "padding": padding_vectors,
    "canonical": canonical_vectors,
    "files": file_vectors,
    "names": name_vectors,
}


def make_genesis(work: HybridRecipient, dialogue: HybridRecipient) -> Genesis:
    """Give the genesis body of the fixed case."""
    source = keys_of_source()
    return Genesis(
        installation=OFFER.installation,
        organisation=OFFER.organisation,
        authority=OFFER.authority,
        channel=OFFER.channel,
        case=OFFER.reference,
        source=recipient_hash(source.identity.recipient),
        source_key=source.signing_key.verification_key,
        work=recipient_hash(work),
        dialogue=recipient_hash(dialogue),
        members=tuple(member.named() for member in MEMBERS),
        trustees=tuple(trustee.named() for trustee in OFFER.trustees),
        threshold=OFFER.threshold,
        vault=digest(b"the vault's recipient"),
        policy_version=OFFER.policy_version,
        directory_version=OFFER.directory_version,
    )


def rendered(name: str) -> str:
    """Give the text of one file."""
    return json.dumps(FILES[name](), ensure_ascii=True, indent=1) + "\n"


def _derived(code: CaseCode, installation: bytes) -> dict[str, object]:
    root = derive_root(code, installation)
    keys = source_keys(root)
    return {
        "code": code.text,
        "installation": installation.hex(),
        "root": root.hex(),
        "source_seed": keys.identity.seed.hex(),
        "source_recipient_hash": recipient_hash(keys.identity.recipient),
        "lookup_token": keys.lookup_token.hex(),
        "lookup_digest": keys.lookup_digest,
        "signing_seed": keys.signing_key.seed.hex(),
        "verification_key": keys.signing_key.verification_key.raw.hex(),
    }


def _typed(raw: str) -> dict[str, object]:
    try:
        return {"raw": raw, "code": normalise(raw).text}
    except CaseCodeError as error:
        return {"raw": raw, "count": error.count, "unknown": list(error.unknown_positions)}


def _recipients(name: str) -> tuple[HybridRecipient, HybridRecipient]:
    work_seed = seed(name)
    return HybridIdentity(work_seed).recipient, HybridIdentity(dialogue_seed(work_seed)).recipient


def _record(header: Header, body: bytes, writer: Writer) -> dict[str, object]:
    plaintext = write_record(header, body, writer.key)
    record = read_record(plaintext)
    return {
        "signing_seed": writer.key.seed.hex(),
        "verification_key": writer.key.verification_key.raw.hex(),
        "header": record.header_bytes.decode(),
        "body": body.decode(),
        "signature": record.signature.hex(),
        "digest": record.digest,
        "plaintext_length": len(plaintext),
        "plaintext_sha256": digest(plaintext),
    }


def _sealed(content: bytes) -> dict[str, object]:
    file, sealed = seal_file(content, random=secrets.token_bytes)
    return {"size": sealed.size, "sha256": sealed.sha256, "key": encode_b64(sealed.key), "file": encode_b64(file)}


def _checked(sealed: dict[str, object]) -> dict[str, object]:
    said = Attachment(
        name="a",
        type="",
        size=int(str(sealed["size"])),
        sha256=str(sealed["sha256"]),
        key=decode_b64(str(sealed["key"])),
    )
    open_file(io.BytesIO(decode_b64(str(sealed["file"]))), io.BytesIO(), said)
    return sealed


if __name__ == "__main__":
    for file_name in FILES:
        (HERE / f"{file_name}.json").write_text(rendered(file_name), "ascii")
