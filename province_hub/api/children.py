"""``GET /api/v1/children``."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from litestar import Request, get
from litestar.handlers import HTTPRouteHandler

from federation.api.examples import UNAUTHENTICATED, ok
from federation.api.present import moment, text_out
from federation.api.requests import parts_of
from federation.api.schemas import ChildOut, ChildrenOut, TextOut
from federation.views.knowledge import Knowledge
from province_hub.children.standing import Standing

Standings = Callable[[], Awaitable[Sequence[Standing]]]

EXAMPLE = ChildrenOut(
    items=[
        ChildOut(
            stream="vinh",
            node="vinh",
            area_name=TextOut(vi="Khu vực Vinh (6 phường)", en="Vinh area (6 wards)"),
            connected=True,
            epoch=1,
            high_watermark=42,
            projected=42,
            last_committed_at="2026-11-22T08:05:00+00:00",
            last_heartbeat_at="2026-11-22T08:05:10+00:00",
            clock_offset_ms=3,
            complete_through={"vn/day": "2026-11-21"},
            dead_letters=0,
            fence=1,
            software_version="0.1.0",
        )
    ]
)


def children_route(standings: Standings) -> HTTPRouteHandler:
    """Return the route; ``standings`` reads all streams."""

    @get(
        "/children",
        operation_id="listChildren",
        summary="Các luồng của cấp dưới / Streams of the children",
        tags=["reads"],
        responses={**ok(ChildrenOut, EXAMPLE), **UNAUTHENTICATED},
    )
    async def list_children(request: Request[Any, Any, Any]) -> ChildrenOut:
        """Return every stream this tier takes in; one lives when it advances."""
        knowledge = await parts_of(request).knowledge()
        found = await standings()
        return ChildrenOut(items=[_child_out(one, knowledge) for one in found])

    return list_children


def _child_out(one: Standing, knowledge: Knowledge) -> ChildOut:
    assignment, cursor, link = one.assignment, one.cursor, one.link
    offset_us = link.clock_offset_us if link is not None else None
    # A stream bears an area's id or a code of its own; a code may have been another
    # place's before, so only an area is looked up by it.
    area = knowledge.places.get(assignment.stream)
    named = assignment.stream
    if (area is None or area.level != "area") and assignment.area.localities:
        named = assignment.area.localities[0]
    return ChildOut(
        stream=assignment.stream,
        node=assignment.node,
        area_name=text_out(knowledge.place_name(named)),
        connected=link is not None and link.connected,
        epoch=cursor.epoch if cursor is not None else 0,
        high_watermark=cursor.sequence if cursor is not None else 0,
        projected=one.projected,
        last_committed_at=moment(one.committed_at) if one.committed_at else None,
        last_heartbeat_at=moment(link.heard_at) if link is not None else None,
        clock_offset_ms=None if offset_us is None else round(offset_us / 1000),
        complete_through=one.complete_through,
        dead_letters=one.dead_letters,
        fence=assignment.fence,
        software_version=(link.software_version or None) if link is not None else None,
    )
