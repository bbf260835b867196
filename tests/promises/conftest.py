"""One running federation for all promises that only add figures of their own.

Tests share it, so each keeps to days, months or places that no other test uses. Who
stops programs, or counts everything, starts a federation of its own.
"""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.promises.federation import Federation

# The wards' list of the time before the reform: a code that names another ward today.
QUANG_TRUNG = {
    "Code": "16681",
    "Name": "Quang Trung",
    "NameEn": "Quang Trung",
    "FullName": "Phường Quang Trung",
    "FullNameEn": "Quang Trung Ward",
    "CodeName": "quang_trung",
    "DistrictCode": "412",
}
DONG_VINH = QUANG_TRUNG | {
    "Code": "16663",
    "Name": "Đông Vĩnh",
    "NameEn": "Dong Vinh",
    "FullName": "Phường Đông Vĩnh",
    "FullNameEn": "Dong Vinh Ward",
    "CodeName": "dong_vinh",
}
LEGACY_LIST = [
    {
        "Code": "40",
        "Name": "Nghệ An",
        "NameEn": "Nghe An",
        "FullName": "Tỉnh Nghệ An",
        "FullNameEn": "Nghe An Province",
        "CodeName": "nghe_an",
        "District": [
            {
                "Code": "412",
                "Name": "Vinh",
                "NameEn": "Vinh",
                "FullName": "Thành phố Vinh",
                "FullNameEn": "Vinh City",
                "CodeName": "vinh",
                "ProvinceCode": "40",
                "Ward": [QUANG_TRUNG, DONG_VINH],
            }
        ],
    }
]


@pytest.fixture(scope="session")
def old_lists(workspace_root: Path) -> Path:
    """Give a data folder with the official list of before the reform."""
    folder = workspace_root / "lists" / "admin_units"
    folder.mkdir(parents=True)
    path = folder / "legacy_nghe_an_before_2025-07.json"
    path.write_text(json.dumps(LEGACY_LIST, ensure_ascii=False), encoding="utf-8")
    return folder.parent


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def federation(
    workspace_root: Path, old_lists: Path
) -> AsyncIterator[Federation]:
    """Give the shared federation."""
    async with Federation.running(
        workspace_root / "promises", data=old_lists
    ) as running:
        yield running
