"""Delivered text as clean UTF-8 lines: encodings, newlines, and where a broken record stands."""

import codecs
import csv
import gzip
import io
import mmap
import re
import shutil
from collections import Counter
from pathlib import Path

from .contract import Refused

BLOCK = 1 << 22
csv.field_size_limit(1 << 31)


def opened(path: Path) -> io.BufferedIOBase:
    """Open a delivered file, unpacked when it is gzip."""
    return gzip.open(path) if path.suffix.lower() == ".gz" else open(path, "rb")


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
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return "utf-16", True
    if (bad_at := _first_bad(path, "utf-8")) is None:
        return "utf-8", True
    count, sample = Counter(), []
    with opened(path) as file:
        for line in file:
            count["all"] += 1
            try:
                count["good"] += not line.isascii() and bool(line.decode())
            except UnicodeDecodeError:
                count["bad"] += 1
                if len(sample) < 10_000:
                    sample.append(line)
    high = len(re.findall(rb"[\x80-\xff]", b"".join(sample)))
    paired = 2 * len(re.findall(rb"[\xa1-\xf7][\xa1-\xfe]", b"".join(sample)))
    if 10 * count["good"] <= count["bad"] and 10 * paired >= 8 * high:
        if _first_bad(path, "gb18030") is None:
            return "gb18030", True
    if count["bad"] <= max(count["good"], 1, count["all"] // 10):
        return "utf-8", False
    raise Refused(f"file:unknown_encoding: neither UTF-8 nor GB18030, first at byte {bad_at}; "
                  "save it as UTF-8")


def _first_bad(path: Path, encoding: str) -> int | None:
    """The byte where a file ceases to fit an encoding; none when it fits."""
    start = 0
    with opened(path) as file:
        while block := file.read(BLOCK):
            block += file.readline()
            try:
                block.decode(encoding)
            except UnicodeDecodeError as error:
                return start + error.start
            start += len(block)
    return None


def write_clean(path: Path, clean: Path, as_json: bool) -> int:
    """Copy as UTF-8 with plain newlines; give the number of lines that are not empty.

    A byte that cannot be text stays one that DuckDB will reject with its record: as it is in CSV,
    written out as \\x.. (no JSON) in NDJSON. A NUL counts as such a byte.
    """
    encoding, is_whole = encoding_of(path)
    encoding = "utf-8-sig" if encoding == "utf-8" else encoding
    errors = "strict" if is_whole else "backslashreplace" if as_json else "surrogateescape"
    count = 0
    with opened(path) as raw, open(clean, "wb") as out:
        text = io.TextIOWrapper(raw, encoding, errors, newline=None)
        try:
            while block := text.read(BLOCK) + text.readline():
                block = block.replace("\0", "\\x00" if as_json else "\udcc0\udc80")
                block = block.replace("\x1f", "\\x1f") if as_json else block
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
        lines = [line, *file.readlines(BLOCK)] if line.count('"') % 2 else [line]
        reader = csv.reader(lines, delimiter=delimiter)
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
    starts, empty_lines = {}, re.compile(rb"\n*")
    with open(clean, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        for position in positions:
            at = empty_lines.match(text, position).end()
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
