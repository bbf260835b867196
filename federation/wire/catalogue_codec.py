"""Announcements between values and messages: contracts, calendars, places."""

from datetime import date

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
from federation.model.period import Calendar, Frequency, Window, day_number, day_of
from federation.wire.numbers import number
from federation.wire.v1 import catalogue_pb2 as pb


def encode_text(text: Text) -> pb.Text:
    """Return a text as a message."""
    return pb.Text(vi=text.vi, en=text.en)


def decode_text(message: pb.Text) -> Text:
    """Return a text as a value."""
    return Text(vi=message.vi, en=message.en)


def encode_indicator(indicator: Indicator) -> pb.IndicatorContract:
    """Return an indicator's contract as a message."""
    message = pb.IndicatorContract(
        id=indicator.id,
        contract_hash=indicator.contract_hash,
        subsystem=indicator.subsystem,
        name=encode_text(indicator.name),
        short_name=encode_text(indicator.short_name),
        definition=encode_text(indicator.definition),
        unit=indicator.unit,
        unit_text=encode_text(indicator.unit_text),
        scale=indicator.scale,
        decimals=indicator.decimals,
        measure=number(indicator.measure),
        over_time=number(indicator.over_time),
        over_place=number(indicator.over_place),
        frequency=number(indicator.frequency),
        calendar=indicator.calendar,
        level=indicator.level,
        dimensions=sorted(indicator.dimensions),
        owner_agency=indicator.owner_agency,
        deadline_hours=indicator.deadline_hours,
        direction=number(indicator.direction),
        national_code=indicator.national_code,
        definition_version=indicator.definition_version,
        valid_from_day=day_number(indicator.valid_from),
        leading_basis=number(indicator.leading_basis),
        minimum_cell_size=indicator.minimum_cell_size,
        composed_of=[
            pb.Component(
                indicator=part.indicator,
                points=part.points,
                zero_at=part.zero_at,
                full_at=part.full_at,
            )
            for part in indicator.composed_of
        ],
        codes=indicator.codes,
        may_be_negative=indicator.may_be_negative,
        share_detail=_encode_policy(indicator.share_detail),
        share_rollup=_encode_policy(indicator.share_rollup),
        dimension_codes=[
            pb.DimensionCode(
                dimension=named.dimension,
                code=named.code,
                name=encode_text(named.name),
            )
            for named in indicator.dimension_codes
        ],
        weight=indicator.weight,
        grace_hours=indicator.grace_hours,
    )
    if indicator.maximum is not None:
        message.maximum = indicator.maximum
    if indicator.valid_to is not None:
        message.valid_to_day = day_number(indicator.valid_to)
    if indicator.target is not None:
        message.target = indicator.target
    if indicator.watch_limit is not None:
        message.watch_limit = indicator.watch_limit
    return message


def decode_indicator(message: pb.IndicatorContract) -> Indicator:
    """Return an announced contract as a value; its hash is computed anew.

    Raises:
        ValueError: when an enumeration holds a number this version does not know.
    """
    return Indicator(
        id=message.id,
        subsystem=message.subsystem,
        name=decode_text(message.name),
        short_name=decode_text(message.short_name),
        definition=decode_text(message.definition),
        unit=message.unit,
        unit_text=decode_text(message.unit_text),
        scale=message.scale,
        decimals=message.decimals,
        measure=Measure(message.measure),
        over_time=MergeRule(message.over_time),
        over_place=MergeRule(message.over_place),
        frequency=Frequency(message.frequency),
        calendar=message.calendar,
        level=message.level,
        dimensions=tuple(message.dimensions),
        owner_agency=message.owner_agency,
        deadline_hours=message.deadline_hours,
        direction=Direction(message.direction),
        target=message.target if message.HasField("target") else None,
        watch_limit=(message.watch_limit if message.HasField("watch_limit") else None),
        national_code=message.national_code,
        definition_version=message.definition_version,
        valid_from=day_of(message.valid_from_day),
        leading_basis=Basis(message.leading_basis),
        minimum_cell_size=message.minimum_cell_size,
        composed_of=tuple(
            Component(
                indicator=part.indicator,
                points=part.points,
                zero_at=part.zero_at,
                full_at=part.full_at,
            )
            for part in message.composed_of
        ),
        codes=tuple(message.codes),
        may_be_negative=message.may_be_negative,
        share_detail=_decode_policy(message.share_detail),
        share_rollup=_decode_policy(message.share_rollup),
        dimension_codes=tuple(
            DimensionCode(
                dimension=named.dimension,
                code=named.code,
                name=decode_text(named.name),
            )
            for named in message.dimension_codes
        ),
        weight=message.weight,
        maximum=message.maximum if message.HasField("maximum") else None,
        grace_hours=message.grace_hours,
        valid_to=(
            day_of(message.valid_to_day) if message.HasField("valid_to_day") else None
        ),
    )


