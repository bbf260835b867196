"""REST shapes of the reads that every tier answers.

Numbers are strings in decimal notation, so that no reader loses a digit; absent
values are null with a status that says why. Times are RFC 3339 with offset.
"""

from typing import Literal

import msgspec

from federation.api.beside_schemas import AbsentOut, TwinOut


class TextOut(msgspec.Struct, kw_only=True):
    """A text in both languages."""

    vi: str
    en: str


TierLevel = Literal["nation", "province", "city"]


class TierOut(msgspec.Struct, kw_only=True):
    """The tier that answers; ``parent`` is where it reaches its own, if it has one."""

    id: str
    level: TierLevel
    name: TextOut
    locality: str
    workspace: str
    version: str
    parent: str | None


class LocalityOut(msgspec.Struct, kw_only=True):
    """A dated place."""

    id: str
    code: str
    name: TextOut
    level: str
    parent: str | None
    valid_from: str | None
    valid_to: str | None
    decree: str | None
    members: list[str]
    successors: list[str]


class LocalitiesOut(msgspec.Struct, kw_only=True):
    """A page of places in id order; ``next`` is an opaque cursor."""

    items: list[LocalityOut]
    next: str | None


class DimensionCodeOut(msgspec.Struct, kw_only=True):
    """What a code of a breakdown's dimension is called."""

    dimension: str
    code: str
    name: TextOut


class ComponentOut(msgspec.Struct, kw_only=True):
    """A part of a composite: no points at ``zero_at``, all from ``full_at`` on.

    Both are null where the component's own contract is not known here.
    """

    indicator: str
    points: int
    zero_at: str | None
    full_at: str | None


class IndicatorOut(msgspec.Struct, kw_only=True):
    """An indicator's contract, as announced.

    ``weight`` says what a weighted mean is weighted by. ``codes`` are those that
    ``top`` counts. ``maximum`` is the greatest value that can be. ``grace_hours`` count
    from the deadline. ``valid_to`` is set once the indicator is retired.

    ``time_refusal`` and ``place_refusal`` say why there is no value of longer periods,
    or no total of several places, and what there is instead; null where it merges.
    """

    id: str
    subsystem: str
    name: TextOut
    short_name: TextOut
    definition: TextOut
    unit: str
    unit_text: TextOut
    scale: int
    decimals: int
    measure: str
    over_time: str
    over_place: str
    frequency: str
    calendar: str
    level: str
    dimensions: list[str]
    owner_agency: str
    owner_agency_name: TextOut
    deadline_hours: int
    direction: str
    target: str | None
    watch_limit: str | None
    national_code: str | None
    definition_version: int
    valid_from: str
    leading_basis: str
    contract_hash: str
    dimension_codes: list[DimensionCodeOut] = []
    weight: str | None = None
    codes: list[str] = []
    composed_of: list[ComponentOut] = []
    maximum: str | None = None
    grace_hours: int = 0
    valid_to: str | None = None
    time_refusal: TextOut | None = None
    place_refusal: TextOut | None = None


class IndicatorsOut(msgspec.Struct, kw_only=True):
    """All indicators this tier knows, in id order."""

    items: list[IndicatorOut]


class CoverageOut(msgspec.Struct, kw_only=True):
    """n of N, and who is missing (the first twenty by id; ``missing_count`` all).

    What is withheld is counted by itself, and is never missing.

    ``expected`` is null where nobody owed a report: N is not known, and n (0) says
    nothing. ``absent`` says of the named why each is missing.
    """

    reported: int
    expected: int | None
    missing_count: int
    missing: list[str]
    withheld_count: int = 0
    absent: list[AbsentOut] = []


class QuantilesOut(msgspec.Struct, kw_only=True):
    """Of ``count`` values the half (p50) and nine tenths (p90) lie at or below.

    Each is within 1/256 of the value it stands for; null where there is none.
    """

    p50: str | None
    p90: str | None
    count: int


class DistinctOut(msgspec.Struct, kw_only=True):
    """How many different things; the true number is in the bounds 19 times of 20.

    Up to 2,048 things all three are the exact number.
    """

    estimate: int
    lower: int
    upper: int


class TopEntryOut(msgspec.Struct, kw_only=True):
    """How often a code came; ``other`` is all codes that are not declared."""

    code: str
    name: TextOut
    count: int


class OriginOut(msgspec.Struct, kw_only=True):
    """The stream that first issued a value, and where in it."""

    stream: str
    epoch: int
    sequence: int


