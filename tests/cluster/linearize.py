"""Judges whether a recorded history of registers is linearizable; pure, holds no test of its own.

The search is that of Wing and Gong ("Testing and verifying concurrent objects", 1993) with Lowe's memory of what was
tried ("Testing for linearizability", 2017): operations are put in an order one by one, each before any that was called
after it returned, and no pair (set of operations placed, value) is looked at twice. An operation whose outcome nobody
knows may take effect at any time after its call, or never. Keys are independent, so each is judged alone.

Values are compared by equality; None is the absent value. Times are numbers of one clock."""

from typing import NamedTuple, Optional

CONFIGURATIONS_MAX = 2_000_000
ANY = object()  # the value that a failed cas found, when the caller was not told


class Op(NamedTuple):
    """One operation as its caller saw it."""

    kind: str  # "get", "put" or "cas"
    key: str
    value: object = None  # get: what it read; put and cas: what it wrote
    expect: object = None  # cas only
    swapped: bool = True  # cas only: whether it took effect
    found: object = ANY  # cas that did not: what was there instead
    called: float = 0
    returned: Optional[float] = None  # None: its outcome is unknown
    who: str = ""

    def __str__(self):
        what = {"get": f"get -> {self.value!r}", "put": f"put {self.value!r}"}.get(self.kind)
        if what is None:
            end = "" if self.swapped else " refused" if self.found is ANY else f" refused, found {self.found!r}"
            what = f"cas {self.expect!r} -> {self.value!r}{end}"
        end = "?" if self.returned is None else f"{self.returned:.4f}"
        return f"[{self.called:.4f}, {end}] {self.who} {self.key}: {what}"


class Verdict(NamedTuple):
    """ok is None when the search was given up; `why` says then, or when False, what stands in the way."""

    ok: Optional[bool]
    why: str = ""
    configurations: int = 0


IMPOSSIBLE = object()


def step(state, op):
    """The value after op, or IMPOSSIBLE when it cannot have been answered so."""
    if op.kind == "put":
        return op.value
    if op.kind == "get":
        return state if op.value == state else IMPOSSIBLE
    if op.swapped:
        return op.value if op.expect == state else IMPOSSIBLE
    if op.expect == state or (op.found is not ANY and op.found != state):
        return IMPOSSIBLE
    return state


def is_write(op):
    return op.kind == "put" or (op.kind == "cas" and op.swapped)


def _observed(op):
    """The values that op's answer, or its effect, tells apart from others; None when it only rules one out."""
    if op.kind == "get":
        return {op.value}
    if op.kind == "cas" and op.swapped:
        return {op.expect}
    if op.kind == "cas":
        return None if op.found is ANY else {op.found}
    return set()


def _worth_keeping(ops):
    """Without operations of unknown outcome that nobody can have noticed: reads, and writes of a value that no answer
    shows. Such a write has no reader before the next write, so an order with it is one without it."""
    while True:
        seen = [_observed(op) for op in ops]
        if any(values is None for values in seen):
            return [op for op in ops if op.returned is not None or is_write(op)]
        shown = set().union(*seen) if seen else set()
        kept = [op for op in ops if op.returned is not None or (is_write(op) and op.value in shown)]
        if len(kept) == len(ops):
            return kept
        ops = kept


class _Search:
    """Depth first over orders of the operations of one key; those with a known outcome are tried before the others."""

    def __init__(self, ops, initial, configurations_max):
        self.known = sorted((op for op in ops if op.returned is not None), key=lambda op: op.called)
        self.unknown = sorted((op for op in ops if op.returned is None), key=lambda op: op.called)
        self.state = initial
        self.configurations_max = configurations_max
        self.base = 0  # all known operations below it are placed
        self.ahead = 0  # bit i: known[base + i] is placed
        self.guessed = 0  # bit i: unknown[i] is placed
        self.tried = {(0, 0, 0, initial)}
        self.stack = []
        self.order = []
        self.best = (-1, [], initial)

    def _candidates(self):
        """What may come next: called before every operation that is not placed has returned."""
        known, found, limit = self.known, [], float("inf")
        at = self.base
        while at < len(known) and known[at].called <= limit:
            if not (self.ahead >> (at - self.base)) & 1:
                limit = min(limit, known[at].returned)
                found.append((known[at].returned, at, known[at]))
            at += 1
        found = [entry for entry in found if entry[2].called <= limit]
        found.sort(key=lambda entry: entry[:2])
        for i, op in enumerate(self.unknown):
            if op.called > limit:
                break
            if not (self.guessed >> i) & 1:
                found.append((None, i, op))
        return found

    def _after(self, returned, index):
        """base, ahead and guessed once the operation is placed."""
        if returned is None:
            return self.base, self.ahead, self.guessed | (1 << index)
        base, ahead = self.base, self.ahead | (1 << (index - self.base))
        while ahead & 1:
            base, ahead = base + 1, ahead >> 1
        return base, ahead, self.guessed

    def _enter(self, candidates):
        """Places the first candidate that fits and leads to something new; False when there is none."""
        for returned, index, op in candidates:
            state = step(self.state, op)
            if state is IMPOSSIBLE:
                continue
            base, ahead, guessed = self._after(returned, index)
            if (base, ahead, guessed, state) in self.tried:
                continue
            self.tried.add((base, ahead, guessed, state))
            self.stack.append((candidates, self.base, self.ahead, self.guessed, self.state))
            self.base, self.ahead, self.guessed, self.state = base, ahead, guessed, state
            self.order.append(op)
            if self.base > self.best[0]:
                self.best = (self.base, self.order[-6:], state)
            return True
        return False

    def run(self):
        candidates = iter(self._candidates())
        while self.base < len(self.known):
            if self._enter(candidates):
                if len(self.tried) > self.configurations_max:
                    return Verdict(None, f"given up after {len(self.tried)} configurations; {self._stuck()}", len(self.tried))
                candidates = iter(self._candidates())
            elif self.stack:
                candidates, self.base, self.ahead, self.guessed, self.state = self.stack.pop()
                self.order.pop()
            else:
                return Verdict(False, self._stuck(), len(self.tried))
        return Verdict(True, "", len(self.tried))

    def _stuck(self):
        base, order, state = self.best
        lines = [f"at best {max(base, 0)} of {len(self.known)} can be put in order; then the value is {state!r}. Last placed:"]
        lines += [f"  {op}" for op in order]
        lines.append("none of these fits next:")
        lines += [f"  {op}" for op in self.known[max(base, 0) : max(base, 0) + 8]]
        return "\n".join(lines)


def check(history, initial=None, configurations_max=CONFIGURATIONS_MAX):
    """The verdict on a history, all keys of which begin with the value `initial`; the first key that fails decides."""
    keys = {}
    for op in history:
        assert op.kind in ("get", "put", "cas"), op
        assert op.returned is None or op.returned >= op.called, op
        keys.setdefault(op.key, []).append(op)
    total = 0
    for key in sorted(keys):
        verdict = _Search(_worth_keeping(keys[key]), initial, configurations_max).run()
        total += verdict.configurations
        if not verdict.ok:
            return Verdict(verdict.ok, f"key {key!r}: {verdict.why}", total)
    return Verdict(True, "", total)
