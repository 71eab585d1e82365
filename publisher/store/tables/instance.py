"""The instance: what only this house has."""

from sqlalchemy import Column, Integer, LargeBinary, Table

from publisher.store.tables.columns import metadata, time_column

keys = Table(
    "keys",
    metadata,
    Column("id", Integer, primary_key=True),  # stands in every token, so an old key stays recognisable
    Column("secret", LargeBinary, nullable=False),
    time_column("created_at", nullable=False),
)
