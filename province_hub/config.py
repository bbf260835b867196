"""What an operator sets for a hub."""

from typing import ClassVar, Literal

from pydantic import Field

from federation.commands.program import Level
from federation.commands.tier_settings import TierProgramSettings, TierSettings


class HubTierSettings(TierSettings):
    """Which tier this is; its id is also its stream towards its parent."""

    level: Literal["province", "nation"] = Field(
        description="`province`, or `nation` for the same program one tier up."
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


class HubSettings(TierProgramSettings):
    """Settings of ``province-hub``."""

    key_name: ClassVar[str] = "hub.key"

    tier: HubTierSettings = Field(description="Which tier this is.")
    uplinks: UplinkListenerSettings = Field(
        default=UplinkListenerSettings(), description="Where children connect."
    )
