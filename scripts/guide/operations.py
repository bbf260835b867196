"""REST operations, from the OpenAPI documents of the programs."""

from collections.abc import Iterator
from typing import Any, cast

from city_node.api.feeding import feeding_routes
from city_node.api.intake import intake_routes
from federation.api.app import create_app
from federation.api.requests import Parts
from federation.api.schemas import TextOut, TierOut
from federation.observability.metrics import Metrics
from province_hub.api.children import children_route
from scripts.guide.markdown import code, table

HEADINGS = ("operation", "request", "at", "log-in", "what it gives")
PARAMETER_HEADINGS = ("operation", "parameter", "required", "meaning")
METHODS = ("get", "post", "put", "patch", "delete")
# The documents are made from the routes; nothing behind them is asked.
NOTHING = cast(Any, None)


def operations_table() -> str:
    """Return every operation of both programs."""
    rows = []
    for path, method, operation, at in operations():
        request = code(f"{method.upper()} {path}")
        login = "yes" if operation.get("security") else "–"
        says = operation.get("description") or operation.get("summary", "")
        rows.append([code(operation["operationId"]), request, at, login, says])
    return table(HEADINGS, rows)


def parameters_table() -> str:
    """Return every parameter of every operation."""
    return table(
        PARAMETER_HEADINGS,
        [
            [
                code(operation["operationId"]),
                f"{code(each['name'])} ({each['in']})",
                "yes" if each.get("required") else "–",
                each.get("description", ""),
            ]
            for _, _, operation, _ in operations()
            for each in operation.get("parameters", [])
        ],
    )


def operations() -> Iterator[tuple[str, str, dict[str, Any], str]]:
    """Yield path, method, OpenAPI operation, and the programs that answer it."""
    of_node = [*intake_routes(NOTHING), *feeding_routes(NOTHING, NOTHING, NOTHING)]
    node, hub = _paths(of_node), _paths([children_route(NOTHING)])
    for path, methods in sorted((node | hub).items()):
        for method in METHODS:
            if method not in methods:
                continue
            at = [
                program
                for program, paths in (("node", node), ("hub", hub))
                if method in paths.get(path, {})
            ]
            yield path, method, methods[method], ", ".join(at)


def _paths(also: Any) -> dict[str, Any]:
    tier = TierOut(
        id="x",
        level="city",
        name=TextOut(vi="", en=""),
        locality="x",
        workspace="x",
        version="",
        parent=None,
    )
    parts = Parts(
        tier=tier,
        access=NOTHING,
        knowledge=NOTHING,
        values=NOTHING,
        obligations=NOTHING,
        windows=NOTHING,
        overview=NOTHING,
        links=NOTHING,
        probes=NOTHING,
        metrics=Metrics(),
        clock=NOTHING,
    )
    document = create_app(parts, also=also).openapi_schema.to_schema()
    return cast(dict[str, Any], document["paths"])
