"""The warehouse's SQL."""

from federation.model.period import Frequency
from federation.model.status import NOT_GIVEN
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
_NOT_GIVEN = ", ".join(str(int(status)) for status in sorted(NOT_GIVEN))
_HISTORY = ", ".join(name for name in VALUE_COLUMNS if name != "period_day")

# Values are inserted, and so locked, by (series, period). A row of the same stream
# wins with an equal or higher version only; between streams there is no order. A clock
# that went back never makes a version older than the one it replaces: as of a moment
# the last version until then stands.
APPLY = f"""
WITH incoming AS (
    SELECT * FROM unnest({_UNNEST}) AS given (series_id, period_start, {_NAMES})
), changed AS (
    INSERT INTO value AS held (series_id, period_start, stream, {_NAMES}, known_at,
        first_known_at, first_given_at)
    SELECT series.id, incoming.period_start,
        series.stream,
        {_SELECTED}, {_KNOWN_AT}::timestamptz, {_KNOWN_AT}::timestamptz,
        CASE WHEN incoming.status NOT IN ({_NOT_GIVEN})
            THEN {_KNOWN_AT}::timestamptz END
    FROM incoming JOIN series ON series.id = incoming.series_id
    ORDER BY series.id, incoming.period_start
    ON CONFLICT (series_id, period_start) DO UPDATE
    SET {_ASSIGNED}, stream = EXCLUDED.stream,
        known_at = GREATEST(held.known_at, EXCLUDED.known_at),
        first_given_at = COALESCE(held.first_given_at, EXCLUDED.first_given_at),
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

PERIODS_OF = """
SELECT DISTINCT series.indicator, value.period_start
FROM series JOIN value ON value.series_id = series.id
WHERE series.indicator = ANY($1)
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

# Versions of the contract that ends are found again by their revisions.
CHANGE_CONTRACT = """
WITH given AS (
    SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::smallint[])
        AS given (id, contract_hash, frequency)
), ended AS (
    SELECT series.id, series.contract_hash, series.frequency, series.contract_since,
        COALESCE((SELECT max(revision) FROM value_history
            WHERE value_history.series_id = series.id), 0) AS revision_last
    FROM series JOIN given ON given.id = series.id
), kept AS (
    INSERT INTO series_contract_past (series_id, revision_last, revision_before,
        contract_hash, frequency, ended_at)
    SELECT id, revision_last, contract_since, contract_hash, frequency,
        $4::timestamptz
    FROM ended WHERE revision_last > contract_since
)
UPDATE series SET contract_hash = given.contract_hash, frequency = given.frequency,
    contract_since = ended.revision_last
FROM given JOIN ended ON ended.id = given.id
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
SET stream = series.stream, sealed_epoch = NULL, sealed_sequence = NULL
FROM series WHERE series.id = value.series_id AND series.id = ANY($1::bigint[])
"""

_CHOSEN = """
    ($1::text[] IS NULL OR series.indicator = ANY($1))
    AND ($2::text[] IS NULL OR series.locality = ANY($2))
    AND ($3::text[] IS NULL OR series.agency = ANY($3))
    AND ($4::text[] IS NULL OR series.breakdown = ANY($4))
    AND ($5::smallint IS NULL OR series.basis = $5)"""

# These columns are of the collation "C", the order of code points and of Python.
_KEY_COLUMNS = ("indicator", "locality", "agency", "breakdown", "basis")
_KEY = ", ".join(f"series.{name}" for name in _KEY_COLUMNS)

_AFTER_SERIES = "$9::text, $10::text, $11::text, $12::smallint"

_SERIES_COLUMNS = """series.indicator, series.locality, series.agency,
    series.breakdown, series.basis, series.contract_hash, series.frequency"""

ALL_SERIES = f"SELECT * FROM series WHERE {_CHOSEN} ORDER BY {_KEY}"  # noqa: S608

_DAYS_FROM = "period_start >= $6::bigint * series.steps"
_DAYS_TO = "period_start <= $7::bigint * series.steps + series.steps - 1"

# Of each series the part of the page is taken over its key, so that a page costs what
# it holds, however many values there are.
_SERIES = f"""(
    SELECT *, CASE frequency WHEN {int(Frequency.HOUR)} THEN 24 ELSE 1 END AS steps
    FROM series WHERE {_CHOSEN}
) AS series"""  # noqa: S608

_BEFORE_PAGE = f"($8::text IS NULL OR ({_KEY}) >= ($8, {_AFTER_SERIES}))"

