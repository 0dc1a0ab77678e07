"""The network must break exactly what it is told to break."""

import pathlib
import socket
import struct
import tempfile
import threading
import time
import unittest

from proxy import Network, Trap, Weather
from wire import ClientMessages, ServerMessages


def message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack(">I", len(body) + 4) + body


STARTUP = message(b"", struct.pack(">I", 196608) + b"user\0a\0\0")
READY = message(b"Z", b"I")
EXECUTE = message(b"B", b"\0s1\0rest") + message(b"E", b"\0\0\0\0\0")
CLAIM = message(b"P", b"s1\0/* ClaimJobs */ SELECT 1\0\0\0") + EXECUTE
SYNC = message(b"S", b"")


class WireTests(unittest.TestCase):
    def test_names_statements_when_they_are_complete(self):
        client = ClientMessages()
        self.assertEqual(client.feed(message(b"", struct.pack(">I", 80877103))), [])
        self.assertEqual(client.encryption_requests, 1)
        self.assertEqual(client.feed(STARTUP + CLAIM), [])
        self.assertEqual(client.feed(SYNC[:3]), [])
        self.assertEqual(client.feed(SYNC[3:]), ["ClaimJobs"])
        again = EXECUTE + SYNC
        self.assertEqual(client.feed(again + message(b"Q", b"commit;\0")), ["ClaimJobs", "COMMIT"])
        self.assertEqual(client.ends, 4)

    def test_counts_a_servers_answers_in_pieces(self):
        server = ServerMessages()
        answer = b"N" + message(b"R", b"\0\0\0\0") + READY
        self.assertEqual(server.feed(answer[:9], skip=1), 0)
        self.assertEqual(server.feed(answer[9:]), 1)


class Server:
    """Answers each piece of data through `answer`, and remembers all that it got."""

    def __init__(self, answer):
        self.answer = answer
        self.got = b""
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name) / "socket"
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(str(self.path))
        self.socket.listen()
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection:
            try:
                while data := connection.recv(4096):
                    self.got += data
                    connection.sendall(self.answer(data))
            except OSError:
                pass

    def hears(self, data: bytes, timeout: float = 5) -> bool:
        """Waits until it has got some bytes."""
        deadline = time.monotonic() + timeout
        while data not in self.got:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def close(self):
        self.socket.close()
        self.folder.cleanup()


class NetworkTestCase(unittest.TestCase):
    """A network, and a server that sends back what it gets."""

    def setUp(self):
        self.server = Server(lambda data: data)
        self.addCleanup(self.server.close)
        self.network = Network()
        self.network.__enter__()
        self.addCleanup(self.network.__exit__)

    def link(self, **options):
        return self.network.link("test", lambda: self.server.path, **options)

    def connect(self, link) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", link.port), timeout=5)
        self.addCleanup(connection.close)
        return connection


