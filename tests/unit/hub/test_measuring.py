"""The metrics of children say what the tables say, and forget who went away."""

from datetime import UTC, datetime

from federation.identity.documents import Area, AssignmentDocument
from federation.identity.keys import Signer
from federation.inbox.records import Cursor, LinkState
from federation.observability.metrics import Metrics
from province_hub.children.measuring import ChildMeasures
from province_hub.children.standing import Standing

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
