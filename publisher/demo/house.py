"""The demo's readers and its `config.yaml`."""

import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from publisher.demo.board import TABLE
from publisher.model import LanguageKey


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Somebody who asked for the weekly briefing, in these languages."""

    name: str
    address: str
    languages: LanguageKey


READERS = (
    Reader(name="문가람", address="garam.moon@haneul-library.example", languages="ko"),
    Reader(name="Ingrid Halvorsen", address="ingrid.halvorsen@fjordbridge.example", languages="en"),
    Reader(name="정다온", address="daon.jeong@dureumi-school.example", languages="ko+en"),
)

LIST = "weekly"
ARCHIVE = "director"

# Its first line is how the demo knows a folder of its own when it begins anew.
_CONFIG = """\
# The demo's configuration: an invented institute, its board on this machine,
# and no mail server, so letters go to the mailbox folder. All of it is kept in
# {folder}
site:
  name: {{ko: 한빛평화연구소, en: Hanbit Peace Institute}}
  url: {site_url}
  timezone: Asia/Seoul
  country: KR
  languages: [ko, en]
  sender:
    name: {{ko: 한빛평화연구소, en: Hanbit Peace Institute}}
    email: briefing@hanbit-peace.example
    phone: "+82-2-0000-0000"
    address: {{ko: "서울특별시 한빛구 평화길 12, 3층", en: "3F, 12 Pyeonghwa-gil, Hanbit-gu, Seoul"}}

archives:
  director:
    kind: gnuboard
    url: {archive_url}
    name: {{ko: 원장 자료실, en: "Director's Archive"}}
    every: 1m
    settle: 0s
    pause: 0s
    rights: summary
    authors:
      관리자: {{ko: 서하린 원장, en: "Seo Harin, Director"}}
      연구기획실: {{ko: 연구기획실, en: Research Planning Office}}
      국제협력팀: {{ko: 국제협력팀, en: International Cooperation Team}}
    allow: [{board_host}]

lists:
  weekly:
    name: {{ko: 주간 브리핑, en: Weekly Briefing}}
    archives: [director]
    languages: [ko, en, "ko+en", "en+ko"]
    cadence: "0 9 * * mon"
    mode: automatic
    grace: 0s

web: {{listen: {listen}}}
"""


def demo_config(folder: Path, board_url: str, site_url: str) -> str:
    """
    The text of the demo's `config.yaml`.

    `folder` is where the file will lie (the store and the mailbox come to lie
    below it, as relative paths do), `board_url` the origin at which
    its board is served (`http://127.0.0.1:9201`), `site_url` that of the
    publisher's own pages; both name a loopback address and a port.
    """
    return _CONFIG.format(
        folder=str(folder).replace("\n", " "),
        site_url=_quoted(site_url.rstrip("/")),
        archive_url=_quoted(f"{board_url.rstrip('/')}/bbs/board.php?bo_table={TABLE}"),
        board_host=_quoted(urlsplit(board_url).netloc),
        listen=_quoted(urlsplit(site_url).netloc),
    )


def _quoted(value: str) -> str:
    """A YAML scalar; JSON's strings are a part of YAML."""
    return json.dumps(value, ensure_ascii=False)
