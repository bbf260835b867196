"""Join tokens, from what an operator types."""

from federation.errors import ErrorCode, FederationError
from federation.identity.documents import Area
from federation.localities.graph import LocalityGraph

WITH_PARTS = ":parts"


def read_area(text: str, places: LocalityGraph) -> Area:
    """Return the area of ``STREAM``, ``STREAM=LOCALITY[,LOCALITY…]``, ``…:parts``.

    A stream alone speaks for the locality of that id or code; an area of several
    localities always speaks for its members.

    Raises:
        FederationError: ``INVALID_ARGUMENT`` when the text has another form or names
            a locality that nobody knows.
    """
    body = text.removesuffix(WITH_PARTS)
    stream, _, named = body.partition("=")
    codes = [code.strip() for code in (named or stream).split(",")]
    if not stream or not all(codes):
        raise _unreadable(text)
    ids = tuple(_place_id(code, places) for code in codes)
    spans = any(place.level == "area" for id_ in ids if (place := places.get(id_)))
    return Area(
        stream=stream,
        localities=ids,
        includes_parts=text.endswith(WITH_PARTS) or spans,
    )


def _place_id(code: str, places: LocalityGraph) -> str:
    """Return the id of a locality given by id, or by the code of the present one."""
    bearers = places.bearing(code)
    if bearers:
        # Whoever bears the code now: the newest.
        return bearers[-1].id
    if places.get(code) is not None:
        return code
    raise FederationError(
        ErrorCode.INVALID_ARGUMENT,
        f"Không có đơn vị “{code}”. Xem /api/v1/localities, hoặc nạp danh mục mới hơn "
        "(localities.files, localities.areas).",
        f"There is no locality “{code}”. See /api/v1/localities, or import a newer "
        "list (localities.files, localities.areas).",
        {"locality": code},
    )


def _unreadable(text: str) -> FederationError:
    return FederationError(
        ErrorCode.INVALID_ARGUMENT,
        f"--area “{text}” không đúng dạng. Hãy viết LUỒNG=ĐƠN_VỊ[,ĐƠN_VỊ…], thêm "
        f"{WITH_PARTS} nếu gồm cả các đơn vị bên dưới.",
        f"--area “{text}” has no known form. Write STREAM=LOCALITY[,LOCALITY…], with "
        f"{WITH_PARTS} where it speaks for everything below too.",
        {"area": text},
    )