def _encode_policy(policy: SharingPolicy) -> pb.SharingPolicy:
    return pb.SharingPolicy(shared=policy.shared, ground=policy.ground)


def _decode_policy(message: pb.SharingPolicy) -> SharingPolicy:
    return SharingPolicy(shared=message.shared, ground=message.ground)


def encode_calendar(calendar: Calendar) -> pb.CalendarContract:
    """Return a calendar as a message."""
    return pb.CalendarContract(
        id=calendar.id,
        name=pb.Text(vi=calendar.name_vi, en=calendar.name_en),
        time_zone=calendar.time_zone,
        windows=[
            pb.CalendarWindow(
                frequency=number(window.frequency),
                period_start=window.start,
                first_day=day_number(window.first_day),
                end_day=day_number(window.end_day),
            )
            for window in calendar.windows
        ],
    )


def decode_calendar(message: pb.CalendarContract) -> Calendar:
    """Return a calendar as a value."""
    return Calendar(
        id=message.id,
        name_vi=message.name.vi,
        name_en=message.name.en,
        time_zone=message.time_zone,
        windows=tuple(
            Window(
                frequency=Frequency(window.frequency),
                start=window.period_start,
                first_day=day_of(window.first_day),
                end_day=day_of(window.end_day),
            )
            for window in message.windows
        ),
    )


def encode_locality(locality: Locality) -> pb.Locality:
    """Return a dated place as a message."""
    message = pb.Locality(
        id=locality.id,
        code=locality.code,
        name=pb.Text(vi=locality.name_vi, en=locality.name_en),
        level=locality.level,
        parent=locality.parent,
        decree=locality.decree,
        successors=locality.successors,
    )
    _encode_days(message, locality.valid_from, locality.valid_to)
    for member in locality.members:
        part = message.members.add(locality=member.locality)
        _encode_days(part, member.valid_from, member.valid_to)
    return message


def decode_locality(message: pb.Locality) -> Locality:
    """Return a dated place as a value."""
    valid_from, valid_to = _decode_days(message)
    members = []
    for part in message.members:
        since, until = _decode_days(part)
        members.append(Member(locality=part.locality, valid_from=since, valid_to=until))
    return Locality(
        id=message.id,
        code=message.code,
        name_vi=message.name.vi,
        name_en=message.name.en,
        level=message.level,
        parent=message.parent,
        valid_from=valid_from,
        valid_to=valid_to,
        decree=message.decree,
        members=tuple(members),
        successors=tuple(message.successors),
    )


def _encode_days(
    message: pb.Locality | pb.Member, valid_from: date | None, valid_to: date | None
) -> None:
    if valid_from is not None:
        message.valid_from_day = day_number(valid_from)
    if valid_to is not None:
        message.valid_to_day = day_number(valid_to)


def _decode_days(message: pb.Locality | pb.Member) -> tuple[date | None, date | None]:
    return (
        day_of(message.valid_from_day) if message.HasField("valid_from_day") else None,
        day_of(message.valid_to_day) if message.HasField("valid_to_day") else None,
    )
