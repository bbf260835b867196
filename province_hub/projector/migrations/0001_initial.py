"""What streams announced in their epoch, and what they say of themselves."""

from tortoise import migrations
from tortoise.migrations import operations as ops

CREATE = """
CREATE TABLE announced_series (
    stream text NOT NULL,
    epoch bigint NOT NULL,
    number bigint NOT NULL,
    indicator text NOT NULL,
    locality text NOT NULL,
    agency text NOT NULL,
    breakdown text NOT NULL,
    basis smallint NOT NULL,
    contract_hash bytea NOT NULL,
    PRIMARY KEY (stream, epoch, number)
);
CREATE TABLE announced_name (
    stream text NOT NULL,
    epoch bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('source', 'origin')),
    number bigint NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (stream, epoch, kind, number)
);
COMMENT ON COLUMN announced_name.name IS
    'id of the source, or streams of the origin, first issuer first';

CREATE TABLE stream_progress (
    stream text NOT NULL,
    calendar text NOT NULL,
    frequency smallint NOT NULL,
    period_start bigint NOT NULL,
    epoch bigint NOT NULL,
    sequence bigint NOT NULL,
    known_at timestamptz NOT NULL,
    PRIMARY KEY (stream, calendar, frequency)
);
COMMENT ON TABLE stream_progress IS 'complete_through of each stream';

CREATE TABLE stream_loss (
    stream text NOT NULL,
    epoch bigint NOT NULL,
    sequence bigint NOT NULL,
    number integer NOT NULL,
    indicator text NOT NULL,
    reason text NOT NULL,
    record_count numeric NOT NULL,
    first_at_us bigint NOT NULL,
    last_at_us bigint NOT NULL,
    PRIMARY KEY (stream, epoch, sequence, number)
);
COMMENT ON TABLE stream_loss IS 'input a child could not keep, as it said itself';

CREATE TABLE stream_gap (
    stream text NOT NULL,
    epoch bigint NOT NULL,
    sequence bigint NOT NULL,
    number integer NOT NULL,
    gap_epoch numeric NOT NULL,
    first_sequence numeric NOT NULL,
    last_sequence numeric NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (stream, epoch, sequence, number)
);
COMMENT ON TABLE stream_gap IS 'frames of an earlier epoch that no side holds';
"""

DROP = """
DROP TABLE stream_gap;
DROP TABLE stream_loss;
DROP TABLE stream_progress;
DROP TABLE announced_name;
DROP TABLE announced_series;
"""


class Migration(migrations.Migration):
    """Adds the projector's own tables."""

    dependencies = []
    operations = [ops.RunSQL(CREATE, reverse_sql=DROP)]
