"""The application a program serves."""

from collections.abc import Sequence

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, YamlRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import ControllerRouterHandler

from federation.api import problems
from federation.api.edge import Measuring, Tagging, add_security_headers
from federation.api.obligations import OBLIGATION_ROUTES
from federation.api.probes import livez, metrics, readyz
from federation.api.reading import ReadingController
from federation.api.requests import Parts, signed_in
from federation.api.session import SessionController
from federation.api.windows import WindowController
from federation.errors import FederationError

BASE_PATH = "/api/v1"
BODY_BYTES_MAX = 1_000_000
"""A larger body is refused with 413; a route may allow more for itself."""


def create_app(
    parts: Parts, *, also: Sequence[ControllerRouterHandler] = (), debug: bool = False
) -> Litestar:
    """Return the application of a tier.

    Args:
        parts: What the routes stand on.
        also: A program's own routes; they stand under ``/api/v1`` behind the log-in.
        debug: Show faults in the answer; never in production.
    """
    protected = Router(
        BASE_PATH,
        route_handlers=[ReadingController, WindowController, *OBLIGATION_ROUTES, *also],
        guards=[signed_in],
        middleware=[Tagging()],
        security=[{"bearer": []}, {"cookie": []}],
    )
    public = Router(BASE_PATH, route_handlers=[SessionController])
    return Litestar(
        route_handlers=[protected, public, livez, readyz, metrics],
        middleware=[Measuring(parts.metrics)],
        before_send=[add_security_headers],
        exception_handlers={
            FederationError: problems.of_federation_error,
            HTTPException: problems.of_http_exception,
            Exception: problems.of_unexpected,
        },
        openapi_config=_openapi(parts),
        request_max_body_size=BODY_BYTES_MAX,
        state=State({"parts": parts}),
        debug=debug,
        logging_config=None,
    )


def _openapi(parts: Parts) -> OpenAPIConfig:
    return OpenAPIConfig(
        title=f"{parts.tier.name.vi} – {parts.tier.name.en}",
        version=parts.tier.version,
        description=(
            "Số liệu điều hành: giá trị, độ phủ, nguồn gốc. / Operational figures: "
            "values, coverage, provenance. Numbers are decimal strings; absent values "
            "are null with a status; lists page by cursor; errors are problem+json."
        ),
        path="/schema",
        # Documents only: pages that show them would load code from elsewhere.
        render_plugins=[JsonRenderPlugin(path=["/openapi.json", "/"]), _YAML],
        use_handler_docstrings=True,
        components=Components(
            security_schemes={
                "bearer": SecurityScheme(type="http", scheme="bearer"),
                "cookie": SecurityScheme(
                    type="apiKey", name=parts.cookie_name, security_scheme_in="cookie"
                ),
            }
        ),
    )


_YAML = YamlRenderPlugin()
