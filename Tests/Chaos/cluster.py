"""PostgreSQL as production runs it: durable, with a synchronous standby that takes over by promotion."""

import os
import pathlib
import shutil
import signal
import subprocess
import time
import urllib.parse

from database import server_account, server_programs

SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_level": "replica",
    "hot_standby": "on",
    "max_wal_senders": "8",
    "wal_keep_size": "512MB",
    "max_connections": "150",
    "checkpoint_timeout": "60s",
    "wal_retrieve_retry_interval": "200ms",
    "listen_addresses": "",
}
PATIENCE = 60
"""Seconds until a step of the servers counts as stuck."""


class Node:
    """One server: its files, its process, and its socket, which is also where a link finds it."""

    def __init__(self, name: str, folder: pathlib.Path):
        self.name = name
        self.folder = folder / name
        self.data = self.folder / "data"
        self.programs = server_programs()
        self.folder.mkdir(mode=0o700)
        self.account = server_account(self.folder)
        self.process: subprocess.Popen | None = None
        self.socket = self.folder / ".s.PGSQL.5432"

    def initialize(self) -> None:
        self.call("initdb", "-D", self.data, "-U", "meshmill", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        with open(self.data / "postgresql.conf", "a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in SETTINGS.items())
            file.write("include_if_exists 'roles.conf'\n")

    def copy(self, primary: "Node") -> None:
        """Becomes a standby of `primary`, from nothing."""
        shutil.rmtree(self.data, ignore_errors=True)
        connection = f"host={primary.folder} user=meshmill application_name={self.name}"
        self.call("pg_basebackup", "-D", self.data, "-d", connection, "-X", "stream", "-R", "-c", "fast", "--no-sync")
        self.wait_for_commits_at(None)

    def start(self) -> None:
        command = [self.programs / "postgres", "-D", self.data, "-c", f"unix_socket_directories={self.folder}"]
        with open(self.folder / "server.log", "ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self.folder, start_new_session=True, **self.account
            )

    def start_until_ready(self) -> None:
        """Starts, again if the last server's children still hold its memory, and waits until it answers."""
        deadline = time.monotonic() + PATIENCE
        self.start()
        while not self.answers():
            if self.process.poll() is not None:
                self.start()
            if time.monotonic() > deadline:
                raise RuntimeError(f"server {self.name} did not start; see {self.folder}/server.log")
            time.sleep(0.1)

    def answers(self) -> bool:
        return subprocess.run([self.programs / "pg_isready", "-q", "-h", self.folder]).returncode == 0

    def stop_immediately(self) -> None:
        self.call("pg_ctl", "stop", "-m", "immediate", "-D", self.data)
        self.process.wait()

    def kill_postmaster(self) -> None:
        """Ends the server's first process by SIGKILL; its children find out by themselves."""
        self.process.kill()
        self.process.wait()
        deadline = time.monotonic() + PATIENCE
        while self.children():
            if time.monotonic() > deadline:
                raise RuntimeError(f"children of server {self.name} live on")
            time.sleep(0.05)

    def kill_backend(self) -> bool:
        """Kills one process that serves a client, so that the server restarts all of them."""
        backends = self.query("SELECT pid FROM pg_stat_activity WHERE application_name = 'meshmill' ORDER BY random()")
        for (pid,) in backends:
            try:
                os.kill(int(pid), signal.SIGKILL)
                return True
            except ProcessLookupError:
                continue
        return False

    def freeze(self) -> None:
        """Stops the server's processes where they stand."""
        self.signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self.signal_all(signal.SIGCONT)

    def signal_all(self, number: signal.Signals) -> None:
        for pid in (self.process.pid, *self.children()):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def children(self) -> list[int]:
        """Processes that work in the data folder, the first one apart."""
        found = []
        for path in pathlib.Path("/proc").iterdir():
            if not path.name.isdigit() or self.process and int(path.name) == self.process.pid:
                continue
            try:
                if os.readlink(path / "cwd") == str(self.data):
                    found.append(int(path.name))
            except OSError:
                continue
        return found

    def wait_for_commits_at(self, standbys: str | None) -> None:
        """Says whose copy a commit waits for: `*` any standby's, None nobody's."""
        (self.data / "roles.conf").write_text(f"synchronous_standby_names = '{standbys or ''}'\n")
        (self.data / "roles.conf").chmod(0o644)
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGHUP)

    def query(self, sql: str, timeout: float = 20) -> list[list[str]]:
        options = ["-X", "-q", "-At", "-F", "\t", "-v", "ON_ERROR_STOP=1"]
        text = self.call("psql", *options, "-c", sql, self.url, timeout=timeout)
        return [line.split("\t") for line in text.splitlines()]

    @property
    def url(self) -> str:
        folder = urllib.parse.quote(str(self.folder), safe="")
        return f"postgresql://meshmill@/meshmill?host={folder}&connect_timeout=5&application_name=chaos"

    def call(self, program: str, *arguments: object, timeout: float = PATIENCE) -> str:
        """Runs one of PostgreSQL's programs, and returns what it prints."""
        command = [self.programs / program, *map(str, arguments)]
        options = {"cwd": self.folder, "timeout": timeout, **self.account}
        done = subprocess.run(command, capture_output=True, text=True, **options)
        if done.returncode != 0:
            raise RuntimeError(f"{program} on {self.name} ended with {done.returncode}: {done.stderr.strip()[-400:]}")
        return done.stdout


class Cluster:
    """A primary and its synchronous standby; which is which changes."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        folder.mkdir()
        folder.chmod(0o755)
        self.nodes = [Node("alpha", folder), Node("beta", folder)]
        self.primary, self.standby = self.nodes

    def __enter__(self) -> "Cluster":
        try:
            self.primary.initialize()
            self.primary.start_until_ready()
            self.primary.call("createdb", "-h", self.primary.folder, "-U", "meshmill", "meshmill")
            self.rebuild()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        for node in self.nodes:
            if node.process is not None and node.process.poll() is None:
                node.thaw()
                node.process.send_signal(signal.SIGQUIT)
                node.process.wait()

    @property
    def url(self) -> str:
        """For commands that do not take part in the chaos: whichever server takes writes."""
        hosts = ",".join(urllib.parse.quote(str(node.folder), safe="") for node in self.nodes)
        return f"postgresql://meshmill@/meshmill?host={hosts}&target_session_attrs=read-write"

    def rows(self, sql: str) -> list[list[str]]:
        return self.primary.query(sql)

    def rebuild(self) -> None:
        """Makes the node that is not the primary its standby, and lets every commit wait for it."""
        self.standby.copy(self.primary)
        self.standby.start_until_ready()
        self.primary.wait_for_commits_at("*")
        self.wait_until_synchronous()

    def wait_until_synchronous(self) -> None:
        """Returns when all that the primary has written is with the standby as well."""
        self.wait_until(
            "SELECT flush_lsn >= pg_current_wal_flush_lsn() FROM pg_stat_replication WHERE sync_state = 'sync'",
            "the standby did not catch up",
        )

    def wait_until_writable(self) -> None:
        """Returns when a commit on the primary succeeds."""
        self.wait_until("SELECT txid_current() IS NOT NULL", "the primary takes no writes")

    def wait_until(self, sql: str, problem: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if self.primary.query(sql, timeout=5) == [["t"]]:
                    return
            except (RuntimeError, subprocess.TimeoutExpired):
                pass
            time.sleep(0.1)
        raise RuntimeError(problem)

    def fail_over(self) -> None:
        """The primary is dead: the standby takes its place. Rebuild afterwards."""
        self.standby.wait_for_commits_at(None)
        self.standby.query("SELECT pg_promote(true, 30)", timeout=40)
        self.primary, self.standby = self.standby, self.primary
        self.wait_until_writable()
