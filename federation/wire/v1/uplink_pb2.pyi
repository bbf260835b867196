from federation.wire.v1 import frame_pb2 as _frame_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RefusalCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REFUSAL_CODE_UNSPECIFIED: _ClassVar[RefusalCode]
    REFUSAL_CODE_MALFORMED: _ClassVar[RefusalCode]
    REFUSAL_CODE_VERSION_UNSUPPORTED: _ClassVar[RefusalCode]
    REFUSAL_CODE_NODE_UNKNOWN: _ClassVar[RefusalCode]
    REFUSAL_CODE_KEY_UNKNOWN: _ClassVar[RefusalCode]
    REFUSAL_CODE_SIGNATURE_INVALID: _ClassVar[RefusalCode]
    REFUSAL_CODE_NONCE_INVALID: _ClassVar[RefusalCode]
    REFUSAL_CODE_STREAM_NOT_ASSIGNED: _ClassVar[RefusalCode]
    REFUSAL_CODE_FENCED: _ClassVar[RefusalCode]
    REFUSAL_CODE_EPOCH_STALE: _ClassVar[RefusalCode]
    REFUSAL_CODE_SEQUENCE_GAP: _ClassVar[RefusalCode]
    REFUSAL_CODE_CHAIN_BROKEN: _ClassVar[RefusalCode]
    REFUSAL_CODE_TOO_LARGE: _ClassVar[RefusalCode]
    REFUSAL_CODE_CODEC_INVALID: _ClassVar[RefusalCode]
    REFUSAL_CODE_ROWS_INVALID: _ClassVar[RefusalCode]
    REFUSAL_CODE_SERIES_UNDECLARED: _ClassVar[RefusalCode]
    REFUSAL_CODE_CONTRACT_DIFFERS: _ClassVar[RefusalCode]
    REFUSAL_CODE_TOKEN_UNKNOWN: _ClassVar[RefusalCode]
    REFUSAL_CODE_TOKEN_USED: _ClassVar[RefusalCode]
    REFUSAL_CODE_TOKEN_EXPIRED: _ClassVar[RefusalCode]
    REFUSAL_CODE_QUARANTINED: _ClassVar[RefusalCode]
    REFUSAL_CODE_UNAVAILABLE: _ClassVar[RefusalCode]
    REFUSAL_CODE_CREDITS_EXCEEDED: _ClassVar[RefusalCode]
    REFUSAL_CODE_HELLO_REQUIRED: _ClassVar[RefusalCode]
    REFUSAL_CODE_LOCALITY_NOT_OWNED: _ClassVar[RefusalCode]
REFUSAL_CODE_UNSPECIFIED: RefusalCode
REFUSAL_CODE_MALFORMED: RefusalCode
REFUSAL_CODE_VERSION_UNSUPPORTED: RefusalCode
REFUSAL_CODE_NODE_UNKNOWN: RefusalCode
REFUSAL_CODE_KEY_UNKNOWN: RefusalCode
REFUSAL_CODE_SIGNATURE_INVALID: RefusalCode
REFUSAL_CODE_NONCE_INVALID: RefusalCode
REFUSAL_CODE_STREAM_NOT_ASSIGNED: RefusalCode
REFUSAL_CODE_FENCED: RefusalCode
REFUSAL_CODE_EPOCH_STALE: RefusalCode
REFUSAL_CODE_SEQUENCE_GAP: RefusalCode
REFUSAL_CODE_CHAIN_BROKEN: RefusalCode
REFUSAL_CODE_TOO_LARGE: RefusalCode
REFUSAL_CODE_CODEC_INVALID: RefusalCode
REFUSAL_CODE_ROWS_INVALID: RefusalCode
REFUSAL_CODE_SERIES_UNDECLARED: RefusalCode
REFUSAL_CODE_CONTRACT_DIFFERS: RefusalCode
REFUSAL_CODE_TOKEN_UNKNOWN: RefusalCode
REFUSAL_CODE_TOKEN_USED: RefusalCode
REFUSAL_CODE_TOKEN_EXPIRED: RefusalCode
REFUSAL_CODE_QUARANTINED: RefusalCode
REFUSAL_CODE_UNAVAILABLE: RefusalCode
REFUSAL_CODE_CREDITS_EXCEEDED: RefusalCode
REFUSAL_CODE_HELLO_REQUIRED: RefusalCode
REFUSAL_CODE_LOCALITY_NOT_OWNED: RefusalCode

