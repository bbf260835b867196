"""Bounds of a frame and what happens at them."""

# A sealer stops adding rows here and goes on in the next frame.
FRAME_ROWS_MAX = 5_000
# A sealer aims below this; a single announcement may pass it.
FRAME_BYTES_TARGET = 1024 * 1024
# A parent refuses a longer frame before it reads it; gRPC's own receive limit is
# 4 MiB and breaking that one kills the link.
FRAME_BYTES_MAX = 3 * 1024 * 1024
# A parent refuses a payload that says it unpacks to more.
PAYLOAD_RAW_BYTES_MAX = 16 * 1024 * 1024
# A frame of 5,000 rows announces at most a series, a source and a place for each of
# them, and a few contracts; more is an attempt to keep the parent busy.
FRAME_ANNOUNCEMENTS_MAX = 20_000
# Names, ids and grounds: longer ones make the frame bad.
TEXT_CHARACTERS_MAX = 4_096
# Payloads below this are sent unpacked: the codec's header would cost more.
CODEC_BYTES_MIN = 256
