"""What an operator sets for a hub."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from federation.commands.parts import ApiSettings, DatabaseSettings
from federation.commands.program import Level, ProgramSettings

NAME_PATTERN = r"^[a-z0-9][a-z0-9-]{0,62}$"
"""Names that stand in cookies, file names and streams."""


class TierSettings(Level):
    """Which tier this is."""

    id: str = Field(
        pattern=NAME_PATTERN,
        description="Id of the tier; also the name of its stream towards its parent.",
    )
    level: Literal["province", "nation"] = Field(
        description="`province`, or `nation` for the same program one tier up."
    )
    name_vi: str = Field(min_length=1, description="Name in Vietnamese.")
    name_en: str = Field(min_length=1, description="Name in English.")
    locality: str = Field(
        min_length=1, description="Its place: a province's code, or `VN`."
    )


class UplinkListenerSettings(Level):
    """Where children connect (gRPC)."""

    host: str = Field(default="127.0.0.1", description="Address children connect to.")
    port: int = Field(
        default=8090, ge=0, le=65535, description="Port of gRPC; 0 takes a free one."
    )
    heartbeat_interval_s: int = Field(
        default=15, ge=1, le=300, description="Sign of life on every link."
    )

    @property
    def address(self) -> str:
        """Return where gRPC listens."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


class ParentSettings(Level):
    """The tier above; left out where there is none."""

    address: str = Field(
        default="", description="host:port of its gRPC; empty: there is no parent."
    )
    token_file: Path | None = Field(
        default=None, description="The join ticket, used once, at the first start."
    )


class LocalitiesSettings(Level):
    """Which lists of places are read; the one that ships is always the first."""

    files: tuple[Path, ...] = Field(
        default=(), description="Newer official lists (JSON), imported in this order."
    )
    areas: tuple[Path, ...] = Field(
        default=(), description="Files of areas and dated places (TOML)."
    )


class AdministratorSettings(Level):
    """The first password; by default one is made in <data>/administrator.password."""

    password: SecretStr = Field(
        default=SecretStr(""),
        description="Password at the first start, best as password_file.",
    )


class HubSettings(ProgramSettings):
    """Settings of ``province-hub``."""

    workspace: str = Field(
        default="default",
        pattern=NAME_PATTERN,
        description="Tells installations on one host apart (cookies, caches).",
    )
    data: Path = Field(description="Folder for keys and the administrator's password.")
    tier: TierSettings = Field(description="Which tier this is.")
    database: DatabaseSettings = Field(description="The hub's database.")
    api: ApiSettings = Field(default=ApiSettings(), description="REST.")
    uplinks: UplinkListenerSettings = Field(
        default=UplinkListenerSettings(), description="Where children connect."
    )
    parent: ParentSettings = Field(
        default=ParentSettings(), description="The tier above."
    )
    localities: LocalitiesSettings = Field(
        default=LocalitiesSettings(), description="Lists of places."
    )
    administrator: AdministratorSettings = Field(
        default=AdministratorSettings(), description="Who logs in first."
    )

    @property
    def key_file(self) -> Path:
        """Return the file of the tier's private key."""
        return self.data / "hub.key"

    @property
    def password_file(self) -> Path:
        """Return the file a generated password is written to."""
        return self.data / "administrator.password"
