"""The tables as they were when migrations began, for an empty database and for one that an earlier program laid."""

from pathlib import Path

from akrim.errors import UserError
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Lay the tables that are missing, and the columns that tables of then lack."""
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Raise UserError: without the baseline there is no warehouse."""
    raise UserError(
        "Nothing comes before the baseline.", "alembic downgrade", "Drop the database to begin anew."
    )
