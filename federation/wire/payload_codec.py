"""Payloads between values and messages."""

from collections.abc import Iterable, Sized

from federation.model.indicator import Basis, Text
from federation.model.period import Frequency, Period
from federation.model.row import SeriesKey
from federation.wire.block_codec import decode_block, encode_blocks, validate_block
from federation.wire.catalogue_codec import (
    decode_calendar,
    decode_indicator,
    decode_locality,
    decode_text,
    encode_calendar,
    encode_indicator,
    encode_locality,
    encode_text,
)
from federation.wire.limits import (
    FRAME_ANNOUNCEMENTS_MAX,
    FRAME_ROWS_MAX,
    TEXT_CHARACTERS_MAX,
)
from federation.wire.numbers import number
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
    WithheldSeries,
)
from federation.wire.refusal import RefusalCode, wire_error
from federation.wire.v1 import catalogue_pb2, frame_pb2, rows_pb2


def encode_payload(payload: Payload) -> frame_pb2.Payload:
    """Return a payload as a message."""
    return frame_pb2.Payload(
        indicators=[encode_indicator(item) for item in payload.indicators],
        calendars=[encode_calendar(item) for item in payload.calendars],
        agencies=[
            catalogue_pb2.Agency(id=item.id, name=encode_text(item.name))
            for item in payload.agencies
        ],
        subsystems=[
            catalogue_pb2.Subsystem(
                id=item.id,
                name=encode_text(item.name),
                owner_agency=item.owner_agency,
            )
            for item in payload.subsystems
        ],
        sources=[
            catalogue_pb2.Source(
                number=item.number, id=item.id, name=encode_text(item.name)
            )
            for item in payload.sources
        ],
        origins=[
            catalogue_pb2.Origin(number=item.number, streams=item.streams)
            for item in payload.origins
        ],
        series=[_encode_series(item) for item in payload.series],
        withheld=[_encode_withheld(item) for item in payload.withheld],
        blocks=encode_blocks(payload.rows),
        complete_through=[
            rows_pb2.CompleteThrough(
                calendar=item.calendar,
                frequency=number(item.period.frequency),
                period_start=item.period.start,
            )
            for item in payload.complete_through
        ],
        digests=[_encode_digest(item) for item in payload.digests],
        losses=[_encode_loss(item) for item in payload.losses],
        gaps=[_encode_gap(item) for item in payload.gaps],
        localities=[encode_locality(item) for item in payload.localities],
        obligations=[_encode_obligation(item) for item in payload.obligations],
    )


def validate_payload(message: frame_pb2.Payload) -> None:
    """Check what can be checked without knowing the epoch's announcements.

    Raises:
        WireError: ``TOO_LARGE`` or ``ROWS_INVALID``.
    """
    if sum(len(block.series) for block in message.blocks) > FRAME_ROWS_MAX:
        raise wire_error(RefusalCode.TOO_LARGE, "rows")
    if _announcements(message) > FRAME_ANNOUNCEMENTS_MAX:
        raise wire_error(RefusalCode.TOO_LARGE, "announcements")
    for block in message.blocks:
        validate_block(block)
    _validate_texts(
        text
        for item in message.series
        for text in (item.indicator, item.locality, item.agency, item.breakdown)
    )
    _validate_texts(
        text
        for item in message.withheld
        for text in (item.indicator, item.locality, item.breakdown, item.ground)
    )
    _validate_texts(item.id for item in message.indicators)
    _validate_texts(item.id for item in message.subsystems)
    _validate_texts(
        text for item in message.localities for text in (item.id, item.name.vi)
    )
    for item in message.series:
        if item.number < 1 or not item.indicator or not item.locality:
            raise wire_error(RefusalCode.ROWS_INVALID, "series")


def _announcements(message: frame_pb2.Payload) -> int:
    repeated: tuple[Sized, ...] = (
        message.indicators,
        message.calendars,
        message.agencies,
        message.subsystems,
        message.localities,
        message.obligations,
        message.sources,
        message.origins,
        message.series,
        message.withheld,
        message.complete_through,
        message.digests,
        message.losses,
        message.gaps,
    )
    return sum(map(len, repeated))


def _validate_texts(texts: Iterable[str]) -> None:
    if any(len(text) > TEXT_CHARACTERS_MAX for text in texts):
        raise wire_error(RefusalCode.ROWS_INVALID, "text")


def decode_payload(message: frame_pb2.Payload) -> Payload:
    """Return a validated message as values.

    Raises:
        WireError: ``ROWS_INVALID`` when an announcement holds a number that this
            version does not know.
    """
    try:
        return _decode(message)
    except (ValueError, OverflowError) as error:
        raise wire_error(RefusalCode.ROWS_INVALID, str(error)) from error


