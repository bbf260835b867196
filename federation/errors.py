"""Errors say what the caller can do.

Every error carries a code. One table maps a code to whether trying again is any
use, to the gRPC and HTTP status at the edge, and to the public text in both
languages. The places that answer people and machines translate through this
table; nobody writes a status by hand.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class ErrorCode(StrEnum):
    """What went wrong; stable, and part of the public interface."""

    INVALID_ARGUMENT = "invalid-argument"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    CONFLICT = "conflict"
    TOO_LARGE = "too-large"
    TOO_MANY_REQUESTS = "too-many-requests"
    UNAVAILABLE = "unavailable"
    MERGE_REFUSED = "merge-refused"
    OVERFLOW = "overflow"
    CONFIGURATION = "configuration"
    STORAGE = "storage"
    STORAGE_UNAVAILABLE = "storage-unavailable"
    INPUT_UNREADABLE = "input-unreadable"
    INPUT_ROW = "input-row"
    WIRE = "wire"
    REFUSED_BY_PARENT = "refused-by-parent"
    INTERNAL = "internal"


@dataclass(frozen=True, kw_only=True)
class ErrorRule:
    """What a code means at the edge."""

    retriable: bool
    http_status: int
    grpc_status: str
    title_vi: str
    title_en: str


def _rule(
    retriable: bool, http_status: int, grpc_status: str, title_vi: str, title_en: str
) -> ErrorRule:
    return ErrorRule(
        retriable=retriable,
        http_status=http_status,
        grpc_status=grpc_status,
        title_vi=title_vi,
        title_en=title_en,
    )


ERROR_RULES: dict[ErrorCode, ErrorRule] = {
    ErrorCode.INVALID_ARGUMENT: _rule(
        False, 400, "INVALID_ARGUMENT", "Yêu cầu không hợp lệ", "Invalid request"
    ),
    ErrorCode.UNAUTHENTICATED: _rule(
        False, 401, "UNAUTHENTICATED", "Chưa đăng nhập", "Not signed in"
    ),
    ErrorCode.FORBIDDEN: _rule(
        False, 403, "PERMISSION_DENIED", "Không có quyền", "Not allowed"
    ),
    ErrorCode.NOT_FOUND: _rule(False, 404, "NOT_FOUND", "Không tìm thấy", "Not found"),
    ErrorCode.CONFLICT: _rule(
        False, 409, "ALREADY_EXISTS", "Xung đột dữ liệu", "Conflict"
    ),
    ErrorCode.TOO_LARGE: _rule(
        False, 413, "RESOURCE_EXHAUSTED", "Dữ liệu quá lớn", "Too large"
    ),
    ErrorCode.TOO_MANY_REQUESTS: _rule(
        True, 429, "RESOURCE_EXHAUSTED", "Quá nhiều yêu cầu", "Too many requests"
    ),
    ErrorCode.UNAVAILABLE: _rule(
        True, 503, "UNAVAILABLE", "Tạm thời không phục vụ được", "Unavailable for now"
    ),
    ErrorCode.MERGE_REFUSED: _rule(
        False, 422, "FAILED_PRECONDITION", "Không được phép gộp", "Must not be merged"
    ),
    ErrorCode.OVERFLOW: _rule(
        False, 422, "OUT_OF_RANGE", "Số vượt phạm vi", "Number out of range"
    ),
    ErrorCode.CONFIGURATION: _rule(
        False, 500, "FAILED_PRECONDITION", "Cấu hình sai", "Configuration is wrong"
    ),
    ErrorCode.STORAGE: _rule(
        False, 500, "INTERNAL", "Lỗi cơ sở dữ liệu", "Database error"
    ),
    ErrorCode.STORAGE_UNAVAILABLE: _rule(
        True,
        503,
        "UNAVAILABLE",
        "Cơ sở dữ liệu tạm thời không phục vụ",
        "Database unavailable for now",
    ),
    ErrorCode.INPUT_UNREADABLE: _rule(
        False, 422, "INVALID_ARGUMENT", "Không đọc được tệp", "File cannot be read"
    ),
    ErrorCode.INPUT_ROW: _rule(
        False, 422, "INVALID_ARGUMENT", "Dòng dữ liệu sai", "Row refused"
    ),
    ErrorCode.WIRE: _rule(
        False, 400, "INVALID_ARGUMENT", "Gói tin không hợp lệ", "Malformed message"
    ),
    ErrorCode.REFUSED_BY_PARENT: _rule(
        False, 502, "FAILED_PRECONDITION", "Cấp trên từ chối", "Refused by the parent"
    ),
    ErrorCode.INTERNAL: _rule(False, 500, "INTERNAL", "Lỗi hệ thống", "Internal error"),
}


@dataclass(eq=False)
class FederationError(Exception):
    """An error with a code and a text for a person in both languages.

    ``text_vi`` and ``text_en`` say what is wrong, where, and what to do. ``where``
    names the place (file, sheet, row, field, stream, setting …) for machines.
    """

    code: ErrorCode
    text_vi: str
    text_en: str
    where: dict[str, Any] = field(default_factory=dict)
    retry_after_s: float | None = None

    @property
    def rule(self) -> ErrorRule:
        """Return what the code means at the edge."""
        return ERROR_RULES[self.code]

    @property
    def retriable(self) -> bool:
        """Return whether the same call may succeed later."""
        return self.rule.retriable

    def __str__(self) -> str:
        """Return the text in both languages with the place."""
        place = ", ".join(f"{key}={value}" for key, value in self.where.items())
        return f"{self.text_en} / {self.text_vi}" + (f" [{place}]" if place else "")
