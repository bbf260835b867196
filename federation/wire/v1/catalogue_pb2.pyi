from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Measure(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MEASURE_UNSPECIFIED: _ClassVar[Measure]
    MEASURE_SUM: _ClassVar[Measure]
    MEASURE_LAST: _ClassVar[Measure]
    MEASURE_RATIO: _ClassVar[Measure]
    MEASURE_WEIGHTED_MEAN: _ClassVar[Measure]
    MEASURE_MAX: _ClassVar[Measure]
    MEASURE_MIN: _ClassVar[Measure]
    MEASURE_QUANTILES: _ClassVar[Measure]
    MEASURE_DISTINCT: _ClassVar[Measure]
    MEASURE_TOP: _ClassVar[Measure]
    MEASURE_PUBLISHED: _ClassVar[Measure]
    MEASURE_COMPOSITE: _ClassVar[Measure]

class MergeRule(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MERGE_RULE_UNSPECIFIED: _ClassVar[MergeRule]
    MERGE_RULE_NONE: _ClassVar[MergeRule]
    MERGE_RULE_SUM: _ClassVar[MergeRule]
    MERGE_RULE_LAST: _ClassVar[MergeRule]
    MERGE_RULE_RATIO: _ClassVar[MergeRule]
    MERGE_RULE_WEIGHTED_MEAN: _ClassVar[MergeRule]
    MERGE_RULE_MAX: _ClassVar[MergeRule]
    MERGE_RULE_MIN: _ClassVar[MergeRule]
    MERGE_RULE_QUANTILES: _ClassVar[MergeRule]
    MERGE_RULE_DISTINCT: _ClassVar[MergeRule]
    MERGE_RULE_TOP: _ClassVar[MergeRule]
    MERGE_RULE_COMPOSITE: _ClassVar[MergeRule]

class Frequency(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FREQUENCY_UNSPECIFIED: _ClassVar[Frequency]
    FREQUENCY_HOUR: _ClassVar[Frequency]
    FREQUENCY_DAY: _ClassVar[Frequency]
    FREQUENCY_WEEK: _ClassVar[Frequency]
    FREQUENCY_MONTH: _ClassVar[Frequency]
    FREQUENCY_QUARTER: _ClassVar[Frequency]
    FREQUENCY_YEAR: _ClassVar[Frequency]
    FREQUENCY_SCHOOL_YEAR: _ClassVar[Frequency]

class Basis(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    BASIS_UNSPECIFIED: _ClassVar[Basis]
    BASIS_REPORTED: _ClassVar[Basis]
    BASIS_ROLLED_UP: _ClassVar[Basis]

class Direction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DIRECTION_UNSPECIFIED: _ClassVar[Direction]
    DIRECTION_UP: _ClassVar[Direction]
    DIRECTION_DOWN: _ClassVar[Direction]
    DIRECTION_NEUTRAL: _ClassVar[Direction]
MEASURE_UNSPECIFIED: Measure
MEASURE_SUM: Measure
MEASURE_LAST: Measure
MEASURE_RATIO: Measure
MEASURE_WEIGHTED_MEAN: Measure
MEASURE_MAX: Measure
MEASURE_MIN: Measure
MEASURE_QUANTILES: Measure
MEASURE_DISTINCT: Measure
MEASURE_TOP: Measure
MEASURE_PUBLISHED: Measure
MEASURE_COMPOSITE: Measure
MERGE_RULE_UNSPECIFIED: MergeRule
MERGE_RULE_NONE: MergeRule
MERGE_RULE_SUM: MergeRule
MERGE_RULE_LAST: MergeRule
MERGE_RULE_RATIO: MergeRule
MERGE_RULE_WEIGHTED_MEAN: MergeRule
MERGE_RULE_MAX: MergeRule
MERGE_RULE_MIN: MergeRule
MERGE_RULE_QUANTILES: MergeRule
MERGE_RULE_DISTINCT: MergeRule
MERGE_RULE_TOP: MergeRule
MERGE_RULE_COMPOSITE: MergeRule
FREQUENCY_UNSPECIFIED: Frequency
FREQUENCY_HOUR: Frequency
FREQUENCY_DAY: Frequency
FREQUENCY_WEEK: Frequency
FREQUENCY_MONTH: Frequency
FREQUENCY_QUARTER: Frequency
FREQUENCY_YEAR: Frequency
FREQUENCY_SCHOOL_YEAR: Frequency
BASIS_UNSPECIFIED: Basis
BASIS_REPORTED: Basis
BASIS_ROLLED_UP: Basis
DIRECTION_UNSPECIFIED: Direction
DIRECTION_UP: Direction
DIRECTION_DOWN: Direction
DIRECTION_NEUTRAL: Direction

class Text(_message.Message):
    __slots__ = ("vi", "en")
    VI_FIELD_NUMBER: _ClassVar[int]
    EN_FIELD_NUMBER: _ClassVar[int]
    vi: str
    en: str
    def __init__(self, vi: _Optional[str] = ..., en: _Optional[str] = ...) -> None: ...

class IndicatorContract(_message.Message):
    __slots__ = ("id", "contract_hash", "subsystem", "name", "short_name", "definition", "unit", "unit_text", "scale", "decimals", "measure", "over_time", "over_place", "frequency", "calendar", "level", "dimensions", "owner_agency", "deadline_hours", "direction", "target", "watch_limit", "national_code", "definition_version", "valid_from_day", "leading_basis", "minimum_cell_size", "composed_of", "codes", "may_be_negative", "share_detail", "share_rollup", "dimension_codes", "weight", "maximum", "grace_hours", "valid_to_day")
    ID_FIELD_NUMBER: _ClassVar[int]
    CONTRACT_HASH_FIELD_NUMBER: _ClassVar[int]
    SUBSYSTEM_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SHORT_NAME_FIELD_NUMBER: _ClassVar[int]
    DEFINITION_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    UNIT_TEXT_FIELD_NUMBER: _ClassVar[int]
    SCALE_FIELD_NUMBER: _ClassVar[int]
    DECIMALS_FIELD_NUMBER: _ClassVar[int]
    MEASURE_FIELD_NUMBER: _ClassVar[int]
    OVER_TIME_FIELD_NUMBER: _ClassVar[int]
    OVER_PLACE_FIELD_NUMBER: _ClassVar[int]
    FREQUENCY_FIELD_NUMBER: _ClassVar[int]
    CALENDAR_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    DIMENSIONS_FIELD_NUMBER: _ClassVar[int]
    OWNER_AGENCY_FIELD_NUMBER: _ClassVar[int]
    DEADLINE_HOURS_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    WATCH_LIMIT_FIELD_NUMBER: _ClassVar[int]
    NATIONAL_CODE_FIELD_NUMBER: _ClassVar[int]
    DEFINITION_VERSION_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_DAY_FIELD_NUMBER: _ClassVar[int]
    LEADING_BASIS_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_CELL_SIZE_FIELD_NUMBER: _ClassVar[int]
    COMPOSED_OF_FIELD_NUMBER: _ClassVar[int]
    CODES_FIELD_NUMBER: _ClassVar[int]
    MAY_BE_NEGATIVE_FIELD_NUMBER: _ClassVar[int]
    SHARE_DETAIL_FIELD_NUMBER: _ClassVar[int]
    SHARE_ROLLUP_FIELD_NUMBER: _ClassVar[int]
    DIMENSION_CODES_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_FIELD_NUMBER: _ClassVar[int]
    GRACE_HOURS_FIELD_NUMBER: _ClassVar[int]
    VALID_TO_DAY_FIELD_NUMBER: _ClassVar[int]
    id: str
    contract_hash: bytes
    subsystem: str
    name: Text
    short_name: Text
    definition: Text
    unit: str
    unit_text: Text
    scale: int
    decimals: int
    measure: Measure
    over_time: MergeRule
    over_place: MergeRule
    frequency: Frequency
    calendar: str
    level: str
    dimensions: _containers.RepeatedScalarFieldContainer[str]
    owner_agency: str
    deadline_hours: int
    direction: Direction
    target: int
    watch_limit: int
    national_code: str
    definition_version: int
    valid_from_day: int
    leading_basis: Basis
    minimum_cell_size: int
    composed_of: _containers.RepeatedCompositeFieldContainer[Component]
    codes: _containers.RepeatedScalarFieldContainer[str]
    may_be_negative: bool
    share_detail: SharingPolicy
    share_rollup: SharingPolicy
    dimension_codes: _containers.RepeatedCompositeFieldContainer[DimensionCode]
    weight: str
    maximum: int
    grace_hours: int
    valid_to_day: int
    def __init__(self, id: _Optional[str] = ..., contract_hash: _Optional[bytes] = ..., subsystem: _Optional[str] = ..., name: _Optional[_Union[Text, _Mapping]] = ..., short_name: _Optional[_Union[Text, _Mapping]] = ..., definition: _Optional[_Union[Text, _Mapping]] = ..., unit: _Optional[str] = ..., unit_text: _Optional[_Union[Text, _Mapping]] = ..., scale: _Optional[int] = ..., decimals: _Optional[int] = ..., measure: _Optional[_Union[Measure, str]] = ..., over_time: _Optional[_Union[MergeRule, str]] = ..., over_place: _Optional[_Union[MergeRule, str]] = ..., frequency: _Optional[_Union[Frequency, str]] = ..., calendar: _Optional[str] = ..., level: _Optional[str] = ..., dimensions: _Optional[_Iterable[str]] = ..., owner_agency: _Optional[str] = ..., deadline_hours: _Optional[int] = ..., direction: _Optional[_Union[Direction, str]] = ..., target: _Optional[int] = ..., watch_limit: _Optional[int] = ..., national_code: _Optional[str] = ..., definition_version: _Optional[int] = ..., valid_from_day: _Optional[int] = ..., leading_basis: _Optional[_Union[Basis, str]] = ..., minimum_cell_size: _Optional[int] = ..., composed_of: _Optional[_Iterable[_Union[Component, _Mapping]]] = ..., codes: _Optional[_Iterable[str]] = ..., may_be_negative: _Optional[bool] = ..., share_detail: _Optional[_Union[SharingPolicy, _Mapping]] = ..., share_rollup: _Optional[_Union[SharingPolicy, _Mapping]] = ..., dimension_codes: _Optional[_Iterable[_Union[DimensionCode, _Mapping]]] = ..., weight: _Optional[str] = ..., maximum: _Optional[int] = ..., grace_hours: _Optional[int] = ..., valid_to_day: _Optional[int] = ...) -> None: ...

class Component(_message.Message):
    __slots__ = ("indicator", "points", "zero_at", "full_at")
    INDICATOR_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    ZERO_AT_FIELD_NUMBER: _ClassVar[int]
    FULL_AT_FIELD_NUMBER: _ClassVar[int]
    indicator: str
    points: int
    zero_at: int
    full_at: int
    def __init__(self, indicator: _Optional[str] = ..., points: _Optional[int] = ..., zero_at: _Optional[int] = ..., full_at: _Optional[int] = ...) -> None: ...

class Subsystem(_message.Message):
    __slots__ = ("id", "name", "owner_agency")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    OWNER_AGENCY_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: Text
    owner_agency: str
    def __init__(self, id: _Optional[str] = ..., name: _Optional[_Union[Text, _Mapping]] = ..., owner_agency: _Optional[str] = ...) -> None: ...

class DimensionCode(_message.Message):
    __slots__ = ("dimension", "code", "name")
    DIMENSION_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    dimension: str
    code: str
    name: Text
    def __init__(self, dimension: _Optional[str] = ..., code: _Optional[str] = ..., name: _Optional[_Union[Text, _Mapping]] = ...) -> None: ...

class SharingPolicy(_message.Message):
    __slots__ = ("shared", "ground")
    SHARED_FIELD_NUMBER: _ClassVar[int]
    GROUND_FIELD_NUMBER: _ClassVar[int]
    shared: bool
    ground: str
    def __init__(self, shared: _Optional[bool] = ..., ground: _Optional[str] = ...) -> None: ...

class CalendarContract(_message.Message):
    __slots__ = ("id", "name", "time_zone", "windows")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    WINDOWS_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: Text
    time_zone: str
    windows: _containers.RepeatedCompositeFieldContainer[CalendarWindow]
    def __init__(self, id: _Optional[str] = ..., name: _Optional[_Union[Text, _Mapping]] = ..., time_zone: _Optional[str] = ..., windows: _Optional[_Iterable[_Union[CalendarWindow, _Mapping]]] = ...) -> None: ...

class CalendarWindow(_message.Message):
    __slots__ = ("frequency", "period_start", "first_day", "end_day")
    FREQUENCY_FIELD_NUMBER: _ClassVar[int]
    PERIOD_START_FIELD_NUMBER: _ClassVar[int]
    FIRST_DAY_FIELD_NUMBER: _ClassVar[int]
    END_DAY_FIELD_NUMBER: _ClassVar[int]
    frequency: Frequency
    period_start: int
    first_day: int
    end_day: int
    def __init__(self, frequency: _Optional[_Union[Frequency, str]] = ..., period_start: _Optional[int] = ..., first_day: _Optional[int] = ..., end_day: _Optional[int] = ...) -> None: ...

class Agency(_message.Message):
    __slots__ = ("id", "name")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    id: str
    name: Text
    def __init__(self, id: _Optional[str] = ..., name: _Optional[_Union[Text, _Mapping]] = ...) -> None: ...

class Source(_message.Message):
    __slots__ = ("number", "id", "name")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    number: int
    id: str
    name: Text
    def __init__(self, number: _Optional[int] = ..., id: _Optional[str] = ..., name: _Optional[_Union[Text, _Mapping]] = ...) -> None: ...

class Origin(_message.Message):
    __slots__ = ("number", "streams")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    STREAMS_FIELD_NUMBER: _ClassVar[int]
    number: int
    streams: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, number: _Optional[int] = ..., streams: _Optional[_Iterable[str]] = ...) -> None: ...

class Locality(_message.Message):
    __slots__ = ("id", "code", "name", "level", "parent", "valid_from_day", "valid_to_day", "members", "decree", "successors")
    ID_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    PARENT_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_DAY_FIELD_NUMBER: _ClassVar[int]
    VALID_TO_DAY_FIELD_NUMBER: _ClassVar[int]
    MEMBERS_FIELD_NUMBER: _ClassVar[int]
    DECREE_FIELD_NUMBER: _ClassVar[int]
    SUCCESSORS_FIELD_NUMBER: _ClassVar[int]
    id: str
    code: str
    name: Text
    level: str
    parent: str
    valid_from_day: int
    valid_to_day: int
    members: _containers.RepeatedCompositeFieldContainer[Member]
    decree: str
    successors: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, id: _Optional[str] = ..., code: _Optional[str] = ..., name: _Optional[_Union[Text, _Mapping]] = ..., level: _Optional[str] = ..., parent: _Optional[str] = ..., valid_from_day: _Optional[int] = ..., valid_to_day: _Optional[int] = ..., members: _Optional[_Iterable[_Union[Member, _Mapping]]] = ..., decree: _Optional[str] = ..., successors: _Optional[_Iterable[str]] = ...) -> None: ...

class Member(_message.Message):
    __slots__ = ("locality", "valid_from_day", "valid_to_day")
    LOCALITY_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_DAY_FIELD_NUMBER: _ClassVar[int]
    VALID_TO_DAY_FIELD_NUMBER: _ClassVar[int]
    locality: str
    valid_from_day: int
    valid_to_day: int
    def __init__(self, locality: _Optional[str] = ..., valid_from_day: _Optional[int] = ..., valid_to_day: _Optional[int] = ...) -> None: ...

class Obligation(_message.Message):
    __slots__ = ("indicator", "locality", "agency", "from_day", "to_day")
    INDICATOR_FIELD_NUMBER: _ClassVar[int]
    LOCALITY_FIELD_NUMBER: _ClassVar[int]
    AGENCY_FIELD_NUMBER: _ClassVar[int]
    FROM_DAY_FIELD_NUMBER: _ClassVar[int]
    TO_DAY_FIELD_NUMBER: _ClassVar[int]
    indicator: str
    locality: str
    agency: str
    from_day: int
    to_day: int
    def __init__(self, indicator: _Optional[str] = ..., locality: _Optional[str] = ..., agency: _Optional[str] = ..., from_day: _Optional[int] = ..., to_day: _Optional[int] = ...) -> None: ...

class Series(_message.Message):
    __slots__ = ("number", "indicator", "contract_hash", "locality", "agency", "breakdown", "basis")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    INDICATOR_FIELD_NUMBER: _ClassVar[int]
    CONTRACT_HASH_FIELD_NUMBER: _ClassVar[int]
    LOCALITY_FIELD_NUMBER: _ClassVar[int]
    AGENCY_FIELD_NUMBER: _ClassVar[int]
    BREAKDOWN_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    number: int
    indicator: str
    contract_hash: bytes
    locality: str
    agency: str
    breakdown: str
    basis: Basis
    def __init__(self, number: _Optional[int] = ..., indicator: _Optional[str] = ..., contract_hash: _Optional[bytes] = ..., locality: _Optional[str] = ..., agency: _Optional[str] = ..., breakdown: _Optional[str] = ..., basis: _Optional[_Union[Basis, str]] = ...) -> None: ...

class WithheldSeries(_message.Message):
    __slots__ = ("indicator", "locality", "agency", "breakdown", "ground", "ended", "basis")
    INDICATOR_FIELD_NUMBER: _ClassVar[int]
    LOCALITY_FIELD_NUMBER: _ClassVar[int]
    AGENCY_FIELD_NUMBER: _ClassVar[int]
    BREAKDOWN_FIELD_NUMBER: _ClassVar[int]
    GROUND_FIELD_NUMBER: _ClassVar[int]
    ENDED_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    indicator: str
    locality: str
    agency: str
    breakdown: str
    ground: str
    ended: bool
    basis: Basis
    def __init__(self, indicator: _Optional[str] = ..., locality: _Optional[str] = ..., agency: _Optional[str] = ..., breakdown: _Optional[str] = ..., ground: _Optional[str] = ..., ended: _Optional[bool] = ..., basis: _Optional[_Union[Basis, str]] = ...) -> None: ...
