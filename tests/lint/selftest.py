"""Proves that each lint rule can fail: builds a clean little tree, breaks it once for each law, expects the finding."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from lint import RULES, check
from tree import Tree

REPOSITORY = Path(__file__).resolve().parents[2]

# A tree that no rule objects to: one core, one plugin with a core and wiring, one ABI header.
CLEAN = {
    "host/core/sum.c": "/* Adds. */\n#include <stdint.h>\n" + "/* text with strcpy(a, b) in it */\n" * 40,
    "tests/host/core/test_sum.c": "/* Claims about sum. */\n",
    "plugin-api/include/ringhost/abi.h": "#include <stdint.h>\n#include <ringhost/errors.h>\n",
    "plugins/p/noun.c": '#include "noun.h"\n#include <string.h>\n#include <ringhost/errors.h>\n',
    "plugins/p/noun.h": "#include <stdint.h>\n",
    "plugins/p/plugin.c": '#include <ringhost/service/state.h>\n#include "noun.h"\n',
    "plugins/p/tool/main.c": '#include <unistd.h>\n#include "../noun.h"\n',
    "tests/run.sh": "#!/bin/sh\nexit 0\n",
}

FUNCTION_71 = "int f(int a);\nint f(int a)\n{\n" + "    a++;\n" * 71 + "    return a;\n}\n"

# (rule, what is broken, files added or replaced, words of the expected finding)
CASES = [
    ("format", "two statements on a line", {"host/core/a.c": "int a;int b;\n"}, "not as clang-format has it"),
    ("tidy", "a function of 71 lines", {"host/core/a.c": FUNCTION_71}, "exceeds recommended size"),
    ("size", "a file of 501 lines", {"host/core/a.c": "\n" * 501}, "501 lines"),
    ("size", "a script of 501 lines", {"tests/a.sh": "\n" * 501}, "501 lines"),
    ("layout", "a new top-level folder", {"src/a.c": "\n"}, "not one of the top-level"),
    ("forbidden", "strcpy", {"host/core/a.c": "void f(void)\n{\n    strcpy(a, b);\n}\n"}, "strcpy is forbidden"),
    ("forbidden", "sprintf", {"plugins/p/noun.c": "int x = sprintf(a, b);\n"}, "sprintf is forbidden"),
    ("forbidden", "a sleeping test", {"tests/host/core/test_sum.c": "    usleep(5);\n"}, "virtual clock"),
    ("notes", "a note of work left", {"docs/a.md": "TO" + "DO: later\n"}, "is not merged"),
    ("mirror", "no test", {"host/core/a.c": "int a;\n" * 40}, "no tests/host/core/test_a.c"),
    ("mirror", "a stale exception", {"tests/lint/mirror_exceptions.txt": "host/core/sum.c tested\n"}, "needs no exception"),
    ("mirror", "an exception without a reason",
     {"host/core/a.c": "int a;\n" * 40, "tests/lint/mirror_exceptions.txt": "host/core/a.c\n"}, "has no reason"),
    ("registered", "a test that ctest does not know", {"tests/host/core/test_b.c": "\n"}, "host.core.test_b"),
    ("floor_core", "libuv in the core", {"host/core/a.c": "#include <uv.h>\n"}, "may not include uv.h"),
    ("floor_core", "a body in the core", {"host/core/a.h": '#include "host/daemon/x.h"\n'}, "host/daemon/x.h"),
    ("floor_abi", "stdio in an ABI header", {"plugin-api/include/ringhost/abi.h": "#include <stdio.h>\n"}, "stdio.h"),
    ("floor_abi", "the host in the SDK", {"plugin-api/src/a.c": '#include "host/core/x.h"\n'}, "host/core/x.h"),
    ("floor_plugins", "the host in a plugin", {"plugins/p/plugin.c": '#include "host/core/x.h"\n'}, "host/core/x.h"),
    ("floor_plugins", "another plugin",
     {"plugins/q/x.h": "\n", "plugins/p/plugin.c": '#include "../q/x.h"\n'}, "../q/x.h"),
    ("floor_plugins", "a system header", {"plugins/p/plugin.c": "#include <unistd.h>\n"}, "unistd.h"),
    ("floor_plugins", "stdio beyond snprintf", {"plugins/p/plugin.c": '    fopen("a", "r");\n'}, "may not call fopen"),
    ("floor_plugins", "the template",
     {"plugin-api/template/plugin.c": "#include <time.h>\n"}, "may not include time.h"),
    ("floor_programs", "the host in a plugin's program",
     {"plugins/p/tool/main.c": '#include "host/core/x.h"\n'}, "host/core/x.h"),
    ("pure_cores", "a service in a core",
     {"plugins/p/noun.c": "#include <ringhost/service/clock.h>\n"}, "ringhost/service/clock.h"),
    ("pure_cores", "a clock in a core", {"plugins/p/noun.c": "    t = time(NULL);\n"}, "may not call time"),
    ("shell", "an unclosed if", {"tests/run.sh": "#!/bin/sh\nif true; then\n"}, "tests/run.sh"),
]  # fmt: skip

# The rules about objects: (rule, what is broken, C source, words of the expected finding; none: it must pass)
INFO = '__attribute__((section(".rh.info"), used)) static const char info[] = "id=p";\n'
ENTRY = "const void *rh_plugin_entry_v1(void);\nconst void *rh_plugin_entry_v1(void)\n{\n    return 0;\n}\n"
OBJECT_CASES = [
    ("mutable_state", "constants and tables of pointers only", "static const char *const t[] = {\"a\"};\n"
     "const char *f(int i);\nconst char *f(int i)\n{\n    return t[i];\n}\n", None),
    ("mutable_state", "a counter kept in a function", "int f(void);\nint f(void)\n{\n    static int n;\n"
     "    return ++n;\n}\n", "n.0 in .bss"),
    ("mutable_state", "a variable of the file", "int level = 3;\n", "level in .data"),
    ("exports", "the entry and its section", ENTRY + INFO, None),
    ("exports", "a file without the section", ENTRY, "no section .rh.info"),
    ("exports", "a second symbol", ENTRY + "int helper = 1;\n", "helper"),
    ("exports", "no entry", "static int x;\nint *f(void);\nint *f(void) { return &x; }\n", "exports f"),
]  # fmt: skip


def write_tree(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for name in (".clang-format", ".clang-tidy", ".gitignore"):
        (root / name).write_text((REPOSITORY / name).read_text(encoding="utf-8"), encoding="utf-8")


def make_build(root, files):
    """A build directory that knows one test and how each C file of host/core is compiled."""
    build = root / "build"
    build.mkdir()
    (build / "CTestTestfile.cmake").write_text('add_test(host.core.test_sum "true")\n', encoding="utf-8")
    commands = [
        {"directory": str(root), "file": f, "command": f"clang -std=c11 -Iplugin-api/include -c {f}"}
        for f in files if f.startswith("host/core/") and f.endswith(".c")
    ]  # fmt: skip
    (build / "compile_commands.json").write_text(json.dumps(commands), encoding="utf-8")
    return build


def source_case(rule, changes):
    """What the rule says of the clean tree with the changes."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        files = CLEAN | changes
        write_tree(root, files)
        subprocess.run(["git", "init", "-q", folder], check=True)
        return check(rule, Tree(root, make_build(root, files)))


