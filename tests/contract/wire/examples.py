"""A payload that says one of everything the wire contract knows."""

from datetime import date

from federation.algebra import distinct, histogram, top
from federation.model.indicator import (
    Basis,
    Component,
    DimensionCode,
    Direction,
    Indicator,
    Measure,
    MergeRule,
    SharingPolicy,
    Text,
)
from federation.model.locality import Locality, Member
from federation.model.period import Calendar, Frequency, Period, Window, period_of_day
from federation.model.row import SeriesKey, State
from federation.model.status import Counts, Provenance, Status
from federation.wire.payload import (
    Agency,
    AnnouncedOrigin,
    AnnouncedSeries,
    AnnouncedSource,
    AnnouncedSubsystem,
    CompleteThrough,
    Digest,
    GapRecord,
    LossRecord,
    Obligation,
    Payload,
    WireRow,
    WithheldSeries,
)

MONTH = period_of_day(Frequency.MONTH, date(2024, 12, 1))
HOUR = Period(frequency=Frequency.HOUR, start=481_000)
LEARNED_US = 1_735_689_600_000_000

RATE = Indicator(
    id="example.on_time",
    subsystem="example",
    name=Text(vi="Tỷ lệ đúng hạn", en="On-time rate"),
    short_name=Text(vi="Đúng hạn", en="On time"),
    definition=Text(vi="Đúng hạn trên đến hạn.", en="On time over due."),
    unit="percent",
    unit_text=Text(vi="%", en="%"),
    scale=3,
    decimals=1,
    measure=Measure.RATIO,
    over_time=MergeRule.RATIO,
    over_place=MergeRule.RATIO,
    frequency=Frequency.MONTH,
    calendar="vn",
    level="commune",
    owner_agency="H41",
    deadline_hours=240,
    direction=Direction.UP,
    dimensions=("channel", "field"),
    target=98_000,
    watch_limit=95_000,
    national_code="0501",
    definition_version=2,
    valid_from=date(2025, 7, 1),
    leading_basis=Basis.ROLLED_UP,
    minimum_cell_size=5,
    composed_of=(
        Component(indicator="example.part", points=18, zero_at=0, full_at=100_000),
        Component(indicator="example.late", points=20, zero_at=500, full_at=-1),
    ),
    codes=("a", "b"),
    may_be_negative=True,
    dimension_codes=(
        DimensionCode(
            dimension="channel", code="online", name=Text(vi="Trực tuyến", en="Online")
        ),
    ),
    share_detail=SharingPolicy(shared=False, ground="Điều 9"),
    weight="dossier",
    maximum=100_000,
    grace_hours=12,
    valid_to=date(2026, 6, 30),
)

STATES: dict[Measure, State] = {
    Measure.SUM: State(value=1_213_849),
    Measure.LAST: State(value=42, second=LEARNED_US),
    Measure.RATIO: State(value=568_718, second=10_003_954),
    Measure.WEIGHTED_MEAN: State(value=486_000, second=24),
    Measure.MAX: State(value=2**63 - 1),
    Measure.MIN: State(value=-(2**63)),
    Measure.QUANTILES: histogram.of_values([0, 7, 7, 86_400]),
    Measure.DISTINCT: distinct.of_keys(["10.0.0.1", "10.0.0.2"]),
    Measure.TOP: top.of_codes("aaxa", ("a", "b")),
    Measure.PUBLISHED: State(value=-695),
}


def single(number: int, measure: Measure, status: Status) -> WireRow:
    """Return the row of one report."""
    return WireRow(
        series=number,
        measure=measure,
        period=MONTH,
        state=STATES[measure] if status.carries_state else None,
        counts=Counts.one(status, Provenance.FILE),
        expected=0 if status is Status.DELETED else 1,
        reported=1 if status.carries_state else 0,
        recorded_at_us=LEARNED_US + number,
    )


MERGED = WireRow(
    series=30,
    measure=Measure.SUM,
    period=HOUR,
    state=State(value=7),
    counts=Counts.one(Status.NORMAL, Provenance.AUTOMATIC)
    + Counts.one(Status.ESTIMATED, Provenance.SIMULATED)
    + Counts.one(Status.MISSING, Provenance.AUTOMATIC),
    expected=130,
    reported=2,
    recorded_at_us=LEARNED_US,
    source=1,
    origin=1,
    origin_epoch=4,
    origin_sequence=17,
    unconfirmed=True,
    adjusted=True,
)

EVERYTHING = Payload(
    indicators=(RATE,),
    calendars=(
        Calendar(
            id="traffic",
            name_vi="Lịch an toàn giao thông",
            name_en="Traffic safety calendar",
            time_zone="Asia/Ho_Chi_Minh",
            windows=(
                Window(
                    frequency=Frequency.MONTH,
                    start=MONTH.start,
                    first_day=date(2024, 11, 15),
                    end_day=date(2024, 12, 15),
                ),
            ),
        ),
    ),
    agencies=(Agency(id="H41.STC", name=Text(vi="Sở Tài chính", en="Finance")),),
    subsystems=(
        AnnouncedSubsystem(
            id="example", name=Text(vi="Ví dụ", en="Example"), owner_agency="H41"
        ),
    ),
    localities=(
        Locality(
            id="vinh",
            code="vinh",
            name_vi="Khu vực Vinh",
            name_en="Vinh area",
            level="area",
            parent="40",
            decree="1678/NQ-UBTVQH15",
            members=(
                Member(locality="412", valid_to=date(2024, 11, 30)),
                Member(locality="16681@2025-07-01", valid_from=date(2025, 7, 1)),
            ),
            successors=("vinh2",),
        ),
    ),
    obligations=(
        Obligation(indicator=RATE.id, locality="vinh", agency="H41", from_day=20_000),
        Obligation(
            indicator=RATE.id, locality="40", agency="", from_day=1, to_day=20_100
        ),
    ),
    sources=(AnnouncedSource(number=1, id="csv", name=Text(vi="Tệp", en="File")),),
    origins=(AnnouncedOrigin(number=1, streams=("nghe-an", "vinh")),),
    series=(
        AnnouncedSeries(
            number=1,
            key=SeriesKey(
                indicator=RATE.id,
                locality="vinh",
                agency="H41.STC",
                breakdown="field=land",
                basis=Basis.ROLLED_UP,
            ),
            contract_hash=RATE.contract_hash,
        ),
    ),
    withheld=(
        WithheldSeries(
            key=SeriesKey(indicator=RATE.id, locality="40", basis=Basis.ROLLED_UP),
            ground="Điều 9",
            ended=True,
        ),
    ),
    rows=(
        *(
            single(number, measure, Status.NORMAL)
            for number, measure in enumerate(STATES, 1)
        ),
        *(
            single(10 + status, Measure.SUM, status)
            for status in Status
            if status is not Status.NORMAL
        ),
        MERGED,
    ),
    complete_through=(CompleteThrough(calendar="vn", period=MONTH),),
    digests=(
        Digest(
            indicator=RATE.id,
            frequency=Frequency.MONTH,
            first_period_start=1,
            last_period_start=2,
            row_count=3,
            digest=bytes(32),
        ),
    ),
    losses=(
        LossRecord(
            indicator=RATE.id,
            reason="disk_full",
            record_count=12,
            first_at_us=1,
            last_at_us=2,
        ),
    ),
    gaps=(GapRecord(epoch=3, first_sequence=4, last_sequence=9, reason="pruned"),),
)
