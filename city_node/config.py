"""What an operator sets for a city node."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from federation.commands.parts import ApiSettings, DatabaseSettings
from federation.commands.program import Level, ProgramSettings
from federation.identity.documents import Area

NAME_PATTERN = r"^[a-z0-9][a-z0-9-]{0,62}$"
"""Names that stand in cookies, file names and streams."""


class TierSettings(Level):
    """Who the node is."""

    id: str = Field(
        pattern=NAME_PATTERN,
        description="The node's name; the parent's join token names it.",
    )
    level: Literal["city", "province"] = Field(
        default="city",
        description="`city`, or `province` for departments that the province hosts.",
    )
    name_vi: str = Field(description="The name people read, in Vietnamese.")
    name_en: str = Field(description="The name people read, in English.")
    locality: str = Field(
        description="The locality whose overview the node shows first, by id."
    )


class AreaSettings(Level):
    """An area that the node speaks for; its id is the id of its stream."""

    id: str = Field(pattern=NAME_PATTERN, description="Id of the area and its stream.")
    localities: tuple[str, ...] = Field(
        min_length=1, description="Ids of the localities the area names."
    )
    includes_parts: bool = Field(
        default=False,
        description="Whether it speaks for their members or parts as well.",
    )

    def area(self) -> Area:
        """Return the area as streams know it."""
        return Area(
            stream=self.id,
            localities=self.localities,
            includes_parts=self.includes_parts,
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
    """The tier above. Without one the node works alone."""

    address: str = Field(
        default="", description="host:port of the parent's uplink; empty: no parent."
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


class NodeSettings(ProgramSettings):
    """Everything an operator sets for a city node."""

    workspace: str = Field(
        default="default",
        pattern=NAME_PATTERN,
        description="Tells installations on one machine apart (cookies, caches).",
    )
    data: Path = Field(
        description="Folder of the node's key and the administrator's password."
    )
    tier: TierSettings = Field(description="Who the node is.")
    areas: tuple[AreaSettings, ...] = Field(
        min_length=1, description="The areas the node speaks for."
    )
    subsystems: tuple[str, ...] = Field(
        min_length=1, description="Names of the subsystems the node runs."
    )
    api: ApiSettings = Field(default=ApiSettings(), description="The REST interface.")
    database: DatabaseSettings = Field(description="The node's database.")
    localities: LocalitiesSettings = Field(
        default=LocalitiesSettings(), description="Lists of places."
    )
    parent: ParentSettings = Field(
        default=ParentSettings(), description="The tier above."
    )

    administrator: AdministratorSettings = Field(
        default=AdministratorSettings(), description="Who logs in first."
    )

    @property
    def key_file(self) -> Path:
        """Return the file of the node's private key."""
        return self.data / "node.key"

    @property
    def password_file(self) -> Path:
        """Return the file a generated password is written to."""
        return self.data / "administrator.password"
