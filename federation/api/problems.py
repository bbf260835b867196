"""Errors as problem+json (RFC 9457), in the reader's language and in both."""

from collections.abc import Sequence
from enum import Enum
from typing import Any
from uuid import uuid4

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from federation.api.requests import language_of
from federation.api.schemas import ProblemField, ProblemOut
from federation.errors import ERROR_RULES, ErrorCode, FederationError
from federation.storage.errors import classify
from federation.storage.pool import DRIVER_ERRORS

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:ioc-federation:problem:"

AnyRequest = Request[Any, Any, Any]

log = structlog.get_logger(__name__)

_CODE_OF_STATUS = {
    401: ErrorCode.UNAUTHENTICATED,
    403: ErrorCode.FORBIDDEN,
    404: ErrorCode.NOT_FOUND,
    413: ErrorCode.TOO_LARGE,
    429: ErrorCode.TOO_MANY_REQUESTS,
    503: ErrorCode.UNAVAILABLE,
}
_TEXT_OF_STATUS = {
    404: (
        "Không có đường dẫn này. Danh sách đường dẫn ở /schema/openapi.json.",
        "There is no such path. /schema/openapi.json lists the paths.",
    ),
    405: (
        "Đường dẫn này không nhận phương thức đã dùng; xem /schema/openapi.json.",
        "This path does not take that method; see /schema/openapi.json.",
    ),
    413: (
        "Nội dung gửi lên quá lớn. Hãy chia thành nhiều lần gửi.",
        "The body is too large. Send it in several parts.",
    ),
}


def of_federation_error(
    request: AnyRequest, error: FederationError
) -> Response[ProblemOut]:
    """Answer an error of ours."""
    if error.code is ErrorCode.STORAGE:
        # Its text is the database's own, with names and values: for the log alone.
        return of_unexpected(request, error)
    if error.rule.http_status >= 500:
        log.error("request_failed", path=request.url.path, why=str(error))
    pointer = error.where.get("pointer")
    fields = [] if pointer is None else [(str(pointer), error.text_vi, error.text_en)]
    return _respond(
        request,
        error.code,
        (error.text_vi, error.text_en),
        fields=fields,
        retry_after_s=error.retry_after_s,
    )


def of_http_exception(
    request: AnyRequest, error: HTTPException
) -> Response[ProblemOut]:
    """Answer an error of the framework: unknown path, wrong parameter, too large."""
    code = _CODE_OF_STATUS.get(
        error.status_code,
        ErrorCode.INTERNAL if error.status_code >= 500 else ErrorCode.INVALID_ARGUMENT,
    )
    if error.status_code >= 500:
        return of_unexpected(request, error)
    texts = _TEXT_OF_STATUS.get(error.status_code)
    if texts is None:
        texts = (f"Yêu cầu không hợp lệ: {error.detail}", f"Invalid: {error.detail}")
    fields: list[tuple[str, str, str]] = []
    if isinstance(error, ValidationException) and isinstance(error.extra, list):
        fields = [_field(item) for item in error.extra]
        names = ", ".join(pointer for pointer, _, _ in fields)
        texts = (
            f"Tham số không hợp lệ: {names}. Xem từng mục trong “errors”.",
            f"Invalid parameters: {names}. Each is explained in “errors”.",
        )
    answer = _respond(request, code, texts, fields=fields, status=error.status_code)
    answer.headers.update(error.headers or {})
    return answer


def of_unexpected(request: AnyRequest, error: Exception) -> Response[ProblemOut]:
    """Answer a fault of the program, or a driver's error that got this far."""
    if isinstance(error, RecursionError) and request.method == "POST":
        return _respond(
            request,
            ErrorCode.INVALID_ARGUMENT,
            (
                "Nội dung JSON lồng quá nhiều tầng. Hãy gửi đúng dạng trong "
                "/schema/openapi.json.",
                "The JSON body is nested too deep. Send the form that "
                "/schema/openapi.json names.",
            ),
        )
    if isinstance(error, DRIVER_ERRORS):
        found = classify(error, doing="request")
        if found.retriable:
            return of_federation_error(request, found)
    instance = uuid4().urn
    log.error(
        "request_broken", path=request.url.path, instance=instance, exc_info=error
    )
    return _respond(
        request,
        ErrorCode.INTERNAL,
        (
            f"Lỗi trong chương trình. Báo quản trị viên mã {instance}.",
            f"A fault of the program. Tell the administrator {instance}.",
        ),
        instance=instance,
    )


def _field(item: Any) -> tuple[str, str, str]:
    """Return pointer and texts of one wrong parameter that the framework found."""
    if not isinstance(item, dict):
        return ("", str(item), str(item))
    source = item.get("source", "body")
    place = source.value if isinstance(source, Enum) else str(source)
    key = str(item.get("key", "")).replace(".", "/")
    message = str(item.get("message", ""))
    return (f"/{place}/{key}".rstrip("/"), f"Không hợp lệ: {message}", message)


def _respond(
    request: AnyRequest,
    code: ErrorCode,
    texts: tuple[str, str],
    *,
    fields: Sequence[tuple[str, str, str]] = (),
    status: int | None = None,
    retry_after_s: float | None = None,
    instance: str | None = None,
) -> Response[ProblemOut]:
    rule = ERROR_RULES[code]
    language = language_of(request.headers.get("accept-language", ""))
    chosen = 0 if language == "vi" else 1
    headers = {
        "Content-Language": language,
        "Cache-Control": "no-store",
        "Vary": "Accept-Language",
    }
    if retry_after_s is not None:
        headers["Retry-After"] = str(int(retry_after_s))
    if code is ErrorCode.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = 'Bearer realm="ioc"'
    status = status or rule.http_status
    return Response(
        ProblemOut(
            type=TYPE_PREFIX + code.value,
            title=(rule.title_vi, rule.title_en)[chosen],
            status=status,
            code=code.value,
            detail=texts[chosen],
            detail_vi=texts[0],
            detail_en=texts[1],
            instance=instance,
            retry_after_s=retry_after_s,
            errors=[
                ProblemField(pointer=pointer, detail=(vi, en)[chosen])
                for pointer, vi, en in fields
            ],
        ),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers=headers,
    )
