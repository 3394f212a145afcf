"""Translation catalogues against the sources: checks them, or with `--update` brings them up to date.

Texts in the sources are Swedish and stand as the message ids; `tipportal/i18n/<language>/LC_MESSAGES/messages.po` holds
the other languages. English is complete at all times; of any language nothing may be fuzzy, obsolete or missing.
"""

from __future__ import annotations

import io
import re
import sys
import tomllib
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "tipportal" / "i18n"
COMPLETE = "en"
"""The language in which every text is translated."""
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "N_": None,
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_npgettext": ((1, "c"), 2, 3),
    "lazy_pgettext": ((1, "c"), 2),
    "ngettext": (1, 2),
    "npgettext": ((1, "c"), 2, 3),
    "pgettext": ((1, "c"), 2),
}


DATA_FILES = "tipportal/usecases/casework/*.toml"
SHOWN = frozenset({"name", "when", "text", "hint", "explains", "demands", "source"})
"""Members of data files that people read."""


def texts_of(data: dict[str, object]) -> list[str]:
    """Give the texts of a data file: the members that people read."""
    found = []
    for key, value in data.items():
        listed = value if isinstance(value, list) else [value]
        for each in listed:
            if isinstance(each, dict):
                found += texts_of(each)
            elif key in SHOWN and isinstance(each, str) and each:
                found.append(each)
    return found


def extracted() -> Catalog:
    """Collect every text that the sources mark for translation."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["babel"]
    methods = [(mapping["pattern"], mapping["method"]) for mapping in config["mappings"]]
    catalogue = Catalog(project="tipportal", charset="utf-8")
    found = extract_from_dir(ROOT, methods, {}, KEYWORDS, ("Translators:",), strip_comment_tags=True)
    for path in sorted(ROOT.glob(DATA_FILES)):
        for text in texts_of(tomllib.loads(path.read_text("utf-8"))):
            catalogue.add(text, None, [(str(path.relative_to(ROOT)), 0)])
    for name, _line, ids, comments, context in found:
        # Names of files without lines: a moved line is no change of a text.
        catalogue.add(ids, None, [(name, 0)], auto_comments=comments, context=context)
    return catalogue


def read(path: Path) -> Catalog:
    """Read one catalogue; its language is the name of its folder."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


def written(catalogue: Catalog) -> bytes:
    """Give a catalogue as the bytes that stand in its file, without anything that changes from run to run."""
    file = io.BytesIO()
    write_po(file, catalogue, width=110, sort_output=True, ignore_obsolete=True, include_lineno=False)
    text = file.getvalue().decode()
    # Babel writes when and with which version of itself; neither says anything about the texts.
    return re.sub(r'^"(POT-Creation-Date|Generated-By|PO-Revision-Date): .*\n', "", text, flags=re.MULTILINE).encode()


def key(message: Message) -> tuple[str | None, str]:
    """Give what tells a message from the others: its context and its first form."""
    return message.context, message.id if isinstance(message.id, str) else message.id[0]


def texts(catalogue: Catalog) -> dict[tuple[str | None, str], Message]:
    """Give all messages of a catalogue except its header."""
    return {key(message): message for message in catalogue if message.id}


def faults(path: Path, template: Catalog) -> list[str]:
    """Tell what is wrong with one catalogue, as lines to show."""
    catalogue = read(path)
    language = path.parent.parent.name
    have, want = texts(catalogue), texts(template)
    found = [f"{language}: missing: {text!r}" for _, text in want.keys() - have.keys()]
    found += [f"{language}: not in the sources: {text!r}" for _, text in have.keys() - want.keys()]
    found += [f"{language}: obsolete: {text!r}" for text in catalogue.obsolete]
    for (_, text), message in have.items():
        forms = [message.string] if isinstance(message.string, str) else list(message.string or ())
        if message.fuzzy:
            found.append(f"{language}: fuzzy: {text!r}")
        if language == COMPLETE and not all(forms):
            found.append(f"{language}: not translated: {text!r}")
        if any(forms):
            found += [f"{language}: {fault}: {text!r}" for fault in message.check(catalogue)]
    return sorted(found)


def update(path: Path, template: Catalog) -> None:
    """Write a catalogue anew from the sources; translations stay, nothing is guessed from something similar."""
    catalogue = read(path) if path.is_file() else Catalog(locale=path.parent.parent.name, fuzzy=False)
    catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.fuzzy = False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(written(catalogue))


def main(arguments: list[str]) -> int:
    """Check or update; 0 done, 1 something is wrong."""
    template = extracted()
    required = FOLDER / COMPLETE / "LC_MESSAGES" / "messages.po"
    paths = sorted({*FOLDER.glob("*/LC_MESSAGES/messages.po"), required})
    if arguments == ["--update"]:
        for path in paths:
            update(path, template)
    absent = [f"missing: {path.relative_to(ROOT)} (make catalogues)" for path in paths if not path.is_file()]
    found = absent or [fault for path in paths for fault in faults(path, template)]
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
