"""Small files that expand while they are read, each designed to exhaust a resource."""

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_HEADINGS = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>Email</t></is></c>'
    '<c r="B1" t="inlineStr"><is><t>First name</t></is></c></row>'
)
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.spreadsheetml.sharedStrings+xml"/>'
    '<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.spreadsheetml.styles+xml"/></Types>'
)
_STYLES = f'<styleSheet xmlns="{_MAIN}"/>'
_MEBIBYTE = 1 << 20

Part = str | bytes | Iterable[bytes]


def workbook(rows: Part = "", *, sheets: int = 1, parts: Mapping[str, Part] | None = None) -> bytes:
    """Return an XLSX file without sheet sizes. `rows` are the XML of the rows of each sheet,
    `parts` additional or replaced parts, by name."""
    names = "".join(
        f'<sheet name="Sheet{n}" sheetId="{n}" r:id="rId{n}"/>' for n in range(1, sheets + 1)
    )
    targets = "".join(
        f'<Relationship Id="rId{n}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet.xml"/>'
        for n in range(1, sheets + 1)
    )
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    head, tail = f'<worksheet xmlns="{_MAIN}"><sheetData>', "</sheetData></worksheet>"
    all_parts: dict[str, Part] = {
        "[Content_Types].xml": _TYPES,
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}">'
        f"<sheets>{names}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{relations}">{targets}'
        f'<Relationship Id="s" Type="{_RELATIONS}/sharedStrings" Target="sharedStrings.xml"/>'
        f'<Relationship Id="t" Type="{_RELATIONS}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": _STYLES,
        "xl/sharedStrings.xml": shared(""),
        "xl/worksheets/sheet.xml": (
            part for piece in ([head], _pieces(rows), [tail]) for part in _pieces(piece)
        ),
        **(parts or {}),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, part in all_parts.items():
            with archive.open(name, "w") as stored:
                for piece in _pieces(part):
                    stored.write(piece)
    return file.getvalue()


def shared(strings: str) -> str:
    return f'<sst xmlns="{_MAIN}">{strings}</sst>'


def _pieces(part: Part | list[str]) -> Iterable[bytes]:
    if isinstance(part, bytes):
        yield part
    elif isinstance(part, str):
        yield part.encode()
    else:
        yield from (piece.encode() if isinstance(piece, str) else piece for piece in part)


def _filled(before: str, piece: bytes, mebibytes: int, after: str) -> Iterable[bytes]:
    """Yield `piece` repeatedly, up to this length, between `before` and `after`."""
    yield before.encode()
    block = piece * (_MEBIBYTE // len(piece))
    for _ in range(mebibytes):
        yield block
    yield after.encode()


def _cell(row: int) -> str:
    return f'<row r="{row}"><c r="A{row}" t="inlineStr"><is><t>a@example.com</t></is></c></row>'


def _text(mebibytes: int) -> Iterable[bytes]:
    """Yield a row with one long cell."""
    return _filled('<row r="2"><c r="A2" t="inlineStr"><is><t>', b"x" * 64, mebibytes,
                   "</t></is></c></row>")  # fmt: skip


def _names(element: str) -> Iterable[bytes]:
    """Yield an element repeatedly, each with a different name."""
    for first in range(60):
        yield "".join(element.format(first, n) for n in range(50_000)).encode()


def _doctype(entities: str, text: str) -> str:
    return (
        f'<?xml version="1.0"?><!DOCTYPE worksheet [{entities}]><worksheet xmlns="{_MAIN}">'
        f'<sheetData>{_HEADINGS}<row r="2"><c r="A2" t="inlineStr"><is><t>{text}</t></is></c></row>'
        "</sheetData></worksheet>"
    )


def _laughs() -> str:
    entities = '<!ENTITY e0 "ha">' + "".join(
        f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10)
    )
    return _doctype(entities, "&e9;")


def _in_turns() -> Iterable[bytes]:
    """Yield rows of a few cells, each with a different long text."""
    row = "<row>" + "".join(f'<c t="s"><v>{n}</v></c>' for n in range(7)) + "</row>"
    return _filled("", row.encode(), 20, "")


def _styled() -> Iterable[bytes]:
    """Yield cells with a different style each, and a row beyond the last."""
    for first in range(1000):
        cells = (f'<c s="{first * 900 + n:07}"><v>1</v></c>' for n in range(900))
        yield f"<row>{''.join(cells)}</row>".encode()
    yield _cell(99_999_999).encode()


