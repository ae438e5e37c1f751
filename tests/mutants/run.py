"""Breaks rules of the plugins on purpose and demands that the simulator notices: the test of the simulated tests.

Each patch below tests/mutants/ breaks one rule of product code. In a scratch copy of the tree it is applied and built,
and the suite that its head names is run, seed after seed, until the expected invariant fires. Before that the tree as it
is must pass the same seeds, so that a catch means something. Prints "mutant, suite, seeds until caught, invariant",
separated by tabs, and last "N mutants, M caught"; the exit status is 0 only if all were caught in time.
"""

import argparse
import fcntl
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

CHUNK_FIRST = 2  # seeds of the first try; each further one takes so many times as many
CHUNK_GROWTH = 4
FAILURE = re.compile(r"^FAIL \S+ seed=(\d+) invariant=(\S+) ")
HEAD = re.compile(r"^# (suite|seeds|expect): *(\S+)$")
LIST = re.compile(r"^(plugins|invariants)\s+(.*)$")
OLDER = re.compile(r"^older\s+\S+\s+(\S+)")


class Trouble(Exception):
    """What keeps a mutant, or all of them, from being judged."""


@dataclass(frozen=True)
class Mutant:
    """A patch and what its head says about it."""

    name: str  # plugin/what, without .patch
    file: Path
    suite: str
    seeds: int  # at most so many may pass before it is caught
    expect: frozenset  # invariants that may catch it; empty: any


def read_mutant(folder, file):
    head = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        match = HEAD.match(line)
        if match:
            head[match.group(1)] = match.group(2)
        elif not line.startswith("#"):
            break
    name = file.relative_to(folder).with_suffix("").as_posix()
    if set(head) != {"suite", "seeds", "expect"} or not head["seeds"].isdigit() or int(head["seeds"]) < 1:
        raise Trouble(f"{name}: its head does not say \"# suite: S\", \"# seeds: N\" and \"# expect: INVARIANT\"")
    expect = frozenset() if head["expect"] == "any" else frozenset(head["expect"].split("|"))
    return Mutant(name, file, head["suite"], int(head["seeds"]), expect)


def choose(folder, names):
    """The mutants named, by plugin/what, plugin or what; all without names."""
    mutants = [read_mutant(folder, file) for file in sorted(folder.rglob("*.patch"))]
    for name in names:
        if not any(name in (m.name, *m.name.split("/")) for m in mutants):
            raise Trouble(f"no mutant \"{name}\" in {folder}")
    return [m for m in mutants if not names or any(n in (m.name, *m.name.split("/")) for n in names)]


