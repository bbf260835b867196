"""What an operator sets for a city node."""

from typing import ClassVar, Literal

from pydantic import Field

from federation.commands.program import Level
from federation.commands.tier_settings import (
    NAME_PATTERN,
    TierProgramSettings,
    TierSettings,
)
from federation.identity.documents import Area


class NodeTierSettings(TierSettings):
    """Who the node is."""

    level: Literal["city", "province"] = Field(
        default="city",
        description="`city`, or `province` for departments that the province hosts.",
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


class NodeSettings(TierProgramSettings):
    """Settings of ``city-node``."""

    key_name: ClassVar[str] = "node.key"

    tier: NodeTierSettings = Field(description="Who the node is.")
    areas: tuple[AreaSettings, ...] = Field(
        min_length=1, description="The areas the node speaks for."
    )
    subsystems: tuple[str, ...] = Field(
        min_length=1, description="Names of the subsystems the node runs."
    )
