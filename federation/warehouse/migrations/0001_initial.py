"""Series, current values, their history, and marks of what must be rolled up."""

from tortoise import migrations
from tortoise.migrations import operations as ops

CREATE = """
CREATE TABLE series (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    indicator text NOT NULL,
    contract_hash bytea NOT NULL,
    frequency smallint NOT NULL,
    locality text NOT NULL,
    agency text NOT NULL,
    breakdown text NOT NULL,
    basis smallint NOT NULL,
    stream text,
    withheld_ground text,
    contract_since bigint NOT NULL DEFAULT 0,
    UNIQUE (indicator, locality, agency, breakdown, basis)
);
COMMENT ON COLUMN series.stream IS
    'outbound stream that carries it to the parent; null: not sent';
COMMENT ON COLUMN series.withheld_ground IS
    'set: announced as withheld, its rows do not travel';
COMMENT ON COLUMN series.contract_since IS
    'revisions up to this one were made under another contract';
CREATE INDEX series_locality ON series (locality);

CREATE TABLE value (
    series_id bigint NOT NULL,
    period_start bigint NOT NULL,
    stream text,
    period_day integer NOT NULL,
    state_value bigint,
    state_second bigint,
    state_detail bytea,
    status smallint NOT NULL,
    provenance smallint NOT NULL,
    status_counts integer[],
    provenance_counts integer[],
    expected integer NOT NULL,
    reported integer NOT NULL,
    recorded_at_us bigint NOT NULL,
    source text NOT NULL DEFAULT '',
    carrier_stream text NOT NULL DEFAULT '',
    carrier_epoch bigint NOT NULL DEFAULT 0,
    carrier_sequence bigint NOT NULL DEFAULT 0,
    origin_streams text NOT NULL DEFAULT '',
    origin_epoch bigint NOT NULL DEFAULT 0,
    origin_sequence bigint NOT NULL DEFAULT 0,
    flags smallint NOT NULL DEFAULT 0,
    known_at timestamptz NOT NULL,
    sealed_epoch bigint,
    sealed_sequence bigint,
    PRIMARY KEY (series_id, period_start)
) WITH (fillfactor = 85);
COMMENT ON COLUMN value.stream IS 'copy of series.stream';
COMMENT ON COLUMN value.period_day IS
    'day the period begins, to order over frequencies';
COMMENT ON COLUMN value.status_counts IS
    'contributors by status; null: exactly one, of the leading status';
COMMENT ON COLUMN value.flags IS '1 unconfirmed, 2 adjusted';
CREATE INDEX value_pending ON value (stream, period_day DESC)
    WHERE sealed_sequence IS NULL AND stream IS NOT NULL;

CREATE TABLE value_history (
    series_id bigint NOT NULL,
    period_start bigint NOT NULL,
    revision bigint GENERATED ALWAYS AS IDENTITY,
    state_value bigint,
    state_second bigint,
    state_detail bytea,
    status smallint NOT NULL,
    provenance smallint NOT NULL,
    status_counts integer[],
    provenance_counts integer[],
    expected integer NOT NULL,
    reported integer NOT NULL,
    recorded_at_us bigint NOT NULL,
    source text NOT NULL,
    carrier_stream text NOT NULL,
    carrier_epoch bigint NOT NULL,
    carrier_sequence bigint NOT NULL,
    origin_streams text NOT NULL,
    origin_epoch bigint NOT NULL,
    origin_sequence bigint NOT NULL,
    flags smallint NOT NULL,
    known_at timestamptz NOT NULL,
    PRIMARY KEY (series_id, period_start, revision)
);

CREATE SEQUENCE rollup_mark_number;
CREATE TABLE rollup_mark (
    indicator text NOT NULL,
    period_start bigint NOT NULL,
    mark bigint NOT NULL,
    PRIMARY KEY (indicator, period_start)
);
"""

DROP = """
DROP TABLE rollup_mark;
DROP SEQUENCE rollup_mark_number;
DROP TABLE value_history;
DROP TABLE value;
DROP TABLE series;
"""


class Migration(migrations.Migration):
    """Adds the warehouse."""

    dependencies = []
    operations = [ops.RunSQL(CREATE, reverse_sql=DROP)]