class Scratch:
    """A copy of the tree, with its build, that is kept from run to run so that the next one builds little."""

    def __init__(self, source, folder, jobs):
        self.source, self.folder, self.jobs = source, folder, jobs
        # git apply must not take the scratch copy for a part of the repository around it.
        self.env = dict(os.environ, GIT_CEILING_DIRECTORIES=str(folder.parent))
        self.targets = []

    def run(self, args):
        return subprocess.run(args, cwd=self.folder, env=self.env, capture_output=True, text=True, check=False)

    def refresh(self):
        """Makes the copy what the tree is, uncommitted changes included; files that are the same keep their times."""
        listed = subprocess.run(
            ["git", "-C", str(self.source), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        wanted = {name for name in listed.stdout.split("\0") if name and (self.source / name).is_file()}
        self.folder.mkdir(parents=True, exist_ok=True)
        for path in [p for p in self.folder.rglob("*") if p.is_file() or p.is_symlink()]:
            name = path.relative_to(self.folder).as_posix()
            if not name.startswith("build/") and name not in wanted:
                path.unlink()
        for name in wanted:
            self._copy(name)

    def _copy(self, name):
        source, copy = self.source / name, self.folder / name
        if copy.is_file() and copy.read_bytes() == source.read_bytes():
            return
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, copy)

    def need(self, suite):
        """The program, and what this suite loads, are built from now on."""
        file = self.folder / "tests" / "sim" / f"{suite}.sim"
        if not file.is_file():
            raise Trouble(f"no suite {suite}")
        for line in file.read_text(encoding="utf-8").splitlines():
            match = LIST.match(line)
            if match:
                self.targets += [self._file(match.group(1), name) for name in match.group(2).split("#")[0].split()]
            match = OLDER.match(line)
            if match:
                self.targets.append(self._file("plugins", match.group(1)))
        self.targets = sorted({*self.targets, "bin/ringhost-sim"})

    def _file(self, kind, name):
        """Where the build puts a plugin or checks; plugins that only simulations have lie beside the suites."""
        is_sim_plugin = kind == "plugins" and (self.folder / "tests" / "sim" / name / "plugin.c").is_file()
        return f"{'tests/' if is_sim_plugin else ''}{kind}/{name}.so"

    def configure(self):
        done = self.run(["cmake", "--preset", "release"])
        if done.returncode != 0:
            raise Trouble(f"the tree cannot be configured:\n{done.stdout}{done.stderr}")

    def build(self):
        """None, or what the compiler said."""
        args = ["cmake", "--build", "build", "-j", str(self.jobs), "--target", *self.targets]
        done = self.run(args)
        return None if done.returncode == 0 else done.stdout[-4000:] + done.stderr[-2000:]

    def patch(self, mutant, *options):
        done = self.run(["git", "apply", *options, str(mutant.file)])
        if done.returncode != 0:
            raise Trouble(f"{mutant.name}: the patch does not apply: {done.stderr.strip()}")

    def simulate(self, suite, first, last):
        """(seed, invariant) of each failure, in the order of seeds."""
        args = ["build/bin/ringhost-sim", "--suite", suite, "--seeds", f"{first}..{last}", "--jobs", str(self.jobs)]
        done = self.run(args)
        found = sorted((int(m.group(1)), m.group(2)) for m in map(FAILURE.match, done.stdout.splitlines()) if m)
        if done.returncode != (1 if found else 0):
            raise Trouble(f"{suite}: ringhost-sim ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return found


def search(scratch, mutant):
    """(seed, invariant) of the catch or None, and the other invariants that fired before."""
    others = set()
    first, size = 1, CHUNK_FIRST
    while first <= mutant.seeds:
        last = min(first + size - 1, mutant.seeds)
        for seed, invariant in scratch.simulate(mutant.suite, first, last):
            if not mutant.expect or invariant in mutant.expect:
                return (seed, invariant), others
            others.add(invariant)
        first, size = last + 1, size * CHUNK_GROWTH
    return None, others


def judge(scratch, mutant):
    """The line about one mutant, and whether it was caught."""
    scratch.patch(mutant)
    try:
        error = scratch.build()
        if error:
            raise Trouble(f"{mutant.name}: it does not build:\n{error}")
        catch, others = search(scratch, mutant)
    finally:
        scratch.patch(mutant, "--reverse")
    if catch:
        return f"{mutant.name}\t{mutant.suite}\t{catch[0]}\t{catch[1]}", True
    only = f" (only {', '.join(sorted(others))} fired)" if others else ""
    return f"{mutant.name}\t{mutant.suite}\t>{mutant.seeds}\tsurvived{only}", False


def check_unbroken(scratch, mutants):
    for suite in sorted({m.suite for m in mutants}):
        most = max(m.seeds for m in mutants if m.suite == suite)
        print(f"the tree as it is: {suite}, seeds 1..{most}", file=sys.stderr, flush=True)
        found = scratch.simulate(suite, 1, most)
        if found:
            raise Trouble(f"without any mutant {suite} fails: seed {found[0][0]}, {found[0][1]}")


def run_all(scratch, mutants):
    caught = 0
    scratch.refresh()
    for mutant in mutants:
        scratch.need(mutant.suite)
    scratch.configure()
    error = scratch.build()
    if error:
        raise Trouble(f"the tree does not build:\n{error}")
    check_unbroken(scratch, mutants)
    for mutant in mutants:
        try:
            line, is_caught = judge(scratch, mutant)
        except Trouble as trouble:
            print(trouble, file=sys.stderr)
            line, is_caught = f"{mutant.name}\t{mutant.suite}\t-\tnot run", False
        print(line, flush=True)
        caught += is_caught
    print(f"{len(mutants)} mutants, {caught} caught")
    return caught == len(mutants)


def main():
    root = Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(prog="./dev sim --mutants", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="PLUGIN/MUTANT, PLUGIN or MUTANT; default: all")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes; default: one for each processor")
    parser.add_argument("--root", type=Path, default=root, help=argparse.SUPPRESS)
    args = parser.parse_args()
    source = args.root.resolve()
    place = source / "build-mutants"
    place.mkdir(exist_ok=True)
    try:
        with open(place / "lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # one run at a time uses the copy
            mutants = choose(source / "tests" / "mutants", args.names)
            if not mutants:
                raise Trouble("there are no mutants")
            return 0 if run_all(Scratch(source, place / "tree", args.jobs), mutants) else 1
    except Trouble as trouble:
        print(f"./dev sim --mutants: {trouble}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
