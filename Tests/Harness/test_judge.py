"""A judge that finds nothing is only worth something if it can find."""

import hashlib
import pathlib
import struct
import tempfile
import unittest

import judge
from judge import Job
from pictures import picture
from provider import Post


def post(number: int, time: float, key: str = "sim-1", **changes) -> Post:
    values = {"status": 200, "generation": f"g{number}", "image": f"i{number}", "accepted": True, "counted": True}
    return Post(time=time, key=key, **(values | changes))


def job(number: int, **changes) -> Job:
    values = {"status": "completed", "source": f"{number}.png", "output": None, "sha256": None}
    values |= {"generation": f"g{number}", "attempts": 1, "credits": 1}
    return Job(id=number, **(values | changes))


class JudgeTests(unittest.TestCase):
    def test_finds_lost_and_unfinished_work(self):
        self.assertEqual(list(judge.all_completed([job(1)], {"1.png"})), [])
        self.assertEqual(len(list(judge.all_completed([job(1)], {"1.png", "2.png"}))), 1)
        self.assertEqual(len(list(judge.all_completed([job(1, status="held")], {"1.png"}))), 1)
        self.assertEqual(len(list(judge.all_completed([job(1), job(1)], {"1.png"}))), 1)

    def test_finds_refusals(self):
        self.assertEqual(list(judge.none_refused([post(1, 0), post(2, 1, status=None)])), [])
        self.assertEqual(len(list(judge.none_refused([post(1, 0, status=429)]))), 1)

    def test_a_window_is_half_open(self):
        times = [0.0, 1.0, 2.0, 3.0, 4.0]
        kept = [post(number, time) for number, time in enumerate([*times, 6.0])]
        broken = [post(number, time) for number, time in enumerate([*times, 5.999])]
        self.assertEqual(list(judge.windows_kept(kept, 5, 6)), [])
        self.assertEqual(len(list(judge.windows_kept(broken, 5, 6))), 1)
        apart = [post(number, time, key=f"sim-{number}") for number, time in enumerate([*times, 5.0])]
        self.assertEqual(list(judge.windows_kept(apart, 5, 6)), [])

    def test_finds_a_neglected_key(self):
        posts = [post(number, number, key="sim-1") for number in range(6)] + [post(7, 7, key="sim-2")]
        self.assertEqual(list(judge.keys_used_equally(posts, 2, 5)), [])
        self.assertEqual(len(list(judge.keys_used_equally(posts, 3, 5))), 1)

    def test_finds_files_that_differ(self):
        with tempfile.TemporaryDirectory() as name:
            out = pathlib.Path(name)
            data = struct.pack("<4sII", b"glTF", 2, 12)
            (out / "1.glb").write_bytes(data)
            good = job(1, output=str(out / "1.glb"), sha256=hashlib.sha256(data).hexdigest())
            self.assertEqual(len(list(judge.files_agree([good], out))), 1)
            (out / "1.json").write_text("{}")
            self.assertEqual(list(judge.files_agree([good], out)), [])
            self.assertEqual(len(list(judge.files_agree([], out))), 1)
            self.assertEqual(len(list(judge.files_agree([good, job(2)], out))), 1)
            (out / "1.glb").write_bytes(data + b"\0")
            self.assertEqual(len(list(judge.files_agree([good], out))), 2)
            (out / "1.glb").unlink()
            self.assertEqual(len(list(judge.files_agree([good], out))), 1)

    def test_finds_foreign_generations(self):
        posts = [post(1, 0)]
        self.assertEqual(list(judge.generations_agree([job(1)], posts)), [])
        self.assertEqual(len(list(judge.generations_agree([job(2)], posts))), 1)
        self.assertEqual(len(list(judge.generations_agree([job(1), job(2, generation="g1")], posts))), 1)

    def test_finds_unrecorded_posts_and_silent_double_spending(self):
        twice = [post(1, 0), post(2, 9, image="i1")]
        self.assertEqual(len(list(judge.attempts_agree([job(1)], twice, unknown=1))), 1)
        self.assertEqual(list(judge.attempts_agree([job(1, attempts=2)], twice, unknown=1)), [])
        self.assertEqual(len(list(judge.attempts_agree([job(1, attempts=2)], twice[:1], unknown=0))), 1)
        self.assertEqual(list(judge.paid_once(twice, unknown=1)), [])
        self.assertEqual(len(list(judge.paid_once(twice, unknown=0))), 1)
        self.assertEqual(len(list(judge.credits_agree([job(1)], twice, unknown=0))), 1)
        self.assertEqual(list(judge.credits_agree([job(1)], twice, unknown=1)), [])

    def test_pictures_differ(self):
        self.assertEqual(len({picture(number) for number in range(500)}), 500)


if __name__ == "__main__":
    unittest.main()
