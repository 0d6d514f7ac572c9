"""One run at a time: a lock that the operating system releases when its holder ends, however it ends."""

from __future__ import annotations

import datetime as dt
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kam_analysis.errors import EXIT_BUSY


class Busy(Exception):
    """Another process holds the lock; the message says which."""

    exit_status = EXIT_BUSY


@contextmanager
def held(path: Path, purpose: str) -> Iterator[int]:
    """Hold the lock `path` and give its file descriptor; children that inherit it hold it too.

    Parameters
    ----------
    path : Path
        The lock's file. It stays; only the lock on it counts.
    purpose : str
        What a second comer reads about the holder.

    Raises
    ------
    Busy
        When another process holds it.
    """
    with open(path, "a+", encoding="utf-8", opener=_no_link) as file:
        file.seek(0)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(f"busy: {file.read().strip() or 'another process'} holds {path.name}") from None
        file.truncate(0)
        file.write(f"{purpose}, process {os.getpid()}, since {dt.datetime.now().astimezone():%Y-%m-%d %H:%M:%S %z}\n")
        file.flush()
        yield file.fileno()


def _no_link(path: str, flags: int) -> int:
    """Open a lock itself: a link in its place would have another file emptied."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o666)