def object_case(rule, source):
    """What the rule says of a core library and a plugin file made of the source."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        (root / "plugins").mkdir()
        (root / "a.c").write_text(source, encoding="utf-8")
        subprocess.run(["gcc", "-fPIC", "-O0", "-c", "a.c"], cwd=root, check=True)
        subprocess.run(["ar", "rc", "libringhost_core.a", "a.o"], cwd=root, check=True)
        subprocess.run(["gcc", "-shared", "-nostartfiles", "-o", "plugins/p.so", "a.o"], cwd=root, check=True)
        return check(rule, Tree(root, root))


def verdict(name, found, expected):
    """Prints PASS or FAIL; expected words must be among the findings, None means no finding at all."""
    good = not found if expected is None else any(expected in line for line in found)
    good = good and not any("could not run" in line for line in found)
    if good:
        print(f"PASS selftest.{name}", flush=True)
    else:
        print(f"FAIL selftest.{name}: expected {expected or 'nothing'}, found {found}", flush=True)
    return good


def main():
    good = True
    needs_objects = {case[0] for case in OBJECT_CASES}
    for rule in RULES:
        if rule not in needs_objects:
            # A rule that fails on a clean tree would hide whatever it is meant to find.
            good &= verdict(f"{rule} accepts a clean tree", source_case(rule, {}), None)
    for rule, what, changes, expected in CASES:
        good &= verdict(f"{rule} refuses {what}", source_case(rule, changes), expected)
    for rule, what, source, expected in OBJECT_CASES:
        verb = "refuses" if expected else "accepts"
        good &= verdict(f"{rule} {verb} {what}", object_case(rule, source), expected)
    untested = set(RULES) - {case[0] for case in CASES + OBJECT_CASES if case[3]}
    good &= verdict("every rule has a tree it refuses", sorted(untested), None)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
