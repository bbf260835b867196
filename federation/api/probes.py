"""Is it alive, is it ready, what does it measure: for machines, without a log-in."""

from typing import Any

from litestar import Request, Response, get

from federation.api.requests import parts_of
from federation.api.schemas import CheckOut, ReadinessOut
from federation.observability.metrics import CONTENT_TYPE
from federation.observability.probes import ProbeReport

NOT_KEPT = {"Cache-Control": "no-store"}


@get("/livez", operation_id="getLiveness", tags=["probes"], summary="Alive?")
async def livez(request: Request[Any, Any, Any]) -> Response[ReadinessOut]:
    """Answer 200 while restarting the process would not help."""
    return _answer(await parts_of(request).probes.liveness())


@get("/readyz", operation_id="getReadiness", tags=["probes"], summary="Ready?")
async def readyz(request: Request[Any, Any, Any]) -> Response[ReadinessOut]:
    """Answer 200 when the service can take work, else 503 and why not."""
    return _answer(await parts_of(request).probes.readiness())


@get("/metrics", operation_id="getMetrics", tags=["probes"], summary="Prometheus")
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Answer all metrics as text for Prometheus."""
    body = parts_of(request).metrics.render()
    return Response(body, media_type=CONTENT_TYPE, headers=NOT_KEPT)


def _answer(report: ProbeReport) -> Response[ReadinessOut]:
    return Response(
        ReadinessOut(
            ready=report.ok,
            checks=[
                CheckOut(name=check.name, ok=check.ok, why=check.why)
                for check in report.checks
            ],
        ),
        status_code=200 if report.ok else 503,
        headers=NOT_KEPT,
    )
