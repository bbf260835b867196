"""From what views return to the shapes of the REST interface."""

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal

from federation.algebra.refusals import check_over_place, check_over_time
from federation.algebra.value import decimal_value
from federation.api.beside_schemas import AbsentOut
from federation.api.moments import known_then
from federation.api.schemas import (
    ComponentOut,
    CoverageOut,
    DimensionCodeOut,
    IndicatorOut,
    LocalityOut,
    OriginOut,
    OverviewOut,
    PlaceRow,
    TextOut,
    TierOut,
    TileOut,
    TrendPoint,
    ValueOut,
)
from federation.api.standing import against_deadline, twin_out
from federation.api.states import number, state_parts
from federation.clock import from_us
from federation.coverage.absence import Reason
from federation.errors import FederationError
from federation.model.indicator import Component, Indicator, Text
from federation.model.locality import Locality
from federation.model.row import Row, SeriesKey
from federation.model.status import Counts, Provenance, Status
from federation.views.knowledge import Knowledge
from federation.views.overview import Overview, PlaceLine
from federation.views.tiles import Tile
from federation.views.values import ValueSeen

Named = dict[str, int]

MISSING_NAMED_MAX = 20
"""So many who are missing are named; ``missing_count`` counts all."""


def text_out(text: Text) -> TextOut:
    """Return a text."""
    return TextOut(vi=text.vi, en=text.en)


def moment(value: datetime) -> str:
    """Return a moment after RFC 3339, with its offset."""
    return value.isoformat()


def locality_out(place: Locality) -> LocalityOut:
    """Return a place."""
    return LocalityOut(
        id=place.id,
        code=place.code,
        name=TextOut(vi=place.name_vi, en=place.name_en),
        level=place.level,
        parent=place.parent or None,
        valid_from=place.valid_from.isoformat() if place.valid_from else None,
        valid_to=place.valid_to.isoformat() if place.valid_to else None,
        decree=place.decree or None,
        members=[member.locality for member in place.members],
        successors=list(place.successors),
    )


def indicator_out(indicator: Indicator, knowledge: Knowledge) -> IndicatorOut:
    """Return an indicator's contract."""

    def scaled(limit: int | None) -> str | None:
        scale = indicator.scale
        return None if limit is None else number(Decimal(limit).scaleb(-scale))

    return IndicatorOut(
        id=indicator.id,
        subsystem=indicator.subsystem,
        name=text_out(indicator.name),
        short_name=text_out(indicator.short_name),
        definition=text_out(indicator.definition),
        unit=indicator.unit,
        unit_text=text_out(indicator.unit_text),
        scale=indicator.scale,
        decimals=indicator.decimals,
        measure=indicator.measure.slug,
        over_time=indicator.over_time.slug,
        over_place=indicator.over_place.slug,
        frequency=indicator.frequency.slug,
        calendar=indicator.calendar,
        level=indicator.level,
        dimensions=list(indicator.dimensions),
        owner_agency=indicator.owner_agency,
        owner_agency_name=text_out(knowledge.agency_name(indicator.owner_agency)),
        deadline_hours=indicator.deadline_hours,
        direction=indicator.direction.slug,
        target=scaled(indicator.target),
        watch_limit=scaled(indicator.watch_limit),
        national_code=indicator.national_code or None,
        definition_version=indicator.definition_version,
        valid_from=indicator.valid_from.isoformat(),
        leading_basis=indicator.leading_basis.slug,
        contract_hash=indicator.contract_hash.hex(),
        dimension_codes=[
            DimensionCodeOut(
                dimension=named.dimension, code=named.code, name=text_out(named.name)
            )
            for named in indicator.dimension_codes
        ],
        weight=indicator.weight or None,
        codes=list(indicator.codes),
        composed_of=[
            _component(part, knowledge.indicators.get(part.indicator))
            for part in indicator.composed_of
        ],
        maximum=scaled(indicator.maximum),
        grace_hours=indicator.grace_hours,
        valid_to=indicator.valid_to.isoformat() if indicator.valid_to else None,
        time_refusal=_refusal(check_over_time, indicator),
        place_refusal=_refusal(check_over_place, indicator),
    )


