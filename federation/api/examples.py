"""What the documentation shows: answers of the real shapes, and the problems."""

from typing import Any

from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example

from federation.api.problems import MEDIA_TYPE, TYPE_PREFIX
from federation.api.schemas import (
    CoverageOut,
    LinkOut,
    LinksOut,
    LocalityOut,
    OriginOut,
    ProblemField,
    ProblemOut,
    SessionOut,
    TextOut,
    TierOut,
    ValueOut,
    ValuesOut,
)
from federation.errors import ERROR_RULES, ErrorCode

Responses = dict[int, ResponseSpec]

TIER = TierOut(
    id="nghe-an",
    level="province",
    name=TextOut(vi="Tỉnh Nghệ An", en="Nghe An province"),
    locality="40",
    workspace="demo",
    version="0.1.0",
    parent="ioc.example.vn:8090",
)
SESSION = SessionOut(
    token="qGm3…",  # noqa: S106
    expires_at="2026-11-22T20:05:00+00:00",
    username="admin",
    role="administrator",
    scope="demo/nghe-an/administrator",
    tier=TIER,
)
LOCALITY = LocalityOut(
    id="16681@2025-07-01",
    code="16681",
    name=TextOut(vi="Phường Thành Vinh", en="Thanh Vinh ward"),
    level="commune",
    parent="40",
    valid_from="2025-07-01",
    valid_to=None,
    decree="1678/NQ-UBTVQH15",
    members=[],
    successors=[],
)
VALUES = ValuesOut(
    items=[
        ValueOut(
            indicator="socio_economic.investment_realised",
            locality="40",
            agency="H41.STC",
            breakdown=None,
            basis="reported",
            frequency="month",
            calendar="vn",
            period="2024-11",
            period_start="2024-11-01T00:00:00+07:00",
            period_end="2024-12-01T00:00:00+07:00",
            value="1213.849",
            numerator=None,
            denominator=None,
            unit="billion_vnd",
            status="normal",
            provenance="file",
            simulated=False,
            statuses={"normal": 1},
            provenances={"file": 1},
            coverage=CoverageOut(reported=1, expected=1, missing_count=0, missing=[]),
            source="investment_series",
            recorded_at="2024-12-06T02:00:00+00:00",
            known_at="2024-12-06T02:00:01+00:00",
            origin=OriginOut(stream="nghe-an-departments", epoch=1, sequence=7),
        )
    ],
    next=None,
)
LINKS = LinksOut(
    items=[
        LinkOut(
            stream="nghe-an",
            parent="vn",
            state="connected",
            epoch=1,
            sealed=42,
            acknowledged=42,
            pending_rows=0,
            last_acknowledged_at="2026-11-22T08:05:00+00:00",
            last_error=None,
        )
    ]
)


def ok(shape: Any, example: Any = None, status: int = 200) -> Responses:
    """Return the documentation of a good answer."""
    return {
        status: ResponseSpec(
            data_container=shape,
            generate_examples=False,
            description="Kết quả / The answer",
            examples=None if example is None else [Example(value=example)],
        )
    }


def _problem(code: ErrorCode, vi: str, en: str, pointer: str = "") -> Responses:
    rule = ERROR_RULES[code]
    example = ProblemOut(
        type=TYPE_PREFIX + code.value,
        title=rule.title_vi,
        status=rule.http_status,
        code=code.value,
        detail=vi,
        detail_vi=vi,
        detail_en=en,
        errors=[ProblemField(pointer=pointer, detail=vi)] if pointer else [],
    )
    return {
        rule.http_status: ResponseSpec(
            data_container=ProblemOut,
            generate_examples=False,
            description=f"{rule.title_vi} / {rule.title_en}",
            media_type=MEDIA_TYPE,
            examples=[Example(value=example)],
        )
    }


INVALID = _problem(
    ErrorCode.INVALID_ARGUMENT,
    "basis phải là một trong: reported, rolled_up.",
    "basis must be one of: reported, rolled_up.",
    "/query/basis",
)
UNAUTHENTICATED = _problem(
    ErrorCode.UNAUTHENTICATED,
    "Phiên đăng nhập không còn hiệu lực. Hãy đăng nhập lại.",
    "The session is no longer valid. Log in again.",
)
MISSING = _problem(
    ErrorCode.NOT_FOUND,
    "Không có chỉ tiêu “x” ở cấp này. Xem danh mục tại /api/v1/indicators.",
    "There is no indicator “x” at this tier. /api/v1/indicators has the list.",
)
REFUSED = _problem(
    ErrorCode.MERGE_REFUSED,
    "environment.pm25_modelled: quy tắc gộp là “none”, không được cộng hay lấy "
    "trung bình.",
    "environment.pm25_modelled: the merge rule is “none”; it must not be summed or "
    "averaged.",
)
THROTTLED = _problem(
    ErrorCode.TOO_MANY_REQUESTS,
    "Đăng nhập sai quá nhiều lần. Hãy thử lại sau 8 giây.",
    "Too many wrong passwords. Try again in 8 seconds.",
)
