"""Other processes: the sink, a running house, and children that tell how much memory they took."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from publisher.delivery.policy import Security, SmtpProfile

CONNECTIONS = 10

_ROOT = Path(__file__).parents[2]


def profile(port: int) -> SmtpProfile:
    """The road to the sink."""
    return SmtpProfile(host="127.0.0.1", port=port, security=Security.NONE, connections=CONNECTIONS)


class Sink:
    """The counting SMTP server, see `sink.py`."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._in, self._out = _pipe(process.stdin), _pipe(process.stdout)
        self.port = int(self._out.readline())

    def taken(self) -> dict[str, int]:
        """What came since the last question: `copies`, `recipients`, `sum`."""
        self._in.write("?\n")
        self._in.flush()
        told: dict[str, int] = json.loads(self._out.readline())
        return told


@contextmanager
def running_sink(*, pipelining: bool, delay: float = 0.0) -> Iterator[Sink]:
    options = ["--delay", str(delay), *(["--pipelining"] if pipelining else [])]
    with _started("-m", "tests.bench.sink", *options, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield Sink(process)


@contextmanager
def running_server(*arguments: str) -> Iterator[tuple[str, int]]:
    """A process that says `Open http://…` on standard error once it serves; gives the address and its pid."""
    with _started(*arguments, stderr=subprocess.PIPE) as process:
        said = []
        for line in _pipe(process.stderr):
            said.append(line)
            if found := re.search(r"Open (http://\S+)", line):
                yield found[1], process.pid
                return
        raise RuntimeError(f"{' '.join(arguments)} did not come up:\n{''.join(said)}")


@contextmanager
def running_board(posts: int) -> Iterator[str]:
    """A large board that is served, see `tests/boards/large.py`; gives its place."""
    with _started("-m", "tests.boards.large", str(posts), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield _pipe(process.stdout).readline().strip()


def told_by(*arguments: str) -> dict[str, int]:
    """What a child that ends by itself says in JSON, see `child.py`."""
    [told] = told_by_each(1, *arguments)
    return told


def told_by_each(count: int, *arguments: str) -> list[dict[str, int]]:
    """The same of several that do the same work at once."""
    command = [sys.executable, "-m", "tests.bench.child", *arguments]
    children = [subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE) for _ in range(count)]
    told = [child.communicate()[0] for child in children]
    failed = [child.returncode for child in children if child.returncode]
    assert not failed, f"{' '.join(arguments)} ended with {failed}"
    return [json.loads(one) for one in told]


def memory(field: str, pid: int | None = None) -> int:
    """
    A field of /proc/PID/status in bytes: VmHWM is the peak, VmRSS what is held now.

    `getrusage` is no use here: its peak is inherited from whoever started the process.
    """
    status = Path(f"/proc/{pid or 'self'}/status").read_text()
    found = re.search(rf"^{field}:\s+(\d+) kB$", status, re.MULTILINE)
    assert found is not None, f"no {field} in /proc: this wants Linux"
    return int(found[1]) * 1024


@contextmanager
def _started(*arguments: str, **pipes: Any) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen([sys.executable, *arguments], cwd=_ROOT, text=True, **pipes) as process:
        try:
            yield process
        finally:
            process.terminate()


def _pipe(end: IO[str] | None) -> IO[str]:
    assert end is not None
    return end
