from federation.wire.v1 import catalogue_pb2 as _catalogue_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Status(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STATUS_UNSPECIFIED: _ClassVar[Status]
    STATUS_NORMAL: _ClassVar[Status]
    STATUS_PROVISIONAL: _ClassVar[Status]
    STATUS_ESTIMATED: _ClassVar[Status]
    STATUS_ZERO: _ClassVar[Status]
    STATUS_NO_ACTIVITY: _ClassVar[Status]
    STATUS_MISSING: _ClassVar[Status]
    STATUS_NOT_COLLECTED: _ClassVar[Status]
    STATUS_WITHHELD: _ClassVar[Status]
    STATUS_SUPPRESSED: _ClassVar[Status]
    STATUS_DELETED: _ClassVar[Status]

class Provenance(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PROVENANCE_UNSPECIFIED: _ClassVar[Provenance]
    PROVENANCE_AUTOMATIC: _ClassVar[Provenance]
    PROVENANCE_FILE: _ClassVar[Provenance]
    PROVENANCE_MANUAL: _ClassVar[Provenance]
    PROVENANCE_SIMULATED: _ClassVar[Provenance]
STATUS_UNSPECIFIED: Status
STATUS_NORMAL: Status
STATUS_PROVISIONAL: Status
STATUS_ESTIMATED: Status
STATUS_ZERO: Status
STATUS_NO_ACTIVITY: Status
STATUS_MISSING: Status
STATUS_NOT_COLLECTED: Status
STATUS_WITHHELD: Status
STATUS_SUPPRESSED: Status
STATUS_DELETED: Status
PROVENANCE_UNSPECIFIED: Provenance
PROVENANCE_AUTOMATIC: Provenance
PROVENANCE_FILE: Provenance
PROVENANCE_MANUAL: Provenance
PROVENANCE_SIMULATED: Provenance

class Block(_message.Message):
    __slots__ = ("measure", "frequency", "series", "period_start_delta", "status", "counted", "provenance", "recorded_at_us_delta", "source", "origin", "origin_epoch", "origin_sequence", "unconfirmed", "adjusted", "scalar", "stock", "pair", "histogram", "sketch", "counter")
    MEASURE_FIELD_NUMBER: _ClassVar[int]
    FREQUENCY_FIELD_NUMBER: _ClassVar[int]
    SERIES_FIELD_NUMBER: _ClassVar[int]
    PERIOD_START_DELTA_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    COUNTED_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    RECORDED_AT_US_DELTA_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_EPOCH_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    UNCONFIRMED_FIELD_NUMBER: _ClassVar[int]
    ADJUSTED_FIELD_NUMBER: _ClassVar[int]
    SCALAR_FIELD_NUMBER: _ClassVar[int]
    STOCK_FIELD_NUMBER: _ClassVar[int]
    PAIR_FIELD_NUMBER: _ClassVar[int]
    HISTOGRAM_FIELD_NUMBER: _ClassVar[int]
    SKETCH_FIELD_NUMBER: _ClassVar[int]
    COUNTER_FIELD_NUMBER: _ClassVar[int]
    measure: _catalogue_pb2.Measure
    frequency: _catalogue_pb2.Frequency
    series: _containers.RepeatedScalarFieldContainer[int]
    period_start_delta: _containers.RepeatedScalarFieldContainer[int]
    status: _containers.RepeatedScalarFieldContainer[Status]
    counted: CountedColumns
    provenance: _containers.RepeatedScalarFieldContainer[Provenance]
    recorded_at_us_delta: _containers.RepeatedScalarFieldContainer[int]
    source: _containers.RepeatedScalarFieldContainer[int]
    origin: _containers.RepeatedScalarFieldContainer[int]
    origin_epoch: _containers.RepeatedScalarFieldContainer[int]
    origin_sequence: _containers.RepeatedScalarFieldContainer[int]
    unconfirmed: _containers.RepeatedScalarFieldContainer[int]
    adjusted: _containers.RepeatedScalarFieldContainer[int]
    scalar: ScalarColumns
    stock: StockColumns
    pair: PairColumns
    histogram: TallyColumns
    sketch: SketchColumns
    counter: TallyColumns
    def __init__(self, measure: _Optional[_Union[_catalogue_pb2.Measure, str]] = ..., frequency: _Optional[_Union[_catalogue_pb2.Frequency, str]] = ..., series: _Optional[_Iterable[int]] = ..., period_start_delta: _Optional[_Iterable[int]] = ..., status: _Optional[_Iterable[_Union[Status, str]]] = ..., counted: _Optional[_Union[CountedColumns, _Mapping]] = ..., provenance: _Optional[_Iterable[_Union[Provenance, str]]] = ..., recorded_at_us_delta: _Optional[_Iterable[int]] = ..., source: _Optional[_Iterable[int]] = ..., origin: _Optional[_Iterable[int]] = ..., origin_epoch: _Optional[_Iterable[int]] = ..., origin_sequence: _Optional[_Iterable[int]] = ..., unconfirmed: _Optional[_Iterable[int]] = ..., adjusted: _Optional[_Iterable[int]] = ..., scalar: _Optional[_Union[ScalarColumns, _Mapping]] = ..., stock: _Optional[_Union[StockColumns, _Mapping]] = ..., pair: _Optional[_Union[PairColumns, _Mapping]] = ..., histogram: _Optional[_Union[TallyColumns, _Mapping]] = ..., sketch: _Optional[_Union[SketchColumns, _Mapping]] = ..., counter: _Optional[_Union[TallyColumns, _Mapping]] = ...) -> None: ...

class CountedColumns(_message.Message):
    __slots__ = ("row", "expected", "reported", "status_width", "provenance_width", "statuses", "provenances")
    ROW_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_FIELD_NUMBER: _ClassVar[int]
    REPORTED_FIELD_NUMBER: _ClassVar[int]
    STATUS_WIDTH_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_WIDTH_FIELD_NUMBER: _ClassVar[int]
    STATUSES_FIELD_NUMBER: _ClassVar[int]
    PROVENANCES_FIELD_NUMBER: _ClassVar[int]
    row: _containers.RepeatedScalarFieldContainer[int]
    expected: _containers.RepeatedScalarFieldContainer[int]
    reported: _containers.RepeatedScalarFieldContainer[int]
    status_width: int
    provenance_width: int
    statuses: _containers.RepeatedScalarFieldContainer[int]
    provenances: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, row: _Optional[_Iterable[int]] = ..., expected: _Optional[_Iterable[int]] = ..., reported: _Optional[_Iterable[int]] = ..., status_width: _Optional[int] = ..., provenance_width: _Optional[int] = ..., statuses: _Optional[_Iterable[int]] = ..., provenances: _Optional[_Iterable[int]] = ...) -> None: ...

class ScalarColumns(_message.Message):
    __slots__ = ("value",)
    VALUE_FIELD_NUMBER: _ClassVar[int]
    value: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, value: _Optional[_Iterable[int]] = ...) -> None: ...