_PAGE = f"""
SELECT {{columns}} FROM {_SERIES} CROSS JOIN LATERAL (
    SELECT * FROM value WHERE value.series_id = series.id
        AND ($6::integer IS NULL OR value.{_DAYS_FROM})
        AND ($7::integer IS NULL OR value.{_DAYS_TO})
        AND ($8::text IS NULL OR ({_KEY}, value.period_start)
            > ($8, {_AFTER_SERIES}, $13::bigint))
        {{existed}}
    ORDER BY value.period_start LIMIT $14
) AS value
WHERE {_BEFORE_PAGE}
ORDER BY {_KEY}, value.period_start LIMIT $14
"""  # noqa: S608

VALUES = _PAGE.format(
    columns=f"{_SERIES_COLUMNS}, 0::bigint AS revision, value.*", existed=""
)

_NEWEST = f"""
SELECT {{columns}} FROM {_SERIES} CROSS JOIN LATERAL (
    SELECT * FROM value WHERE value.series_id = series.id
        AND ($6::integer IS NULL OR value.{_DAYS_FROM})
        AND ($7::integer IS NULL OR value.{_DAYS_TO})
        {{existed}}
    ORDER BY value.period_start DESC LIMIT $8
) AS newest
ORDER BY {_KEY}, newest.period_start DESC
"""  # noqa: S608

LATEST = _NEWEST.format(
    columns=f"{_SERIES_COLUMNS}, 0::bigint AS revision, newest.*", existed=""
)

AT = f"""
SELECT {_SERIES_COLUMNS}, 0::bigint AS revision, value.*
FROM series JOIN value ON value.series_id = series.id
WHERE series.indicator = $1 AND value.period_start = $2
ORDER BY {_KEY}
"""  # noqa: S608

# ---- as of a moment: the last version until then, of values that existed

_NOT_SEALED = "NULL::bigint AS sealed_epoch, NULL::bigint AS sealed_sequence"

_THEN = """
CROSS JOIN LATERAL (
    SELECT * FROM value_history AS version
    WHERE version.series_id = {value}.series_id
        AND version.period_start = {value}.period_start
        AND version.known_at <= {moment}
        AND version.revision > {value}.contract_since
    ORDER BY version.known_at DESC, version.revision DESC LIMIT 1
) AS stored
"""

_FOUND_COLUMNS = f"""{_SERIES_COLUMNS}, series.contract_since, value.series_id,
    value.period_start"""
_FOUND_KEY = ", ".join(f"found.{name}" for name in _KEY_COLUMNS)
_FOUND_SERIES = _SERIES_COLUMNS.replace("series.", "found.")


def _as_of(found: str, moment: str, *, direction: str = "") -> str:
    return f"""
WITH found AS MATERIALIZED ({found})
SELECT {_FOUND_SERIES}, {_NOT_SEALED}, stored.*
FROM found {_THEN.format(value="found", moment=moment)}
ORDER BY {_FOUND_KEY}, found.period_start {direction}
"""  # noqa: S608


VALUES_AS_OF = _as_of(
    _PAGE.format(columns=_FOUND_COLUMNS, existed="AND value.first_known_at <= $15"),
    "$15::timestamptz",
)

LATEST_AS_OF = _as_of(
    _NEWEST.format(
        columns=_FOUND_COLUMNS.replace("value.", "newest."),
        existed="AND value.first_known_at <= $9",
    ),
    "$9::timestamptz",
    direction="DESC",
)

AT_AS_OF = _as_of(
    f"""
SELECT {_FOUND_COLUMNS}
FROM series JOIN value ON value.series_id = series.id
WHERE series.indicator = $1 AND value.period_start = $2
    AND value.first_known_at <= $3
""",  # noqa: S608
    "$3::timestamptz",
)

# ---- as of a moment, of series that had another contract then


def _past_series(condition: str, moment: str) -> str:
    return f"""(
    SELECT series.*, past.contract_hash AS past_contract_hash,
        past.frequency AS past_frequency, past.revision_before, past.revision_last,
        CASE past.frequency WHEN {int(Frequency.HOUR)} THEN 24 ELSE 1 END AS steps
    FROM series JOIN LATERAL (
        SELECT * FROM series_contract_past AS each
        WHERE each.series_id = series.id AND each.ended_at > {moment}
        ORDER BY each.revision_last LIMIT 1
    ) AS past ON true
    WHERE {condition}
) AS series"""  # noqa: S608


_PAST_COLUMNS = f"""series.indicator, series.locality, series.agency,
    series.breakdown, series.basis, series.past_contract_hash AS contract_hash,
    series.past_frequency AS frequency, {_NOT_SEALED}, stored.*"""


