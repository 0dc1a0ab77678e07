"""Rules that a finished run must keep, each judged from what the provider saw and what lies on disk.

Every rule returns what breaks it, in words; nothing means that it holds.
"""

import collections
import dataclasses
import hashlib
import itertools
import pathlib
import struct
from collections.abc import Iterable, Iterator

from provider import Post


@dataclasses.dataclass(frozen=True)
class Job:
    """One line of `jobs export`."""

    id: int
    status: str
    source: str
    output: str | None
    sha256: str | None
    generation: str | None
    attempts: int
    credits: int


def exported(row: dict) -> Job:
    """A line of `jobs export` as the rules read it."""
    return Job(
        id=row["job_id"],
        status=row["status"],
        source=row["source"],
        output=row["output"],
        sha256=row["sha256"],
        generation=row["generation_id"],
        attempts=row["attempts"],
        credits=row["credits"],
    )


def all_completed(jobs: list[Job], sources: set[str]) -> Iterator[str]:
    """Every source became one completed job."""
    for job in jobs:
        if job.status != "completed":
            yield f"job {job.id} ({job.source}) is {job.status}"
    exported = collections.Counter(job.source for job in jobs)
    for source in sorted(sources | exported.keys()):
        if source not in exported:
            yield f"{source} is lost: it is no job"
        elif source not in sources:
            yield f"{source} is a job that nobody asked for"
        elif exported[source] > 1:
            yield f"{source} is {exported[source]} jobs"


def none_refused(posts: list[Post]) -> Iterator[str]:
    """The provider accepted whatever it answered; above all there is no 429."""
    for status, count in collections.Counter(post.status for post in posts).items():
        if status not in (None, 200):
            yield f"{count} POSTs were answered {status}"


def windows_kept(posts: list[Post], limit: int, window: float) -> Iterator[str]:
    """No key has more than `limit` POSTs in any half-open stretch of `window` seconds."""
    for key, times in by_key(posts).items():
        for first, beyond in zip(times, times[limit:]):
            if beyond - first < window:
                yield f"{key} sent POST {limit + 1} {beyond - first:.3f} s after the first, within its window"


def keys_used_equally(posts: list[Post], keys: int, limit: int) -> Iterator[str]:
    """The keys' numbers of POSTs differ by one window's worth at most."""
    counts = {key: len(times) for key, times in by_key(posts).items()}
    least = min(counts.values(), default=0) if len(counts) == keys else 0
    most = max(counts.values(), default=0)
    if most - least > limit:
        yield f"one key sent {least} POSTs and another {most}; they may differ by {limit}"


def files_agree(jobs: list[Job], out: pathlib.Path) -> Iterator[str]:
    """Each job's GLB is on disk as recorded, with its record beside it, and no other GLB is there."""
    expected = {pathlib.Path(job.output) for job in jobs if job.output}
    for path in sorted(set(out.rglob("*.glb")) - expected):
        yield f"{path} belongs to no job"
    for job in jobs:
        if job.output is None:
            yield f"job {job.id} ({job.source}) has no output"
            continue
        path = pathlib.Path(job.output)
        if not path.is_file():
            yield f"{path} is missing"
            continue
        data = path.read_bytes()
        if data[:12] != struct.pack("<4sII", b"glTF", 2, len(data)):
            yield f"{path} is no binary glTF 2.0 of its length"
        if hashlib.sha256(data).hexdigest() != job.sha256:
            yield f"{path} has another SHA-256 than its job"
        if not path.with_suffix(".json").is_file():
            yield f"{path} has no .json beside it"


def generations_agree(jobs: list[Job], posts: list[Post]) -> Iterator[str]:
    """Each job's generation was made by the provider, and for no other job."""
    made = {post.generation for post in posts if post.accepted}
    for generation, owners in collections.Counter(job.generation for job in jobs).items():
        if owners > 1:
            yield f"generation {generation} belongs to {owners} jobs"
        if generation not in made:
            yield f"generation {generation} was never made by the provider"


def attempts_agree(jobs: list[Job], posts: list[Post], unknown: int) -> Iterator[str]:
    """No POST is missing from the jobs' attempts, and those that the provider never saw are unknown ones."""
    seen = collections.Counter(post.image for post in posts)
    image_of = {post.generation: post.image for post in posts if post.accepted}
    unseen = 0
    for job in jobs:
        sent = seen[image_of.get(job.generation)]
        if sent > job.attempts:
            yield f"job {job.id} ({job.source}) has {job.attempts} attempts, but the provider saw {sent} POSTs"
        unseen += max(0, job.attempts - sent)
    if unseen > unknown:
        yield f"{unseen} attempts never reached the provider, but only {unknown} are unknown"


def paid_once(posts: list[Post], unknown: int) -> Iterator[str]:
    """No image was generated again, but for attempts whose answer is known to have been lost."""
    extra = len(made_again(posts))
    if extra > unknown:
        yield f"images were generated again {extra} times, but only {unknown} answers were lost"


def credits_agree(jobs: list[Job], posts: list[Post], unknown: int) -> Iterator[str]:
    """The jobs were charged what the provider made, as far as its answers came."""
    charged = sum(job.credits for job in jobs)
    made = sum(post.accepted for post in posts)
    if not made - unknown <= charged <= made + unknown:
        yield f"{charged} credits were charged, but the provider made {made} meshes and {unknown} answers were lost"


def made_again(posts: list[Post]) -> list[Post]:
    """The accepted POSTs of images that the provider had accepted before."""
    seen: set[str | None] = set()
    return [post for post in posts if post.accepted and (post.image in seen or seen.add(post.image))]


def by_key(posts: Iterable[Post]) -> dict[str, list[float]]:
    """When each key's POSTs arrived that took one of its window."""
    counted = sorted((post.key, post.time) for post in posts if post.counted)
    return {key: [time for _, time in group] for key, group in itertools.groupby(counted, lambda pair: pair[0])}
