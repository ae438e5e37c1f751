"""The checker of histories against histories whose verdict is known, and against brute force on small random ones.

RINGHOST_SEED repeats the random ones, RINGHOST_LINEARIZE_HISTORIES (600) says how many."""

import itertools
import random
import unittest

from linearize import ANY, IMPOSSIBLE, Op, check, step
from nodes import figure, number_from_environment


def put(value, called, returned, **more):
    return Op("put", "k", value, called=called, returned=returned, **more)


def get(value, called, returned, **more):
    return Op("get", "k", value, called=called, returned=returned, **more)


def cas(expect, value, called, returned, **more):
    return Op("cas", "k", value, expect, called=called, returned=returned, **more)


def refused(expect, value, called, returned, found=ANY):
    return cas(expect, value, called, returned, swapped=False, found=found)


GOOD = {
    "nothing": [],
    "one after the other": [put(1, 0, 1), get(1, 2, 3), cas(1, 2, 4, 5), get(2, 6, 7)],
    "an absent key is read as None": [get(None, 0, 1)],
    "a read during a write sees the old value": [put(1, 0, 1), put(2, 2, 5), get(1, 3, 4)],
    "a read during a write sees the new value": [put(1, 0, 1), put(2, 2, 5), get(2, 3, 4)],
    "two writes at once, read in either order": [put(1, 0, 3), put(2, 0, 3), get(1, 4, 5)],
    "two writes at once, read during both": [put(1, 0, 9), put(2, 0, 9), get(2, 1, 2), get(1, 3, 4)],
    "an unknown write took effect late": [put(1, 0, 1), put(2, 2, None), get(1, 3, 4), get(1, 5, 6), get(2, 7, 8)],
    "an unknown write never took effect": [put(1, 0, 1), put(2, 2, None), get(1, 3, 4)],
    "an unknown write took effect after another write": [put(1, 0, None), put(2, 1, 2), get(2, 3, 4), get(1, 5, 6)],
    "an unknown cas took effect": [put(1, 0, 1), cas(1, 2, 2, None), get(1, 3, 4), get(2, 5, 6)],
    "an unknown cas did not": [put(1, 0, 1), cas(1, 2, 2, None), get(1, 3, 4)],
    "a cas that lost against another": [put(1, 0, 1), cas(1, 2, 2, 5), refused(1, 3, 2, 5, found=2), get(2, 6, 7)],
    "a refused cas hides behind an unknown write": [put(1, 0, 1), put(2, 2, None), refused(1, 3, 4, 5), get(2, 6, 7)],
    "a refused cas needs an unknown write nobody reads": [put(1, 0, 1), put(2, 2, None), refused(1, 3, 4, 5)],
    "keys do not meet": [put(1, 0, 1), Op("get", "other", None, called=2, returned=3)],
    "it touches: a return and a call at one instant": [put(1, 0, 1), put(2, 1, 2), get(1, 2, 3)],
}
BAD = {
    "a stale read": [put(1, 0, 1), put(2, 2, 3), get(1, 4, 5)],
    "a read of what nobody wrote": [put(1, 0, 1), get(7, 2, 3)],
    "a lost write": [put(1, 0, 1), get(None, 2, 3)],
    "a read before the write": [get(1, 0, 1), put(1, 2, 3)],
    "reads that go back": [put(1, 0, 1), put(2, 2, 9), get(2, 3, 4), get(1, 5, 6)],
    "two readers see two orders": [put(1, 0, 9), put(2, 0, 9), get(1, 1, 2), get(2, 3, 4), get(1, 5, 6)],
    "two cas of one value, both successful": [put(1, 0, 1), cas(1, 2, 2, 5), cas(1, 3, 2, 5)],
    "a cas refused though nothing stood in its way": [put(1, 0, 1), refused(1, 2, 2, 3)],
    "a cas refused by what nobody wrote": [put(1, 0, 1), refused(5, 2, 2, 3, found=9)],
    "an unknown write took effect before its call": [put(1, 0, 1), get(2, 2, 3), put(2, 4, None)],
    "an unknown write took effect twice": [put(1, 0, None), put(2, 1, 2), get(1, 3, 4), put(3, 5, 6), get(1, 7, 8)],
    "a lost write behind an unknown one": [put(1, 0, 1), put(9, 0, None), put(2, 2, 3), get(1, 4, 5)],
    "another key's value": [put(1, 0, 1), Op("get", "other", 1, called=2, returned=3)],
}


def brute_force(ops):
    """Every order of every subset that holds all known operations."""
    known = [op for op in ops if op.returned is not None]
    unknown = [op for op in ops if op.returned is None]
    for count in range(len(unknown) + 1):
        for guessed in itertools.combinations(unknown, count):
            if any(is_order(order) for order in itertools.permutations(known + list(guessed))):
                return True
    return False


