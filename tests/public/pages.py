"""A browser without scripts: fetches pages, reads their forms as HTML, sends what stands in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
Fields = dict[str, list[str]]


@dataclass
class Form:
    """A form that is sent: its fields as they stand, and its buttons in their order."""

    action: str
    multipart: bool = False
    fields: Fields = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    file_field: str = ""


@dataclass(frozen=True)
class SentFile:
    """A file that somebody chose, as a browser sends it."""

    name: str
    content: bytes
    type: str = "application/octet-stream"


@dataclass
class Control:
    """A field of a page, sent or not."""

    tag: str
    attributes: Mapping[str, str | None]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.controls: list[Control] = []
        self.ids: dict[str, dict[str, str | None]] = {}
        self.texts: dict[str, str] = {}
        self._form: Form | None = None
        self._select = ""
        self._textarea: str | None = None
        self._open: list[tuple[str, str]] = []
        self._first_data = False

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("id"):
            self.ids[given["id"] or ""] = given
            self.texts[given["id"] or ""] = ""
        if tag not in {"input", "br", "meta", "link", "img", "hr"}:
            self._open.append((tag, given.get("id") or ""))
        if tag == "form":
            self._form = Form(given.get("action") or "", given.get("enctype") == "multipart/form-data")
            if given.get("method") == "post":
                self.forms.append(self._form)
        if tag in {"input", "textarea", "select", "button"}:
            self.controls.append(Control(tag, given))
        self._read_field(tag, given)

    def _read_field(self, tag: str, given: dict[str, str | None]) -> None:
        name = given.get("name") or ""
        if self._form is None:
            return
        if tag == "button":
            self._form.buttons.append((name, given.get("value") or ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self._form.fields[self._select] = [given.get("value") or ""]
        elif tag == "textarea":
            self._textarea, self._first_data = name, True
            self._form.fields[name] = [""]
        elif given.get("type") == "file":
            self._form.file_field = name
        elif tag == "input" and name and (given.get("type") != "checkbox" or "checked" in given):
            self._form.fields.setdefault(name, []).append(given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = None
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        for _, identifier in self._open:
            if identifier:
                self.texts[identifier] += data
        if self._textarea is not None and self._form is not None:
            # HTML drops one line break after the tag.
            kept = data.removeprefix("\n") if self._first_data else data
            self._form.fields[self._textarea] = [self._form.fields[self._textarea][0] + kept]
            self._first_data = False


class Page:
    """An answer, read as HTML."""

    def __init__(self, answer: TestResponse) -> None:
        self.answer = answer
        self.status = answer.status_code
        self.html = answer.get_data(as_text=True)
        self._read = _Reader()
        # Every reader of HTML begins by making line breaks one character (HTML, 13.2.3.5).
        self._read.feed(self.html.replace("\r\n", "\n"))
        self.forms = self._read.forms
        self.controls = self._read.controls
        self.ids = self._read.ids

    @property
    def form(self) -> Form:
        """The first form that is sent."""
        return self.forms[0]

    def text(self, identifier: str) -> str:
        """The text of an element, its white space made single."""
        return " ".join(self._read.texts[identifier].split())

    def text_of(self, identifier: str) -> str:
        """The source of the page from an element to the end of its first ``div``."""
        return self.html.split(f'id="{identifier}"')[1].split("</div>")[0]

    def words(self) -> list[str]:
        """The words of the case code."""
        return self._read.texts["case-code"].split()


class Reader:
    """Somebody with a browser that runs no scripts."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, address: str) -> Page:
        """Open a page."""
        return Page(self.client.get(address))

    def send(
        self,
        address: str,
        form: Form,
        changes: Mapping[str, str | list[str]] | None = None,
        button: int = 0,
        files: Sequence[SentFile] = (),
    ) -> Page:
        """Press a button of a form, with some fields filled in and some files chosen."""
        data: Fields = dict(form.fields)
        if form.buttons[button][0]:
            data[form.buttons[button][0]] = [form.buttons[button][1]]
        for name, value in (changes or {}).items():
            data[name] = [value] if isinstance(value, str) else list(value)
        if not form.multipart:
            assert not files, "the form has no field for files"
            return Page(self.client.post(form.action or address, data=data, headers=SAME_ORIGIN))
        # A field in which nothing was chosen is sent all the same, as a file without name and content.
        chosen = [(form.file_field, file) for file in files or [SentFile("", b"")]]
        body, kind = multipart(data, chosen if form.file_field else [])
        return Page(self.client.post(form.action or address, data=body, content_type=kind, headers=SAME_ORIGIN))


def multipart(fields: Mapping[str, Sequence[str]], files: Sequence[tuple[str, SentFile]]) -> tuple[bytes, str]:
    """A body and its type as browsers write them (HTML, 4.10.21.8): fields first, files after, in one list."""
    boundary = b"----tipportal7d1f3c"
    made = bytearray()
    for name, values in fields.items():
        for value in values:
            made += b'--%b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n' % (boundary, name.encode())
            made += value.replace("\r\n", "\n").replace("\n", "\r\n").encode() + b"\r\n"
    for name, file in files:
        escaped = file.name.replace("\n", "%0A").replace("\r", "%0D").replace('"', "%22").encode()
        made += b'--%b\r\nContent-Disposition: form-data; name="%b"; filename="%b"\r\n' % (
            boundary,
            name.encode(),
            escaped,
        )
        made += b"Content-Type: %b\r\n\r\n%b\r\n" % (file.type.encode(), file.content)
    return bytes(made + b"--%b--\r\n" % boundary), f"multipart/form-data; boundary={boundary.decode()}"
