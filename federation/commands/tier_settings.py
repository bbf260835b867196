"""What an operator sets alike for every program that holds a tier's figures."""

from datetime import date, timedelta
from pathlib import Path
from typing import ClassVar, Self

from pydantic import ConfigDict, Field, SecretStr, model_validator

from federation.api.schemas import TierLevel
from federation.catalogue.sharing import SharingRule
from federation.commands.program import Level, ProgramSettings, local_url
from federation.warehouse.thinning import Retention

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


class HistorySettings(Level):
    """How long versions of values are kept; current values always are."""

    every_version_hours: int = Field(
        default=48,
        ge=48,
        le=24 * 366,
        description="Hours in which every version is kept, for exact reads as of then.",
    )
    every_hour_days: int = Field(
        default=35,
        ge=3,
        le=3660,
        description="Days in which the last version of each hour is kept; then of "
        "each day.",
    )

    def retention(self) -> Retention:
        """Return what thinning keeps."""
        return Retention(
            every_version=timedelta(hours=self.every_version_hours),
            every_hour=timedelta(days=self.every_hour_days),
        )


class LocalitiesSettings(Level):
    """Which lists of places are read; the one that ships is always the first."""

    files: tuple[Path, ...] = Field(
        default=(), description="Newer official lists (JSON), imported in this order."
    )
    areas: tuple[Path, ...] = Field(
        default=(), description="Files of areas and dated places (TOML)."
    )


class ReportingSettings(Level):
    """When periods begin and end, and who owes what."""

    calendars: tuple[Path, ...] = Field(
        default=(), description="Files of reporting calendars (TOML)."
    )
    obligations: tuple[Path, ...] = Field(
        default=(), description="Files of who owes which figures (TOML)."
    )


class ParentSettings(Level):
    """The tier above; left out where there is none."""

    address: str = Field(
        default="", description="host:port of the parent's gRPC; empty: no parent."
    )
    token_file: Path | None = Field(
        default=None, description="The join token, used once, at the first start."
    )


class SharingSettings(Level):
    """What is passed on to the tier above, over what the indicators say themselves.

    Of several entries that fit, the last one decides.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True
    )

    indicator: str = Field(
        min_length=1, description="Indicator id, `subsystem.*`, or `*` for all."
    )
    locality: str = Field(
        default="", description="Id of the locality; empty: every locality."
    )
    includes_parts: bool = Field(
        default=False, description="Whether the localities in it are meant as well."
    )
    share_detail: bool | None = Field(
        default=None,
        description="Whether reports are passed on; left out: as the indicator says.",
    )
    share_rollup: bool | None = Field(
        default=None,
        description="Whether totals are passed on; left out: as the indicator says.",
    )
    ground: str = Field(
        default="",
        description="The legal ground of a refusal; required where one is refused.",
    )
    first: date | None = Field(
        default=None, alias="from", description="First day it holds; empty: always did."
    )
    last: date | None = Field(
        default=None, alias="to", description="Last day it holds; empty: until changed."
    )

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        """Refuse days that never come: nothing would be withheld."""
        if self.first and self.last and self.last < self.first:
            raise ValueError(
                f"{self.indicator}: to đứng trước from / to is before from"
            )
        return self

    def rule(self) -> SharingRule:
        """Return the entry as the router takes it."""
        return SharingRule(
            indicator=self.indicator,
            locality=self.locality,
            includes_parts=self.includes_parts,
            detail=self.share_detail,
            rollup=self.share_rollup,
            ground=self.ground,
            first=self.first,
            last=self.last,
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
    history: HistorySettings = Field(
        default=HistorySettings(), description="How long versions are kept."
    )
    localities: LocalitiesSettings = Field(
        default=LocalitiesSettings(), description="Lists of places."
    )
    reporting: ReportingSettings = Field(
        default=ReportingSettings(), description="Reporting calendars and obligations."
    )
    parent: ParentSettings = Field(
        default=ParentSettings(), description="The tier above."
    )
    sharing: tuple[SharingSettings, ...] = Field(
        default=(), description="What is passed on to the tier above, and what is not."
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
    def sharing_rules(self) -> tuple[SharingRule, ...]:
        """Return what the operator decides on sharing, in the order of the file."""
        return tuple(each.rule() for each in self.sharing)

    @property
    def password_file(self) -> Path:
        """Return the file a generated password is written to."""
        return self.data / "administrator.password"
