"""What `@task` reads from a function, and what it refuses."""

import json
import logging
import random
import unittest
from typing import Annotated, Optional

from headwater_sdk import Error, Skip, attempt, chance, heartbeat, secret, task, this_attempt
from headwater_sdk.durations import milliseconds
from headwater_sdk.errors import Misfit, Refused
from headwater_sdk.task import registered


class Declarations(unittest.TestCase):
    def setUp(self):
        registered.clear()

    def test_a_task_is_the_function_still(self):
        @task(retries=2, retry_delay="1s", timeout=30, cache_for="ever", tags=["slow"], secrets=["token"], dirs_rw=["out"])
        def repeat(text: str, times: Annotated[int, "how often"] = 2) -> Optional[str]:
            """Says it again."""
            return text * times

        self.assertEqual(repeat("ab"), "abab")
        declared = registered["repeat"]
        self.assertEqual((declared.name, declared.description), ("repeat", "Says it again."))
        self.assertEqual([one.default for one in declared.parameters], [None, "2"])
        self.assertEqual(declared.parameters[1].description, "how often")
        self.assertEqual(json.loads(declared.returns_schema), {"type": ["string", "null"]})
        self.assertEqual((declared.policy.retries, declared.policy.delays, declared.policy.timeout), (2, (1000,), 30_000))
        self.assertEqual((declared.policy.cached, declared.policy.cache_ttl), (True, None))
        self.assertEqual(declared.policy.grants, (("secret", "token"), ("dir", ("out", True))))
        self.assertEqual(declared.arguments({"text": "a"}), {"text": "a", "times": 2})

    def test_arguments_are_checked(self):
        @task
        def length(text: str) -> int:
            return len(text)

        with self.assertRaisesRegex(Misfit, "`text` is missing: a text"):
            registered["length"].arguments({})
        with self.assertRaisesRegex(Misfit, "`text` is 3, not a text"):
            registered["length"].arguments({"text": 3})
        with self.assertRaisesRegex(Misfit, "`the result` is 'x', not a whole number"):
            registered["length"].result("x")

    def refused(self, words, function, error=TypeError, **keys):
        with self.assertRaisesRegex(error, words):
            task(**keys)(function)

    def test_what_is_no_task(self):
        def no_result(text: str): ...
        def no_type(text) -> str: ...
        def many(*texts: str) -> str: ...
        def odd(data: bytes) -> str: ...
        async def later() -> None: ...
        def plain() -> None: ...

        self.refused("`no_result` does not say what it returns", no_result)
        self.refused("`text` of the task `no_type` has no type", no_type)
        self.refused("arguments come by name", many)
        self.refused("`data` of the task `odd`: values of `bytes` cannot cross", odd)
        self.refused("`later` is a plain `def`", later)
        self.refused("goes with `retries", plain, retry_delay="1s")
        self.refused("no length of time", plain, ValueError, timeout="soon")
        self.refused("unexpected keyword", plain, timout="1s")

    def test_two_of_one_name(self):
        def one() -> None: ...
        def two() -> None: ...

        task(name="same")(one)
        self.refused("two tasks are named `same`", two, ValueError, name="same")


class Outside(unittest.TestCase):
    """What a task may call, without a host."""

    def test_stand_ins(self):
        self.assertEqual(this_attempt().number, 1)
        with self.assertLogs(level=logging.DEBUG) as logs:
            heartbeat({"done": 1})
        self.assertIn('{"done":1}', logs.output[0])
        with self.assertRaises(Refused):
            secret("token")
        attempt.secrets_for_tests["token"] = "x"
        self.addCleanup(attempt.secrets_for_tests.clear)
        self.assertEqual(secret("token"), "x")

    def test_errors(self):
        self.assertTrue(Error("x").retryable)
        self.assertFalse(Error("x", retryable=False).retryable)
        self.assertIsInstance(Skip("x"), Exception)

    def test_random_numbers_are_seeded_when_they_are_used(self):
        chance.install()
        random.seed()
        self.assertTrue(random._inst.wanted)
        self.assertIn(random.randint(1, 6), range(1, 7))
        self.assertFalse(random._inst.wanted)
        random.seed(3)
        first = [random.random(), random.choice("abc"), random.gauss(0, 1)]
        random.seed(3)
        self.assertEqual(first, [random.random(), random.choice("abc"), random.gauss(0, 1)])

    def test_durations(self):
        texts = ["250ms", "30s", "5m", "2h", "1d", 1.5]
        self.assertEqual([milliseconds(text) for text in texts], [250, 30_000, 300_000, 7_200_000, 86_400_000, 1_500])


if __name__ == "__main__":
    unittest.main()
