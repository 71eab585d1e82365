"""
Speed and memory, always as a ratio to a named peer in the same run: `make bench`.

    measure.py    a piece of work, its target, and interleaved repeats of it and its peer
    rows.py       every row of the table, in its order
    letters.py, sending.py, postfix.py, outbox.py, feeds.py, serving.py, reading.py, archives.py, memory.py    the rows
    invented.py, house.py     what is measured on        process.py, sink.py, child.py, fixed.py    other processes

To add a row: a context manager that takes `Sizes` and yields a `Work`, and a
line in `rows.py`. Each side returns its cost and checks what it made: an
output that nobody looked at once was the fastest of all.
"""
