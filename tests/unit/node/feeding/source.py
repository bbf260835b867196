"""A source of files on this machine, that behaves as a test tells it."""

import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self


@dataclass
class Said:
    """An answer: its status, headers and body."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


Answer = Callable[["Asked"], Said]


@dataclass
class Asked:
    """A request as it came."""

    path: str
    headers: dict[str, str]


class Source:
    """Serves on loopback for as long as the block lasts."""

    def __init__(self, answer: Answer, *, tls: ssl.SSLContext | None = None) -> None:
        self.answer = answer
        self.asked: list[Asked] = []
        source = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = Asked(
                    path=self.path,
                    headers={name.lower(): text for name, text in self.headers.items()},
                )
                source.asked.append(asked)
                said = source.answer(asked)
                self.send_response(said.status)
                for name, text in said.headers.items():
                    self.send_header(name, text)
                if "Content-Length" not in said.headers:
                    self.send_header("Content-Length", str(len(said.body)))
                self.end_headers()
                if said.status not in (204, 304):
                    try:
                        self.wfile.write(said.body)
                    except OSError:
                        self.close_connection = True

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._scheme = "http" if tls is None else "https"
        if tls is not None:
            # Shaken with in the thread of the connection, whose failure is its own.
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
            self._server.handle_error = lambda *_: None
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def tagged(body: bytes, tag: str = '"1"') -> Answer:
    """Return an answer that has nothing new for who knows its tag."""

    def answer(asked: Asked) -> Said:
        if asked.headers.get("if-none-match") == tag:
            return Said(status=304, headers={"ETag": tag})
        return Said(headers={"ETag": tag}, body=body)

    return answer