class ValueOut(msgspec.Struct, kw_only=True):
    """One value of one series in one period.

    ``value`` is null when no contributor has a state; of quantiles it is the median,
    of a distinct count the estimate, of counters the total. ``numerator`` and
    ``denominator`` are given for ratios and weighted means, ``quantiles``,
    ``distinct`` and ``top`` (greatest first) for those measures. ``statuses`` and
    ``provenances`` count contributors. ``known_at`` is when this tier committed the
    version; ``recorded_at`` when the newest contributing fact was first learned.
    ``origin`` is the stream that first issued it, ``carrier`` the one that brought it
    here, null for what was made here.
    ``superseded_at`` is set for earlier versions only. ``due_at`` is the deadline of a
    reported value and ``timeliness`` where it stands against it, grace included; both
    are null of totals, and of the past. ``twin`` is the other statement: what was
    reported for a place that is rolled up too, or the total beside a report.
    ``ground`` is the legal ground of a value whose owner does not share it with us.
    """

    indicator: str
    locality: str
    agency: str | None
    breakdown: str | None
    basis: str
    frequency: str
    calendar: str
    period: str
    period_start: str
    period_end: str
    value: str | None
    numerator: str | None
    denominator: str | None
    unit: str
    status: str
    provenance: str
    simulated: bool
    statuses: dict[str, int]
    provenances: dict[str, int]
    coverage: CoverageOut
    source: str | None
    recorded_at: str
    known_at: str
    origin: OriginOut | None
    unconfirmed: bool = False
    adjusted: bool = False
    ground: str | None = None
    carrier: OriginOut | None = None
    superseded_at: str | None = None
    due_at: str | None = None
    timeliness: (
        Literal["on_time", "late", "not_yet_due", "within_grace", "overdue"] | None
    ) = None
    twin: TwinOut | None = None
    quantiles: QuantilesOut | None = None
    distinct: DistinctOut | None = None
    top: list[TopEntryOut] | None = None


class KnownThen(msgspec.Struct, kw_only=True):
    """Of which moment an answer is; all null: of the present.

    ``resolution`` says how finely the past is still known there: ``exact``, or at ends
    of hours or days only. ``as_of`` is the moment asked for, or the end of an hour or
    day before it. ``known_since`` is set where nothing, or not everything, is known of
    the moment: before this tier began, or in a time that a restore forgot.
    """

    as_of: str | None = None
    resolution: Literal["exact", "hour", "day"] | None = None
    known_since: str | None = None


class UnapportionedOut(msgspec.Struct, kw_only=True):
    """A former place whose figures can't be given to the place of today asked for.

    ``reason``: ``divided`` (it went into several places, and how its figures divide is
    not known), ``unknown`` (what became of a part of it is not known) or ``rule`` (the
    indicator does not merge over place). ``into`` are the places that took it over,
    ``periods`` those it has figures of.
    """

    locality: str
    name: TextOut
    reason: Literal["divided", "unknown", "rule"]
    into: list[str]
    periods: list[str]


class InBoundaries(KnownThen, kw_only=True):
    """Whose boundaries an answer is in.

    ``then``: of each period. ``today``: with the past of former places, and those
    named in ``unapportioned`` that it lacks.
    """

    boundaries: Literal["then", "today"] = "then"
    unapportioned: list[UnapportionedOut] = msgspec.field(default_factory=list)


class ValuesOut(InBoundaries, kw_only=True):
    """A page of values; ``next`` is an opaque cursor, null on the last page."""

    items: list[ValueOut]
    next: str | None


class VersionsOut(KnownThen, kw_only=True):
    """All versions of one value, the current one first.

    As of a moment: those until then. Of hours and days long past the last one is kept.
    """

    items: list[ValueOut]


class WindowOut(InBoundaries, kw_only=True):
    """What a run of days says, one value for each series.

    Each is merged exactly from ``base_periods`` periods of ``base_frequency``; its
    ``period`` is ``first_day/last_day``, its coverage is over all of them.
    """

    first_day: str
    last_day: str
    base_frequency: str
    base_periods: int
    items: list[ValueOut]


class TrendPoint(msgspec.Struct, kw_only=True):
    """One period of a tile's trend; a missing one has a null value."""

    period: str
    value: str | None
    status: str