def is_order(order):
    state = None
    for i, op in enumerate(order):
        if any(later.returned is not None and later.returned < op.called for later in order[i + 1 :]):
            return False
        state = step(state, op)
        if state is IMPOSSIBLE:
            return False
    return True


def small_history(dice):
    """A few operations with any answers, so that about half are impossible."""
    ops = []
    for _ in range(dice.randrange(1, 7)):
        called = dice.randrange(8)
        returned = None if dice.random() < 0.25 else called + dice.randrange(5)
        value, expect = dice.randrange(3), dice.randrange(3)
        kind = dice.choice(["put", "get", "cas", "refused"])
        if kind == "put":
            ops.append(put(value, called, returned))
        elif kind == "get":
            ops.append(get(dice.choice([None, value]), called, returned))
        elif kind == "cas":
            ops.append(cas(expect, value, called, returned))
        else:
            ops.append(refused(expect, value, called, returned, dice.choice([ANY, None, value])))
    return ops


def real_history(dice, count, clients):
    """What clients see of a register that is linearizable by construction: each operation takes effect at one instant."""
    free_at = [0.0] * clients
    planned = []
    for serial in range(count):
        who = dice.randrange(clients)
        called = free_at[who] + dice.random()
        at = called + dice.random() * 3
        returned = at + dice.random() * 3
        free_at[who] = returned
        planned.append((at, called, returned, f"c{who}", serial))
    state, ops = None, []
    for at, called, returned, who, serial in sorted(planned):
        kind, lost = dice.choice(["put", "get", "cas"]), dice.random() < 0.05
        end = None if lost else returned
        happens = not lost or dice.random() < 0.5
        if kind == "get":
            ops.append(get(state, called, end, who=who))
        elif kind == "put":
            ops.append(put(serial, called, end, who=who))
            state = serial if happens else state
        else:
            expect = state if dice.random() < 0.7 else dice.randrange(serial + 1)
            fits = expect == state
            ops.append(cas(expect, serial, called, end, swapped=fits or lost, found=ANY if fits or lost else state, who=who))
            state = serial if fits and happens else state
    return ops


class Histories(unittest.TestCase):
    def setUp(self):
        self.seed = number_from_environment("RINGHOST_SEED", random.SystemRandom().randrange(1 << 32))

    def test_good_histories_are_accepted(self):
        for name, ops in GOOD.items():
            with self.subTest(name):
                self.assertIs(check(ops).ok, True, check(ops).why)
                self.assertTrue(all(brute_force([op for op in ops if op.key == key]) for key in {op.key for op in ops}))

    def test_bad_histories_are_rejected_with_a_reason(self):
        for name, ops in BAD.items():
            with self.subTest(name):
                self.assertIs(check(ops).ok, False)
                self.assertIn("none of these fits next", check(ops).why)

    def test_the_verdict_is_that_of_brute_force(self):
        count = number_from_environment("RINGHOST_LINEARIZE_HISTORIES", 600)
        dice = random.Random(self.seed)
        figure("linearize.seed", self.seed)
        verdicts = {True: 0, False: 0}

        for number in range(count):
            ops = small_history(dice)
            expected = brute_force(ops)
            self.assertIs(check(ops).ok, expected, f"history {number} of seed {self.seed}:\n" + "\n".join(map(str, ops)))
            verdicts[expected] += 1

        figure("linearize.brute_force", f"{verdicts[True]} linearizable, {verdicts[False]} not")
        self.assertGreater(min(verdicts.values()), count // 10)

    def test_long_histories_of_a_real_register_are_accepted_and_with_one_stale_read_rejected(self):
        dice = random.Random(self.seed)
        figure("linearize.seed", self.seed)

        for _ in range(3):
            ops = real_history(dice, 1500, 8)
            good = check(ops)
            self.assertIs(good.ok, True, f"seed {self.seed}: {good.why}")
            figure("linearize.configurations", f"{good.configurations} for {len(ops)} operations")
            end = max(op.returned for op in ops if op.returned is not None)
            first = next(op.value for op in ops if op.kind == "put" and op.returned is not None)
            stale = ops + [put(-1, end + 1, end + 2), get(first, end + 3, end + 4)]
            self.assertIs(check(stale).ok, False, f"seed {self.seed}")

    def test_a_search_that_takes_too_long_says_so_and_accepts_nothing(self):
        ops = [put(i, 0, 100) for i in range(12)] + [get(-1, 0, 100)]

        verdict = check(ops, configurations_max=1000)

        self.assertIsNone(verdict.ok)
        self.assertIn("given up", verdict.why)


if __name__ == "__main__":
    unittest.main(verbosity=2)
