"""The bytes on the wire: the only place that knows protobuf messages."""