class Position(_message.Message):
    __slots__ = ("epoch", "sequence", "head")
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    HEAD_FIELD_NUMBER: _ClassVar[int]
    epoch: int
    sequence: int
    head: bytes
    def __init__(self, epoch: _Optional[int] = ..., sequence: _Optional[int] = ..., head: _Optional[bytes] = ...) -> None: ...

class Receipt(_message.Message):
    __slots__ = ("body", "signature", "key_id")
    BODY_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    body: bytes
    signature: bytes
    key_id: bytes
    def __init__(self, body: _Optional[bytes] = ..., signature: _Optional[bytes] = ..., key_id: _Optional[bytes] = ...) -> None: ...

class ReceiptBody(_message.Message):
    __slots__ = ("stream", "position", "signed_at_us")
    STREAM_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    SIGNED_AT_US_FIELD_NUMBER: _ClassVar[int]
    stream: str
    position: Position
    signed_at_us: int
    def __init__(self, stream: _Optional[str] = ..., position: _Optional[_Union[Position, _Mapping]] = ..., signed_at_us: _Optional[int] = ...) -> None: ...

class Assignment(_message.Message):
    __slots__ = ("body", "signature", "key_id")
    BODY_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    body: bytes
    signature: bytes
    key_id: bytes
    def __init__(self, body: _Optional[bytes] = ..., signature: _Optional[bytes] = ..., key_id: _Optional[bytes] = ...) -> None: ...

class AssignmentBody(_message.Message):
    __slots__ = ("stream", "node", "fence", "signed_at_us", "localities", "includes_parts")
    STREAM_FIELD_NUMBER: _ClassVar[int]
    NODE_FIELD_NUMBER: _ClassVar[int]
    FENCE_FIELD_NUMBER: _ClassVar[int]
    SIGNED_AT_US_FIELD_NUMBER: _ClassVar[int]
    LOCALITIES_FIELD_NUMBER: _ClassVar[int]
    INCLUDES_PARTS_FIELD_NUMBER: _ClassVar[int]
    stream: str
    node: str
    fence: int
    signed_at_us: int
    localities: _containers.RepeatedScalarFieldContainer[str]
    includes_parts: bool
    def __init__(self, stream: _Optional[str] = ..., node: _Optional[str] = ..., fence: _Optional[int] = ..., signed_at_us: _Optional[int] = ..., localities: _Optional[_Iterable[str]] = ..., includes_parts: _Optional[bool] = ...) -> None: ...

class EnrollRequest(_message.Message):
    __slots__ = ("node", "token", "public_key", "proof", "software_version")
    NODE_FIELD_NUMBER: _ClassVar[int]
    TOKEN_FIELD_NUMBER: _ClassVar[int]
    PUBLIC_KEY_FIELD_NUMBER: _ClassVar[int]
    PROOF_FIELD_NUMBER: _ClassVar[int]
    SOFTWARE_VERSION_FIELD_NUMBER: _ClassVar[int]
    node: str
    token: str
    public_key: bytes
    proof: bytes
    software_version: str
    def __init__(self, node: _Optional[str] = ..., token: _Optional[str] = ..., public_key: _Optional[bytes] = ..., proof: _Optional[bytes] = ..., software_version: _Optional[str] = ...) -> None: ...

