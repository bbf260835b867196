"""All tables by name."""

from pathlib import Path

import typer

import city_node.cli
import dashboard.cli
import province_hub.cli
from city_node.config import NodeSettings
from dashboard.config import DashboardConfig
from federation.observability.metrics import METRICS
from federation.settings import SettingsBase
from province_hub.config import HubSettings
from scripts.guide.commands import commands_text
from scripts.guide.indicators import indicators_text
from scripts.guide.markdown import code, table
from scripts.guide.operations import operations_table, parameters_table
from scripts.guide.settings import settings_table

GUIDE = Path(__file__).parents[2] / "docs" / "guide"

PROGRAMS: dict[str, tuple[typer.Typer, type[SettingsBase]]] = {
    "city-node": (city_node.cli.app, NodeSettings),
    "province-hub": (province_hub.cli.app, HubSettings),
    "ioc-dashboard": (dashboard.cli.app, DashboardConfig),
}
"""Command line and settings of the three programs."""


def tables() -> dict[str, str]:
    """Return every table that the guide may hold."""
    found = {
        "metrics": _metrics(),
        "operations": operations_table(),
        "parameters": parameters_table(),
        "indicators": indicators_text(),
    }
    for program, (app, settings) in PROGRAMS.items():
        found[f"settings-{program}"] = settings_table(settings)
        found[f"commands-{program}"] = commands_text(app, program)
    return found


def _metrics() -> str:
    return table(
        ("metric", "kind", "labels", "meaning"),
        [
            [
                code(each.name),
                each.kind.value,
                ", ".join(code(label) for label in each.labels),
                each.meaning,
            ]
            for each in METRICS
        ],
    )
