"""Delivered text as clean UTF-8 lines: encodings, newlines, and where a broken record stands."""

import codecs
import csv
import gzip
import io
import mmap
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from .contract import Refused

BLOCK = 1 << 22
csv.field_size_limit(1 << 31)


def opened(path: Path) -> io.BufferedIOBase:
    """Open a delivered file, unpacked when it is gzip."""
    return gzip.open(path) if path.suffix.lower() == ".gz" else open(path, "rb")


def blocks(file: io.BufferedIOBase) -> Iterator[bytes]:
    """Whole lines, a few megabytes at a time."""
    while block := file.read(BLOCK):
        yield block + file.readline()


def filled(lines: bytes) -> int:
    """How many lines are not empty."""
    return len(list(filter(None, lines.split(b"\n"))))


def encoding_of(path: Path) -> tuple[str, bool]:
    """Name the encoding, and whether every byte fits it.

    UTF-8 when all of it is; GB18030 when all of it decodes, hardly any line is UTF-8 and the bytes
    come in pairs as Chinese text has them; UTF-8 with bad lines (kept apart, record by record) when
    they are few or rarer than good ones; else refused, since a guess would corrupt names.
    """
    with opened(path) as file:
        head = file.read(2)
    if head in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16", True
    first_bad, start, is_gb = None, 0, True
    lines = good = bad = high = paired = 0
    with opened(path) as file:
        for block in blocks(file):
            try:
                block.decode()
                lines += block.count(b"\n")
                good += 0 if block.isascii() else sum(not x.isascii() for x in block.split(b"\n"))
            except UnicodeDecodeError as error:
                first_bad = start + error.start if first_bad is None else first_bad
                for line in block.split(b"\n"):
                    lines += 1
                    if line.isascii():
                        continue
                    try:
                        line.decode()
                        good += 1
                    except UnicodeDecodeError:
                        bad += 1
                        high += len(re.findall(rb"[\x80-\xff]", line))
                        paired += 2 * len(re.findall(rb"[\xa1-\xf7][\xa1-\xfe]", line))
                try:
                    block.decode("gb18030")
                except UnicodeDecodeError:
                    is_gb = False
            start += len(block)
    if first_bad is None:
        return "utf-8", True
    if is_gb and 10 * good <= bad and 10 * paired >= 8 * high:
        return "gb18030", True
    if bad <= good or bad <= max(1, lines // 10):
        return "utf-8", False
    raise Refused(
        f"file:unknown_encoding: neither UTF-8 nor GB18030, first at byte {first_bad}; "
        "save it as UTF-8"
    )


def write_clean(path: Path, clean: Path, as_json: bool) -> int:
    """Copy as UTF-8 with plain newlines; give the number of lines that are not empty.

    A byte that cannot be text stays one that DuckDB will reject with its record: as it is in CSV,
    written out as \\x.. (no JSON) in NDJSON. A NUL counts as such a byte.
    """
    encoding, is_whole = encoding_of(path)
    errors = "strict" if is_whole else "backslashreplace" if as_json else "surrogateescape"
    nul = "\\x00" if as_json else "\udcc0\udc80"
    count = 0
    with opened(path) as raw, open(clean, "wb") as out:
        encoding = "utf-8-sig" if encoding == "utf-8" else encoding
        try:
            text = io.TextIOWrapper(raw, encoding, errors, newline=None)
            while block := text.read(BLOCK):
                block = (block + text.readline()).replace("\0", nul)
                if as_json:
                    block = block.replace("\x1f", "\\x1f")
                count += len(list(filter(None, block.split("\n"))))
                out.write(block.encode("utf-8", "surrogateescape"))
        except UnicodeDecodeError as error:
            raise Refused(f"file:unknown_encoding: not {encoding} at byte {error.start}") from None
    if not count:
        raise Refused("file:empty: it holds no record and no header")
    return count


def first_record(clean: Path, delimiter: str) -> tuple[list[str], int, int]:
    """The header, its lines, and the number of leading lines (blank ones and it) to skip."""
    with open(clean, encoding="utf-8", errors="surrogateescape") as file:
        blank = 0
        while (line := file.readline()) == "\n":
            blank += 1
        reader = csv.reader([line, *file.readlines(BLOCK)] if line.count('"') % 2 else [line],
                            delimiter=delimiter)
        return next(reader), reader.line_num, blank + 1


def locate(clean: Path, scan: Path, marks: dict[int, str], delimiter: str) -> list[tuple]:
    """For each broken record by its offset: line number, reason, payload, filled lines of other
    records before it, filled lines of its own. `scan` is `clean` with unclosed lines emptied."""
    rows, at, line_no, others = [], 0, 1, 0
    with open(clean, "rb") as whole, open(scan, "rb") as parsed:
        for offset, reason in sorted(marks.items()):
            between = whole.read(offset - at)
            line_no, others, at = line_no + between.count(b"\n"), others + filled(between), offset
            if reason == "csv:unclosed_quote":
                payload = whole.readline()
                whole.seek(at)
            else:
                parsed.seek(offset)
                payload = _record(parsed, delimiter)
            if reason == "encoding:invalid_utf8" and b"\xc0\x80" in payload:
                reason = "encoding:null_byte"
            shown = payload.replace(b"\xc0\x80", b"\\x00").decode("utf-8", "backslashreplace")
            rows.append((line_no, reason, shown.rstrip("\n"), others, filled(payload)))
            others -= filled(payload)
    return rows


def _record(file: io.BufferedIOBase, delimiter: str) -> bytes:
    """The lines of the CSV record that begins here."""
    taken = []
    lines = (taken.append(line) or line.decode("utf-8", "replace") for line in file)
    next(csv.reader(lines, delimiter=delimiter, skipinitialspace=True))
    return b"".join(taken)


def line_starts(clean: Path, positions: set[int]) -> dict[int, int]:
    """The byte offset where the line of a byte begins; a byte of empty lines means the next."""
    starts = {}
    with open(clean, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        for position in positions:
            at = position
            while at < len(text) and text[at] == 10:
                at += 1
            starts[position] = text.rfind(b"\n", 0, at) + 1
    return starts


def without_lines(clean: Path, offsets: set[int]) -> Path:
    """A copy in which these lines are empty and all other bytes stand where they stood."""
    copy = clean.with_suffix(".repaired")
    shutil.copyfile(clean, copy)
    with open(copy, "r+b") as file, mmap.mmap(file.fileno(), 0) as text:
        for offset in offsets:
            end = text.find(b"\n", offset)
            end = len(text) if end < 0 else end
            text[offset:end] = b"\n" * (end - offset)
    return copy
