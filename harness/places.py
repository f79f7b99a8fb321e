"""Where things stand, and how they are changed: one lock, one rename, one line when it stops."""

import fcntl
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

FOLDERS = {  # what is it for, which variable moves it, where it stands else
    "raw": ("OMNILOOP_RAW", "data/raw"),  # exports are dropped here
    "data": ("OMNILOOP_DATA", "data"),  # everything is written here
    "target": ("DBT_TARGET_PATH", "target"),  # dbt tells here what it did
}


class Stopped(Exception):
    """A command that cannot go on; one line that says what to do."""


def progress(title: str, items: list[Path], console: Console) -> Iterator[Path]:
    """Go through files with a progress bar that names the one at hand."""
    with bar(title, console) as shown:
        task = shown.add_task("", total=len(items))
        for item in items:
            shown.update(task, description=item.as_posix())
            yield item
            shown.advance(task)


def bar(title: str, console: Console) -> Progress:
    """A progress bar: what is done, how many of how many, for how long, at which."""
    return Progress(TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
                    TextColumn("{task.description}", markup=False), console=console, transient=True)


def screen() -> Console:
    """Where messages go: as wide as the terminal, or wide enough for a log."""
    return Console(width=None if sys.stdout.isatty() else 110)


def folder(kind: str) -> Path:
    """One of FOLDERS, as the environment has it."""
    return Path(os.environ.get(*FOLDERS[kind]))


def literal(value: object) -> str:
    """Write a value as SQL text."""
    return "'" + str(value).replace("'", "''") + "'"


def sections(path: Path) -> dict[str, str]:
    """The statements of an SQL file by the name that stands in brackets above each."""
    return dict(part.split("]\n", 1) for part in path.read_text("utf-8").split("\n-- [")[1:])


@contextmanager
def locked(path: Path, what: str, wait: bool = False) -> Iterator[None]:
    """Hold a lock file; when another process holds it, say which one, and stop or wait."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            busy = f"another {what} is running ({file.read().strip() or 'just started'})"
            if not wait:
                raise Stopped(f"{busy}; run it again when that one has ended") from None
            print(f"{busy}; waiting for it to end", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write(f"process {os.getpid()} since {time.strftime('%H:%M:%S')}")
        file.flush()
        yield


def beside(target: Path) -> Path:
    """The hidden file that a target is written to before it is renamed into place."""
    return target.with_name(f".{target.name}.new")


def commit(target: Path) -> None:
    """Rename a written file into place once its bytes are on disk."""
    for path in (beside(target), target.parent):
        handle = os.open(path, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
        if path != target.parent:
            os.replace(path, target)


def explained(error: object) -> str:
    """One line of an error, with help where it is a known one and without values of records."""
    text = re.sub(r"\x1b\[\d*m", "", str(error))
    if isinstance(error, Stopped):
        return text
    if "Could not set lock" in text:
        holder = re.search(r"\(PID (\d+)\)", text)
        who = f"process {holder[1]}" if holder else "another program"
        return f"{who} has the warehouse open: close it there, let BI tools open the published file"
    if "No space left" in text:
        return "no space is left on the disk: free some and run it again; nothing is lost"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    heads = [i for i, line in enumerate(lines) if re.match(r"[\w ]*Error\b", line)]
    lines = lines[heads[-1]:] if heads else lines or [type(error).__name__]
    line = lines[0] if ": " in lines[0] else " ".join(lines[:2])
    return re.sub(r"\S*(@|\d{5})\S*", "***", line)[:300]
