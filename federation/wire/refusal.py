"""Why something on the wire was not accepted: code, texts, and what to do."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from federation.errors import ErrorCode, FederationError


class RefusalCode(IntEnum):
    """Codes of the wire contract, by the same numbers."""

    MALFORMED = 1
    VERSION_UNSUPPORTED = 2
    NODE_UNKNOWN = 3
    KEY_UNKNOWN = 4
    SIGNATURE_INVALID = 5
    NONCE_INVALID = 6
    STREAM_NOT_ASSIGNED = 7
    FENCED = 8
    EPOCH_STALE = 9
    SEQUENCE_GAP = 10
    CHAIN_BROKEN = 11
    TOO_LARGE = 12
    CODEC_INVALID = 13
    ROWS_INVALID = 14
    SERIES_UNDECLARED = 15
    CONTRACT_DIFFERS = 16
    TOKEN_UNKNOWN = 17
    TOKEN_USED = 18
    TOKEN_EXPIRED = 19
    QUARANTINED = 20
    UNAVAILABLE = 21
    CREDITS_EXCEEDED = 22
    HELLO_REQUIRED = 23
    LOCALITY_NOT_OWNED = 24


# (Vietnamese, English): what is wrong and what to do.
REFUSAL_TEXTS: dict[RefusalCode, tuple[str, str]] = {
    RefusalCode.MALFORMED: (
        "Gói tin không đọc được. Hãy kiểm tra phiên bản phần mềm hai phía.",
        "The message cannot be read. Check the software versions of both sides.",
    ),
    RefusalCode.VERSION_UNSUPPORTED: (
        "Không có phiên bản giao thức chung. Hãy nâng cấp phía cũ hơn.",
        "No protocol version in common. Upgrade the older side.",
    ),
    RefusalCode.NODE_UNKNOWN: (
        "Nút chưa được đăng ký. Hãy xin mã tham gia ở cấp trên.",
        "The node is not enrolled. Ask the parent for a join token.",
    ),
    RefusalCode.KEY_UNKNOWN: (
        "Khóa không phải khóa đã đăng ký của nút. Hãy khôi phục khóa hoặc đăng ký lại.",
        "The key is not the node's enrolled key. Restore the key or enrol again.",
    ),
    RefusalCode.SIGNATURE_INVALID: (
        "Chữ ký không đúng: dữ liệu bị sửa hoặc ký bằng khóa khác.",
        "The signature does not verify: edited on the way or signed by another key.",
    ),
    RefusalCode.NONCE_INVALID: (
        "Lời chào không mang số dùng một lần của kết nối này. Hãy kết nối lại.",
        "The hello does not carry this link's nonce. Connect again.",
    ),
    RefusalCode.STREAM_NOT_ASSIGNED: (
        "Luồng này không được giao cho nút. Hãy kiểm tra phân công ở cấp trên.",
        "The stream is not assigned to this node. Check the parent's assignments.",
    ),
    RefusalCode.FENCED: (
        "Đã có phân công mới hơn cho luồng; nút này không còn được gửi.",
        "A newer assignment of the stream exists; this node may send no more.",
    ),
    RefusalCode.EPOCH_STALE: (
        "Gói thuộc một kỳ đã đóng. Nút sẽ tự chào lại.",
        "The frame belongs to an epoch that is over. The node says hello again.",
    ),
    RefusalCode.SEQUENCE_GAP: (
        "Thiếu gói đứng trước. Nút sẽ tự gửi lại.",
        "A frame before this one is missing. The node sends it again.",
    ),
    RefusalCode.CHAIN_BROKEN: (
        "Gói không nối tiếp chuỗi mà cấp trên giữ. Nút sẽ tự chào lại.",
        "The frame does not continue the parent's chain. The node says hello again.",
    ),
    RefusalCode.TOO_LARGE: (
        "Gói vượt giới hạn kích thước.",
        "The frame is over a size limit.",
    ),
    RefusalCode.CODEC_INVALID: (
        "Không giải nén được nội dung gói.",
        "The frame's payload does not unpack.",
    ),
    RefusalCode.ROWS_INVALID: (
        "Các cột của gói không khớp hoặc có giá trị ngoài phạm vi.",
        "Columns of the frame do not match, or a value is out of range.",
    ),
    RefusalCode.SERIES_UNDECLARED: (
        "Dòng dùng chuỗi số liệu chưa được khai báo.",
        "A row names a series that was not announced.",
    ),
    RefusalCode.CONTRACT_DIFFERS: (
        "Định nghĩa chỉ tiêu khác với định nghĩa mà cấp trên giữ.",
        "The indicator's contract differs from the one the parent holds.",
    ),
    RefusalCode.TOKEN_UNKNOWN: (
        "Mã tham gia không tồn tại. Hãy xin mã mới ở cấp trên.",
        "The join token does not exist. Ask the parent for a new one.",
    ),
    RefusalCode.TOKEN_USED: (
        "Mã tham gia đã được dùng với khóa khác. Hãy xin mã mới ở cấp trên.",
        "The join token was used with another key. Ask the parent for a new one.",
    ),
    RefusalCode.TOKEN_EXPIRED: (
        "Mã tham gia đã hết hạn. Hãy xin mã mới ở cấp trên.",
        "The join token has expired. Ask the parent for a new one.",
    ),
    RefusalCode.QUARANTINED: (
        "Hai máy đang dùng chung một danh tính; cả hai bị tạm giữ. "
        "Hãy chọn máy còn lại ở cấp trên.",
        "Two live nodes show one identity; both are held. "
        "Choose the survivor at the parent.",
    ),
    RefusalCode.UNAVAILABLE: (
        "Cấp trên tạm thời không lưu được. Nút sẽ tự thử lại.",
        "The parent cannot store now. The node tries again by itself.",
    ),
    RefusalCode.CREDITS_EXCEEDED: (
        "Nút gửi quá hạn mức được phép. Hãy kiểm tra phiên bản phần mềm.",
        "The node sent more than it was granted. Check its software version.",
    ),
    RefusalCode.HELLO_REQUIRED: (
        "Phải chào trước khi gửi luồng này.",
        "A hello must come before this stream's frames.",
    ),
    RefusalCode.LOCALITY_NOT_OWNED: (
        "Địa bàn của dòng không thuộc khu vực của luồng.",
        "A row's locality does not belong to the stream's area.",
    ),
}

RETRIABLE = frozenset(
    {
        RefusalCode.UNAVAILABLE,
        RefusalCode.SEQUENCE_GAP,
        RefusalCode.CHAIN_BROKEN,
        RefusalCode.EPOCH_STALE,
        RefusalCode.NONCE_INVALID,
        RefusalCode.HELLO_REQUIRED,
    }
)


@dataclass(eq=False)
class WireError(FederationError):
    """Something on the wire that is not accepted, with its refusal code."""

    refusal: RefusalCode = RefusalCode.MALFORMED


def wire_error(refusal: RefusalCode, detail: str = "", **where: Any) -> WireError:
    """Return the error of a refusal code; ``detail`` is added to both texts."""
    text_vi, text_en = REFUSAL_TEXTS[refusal]
    tail = f" ({detail})" if detail else ""
    return WireError(
        ErrorCode.WIRE, text_vi + tail, text_en + tail, where, refusal=refusal
    )
