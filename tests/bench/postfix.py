"""Ours beside Postfix's `smtp-source`, both to its `smtp-sink`. Rows only where the two programs are installed."""

import asyncio
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

from publisher.delivery.transport import Envelope
from publisher.model import Slot, fill
from tests.bench.delivering import deliver, private_key
from tests.bench.house import connect, copy_of, folder, make_outbox
from tests.bench.invented import letters
from tests.bench.measure import FASTER, Row, Sizes, Target, Work, at_least, check
from tests.bench.process import CONNECTIONS, running_sink, told_by_each
from tests.bench.sending import by_our_road, finished_copies
from tests.serving import free_port

SOURCE, SINK = shutil.which("smtp-source"), shutil.which("smtp-sink")


@contextmanager
def transport(sizes: Sizes) -> Iterator[Work]:
    """The road alone, with finished copies of some 25 kB."""
    copies = finished_copies(sizes.copies)
    with _sink() as port:
        yield Work(
            name="SMTP transport alone, to smtp-sink",
            peer="smtp-source, same size and connections",
            ours=lambda: _ours(copies, port),
            theirs=lambda: _by_source(port, count=len(copies), size=_size_of(copies)),
            target=at_least(0.85),
        )


def end_to_end(name: str, target: Target, *, signs: str = "") -> Row:
    """The whole way of an edition: claimed, looked at, joined, signed, sent, in the journal, marked."""

    @contextmanager
    def row(sizes: Sizes) -> Iterator[Work]:
        with folder() as place, _sink() as port:
            store = make_outbox(place / "outbox.db", sizes.edition)
            yield Work(
                name=f"an edition end to end, {name}",
                peer="smtp-source, which only sends",
                ours=lambda: _delivered(copy_of(store), port, sizes.edition, signs),
                theirs=lambda: _by_source(port, count=sizes.edition, size=_usual_size()),
                target=target,
            )

    return row


@contextmanager
def from_afar(sizes: Sizes) -> Iterator[Work]:
    """The same to a server whose answers take 20 ms."""
    with folder() as place, running_sink(pipelining=True, delay=0.02) as sink:
        store = make_outbox(place / "outbox.db", sizes.copies)

        def checked(cost: Callable[[], float]) -> float:
            took, came = cost(), sink.taken()
            check(came["copies"] == sizes.copies, f"{sizes.copies} copies were sent, but {came} came")
            return took

        yield Work(
            name="an edition end to end, answers after 20 ms",
            peer="smtp-source, which only sends",
            ours=lambda: checked(lambda: _delivered(copy_of(store), sink.port, sizes.copies)),
            theirs=lambda: checked(lambda: _by_source(sink.port, count=sizes.copies, size=_usual_size())),
            target=FASTER,
        )


@contextmanager
def two_processes(sizes: Sizes) -> Iterator[Work]:
    """Two that deliver from one store and sign with RSA."""
    with folder() as place, _sink() as port:
        store = make_outbox(place / "outbox.db", sizes.edition)
        yield Work(
            name="an edition by two processes, RSA-2048",
            peer="by one process",
            ours=lambda: _by_children(2, copy_of(store), port, sizes.edition),
            theirs=lambda: _by_children(1, copy_of(store), port, sizes.edition),
            target=at_least(1.6),
        )


NODEMAILER = os.environ.get("PUBLISHER_BENCH_NODEMAILER", "")
"""A folder in which `npm install nodemailer` was run; without it there is no row beside it."""


@contextmanager
def beside_nodemailer(sizes: Sizes) -> Iterator[Work]:
    """The same letter, connections and kind of key."""
    with folder() as place, _sink() as port:
        store = make_outbox(place / "outbox.db", sizes.copies)
        letter = letters()["ko"]
        content = {"html": fill(letter.html, _LINK), "text": fill(letter.text, _LINK), "key": private_key("rsa")}
        (place / "letter.json").write_text(json.dumps(content))
        yield Work(
            name="an edition end to end, RSA-2048",
            peer="a nodemailer pool with DKIM",
            ours=lambda: _delivered(copy_of(store), port, sizes.copies, "rsa"),
            theirs=lambda: _by_nodemailer(place / "letter.json", port, sizes.copies),
            target=at_least(5),
        )


_LINK = dict.fromkeys(Slot, "{link}")


def _by_nodemailer(letter: Path, port: int, count: int) -> float:
    script = Path(__file__).with_name("nodemailer.mjs")
    command = ["node", script, NODEMAILER, str(port), str(count), str(CONNECTIONS), letter]
    told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    check(told["done"] == count, f"of {count} copies {told['done']} were accepted")
    return float(told["took"]) / 1e6 / count


def _by_children(count: int, store: Path, port: int, edition: int) -> float:
    """Each measures its own time, without its start; whoever came late found the less to do."""
    told = told_by_each(count, "deliver", str(store), str(port), "rsa")
    check(sum(one["done"] for one in told) == edition, f"of {edition} copies {told} are sent")
    return max(one["took"] for one in told) / 1e6 / edition


def _delivered(store: Path, port: int, count: int, signs: str = "") -> float:
    done = asyncio.run(deliver(store, port, signs))
    with closing(connect(store)) as connection:
        [[sent]] = connection.execute("SELECT count(*) FROM deliveries WHERE status = 'sent' AND code = 250")
    check(sent == count, f"of {count} copies {sent} are sent")
    return done.took / count


def _ours(copies: Sequence[Envelope], port: int) -> float:
    began = time.perf_counter()
    asyncio.run(by_our_road(copies, port))  # each answer is looked at
    return (time.perf_counter() - began) / len(copies)


@cache
def _usual_size() -> int:
    return _size_of(finished_copies(2))


def _size_of(copies: Sequence[Envelope]) -> int:
    return sum(len(copy.content) for copy in copies) // len(copies)


def _by_source(port: int, *, count: int, size: int) -> float:
    assert SOURCE
    options = {"-s": CONNECTIONS, "-m": count, "-l": size, "-f": "letters@bench.example", "-t": "r@reader.example"}
    command = [SOURCE, *(str(word) for option in options.items() for word in option), f"127.0.0.1:{port}"]
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True)
    check(done.returncode == 0 and not done.stderr, f"smtp-source: {done.stderr.decode()}")
    return (time.perf_counter() - began) / count


@contextmanager
def _sink() -> Iterator[int]:
    assert SINK
    port = free_port()
    user = ["-u", "nobody"] if os.geteuid() == 0 else []  # it will not serve as root
    with subprocess.Popen([SINK, *user, f"127.0.0.1:{port}", "100"]) as process:
        try:
            time.sleep(0.5)  # it says nothing when it listens
            yield port
        finally:
            process.terminate()