class LinkTests(NetworkTestCase):
    def assertSilent(self, connection):
        connection.settimeout(0.2)
        with self.assertRaises(TimeoutError):
            connection.recv(1)

    def test_forwards_both_ways(self):
        connection = self.connect(self.link())
        connection.sendall(b"hello")
        self.assertEqual(connection.recv(10), b"hello")

    def test_cuts_by_reset(self):
        link = self.link()
        connection = self.connect(link)
        connection.sendall(b"hello")
        connection.recv(10)
        self.assertEqual(link.cut(), 1)
        with self.assertRaises(ConnectionResetError):
            connection.recv(10)
        self.assertEqual(link.cut(), 0)

    def test_cuts_after_so_many_bytes(self):
        link = self.link()
        connection = self.connect(link)
        budget = link.cut_after(3)
        connection.sendall(b"hello")
        with self.assertRaises(ConnectionResetError):
            connection.recv(10)
            connection.recv(10)
        self.assertTrue(budget.has_cut)
        self.assertTrue(self.server.hears(b"hel"))
        self.assertFalse(self.server.hears(b"hell", timeout=0.1))

    def test_a_black_hole_accepts_and_never_answers_nor_delivers_late(self):
        link = self.link()
        old = self.connect(link)
        old.sendall(b"a")
        old.recv(1)
        link.turn(Weather.BLACK_HOLE)
        new = self.connect(link)
        for connection in (old, new):
            connection.sendall(b"lost")
            self.assertSilent(connection)
        self.assertEqual(link.turn(Weather.FAIR), 2)
        fresh = self.connect(link)
        fresh.sendall(b"b")
        self.assertEqual(fresh.recv(10), b"b")
        self.assertEqual(self.server.got, b"ab")

    def test_half_open_links_lose_one_direction(self):
        link = self.link()
        connection = self.connect(link)
        link.turn(Weather.DEAF)
        connection.sendall(b"arrives")
        self.assertTrue(self.server.hears(b"arrives"))
        self.assertSilent(connection)
        link.turn(Weather.FAIR)
        connection = self.connect(link)
        link.turn(Weather.MUTE)
        connection.sendall(b"vanishes")
        self.assertSilent(connection)
        self.assertEqual(self.server.got, b"arrives")

    def test_weather_that_met_nobody_is_no_cut(self):
        link = self.link()
        link.turn(Weather.BLACK_HOLE)
        self.assertEqual(link.turn(Weather.FAIR), 0)

    def test_a_server_that_is_gone_is_a_reset(self):
        link = self.link()
        self.server.close()
        with self.assertRaises(OSError):
            self.connect(link).recv(1)
            self.fail("it answered")


class TrapTests(NetworkTestCase):
    def setUp(self):
        super().setUp()
        self.server.answer = lambda data: READY
        self.postgres = self.link(is_postgres=True)
        self.session = self.connect(self.postgres)
        self.session.sendall(STARTUP)
        self.assertEqual(self.session.recv(100), READY)

    def test_cuts_before_the_server_hears_of_a_statement(self):
        trap = Trap("COMMIT", is_done=False)
        self.postgres.arm(trap)
        self.session.sendall(message(b"Q", b"SELECT 1\0"))
        self.assertEqual(self.session.recv(100), READY)
        self.assertFalse(trap.has_cut)
        self.session.sendall(message(b"Q", b"COMMIT\0"))
        with self.assertRaises(ConnectionResetError):
            self.session.recv(100)
        self.assertNotIn(b"COMMIT", self.server.got)
        self.assertTrue(trap.has_cut)
        self.assertFalse(self.postgres.disarm())

    def test_cuts_between_a_commit_and_its_answer(self):
        trap = Trap("ClaimJobs", is_done=True)
        self.postgres.arm(trap)
        self.session.sendall(CLAIM + SYNC)
        with self.assertRaises(ConnectionResetError):
            self.session.recv(100)
        self.assertTrue(self.server.hears(CLAIM + SYNC))
        self.assertTrue(trap.has_cut)

    def test_only_a_traps_own_cut_springs_it(self):
        trap = Trap("ClaimJobs", is_done=False)
        self.postgres.arm(trap)
        self.assertEqual(self.postgres.cut(), 1)
        self.postgres.turn(Weather.BLACK_HOLE)
        self.postgres.turn(Weather.FAIR)
        self.assertFalse(trap.has_cut)
        self.assertTrue(self.postgres.disarm())

    def test_a_trap_whose_answer_never_comes_cuts_nothing(self):
        self.server.answer = lambda data: b""
        trap = Trap("ClaimJobs", is_done=True)
        self.postgres.arm(trap)
        self.session.sendall(CLAIM + SYNC)
        self.assertTrue(self.server.hears(CLAIM + SYNC))
        self.assertFalse(self.postgres.disarm())
        self.assertFalse(trap.has_cut)
        self.server.close()
        self.assertFalse(trap.has_cut)


if __name__ == "__main__":
    unittest.main()