class TileOut(msgspec.Struct, kw_only=True):
    """What a leader sees of one series: value, judgement, age, coverage, origin.

    ``judgement``: ``ok`` | ``watch`` | ``bad`` | ``unjudged`` (no target) |
    ``none`` (no value). ``freshness``: ``fresh`` | ``stale`` (the next period's
    deadline has passed without a report) | ``silent`` (nothing was ever reported).
    ``age_s`` counts from the period's end. ``previous`` and ``year_ago`` are the
    values of the period before and of the same period a year before. ``missing`` in
    ``last_missing`` names a later period that was owed and is absent.
    """

    indicator: str
    series: str
    locality: str
    locality_name: TextOut
    agency: str | None
    breakdown: str | None
    basis: str
    simulated: bool
    value: ValueOut
    judgement: Literal["ok", "watch", "bad", "unjudged", "none"]
    freshness: Literal["fresh", "stale", "silent"]
    age_s: int
    previous: str | None
    year_ago: str | None
    change: str | None
    last_missing: str | None
    trend: list[TrendPoint]


class PlaceRow(msgspec.Struct, kw_only=True):
    """One locality in the table of an overview.

    ``connection``: ``connected`` (reported in time), ``silent`` (owes and is late),
    ``not_connected`` (nothing is known of it). ``statuses`` are those of ``values``,
    so that zero, no activity and every kind of absence are told apart; an indicator
    that was never reported has none.
    """

    locality: str
    name: TextOut
    level: str
    connection: Literal["connected", "silent", "not_connected"]
    series_count: int
    real_count: int
    simulated_count: int
    missing_count: int
    last_period: str | None
    last_known_at: str | None
    values: dict[str, str | None]
    statuses: dict[str, str] = {}


class OverviewOut(KnownThen, kw_only=True):
    """Everything the first page of a tier shows.

    ``tiles`` are the real series, exceptions first; ``simulated_tiles`` the generated
    ones, never mixed in. ``places`` are the parts of ``locality`` (its communes,
    wards or provinces) that are connected or silent; ``not_connected_count`` counts
    the rest. ``place_columns`` are the indicator ids of ``PlaceRow.values``.
    """

    tier: TierOut
    locality: LocalityOut
    generated_at: str
    tiles: list[TileOut]
    simulated_tiles: list[TileOut]
    places: list[PlaceRow]
    place_columns: list[str]
    place_count: int
    not_connected_count: int
    indicators: dict[str, IndicatorOut]


class ChildOut(msgspec.Struct, kw_only=True):
    """One stream of a child, as the parent sees it. Lives when it advances."""

    stream: str
    node: str
    area_name: TextOut
    connected: bool
    epoch: int
    high_watermark: int
    projected: int
    last_committed_at: str | None
    last_heartbeat_at: str | None
    clock_offset_ms: int | None
    complete_through: dict[str, str]
    dead_letters: int
    fence: int
    software_version: str | None


class ChildrenOut(msgspec.Struct, kw_only=True):
    """All streams this tier takes in."""

    items: list[ChildOut]


class LinkOut(msgspec.Struct, kw_only=True):
    """One stream this tier sends to its parent; ``stream`` is empty while it joins."""

    stream: str
    parent: str
    state: Literal["connected", "connecting", "refused", "stopped"]
    epoch: int
    sealed: int
    acknowledged: int
    pending_rows: int
    last_acknowledged_at: str | None
    last_error: TextOut | None


class LinksOut(msgspec.Struct, kw_only=True):
    """All streams this tier sends."""

    items: list[LinkOut]


class ProblemField(msgspec.Struct, kw_only=True):
    """One wrong field of a request."""

    pointer: str
    detail: str


class ProblemOut(msgspec.Struct, kw_only=True):
    """RFC 9457 problem details, with the text in both languages."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    detail_vi: str
    detail_en: str
    instance: str | None = None
    retry_after_s: float | None = None
    errors: list[ProblemField] = []


class SessionIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A log-in."""

    username: str
    password: str


class SessionOut(msgspec.Struct, kw_only=True):
    """A session: the token is a secret, shown once. ``scope`` keys caches."""

    token: str
    expires_at: str
    username: str
    role: str
    scope: str
    tier: TierOut


class CheckOut(msgspec.Struct, kw_only=True):
    """One readiness check; ``why`` says what is wrong."""

    name: str
    ok: bool
    why: str | None


class ReadinessOut(msgspec.Struct, kw_only=True):
    """Whether the service can take work, and what it stands on."""

    ready: bool
    checks: list[CheckOut]
