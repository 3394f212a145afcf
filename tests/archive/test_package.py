"""A package as an archive receives it: valid, complete, with what was said, and nothing of who said it."""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from tests.support.archived import PICTURE, Made
from tests.support.eark import errors
from tipportal.domain.treeproofs import proves_inclusion

METS = "{http://www.loc.gov/METS/}"
HREF = "{http://www.w3.org/1999/xlink}href"
E = "{https://DILCIS.eu/XML/ERMS}"
UNSATISFIABLE = {"SIP14"}
"""Wants an attribute without a namespace, which the schema of METS forbids, on the note that CSIP16 wants otherwise."""


def _xml(path: Path) -> etree._Element:
    return etree.parse(path).getroot()


def test_the_validator_of_e_ark_finds_no_fault(made: Made) -> None:
    assert made.result.exit_code == 0, made.result.output
    assert [one for one in errors(made.package) if one[0] not in UNSATISFIABLE] == []


def test_the_validator_would_find_one(made: Made, tmp_path: Path) -> None:
    copy = tmp_path / made.package.name
    shutil.copytree(made.package, copy)
    mets = copy / "METS.xml"
    mets.write_text(mets.read_text().replace('LABEL="CSIP"', 'LABEL="PSIC"').replace('csip:OAISPACKAGETYPE="SIP"', ""))
    assert {rule for rule, _ in errors(copy)} - UNSATISFIABLE


def test_every_file_stands_in_mets_with_its_size_and_digest(made: Made) -> None:
    root = _xml(made.package / "METS.xml")
    told = {}
    for file in root.iter(f"{METS}file"):
        told[unquote(file[0].get(HREF, ""))] = (file.get("SIZE"), file.get("CHECKSUM"))
    for reference in root.iter(f"{METS}mdRef"):
        told[unquote(reference.get(HREF, ""))] = (reference.get("SIZE"), reference.get("CHECKSUM"))
    there = {
        path.relative_to(made.package).as_posix(): (
            str(path.stat().st_size),
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in made.package.rglob("*")
        if path.is_file() and path.name != "METS.xml"
    }
    assert told == there


def test_erms_describes_the_case_and_each_document(made: Made) -> None:
    erms = _xml(made.package / "representations" / "rep1" / "data" / "ERMS.xml")
    schema = etree.XMLSchema(etree.parse(made.package / "schemas" / "erms-as-written.xsd"))
    schema.assertValid(erms)
    assert erms.findtext(f".//{E}aggregation/{E}title") == "Uteblivna besök i hemtjänsten"
    assert erms.findtext(f".//{E}disposalMandate") == "KS 2026/9"
    records = erms.findall(f".//{E}record")
    assert [int(record.findtext(f"{E}runningNumber") or 0) for record in records] == [*range(1, len(records) + 1)]
    directions = [record.find(f"{E}direction") for record in records]
    given = [one.get("directionDefinition") for one in directions if one is not None]
    assert given.count("incoming") == 3  # what was sent in, the choices that went with it, and the answer
    assert given.count("outgoing") == 1
    for appendix in erms.iter(f"{E}appendix"):
        assert (made.package / appendix.get("path", "").removeprefix("file:///")).is_file()


def test_texts_and_files_are_as_they_were_sent(made: Made) -> None:
    data = made.package / "representations" / "rep1" / "data"
    first = (data / "dialogue-0.txt").read_text()
    assert "<mitt på dagen> & ingen svarar.\x0b\n\nAndra stycket: åäö 👵🏽." in first
    assert "Vad har hänt?" in first
    assert (data / "dialogue-0-1.png").read_bytes() == PICTURE.content
    assert (data / "work-2-1.csv").read_bytes() == b"a;b\n" * 9


def test_nobody_is_named_and_no_instant_of_the_source_is_told(made: Made) -> None:
    whole = b"".join(path.read_bytes() for path in made.package.rglob("*") if path.is_file()).decode(errors="replace")
    for member in made.story.municipality.members:
        assert member.person.name not in whole
        assert member.person.email not in whole
    erms = _xml(made.package / "representations" / "rep1" / "data" / "ERMS.xml")
    for day in erms.iter(f"{E}date"):
        assert (day.text or "").endswith("T00:00:00")
    senders = [agent for agent in erms.iter(f"{E}agent") if agent.get("agentType") == "sender"]
    assert {agent.findtext(f"{E}name") for agent in senders} == {"Skyddad uppgift"}


def test_the_log_is_proven_in_the_package_itself(made: Made) -> None:
    log = json.loads((made.package / "metadata" / "preservation" / "handling-log.json").read_text())
    assert log["checkpoint"].startswith("tipportal/")
    assert 0 < log["signed"] <= log["size"]
    for one in log["entries"]:
        leaf = hashlib.sha256(b"\x00" + one["text"].encode()).digest()
        path = [bytes.fromhex(step) for step in one["path"]]
        assert proves_inclusion(leaf, one["index"], log["size"], path, bytes.fromhex(log["root"]))
    assert [json.loads(one["text"])["kind"] for one in log["entries"]][-2:] == ["case_exported", "opened"]


def test_the_package_is_its_makers_alone(made: Made) -> None:
    for path in (made.package.parent, made.package, *made.package.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    # And nothing that was needed on the way is left beside it.
    assert [path.name for path in made.package.parent.iterdir()] == [made.package.name]
