"""What a campaign came to, in Jepsen's words: lost, duplicated, unexpected.

Judged from the provider's own log, the exports, the disk, and the database's rows; never from what a process said.
"""

import collections
import dataclasses
from collections.abc import Callable, Iterator

from provider import Post

LEDGER_FOLDS = {
    # Used is charge less refund, corrected by adjust and external; reserved is a reserve without charge or release.
    "keys.monthly_used": """
        SELECT k.name, k.monthly_used, coalesce(sum(CASE l.kind WHEN 'charge' THEN l.amount WHEN 'refund' THEN -l.amount
               END), 0)
        FROM meshmill.keys AS k LEFT JOIN meshmill.ledger AS l ON l.key_id = k.id AND l.period = k.period
        GROUP BY k.id HAVING k.monthly_used <> coalesce(sum(CASE l.kind WHEN 'charge' THEN l.amount
               WHEN 'refund' THEN -l.amount END), 0)""",
    "batches.used": """
        SELECT b.id, b.used, coalesce(sum(CASE l.kind WHEN 'charge' THEN l.amount WHEN 'refund' THEN -l.amount END), 0)
        FROM meshmill.batches AS b LEFT JOIN meshmill.ledger AS l ON l.batch_id = b.id
        GROUP BY b.id HAVING b.used <> coalesce(sum(CASE l.kind WHEN 'charge' THEN l.amount
               WHEN 'refund' THEN -l.amount END), 0)""",
    **{
        f"{table}.reserved": f"""
        SELECT o.id, o.reserved, coalesce(sum(CASE l.kind WHEN 'reserve' THEN l.amount WHEN 'charge' THEN -1
               WHEN 'release' THEN -1 END), 0)
        FROM meshmill.{table} AS o LEFT JOIN meshmill.ledger AS l ON l.{column} = o.id
        GROUP BY o.id HAVING o.reserved <> coalesce(sum(CASE l.kind WHEN 'reserve' THEN l.amount WHEN 'charge' THEN -1
               WHEN 'release' THEN -1 END), 0)"""
        for table, column in (("keys", "key_id"), ("orgs", "org_id"), ("tenants", "tenant_id"), ("batches", "batch_id"))
    },
}
"""For each cached balance a query for the rows where it is not what the ledger's entries add up to."""

OVERSPENT = """
    SELECT 'key ' || name, monthly_used + reserved, monthly_limit FROM meshmill.keys
    WHERE monthly_used + reserved > monthly_limit
    UNION ALL
    SELECT 'batch ' || id, used + reserved, max_credits FROM meshmill.batches WHERE used + reserved > max_credits
    UNION ALL
    SELECT 'tenant ' || name, monthly_used + reserved, monthly_budget FROM meshmill.tenants
    WHERE monthly_used + reserved > monthly_budget"""

LEFT_OPEN = """
    SELECT 'attempt ' || a.id || ' is ' || a.state FROM meshmill.attempts AS a
    WHERE a.state IN ('submitting', 'generating')
    UNION ALL
    SELECT 'slot ' || s.ordinal || ' of key ' || s.key_id || ' is held by attempt ' || a.id || ', which is ' || a.state
    FROM meshmill.slots AS s JOIN meshmill.attempts AS a ON a.id = s.attempt_id
    WHERE s.free_at < now() - interval '1 minute' AND a.state = 'submitting'
    UNION ALL
    SELECT 'job ' || j.id || ' is ' || j.state || ' with attempt ' || a.id || ', which is ' || a.state
    FROM meshmill.jobs AS j JOIN meshmill.attempts AS a ON a.id = j.attempt_id
    WHERE (j.state = 'completed') <> (a.state = 'completed') AND j.state <> 'queued'"""


@dataclasses.dataclass
class Spending:
    """What one image cost."""

    image: str
    accepted: int
    again: int
    """Generations beyond the first that were kept: those that failed were refunded."""


def spending(posts: list[Post]) -> dict[str, Spending]:
    """What each image cost at the provider."""
    by_image: dict[str, list[Post]] = collections.defaultdict(list)
    for post in posts:
        if post.accepted and post.image:
            by_image[post.image].append(post)
    return {
        image: Spending(image, len(group), max(0, sum(post.failed_at is None for post in group) - 1))
        for image, group in by_image.items()
    }


def silent_duplicates(costs: dict[str, Spending], unknown: dict[str, int]) -> Iterator[str]:
    """Each image that was generated again more often than answers about it are known to have been lost."""
    for image, cost in costs.items():
        if cost.again > unknown.get(image, 0):
            yield f"image {image[:12]} was generated again {cost.again} times, but {unknown.get(image, 0)} are unknown"


def unrecorded(posts: list[Post], known: set[str], unknown: dict[str, int]) -> Iterator[str]:
    """Each image with more generations whose ids nobody recorded than answers that are known to have been lost."""
    missing = collections.Counter(post.image for post in posts if post.accepted and post.generation not in known)
    for image, count in missing.items():
        if count > unknown.get(image, 0):
            yield f"{count} generations of image {image[:12]} are recorded nowhere, and {unknown.get(image, 0)} unknown"


def overspent(posts: list[Post], limits: dict[str, int]) -> Iterator[str]:
    """Each key that at any time had spent more than its limit, by the provider's books."""
    for key, limit in limits.items():
        moves = [(post.time, 1) for post in posts if post.key == key and post.accepted]
        moves += [(post.failed_at, -1) for post in posts if post.key == key and post.accepted and post.failed_at]
        spent = most = 0
        for _, change in sorted(moves):
            spent += change
            most = max(most, spent)
        if most > limit:
            yield f"{key} spent {most} of {limit} credits"


def refused(posts: list[Post], allowed: set[int | None]) -> Iterator[str]:
    """POSTs that were answered with a status that the weather does not explain; above all 429."""
    for status, count in sorted(collections.Counter(post.status for post in posts).items(), key=str):
        if status not in allowed:
            yield f"{count} POSTs were answered {status}"


def ledger_drift(rows: Callable[[str], list[list[str]]]) -> Iterator[str]:
    """Cached balances that are not the sum of their ledger entries."""
    for balance, sql in LEDGER_FOLDS.items():
        for row in rows(sql):
            yield f"{balance} of {row[0]} is {row[1]}, its entries add up to {row[2]}"
