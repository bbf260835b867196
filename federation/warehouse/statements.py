"""The warehouse's SQL."""

from federation.warehouse.columns import SAID_COLUMNS, VALUE_COLUMNS

_NAMES = ", ".join(VALUE_COLUMNS)
_UNNEST = ", ".join(
    f"${number}::{kind}[]"
    for number, kind in enumerate(("bigint", "bigint", *VALUE_COLUMNS.values()), 1)
)
_KNOWN_AT = f"${len(VALUE_COLUMNS) + 3}"
_SELECTED = ", ".join(
    f"incoming.{name}::integer[]" if name.endswith("_counts") else f"incoming.{name}"
    for name in VALUE_COLUMNS
)
_ASSIGNED = ", ".join(f"{name} = EXCLUDED.{name}" for name in VALUE_COLUMNS)
_HELD = ", ".join(f"held.{name}" for name in SAID_COLUMNS)
_NEW = ", ".join(f"EXCLUDED.{name}" for name in SAID_COLUMNS)
_HISTORY = ", ".join(name for name in VALUE_COLUMNS if name != "period_day")

# Values are inserted, and so locked, by (series, period). A row of the same stream
# wins with an equal or higher version only; between streams there is no order.
APPLY = f"""
WITH incoming AS (
    SELECT * FROM unnest({_UNNEST}) AS given (series_id, period_start, {_NAMES})
), changed AS (
    INSERT INTO value AS held (series_id, period_start, stream, {_NAMES}, known_at)
    SELECT series.id, incoming.period_start,
        CASE WHEN series.withheld_ground IS NULL THEN series.stream END,
        {_SELECTED}, {_KNOWN_AT}::timestamptz
    FROM incoming JOIN series ON series.id = incoming.series_id
    ORDER BY series.id, incoming.period_start
    ON CONFLICT (series_id, period_start) DO UPDATE
    SET {_ASSIGNED}, stream = EXCLUDED.stream, known_at = EXCLUDED.known_at,
        sealed_epoch = NULL, sealed_sequence = NULL
    WHERE ({_HELD}) IS DISTINCT FROM ({_NEW})
        AND (EXCLUDED.carrier_stream = ''
            OR EXCLUDED.carrier_stream <> held.carrier_stream
            OR (EXCLUDED.carrier_epoch, EXCLUDED.carrier_sequence)
                >= (held.carrier_epoch, held.carrier_sequence))
    RETURNING held.*
), kept AS (
    INSERT INTO value_history (series_id, period_start, {_HISTORY}, known_at)
    SELECT series_id, period_start, {_HISTORY}, known_at FROM changed
    ORDER BY series_id, period_start
)
SELECT series.indicator, changed.period_start, changed.stream,
    bool_or(series.basis <> 2 OR changed.carrier_stream <> '') AS marks,
    count(*) AS changed
FROM changed JOIN series ON series.id = changed.series_id
GROUP BY series.indicator, changed.period_start, changed.stream
"""  # noqa: S608 (only names of columns written in this package)

MARK = """
INSERT INTO rollup_mark (indicator, period_start, mark)
SELECT indicator, period_start, nextval('rollup_mark_number')
FROM unnest($1::text[], $2::bigint[]) AS given (indicator, period_start)
ORDER BY indicator COLLATE "C", period_start
ON CONFLICT (indicator, period_start) DO UPDATE SET mark = EXCLUDED.mark
"""

UNMARK_LOCK = """
SELECT 1 FROM rollup_mark JOIN unnest($1::text[], $2::bigint[])
    AS given (indicator, period_start) USING (indicator, period_start)
ORDER BY rollup_mark.indicator COLLATE "C", rollup_mark.period_start
FOR UPDATE OF rollup_mark
"""

UNMARK = """
DELETE FROM rollup_mark USING unnest($1::text[], $2::bigint[], $3::bigint[])
    AS given (indicator, period_start, mark)
WHERE rollup_mark.indicator = given.indicator
    AND rollup_mark.period_start = given.period_start
    AND rollup_mark.mark = given.mark
"""

# Newest periods first: what a leader looks at must not wait behind history.
MARKS = """
SELECT indicator, period_start, mark FROM rollup_mark
ORDER BY period_start DESC, mark LIMIT $1
"""

LOCK_MARKS = """
SELECT indicator, period_start
FROM unnest($1::text[], $2::bigint[]) AS given (indicator, period_start)
WHERE pg_try_advisory_xact_lock(
    hashtextextended(indicator || ' ' || period_start, 4711003))
"""

MARKS_AGAIN = """
SELECT rollup_mark.* FROM rollup_mark JOIN unnest($1::text[], $2::bigint[])
    AS given (indicator, period_start) USING (indicator, period_start)
ORDER BY period_start DESC, mark
"""

_KEYS = """unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::smallint[])
    AS given (indicator, locality, agency, breakdown, basis)"""

