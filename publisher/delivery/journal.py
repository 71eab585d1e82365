"""
What a worker had in hand when it died.

One file per worker, `<worker id>.log`, appended to with one write per line:

    worker <id> host <name> pid <number> boot <id>
    start 41 2              the content of delivery 41, claim 2, is about to go out
    done 41 2 250           its answer; 0: the content did not go after all

The database is settled in groups, so after a kill it is behind; the journal is
not, as the kernel keeps what was written. (A power cut is another matter: the
last lines may be missing, like the database's last commits.)

Whether a worker lives is told by the lock it holds on its file. The kernel
lets go of it however the process ends, and unlike a process number it is never
given to somebody else. The first line is for people.
"""

import errno
import os
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import TypeAlias

from publisher.delivery.transport import Accepted, Outcome, Unanswered, Unreachable

Claim: TypeAlias = tuple[int, int]
"""(delivery, claim number)"""

DID_NOT_GO = 0
"""The code of a `done` line for content that was called back or could not be written."""

_SUFFIX = ".log"
_LONG = 2_000_000  # bytes, some 60,000 copies
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def new_worker_id() -> str:
    """Unique for every start of a process; names the host and the process for whoever looks."""
    return f"{socket.gethostname()[:24]}-{os.getpid()}-{token_hex(4)}"


# ── Writing ──────────────────────────────────────────────────────────────────


class Journal:
    """The journal of this process. Open it before the first claim; `close` when all is settled."""

    def __init__(self, folder: Path, worker_id: str) -> None:
        self.worker_id = worker_id
        self._path = folder / f"{worker_id}{_SUFFIX}"
        folder.mkdir(parents=True, exist_ok=True)
        self._file = _new_locked_file(self._path)
        self._is_torn = False
        self._size = 0
        boot = _BOOT_ID.read_text().strip() if _BOOT_ID.exists() else "unknown"
        self._append(f"worker {worker_id} host {socket.gethostname()} pid {os.getpid()} boot {boot}")
        self._head = self._size

    def start(self, delivery_id: int, claim_no: int) -> None:
        """Say that a copy's content is about to go out. Raises OSError; then it must not."""
        self._append(f"start {delivery_id} {claim_no}")

    def done(self, delivery_id: int, claim_no: int, code: int) -> None:
        """Say what the server answered, or DID_NOT_GO."""
        self._append(f"done {delivery_id} {claim_no} {code}")

    @property
    def is_long(self) -> bool:
        """Should it be cleared soon? Whoever recovers from it reads it into memory."""
        return self._size > _LONG

    def clear(self) -> None:
        """Forget what is settled. Only while nothing is in hand."""
        os.ftruncate(self._file, self._head)
        self._size = self._head

    def close(self, *, keep: bool = False) -> None:
        """Let go of the file; it is removed unless something in it is not settled yet."""
        if not keep:
            self._path.unlink(missing_ok=True)
        os.close(self._file)
        self._file = -1  # a late line must not land in whatever gets this number next

    def _append(self, line: str) -> None:
        data = f"\n{line}\n" if self._is_torn else f"{line}\n"
        self._is_torn = True
        try:
            written = os.write(self._file, data.encode())
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self._path)) from error
        if written < len(data.encode()):  # the rest found no room
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))
        self._size += written
        self._is_torn = False


# ── Reading ──────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Remains:
    """The journal of a worker that has died."""

    worker_id: str
    path: Path
    started: frozenset[Claim]
    answered: Mapping[Claim, int]

    def outcome(self, delivery_id: int, claim_no: int) -> Outcome:
        """What is known of a copy that the worker had claimed."""
        claim = (delivery_id, claim_no)
        code = self.answered.get(claim)
        if code is not None and code // 100 == 2:
            return Accepted(code=code, reply="told by the journal")
        if code is not None:
            # Refused, or not gone: nothing was accepted, so asking again does no harm and brings the reason.
            return Unreachable(reason=f"the process ended after the answer {code}")
        if claim in self.started:
            return Unanswered(reason="the process ended before the answer came")
        return Unreachable(reason="the process ended before the content went out")

    def discard(self) -> None:
        """Remove the file, once everything in it is settled in the database."""
        self.path.unlink(missing_ok=True)


@contextmanager
def remains(folder: Path) -> Iterator[list[Remains]]:
    """
    The journals of dead workers. Nobody else is handed the same ones until the block ends.

    Living workers' files are passed over, and so are those that another
    process is resolving at this moment.
    """
    found: list[Remains] = []
    held: list[int] = []
    try:
        for path in sorted(folder.glob(f"*{_SUFFIX}")):
            try:
                file = os.open(path, os.O_RDWR)
            except FileNotFoundError:
                continue
            held.append(file)
            if lock(file):
                found.append(_read(path, file))
        yield found
    finally:
        for file in held:
            os.close(file)


def known_workers(folder: Path) -> frozenset[str]:
    """The workers whose journals lie here, dead or alive."""
    return frozenset(path.stem for path in folder.glob(f"*{_SUFFIX}"))


def _read(path: Path, file: int) -> Remains:
    started: set[Claim] = set()
    answered: dict[Claim, int] = {}
    # By the open file: the path may have been removed by whoever resolved it a moment ago.
    with open(file, "rb", closefd=False) as opened:
        lines = opened.read().split(b"\n")
    for line in lines[:-1]:  # what follows the last line end was cut short: it does not count
        match line.split():
            case [b"start", delivery_id, claim_no] if _are_numbers(delivery_id, claim_no):
                started.add((int(delivery_id), int(claim_no)))
            case [b"done", delivery_id, claim_no, code] if _are_numbers(delivery_id, claim_no, code):
                answered[(int(delivery_id), int(claim_no))] = int(code)
    return Remains(worker_id=path.stem, path=path, started=frozenset(started), answered=answered)


def _are_numbers(*words: bytes) -> bool:
    return all(word.isdigit() for word in words)


# ── Locks ────────────────────────────────────────────────────────────────────


def _new_locked_file(path: Path) -> int:
    while True:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        # Between the two lines above and below, another process may have taken the
        # empty file for a dead worker's and removed it: then it is made anew.
        if lock(file) and path.exists() and os.path.samestat(os.fstat(file), path.stat()):
            return file
        os.close(file)


if sys.platform == "win32":  # not tried by us; the same promise by another call
    import msvcrt

    def lock(file: int) -> bool:
        here = os.lseek(file, 0, os.SEEK_CUR)
        os.lseek(file, 1 << 30, os.SEEK_SET)  # locks on Windows forbid reading, so lock where nothing is
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(file, here, os.SEEK_SET)
        return True

else:
    import fcntl

    def lock(file: int) -> bool:
        """Take the file for this process alone; False if it is taken."""
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