def _refusal(
    check: Callable[[Indicator], None], indicator: Indicator
) -> TextOut | None:
    try:
        check(indicator)
    except FederationError as error:
        return TextOut(vi=error.text_vi, en=error.text_en)
    return None


def _component(part: Component, contract: Indicator | None) -> ComponentOut:
    def shown(limit: int) -> str | None:
        if contract is None:
            return None
        return number(Decimal(limit).scaleb(-contract.scale))

    return ComponentOut(
        indicator=part.indicator,
        points=part.points,
        zero_at=shown(part.zero_at),
        full_at=shown(part.full_at),
    )


def value_out(
    seen: ValueSeen, knowledge: Knowledge, *, now: datetime | None = None
) -> ValueOut:
    """Return one value; with ``now`` also whether it came in time."""
    row = seen.row
    series = row.series
    indicator = seen.indicator or knowledge.indicator(series.indicator)
    calendar = knowledge.calendar(indicator)
    parts = state_parts(indicator, row.state)
    begins, ends = (
        edge.astimezone(calendar.zone)
        for edge in (row.period.begins_at(calendar), row.period.ends_at(calendar))
    )
    return ValueOut(
        indicator=series.indicator,
        locality=series.locality,
        agency=series.agency or None,
        breakdown=series.breakdown or None,
        basis=series.basis.slug,
        frequency=row.period.frequency.slug,
        calendar=indicator.calendar,
        period=row.period.text,
        period_start=moment(begins),
        period_end=moment(ends),
        value=_value(indicator, row),
        numerator=parts.numerator,
        denominator=parts.denominator,
        quantiles=parts.quantiles,
        distinct=parts.distinct,
        top=parts.top,
        unit=indicator.unit,
        status=row.status.slug,
        provenance=row.provenance.slug,
        simulated=_simulated(row),
        statuses=_by_slug(Status, row.counts.statuses),
        provenances=_by_slug(Provenance, row.counts.provenances),
        coverage=_coverage(seen),
        ground=_ground(row, knowledge),
        source=row.source or None,
        recorded_at=moment(from_us(row.recorded_at_us)),
        known_at=moment(seen.known_at),
        origin=_origin(seen),
        unconfirmed=row.unconfirmed,
        adjusted=row.adjusted,
        carrier=_carrier(seen),
        superseded_at=moment(seen.superseded_at) if seen.superseded_at else None,
        **against_deadline(seen, indicator, calendar, now),
        twin=None if seen.twin is None else twin_out(seen.twin, indicator),
    )


def tile_out(
    tile: Tile, knowledge: Knowledge, *, now: datetime | None = None
) -> TileOut:
    """Return one tile; with ``now`` also whether its value came in time."""
    row = tile.value.row
    series = row.series
    comparison = tile.comparison
    return TileOut(
        indicator=series.indicator,
        series=series_text(series),
        locality=series.locality,
        locality_name=text_out(knowledge.place_name(series.locality)),
        agency=series.agency or None,
        breakdown=series.breakdown or None,
        basis=series.basis.slug,
        simulated=_simulated(row),
        value=value_out(tile.value, knowledge, now=now),
        judgement=tile.judgement.value,
        freshness=tile.freshness.value,
        age_s=tile.age_s,
        previous=number(comparison.previous),
        year_ago=number(comparison.year_ago),
        change=number(comparison.change),
        last_missing=tile.last_missing.text if tile.last_missing else None,
        trend=[
            TrendPoint(
                period=point.period.text,
                value=number(point.value),
                status=point.status.slug,
            )
            for point in tile.trend
        ],
    )


