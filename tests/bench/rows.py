"""Every row of the table, in its order; the name is what `python -m tests.bench NAME …` takes."""

import sys
from collections.abc import Mapping

from tests.bench import (
    archives,
    feeds,
    letters,
    memory,
    outbox,
    postfix,
    reading,
    rendering,
    roster,
    sending,
    serving,
    signing,
)
from tests.bench.measure import Row, at_least
from tests.mariadb import SERVER

_ANYWHERE: Mapping[str, Row] = {
    "join-ko": letters.joining("ko", "Korean"),
    "join-en": letters.joining("en", "English"),
    "join-limit": rendering.copying,
    "letters": rendering.setting,
    "transport": sending.transport,
    "sign-rsa": signing.rsa,
    "deliver": sending.end_to_end(pipelining=True),
    "deliver-plain": sending.end_to_end(pipelining=False),
    "deliver-afar": sending.end_to_end(pipelining=True, delay=0.02),
    "marks": outbox.marks,
    "claims": outbox.taking,
    "fan-out": outbox.fan_out,
    "late-claim": outbox.late_claim,
    "feeds-new": feeds.one_new_entry,
    "feeds-new-shown": feeds.one_new_entry_shown,
    "feeds-scratch": feeds.from_scratch,
    "feeds-join-50": feeds.by_hand(50),
    "feeds-join-500": feeds.by_hand(500),
    "feeds-join-10000": feeds.by_hand(10_000),
    "feeds-feedgen-50": feeds.beside_feedgen(50),
    "feeds-feedgen-500": feeds.beside_feedgen(500),
    "feeds-feedgen-10000": feeds.beside_feedgen(10_000),
    "feeds-strings-50": feeds.beside_strings(50),
    "feeds-strings-500": feeds.beside_strings(500),
    "feeds-strings-10000": feeds.beside_strings(10_000),
    "feeds-304": serving.unchanged_feed,
    "feeds-200": serving.whole_feed,
    "read-post": reading.post,
    "read-list": reading.listing,
    "import": roster.importing,
}
_ON_LINUX: Mapping[str, Row] = {
    "archive-http": archives.http,
    "memory-archive-http": archives.http_memory,
    "memory-deliver": memory.delivering,
    "memory-ingest": memory.ingesting,
    "memory-import": roster.memory,
    "memory-idle": memory.idle,
}
_WITH_POSTFIX: Mapping[str, Row] = {
    "transport-postfix": postfix.transport,
    "edition": postfix.end_to_end("not signed", at_least(0.80)),
    "edition-rsa": postfix.end_to_end("RSA-2048", at_least(0.30), signs="rsa"),
    "edition-ed25519": postfix.end_to_end("Ed25519", at_least(0.75), signs="ed25519"),
    "edition-afar": postfix.from_afar,
    "edition-two": postfix.two_processes,
    **({"edition-nodemailer": postfix.beside_nodemailer} if postfix.NODEMAILER else {}),
}

_WITH_MARIADB: Mapping[str, Row] = {"archive-db": archives.tables, "memory-archive-db": archives.tables_memory}

ROWS: Mapping[str, Row] = {
    **_ANYWHERE,
    **(_WITH_POSTFIX if postfix.SOURCE and postfix.SINK else {}),
    **(_ON_LINUX if sys.platform == "linux" else {}),
    **(_WITH_MARIADB if sys.platform == "linux" and SERVER else {}),
}
