"""Which programs the demo runs, where they listen, and their settings.

The nation is a hub without a parent, the province a hub below it; the node of Vinh
runs on its own (distributed), another node hosts the provincial departments and
five communes (centralized). Each tier has one page.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.federation_demo.options import Options
from scripts.federation_demo.programs import Program
from scripts.federation_demo.reading import TierAddress

CHECKOUT = Path(__file__).resolve().parents[2]
DEMO_FILES = CHECKOUT / "infra" / "demo" / "nghe-an"
AREAS_FILE = DEMO_FILES / "areas.toml"
CALENDARS_FILE = DEMO_FILES / "calendars.toml"
# What a hub expects of places that no node speaks for.
OWED_FILES = {
    "viet-nam": DEMO_FILES / "owed-nation.toml",
    "nghe-an": DEMO_FILES / "owed-province.toml",
}
# Official lists below the data folder, oldest first.
LOCALITY_FILES = (
    "admin_units/legacy_nghe_an_before_2025-07.json",
    "admin_units/current_2026-07.json",
)
PORTS_PER_TIER = 10
POSTGRES_PORT_OFFSET = 45
PORT_COUNT = 50
ADMINISTRATOR = "admin"

COMMUNES = {
    "17443": "17443@2025-07-01",
    "16903": "16903@2025-07-01",
    "16858": "16858@2025-07-01",
    "17254": "17254@2025-07-01",
    "17935": "17935@2025-07-01",
}


@dataclass(frozen=True, kw_only=True)
class AreaPlan:
    """An area as settings and join tokens write it."""

    stream: str
    localities: tuple[str, ...]
    includes_parts: bool = False

    @property
    def argument(self) -> str:
        """Return the area as ``token create --area`` takes it."""
        parts = ":parts" if self.includes_parts else ""
        return f"{self.stream}={','.join(self.localities)}{parts}"

    def settings(self) -> dict[str, Any]:
        """Return the area as a settings file writes it."""
        return {
            "id": self.stream,
            "localities": list(self.localities),
            "includes_parts": self.includes_parts,
        }


@dataclass(frozen=True, kw_only=True)
class TierPlan:
    """One tier's program: hub or node, and the page beside it, if it has one."""

    id: str
    command: str
    level: str
    name_vi: str
    name_en: str
    locality: str
    position: int
    parent: str = ""
    areas: tuple[AreaPlan, ...] = ()
    subsystems: tuple[str, ...] = ("socio_economic", "environment")
    page: bool = True

    @property
    def database(self) -> str:
        """Return the name of its database."""
        return f"ioc_{self.id.replace('-', '_')}"


NATION = TierPlan(
    id="viet-nam",
    command="province-hub",
    level="nation",
    name_vi="Việt Nam",
    name_en="Viet Nam",
    locality="VN",
    position=0,
)
PROVINCE = TierPlan(
    id="nghe-an",
    command="province-hub",
    level="province",
    name_vi="Tỉnh Nghệ An",
    name_en="Nghe An Province",
    locality="40",
    position=1,
    parent="viet-nam",
    areas=(AreaPlan(stream="nghe-an", localities=("40",), includes_parts=True),),
)
VINH = TierPlan(
    id="vinh",
    command="city-node",
    level="city",
    name_vi="Khu vực Vinh (6 phường)",
    name_en="Vinh area (6 wards)",
    locality="vinh",
    position=2,
    parent="nghe-an",
    areas=(AreaPlan(stream="vinh", localities=("vinh",), includes_parts=True),),
    subsystems=("environment", "citizen_feedback"),
)
HOSTED = TierPlan(
    id="nghe-an-hosted",
    command="city-node",
    level="province",
    name_vi="Nghệ An: sở, ngành và xã do tỉnh vận hành",
    name_en="Nghe An: departments and communes hosted by the province",
    locality="40",
    position=3,
    parent="nghe-an",
    areas=(
        AreaPlan(stream="nghe-an-departments", localities=("40",)),
        *(
            AreaPlan(stream=code, localities=(locality,))
            for code, locality in COMMUNES.items()
        ),
    ),
    # Statistics are the province's own: its departments report them, never a city.
    subsystems=("socio_economic", "environment", "health", "education", "tourism"),
    page=False,
)
TIERS = (NATION, PROVINCE, VINH, HOSTED)