def overview_out(seen: Overview, tier: TierOut, knowledge: Knowledge) -> OverviewOut:
    """Return the first page."""
    shown = {tile.indicator.id for tile in (*seen.tiles, *seen.simulated_tiles)}
    # Whether something came in time is told of the present only.
    now = seen.generated_at if seen.as_of is None else None
    return OverviewOut(
        tier=tier,
        locality=locality_out(seen.own),
        generated_at=moment(seen.generated_at),
        **known_then(seen.as_of),
        tiles=[tile_out(tile, knowledge, now=now) for tile in seen.tiles],
        simulated_tiles=[
            tile_out(tile, knowledge, now=now) for tile in seen.simulated_tiles
        ],
        places=[_place_row(line) for line in seen.places],
        place_columns=list(seen.place_columns),
        place_count=seen.place_count,
        not_connected_count=seen.not_connected_count,
        indicators={
            name: indicator_out(knowledge.indicator(name), knowledge)
            for name in sorted(shown | set(seen.place_columns))
        },
    )


def series_text(series: SeriesKey) -> str:
    """Return one text for a series, unique and stable; not meant to be read apart."""
    parts = (series.indicator, series.locality, series.agency, series.breakdown)
    return "|".join((*parts, series.basis.slug))


def _place_row(line: PlaceLine) -> PlaceRow:
    return PlaceRow(
        locality=line.place.id,
        name=TextOut(vi=line.place.name_vi, en=line.place.name_en),
        level=line.place.level,
        connection="connected" if line.connected else "silent",
        series_count=line.series_count,
        real_count=line.real_count,
        simulated_count=line.simulated_count,
        missing_count=line.missing_count,
        last_period=line.last_period.text if line.last_period else None,
        last_known_at=moment(line.last_known_at) if line.last_known_at else None,
        values={name: number(value) for name, value in line.values.items()},
        statuses={name: status.slug for name, status in line.statuses.items()},
    )


def _value(indicator: Indicator, row: Row) -> str | None:
    if row.state is None:
        return None
    return number(decimal_value(indicator, row.state))


def _simulated(row: Row) -> bool:
    """Return whether any part of a value was generated."""
    parts: Counts = row.counts
    return row.series.simulated or parts.provenances[Provenance.SIMULATED - 1] > 0


def _by_slug(kind: Iterable[Status | Provenance], counts: tuple[int, ...]) -> Named:
    named = zip((member.slug for member in kind), counts, strict=True)
    return {slug: count for slug, count in named if count}


def _ground(row: Row, knowledge: Knowledge) -> str | None:
    """Return on what ground a value is withheld from this tier."""
    if row.status is not Status.WITHHELD:
        return None
    return knowledge.withheld.get(row.series)


def _coverage(seen: ValueSeen) -> CoverageOut:
    row = seen.row
    # Nobody owed: N is unknown. Of what was deleted nothing is expected any more.
    unknown = row.expected == 0 and row.status is not Status.DELETED
    gap = max(0, row.expected - row.reported)
    withheld = row.counts.statuses[Status.WITHHELD - 1]
    kept = {one.locality for one in seen.absent if one.reason is Reason.WITHHELD}
    if not unknown:
        # Who withholds without owing must not hide one who owes and is silent.
        withheld = len(kept) if len(seen.absent) == gap else min(withheld, gap)
    return CoverageOut(
        reported=row.reported,
        expected=None if unknown else row.expected,
        missing_count=gap - withheld if not unknown else 0,
        withheld_count=withheld,
        missing=[one for one in seen.missing if one not in kept][:MISSING_NAMED_MAX],
        absent=[
            AbsentOut(locality=one.locality, reason=one.reason.value)
            for one in seen.absent[:MISSING_NAMED_MAX]
        ],
    )


def _carrier(seen: ValueSeen) -> OriginOut | None:
    carrier = seen.carrier
    if carrier is None:
        return None
    return OriginOut(
        stream=carrier.stream, epoch=carrier.epoch, sequence=carrier.sequence
    )


def _origin(seen: ValueSeen) -> OriginOut | None:
    version = seen.row.origin or seen.carrier
    if version is None:
        return None
    # A path of streams names the first issuer first.
    first = version.stream.split("/", 1)[0]
    return OriginOut(stream=first, epoch=version.epoch, sequence=version.sequence)
