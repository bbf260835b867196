"""Answers in the form of a real Open311 desk, of a handful of made-up requests."""

import json

from city_node.contract import InputFile, ReadContext
from tests.subsystems.localities import NOW, VINH_WARDS, MemoryLocalities, ward_id

OWNED = frozenset({"vinh", *map(ward_id, VINH_WARDS)})


def request(number="26-00684314", **said):
    """Return a request: a street light out in Thành Vinh, reported on a Monday."""
    standard = {
        "service_request_id": number,
        "status": "open",
        "status_notes": "Ông Nguyễn Văn A gọi 0912345678",
        "service_name": "Street Light Out",
        "service_code": "4ffa9f2d6018277d400000c8",
        "agency_responsible": "Division of Electrical Operations",
        "requested_datetime": "2026-11-02T08:00:00+07:00",
        "updated_datetime": "2026-11-02T08:00:00+07:00",
        "address": "12 Lê Lợi",
        "lat": 18.6763,
        "long": 105.6892,
        "attributes": {"ISTHELI1": "STREET"},
        "extended_attributes": {"channel": "phone", "ward_code": "16681"},
        "notes": [
            {
                "datetime": "2026-11-02T08:00:00+07:00",
                "summary": "Request opened",
                "type": "opened",
            }
        ],
    }
    return standard | said


def closed(at, number="26-00684314", **said):
    """Return a request that was closed at a moment."""
    note = {"datetime": at, "summary": "Request closed", "type": "closed"}
    return request(number, status="closed", updated_datetime=at, notes=[note], **said)


def file_of(*requests, name="requests.json"):
    return InputFile(
        name=name, content=json.dumps(requests, ensure_ascii=False).encode()
    )


def context(**how):
    return ReadContext(now=NOW, localities=MemoryLocalities(), owned=OWNED, **how)
