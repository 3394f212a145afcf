"""The files of the demo's cases, drawn and written here: a picture, invoices, a list, and a workbook."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

_Colour = tuple[int, int, int]
_FRIDGE, _PAPER, _INK, _MAGNET = (196, 202, 204), (246, 241, 226), (60, 64, 78), (176, 42, 48)
_DAYS, _CELL_WIDTH, _CELL_HEIGHT = 7, 34, 40
_VISITS = ("07", "12", "17", "21")
_DIGITS = {"0": "75557", "1": "26227", "2": "71747", "7": "71122"}
"""Three dots by five, a row to an octal digit."""
_TICK = ((0, 0), (1, 1), (2, 2), (3, 3), (4, 2), (5, 1), (6, 0), (7, -1), (8, -2))
_FORMATS = "http://schemas.openxmlformats.org"
_RELATIONSHIPS = f"{_FORMATS}/officeDocument/2006/relationships"
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file as somebody chooses it: ``type`` is what a browser would call it."""

    name: str
    type: str
    content: bytes = field(repr=False)


def picture_of_schedule() -> MadeFile:
    """A week's schedule on a refrigerator: every visit is ticked, those in the middle of the day too."""
    canvas = _Canvas(320, 240, _FRIDGE)
    canvas.fill(24, 24, 276, 204, _PAPER)
    canvas.fill(152, 16, 16, 16, _MAGNET)
    left, top = 40, 46
    for day in range(_DAYS):
        for row, visit in enumerate(_VISITS):
            x, y = left + day * _CELL_WIDTH, top + row * _CELL_HEIGHT
            canvas.fill(x, y, _CELL_WIDTH + 1, 1, _INK)
            canvas.fill(x, y, 1, _CELL_HEIGHT + 1, _INK)
            for number, digit in enumerate(visit):
                for line, dots in enumerate(_DIGITS[digit]):
                    for dot in (dot for dot in range(3) if int(dots) & (4 >> dot)):
                        canvas.fill(x + 8 + number * 8 + dot * 2, y + 6 + line * 2, 2, 2, _INK)
            for along, down in _TICK:
                canvas.fill(x + 8 + along * 2, y + 26 + down * 2, 3, 3, _INK)
    canvas.fill(left + _DAYS * _CELL_WIDTH, top, 1, len(_VISITS) * _CELL_HEIGHT + 1, _INK)
    canvas.fill(left, top + len(_VISITS) * _CELL_HEIGHT, _DAYS * _CELL_WIDTH + 1, 1, _INK)
    return MadeFile("schemat på kylskåpet.png", "image/png", canvas.png())


def invoice(number: int, client: str, hours: int) -> MadeFile:
    """A consultant's invoice, one page of PDF."""
    lines = (
        (24, f"Faktura {number}"),
        (11, "Nordvik Konsult AB, Hamngatan 2, Björkvik"),
        (11, f"Till: {client}, Björkviks kommun"),
        (11, ""),
        (11, f"Rådgivning, vecka 36 till 39: {hours} timmar à 1 100 kr"),
        (11, f"Att betala: {_thousands(hours * 1100)} kr"),
        (11, ""),
        (11, "Betalningsvillkor 30 dagar. Bankgiro 000-0000."),
    )
    return _pdf(f"faktura {number}.pdf", lines)


def decision() -> MadeFile:
    """A decision to claim a grant back, one page of PDF."""
    lines = (
        (20, "Beslut om återkrav"),
        (11, "Björkviks kommun, kommunstyrelsen"),
        (11, ""),
        (11, "Föreningen ska betala tillbaka aktivitetsbidraget för våren,"),
        (11, "eftersom närvarolistorna inte stämmer med bokningarna av hallen."),
        (11, "Återkravet gäller 148 500 kr."),
    )
    return _pdf("beslut om återkrav.pdf", lines)