def _decode(message: frame_pb2.Payload) -> Payload:
    return Payload(
        indicators=tuple(decode_indicator(item) for item in message.indicators),
        calendars=tuple(decode_calendar(item) for item in message.calendars),
        agencies=tuple(
            Agency(id=item.id, name=decode_text(item.name)) for item in message.agencies
        ),
        subsystems=tuple(
            AnnouncedSubsystem(
                id=item.id,
                name=decode_text(item.name),
                owner_agency=item.owner_agency,
            )
            for item in message.subsystems
        ),
        localities=tuple(decode_locality(item) for item in message.localities),
        obligations=tuple(_decode_obligation(item) for item in message.obligations),
        sources=tuple(
            AnnouncedSource(
                number=item.number,
                id=item.id,
                name=Text(vi=item.name.vi, en=item.name.en),
            )
            for item in message.sources
        ),
        origins=tuple(
            AnnouncedOrigin(number=item.number, streams=tuple(item.streams))
            for item in message.origins
        ),
        series=tuple(
            AnnouncedSeries(
                number=item.number,
                key=_decode_key(item),
                contract_hash=item.contract_hash,
            )
            for item in message.series
        ),
        withheld=tuple(
            WithheldSeries(
                key=_decode_key(item),
                ground=item.ground,
                ended=item.ended,
            )
            for item in message.withheld
        ),
        rows=tuple(row for block in message.blocks for row in decode_block(block)),
        complete_through=tuple(
            CompleteThrough(
                calendar=item.calendar,
                period=Period(
                    frequency=Frequency(item.frequency), start=item.period_start
                ),
            )
            for item in message.complete_through
        ),
        digests=tuple(_decode_digest(item) for item in message.digests),
        losses=tuple(_decode_loss(item) for item in message.losses),
        gaps=tuple(_decode_gap(item) for item in message.gaps),
    )


def _decode_key(
    item: catalogue_pb2.Series | catalogue_pb2.WithheldSeries,
) -> SeriesKey:
    return SeriesKey(
        indicator=item.indicator,
        locality=item.locality,
        agency=item.agency,
        breakdown=item.breakdown,
        basis=Basis(item.basis),
    )


def _encode_series(item: AnnouncedSeries) -> catalogue_pb2.Series:
    return catalogue_pb2.Series(
        number=item.number,
        indicator=item.key.indicator,
        contract_hash=item.contract_hash,
        locality=item.key.locality,
        agency=item.key.agency,
        breakdown=item.key.breakdown,
        basis=number(item.key.basis),
    )


def _encode_withheld(item: WithheldSeries) -> catalogue_pb2.WithheldSeries:
    return catalogue_pb2.WithheldSeries(
        indicator=item.key.indicator,
        locality=item.key.locality,
        agency=item.key.agency,
        breakdown=item.key.breakdown,
        ground=item.ground,
        ended=item.ended,
        basis=number(item.key.basis),
    )


def _encode_digest(item: Digest) -> rows_pb2.Digest:
    return rows_pb2.Digest(
        indicator=item.indicator,
        frequency=number(item.frequency),
        first_period_start=item.first_period_start,
        last_period_start=item.last_period_start,
        row_count=item.row_count,
        digest=item.digest,
    )


def _decode_digest(message: rows_pb2.Digest) -> Digest:
    return Digest(
        indicator=message.indicator,
        frequency=Frequency(message.frequency),
        first_period_start=message.first_period_start,
        last_period_start=message.last_period_start,
        row_count=message.row_count,
        digest=message.digest,
    )


def _encode_loss(item: LossRecord) -> rows_pb2.LossRecord:
    return rows_pb2.LossRecord(
        indicator=item.indicator,
        reason=item.reason,
        record_count=item.record_count,
        first_at_us=item.first_at_us,
        last_at_us=item.last_at_us,
    )


def _decode_loss(message: rows_pb2.LossRecord) -> LossRecord:
    return LossRecord(
        indicator=message.indicator,
        reason=message.reason,
        record_count=message.record_count,
        first_at_us=message.first_at_us,
        last_at_us=message.last_at_us,
    )


def _encode_gap(item: GapRecord) -> rows_pb2.GapRecord:
    return rows_pb2.GapRecord(
        epoch=item.epoch,
        first_sequence=item.first_sequence,
        last_sequence=item.last_sequence,
        reason=item.reason,
    )


def _decode_gap(message: rows_pb2.GapRecord) -> GapRecord:
    return GapRecord(
        epoch=message.epoch,
        first_sequence=message.first_sequence,
        last_sequence=message.last_sequence,
        reason=message.reason,
    )


def _encode_obligation(item: Obligation) -> catalogue_pb2.Obligation:
    message = catalogue_pb2.Obligation(
        indicator=item.indicator,
        locality=item.locality,
        agency=item.agency,
        from_day=item.from_day,
    )
    if item.to_day is not None:
        message.to_day = item.to_day
    return message


def _decode_obligation(message: catalogue_pb2.Obligation) -> Obligation:
    return Obligation(
        indicator=message.indicator,
        locality=message.locality,
        agency=message.agency,
        from_day=message.from_day,
        to_day=message.to_day if message.HasField("to_day") else None,
    )
