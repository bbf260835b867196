"""Series, current values, their history, and marks of what must be rolled up."""

from tortoise import migrations
from tortoise.migrations import operations as ops

CREATE = """
CREATE TABLE series (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    indicator text COLLATE "C" NOT NULL,
    contract_hash bytea NOT NULL,
    frequency smallint NOT NULL,
    locality text COLLATE "C" NOT NULL,
    agency text COLLATE "C" NOT NULL,
    breakdown text COLLATE "C" NOT NULL,
    basis smallint NOT NULL,
    stream text,
    withheld_ground text,
    contract_since bigint NOT NULL DEFAULT 0,
    UNIQUE (indicator, locality, agency, breakdown, basis)
);
COMMENT ON COLUMN series.stream IS
    'outbound stream that carries it to the parent; null: not sent';
COMMENT ON COLUMN series.withheld_ground IS
    'set: announced as withheld; its rows travel without anything they say';
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
    first_known_at timestamptz NOT NULL,
    first_given_at timestamptz,
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
COMMENT ON COLUMN value.known_at IS 'never before that of the version it replaced';
COMMENT ON COLUMN value.first_known_at IS
    'when the first version of this contract came; a value younger than a moment is
    passed over when that moment is asked for';
COMMENT ON COLUMN value.first_given_at IS
    'when the first version came that says more than that the value is missing';
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
    PRIMARY KEY (series_id, period_start, known_at, revision)
);
CREATE INDEX value_history_known_at ON value_history (known_at);

CREATE TABLE series_contract_past (
    series_id bigint NOT NULL,
    revision_last bigint NOT NULL,
    revision_before bigint NOT NULL,
    contract_hash bytea NOT NULL,
    frequency smallint NOT NULL,
    ended_at timestamptz NOT NULL,
    PRIMARY KEY (series_id, revision_last)
);
COMMENT ON TABLE series_contract_past IS
    'contracts a series had: revisions after revision_before up to revision_last';

CREATE TABLE history_thinning (
    resolution text PRIMARY KEY,
    until timestamptz,
    done_until timestamptz
);
COMMENT ON COLUMN history_thinning.until IS
    'moments up to this one are answered at ends of hours or days only';
COMMENT ON COLUMN history_thinning.done_until IS
    'versions known up to here were looked at';
INSERT INTO history_thinning (resolution) VALUES ('hour'), ('day');

CREATE TABLE history_lost (
    lost_from timestamptz NOT NULL,
    lost_until timestamptz NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (lost_from, lost_until)
);
COMMENT ON TABLE history_lost IS
    'times whose versions a restore forgot';

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
DROP TABLE history_lost;
DROP TABLE history_thinning;
DROP TABLE series_contract_past;
DROP TABLE value_history;
DROP TABLE value;
DROP TABLE series;
"""


class Migration(migrations.Migration):
    """Adds the warehouse."""

    dependencies = []
    operations = [ops.RunSQL(CREATE, reverse_sql=DROP)]
