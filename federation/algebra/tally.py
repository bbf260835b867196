"""How often each of some numbered things was counted, as bytes.

The form is canonical: equal tallies are equal bytes, in every store and at every
tier. Key and count follow each other as base-128 integers (seven bits a byte, the
lowest first, the high bit set on all bytes but the last); the first key as it is, each
other as its distance to the one before. Keys ascend and no count is zero, so the tally
of nothing is no bytes.
"""

from collections.abc import Iterable, Iterator, Mapping

from federation.algebra.integers import checked
from federation.errors import ErrorCode, FederationError
from federation.model.row import INT64_MAX

_BYTES_OF_64_BITS = 10


def pack(counts: Mapping[int, int]) -> bytes:
    """Return a tally as bytes; keys and counts are not negative, zeros are left out."""
    packed = bytearray()
    previous = 0
    for key in sorted(key for key, count in counts.items() if count):
        _write(packed, key - previous)
        _write(packed, counts[key])
        previous = key
    return bytes(packed)


def unpack(packed: bytes) -> dict[int, int]:
    """Return a tally's counts by key, ascending.

    Raises:
        FederationError: ``INVALID_ARGUMENT`` when the bytes are not a tally's.
    """
    numbers = list(_read(packed))
    if len(numbers) % 2:
        raise _broken()
    counts: dict[int, int] = {}
    key = 0
    for step, count in zip(numbers[::2], numbers[1::2], strict=True):
        key += step
        if key in counts or not 0 < count <= INT64_MAX:
            raise _broken()
        counts[key] = count
    return counts


def add(tallies: Iterable[bytes], what: str) -> bytes:
    """Return the tally of all together.

    Raises:
        FederationError: ``OVERFLOW`` when the counts together leave 64 bits.
    """
    total: dict[int, int] = {}
    for packed in tallies:
        for key, count in unpack(packed).items():
            total[key] = total.get(key, 0) + count
    checked(sum(total.values()), what)
    return pack(total)


def _write(packed: bytearray, number: int) -> None:
    while number > 0x7F:
        packed.append(number & 0x7F | 0x80)
        number >>= 7
    packed.append(number)


def _read(packed: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in packed:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte & 0x80:
            if shift == 7 * _BYTES_OF_64_BITS:
                raise _broken()
            continue
        if byte == 0 and shift > 7:
            # The same number has a shorter form.
            raise _broken()
        yield number
        number = shift = 0
    if shift:
        raise _broken()


def _broken() -> FederationError:
    return FederationError(
        ErrorCode.INVALID_ARGUMENT,
        "Trạng thái gộp bị hỏng: dãy byte không phải bảng đếm hợp lệ. "
        "Hãy nạp lại kỳ này từ nguồn.",
        "The mergeable state is broken: its bytes are not a valid tally. "
        "Load the period again from its source.",
    )
