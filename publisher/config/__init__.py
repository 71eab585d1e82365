"""
The configuration: `config.yaml` and the environment → one checked `Config`.

    find ─▶ tree.parse ─▶ environment.overlaid ─▶ site, archives, lists, delivery, web, translate ─▶ Config
                              (reading collects the problems; values reads single texts)

Everything wrong is told at once, each on one line with its place. A room's keys
are the fields of the policy in that room; to add one: the field with its
default there, one line that takes it here, one line in `config.yaml` and in
both `docs/configuration` pages (the tests compare the four).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from publisher.archive.source import ArchivePolicy
from publisher.config.archives import read_archives, read_feeds
from publisher.config.bounces import read_bounces
from publisher.config.consent import read_subscribers
from publisher.config.delivery import read_delivery, read_store
from publisher.config.environment import overlaid
from publisher.config.lists import read_lists
from publisher.config.reading import Reading
from publisher.config.sample import write_sample
from publisher.config.site import read_site
from publisher.config.translate import read_translate
from publisher.config.tree import parse
from publisher.config.web import WebPolicy, read_web
from publisher.delivery.policy import DEFAULT_ROAD, DeliveryPolicy
from publisher.errors import ConfigError, Problem
from publisher.feeds.policy import FeedPolicy
from publisher.model import MailingList, Site
from publisher.pictures import Copy
from publisher.store.policy import StorePolicy
from publisher.translate.policy import TranslatePolicy
from subscribers.bounces import BouncePolicy
from subscribers.consent import ConsentPolicy
from subscribers.notices import NoticePolicy

__all__ = ["Config", "WebPolicy", "find", "load", "write_sample"]


@dataclass(frozen=True, kw_only=True)
class Config:
    """
    All that is configured, checked. Only `app` and `cli` see it whole.

    `remarks` are what `check` tells though nothing is wrong: keys that have no
    effect yet, variables that look like keys and are none.
    """

    path: Path
    site: Site
    logo: Copy | None
    store: StorePolicy
    archives: Mapping[str, ArchivePolicy]
    feeds: Mapping[str, FeedPolicy]
    lists: Mapping[str, MailingList]
    delivery: DeliveryPolicy
    web: WebPolicy
    consent: ConsentPolicy
    notices: NoticePolicy
    bounces: BouncePolicy
    translate: TranslatePolicy
    remarks: tuple[Problem, ...] = ()

    @property
    def folder(self) -> Path:
        """Where `config.yaml` is, absolute."""
        return self.path.absolute().parent

    @property
    def var(self) -> Path:
        """Everything the program writes is under this folder."""
        return self.folder / "var"

    @property
    def templates(self) -> Path:
        """Where the operator's own templates lie, if there are any."""
        return self.folder / "templates"


def find(option: str | None, environ: Mapping[str, str]) -> Path:
    """`--config`, else PUBLISHER_CONFIG, else `./config.yaml`. Raises ConfigError where no file is."""
    path = Path(option or environ.get("PUBLISHER_CONFIG") or "config.yaml")
    if not path.exists():
        raise _unusable(path, "no such file; `publisher init DIR` writes one, `--config FILE` names one elsewhere")
    return path


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """The configuration in this file, with the environment's values over it. Raises ConfigError with all problems."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unusable(path, f"cannot be read: {(error.strerror or 'failed').lower()}") from error
    document = parse(content, str(path))
    reading = Reading(document.problems)
    root = reading.root(overlaid(document.root, environ, reading))
    folder = path.absolute().parent
    archives, lists = root.section("archives"), root.section("lists")
    site, logo = read_site(root.section("site"), folder, has_lists=bool(lists.names))
    delivery = read_delivery(root.section("delivery"), folder)
    readers = root.section("subscribers")
    consent, notices = read_subscribers(readers, site.languages)
    config = Config(
        path=path,
        site=site,
        logo=logo,
        store=read_store(root.section("store"), folder),
        archives=read_archives(archives, site, folder),
        feeds=read_feeds(root.section("feeds"), archives.names, site.languages),
        lists=read_lists(lists, site, archives.names, (DEFAULT_ROAD, *delivery.profiles)),
        delivery=delivery,
        web=read_web(root.section("web")),
        consent=consent,
        notices=notices,
        bounces=read_bounces(readers.section("bounces")),
        translate=read_translate(root.section("translate"), site, archives.names, folder),
    )
    return replace(config, remarks=reading.finish())


def _unusable(path: Path, message: str) -> ConfigError:
    return ConfigError([Problem(file=str(path), line=None, column=None, key="", message=message)])
