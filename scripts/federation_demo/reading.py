"""Reading the REST interface of a tier, page by page."""

from dataclasses import dataclass
from typing import Any

import httpx

PAGE_ITEMS = 1000
REQUEST_TIMEOUT_S = 30.0


@dataclass(frozen=True, kw_only=True, slots=True)
class TierAddress:
    """Where a tier answers and who asks."""

    name: str
    api_url: str
    username: str
    password: str


class TierReader:
    """An open session with one tier."""

    def __init__(self, address: TierAddress) -> None:
        """Prepare a client; nothing is asked before ``__aenter__``."""
        self.address = address
        self.client = httpx.AsyncClient(
            base_url=f"{address.api_url}/api/v1", timeout=REQUEST_TIMEOUT_S
        )

    async def __aenter__(self) -> "TierReader":
        """Log in."""
        answer = await self.client.post(
            "/session",
            json={
                "username": self.address.username,
                "password": self.address.password,
            },
        )
        answer.raise_for_status()
        token = answer.json()["token"]
        self.client.headers["Authorization"] = f"Bearer {token}"
        return self

    async def __aexit__(self, *_: object) -> None:
        """Log out and close."""
        await self.client.delete("/session")
        await self.client.aclose()

    async def get(self, path: str, **parameters: Any) -> Any:
        """Return the body of a read."""
        answer = await self.client.get(path, params=parameters)
        answer.raise_for_status()
        return answer.json()

    async def pages(self, path: str, **parameters: Any) -> list[dict[str, Any]]:
        """Return the items of every page of a list."""
        items: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            page = await self.get(path, **parameters, **cursor)
            items.extend(page["items"])
            if not page.get("next"):
                return items
            cursor = {"cursor": page["next"]}

    async def indicators(self) -> dict[str, dict[str, Any]]:
        """Return the catalogue by indicator id."""
        return {item["id"]: item for item in await self.pages("/indicators")}

    async def values(self, indicator: str, **filters: Any) -> list[dict[str, Any]]:
        """Return every value of an indicator."""
        return await self.pages(
            "/values", indicator=indicator, limit=PAGE_ITEMS, **filters
        )
