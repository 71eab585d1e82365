"""Our road beside Postfix's `smtp-source`, both to its `smtp-sink`. A row only where the two programs are installed."""

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from publisher.delivery.transport import Envelope
from tests.bench.measure import Sizes, Work, at_least, check
from tests.bench.process import CONNECTIONS
from tests.bench.sending import by_our_road, finished_copies
from tests.serving import free_port

SOURCE, SINK = shutil.which("smtp-source"), shutil.which("smtp-sink")


@contextmanager
def transport(sizes: Sizes) -> Iterator[Work]:
    """The road alone, with finished copies of some 25 kB."""
    copies = finished_copies(sizes.copies)
    port = free_port()
    with _sink(port):
        yield Work(
            name="SMTP transport alone, to smtp-sink",
            peer="smtp-source, same size and connections",
            ours=lambda: _ours(copies, port),
            theirs=lambda: _theirs(copies, port),
            target=at_least(0.85),
        )


def _ours(copies: Sequence[Envelope], port: int) -> float:
    began = time.perf_counter()
    asyncio.run(by_our_road(copies, port))  # each answer is looked at
    return (time.perf_counter() - began) / len(copies)


def _theirs(copies: Sequence[Envelope], port: int) -> float:
    assert SOURCE
    size = sum(len(copy.content) for copy in copies) // len(copies)
    options = {"-s": CONNECTIONS, "-m": len(copies), "-l": size, "-f": copies[0].sender, "-t": copies[0].recipient}
    command = [SOURCE, *(str(word) for option in options.items() for word in option), f"127.0.0.1:{port}"]
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True)
    check(done.returncode == 0 and not done.stderr, f"smtp-source: {done.stderr.decode()}")
    return (time.perf_counter() - began) / len(copies)


@contextmanager
def _sink(port: int) -> Iterator[None]:
    assert SINK
    user = ["-u", "nobody"] if os.geteuid() == 0 else []  # it will not serve as root
    with subprocess.Popen([SINK, *user, f"127.0.0.1:{port}", "100"]) as process:
        try:
            time.sleep(0.5)  # it says nothing when it listens
            yield
        finally:
            process.terminate()
