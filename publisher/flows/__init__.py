"""
Start here: one file per thing the house does.

    ingest ─▶ (syndicate) ─▶ compose ─▶ release ─▶ deliver        unsubscribe ─▶ (refusals)
                                 ▲
                             occasion: what the clock found due     send: all of it, by hand

A flow tells the story in named steps. One that is a single change works in the
caller's transaction; one that waits for others opens short ones of its own.
"""
