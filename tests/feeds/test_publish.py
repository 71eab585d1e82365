"""The same bytes while nothing changed, whoever renders them, where and when."""

import gzip
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
import time_machine
from lxml import etree

from publisher.feeds.publish import render, render_catalogue
from tests.feeds.example import FEEDS, SITE, documents, entry, feed, house

ROOT = Path(__file__).parents[2]
TELL_TAGS = (
    "from tests.feeds.example import documents; print(*(each.name + each.etag for each in documents()), sep='\\n')"
)


def tags(**environment: str) -> list[str]:
    """The entity tags of all documents as a new process finds them, far from here."""
    told = subprocess.run(
        [sys.executable, "-c", TELL_TAGS],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        check=True,
        timeout=60,
    )
    return told.stdout.decode().splitlines()


def test_two_processes_in_different_places_render_the_same_bytes() -> None:
    here = [each.name + each.etag for each in documents()]
    assert tags(TZ="Asia/Seoul", LC_ALL="C.UTF-8", PYTHONHASHSEED="1") == here
    assert tags(TZ="America/St_Johns", LC_ALL="C", PYTHONHASHSEED="2") == here


def test_the_machines_clock_does_not_matter() -> None:
    with time_machine.travel("2040-06-01T03:04:05Z"):
        later = documents()
    assert [each.content for each in later] == [each.content for each in documents()]
    assert [each.last_modified for each in later] == [each.last_modified for each in documents()]


def test_every_document_has_its_own_strong_tag() -> None:
    found = [each.etag for each in documents()]
    assert len(set(found)) == len(found)
    assert all(tag.startswith('"') and tag.endswith('"') and len(tag) == 34 for tag in found)


def test_a_feed_holds_only_what_belongs_in_it() -> None:
    english = render(feed("all-en"), "json", house(), SITE, {}).content
    assert b"entry0000001" in english
    assert b"entry0000004" not in english


@pytest.mark.parametrize(("encoding", "unpack"), [("gzip", gzip.decompress), ("br", brotli.decompress)])
def test_the_compressed_forms_are_the_same_text_and_the_same_bytes(
    encoding: str, unpack: Callable[[bytes], bytes]
) -> None:
    document = render(feed("all"), "rss", [entry(1)], SITE, {})
    assert not document.is_packed(encoding)
    assert unpack(document.packed(encoding)) == document.content
    assert document.is_packed(encoding)
    with time_machine.travel("2040-06-01"):
        assert render(feed("all"), "rss", [entry(1)], SITE, {}).packed(encoding) == document.packed(encoding)


def test_the_catalogue_lists_every_feed_once() -> None:
    catalogue = render_catalogue(FEEDS, SITE)
    outlines = etree.fromstring(catalogue.content).findall("body/outline")
    assert catalogue.name == "feeds.opml"
    assert [outline.get("xmlUrl") for outline in outlines] == [SITE.feed_url(each.slug, "rss") for each in FEEDS]
    assert [outline.get("text") for outline in outlines] == [each.title for each in FEEDS]
    assert {outline.get("type") for outline in outlines} == {"rss"}


@pytest.mark.parametrize(
    ("extension", "media_type"),
    [
        ("rss", "application/rss+xml; charset=utf-8"),
        ("atom", "application/atom+xml; charset=utf-8"),
        ("json", "application/feed+json; charset=utf-8"),
    ],
)
def test_each_format_says_what_it_is(extension: str, media_type: str) -> None:
    assert render(feed("all"), extension, [], SITE, {}).media_type == media_type
