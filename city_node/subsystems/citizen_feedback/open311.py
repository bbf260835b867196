"""Reader of Open311 GeoReport v2 answers: the requests of a service desk, as JSON.

An answer is a list of requests, or an object that holds one. Of a request that is
named several times the one updated last stands. Fields that the work does not need
(who, where exactly, what they wrote) are passed over and counted.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from city_node.contract import (
    Accepted,
    InputFile,
    NotUsed,
    Place,
    ReadContext,
    ReadItem,
    Rejected,
    Skipped,
    SourceInfo,
)
from city_node.sources.dates import read_moment
from city_node.sources.limits import FILE_BYTES_MAX, ROWS_MAX
from city_node.sources.places import other_locality, rejected
from city_node.subsystems.citizen_feedback.records import (
    Report,
    case_of,
    report_record,
)
from city_node.subsystems.citizen_feedback.services import SERVICES
from city_node.subsystems.citizen_feedback.simulate import SIMULATED_SOURCE
from city_node.subsystems.citizen_feedback.words import OFFICE, TEXTS
from federation.errors import ErrorCode, FederationError
from federation.model.locality import Locality
from federation.model.period import LOCAL
from federation.model.status import Provenance

OPEN311_SOURCE = SourceInfo(
    id="open311", name=TEXTS["source.open311"], publisher=OFFICE
)
NO_PLACE = "no-place"
"""Reason of ``Skipped``: the request names no place that anybody here could know."""

SUPERSEDED = "superseded"
"""Reason of ``Skipped``: the same request stands in the file again, updated later."""

PERSONAL = "personal"
NO_INDICATOR = "no-indicator"
"""Reasons of ``NotUsed``."""

_NUMBER = "service_request_id"
_WARD = "ward_code"
_USED = frozenset(
    {
        _NUMBER,
        _WARD,
        "status",
        "service_name",
        "service_code",
        "requested_datetime",
        "updated_datetime",
        "expected_datetime",
        "extended_attributes",
        "notes",
    }
)
# What the standard and desks that extend it say of people, homes and what they wrote.
_PERSONAL = frozenset(
    {
        "account_id",
        "address",
        "address_id",
        "attributes",
        "description",
        "device_id",
        "email",
        "first_name",
        "last_name",
        "lat",
        "long",
        "media_url",
        "phone",
        "status_notes",
        "zipcode",
    }
)
_OPEN, _CLOSED = "open", "closed"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Request:
    place: Place
    number: str
    updated: datetime
    fields: Mapping[str, Any]


class Open311Reader:
    """Reads requests; the place of one is the ward its ``ward_code`` names.

    Only the form of a desk elsewhere is ours: fed as simulated, all of it is taken for
    the locality that stands in.
    """

    id = "open311"
    title = TEXTS["reader.open311"]

    def recognises(self, file: InputFile) -> bool:
        """Return whether a file is JSON that speaks of service requests."""
        start = file.content[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
        return start[:1] in (b"[", b"{") and b"service_request" in file.content

    def read(self, file: InputFile, context: ReadContext) -> Iterator[ReadItem]:
        """Yield one item for each request, and the fields that are passed over.

        Raises:
            FederationError: ``INPUT_UNREADABLE`` when the file is no such answer.
        """
        requests = _requests_of(file)
        yield from _not_used(file, requests)
        newest: dict[str, list[_Request]] = {}
        for row, fields in enumerate(requests, start=1):
            place = Place(file=file.name, row=row)
            try:
                request = _request(place, fields)
            except FederationError as error:
                yield _refused(place, error)
                continue
            same = newest.setdefault(request.number, [request])
            if same[0].updated < request.updated:
                yield from (_superseded(each, request) for each in same)
                newest[request.number] = [request]
            elif same[0].updated > request.updated:
                yield _superseded(request, same[0])
            elif same[0] is not request:
                same.append(request)
        for same in newest.values():
            yield from (_item(request, context) for request in same)


def _requests_of(file: InputFile) -> Sequence[Any]:
    if len(file.content) > FILE_BYTES_MAX:
        raise _unreadable(file, "tệp quá lớn", "the file is too large")
    try:
        answer = json.loads(file.content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise _unreadable(
            file, f"không phải JSON ({error})", f"no JSON ({error})"
        ) from error
    if isinstance(answer, dict):
        inner = answer.get("service_requests", answer.get("requests", answer))
        if isinstance(inner, dict):
            inner = inner.get("request", inner)
        answer = inner if isinstance(inner, list) else [inner]
    if not isinstance(answer, list) or len(answer) > ROWS_MAX:
        raise _unreadable(file, "không phải danh sách phản ánh", "no list of requests")
    if not any(isinstance(each, dict) and _NUMBER in each for each in answer):
        raise _unreadable(
            file,
            f"không phản ánh nào có “{_NUMBER}”",
            f"no request has “{_NUMBER}”",
        )
    return answer


def _not_used(file: InputFile, requests: Sequence[Any]) -> Iterator[NotUsed]:
    counts: Counter[str] = Counter()
    first: dict[str, int] = {}
    for row, fields in enumerate(requests, start=1):
        if isinstance(fields, dict):
            for name in fields.keys() - _USED:
                counts[name] += 1
                first.setdefault(name, row)
    for name in sorted(counts):
        personal = name in _PERSONAL
        yield NotUsed(
            place=Place(file=file.name, row=first[name], column=name[:60]),
            reason=PERSONAL if personal else NO_INDICATOR,
            text_vi=f"Trường “{name[:60]}” "
            + (
                "không được giữ: có thể nhận ra người gửi."
                if personal
                else "chưa có chỉ tiêu."
            ),
            text_en=f"The field “{name[:60]}” "
            + (
                "is not kept: it may tell who reported."
                if personal
                else "has no indicator."
            ),
            count=counts[name],
        )


def _request(place: Place, fields: Any) -> _Request:
    if not isinstance(fields, dict):
        raise _wrong(
            _NUMBER, "phản ánh không phải đối tượng JSON", "the request is no object"
        )
    number = fields.get(_NUMBER)
    if isinstance(number, int) and not isinstance(number, bool):
        number = str(number)
    if not isinstance(number, str) or not 0 < len(number) <= 100:
        raise _wrong(
            _NUMBER, "thiếu mã phản ánh", "the request has no number of its own"
        )
    changed = fields.get("updated_datetime") or fields.get("requested_datetime")
    return _Request(
        place=place,
        number=number,
        updated=_moment("updated_datetime", changed),
        fields=fields,
    )


def _item(request: _Request, context: ReadContext) -> Accepted | Rejected | Skipped:
    try:
        received = _moment(
            "requested_datetime", request.fields.get("requested_datetime")
        )
        locality = _locality(request, received, context)
        if isinstance(locality, Skipped):
            return locality
        record = report_record(
            _report(request.fields, locality, received, request.updated),
            request.number,
            source=SIMULATED_SOURCE.id if context.simulated else OPEN311_SOURCE.id,
            provenance=(Provenance.SIMULATED if context.simulated else Provenance.FILE),
            published_at=request.updated,
        )
        case_of(record)
    except FederationError as error:
        return _refused(request.place, error)
    return Accepted(record=record, place=request.place)


def _report(
    fields: Mapping[str, Any], locality: str, received: datetime, updated: datetime
) -> Report:
    status = str(fields.get("status") or "").strip().casefold()
    if status not in (_OPEN, _CLOSED):
        raise _wrong(
            "status",
            f"“{status[:60]}” không phải open hay closed",
            f"“{status[:60]}” is neither open nor closed",
        )
    category = SERVICES.category_of(str(fields.get("service_name") or ""))
    expected = fields.get("expected_datetime")
    due = (
        _moment("expected_datetime", expected)
        if expected
        else SERVICES.due(category, received)
    )
    answered = _closed_at(fields, updated) if status == _CLOSED else None
    return Report(
        locality=locality,
        category=category,
        received=_text(received),
        due=_text(due),
        answered=None if answered is None else _text(answered),
        duplicate_of=_duplicate_of(fields),
    )


def _closed_at(fields: Mapping[str, Any], updated: datetime) -> datetime:
    """Return when a request was closed last; without a note of it, when it changed."""
    notes = fields.get("notes")
    closings = [
        _moment("notes.datetime", note.get("datetime"))
        for note in (notes if isinstance(notes, list) else [])
        if isinstance(note, dict) and note.get("type") == _CLOSED
    ]
    return max(closings, default=updated)


def _duplicate_of(fields: Mapping[str, Any]) -> str | None:
    extended = fields.get("extended_attributes")
    if not isinstance(extended, dict) or extended.get("duplicate") is not True:
        return None
    parent = extended.get("parent_service_request_id")
    return str(parent)[:100] if parent else "yes"


def _locality(
    request: _Request, received: datetime, context: ReadContext
) -> str | Skipped:
    """Return the place of a request, or why it is not for this node."""
    if context.stand_in:
        return context.stand_in
    extended = request.fields.get("extended_attributes")
    code = request.fields.get(_WARD)
    if code is None and isinstance(extended, dict):
        code = extended.get(_WARD)
    if code is None:
        return Skipped(
            place=request.place,
            reason=NO_PLACE,
            text_vi="Phản ánh không nêu mã phường, xã (ward_code) nên không thể là của "
            "địa bàn này. Tệp của nơi khác chỉ nạp được dạng mô phỏng: thêm "
            "--simulated --locality.",
            text_en="The request names no ward (ward_code), so it can't be of this "
            "area. A file of elsewhere can be fed as simulated only: add --simulated "
            "--locality.",
        )
    day = received.astimezone(LOCAL.zone).date()
    ward: Locality = context.localities.resolve(str(code), day)
    if ward.id not in context.owned:
        return other_locality(request.place, ward.name_vi)
    return ward.id


def _refused(place: Place, error: FederationError) -> Rejected:
    """Return the refusal of a request, at the field that is wrong."""
    return rejected(replace(place, column=str(error.where.get("field", ""))), error)


def _superseded(request: _Request, newer: _Request) -> Skipped:
    return Skipped(
        place=request.place,
        reason=SUPERSEDED,
        text_vi=f"Phản ánh “{request.number}” được nêu lại ở {newer.place}, cập nhật "
        "sau; lấy lần sau.",
        text_en=f"The request “{request.number}” stands again at {newer.place}, "
        "updated later; that one is taken.",
    )


def _moment(name: str, value: Any) -> datetime:
    if not isinstance(value, str) or not value:
        raise _wrong(name, "thiếu thời điểm", "no time is given")
    try:
        return read_moment(value)
    except FederationError as error:
        raise _wrong(name, error.text_vi, error.text_en) from error


def _text(moment: datetime) -> str:
    return moment.astimezone(LOCAL.zone).isoformat()


def _wrong(name: str, text_vi: str, text_en: str) -> FederationError:
    return FederationError(
        ErrorCode.INPUT_ROW,
        f"Trường “{name}”: {text_vi}",
        f"The field “{name}”: {text_en}",
        {"field": name},
    )


def _unreadable(file: InputFile, why_vi: str, why_en: str) -> FederationError:
    return FederationError(
        ErrorCode.INPUT_UNREADABLE,
        f"Tệp {file.name} không đọc được: {why_vi}. Cần câu trả lời Open311 GeoReport "
        "v2 dạng JSON (danh sách phản ánh).",
        f"The file {file.name} can't be read: {why_en}. Wanted: an Open311 GeoReport "
        "v2 answer as JSON (a list of requests).",
        {"file": file.name},
    )
