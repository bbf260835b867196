"""Contracts and calendars as the bytes that the tables keep."""

from federation.model.indicator import Indicator
from federation.model.period import Calendar
from federation.wire.catalogue_codec import (
    decode_calendar,
    decode_indicator,
    encode_calendar,
    encode_indicator,
)
from federation.wire.v1 import catalogue_pb2


def write_indicator(indicator: Indicator) -> bytes:
    """Return a contract as bytes; equal contracts give equal bytes."""
    return encode_indicator(indicator).SerializeToString(deterministic=True)


def read_indicator(document: bytes) -> Indicator:
    """Return the contract of a document that this module wrote."""
    return decode_indicator(catalogue_pb2.IndicatorContract.FromString(document))


def write_calendar(calendar: Calendar) -> bytes:
    """Return a calendar as bytes; equal calendars give equal bytes."""
    return encode_calendar(calendar).SerializeToString(deterministic=True)


def read_calendar(document: bytes) -> Calendar:
    """Return the calendar of a document that this module wrote."""
    return decode_calendar(catalogue_pb2.CalendarContract.FromString(document))