def _related() -> Iterable[bytes]:
    """Yield a very long list of the sheets of a workbook."""
    yield b"<Relationships>"
    for first in range(20):
        yield "".join(
            f'<Relationship Id="{first * 50_000 + n}" Type="/worksheet" Target="{n}"/>'
            for n in range(50_000)
        ).encode()
    yield b"</Relationships>"


def _long_directory() -> bytes:
    """Return a file with little data and very much metadata."""
    file = io.BytesIO(workbook(_HEADINGS))
    with zipfile.ZipFile(file, "a") as archive:
        for number in range(750):
            entry = zipfile.ZipInfo(f"{number}")
            entry.comment = b"x" * 60_000
            archive.writestr(entry, b"")
    return file.getvalue()


def _many_parts() -> bytes:
    """Return a file with the names of a hundred thousand others in it."""
    file = io.BytesIO(workbook(_HEADINGS))
    with zipfile.ZipFile(file, "a") as archive:
        for number in range(100_000):
            archive.writestr(f"{number}", b"")
    return file.getvalue()


SHEET = "xl/worksheets/sheet.xml"
# By what is large: the name and the content of the file, and the error code.
HOSTILE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "one cell in row 20,000": ("a.xlsx", lambda: workbook(_cell(20_000)), "nobody"),
    "one cell in the last row": ("a.xlsx", lambda: workbook(_cell(1_048_576)), "nobody"),
    "a row beyond the last": (
        "a.xlsx", lambda: workbook(_HEADINGS + _cell(99_999_999)), "too_many_rows",
    ),
    "one cell in a column beyond the last": (
        "a.xlsx",
        lambda: workbook(_HEADINGS + '<row r="2"><c r="ZZZZZ2"><v>1</v></c></row>'),
        "too_many_columns",
    ),
    "20,000 columns and 20,000 lines": (
        "a.csv", lambda: b"email" + b"," * 19_999 + b"x\n" + b"a\n" * 20_000, "too_many_columns",
    ),
    "columns below the headings": (
        "a.csv", lambda: b"email\n" + b"a@example.com\n" * 200 + b"," * 99_999, "too_many_columns",
    ),
    "many empty cells": (
        "a.csv", lambda: b"email\n" + (b"," * 800 + b"\n") * 20_000, "too_many_cells",
    ),
    "many empty lines": ("a.csv", lambda: b"email\n" + b"\n" * 20_000_000, "too_many_rows"),
    "many lines": ("a.csv", lambda: b"email\n" + b"a@b.c\n" * 1_000_000, "too_many_rows"),
    "a string of 1.5 GB": (
        "a.xlsx", lambda: workbook([_HEADINGS.encode(), *_text(1500)]), "too_large_unpacked",
    ),
    "a string of 200 MB": (
        "a.xlsx", lambda: workbook([_HEADINGS.encode(), *_text(200)]), "cell_too_long",
    ),
    "a row of ten million cells": (
        "a.xlsx",
        lambda: workbook(
            [_HEADINGS.encode(), *_filled('<row r="2">', b"<c><v>1</v></c>", 120, "</row>")]
        ),
        "too_many_columns",
    ),
    "rows without an end": (
        "a.xlsx",
        lambda: workbook([_HEADINGS.encode(), *_filled("", b"<row/>", 120, "")]),
        "too_many_rows",
    ),
    "a long text in many cells": (
        "a.xlsx",
        lambda: workbook(
            [_HEADINGS.encode(), *_filled("", b'<row><c t="s"><v>0</v></c></row>', 20, "")],
            parts={"xl/sharedStrings.xml": shared(f"<si><t>{'x' * 60_000}</t></si>")},
        ),
        "too_large_unpacked",
    ),
    "a row of long texts": (
        "a.xlsx",
        lambda: workbook(
            _HEADINGS + "<row>" + '<c t="s"><v>0</v></c>' * 900 + "</row>",
            parts={"xl/sharedStrings.xml": shared(f"<si><t>{'x' * 60_000}</t></si>")},
        ),
        "row_too_long",
    ),
    "many shared strings": (
        "a.xlsx",
        lambda: workbook(
            _HEADINGS + _cell(2),
            parts={
                "xl/sharedStrings.xml": [
                    shared("").removesuffix("</sst>").encode(),
                    *_filled("", b"<si/>", 120, "</sst>"),
                ]
            },
        ),
        "too_many_texts",
    ),
    "long shared strings": (
        "a.xlsx",
        lambda: workbook(
            _HEADINGS + _cell(2),
            parts={
                "xl/sharedStrings.xml": [
                    shared("").removesuffix("</sst>").encode(),
                    *_filled("", b"<si><t>" + b"x" * 60_000 + b"</t></si>", 120, "</sst>"),
                ]
            },
        ),
        "too_many_texts",
    ),
    "many sheets": ("a.xlsx", lambda: workbook(sheets=30_000), "too_many_sheets"),
    "many large sheets": (
        "a.xlsx", lambda: workbook(list(_filled("", b"<row/>", 3, "")), sheets=200),
        "too_many_rows",
    ),
    "many parts": ("a.xlsx", _many_parts, "broken_excel"),
    "a directory of 45 MB": ("a.xlsx", _long_directory, "broken_excel"),
    "relations without an end": (
        "a.xlsx", lambda: workbook(parts={"xl/_rels/workbook.xml.rels": _related()}), "nobody",
    ),
    "formats with long numbers": (
        "a.xlsx",
        lambda: workbook(
            parts={
                "xl/styles.xml": [
                    b"<styleSheet><cellXfs>",
                    *(f'<xf numFmtId="{n}{"1" * 120_000}"/>'.encode() for n in range(1500)),
                    b"</cellXfs></styleSheet>",
                ]
            }
        ),
        "nobody",
    ),
    "a style for each cell": (
        "a.xlsx", lambda: workbook([_HEADINGS.encode(), *_styled()]), "too_many_rows",
    ),
    "empty cells without an end": (
        "a.xlsx",
        lambda: workbook([_HEADINGS.encode(), *_filled('<row r="2">', b'<c r="A2"/>', 120, "")]),
        "too_many_columns",
    ),
    "long texts in turns": (
        "a.xlsx",
        lambda: workbook(
            [_HEADINGS.encode(), *_in_turns()],
            parts={
                "xl/sharedStrings.xml": shared(f"<si><t>{'x' * 65_000}\U0001f600</t></si>" * 600)
            },
        ),
        "too_large_unpacked",
    ),
    "deep XML": (
        "a.xlsx", lambda: workbook([_HEADINGS.encode(), *_filled("", b"<a>", 120, "")]),
        "broken_excel",
    ),
    "names without an end": (
        "a.xlsx", lambda: workbook([_HEADINGS.encode(), *_names("<e{}-{}/>")]), "broken_excel",
    ),
    "names of attributes without an end": (
        "a.xlsx", lambda: workbook([_HEADINGS.encode(), *_names('<e e{}-{}=""/>')]),
        "broken_excel",
    ),
    "an attribute of 200 MB": (
        "a.xlsx",
        lambda: workbook([_HEADINGS.encode(), *_filled('<row r="', b"1" * 64, 120, '"/>')]),
        "broken_excel",
    ),
    "a comment of 200 MB": (
        "a.xlsx",
        lambda: workbook([_HEADINGS.encode(), *_filled("<!--", b"> " * 32, 120, "-->")]),
        "broken_excel",
    ),
    "entities of entities": (
        "a.xlsx", lambda: workbook(parts={SHEET: _laughs()}), "broken_excel",
    ),
    "an entity outside": (
        "a.xlsx",
        lambda: workbook(
            parts={SHEET: _doctype('<!ENTITY e SYSTEM "file:///etc/passwd">', "&e;")}
        ),
        "broken_excel",
    ),
    "a line of 24 MB": ("a.csv", lambda: b"email\n" + b"x" * 24_000_000, "row_too_long"),
    "a line of 24 MB with one wide letter": (
        "a.csv", lambda: b"email\n" + b"x" * 24_000_000 + "\U0001f600".encode(), "row_too_long",
    ),
    "a first line of 24 MB in Windows letters": (
        "a.csv", lambda: b"\xe9" + b"x;" * 12_000_000, "row_too_long",
    ),
    "a quotation that never ends": (
        "a.csv", lambda: b'email\n"a@example.com\n' + b"b@example.com\n" * 1_700_000,
        "cell_too_long",
    ),
    "line ends in quotations": (
        "a.csv", lambda: b"email\n" + b'"\n\n",' * 4_000_000, "row_too_long",
    ),
    "quotation marks alone": ("a.csv", lambda: b"email\n" + b'"\n' * 12_000_000, "too_many_rows"),
}  # fmt: skip
