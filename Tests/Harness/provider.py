"""The simulated provider, and what its log says."""

import dataclasses
import json
import urllib.parse
import urllib.request

from program import Process, Program


@dataclasses.dataclass(frozen=True)
class Post:
    """One creation that the provider received."""

    time: float
    """Seconds since the provider's start."""
    key: str
    status: int | None
    """What was answered; None when the connection was closed instead."""
    generation: str | None
    image: str | None
    """SHA-256 of the image as it was sent."""
    accepted: bool
    counted: bool
    """Whether it took one of the key's window."""
    failed_at: float | None = None
    """When its generation fails and is refunded; None for one that does not."""


class Provider:
    """A running simulator."""

    def __init__(self, program: Program, keys: int, limit: int, window: int, seed: int, *options: str):
        """Starts one with windows of `window` seconds; meshes take 60 times less than they would."""
        self.key_file = program.folder / "keys.csv"
        self.process = program.start(
            "simulator",
            "simulator", "--listen", "127.0.0.1:0", "--keys", keys, "--limit", limit,
            "--window", f"{window}m", "--speed", 60, "--seed", seed, "--write-keys", self.key_file, *options,
        )  # fmt: skip
        try:
            self.url = self.process.wait_for(r"(http://127\.0\.0\.1:\d+\S*)")
        except BaseException:
            self.process.kill()
            raise

    def __enter__(self) -> "Provider":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()

    def posts(self) -> list[Post]:
        """Every creation since the start, in the order of arrival."""
        posts: list[Post] = []
        after = 0
        while True:
            page = self.get(f"log?after={after}&limit=10000")
            for record in page["records"]:
                after = record["sequence"]
                if record["kind"] == "create":
                    posts.append(post(record))
            if after >= page["total"]:
                return posts

    def get(self, path: str) -> dict:
        with urllib.request.urlopen(self.control(path), timeout=30) as answer:
            return json.load(answer)

    def post(self, path: str, order: dict) -> None:
        """Gives an order to the simulator, such as `outage` or `faults`."""
        request = urllib.request.Request(self.control(path), data=json.dumps(order).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=30):
            pass

    def control(self, path: str) -> str:
        return urllib.parse.urljoin(self.url, f"/_simulator/{path}")


def post(record: dict) -> Post:
    return Post(
        time=record["time_us"] / 1e6,
        key=record.get("key", "unknown"),
        status=record.get("status"),
        generation=record.get("generation_id"),
        image=record.get("image_sha256"),
        accepted=record.get("accepted", False),
        counted=record.get("counted", False),
        failed_at=record["ends_us"] / 1e6 if record.get("outcome") == "failed" else None,
    )
