"""
What spam filters say of the form of our letters: nothing.

SpamAssassin reads letters of every kind and language key in one run, with its
own rules only and without the network. rspamd compiles its rules for half a
minute before it answers, so it is asked in `make soak`. What both say of how a
letter came (no relay, no signature) is not about its form, and stays out.
"""

import mailbox
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from publisher.delivery.envelope import Stationery
from publisher.digest.render import compose_letters
from publisher.digest.single import Postscript, write_letter
from publisher.flows.alarm import EXAMPLE
from publisher.flows.ask import EXAMPLES
from publisher.model import DeliveryKind, Letter, Slot
from tests.digest.samples import KEYS, SITE, mailing_list, twelfth

SPAMASSASSIN = shutil.which("spamassassin")
RSPAMD = shutil.which("rspamd")
IS_SOAK = bool(os.environ.get("PUBLISHER_TEST_RSPAMD"))

# Points of rspamd that are not against the letter's form: the question that the law wants is a question, an odd number
# of addresses in both parts together is chance where they have the same ones, and base64 is a tenth of a point against
# a Korean letter three times as long.
NOT_OF_FORM = {"SUBJECT_ENDS_QUESTION", "URI_COUNT_ODD", "MIME_BASE64_TEXT"}


def letters() -> Iterator[tuple[str, Letter, bool]]:
    """Name, letter, and whether it is mail of a list."""
    digests = compose_letters(twelfth(), mailing_list(), SITE, KEYS)
    yield from ((f"digest {key}", letter, True) for key, letter in digests.items())
    note = compose_letters(replace(twelfth(), entries=(), corrections=()), mailing_list(), SITE, KEYS)
    yield from ((f"note {key}", letter, True) for key, letter in note.items())
    for kind, facts in EXAMPLES.items():
        yield f"{kind} ko+en", write_letter(kind, facts, "ko+en", SITE, None, POSTSCRIPT), False
    for key in ("ko", "en"):
        yield f"alarm {key}", write_letter(DeliveryKind.ALARM, EXAMPLE, key, SITE), False
        yield f"question {key}", write_letter(DeliveryKind.RECONFIRM, CONSENT, key, SITE), False
        for what in ("consent", "refusal", "withdrawal", "erased"):
            facts = {**CONSENT, "what": what}
            yield f"{what} {key}", write_letter(DeliveryKind.NOTICE, facts, key, SITE), False


POSTSCRIPT = Postscript(lists={"weekly": mailing_list().titles}, url=lambda purpose, _: f"{SITE.url}/{purpose}/token")
CONSENT = {
    "at": "2024-11-23T00:00:00+00:00",
    "due_on": "2026-11-23",
    "lists": ["weekly"],
    "silence": "keep",
    "token_id": "00" * 16,
    "means": "form",
}


def on_the_wire() -> dict[str, bytes]:
    return {
        name: Stationery(letter=letter, site=SITE, list=mailing_list() if is_of_list else None).copy(
            recipient="hana@reader.example",
            message_id="<aaaaaaaaaaaaaaaaaaaaaaaaaa@hanbit.example>",
            date=datetime.now(UTC),  # an old date has its own points
            values={slot: f"{SITE.url}/{slot}/{'Ab3_' * 16}" for slot in Slot},
        )
        for name, letter, is_of_list in letters()
    }


def missing(program: str, package: str) -> None:
    reason = f"{program} is not installed; on Debian and Ubuntu: apt install {package}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def test_spamassassin_gives_no_point_to_the_form_of_any_letter(tmp_path: Path) -> None:
    if SPAMASSASSIN is None:
        missing("SpamAssassin", "spamassassin")
    assert SPAMASSASSIN
    box = mailbox.mbox(tmp_path / "letters")
    names = []
    for name, content in on_the_wire().items():
        names.append(name)
        box.add(content.replace(b"\r\n", b"\n"))
    box.close()
    (tmp_path / "home").mkdir()
    ended = subprocess.run(
        [SPAMASSASSIN, "-L", "-t", "--mbox", str(tmp_path / "letters")],
        env={**os.environ, "HOME": str(tmp_path / "home")},  # it writes its preferences there
        capture_output=True,
        check=False,
    )
    reports = ended.stdout.decode("utf-8", "replace").split("Content analysis details:")[1:]
    assert len(reports) == len(names), ended.stderr.decode()
    hits = {name: _points(report) for name, report in zip(names, reports, strict=True)}
    tell(hits)
    assert all("HTML_MESSAGE" in rules for rules in hits.values()), "it read the letters as what they are"
    assert against(hits) == {}


