"""What an operator sets alike for every program that holds a tier's figures."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr

from federation.api.schemas import TierLevel
from federation.commands.program import Level, ProgramSettings, local_url

NAME_PATTERN = r"^[a-z0-9][a-z0-9-]{0,62}$"
"""Names that stand in cookies, file names and streams."""


class TierSettings(Level):
    """Who this is; a program narrows the levels it can be."""

    id: str = Field(
        pattern=NAME_PATTERN,
        description="Id of the tier; the parent's join token names it.",
    )
    level: TierLevel = Field(description="Which level of the federation it is.")
    name_vi: str = Field(
        min_length=1, description="The name people read, in Vietnamese."
    )
    name_en: str = Field(min_length=1, description="The name people read, in English.")
    locality: str = Field(
        min_length=1,
        description="Id of its own place, whose overview is shown first.",
    )


class ApiSettings(Level):
    """Where the REST interface listens."""

    host: str = Field(default="127.0.0.1", description="Address REST listens on.")
    port: int = Field(
        default=8080, ge=0, le=65535, description="Port of REST; 0 takes a free one."
    )
    trusted_proxies: str = Field(
        default="127.0.0.1",
        description="Addresses whose X-Forwarded-For is believed, comma separated.",
    )

    def base_url(self) -> str:
        """Return where this machine reaches the interface."""
        return local_url(self.host, self.port)


class DatabaseSettings(Level):
    """The program's database."""

    url: SecretStr = Field(
        description="postgresql://user:password@host:port/database; url_file works too."
    )
    connections_max: int = Field(
        default=8, ge=2, le=200, description="Connections the program may hold."
    )


class LocalitiesSettings(Level):
    """Which lists of places are read; the one that ships is always the first."""

    files: tuple[Path, ...] = Field(
        default=(), description="Newer official lists (JSON), imported in this order."
    )
    areas: tuple[Path, ...] = Field(
        default=(), description="Files of areas and dated places (TOML)."
    )


class ParentSettings(Level):
    """The tier above; left out where there is none."""

    address: str = Field(
        default="", description="host:port of the parent's gRPC; empty: no parent."
    )
    token_file: Path | None = Field(
        default=None, description="The join token, used once, at the first start."
    )


class AdministratorSettings(Level):
    """The first password; by default one is made in <data>/administrator.password."""

    password: SecretStr = Field(
        default=SecretStr(""),
        description="Password at the first start, best as password_file.",
    )


class TierProgramSettings(ProgramSettings):
    """What is set alike at a node and at a hub."""

    workspace: str = Field(
        default="default",
        pattern=NAME_PATTERN,
        description="Tells installations on one machine apart (cookies, caches).",
    )
    data: Path = Field(
        description="Folder of the private key and the administrator's password."
    )
    tier: TierSettings = Field(description="Who this is.")
    api: ApiSettings = Field(default=ApiSettings(), description="The REST interface.")
    database: DatabaseSettings = Field(description="The program's database.")
    localities: LocalitiesSettings = Field(
        default=LocalitiesSettings(), description="Lists of places."
    )
    parent: ParentSettings = Field(
        default=ParentSettings(), description="The tier above."
    )
    administrator: AdministratorSettings = Field(
        default=AdministratorSettings(), description="Who logs in first."
    )

    key_name: ClassVar[str]
    """Name of the private key's file."""

    @property
    def key_file(self) -> Path:
        """Return the file of the private key."""
        return self.data / self.key_name

    @property
    def database_url(self) -> str:
        """Return the address of the database, with its password."""
        return self.database.url.get_secret_value()

    @property
    def password_file(self) -> Path:
        """Return the file a generated password is written to."""
        return self.data / "administrator.password"