class EnrollResponse(_message.Message):
    __slots__ = ("parent", "parent_public_key", "assignments", "refusal")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PARENT_PUBLIC_KEY_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENTS_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    parent: str
    parent_public_key: bytes
    assignments: _containers.RepeatedCompositeFieldContainer[Assignment]
    refusal: Refusal
    def __init__(self, parent: _Optional[str] = ..., parent_public_key: _Optional[bytes] = ..., assignments: _Optional[_Iterable[_Union[Assignment, _Mapping]]] = ..., refusal: _Optional[_Union[Refusal, _Mapping]] = ...) -> None: ...

class LinkRequest(_message.Message):
    __slots__ = ("open", "hello", "epoch_request", "frame", "heartbeat", "goodbye")
    OPEN_FIELD_NUMBER: _ClassVar[int]
    HELLO_FIELD_NUMBER: _ClassVar[int]
    EPOCH_REQUEST_FIELD_NUMBER: _ClassVar[int]
    FRAME_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    GOODBYE_FIELD_NUMBER: _ClassVar[int]
    open: Open
    hello: Hello
    epoch_request: EpochRequest
    frame: _frame_pb2.Frame
    heartbeat: Heartbeat
    goodbye: Goodbye
    def __init__(self, open: _Optional[_Union[Open, _Mapping]] = ..., hello: _Optional[_Union[Hello, _Mapping]] = ..., epoch_request: _Optional[_Union[EpochRequest, _Mapping]] = ..., frame: _Optional[_Union[_frame_pb2.Frame, _Mapping]] = ..., heartbeat: _Optional[_Union[Heartbeat, _Mapping]] = ..., goodbye: _Optional[_Union[Goodbye, _Mapping]] = ...) -> None: ...

class LinkResponse(_message.Message):
    __slots__ = ("challenge", "welcome", "epoch_grant", "acknowledgement", "need_from", "refusal", "credit", "heartbeat", "goodbye")
    CHALLENGE_FIELD_NUMBER: _ClassVar[int]
    WELCOME_FIELD_NUMBER: _ClassVar[int]
    EPOCH_GRANT_FIELD_NUMBER: _ClassVar[int]
    ACKNOWLEDGEMENT_FIELD_NUMBER: _ClassVar[int]
    NEED_FROM_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    CREDIT_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_FIELD_NUMBER: _ClassVar[int]
    GOODBYE_FIELD_NUMBER: _ClassVar[int]
    challenge: Challenge
    welcome: Welcome
    epoch_grant: EpochGrant
    acknowledgement: Acknowledgement
    need_from: NeedFrom
    refusal: Refusal
    credit: Credit
    heartbeat: Heartbeat
    goodbye: Goodbye
    def __init__(self, challenge: _Optional[_Union[Challenge, _Mapping]] = ..., welcome: _Optional[_Union[Welcome, _Mapping]] = ..., epoch_grant: _Optional[_Union[EpochGrant, _Mapping]] = ..., acknowledgement: _Optional[_Union[Acknowledgement, _Mapping]] = ..., need_from: _Optional[_Union[NeedFrom, _Mapping]] = ..., refusal: _Optional[_Union[Refusal, _Mapping]] = ..., credit: _Optional[_Union[Credit, _Mapping]] = ..., heartbeat: _Optional[_Union[Heartbeat, _Mapping]] = ..., goodbye: _Optional[_Union[Goodbye, _Mapping]] = ...) -> None: ...

class Open(_message.Message):
    __slots__ = ("node", "key_id", "boot_id", "protocol_versions", "software_version", "nonce", "sent_at_us")
    NODE_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    BOOT_ID_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_VERSIONS_FIELD_NUMBER: _ClassVar[int]
    SOFTWARE_VERSION_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    SENT_AT_US_FIELD_NUMBER: _ClassVar[int]
    node: str
    key_id: bytes
    boot_id: bytes
    protocol_versions: _containers.RepeatedScalarFieldContainer[int]
    software_version: str
    nonce: bytes
    sent_at_us: int
    def __init__(self, node: _Optional[str] = ..., key_id: _Optional[bytes] = ..., boot_id: _Optional[bytes] = ..., protocol_versions: _Optional[_Iterable[int]] = ..., software_version: _Optional[str] = ..., nonce: _Optional[bytes] = ..., sent_at_us: _Optional[int] = ...) -> None: ...

