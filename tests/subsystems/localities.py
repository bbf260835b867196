"""A few dated places in memory, with the code that a reform gave to another place."""

from datetime import UTC, date, datetime

from city_node.contract import InputFile, ReadContext
from federation.errors import ErrorCode, FederationError
from federation.model.locality import Locality, Member

REFORM = date(2025, 7, 1)
ENLARGED = date(2024, 12, 1)
LAST_OF_VINH = date(2025, 6, 30)
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)

VINH_WARDS = {
    "16681": "Thành Vinh",
    "16690": "Trường Vinh",
    "16702": "Vinh Phú",
    "16708": "Vinh Lộc",
    "16732": "Cửa Lò",
    "17920": "Vinh Hưng",
}
COMMUNES = {
    "17443": "Quảng Châu",
    "16903": "Nga My",
    "16858": "Mường Típ",
    "17254": "Con Cuông",
    "17935": "Nam Đàn",
}


def ward_id(code: str) -> str:
    return f"{code}@2025-07-01"


def _commune(code: str, name: str) -> Locality:
    return Locality(
        id=ward_id(code),
        code=code,
        name_vi=name,
        name_en=name,
        level="commune",
        parent="40",
        valid_from=REFORM,
    )


def _place(**fields: object) -> Locality:
    name = fields.pop("name")
    return Locality(name_vi=name, name_en=name, **fields)


_MEMBERS = (
    Member(locality="412", valid_to=date(2024, 11, 30)),
    Member(locality="412@2024-12-01", valid_from=ENLARGED, valid_to=LAST_OF_VINH),
    *(Member(locality=ward_id(code), valid_from=REFORM) for code in VINH_WARDS),
)
PLACES = (
    _place(id="40", code="40", name="Tỉnh Nghệ An", level="province", parent="VN"),
    _place(
        id="412",
        code="412",
        name="Thành phố Vinh",
        level="district",
        parent="40",
        valid_to=date(2024, 11, 30),
    ),
    _place(
        id="412@2024-12-01",
        code="412",
        name="Thành phố Vinh",
        level="district",
        parent="40",
        valid_from=ENLARGED,
        valid_to=LAST_OF_VINH,
    ),
    _place(
        id="16663",
        code="16663",
        name="Phường Đông Vĩnh",
        level="commune",
        parent="412",
        valid_to=LAST_OF_VINH,
    ),
    _place(
        id="vinh",
        code="vinh",
        name="Khu vực Vinh (6 phường)",
        level="area",
        parent="40",
        members=_MEMBERS,
    ),
    *(_commune(code, name) for code, name in (VINH_WARDS | COMMUNES).items()),
)


class MemoryLocalities:
    """The lookup over a list, for tests."""

    def __init__(self, places: tuple[Locality, ...] = PLACES) -> None:
        self._places = {place.id: place for place in places}

    def get(self, locality_id: str) -> Locality | None:
        return self._places.get(locality_id)

    def resolve(self, code: str, day: date) -> Locality:
        bearers = [place for place in self._places.values() if place.code == code]
        for place in bearers:
            if place.holds_on(day):
                return place
        when = "; ".join(
            f"{place.name_vi} {place.valid_from or '…'}–{place.valid_to or '…'}"
            for place in bearers
        )
        raise FederationError(
            ErrorCode.INPUT_ROW,
            f"Mã “{code}” không có hiệu lực ngày {day} ({when or 'mã lạ'}).",
            f"The code “{code}” is not valid on {day} ({when or 'unknown code'}).",
            {"code": code},
        )


def context(*owned: str, places: tuple[Locality, ...] = PLACES) -> ReadContext:
    return ReadContext(
        now=NOW, localities=MemoryLocalities(places), owned=frozenset(owned)
    )


VINH = context("vinh", *(member.locality for member in _MEMBERS))
DEPARTMENTS = context("40")
HOSTED = context("40", *map(ward_id, COMMUNES))


def file_of(text: str, name: str = "tep.csv", encoding: str = "utf-8") -> InputFile:
    return InputFile(name=name, content=text.encode(encoding))
