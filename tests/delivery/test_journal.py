"""What a dead worker's journal tells."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.delivery.journal import DID_NOT_GO, Journal, Remains, known_workers, new_worker_id, remains
from publisher.delivery.transport import Accepted, Unanswered, Unreachable


def died(folder: Path, *lines: str, ending: str = "\n") -> None:
    """Leave a journal behind as a killed worker does."""
    folder.mkdir(exist_ok=True)
    (folder / "dead.log").write_bytes(("\n".join(["worker dead host h pid 1 boot b", *lines]) + ending).encode())


def read(folder: Path) -> Remains:
    with remains(folder) as dead:
        [one] = dead
    return one


@pytest.mark.parametrize(
    ("lines", "known"),
    [
        ([], Unreachable),
        (["start 41 2"], Unanswered),
        (["start 41 2", "done 41 2 250"], Accepted),
        (["start 41 2", "done 41 2 550"], Unreachable),
        (["start 41 2", "done 41 2 0"], Unreachable),
        (["start 41 1"], Unreachable),  # an earlier claim's
        (["start 42 2"], Unreachable),  # another delivery's
        (["start 41 2", "done 41 1 250"], Unanswered),
    ],
)
def test_what_is_known_of_a_claim(tmp_path: Path, lines: list[str], known: type) -> None:
    died(tmp_path, *lines)
    assert isinstance(read(tmp_path).outcome(41, 2), known)


def test_a_line_that_was_cut_short_does_not_count(tmp_path: Path) -> None:
    died(tmp_path, "start 41 2", "done 41 2 25", ending="")
    assert isinstance(read(tmp_path).outcome(41, 2), Unanswered)


@given(st.binary(max_size=200))
def test_a_damaged_journal_is_read_as_far_as_it_goes(tmp_path_factory: pytest.TempPathFactory, rubbish: bytes) -> None:
    folder = tmp_path_factory.mktemp("journal")
    (folder / "dead.log").write_bytes(b"start 41 2\n" + rubbish)
    with remains(folder) as dead:
        assert (41, 2) in dead[0].started


def test_a_living_worker_is_left_alone(tmp_path: Path) -> None:
    alive = Journal(tmp_path, new_worker_id())
    with remains(tmp_path) as dead:
        assert dead == []
    assert known_workers(tmp_path) == {alive.worker_id}
    alive.close()


def test_a_journal_without_loose_ends_is_removed(tmp_path: Path) -> None:
    Journal(tmp_path, "w").close()
    assert known_workers(tmp_path) == set()


def test_what_could_not_be_settled_is_kept_for_the_next_start(tmp_path: Path) -> None:
    mine = Journal(tmp_path, "w")
    mine.start(41, 2)
    mine.done(41, 2, 250)
    mine.start(42, 1)
    mine.done(42, 1, DID_NOT_GO)
    mine.close(keep=True)
    left = read(tmp_path)
    assert isinstance(left.outcome(41, 2), Accepted)
    assert isinstance(left.outcome(42, 1), Unreachable)


def test_what_is_settled_is_forgotten(tmp_path: Path) -> None:
    mine = Journal(tmp_path, "w")
    mine.start(41, 2)
    mine.clear()
    mine.start(42, 1)
    mine.close(keep=True)
    assert read(tmp_path).started == {(42, 1)}


def test_two_do_not_resolve_the_same_journal(tmp_path: Path) -> None:
    died(tmp_path)
    with remains(tmp_path) as first:
        with remains(tmp_path) as second:
            assert (len(first), len(second)) == (1, 0)
        first[0].discard()
    with remains(tmp_path) as third:
        assert third == []


def test_every_start_has_a_name_of_its_own() -> None:
    assert new_worker_id() != new_worker_id()
    assert len(new_worker_id()) <= 64


def test_a_full_disk_is_told_before_the_content_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = Journal(tmp_path, "w")
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda file, data: os.pwrite(file, data[:4], 0) and 4)
        with pytest.raises(OSError, match=r"No space left on device.*w\.log"):
            mine.start(41, 2)
    mine.start(42, 1)  # the torn line does not swallow the next one
    mine.close(keep=True)
    assert read(tmp_path).started == {(42, 1)}


KILLED = """
import os, signal, sys
from pathlib import Path
from publisher.delivery.journal import Journal
mine = Journal(Path(sys.argv[1]), "killed")
mine.start(41, 2)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_kernel_tells_that_a_worker_was_killed(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert isinstance(read(tmp_path).outcome(41, 2), Unanswered)
