"""Lint rules about the text of files: sizes, names of places, forbidden calls, tests that mirror the tree."""

import re
import subprocess

from tree import FOLDERS, Finding, call_pattern

LINES_MAX = 500
TRIVIAL_LINES = 30
TOP_LEVEL_FILES = {
    "CMakeLists.txt", "CMakePresets.json", "dev", "README.md", "CONTRIBUTING.md", "CHANGELOG.md",
    "SECURITY.md", "LICENSE",
}  # fmt: skip
FORBIDDEN = call_pattern(
    ["strcpy", "strcat", "v?sprintf", "strtok(?:_r)?", "ato[ifl]", "atoll", "gets", "system", "popen"]
)
SLEEPS = call_pattern(["sleep", "usleep", "nanosleep", "clock_nanosleep", "uv_sleep"])
NOTES = re.compile(r"\b(" + "TO" + "DO|FIX" + "ME|X" + r"XX)\b")
MIRRORED = ("plugin-api/src", "host/core", "host/daemon", "host/sim", "plugins")
EXCEPTIONS = "tests/lint/mirror_exceptions.txt"


def is_wiring(name):
    """Files that only connect a core to the host; they are tested through the host."""
    return name in ("plugin.c", "main.c") or name.endswith("_wiring.c") or name.startswith("wire_")


def size(tree):
    """No file is longer than 500 lines."""
    for file in tree.files({".c", ".h", ".sh", ".py"}):
        count = tree.text(file).count("\n")
        if count > LINES_MAX:
            yield Finding(file, count, f"{count} lines; at most {LINES_MAX}")


def layout(tree):
    """The top-level folders are fixed."""
    out = subprocess.run(
        ["git", "-C", str(tree.root), "ls-files", "--cached", "--others", "--exclude-standard"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in sorted({line.split("/")[0] for line in out.stdout.splitlines()}):
        if name not in TOP_LEVEL_FILES and name not in FOLDERS and not name.startswith("."):
            yield Finding(name, 1, "not one of the top-level files and folders; they are fixed")


def forbidden(tree):
    """The calls that STRING of the style forbids, and sleeping tests."""
    for file in tree.files({".c", ".h"}):
        is_test = file.rsplit("/", 1)[-1].startswith("test_")
        for number, line in enumerate(tree.code(file), 1):
            match = FORBIDDEN.search(line)
            if match:
                yield Finding(file, number, f"{match.group(1)} is forbidden; use snprintf, rh_buf or argv")
            match = SLEEPS.search(line) if is_test else None
            if match:
                yield Finding(file, number, f"a test calls {match.group(1)}; use the virtual clock or wait for the event")


def notes(tree):
    """What is left to do is done before it is merged."""
    suffixes = {".c", ".h", ".sh", ".py", ".txt", ".cmake", ".md", ".yaml", ".json", ".in"}
    for file in tree.files(suffixes):
        for number, line in enumerate(tree.text(file).split("\n"), 1):
            match = NOTES.search(line)
            if match:
                yield Finding(file, number, f"{match.group(1)} is not merged: do it, or open an issue")


def mirror(tree):
    """Each source file has its test file, or a reason in mirror_exceptions.txt."""
    reasons = {}
    if (tree.root / EXCEPTIONS).exists():
        for number, line in enumerate(tree.text(EXCEPTIONS).split("\n"), 1):
            if not line.strip() or line.startswith("#"):
                continue
            file, _, reason = line.partition(" ")
            reasons[file] = number
            if not reason.strip():
                yield Finding(EXCEPTIONS, number, f"{file} has no reason")

    for file in tree.files({".c"}, MIRRORED):
        folder, name = file.rsplit("/", 1)
        tested = (tree.root / "tests" / folder / f"test_{name}").exists()
        trivial = tree.text(file).count("\n") < TRIVIAL_LINES
        if is_wiring(name) or tested or trivial:
            continue
        if file in reasons:
            del reasons[file]
        else:
            yield Finding(file, 1, f"no tests/{folder}/test_{name}, and no reason in {EXCEPTIONS}")
    for file, number in sorted(reasons.items()):
        yield Finding(EXCEPTIONS, number, f"{file} needs no exception: it is gone, trivial, wiring or has its test")


def registered(tree):
    """A test file that ctest does not know runs nowhere."""
    out = subprocess.run(
        ["ctest", "--test-dir", str(tree.build), "-N"], capture_output=True, text=True, check=True
    )
    known = set(re.findall(r"^\s*Test\s+#\d+: (\S+)", out.stdout, re.MULTILINE))
    for file in tree.files({".c"}, ("tests",)):
        folder, name = file.rsplit("/", 1)
        if not name.startswith("test_") or folder == "tests":
            continue
        test = f"{folder[len('tests/'):].replace('/', '.')}.{name[:-2]}"
        if test not in known:
            yield Finding(file, 1, f"ctest knows no test {test}; is its folder in tests/CMakeLists.txt?")