class StockColumns(_message.Message):
    __slots__ = ("value", "at_us")
    VALUE_FIELD_NUMBER: _ClassVar[int]
    AT_US_FIELD_NUMBER: _ClassVar[int]
    value: _containers.RepeatedScalarFieldContainer[int]
    at_us: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, value: _Optional[_Iterable[int]] = ..., at_us: _Optional[_Iterable[int]] = ...) -> None: ...

class PairColumns(_message.Message):
    __slots__ = ("numerator", "denominator")
    NUMERATOR_FIELD_NUMBER: _ClassVar[int]
    DENOMINATOR_FIELD_NUMBER: _ClassVar[int]
    numerator: _containers.RepeatedScalarFieldContainer[int]
    denominator: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, numerator: _Optional[_Iterable[int]] = ..., denominator: _Optional[_Iterable[int]] = ...) -> None: ...

class TallyColumns(_message.Message):
    __slots__ = ("length", "key_delta", "count")
    LENGTH_FIELD_NUMBER: _ClassVar[int]
    KEY_DELTA_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    length: _containers.RepeatedScalarFieldContainer[int]
    key_delta: _containers.RepeatedScalarFieldContainer[int]
    count: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, length: _Optional[_Iterable[int]] = ..., key_delta: _Optional[_Iterable[int]] = ..., count: _Optional[_Iterable[int]] = ...) -> None: ...

class SketchColumns(_message.Message):
    __slots__ = ("sketch",)
    SKETCH_FIELD_NUMBER: _ClassVar[int]
    sketch: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, sketch: _Optional[_Iterable[bytes]] = ...) -> None: ...

class CompleteThrough(_message.Message):
    __slots__ = ("calendar", "frequency", "period_start")
    CALENDAR_FIELD_NUMBER: _ClassVar[int]
    FREQUENCY_FIELD_NUMBER: _ClassVar[int]
    PERIOD_START_FIELD_NUMBER: _ClassVar[int]
    calendar: str
    frequency: _catalogue_pb2.Frequency
    period_start: int
    def __init__(self, calendar: _Optional[str] = ..., frequency: _Optional[_Union[_catalogue_pb2.Frequency, str]] = ..., period_start: _Optional[int] = ...) -> None: ...

class Digest(_message.Message):
    __slots__ = ("indicator", "frequency", "first_period_start", "last_period_start", "row_count", "digest")
    INDICATOR_FIELD_NUMBER: _ClassVar[int]
    FREQUENCY_FIELD_NUMBER: _ClassVar[int]
    FIRST_PERIOD_START_FIELD_NUMBER: _ClassVar[int]
    LAST_PERIOD_START_FIELD_NUMBER: _ClassVar[int]
    ROW_COUNT_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    indicator: str
    frequency: _catalogue_pb2.Frequency
    first_period_start: int
    last_period_start: int
    row_count: int
    digest: bytes
    def __init__(self, indicator: _Optional[str] = ..., frequency: _Optional[_Union[_catalogue_pb2.Frequency, str]] = ..., first_period_start: _Optional[int] = ..., last_period_start: _Optional[int] = ..., row_count: _Optional[int] = ..., digest: _Optional[bytes] = ...) -> None: ...

class LossRecord(_message.Message):
    __slots__ = ("indicator", "reason", "record_count", "first_at_us", "last_at_us")
    INDICATOR_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    RECORD_COUNT_FIELD_NUMBER: _ClassVar[int]
    FIRST_AT_US_FIELD_NUMBER: _ClassVar[int]
    LAST_AT_US_FIELD_NUMBER: _ClassVar[int]
    indicator: str
    reason: str
    record_count: int
    first_at_us: int
    last_at_us: int
    def __init__(self, indicator: _Optional[str] = ..., reason: _Optional[str] = ..., record_count: _Optional[int] = ..., first_at_us: _Optional[int] = ..., last_at_us: _Optional[int] = ...) -> None: ...

class GapRecord(_message.Message):
    __slots__ = ("epoch", "first_sequence", "last_sequence", "reason")
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    FIRST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    LAST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    epoch: int
    first_sequence: int
    last_sequence: int
    reason: str
    def __init__(self, epoch: _Optional[int] = ..., first_sequence: _Optional[int] = ..., last_sequence: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...
