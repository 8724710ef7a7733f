"""Read an XML file of an archive in chunks: no tree is built, no external entity is resolved, and
no unlimited part is kept in memory."""

import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Protocol
from xml.parsers import expat

from contact_imports.limits import (
    MAX_DIRECTORY_BYTES,
    MAX_XML_DEPTH,
    MAX_XML_NAMES,
    MAX_XML_TOKEN_BYTES,
    Budget,
)
from contact_imports.reasons import Unreadable

# The rows in a chunk of this size are in memory at once, however long the shared texts they use.
_PIECE_BYTES = 1024
# What zipfile, zlib, expat and parsing numbers raise for a broken file.
_BROKEN = (
    zipfile.BadZipFile, zlib.error, expat.ExpatError, LookupError, ValueError, ArithmeticError,
    EOFError, OSError, RuntimeError,
)  # fmt: skip


class Handler(Protocol):
    """The events of an XML file; names are without prefixes."""

    def start(self, name: str, attributes: dict[str, str]) -> None: ...
    def end(self, name: str) -> None: ...
    def text(self, data: str) -> None: ...


class _ShortReads:
    """A file that limits how much is read at once: zipfile reads the directory of an archive whole,
    however long it is."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        most = MAX_DIRECTORY_BYTES + 1
        data = self._file.read(most if size < 0 else min(size, most))
        if len(data) == most:
            raise Unreadable("broken_excel")
        return data


def open_archive(file: IO[bytes]) -> zipfile.ZipFile:
    """Return the archive in `file`. Raises Unreadable."""
    try:
        return zipfile.ZipFile(_ShortReads(file))
    except Exception as error:  # whatever zipfile meets in a broken file
        raise Unreadable("broken_excel") from error


def parse(archive: zipfile.ZipFile, name: str, handler: Handler, budget: Budget) -> Iterator[None]:
    """Parse the file `name` of `archive`, pausing after each chunk. Raises Unreadable."""
    try:
        info = archive.getinfo(name)
        # Other compression methods are not used in such files, and can need unlimited memory.
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Unreadable("broken_excel")
        budget.expect_bytes(info.file_size)
        with archive.open(info) as source:
            yield from _parse(source, handler, budget)
    except _BROKEN as error:
        raise Unreadable("broken_excel") from error


def parse_all(archive: zipfile.ZipFile, name: str, handler: Handler, budget: Budget) -> None:
    """Parse the file `name` of `archive` to its end. Raises Unreadable."""
    for _pause in parse(archive, name, handler, budget):
        pass


def _parse(source: IO[bytes], handler: Handler, budget: Budget) -> Iterator[None]:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    depth = 0
    without_prefix: dict[str, str] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_XML_DEPTH:
            raise Unreadable("broken_excel")
        if name not in without_prefix:
            without_prefix[name] = name.rpartition(":")[2]
        handler.start(without_prefix[name], attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        handler.end(without_prefix[name])

    def refuse(*_: object) -> None:
        # Such files have no document type; refusing it also rules out entities.
        raise Unreadable("broken_excel")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = handler.text
    parser.StartDoctypeDeclHandler = refuse
    fed = 0
    while piece := source.read(_PIECE_BYTES):
        budget.count_bytes(len(piece))
        fed += len(piece)
        parser.Parse(piece, False)
        # What expat keeps in memory: an unfinished tag or comment, and each distinct name of
        # elements and attributes.
        if (
            fed - parser.CurrentByteIndex > MAX_XML_TOKEN_BYTES
            or len(parser.intern) > MAX_XML_NAMES
        ):
            raise Unreadable("broken_excel")
        yield
    parser.Parse(b"", True)
    yield
