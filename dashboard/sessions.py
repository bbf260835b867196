"""Who signed in through this process: what a token may see, without the token.

Tokens themselves stay in the visitor's cookie; here they are known by their digest.
"""

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass

SESSIONS_MAX = 1000
"""Sessions remembered at once; beyond it the oldest is forgotten, not signed out."""


def token_digest(token: str) -> str:
    """Return what stands for a token wherever the token must not stand."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class Visitor:
    """A signed-in person: name, scope of what may be seen, digest of the token."""

    username: str
    scope: str
    digest: str


class Sessions:
    """Visitors by token digest; safe to share between threads."""

    def __init__(self) -> None:
        """Start with nobody."""
        self._visitors: OrderedDict[str, Visitor] = OrderedDict()
        self._lock = threading.Lock()

    def remember(self, token: str, *, username: str, scope: str) -> None:
        """Note who a token belongs to."""
        digest = token_digest(token)
        with self._lock:
            self._visitors[digest] = Visitor(
                username=username, scope=scope, digest=digest
            )
            while len(self._visitors) > SESSIONS_MAX:
                self._visitors.popitem(last=False)

    def visitor(self, token: str) -> Visitor:
        """Return whose token it is.

        A token given before this process started is still the tier's to judge; its
        scope is then its own digest, which shares a cache with nobody.
        """
        digest = token_digest(token)
        with self._lock:
            known = self._visitors.get(digest)
        return known or Visitor(username="", scope=f"token:{digest}", digest=digest)

    def forget(self, token: str) -> None:
        """Drop a token that was signed out."""
        with self._lock:
            self._visitors.pop(token_digest(token), None)
