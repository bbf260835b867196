"""Expected sets: who owed a report for a period, frozen at its end."""

from tortoise import migrations
from tortoise.migrations import operations as ops

CREATE = """
CREATE TABLE expected_members (
    members bytea PRIMARY KEY,
    localities text[] NOT NULL
);
COMMENT ON COLUMN expected_members.members IS 'SHA-256 of the sorted ids';

CREATE TABLE expected_set (
    indicator text NOT NULL,
    frequency smallint NOT NULL,
    period_start bigint NOT NULL,
    revision integer NOT NULL,
    members bytea NOT NULL REFERENCES expected_members,
    frozen_at timestamptz NOT NULL,
    reason text NOT NULL,
    by_whom text NOT NULL,
    PRIMARY KEY (indicator, frequency, period_start, revision)
);
COMMENT ON COLUMN expected_set.by_whom IS 'empty: the tier itself';
CREATE INDEX expected_set_by_hand ON expected_set (frozen_at) WHERE by_whom <> '';
"""

DROP = """
DROP TABLE expected_set;
DROP TABLE expected_members;
"""


class Migration(migrations.Migration):
    """Adds the expected sets."""

    dependencies = []
    operations = [ops.RunSQL(CREATE, reverse_sql=DROP)]
