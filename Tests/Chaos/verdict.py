"""What a campaign came to, in Jepsen's words: lost, duplicated, unexpected.

Judged from the provider's own log, the exports, the disk, and the database's rows; never from what a process said.
"""

import collections
import dataclasses
from collections.abc import Callable, Iterator

from provider import Post

USED = "coalesce(sum(CASE l.kind WHEN 'charge' THEN l.amount WHEN 'refund' THEN -l.amount END), 0)"
OPEN = """(
    SELECT coalesce(sum(l.amount), 0) FROM meshmill.ledger AS l
    WHERE l.{column} = o.id AND l.kind = 'reserve' AND NOT EXISTS (
        SELECT 1 FROM meshmill.ledger AS e WHERE e.attempt_id = l.attempt_id AND e.kind IN ('charge', 'release')))"""
LEDGER_FOLDS = {
    "keys.monthly_used": f"""
        SELECT k.name, k.monthly_used, {USED}
        FROM meshmill.keys AS k LEFT JOIN meshmill.ledger AS l ON l.key_id = k.id AND l.key_month = k.month
        GROUP BY k.id HAVING k.monthly_used <> {USED}""",
    "batches.used": f"""
        SELECT b.id, b.used, {USED}
        FROM meshmill.batch_balances AS b LEFT JOIN meshmill.ledger AS l ON l.batch_id = b.id
        GROUP BY b.id, b.used HAVING b.used <> {USED}""",
    **{
        f"{balances}.reserved": f"""
        SELECT f.id, f.reserved, f.open
        FROM (SELECT o.id, o.reserved, {OPEN.format(column=column)} AS open FROM meshmill.{balances} AS o) AS f
        WHERE f.reserved <> f.open"""
        for balances, column in (
            ("keys", "key_id"),
            ("orgs", "org_id"),
            ("tenant_balances", "tenant_id"),
            ("batch_balances", "batch_id"),
        )
    },
}
"""For each cached balance a query for the rows where it is not what the ledger's entries add up to."""

SPENT = f"""
    SELECT o.name, {USED}, (
        SELECT count(*) FROM meshmill.attempts AS a
        WHERE a.org_id = o.id AND a.state = 'unknown'
          AND coalesce(a.evidence, 'none') NOT IN ('key_monthly_used', 'credits_remaining')),
        (SELECT string_agg(k.name, ' ') FROM meshmill.keys AS k WHERE k.org_id = o.id)
    FROM meshmill.orgs AS o LEFT JOIN meshmill.ledger AS l ON l.org_id = o.id GROUP BY o.id"""
"""What each org has spent by our ledger, how many of its lost answers no evidence has decided, and its keys.

Not each key: when an org's credits come back, they do not say with which key they went.
"""

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
            lost = unknown.get(image, 0)
            yield f"image {image[:12]} was made again {cost.again} times, but {lost} of its answers are unknown"


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


def provider_drift(rows: Callable[[str], list[list[str]]], posts: list[Post]) -> Iterator[str]:
    """Orgs whose ledger is off the provider's books by more than their undecided answers, which count as spent."""
    made = collections.Counter(post.key for post in posts if post.accepted and post.failed_at is None)
    for org, spent, undecided, keys in rows(SPENT):
        theirs = sum(made[key] for key in keys.split())
        if not 0 <= int(spent) - theirs <= int(undecided):
            yield f"{org} has spent {spent} by the ledger, {theirs} by the provider, {undecided} undecided"


def ledger_drift(rows: Callable[[str], list[list[str]]]) -> Iterator[str]:
    """Cached balances that are not the sum of their ledger entries."""
    for balance, sql in LEDGER_FOLDS.items():
        for row in rows(sql):
            yield f"{balance} of {row[0]} is {row[1]}, its entries add up to {row[2]}"
