"""Contracts, names, obligations and withheld series."""

from tortoise import migrations
from tortoise.migrations import operations as ops

CREATE = """
CREATE TABLE catalogue_version (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    version bigint NOT NULL
);
INSERT INTO catalogue_version (version) VALUES (0);

CREATE TABLE indicator_contract (
    id text PRIMARY KEY,
    contract_hash bytea NOT NULL,
    document bytea NOT NULL,
    composed_of text[] NOT NULL,
    known_at timestamptz NOT NULL
);
COMMENT ON COLUMN indicator_contract.document IS
    'serialised federation.wire.v1.IndicatorContract';
COMMENT ON COLUMN indicator_contract.composed_of IS 'components of a composite';

CREATE TABLE indicator_contract_past (
    contract_hash bytea PRIMARY KEY,
    document bytea NOT NULL
);
COMMENT ON TABLE indicator_contract_past IS
    'contracts under which values of the past are read: those current once';

CREATE TABLE calendar_contract (
    id text PRIMARY KEY,
    document bytea NOT NULL,
    known_at timestamptz NOT NULL
);
COMMENT ON COLUMN calendar_contract.document IS
    'serialised federation.wire.v1.CalendarContract';

CREATE TABLE agency (id text PRIMARY KEY, name_vi text NOT NULL, name_en text NOT NULL);
CREATE TABLE source (id text PRIMARY KEY, name_vi text NOT NULL, name_en text NOT NULL);
CREATE TABLE subsystem (
    id text PRIMARY KEY,
    name_vi text NOT NULL,
    name_en text NOT NULL,
    owner_agency text NOT NULL
);

CREATE TABLE obligation (
    stream text NOT NULL,
    indicator text NOT NULL,
    locality text NOT NULL,
    agency text NOT NULL,
    from_day integer NOT NULL,
    to_day integer,
    PRIMARY KEY (stream, indicator, locality, agency, from_day)
);
COMMENT ON COLUMN obligation.stream IS 'the stream that announced it; empty: made here';

CREATE TABLE withheld_series (
    stream text NOT NULL,
    indicator text NOT NULL,
    locality text NOT NULL,
    agency text NOT NULL,
    breakdown text NOT NULL,
    basis smallint NOT NULL,
    ground text NOT NULL,
    PRIMARY KEY (stream, indicator, locality, agency, breakdown, basis)
);
"""

DROP = """
DROP TABLE withheld_series;
DROP TABLE obligation;
DROP TABLE subsystem;
DROP TABLE source;
DROP TABLE agency;
DROP TABLE calendar_contract;
DROP TABLE indicator_contract_past;
DROP TABLE indicator_contract;
DROP TABLE catalogue_version;
"""


class Migration(migrations.Migration):
    """Adds the catalogue."""

    dependencies = []
    operations = [ops.RunSQL(CREATE, reverse_sql=DROP)]
