"""A PostgreSQL server of one's own, gone at the end."""

import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import urllib.parse


class Database:
    """A throwaway cluster with an empty database, reached by a Unix socket only.

    The server refuses to run as root; then the account `postgres` runs it, so `folder` must be one that it can reach.
    """

    def __init__(self, folder: pathlib.Path, durable: bool = False, settings: tuple[str, ...] = ()):
        """A server that is `durable` loses nothing when it is killed; others are faster.

        Further `settings` are written as in `log_statement=all`.
        """
        self.folder = folder
        self.durable = durable
        self.settings = settings
        self.programs = server_programs()
        self.url = f"postgresql://meshmill@/meshmill?host={urllib.parse.quote(str(folder), safe='')}"
        self.server: subprocess.Popen | None = None

    def __enter__(self) -> "Database":
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        self.folder.mkdir(mode=0o700)
        account = server_account(self.folder)
        data = str(self.folder / "data")
        make = ["initdb", "-D", data, "-U", "meshmill", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
        self.run(make, cwd=self.folder, **account)
        settings = ["listen_addresses=", f"unix_socket_directories={self.folder}"]
        settings.append(f"fsync={'on' if self.durable else 'off'}")
        settings += self.settings
        command = [self.programs / "postgres", "-D", data, *(f"-c{setting}" for setting in settings)]
        with open(self.folder / "server.log", "wb") as log:
            self.server = subprocess.Popen(
                command, stdout=log, stderr=log, cwd=self.folder, start_new_session=True, **account
            )
        self.run(["pg_isready", "-q", "-h", self.folder, "-t", "10"], attempts=100)
        self.run(["createdb", "-h", self.folder, "-U", "meshmill", "meshmill"])

    def stop(self) -> None:
        if self.server is not None:
            self.server.send_signal(signal.SIGQUIT)
            self.server.wait()

    def dump(self) -> str:
        """The database as `pg_dump` writes it."""
        return self.run(["pg_dump", self.url])

    @property
    def log(self) -> str:
        """What the server logged so far."""
        return (self.folder / "server.log").read_text(errors="replace")

    def rows(self, sql: str) -> list[list[str]]:
        """The rows that a query returns, as text."""
        text = self.run(["psql", "-X", "-q", "-At", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-c", sql, self.url])
        return [line.split("\t") for line in text.splitlines()]

    def run(self, command: list, attempts: int = 1, **options) -> str:
        """Runs one of PostgreSQL's programs, and returns what it prints."""
        command = [self.programs / command[0], *command[1:]]
        while True:
            attempts -= 1
            done = subprocess.run(command, capture_output=True, text=True, **options)
            if done.returncode == 0:
                return done.stdout
            if attempts <= 0 or (self.server is not None and self.server.poll() is not None):
                raise RuntimeError(f"{command[0].name} ended with {done.returncode}: {done.stderr.strip()}")


def server_account(*folders: pathlib.Path) -> dict[str, object]:
    """Makes the account that runs the server the owner of folders, and returns what `subprocess` needs to use it."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam("postgres")
    for folder in folders:
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def server_programs() -> pathlib.Path:
    """Where `initdb` and `postgres` lie: of Debian's versions the highest, else on the PATH."""
    versions = pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb")
    found = max(versions, key=lambda path: int(path.parts[-3]), default=None) or shutil.which("initdb")
    if found is None:
        raise RuntimeError("PostgreSQL's server programs are missing; make setup installs them")
    return pathlib.Path(found).parent