class Layout:
    """Folders, ports, settings files and programs of one demo."""

    def __init__(self, options: Options) -> None:
        """Plan below ``options.workspace`` from ``options.port_base`` on."""
        self.options = options
        self.workspace_name = f"demo-{options.port_base}"

    def folder(self, tier: TierPlan) -> Path:
        """Return the folder of a tier's keys, settings and logs."""
        return self.options.workspace / tier.id

    def api_port(self, tier: TierPlan) -> int:
        """Return where a tier answers REST."""
        return self.options.port_base + tier.position * PORTS_PER_TIER

    def uplink_port(self, tier: TierPlan) -> int:
        """Return where a hub takes in its children."""
        return self.api_port(tier) + 1

    def page_port(self, tier: TierPlan) -> int:
        """Return where a tier's page is."""
        return self.api_port(tier) + 2

    @property
    def postgres_port(self) -> int:
        """Return where the workspace's PostgreSQL listens."""
        return self.options.port_base + POSTGRES_PORT_OFFSET

    @property
    def ports(self) -> list[int]:
        """Return every port that must be free."""
        ports = [self.postgres_port]
        for tier in TIERS:
            ports.append(self.api_port(tier))
            if tier.command == "province-hub":
                ports.append(self.uplink_port(tier))
            if tier.page:
                ports.append(self.page_port(tier))
        return ports

    def api_url(self, tier: TierPlan) -> str:
        """Return the address of a tier's REST interface."""
        return f"http://127.0.0.1:{self.api_port(tier)}"

    def page_url(self, tier: TierPlan) -> str:
        """Return the address of a tier's page."""
        return f"http://127.0.0.1:{self.page_port(tier)}"

    def settings_file(self, tier: TierPlan) -> Path:
        """Return the settings file of a tier's program."""
        return self.folder(tier) / f"{tier.command}.toml"

    def token_file(self, tier: TierPlan) -> Path:
        """Return where a child's join token is put."""
        return self.folder(tier) / "join.token"

    def log_file(self, name: str) -> Path:
        """Return the log of a program."""
        return self.options.workspace / "logs" / f"{name}.log"

    def write_settings(self, url_files: Mapping[str, Path]) -> None:
        """Write the settings of every program; ``url_files`` by tier id."""
        for tier in TIERS:
            self.write_tier_settings(tier, url_files[tier.id])
            if tier.page:
                _write_toml(self._page_file(tier), self._page_settings(tier))

    def write_tier_settings(self, tier: TierPlan, url_file: Path) -> None:
        """Write the settings of one tier's program."""
        _write_toml(self.settings_file(tier), self._tier_settings(tier, url_file))

    def _tier_settings(self, tier: TierPlan, url_file: Path) -> dict[str, Any]:
        settings: dict[str, Any] = {
            "workspace": self.workspace_name,
            "data": str(self.folder(tier)),
            "tier": {
                "id": tier.id,
                "level": tier.level,
                "name_vi": tier.name_vi,
                "name_en": tier.name_en,
                "locality": tier.locality,
            },
            "api": {"port": self.api_port(tier)},
            "database": {"url_file": str(url_file)},
            "localities": {
                "files": [str(path) for path in self._locality_files()],
                "areas": [str(AREAS_FILE)],
            },
            "reporting": {"calendars": [str(CALENDARS_FILE)]},
        }
        if tier.id in OWED_FILES:
            settings["reporting"]["obligations"] = [str(OWED_FILES[tier.id])]
        if tier.parent:
            parent = next(other for other in TIERS if other.id == tier.parent)
            settings["parent"] = {
                "address": f"127.0.0.1:{self.uplink_port(parent)}",
                "token_file": str(self.token_file(tier)),
            }
        if tier.command == "city-node":
            settings["subsystems"] = list(tier.subsystems)
            settings["areas"] = [area.settings() for area in tier.areas]
        else:
            settings["uplinks"] = {"port": self.uplink_port(tier)}
        return settings

    def _locality_files(self) -> list[Path]:
        if self.options.data is None:
            return []
        paths = [self.options.data / name for name in LOCALITY_FILES]
        return [path for path in paths if path.is_file()]

    def _page_file(self, tier: TierPlan) -> Path:
        return self.folder(tier) / "ioc-dashboard.toml"

    def _page_settings(self, tier: TierPlan) -> dict[str, Any]:
        return {
            "workspace": self.workspace_name,
            "port": self.page_port(tier),
            "tier": {
                "api_url": self.api_url(tier),
                "level": tier.level,
                "name_vi": tier.name_vi,
                "name_en": tier.name_en,
            },
        }

    def program(self, tier: TierPlan) -> Program:
        """Return the program of a tier."""
        return Program(
            name=tier.id,
            command=self.command(tier, "serve"),
            log=self.log_file(tier.id),
            ready_url=f"{self.api_url(tier)}/readyz",
        )

    def page_program(self, tier: TierPlan) -> Program:
        """Return the page of a tier."""
        return Program(
            name=f"{tier.id}-page",
            command=[
                executable("ioc-dashboard"),
                "serve",
                "--config",
                str(self._page_file(tier)),
            ],
            log=self.log_file(f"{tier.id}-page"),
            ready_url=f"{self.page_url(tier)}/_stcore/health",
        )

    def command(self, tier: TierPlan, *arguments: str) -> list[str]:
        """Return a command line of a tier's program with its settings."""
        return [
            executable(tier.command),
            *arguments,
            "--config",
            str(self.settings_file(tier)),
        ]

    def address(self, tier: TierPlan) -> TierAddress:
        """Return where a tier answers and how its administrator logs in."""
        password = (self.folder(tier) / "administrator.password").read_text(
            encoding="utf-8"
        )
        return TierAddress(
            name=tier.id,
            api_url=self.api_url(tier),
            username=ADMINISTRATOR,
            password=password.strip(),
        )


def executable(name: str) -> str:
    """Return a program of this environment."""
    return str(Path(sys.executable).parent / name)


def _write_toml(path: Path, settings: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines = ["# Written by scripts/demo at every start."]
    tables: list[str] = []
    for key, value in settings.items():
        if isinstance(value, Mapping):
            tables.append(f"\n[{key}]")
            tables += [f"{name} = {_toml(item)}" for name, item in value.items()]
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            for entry in value:
                tables.append(f"\n[[{key}]]")
                tables += [f"{name} = {_toml(item)}" for name, item in entry.items()]
        else:
            lines.append(f"{key} = {_toml(value)}")
    path.write_text("\n".join([*lines, *tables]) + "\n", encoding="utf-8")


def _toml(value: Any) -> str:
    """Return a string, number, boolean or list of strings as TOML (JSON is TOML)."""
    return json.dumps(value, ensure_ascii=False)