class Challenge(_message.Message):
    __slots__ = ("nonce", "signature", "key_id", "protocol_version", "credit", "heartbeat_interval_s", "received_at_us", "sent_at_us")
    NONCE_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    KEY_ID_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_VERSION_FIELD_NUMBER: _ClassVar[int]
    CREDIT_FIELD_NUMBER: _ClassVar[int]
    HEARTBEAT_INTERVAL_S_FIELD_NUMBER: _ClassVar[int]
    RECEIVED_AT_US_FIELD_NUMBER: _ClassVar[int]
    SENT_AT_US_FIELD_NUMBER: _ClassVar[int]
    nonce: bytes
    signature: bytes
    key_id: bytes
    protocol_version: int
    credit: Credit
    heartbeat_interval_s: int
    received_at_us: int
    sent_at_us: int
    def __init__(self, nonce: _Optional[bytes] = ..., signature: _Optional[bytes] = ..., key_id: _Optional[bytes] = ..., protocol_version: _Optional[int] = ..., credit: _Optional[_Union[Credit, _Mapping]] = ..., heartbeat_interval_s: _Optional[int] = ..., received_at_us: _Optional[int] = ..., sent_at_us: _Optional[int] = ...) -> None: ...

class Hello(_message.Message):
    __slots__ = ("stream", "nonce", "signature", "fence", "highest_epoch", "sealed", "receipt", "assignment")
    STREAM_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    FENCE_FIELD_NUMBER: _ClassVar[int]
    HIGHEST_EPOCH_FIELD_NUMBER: _ClassVar[int]
    SEALED_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENT_FIELD_NUMBER: _ClassVar[int]
    stream: str
    nonce: bytes
    signature: bytes
    fence: int
    highest_epoch: int
    sealed: Position
    receipt: Receipt
    assignment: Assignment
    def __init__(self, stream: _Optional[str] = ..., nonce: _Optional[bytes] = ..., signature: _Optional[bytes] = ..., fence: _Optional[int] = ..., highest_epoch: _Optional[int] = ..., sealed: _Optional[_Union[Position, _Mapping]] = ..., receipt: _Optional[_Union[Receipt, _Mapping]] = ..., assignment: _Optional[_Union[Assignment, _Mapping]] = ...) -> None: ...

class Welcome(_message.Message):
    __slots__ = ("stream", "cursor", "assignment", "receipt", "chain")
    STREAM_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENT_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    CHAIN_FIELD_NUMBER: _ClassVar[int]
    stream: str
    cursor: Position
    assignment: Assignment
    receipt: Receipt
    chain: _containers.RepeatedCompositeFieldContainer[Position]
    def __init__(self, stream: _Optional[str] = ..., cursor: _Optional[_Union[Position, _Mapping]] = ..., assignment: _Optional[_Union[Assignment, _Mapping]] = ..., receipt: _Optional[_Union[Receipt, _Mapping]] = ..., chain: _Optional[_Iterable[_Union[Position, _Mapping]]] = ...) -> None: ...

class EpochRequest(_message.Message):
    __slots__ = ("stream", "nonce", "common", "highest_epoch")
    STREAM_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    COMMON_FIELD_NUMBER: _ClassVar[int]
    HIGHEST_EPOCH_FIELD_NUMBER: _ClassVar[int]
    stream: str
    nonce: bytes
    common: Position
    highest_epoch: int
    def __init__(self, stream: _Optional[str] = ..., nonce: _Optional[bytes] = ..., common: _Optional[_Union[Position, _Mapping]] = ..., highest_epoch: _Optional[int] = ...) -> None: ...

