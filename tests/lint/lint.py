"""Runs lint rules over a tree; a rule passes when it finds nothing. Exit status 1 when any fails."""

import argparse
import sys
import time
from pathlib import Path

import floor_rules
import source_rules
import tool_rules
from tree import Tree

RULES = {
    "format": tool_rules.format_,
    "tidy": tool_rules.tidy,
    "size": source_rules.size,
    "layout": source_rules.layout,
    "forbidden": source_rules.forbidden,
    "notes": source_rules.notes,
    "mirror": source_rules.mirror,
    "registered": source_rules.registered,
    "floor_core": floor_rules.floor_core,
    "floor_abi": floor_rules.floor_abi,
    "floor_plugins": floor_rules.floor_plugins,
    "floor_programs": floor_rules.floor_programs,
    "pure_cores": floor_rules.pure_cores,
    "mutable_state": tool_rules.mutable_state,
    "exports": tool_rules.exports,
    "shell": tool_rules.shell,
}


def check(name, tree):
    """The findings of one rule. A rule that cannot run (a tool is missing, say) has failed."""
    try:
        return [f"{f.file}:{f.line}: {name}: {f.message}" for f in RULES[name](tree)]
    except Exception as error:  # pylint: disable=broad-except
        return [f"{tree.root}:1: {name}: could not run: {error!r}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", default=Path(__file__).resolve().parents[2])
    parser.add_argument("--build", required=True, help="a build directory with compile_commands.json")
    parser.add_argument("rules", nargs="*", metavar="RULE", help=f"one of {', '.join(RULES)}; default: all")
    args = parser.parse_args()
    unknown = [name for name in args.rules if name not in RULES]
    if unknown:
        parser.error(f"no rule {unknown[0]}; there are: {', '.join(RULES)}")

    tree = Tree(args.root, args.build)
    failed = 0
    for name in args.rules or RULES:
        start = time.monotonic()
        lines = check(name, tree)
        seconds = time.monotonic() - start
        for line in lines:
            print(line)
        if lines:
            failed += 1
            print(f"FAIL lint.{name}: {len(lines)} findings", flush=True)
        else:
            print(f"PASS lint.{name}: {RULES[name].__doc__} ({seconds:.1f} s)", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
