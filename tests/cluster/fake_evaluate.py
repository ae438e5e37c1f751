"""Evaluates a candidate of a search as a command would: the work item's payload on standard input, one number on standard output.

usage: fake_evaluate.py JOURNAL SECONDS      The journal gets a line for each call: the node, and what the template made of the candidate.
"""

import json
import os
import sys
import time


def rosenbrock(x):
    return sum(100.0 * (x[i] ** 2 - x[i + 1]) ** 2 + (x[i] - 1.0) ** 2 for i in range(len(x) - 1))


def main():
    payload = json.load(sys.stdin)
    values = payload["parameters"]
    with open(sys.argv[1], "a", encoding="ascii") as journal:
        journal.write(f"{os.environ['NODE']} {payload['candidate']} {payload['argv'][1]}\n")
    time.sleep(float(sys.argv[2]))
    print(repr(rosenbrock([values["a"], values["b"]]) + (values["k"] - 2) ** 2))


main()
