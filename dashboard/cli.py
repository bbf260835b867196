"""``ioc-dashboard``: serve the page of a tier, and look after it."""

from urllib.parse import urlsplit

from dashboard.config import DashboardConfig
from federation.commands import doctor
from federation.commands.doctor import Check
from federation.commands.program import Program, command_line
from federation.commands.program import main as run_main

_PORTS = {"http": 80, "https": 443}


async def serve(settings: DashboardConfig) -> None:
    """Serve the page until the process is told to stop."""
    # Streamlit takes a second to import; the other commands do without it.
    from dashboard import server  # noqa: PLC0415

    await server.serve(settings)


def checks(settings: DashboardConfig) -> list[Check]:
    """Return what ``doctor`` looks at."""
    api = urlsplit(settings.tier.api_url)
    number = api.port or _PORTS[api.scheme]
    return [
        doctor.reachable("tier", f"{api.hostname}:{number}"),
        doctor.port(
            "page",
            settings.host,
            settings.port,
            live_url=f"{settings.base_url()}/livez",
        ),
    ]


PROGRAM = Program(
    name="ioc-dashboard",
    summary="Trang điều hành của một cấp. / The page of a tier.",
    settings=DashboardConfig,
    serve=serve,
    checks=checks,
    base_url=DashboardConfig.base_url,
)

app = command_line(PROGRAM)


def main() -> None:
    """Run the command line."""
    run_main(app)


if __name__ == "__main__":
    main()
