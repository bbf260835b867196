"""What was last read from each polled address."""

from tortoise import migrations
from tortoise.migrations import operations as ops

_FORWARD = """
CREATE TABLE feeding_poll (
    poll text PRIMARY KEY,
    url text NOT NULL,
    etag text NOT NULL,
    last_modified text NOT NULL,
    content_hash bytea NOT NULL,
    read_by text NOT NULL,
    read_at timestamptz NOT NULL,
    run bigint,
    failure_vi text NOT NULL,
    failure_en text NOT NULL);
"""

_BACKWARD = "DROP TABLE feeding_poll;"


class Migration(migrations.Migration):
    """Adds the table of polled addresses."""

    dependencies = []
    operations = [ops.RunSQL(_FORWARD, reverse_sql=_BACKWARD)]
