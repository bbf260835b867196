"""What an operator sets for one dashboard."""

import re
from typing import Literal

from pydantic import Field

from federation.api.schemas import TierLevel
from federation.commands.program import Level, ProgramSettings, local_url

_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"


class TierSettings(Level):
    """The tier whose figures are shown."""

    api_url: str = Field(
        default="http://127.0.0.1:8100",
        pattern=r"^https?://[^\s]+$",
        description="Address of the tier's REST interface, without /api/v1.",
    )
    level: TierLevel = Field(
        default="province", description="Level of the tier: nation, province or city."
    )
    name_vi: str = Field(
        default="", description="The tier's name in Vietnamese, shown before log-in."
    )
    name_en: str = Field(
        default="", description="The tier's name in English, shown before log-in."
    )


class DashboardConfig(ProgramSettings):
    """Settings of one dashboard process: one tier, one address."""

    tier: TierSettings = Field(
        default=TierSettings(), description="The tier whose figures are shown."
    )
    workspace: str = Field(
        default="default",
        pattern=_NAME,
        description="Names the installation; part of the cookie's name.",
    )
    host: str = Field(default="127.0.0.1", description="Address to listen at.")
    port: int = Field(default=8501, ge=1, le=65535, description="Port to listen at.")
    language: Literal["vi", "en"] = Field(
        default="vi", description="Language of a visitor who has not chosen one."
    )
    refresh_interval_s: float = Field(
        default=15.0, ge=2.0, le=3600.0, description="Seconds between two readings."
    )
    api_timeout_s: float = Field(
        default=8.0, ge=0.1, le=60.0, description="Longest wait for one REST answer."
    )

    def base_url(self) -> str:
        """Return where this machine reaches the page."""
        return local_url(self.host, self.port)

    @property
    def cookie_name(self) -> str:
        """Return the name of the session cookie: ports don't part cookies, names do."""
        port = self.tier.api_url.rstrip("/").rsplit(":", 1)[-1]
        plain = f"ioc_{self.workspace}_{self.tier.level}_{port}"
        return re.sub(r"[^A-Za-z0-9_-]", "-", plain)