FIND_SERIES = f"""
SELECT series.* FROM series JOIN {_KEYS}
    USING (indicator, locality, agency, breakdown, basis)
"""  # noqa: S608

# Series keys are sorted by the caller, so that two processes that make the same
# series wait for each other in one order.
MAKE_SERIES = """
INSERT INTO series (indicator, locality, agency, breakdown, basis,
    contract_hash, frequency, stream, withheld_ground)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::smallint[],
    $6::bytea[], $7::smallint[], $8::text[], $9::text[])
ON CONFLICT (indicator, locality, agency, breakdown, basis) DO NOTHING
"""

CHANGE_CONTRACT = """
UPDATE series SET contract_hash = given.contract_hash, frequency = given.frequency,
    contract_since = COALESCE((SELECT max(revision) FROM value_history
        WHERE value_history.series_id = series.id), 0)
FROM unnest($1::bigint[], $2::bytea[], $3::smallint[])
    AS given (id, contract_hash, frequency)
WHERE series.id = given.id
"""

DROP_VALUES = """
WITH gone AS (
    DELETE FROM value WHERE series_id = ANY($1::bigint[])
    RETURNING series_id, period_start
)
SELECT DISTINCT series.indicator, gone.period_start
FROM gone JOIN series ON series.id = gone.series_id
"""

REROUTE_SERIES = """
UPDATE series SET stream = given.stream, withheld_ground = given.withheld_ground
FROM unnest($1::bigint[], $2::text[], $3::text[])
    AS given (id, stream, withheld_ground)
WHERE series.id = given.id
"""

REROUTE_VALUES = """
UPDATE value
SET stream = CASE WHEN series.withheld_ground IS NULL THEN series.stream END,
    sealed_epoch = NULL, sealed_sequence = NULL
FROM series WHERE series.id = value.series_id AND series.id = ANY($1::bigint[])
"""

_CHOSEN = """
    ($1::text[] IS NULL OR series.indicator = ANY($1))
    AND ($2::text[] IS NULL OR series.locality = ANY($2))
    AND ($3::text[] IS NULL OR series.agency = ANY($3))
    AND ($4::text[] IS NULL OR series.breakdown = ANY($4))
    AND ($5::smallint IS NULL OR series.basis = $5)"""

_KEY_COLUMNS = (
    'indicator COLLATE "C"',
    'locality COLLATE "C"',
    'agency COLLATE "C"',
    'breakdown COLLATE "C"',
    "basis",
)
_KEY = ", ".join(f"series.{name}" for name in _KEY_COLUMNS)

_SERIES_COLUMNS = """series.indicator, series.locality, series.agency,
    series.breakdown, series.basis, series.contract_hash, series.frequency"""

ALL_SERIES = f"SELECT * FROM series WHERE {_CHOSEN} ORDER BY {_KEY}"  # noqa: S608

VALUES = f"""
SELECT {_SERIES_COLUMNS}, 0::bigint AS revision, value.*
FROM series JOIN value ON value.series_id = series.id
WHERE {_CHOSEN}
    AND ($6::integer IS NULL OR value.period_day >= $6)
    AND ($7::integer IS NULL OR value.period_day <= $7)
    AND ($8::text IS NULL OR ({_KEY}, value.period_start)
        > ($8, $9::text, $10::text, $11::text, $12::smallint, $13::bigint))
ORDER BY {_KEY}, value.period_start LIMIT $14
"""  # noqa: S608

LATEST = f"""
SELECT {_SERIES_COLUMNS}, 0::bigint AS revision, newest.*
FROM series CROSS JOIN LATERAL (
    SELECT * FROM value WHERE value.series_id = series.id
        AND ($6::integer IS NULL OR value.period_day >= $6)
        AND ($7::integer IS NULL OR value.period_day <= $7)
    ORDER BY value.period_start DESC LIMIT $8
) AS newest
WHERE {_CHOSEN}
ORDER BY {_KEY}, newest.period_start DESC
"""  # noqa: S608

VERSIONS = f"""
SELECT {_SERIES_COLUMNS}, NULL::bigint AS sealed_epoch,
    NULL::bigint AS sealed_sequence, value_history.*
FROM series JOIN value_history ON value_history.series_id = series.id
WHERE series.indicator = $1 AND series.locality = $2 AND series.agency = $3
    AND series.breakdown = $4 AND series.basis = $5
    AND value_history.period_start = $6
    AND value_history.revision > series.contract_since
ORDER BY value_history.revision DESC
"""  # noqa: S608

AT = f"""
SELECT {_SERIES_COLUMNS}, 0::bigint AS revision, value.*
FROM series JOIN value ON value.series_id = series.id
WHERE series.indicator = $1 AND value.period_start = $2
ORDER BY {_KEY}
"""  # noqa: S608
