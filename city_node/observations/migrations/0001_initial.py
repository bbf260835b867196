"""Records, their earlier revisions, observations, and the reports of ingest runs."""

from tortoise import migrations
from tortoise.migrations import operations as ops

_FORWARD = """
CREATE TABLE record (
    source text NOT NULL,
    source_key text NOT NULL,
    revision integer NOT NULL,
    subsystem text NOT NULL,
    kind text NOT NULL,
    scope text NOT NULL,
    fields jsonb NOT NULL,
    content_hash bytea NOT NULL,
    provenance smallint NOT NULL,
    published_at timestamptz,
    recorded_at timestamptz NOT NULL,
    deleted boolean NOT NULL DEFAULT false,
    PRIMARY KEY (source, source_key));
CREATE INDEX record_scope ON record (source, scope) WHERE NOT deleted;

CREATE TABLE record_revision (
    source text NOT NULL,
    source_key text NOT NULL,
    revision integer NOT NULL,
    subsystem text NOT NULL,
    kind text NOT NULL,
    scope text NOT NULL,
    fields jsonb NOT NULL,
    content_hash bytea NOT NULL,
    provenance smallint NOT NULL,
    published_at timestamptz,
    recorded_at timestamptz NOT NULL,
    deleted boolean NOT NULL,
    PRIMARY KEY (source, source_key, revision));

CREATE TABLE observation (
    source text NOT NULL,
    source_key text NOT NULL,
    indicator text NOT NULL,
    key text NOT NULL,
    locality text NOT NULL,
    agency text NOT NULL,
    breakdown text NOT NULL,
    frequency smallint NOT NULL,
    period_start bigint NOT NULL,
    state_value bigint,
    state_second bigint,
    state_detail bytea,
    status smallint NOT NULL,
    phenomenon_time timestamptz NOT NULL,
    phenomenon_end timestamptz,
    fact text NOT NULL,
    rank smallint NOT NULL,
    provenance smallint NOT NULL,
    published_at timestamptz,
    recorded_at timestamptz NOT NULL,
    timing smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (source, source_key, indicator, key));
CREATE INDEX observation_series
    ON observation (indicator, locality, agency, breakdown, period_start);
CREATE INDEX observation_due ON observation (phenomenon_time) WHERE timing = 1;
CREATE INDEX observation_interval
    ON observation USING gist (tstzrange(phenomenon_time, phenomenon_end))
    WHERE timing = 2;

CREATE TABLE periods_ended (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    through timestamptz NOT NULL);

CREATE TABLE ingest_run (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subsystem text NOT NULL,
    input text NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    report jsonb);
"""

_BACKWARD = """
DROP TABLE ingest_run;
DROP TABLE periods_ended;
DROP TABLE observation;
DROP TABLE record_revision;
DROP TABLE record;
"""


class Migration(migrations.Migration):
    """Adds the tables of what the sources said."""

    dependencies = []
    operations = [ops.RunSQL(_FORWARD, reverse_sql=_BACKWARD)]
