"""
Boards to read in tests.

`RecordedBoard` is a local web server that answers as a real Gnuboard did: with
the recorded page where there is one, otherwise with a page composed from the
recorded database in the mould of a recorded one of that skin.

    with RecordedBoard(recordings, moment="t1") as board:
        policy = ArchivePolicy(name="director", kind="gnuboard", url=board.url, allow=(board.place,), …)
"""

from tests.boards.recorded import RecordedBoard, Reply

__all__ = ["RecordedBoard", "Reply"]
