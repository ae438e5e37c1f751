"""Lint rules that ask a tool: clang-format, clang-tidy, objdump, nm, sh."""

import json
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tree import FOLDERS, Finding

ENTRY = "rh_plugin_entry_v1"
INFO_SECTION = ".rh.info"
DIAGNOSTIC = re.compile(r"^(?P<file>[^\s:][^:\n]*):(?P<line>\d+):\d+: (?:warning|error): (?P<text>.*)$", re.MULTILINE)
# address, flags (the seventh is O for an object), section, size, name: a line of objdump -t
OBJECT = re.compile(r"^[0-9a-f]+ ......O\s(\S+)\s+([0-9a-f]+)\s+(?:\.hidden )?(\S+)$", re.MULTILINE)
WRITABLE = re.compile(r"^(\.data|\.bss|\.tdata|\.tbss|\*COM\*)(?!\.rel\.ro)")
STATE_FREE = re.compile(r"^(libringhost_(core|sdk)|lib.+_(core|static))\.a$")


def _diagnostics(tree, text):
    found = set()
    for match in DIAGNOSTIC.finditer(text):
        file = os.path.relpath(os.path.join(tree.root, match["file"]), tree.root)
        found.add((file, int(match["line"]), match["text"]))
    return [Finding(*item) for item in sorted(found)]


def format_(tree):
    """clang-format decides."""
    files = tree.files({".c", ".h"})
    if not files:
        return
    out = subprocess.run(
        ["clang-format", "--dry-run", "-Werror", "--style=file", *files],
        cwd=tree.root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    told = set()
    findings = _diagnostics(tree, out.stderr)
    for finding in findings:
        if finding.file not in told:  # The first place in a file will do: the cure is the same for all.
            told.add(finding.file)
            yield Finding(finding.file, finding.line, "not as clang-format has it; run clang-format -i on the file")
    if out.returncode != 0 and not findings:
        yield Finding(".clang-format", 1, out.stderr.strip() or f"clang-format ended with {out.returncode}")


def tidy(tree):
    """clang-tidy as .clang-tidy says; functions of at most 70 lines are among it."""
    database = tree.build / "compile_commands.json"
    commands = {str(Path(c["directory"], c["file"]).resolve()) for c in json.loads(database.read_text())}
    own = tuple(f"{tree.root.resolve()}/{folder}/" for folder in FOLDERS)
    files = sorted(c for c in commands if c.startswith(own))

    def check(file):
        return subprocess.run(
            ["clang-tidy", "-p", str(tree.build.resolve()), "--quiet", file],
            cwd=tree.root, capture_output=True, text=True, check=False,
        )  # fmt: skip

    seen = set()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for file, out in zip(files, pool.map(check, files)):
            findings = _diagnostics(tree, out.stdout)
            if out.returncode != 0 and not findings:
                findings = [Finding(file, 1, f"clang-tidy ended with {out.returncode}: {out.stderr.strip()}")]
            for finding in findings:
                if finding not in seen:  # A header's finding comes once for each file that includes it.
                    seen.add(finding)
                    yield finding


def mutable_state(tree):
    """The built cores, SDK and plugins hold no variable that can change: everything hangs from an instance."""
    libraries = sorted(p for p in tree.build.rglob("lib*.a") if STATE_FREE.match(p.name))
    if not libraries:
        yield Finding(str(tree.build), 1, "no library of the core, the SDK or a plugin is built")
    for library in libraries:
        out = subprocess.run(["objdump", "-t", str(library)], capture_output=True, text=True, check=True)
        for section, bytes_, name in OBJECT.findall(out.stdout):
            if WRITABLE.match(section) and int(bytes_, 16) > 0:
                yield Finding(library.name, 1, f"{name} in {section} can change; make it const or part of the instance")


def exports(tree):
    """A plugin file shows the host one symbol, and the section that is read before it is loaded."""
    plugins = sorted((tree.build / "plugins").glob("*.so"))
    if not plugins:
        yield Finding(f"{tree.build}/plugins", 1, "no plugin is built")
    for plugin in plugins:
        out = subprocess.run(
            ["nm", "-D", "--defined-only", "--format=posix", str(plugin)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        names = sorted(line.split()[0] for line in out.stdout.splitlines())
        if names != [ENTRY]:
            yield Finding(f"plugins/{plugin.name}", 1, f"exports {', '.join(names) or 'nothing'}; must be {ENTRY} alone")
        out = subprocess.run(["objdump", "-h", str(plugin)], capture_output=True, text=True, check=True)
        if INFO_SECTION not in out.stdout.split():
            yield Finding(f"plugins/{plugin.name}", 1, f"has no section {INFO_SECTION}; use RH_PLUGIN_ENTRY")


def shell(tree):
    """Scripts parse, in the shell their first line names."""
    files = tree.files({".sh"})
    files += [f for f in ("dev", ".ci/run") if (tree.root / f).exists()]
    for file in files:
        interpreter = "bash" if "bash" in tree.text(file).split("\n", 1)[0] else "sh"
        out = subprocess.run([interpreter, "-n", file], cwd=tree.root, capture_output=True, text=True, check=False)
        if out.returncode != 0:
            line = re.search(r": (?:line )?(\d+): ", out.stderr)
            yield Finding(file, int(line.group(1)) if line else 1, out.stderr.strip())