class EpochGrant(_message.Message):
    __slots__ = ("stream", "start", "common", "receipt")
    STREAM_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    COMMON_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    stream: str
    start: Position
    common: Position
    receipt: Receipt
    def __init__(self, stream: _Optional[str] = ..., start: _Optional[_Union[Position, _Mapping]] = ..., common: _Optional[_Union[Position, _Mapping]] = ..., receipt: _Optional[_Union[Receipt, _Mapping]] = ...) -> None: ...

class Acknowledgement(_message.Message):
    __slots__ = ("stream", "cursor", "receipt", "set_aside")
    STREAM_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    SET_ASIDE_FIELD_NUMBER: _ClassVar[int]
    stream: str
    cursor: Position
    receipt: Receipt
    set_aside: _containers.RepeatedCompositeFieldContainer[SetAside]
    def __init__(self, stream: _Optional[str] = ..., cursor: _Optional[_Union[Position, _Mapping]] = ..., receipt: _Optional[_Union[Receipt, _Mapping]] = ..., set_aside: _Optional[_Iterable[_Union[SetAside, _Mapping]]] = ...) -> None: ...

class SetAside(_message.Message):
    __slots__ = ("position", "series", "period_start", "reason")
    POSITION_FIELD_NUMBER: _ClassVar[int]
    SERIES_FIELD_NUMBER: _ClassVar[int]
    PERIOD_START_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    position: Position
    series: int
    period_start: int
    reason: Refusal
    def __init__(self, position: _Optional[_Union[Position, _Mapping]] = ..., series: _Optional[int] = ..., period_start: _Optional[int] = ..., reason: _Optional[_Union[Refusal, _Mapping]] = ...) -> None: ...

class NeedFrom(_message.Message):
    __slots__ = ("stream", "cursor")
    STREAM_FIELD_NUMBER: _ClassVar[int]
    CURSOR_FIELD_NUMBER: _ClassVar[int]
    stream: str
    cursor: Position
    def __init__(self, stream: _Optional[str] = ..., cursor: _Optional[_Union[Position, _Mapping]] = ...) -> None: ...

class Refusal(_message.Message):
    __slots__ = ("stream", "code", "text_vi", "text_en", "retry_after_ms", "position")
    STREAM_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    TEXT_VI_FIELD_NUMBER: _ClassVar[int]
    TEXT_EN_FIELD_NUMBER: _ClassVar[int]
    RETRY_AFTER_MS_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    stream: str
    code: RefusalCode
    text_vi: str
    text_en: str
    retry_after_ms: int
    position: Position
    def __init__(self, stream: _Optional[str] = ..., code: _Optional[_Union[RefusalCode, str]] = ..., text_vi: _Optional[str] = ..., text_en: _Optional[str] = ..., retry_after_ms: _Optional[int] = ..., position: _Optional[_Union[Position, _Mapping]] = ...) -> None: ...

class Credit(_message.Message):
    __slots__ = ("frames", "bytes")
    FRAMES_FIELD_NUMBER: _ClassVar[int]
    BYTES_FIELD_NUMBER: _ClassVar[int]
    frames: int
    bytes: int
    def __init__(self, frames: _Optional[int] = ..., bytes: _Optional[int] = ...) -> None: ...

class Heartbeat(_message.Message):
    __slots__ = ("sent_at_us", "echo_sent_at_us", "echo_received_at_us")
    SENT_AT_US_FIELD_NUMBER: _ClassVar[int]
    ECHO_SENT_AT_US_FIELD_NUMBER: _ClassVar[int]
    ECHO_RECEIVED_AT_US_FIELD_NUMBER: _ClassVar[int]
    sent_at_us: int
    echo_sent_at_us: int
    echo_received_at_us: int
    def __init__(self, sent_at_us: _Optional[int] = ..., echo_sent_at_us: _Optional[int] = ..., echo_received_at_us: _Optional[int] = ...) -> None: ...

class Goodbye(_message.Message):
    __slots__ = ("reason",)
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: str
    def __init__(self, reason: _Optional[str] = ...) -> None: ...
