from federation.wire.v1 import catalogue_pb2 as _catalogue_pb2
from federation.wire.v1 import rows_pb2 as _rows_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Codec(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CODEC_UNSPECIFIED: _ClassVar[Codec]
    CODEC_NONE: _ClassVar[Codec]
    CODEC_ZSTD: _ClassVar[Codec]
CODEC_UNSPECIFIED: Codec
CODEC_NONE: Codec
CODEC_ZSTD: Codec

class Frame(_message.Message):
    __slots__ = ("body", "signature", "key_id")
    BODY_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    body: bytes
    signature: bytes
    key_id: bytes
    def __init__(self, body: _Optional[bytes] = ..., signature: _Optional[bytes] = ..., key_id: _Optional[bytes] = ...) -> None: ...

class FrameBody(_message.Message):
    __slots__ = ("protocol_version", "stream", "epoch", "sequence", "previous_head", "payload_hash", "codec", "row_count", "raw_length", "sealed_at_us", "boot_id", "payload")
    PROTOCOL_VERSION_FIELD_NUMBER: _ClassVar[int]
    STREAM_FIELD_NUMBER: _ClassVar[int]
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_HEAD_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_HASH_FIELD_NUMBER: _ClassVar[int]
    CODEC_FIELD_NUMBER: _ClassVar[int]
    ROW_COUNT_FIELD_NUMBER: _ClassVar[int]
    RAW_LENGTH_FIELD_NUMBER: _ClassVar[int]
    SEALED_AT_US_FIELD_NUMBER: _ClassVar[int]
    BOOT_ID_FIELD_NUMBER: _ClassVar[int]
    PAYLOAD_FIELD_NUMBER: _ClassVar[int]
    protocol_version: int
    stream: str
    epoch: int
    sequence: int
    previous_head: bytes
    payload_hash: bytes
    codec: Codec
    row_count: int
    raw_length: int
    sealed_at_us: int
    boot_id: bytes
    payload: bytes
    def __init__(self, protocol_version: _Optional[int] = ..., stream: _Optional[str] = ..., epoch: _Optional[int] = ..., sequence: _Optional[int] = ..., previous_head: _Optional[bytes] = ..., payload_hash: _Optional[bytes] = ..., codec: _Optional[_Union[Codec, str]] = ..., row_count: _Optional[int] = ..., raw_length: _Optional[int] = ..., sealed_at_us: _Optional[int] = ..., boot_id: _Optional[bytes] = ..., payload: _Optional[bytes] = ...) -> None: ...

class Payload(_message.Message):
    __slots__ = ("indicators", "calendars", "agencies", "sources", "origins", "series", "withheld", "blocks", "complete_through", "digests", "losses", "gaps", "localities", "obligations", "subsystems")
    INDICATORS_FIELD_NUMBER: _ClassVar[int]
    CALENDARS_FIELD_NUMBER: _ClassVar[int]
    AGENCIES_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    ORIGINS_FIELD_NUMBER: _ClassVar[int]
    SERIES_FIELD_NUMBER: _ClassVar[int]
    WITHHELD_FIELD_NUMBER: _ClassVar[int]
    BLOCKS_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_THROUGH_FIELD_NUMBER: _ClassVar[int]
    DIGESTS_FIELD_NUMBER: _ClassVar[int]
    LOSSES_FIELD_NUMBER: _ClassVar[int]
    GAPS_FIELD_NUMBER: _ClassVar[int]
    LOCALITIES_FIELD_NUMBER: _ClassVar[int]
    OBLIGATIONS_FIELD_NUMBER: _ClassVar[int]
    SUBSYSTEMS_FIELD_NUMBER: _ClassVar[int]
    indicators: _containers.RepeatedCompositeFieldContainer[_catalogue_pb2.IndicatorContract]
    calendars: _containers.RepeatedCompositeFieldContainer[_catalogue_pb2.CalendarContract]
    agencies: _containers.RepeatedCompositeFieldContainer[_catalogue_pb2.Agency]
    sources: _containers.RepeatedCompositeFieldContainer[_catalogue_pb2.Source]
    origins: _containers.RepeatedCompositeFieldContainer[_catalogue_pb2.Origin]
    series: _containers.RepeatedCompositeFieldContainer[_catalogue_pb2.Series]
    withheld: _containers.RepeatedCompositeFieldContainer[_catalogue_pb2.WithheldSeries]
    blocks: _containers.RepeatedCompositeFieldContainer[_rows_pb2.Block]
    complete_through: _containers.RepeatedCompositeFieldContainer[_rows_pb2.CompleteThrough]
    digests: _containers.RepeatedCompositeFieldContainer[_rows_pb2.Digest]
    losses: _containers.RepeatedCompositeFieldContainer[_rows_pb2.LossRecord]
    gaps: _containers.RepeatedCompositeFieldContainer[_rows_pb2.GapRecord]
    localities: _containers.RepeatedCompositeFieldContainer[_catalogue_pb2.Locality]
    obligations: _containers.RepeatedCompositeFieldContainer[_catalogue_pb2.Obligation]
    subsystems: _containers.RepeatedCompositeFieldContainer[_catalogue_pb2.Subsystem]
    def __init__(self, indicators: _Optional[_Iterable[_Union[_catalogue_pb2.IndicatorContract, _Mapping]]] = ..., calendars: _Optional[_Iterable[_Union[_catalogue_pb2.CalendarContract, _Mapping]]] = ..., agencies: _Optional[_Iterable[_Union[_catalogue_pb2.Agency, _Mapping]]] = ..., sources: _Optional[_Iterable[_Union[_catalogue_pb2.Source, _Mapping]]] = ..., origins: _Optional[_Iterable[_Union[_catalogue_pb2.Origin, _Mapping]]] = ..., series: _Optional[_Iterable[_Union[_catalogue_pb2.Series, _Mapping]]] = ..., withheld: _Optional[_Iterable[_Union[_catalogue_pb2.WithheldSeries, _Mapping]]] = ..., blocks: _Optional[_Iterable[_Union[_rows_pb2.Block, _Mapping]]] = ..., complete_through: _Optional[_Iterable[_Union[_rows_pb2.CompleteThrough, _Mapping]]] = ..., digests: _Optional[_Iterable[_Union[_rows_pb2.Digest, _Mapping]]] = ..., losses: _Optional[_Iterable[_Union[_rows_pb2.LossRecord, _Mapping]]] = ..., gaps: _Optional[_Iterable[_Union[_rows_pb2.GapRecord, _Mapping]]] = ..., localities: _Optional[_Iterable[_Union[_catalogue_pb2.Locality, _Mapping]]] = ..., obligations: _Optional[_Iterable[_Union[_catalogue_pb2.Obligation, _Mapping]]] = ..., subsystems: _Optional[_Iterable[_Union[_catalogue_pb2.Subsystem, _Mapping]]] = ...) -> None: ...