def test_rspamd_gives_no_point_to_the_form_of_any_letter(tmp_path: Path) -> None:
    if RSPAMD is None:
        missing("rspamd", "rspamd")
    hits = {}
    with rspamd(tmp_path) as place:
        for name, content in on_the_wire().items():
            told = subprocess.run(
                ["rspamc", "-h", place, "-t", "60"], input=content, capture_output=True, check=True
            ).stdout.decode()
            found = re.findall(r"^Symbol: (\w+) ?\((-?\d+\.\d+)\)", told, re.MULTILINE)
            hits[name] = {rule: float(points) for rule, points in found}
    tell(hits)
    assert all("RCPT_COUNT_ONE" in rules for rules in hits.values()), "it read the letters as what they are"
    assert against(hits) == {}


if not IS_SOAK:  # it compiles its rules for half a minute
    del test_rspamd_gives_no_point_to_the_form_of_any_letter


def _points(report: str) -> dict[str, float]:
    found = re.findall(r"^ *(-?\d+\.\d) ([A-Z]\w+)", report, re.MULTILINE)
    return {rule: float(points) for points, rule in found}


def tell(hits: dict[str, dict[str, float]]) -> None:
    for name, rules in hits.items():
        print(f"{name}: {', '.join(f'{rule} {points}' for rule, points in sorted(rules.items()))}")


def against(hits: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """The rules that give points to a letter's form."""
    counted = {
        name: {rule: points for rule, points in rules.items() if points > 0 and rule not in NOT_OF_FORM}
        for name, rules in hits.items()
    }
    return {name: rules for name, rules in counted.items() if rules}


# ── rspamd, for itself ───────────────────────────────────────────────────────

# What asks others, or wants a database.
ELSEWHERE = (
    *("antivirus", "arc", "asn", "bayes_expiry", "clickhouse", "dkim", "dmarc", "fuzzy_check", "greylist", "hfilter"),
    *("history_redis", "known_senders", "maillist", "mime_types", "multimap", "mx_check", "neural", "p0f", "phishing"),
    *("ratelimit", "rbl", "reputation", "spamtrap", "spf", "surbl", "trie", "url_redirector", "url_suspect"),
    "whitelist",
)
CONFIGURATION = """
.include "$CONFDIR/common.conf"
options {{
  pidfile = "$RUNDIR/rspamd.pid";
  .include "$CONFDIR/options.inc"
  filters = "chartable,regexp"; rrd = ""; history_file = ""; url_tld = "{folder}/tld.dat";
  dns {{ nameserver = ["127.0.0.1:1"]; timeout = 0.05s; retransmits = 1; }}
}}
logging {{ type = "file"; filename = "$LOGDIR/rspamd.log"; level = "warning"; }}
worker "normal" {{ bind_socket = "127.0.0.1:{port}"; count = 1; mime = true; }}
"""


@contextmanager
def rspamd(folder: Path) -> Iterator[str]:
    """An rspamd of our own on a loopback port, that asks nobody; gives its place."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "override.d").mkdir()
    for module in ELSEWHERE:
        (folder / "override.d" / f"{module}.conf").write_text("enabled = false;\n")
    (folder / "tld.dat").write_text("example\ncom\nkr\nor.kr\n")  # the whole list takes it half a minute more
    (folder / "rspamd.conf").write_text(CONFIGURATION.format(folder=folder, port=port))
    places = [f"--var={name}={folder}" for name in ("DBDIR", "RUNDIR", "LOGDIR", "LOCAL_CONFDIR")]
    started = subprocess.Popen(["rspamd", "-f", "-i", "-c", str(folder / "rspamd.conf"), *places])
    try:
        until = time.monotonic() + 180
        while not _listens(port):
            assert started.poll() is None, "rspamd ended"
            assert time.monotonic() < until, "rspamd does not answer"
            time.sleep(0.2)
        yield f"127.0.0.1:{port}"
    finally:
        started.terminate()
        started.wait(timeout=30)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
