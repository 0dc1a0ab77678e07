"""PostgreSQL's protocol, as far as telling which statement a client has executed.

Source: PostgreSQL manual, "Frontend/Backend Protocol".
"""

import re
import struct

SSL_REQUEST = 80877103
GSS_REQUEST = 80877104


class ClientMessages:
    """What a client says: counts the ends of its statements, and names each one."""

    def __init__(self):
        self.rest = b""
        self.is_started = False
        self.prepared: dict[bytes, str] = {}
        self.portals: dict[bytes, str] = {}
        self.executed: list[str] = []
        self.ends = 0
        """How many ReadyForQuery the server owes so far."""
        self.encryption_requests = 0
        """Each is answered by one byte that is no message."""

    def feed(self, data: bytes) -> list[str]:
        """Takes bytes in, and returns the names of the statements that are complete now, in order."""
        self.rest += data
        done: list[str] = []
        while message := self.next_message():
            done += self.take(*message)
        return done

    def next_message(self) -> tuple[bytes, bytes] | None:
        head = 1 if self.is_started else 0
        if len(self.rest) < head + 4:
            return None
        (length,) = struct.unpack_from(">I", self.rest, head)
        end = head + max(length, 4)
        if len(self.rest) < end:
            return None
        message = self.rest[:head], self.rest[head + 4 : end]
        self.rest = self.rest[end:]
        return message

    def take(self, kind: bytes, body: bytes) -> list[str]:
        if not self.is_started:
            (code,) = struct.unpack_from(">I", body.ljust(4, b"\0"))
            if code in (SSL_REQUEST, GSS_REQUEST):
                self.encryption_requests += 1
            else:
                self.is_started = True
                self.ends += 1
            return []
        if kind == b"Q":
            self.ends += 1
            return [statement_name(body)]
        if kind == b"P":
            name, text = body.split(b"\0", 1)
            self.prepared[name] = statement_name(text)
        elif kind == b"B":
            portal, name, _ = body.split(b"\0", 2)
            self.portals[portal] = self.prepared.get(name, "")
        elif kind == b"E":
            self.executed.append(self.portals.get(body.split(b"\0", 1)[0], ""))
        elif kind == b"S":
            self.ends += 1
            done, self.executed = self.executed, []
            return done
        return []


class ServerMessages:
    """What a server says: counts its ReadyForQuery."""

    def __init__(self):
        self.rest = b""
        self.ends = 0

    def feed(self, data: bytes, skip: int = 0) -> int:
        """Takes bytes in, of which the first `skip` are no message, and returns how often the server was ready."""
        self.rest += data[skip:]
        while len(self.rest) >= 5:
            (length,) = struct.unpack_from(">I", self.rest, 1)
            if len(self.rest) < 1 + length:
                break
            self.ends += self.rest[:1] == b"Z"
            self.rest = self.rest[1 + length :]
        return self.ends


def statement_name(text: bytes) -> str:
    """The name in a statement's leading comment, else its first word in capitals."""
    line = text.split(b"\0", 1)[0].decode(errors="replace").lstrip()
    if found := re.match(r"/\*\s*(\w+)\s*\*/", line):
        return found.group(1)
    return line.split(None, 1)[0].rstrip(";").upper() if line else ""