def _past(condition: str, moment: str, which: str, order: str, limit: str) -> str:
    return f"""
SELECT {_PAST_COLUMNS}
FROM {_past_series(condition, moment)} CROSS JOIN LATERAL (
    SELECT DISTINCT ON (version.period_start) * FROM value_history AS version
    WHERE version.series_id = series.id
        AND version.revision > series.revision_before
        AND version.revision <= series.revision_last
        AND version.known_at <= {moment}
        {which}
    ORDER BY version.period_start {order}, version.known_at DESC,
        version.revision DESC
    {limit}
) AS stored
ORDER BY {_KEY}, stored.period_start {order}
"""  # noqa: S608


_PAST_DAYS = f"""AND ($6::integer IS NULL OR version.{_DAYS_FROM})
        AND ($7::integer IS NULL OR version.{_DAYS_TO})"""

PAST_VALUES = _past(
    _CHOSEN,
    "$15::timestamptz",
    f"""{_PAST_DAYS}
        AND ($8::text IS NULL OR ({_KEY}, version.period_start)
            > ($8, {_AFTER_SERIES}, $13::bigint))""",
    "",
    "LIMIT $14",
)
PAST_LATEST = _past(_CHOSEN, "$9::timestamptz", _PAST_DAYS, "DESC", "LIMIT $8")
PAST_AT = _past(
    "series.indicator = $1",
    "$3::timestamptz",
    "AND version.period_start = $2",
    "",
    "",
)

_ONE_SERIES = """series.indicator = $1 AND series.locality = $2 AND series.agency = $3
    AND series.breakdown = $4 AND series.basis = $5"""

VERSIONS = f"""
SELECT {_SERIES_COLUMNS}, {_NOT_SEALED}, version.*
FROM series JOIN value_history AS version ON version.series_id = series.id
WHERE {_ONE_SERIES} AND version.period_start = $6
    AND version.revision > series.contract_since
    AND ($7::timestamptz IS NULL OR version.known_at <= $7)
ORDER BY version.known_at DESC, version.revision DESC
"""  # noqa: S608

PAST_VERSIONS = f"""
SELECT {_PAST_COLUMNS}
FROM {_past_series(_ONE_SERIES, "$7::timestamptz")}
JOIN value_history AS stored ON stored.series_id = series.id
WHERE stored.period_start = $6 AND stored.known_at <= $7
    AND stored.revision > series.revision_before
    AND stored.revision <= series.revision_last
ORDER BY stored.known_at DESC, stored.revision DESC
"""  # noqa: S608

# ---- thinning

HISTORY = """
SELECT (SELECT min(known_at) FROM value_history) AS begins_at,
    (SELECT until FROM history_thinning WHERE resolution = 'hour') AS hourly_until,
    (SELECT until FROM history_thinning WHERE resolution = 'day') AS daily_until
"""

LOST = "SELECT * FROM history_lost ORDER BY lost_from, lost_until"

LOSE = """
INSERT INTO history_lost (lost_from, lost_until, reason) VALUES ($1, $2, $3)
ON CONFLICT DO NOTHING
"""

# GREATEST passes over nulls: an end never goes back.
THIN_UNTIL = """
UPDATE history_thinning SET until = GREATEST(until, $2::timestamptz)
WHERE resolution = $1
"""

THIN_LEFT = """
SELECT * FROM history_thinning
WHERE until IS NOT NULL AND (done_until IS NULL OR done_until < until)
ORDER BY resolution = 'day' FOR UPDATE
"""

# A version goes where a later one of the same hour or day stays. Versions of one
# moment are looked at together, so that the moment is a place to go on from.
THIN = """
WITH looked AS (
    SELECT series_id, period_start, known_at, revision,
        date_trunc($4::text, known_at - interval '1 microsecond', $5::text)
            + ('1 ' || $4::text)::interval AS ends_at
    FROM value_history
    WHERE known_at > $1::timestamptz AND known_at <= $2::timestamptz
    ORDER BY known_at FETCH FIRST ($3::bigint) ROWS WITH TIES
), removed AS (
    DELETE FROM value_history AS old USING looked
    WHERE old.series_id = looked.series_id
        AND old.period_start = looked.period_start
        AND old.known_at = looked.known_at AND old.revision = looked.revision
        AND EXISTS (
            SELECT FROM value_history AS later
            WHERE later.series_id = looked.series_id
                AND later.period_start = looked.period_start
                AND (later.known_at, later.revision)
                    > (looked.known_at, looked.revision)
                AND later.known_at <= looked.ends_at)
    RETURNING old.revision
), moved AS (
    UPDATE history_thinning SET done_until =
        CASE WHEN (SELECT count(*) FROM looked) < $3 THEN $2::timestamptz
            ELSE (SELECT max(known_at) FROM looked) END
    WHERE resolution = $4::text
)
SELECT (SELECT count(*) FROM looked) AS looked,
    (SELECT count(*) FROM removed) AS removed
"""
