"""Pictures as letters carry them: the copies that are kept, and what became of each image of an archive."""

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, String, Table, Text, text

from publisher.store.tables.columns import metadata, time_column

# Images of entries, and logos, as our own copies at mail width.
media = Table(
    "media",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("type", String(32), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    time_column("kept_at", nullable=False),
)

# Which copy an image of an archive became, or why it has none.
images = Table(
    "images",
    metadata,
    Column("url", Text, primary_key=True),
    Column("hash", String(64), ForeignKey("media.hash")),
    Column("trouble", Text),
    Column("tries", Integer, nullable=False, server_default=text("0")),
    time_column("tried_at", nullable=False),
)
