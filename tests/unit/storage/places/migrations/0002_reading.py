"""The hot table: written by COPY, so it has no model."""

from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    """Adds the readings of each place."""

    dependencies = [("places", "0001_initial")]

    operations = [
        ops.RunSQL(
            """
            CREATE TABLE reading (
                place_id integer NOT NULL REFERENCES place (id),
                at timestamptz NOT NULL,
                value bigint,
                PRIMARY KEY (place_id, at)
            );
            CREATE INDEX reading_at ON reading (at);
            """,
            reverse_sql="DROP TABLE reading",
        ),
    ]
