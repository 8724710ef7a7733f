"""A mail server on the loopback, with scripted answers to commands."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from typing import Any

# The answers of a server that accepts everything, by the first word of a command.
_YES = {
    "CONNECT": "220 mail.example ESMTP",
    "HELO": "250 mail.example",
    "EHLO": "250-mail.example\r\n250-ENHANCEDSTATUSCODES\r\n250 AUTH PLAIN",
    "AUTH": "235 2.7.0 Authenticated",
    "MAIL": "250 2.1.0 Ok",
    "RCPT": "250 2.1.5 Ok",
    "DATA": "354 Go on",
    ".": "250 2.0.0 Queued",
    "RSET": "250 2.0.0 Ok",
    "NOOP": "250 2.0.0 Ok",
    "QUIT": "221 2.0.0 Bye",
}
# Called with the command and its recipient: returns the answer, or None for the default.
Script = Callable[[str, str], str | None]


@dataclass
class MailServer:
    """The accepted emails so far. `script` replaces default answers; "" closes the connection."""

    port: int = 0
    script: Script = lambda command, recipient: None
    taken: list[tuple[str, Message]] = field(default_factory=list)
    lines: int = 0

    @property
    def recipients(self) -> list[str]:
        return [address for address, _message in self.taken]

    def refuse(self, command: str, answer: str, *only: str) -> None:
        """Answer `command` with `answer`, for the emails to `only` (all)."""
        self.script = lambda text, to: (
            answer if text == command and (not only or to in only) else None
        )


class _SmtpHandler(socketserver.StreamRequestHandler):
    server: Any

    def handle(self) -> None:
        mail_server: MailServer = self.server.mail_server
        mail_server.lines += 1
        self._to = ""
        if not self._reply("CONNECT"):
            return
        while line := self.rfile.readline().decode().strip():
            command = line.split(" ")[0].upper()
            if command == "RCPT":
                self._to = line.partition("<")[2].partition(">")[0]
            if not self._reply(command):
                return
            if command == "DATA" and self._answer.startswith("354"):
                body = b"".join(iter(self.rfile.readline, b".\r\n"))
                if not self._reply("."):
                    return
                if self._answer.startswith("250"):
                    mail_server.taken.append((self._to, message_from_bytes(body)))
            if command == "QUIT" or self._answer.startswith("421"):
                return

    def _reply(self, command: str) -> bool:
        """Answer, and return whether the connection stays open."""
        special = self.server.mail_server.script(command, self._to)
        self._answer = _YES.get(command, "500 5.5.1 What?") if special is None else special
        if self._answer:
            self.wfile.write(f"{self._answer}\r\n".encode())
        return bool(self._answer)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    mail_server: MailServer


@contextmanager
def running() -> Iterator[MailServer]:
    """Run a mail server during the block."""
    with _Server(("127.0.0.1", 0), _SmtpHandler) as server:
        mail_server = server.mail_server = MailServer(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield mail_server
        server.shutdown()
        thread.join()
