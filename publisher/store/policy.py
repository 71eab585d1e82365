"""`store` of the configuration: where the database is."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class StorePolicy:
    """`url` is `sqlite:///` with an absolute path, or a PostgreSQL URL; it may hold a password, so no repr."""

    url: str = field(repr=False)