def bookings() -> MadeFile:
    """Bookings of a hall beside the attendance that was handed in, as a text with semicolons."""
    rows = ["datum;bokad tid;antal enligt närvarolista;vaktmästarens anteckning"]
    rows += [
        f"{day} sept;18.00–19.30;{34 + day % 5};{'hallen stod tom' if day % 4 else '15 barn'}"
        for day in range(2, 30, 3)
    ]
    # With a byte order mark, as spreadsheets write it for å, ä and ö.
    return MadeFile("hallens bokningar.csv", "text/csv", "\r\n".join([*rows, ""]).encode("utf-8-sig"))


def hours_by_department() -> MadeFile:
    """Invoiced hours, as a workbook: a file of a kind that no browser shows."""
    rows: list[Sequence[str | int]] = [("Faktura", "Förvaltning", "Vecka", "Timmar")]
    rows += [
        (4711 + (week - 36) * 2 + number, department, week, 20)
        for week in range(36, 40)
        for number, department in enumerate(("Omsorgsförvaltningen", "Utbildningsförvaltningen"))
    ]
    sheet = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in rows)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _workbook(sheet).items():
            archive.writestr(zipfile.ZipInfo(name), f'<?xml version="1.0" encoding="UTF-8"?>\n{text}')
    return MadeFile("timmar per förvaltning.xlsx", f"{_SPREADSHEET}.sheet", content.getvalue())


class _Canvas:
    """A picture that is painted rectangle by rectangle, in pixels from the upper left corner."""

    def __init__(self, width: int, height: int, colour: _Colour) -> None:
        self._width = width
        self._rows = [bytearray(bytes(colour) * width) for _ in range(height)]

    def fill(self, x: int, y: int, width: int, height: int, colour: _Colour) -> None:
        for row in self._rows[y : y + height]:
            row[3 * x : 3 * (x + width)] = bytes(colour) * width

    def png(self) -> bytes:
        header = struct.pack(">IIBBBBB", self._width, len(self._rows), 8, 2, 0, 0, 0)
        # Each row begins with its filter, here none.
        pixels = zlib.compress(b"".join(b"\0" + row for row in self._rows), 9)
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
            for kind, data in ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
        )


def _pdf(name: str, lines: Sequence[tuple[int, str]]) -> MadeFile:
    """One page in Helvetica. ``lines``: size in points and text, from the top."""
    shown, height = [], 780
    for size, text in lines:
        height -= size + 8
        escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        shown.append(f"BT /F1 {size} Tf 72 {height} Td ({escaped}) Tj ET")
    drawn = "\n".join(shown).encode("cp1252")
    page = b"/Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >>"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< %b >>" % page,
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    content, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    content += b"".join(b"%010d 00000 n \n" % place for place in places)
    content += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return MadeFile(name, "application/pdf", bytes(content))


def _workbook(sheet: str) -> dict[str, str]:
    """The parts of a workbook with one sheet, by their names in the archive."""
    main = f"{_FORMATS}/spreadsheetml/2006/main"
    types = "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="{_SPREADSHEET}.{kind}+xml"/>'
        for part, kind in (("workbook", "sheet.main"), ("worksheets/sheet1", "worksheet"))
    )
    links = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    sheets = '<sheets><sheet name="Timmar" sheetId="1" r:id="rId1"/></sheets>'
    return {
        "[Content_Types].xml": f'<Types xmlns="{_FORMATS}/package/2006/content-types">{links}{types}</Types>',
        "_rels/.rels": _link("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{_RELATIONSHIPS}">{sheets}</workbook>',
        "xl/_rels/workbook.xml.rels": _link("worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>',
    }


def _link(kind: str, target: str) -> str:
    relationship = f'<Relationship Id="rId1" Type="{_RELATIONSHIPS}/{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{_FORMATS}/package/2006/relationships">{relationship}</Relationships>'


def _cell(value: str | int) -> str:
    if isinstance(value, int):
        return f"<c><v>{value}</v></c>"
    return f'<c t="inlineStr"><is><t>{value}</t></is></c>'


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", " ")
