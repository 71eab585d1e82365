"""The account of each edition, kept by the database itself: no page counts rows, and none can be forgotten."""

# ruff: noqa: S608 - the states are words of our own

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_STATES = ("waiting", "sending", "sent", "failed", "withheld", "uncertain")


def upgrade() -> None:
    counts = [sa.Column(state, sa.Integer(), server_default=sa.text("0"), nullable=False) for state in _STATES]
    op.create_table(
        "accounts",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        *counts,
        sa.PrimaryKeyConstraint("edition_id", name="pk_accounts"),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name="fk_accounts_edition_id_editions"),
    )
    so_far = ", ".join(f"coalesce(sum(deliveries.status = '{state}'), 0)" for state in _STATES)
    op.execute(
        f"INSERT INTO accounts (edition_id, {', '.join(_STATES)}) SELECT editions.id, {so_far} FROM editions "
        "LEFT JOIN deliveries ON edition_id = editions.id AND kind = 'edition' GROUP BY editions.id"
    )
    # It held the state, and was written anew for every change of it: the account was counted from it.
    op.drop_index("ix_deliveries_account", "deliveries")
    op.create_index("ix_deliveries_edition_id", "deliveries", ["edition_id"])
    if op.get_bind().dialect.name == "sqlite":
        for trigger in _SQLITE:
            op.execute(trigger)


def _count(row: str, sign: str) -> str:
    return ", ".join(f"{state} = {state} {sign} ({row}.status = '{state}')" for state in _STATES)


_MOVED = ", ".join(f"{state} = {state} - (OLD.status = '{state}') + (NEW.status = '{state}')" for state in _STATES)

_SQLITE = (
    """
    CREATE TRIGGER accounts_opened AFTER INSERT ON editions BEGIN
      INSERT INTO accounts (edition_id) VALUES (NEW.id);
    END
    """,
    f"""
    CREATE TRIGGER accounts_queued AFTER INSERT ON deliveries WHEN NEW.kind = 'edition' BEGIN
      UPDATE accounts SET {_count("NEW", "+")} WHERE edition_id = NEW.edition_id;
    END
    """,
    f"""
    CREATE TRIGGER accounts_moved AFTER UPDATE OF status ON deliveries
    WHEN NEW.kind = 'edition' AND NEW.status <> OLD.status BEGIN
      UPDATE accounts SET {_MOVED} WHERE edition_id = NEW.edition_id;
    END
    """,
    f"""
    CREATE TRIGGER accounts_dropped AFTER DELETE ON deliveries WHEN OLD.kind = 'edition' BEGIN
      UPDATE accounts SET {_count("OLD", "-")} WHERE edition_id = OLD.edition_id;
    END
    """,
)
