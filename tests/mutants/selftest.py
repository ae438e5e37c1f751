"""Proves that the runner of mutants tells caught ones from survivors: a toy tree, and a patch for each way to end."""

import subprocess
import sys
import tempfile
from pathlib import Path

RUNNER = Path(__file__).resolve().parent / "run.py"

# A "simulator" whose seeds fail from the one on that the plugin says, by the invariant that it names.
TREE = {
    "CMakeLists.txt": """cmake_minimum_required(VERSION 3.25)
project(toy LANGUAGES C)
add_library(toy MODULE plugins/toy/toy.c)
set_target_properties(toy PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins)
add_library(law MODULE law.c)
set_target_properties(law PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/invariants)
add_executable(ringhost-sim sim.c plugins/toy/toy.c)
set_target_properties(ringhost-sim PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
""",
    "CMakePresets.json": """{"version": 6, "configurePresets": [
{"name": "release", "generator": "Ninja", "binaryDir": "${sourceDir}/build"}]}
""",
    "plugins/toy/toy.c": """int toy_fails_from(void);
const char *toy_invariant(void);

int toy_fails_from(void)
{
    return 1000;
}

const char *toy_invariant(void)
{
    return "law";
}
""",
    "law.c": "int law(void);\nint law(void)\n{\n    return 0;\n}\n",
    "sim.c": """#include <stdio.h>
#include <stdlib.h>
int toy_fails_from(void);
const char *toy_invariant(void);

int main(int argc, char **argv)
{
    int first = 0, last = 0, failed = 0;

    if (argc < 5 || sscanf(argv[4], "%d..%d", &first, &last) != 2)
        return 2;
    for (int seed = first; seed <= last; seed++) {
        if (seed < toy_fails_from())
            continue;
        printf("FAIL toy seed=%d invariant=%s at=1.0s node=n1; replay: none\\n", seed, toy_invariant());
        failed = 1;
    }
    return failed;
}
""",
    "tests/sim/toy.sim": "suite toy\nplugins toy\ninvariants law\n",
    ".gitignore": "/build*/\n",
}


def patch(lines, seeds=40, expect="law", suite="toy"):
    """A patch of toy.c that replaces lines: {old: new}, both whole lines."""
    text = TREE["plugins/toy/toy.c"].split("\n")
    out = [f"# suite: {suite}", f"# seeds: {seeds}", f"# expect: {expect}", "# Some words on it."]
    out += ["--- a/plugins/toy/toy.c", "+++ b/plugins/toy/toy.c"]
    new = [lines.get(line, line) for line in text[:-1]]
    out += [f"@@ -1,{len(new)} +1,{len(new)} @@"]
    for old_line, new_line in zip(text, new):
        out += [" " + old_line] if old_line == new_line else ["-" + old_line, "+" + new_line]
    return "\n".join(out) + "\n"


FROM = "    return 1000;"
LAW = '    return "law";'

# (what it proves, the patches, words of the output, whether all is well)
CASES = [
    ("a_broken_rule_is_caught_at_its_seed", {"a": patch({FROM: "    return 17;"})},
     "toy/a\ttoy\t17\tlaw\n1 mutants, 1 caught\n", True),
    ("any_invariant_will_do_if_the_patch_says_so",
     {"a": patch({FROM: "    return 3;", LAW: '    return "other";'}, expect="any")}, "toy/a\ttoy\t3\tother\n", True),
    ("a_patch_that_changes_nothing_survives", {"a": patch({FROM: "    return 1000; /* the same */"})},
     "toy/a\ttoy\t>40\tsurvived\n1 mutants, 0 caught\n", False),
    ("a_catch_beyond_the_limit_is_too_late", {"a": patch({FROM: "    return 41;"})}, "toy/a\ttoy\t>40\tsurvived\n", False),
    ("another_invariant_is_no_catch", {"a": patch({FROM: "    return 2;", LAW: '    return "other";'})},
     "toy/a\ttoy\t>40\tsurvived (only other fired)\n", False),
    ("a_patch_that_does_not_apply_fails", {"a": patch({FROM: "    return 2;"}).replace("1000", "999")},
     "toy/a\ttoy\t-\tnot run\n1 mutants, 0 caught\n", False),
    ("a_patch_that_does_not_build_fails", {"a": patch({FROM: "    return nothing;"})}, "toy/a\ttoy\t-\tnot run\n", False),
    ("a_head_without_a_suite_fails", {"a": patch({FROM: "    return 2;"}).replace("# suite", "# site")},
     "its head does not say", False),
    ("an_unknown_suite_fails", {"a": patch({FROM: "    return 2;"}, suite="none")}, "no suite none", False),
    ("one_survivor_among_several_fails", {"a": patch({FROM: "    return 2;"}), "b": patch({FROM: "    return 99;"})},
     "2 mutants, 1 caught\n", False),
    ("each_mutant_is_taken_back", {"a": patch({LAW: '    return "other";'}), "b": patch({FROM: "    return 2;"})},
     "toy/b\ttoy\t2\tlaw\n", False),
    ("no_mutants_is_a_failure", {}, "there are no mutants", False),
]  # fmt: skip


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def run(root, *names):
    done = subprocess.run(
        [sys.executable, "-B", str(RUNNER), "--root", str(root), "--jobs", "1", *names],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def case(root, patches, words, is_good):
    """None, or how the runner's answer differs from what is expected."""
    folder = root / "tests" / "mutants" / "toy"
    for old in folder.glob("*.patch"):
        old.unlink()
    write(folder, {f"{name}.patch": text for name, text in patches.items()})
    code, out = run(root)
    if words not in out:
        return f"not in its output: {words!r}; that was:\n{out}"
    if code != (0 if is_good else 1):
        return f"it ended with {code}:\n{out}"
    if (root / "plugins/toy/toy.c").read_text(encoding="utf-8") != TREE["plugins/toy/toy.c"]:
        return "it changed the tree itself"
    return None


def unmutated_failure(root):
    """A tree that fails by itself proves nothing about mutants."""
    broken = TREE["plugins/toy/toy.c"].replace("1000", "9")
    write(root, {"plugins/toy/toy.c": broken})
    write(root / "tests/mutants/toy", {"a.patch": patch({LAW: '    return "other";'}).replace("1000", "9")})
    code, out = run(root, "toy/a")
    if code != 1 or "without any mutant toy fails: seed 9, law" not in out:
        return f"it ended with {code}:\n{out}"
    return None


def report(name, why):
    print(f"PASS mutants.{name}" if why is None else f"FAIL mutants.{name}: {why}", flush=True)
    return why is None


def main():
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        write(root, TREE)
        subprocess.run(["git", "-C", str(root), "init", "-q"], check=True)
        done = [report(name, case(root, *rest)) for name, *rest in CASES]
        done.append(report("a_tree_that_fails_by_itself_is_refused", unmutated_failure(root)))
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main())
