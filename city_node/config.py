"""What an operator sets for a city node."""

from collections import Counter
from ipaddress import ip_address
from pathlib import Path
from typing import ClassVar, Literal, Self
from urllib.parse import urlsplit

import httpx
from pydantic import Field, field_validator, model_validator

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


ANY_SUBSYSTEM = "any"
"""In the settings of a feed: the subsystem whose reader recognises the file."""

FEED_BYTES_MAX = 64 * 1024 * 1024


class WatchSettings(Level):
    """A folder whose files are read, reported on and put away."""

    id: str = Field(
        pattern=NAME_PATTERN, description="Name in the log, the metrics and the list."
    )
    folder: Path = Field(description="The folder that is watched, without those in it.")
    subsystem: str = Field(
        default=ANY_SUBSYSTEM,
        description="Whose files; `any`: of the subsystem that recognises each.",
    )
    pattern: str = Field(
        default="*", min_length=1, description="Which names are read, as `*.csv`."
    )
    archive: Path | None = Field(
        default=None,
        description="Where files go that were read; by default `archive` in the "
        "folder.",
    )
    reject: Path | None = Field(
        default=None,
        description="Where files go that can't be used, and reports on refused rows; "
        "by default `reject` in the folder.",
    )
    settle_s: float = Field(
        default=10.0,
        ge=0,
        le=86400,
        description="Seconds that a file must stay as it is before it is read: one "
        "that is still being copied is left alone.",
    )
    interval_s: float = Field(
        default=5.0, gt=0, le=86400, description="Seconds from one look to the next."
    )
    bytes_max: int = Field(
        default=32 * 1024 * 1024,
        gt=0,
        le=FEED_BYTES_MAX,
        description="A larger file is put aside unread.",
    )

    @property
    def archive_folder(self) -> Path:
        """Return where files go that were read."""
        return self.archive or self.folder / "archive"

    @property
    def reject_folder(self) -> Path:
        """Return where files go that can't be used."""
        return self.reject or self.folder / "reject"

    @model_validator(mode="after")
    def _apart(self) -> Self:
        """Refuse folders that would be read again and again."""
        folders = [self.folder, self.archive_folder, self.reject_folder]
        if len({folder.absolute() for folder in folders}) < len(folders):
            raise ValueError(
                "folder, archive, reject: phải là ba thư mục khác nhau / "
                "must be three different folders"
            )
        return self


class PollSettings(Level):
    """An address that is asked for something new again and again."""

    id: str = Field(
        pattern=NAME_PATTERN, description="Name in the log, the metrics and the list."
    )
    url: str = Field(description="https://… (http://… without a secret only).")
    subsystem: str = Field(
        default=ANY_SUBSYSTEM,
        description="Whose input; `any`: of the subsystem that recognises it.",
    )
    file_name: str = Field(
        default="",
        description="Its name in reports; by default the last part of the address.",
    )
    interval_s: float = Field(
        default=3600.0,
        ge=1,
        le=30 * 86400,
        description="Seconds from one question to the next; after a failure sooner, "
        "with growing pauses.",
    )
    timeout_s: float = Field(
        default=60.0,
        gt=0,
        le=3600,
        description="Seconds that a whole answer may take.",
    )
    bytes_max: int = Field(
        default=32 * 1024 * 1024,
        gt=0,
        le=FEED_BYTES_MAX,
        description="A longer answer is cut off and refused.",
    )
    secret_header: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9-]*$",
        description="Header that carries the secret, as `Authorization`.",
    )
    secret_path: Path | None = Field(
        default=None,
        description="File that holds the header's whole value; read at each question.",
    )

    @property
    def shown_file_name(self) -> str:
        """Return the name of the input in reports."""
        return self.file_name or urlsplit(self.url).path.rpartition("/")[2] or self.id

    @field_validator("url")
    @classmethod
    def _is_address(cls, url: str) -> str:
        try:
            parts, asked = urlsplit(url), httpx.URL(url)
            known = parts.scheme in ("http", "https") and asked.host and parts.port != 0
        except (ValueError, httpx.InvalidURL):
            known = False
        if not known:
            raise ValueError(
                "cần dạng https://máy/đường-dẫn / wanted: https://host/path"
            )
        if parts.username is not None or parts.password is not None:
            raise ValueError(
                "không ghi mật khẩu trong địa chỉ; dùng secret_path / "
                "no password in the address; use secret_path"
            )
        return url

    @model_validator(mode="after")
    def _keeps_its_secret(self) -> Self:
        """Refuse to send a secret where everybody on the way can read it."""
        if bool(self.secret_header) is not (self.secret_path is not None):
            raise ValueError(
                "secret_header và secret_path phải đi cùng nhau / go together"
            )
        parts = urlsplit(self.url)
        open_to_all = parts.scheme == "http" and not _is_this_machine(parts.hostname)
        if self.secret_path is not None and open_to_all:
            raise ValueError(
                "không gửi khóa qua http; hãy dùng https / no secret over http; use "
                "https"
            )
        return self


def _is_this_machine(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


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
    mappings: Path | None = Field(
        default=None,
        description="Folder of the operator's own table mappings, "
        "`<subsystem>/<table>.toml`; they go before those that ship.",
    )
    watch: tuple[WatchSettings, ...] = Field(
        default=(), description="Folders that are watched for files."
    )
    poll: tuple[PollSettings, ...] = Field(
        default=(), description="Addresses that are asked for files."
    )

    @model_validator(mode="after")
    def _feeds_are_told_apart(self) -> Self:
        feeds: list[WatchSettings | PollSettings] = [*self.watch, *self.poll]
        for name, count in Counter(feed.id for feed in feeds).items():
            if count > 1:
                raise ValueError(
                    f"hai nguồn cùng id “{name}” / two feeds with the id “{name}”"
                )
        for feed in feeds:
            if feed.subsystem not in (ANY_SUBSYSTEM, *self.subsystems):
                raise ValueError(
                    f"{feed.id}: phân hệ “{feed.subsystem}” không có trong subsystems "
                    f"/ the subsystem “{feed.subsystem}” is not in subsystems"
                )
        return self
