"""Feeds: when each document changed and who was told of it, and how many follow it."""

from sqlalchemy import Column, Date, Integer, String, Table, Text, text

from publisher.store.tables.columns import metadata, time_column

feed_documents = Table(
    "feed_documents",
    metadata,
    Column("name", Text, primary_key=True),  # all-ko.atom, all/3.rss
    Column("etag", String(40), nullable=False),
    time_column("changed_at", nullable=False),  # when it was first seen with this tag: its Last-Modified
    Column("told_etag", String(40)),  # what the WebSub hub was last told of
    Column("tellings", Integer, nullable=False, server_default=text("0")),  # in vain, since then
    time_column("tell_at"),  # not before
)

feed_followers = Table(
    "feed_followers",
    metadata,
    Column("day", Date, primary_key=True),
    Column("slug", Text, primary_key=True),
    Column("family", String(40), primary_key=True),  # who told the number; '' for readers that came themselves
    Column("count", Integer, nullable=False),
)
