"""Stands in for ringhost-gtp-match: takes the payload of a game, waits as told, and prints a result; it plays nothing.

usage: fake_match.py JOURNAL SECONDS [GATE]   appends a line to JOURNAL; with GATE, waits until that file exists."""

import json
import os
import select
import sys
import time

journal, seconds = sys.argv[1], float(sys.argv[2])
payload = json.load(sys.stdin)
index = payload.get("first_index", 0)
names = [player["name"] for player in payload.get("players", [{"name": "a"}, {"name": "b"}])]
with open(journal, "a", encoding="utf-8") as file:
    file.write(f"{index} {os.environ.get('NODE', '-')}\n")
deadline = time.monotonic() + 60
while time.monotonic() < deadline and len(sys.argv) > 3 and not os.path.exists(sys.argv[3]):
    select.select([], [], [], 0.02)
select.select([], [], [], seconds)
black, white = names if index % 2 == 0 else names[::-1]
winner = names[0] if index % 3 else names[1]
game = {
    "index": index, "black": black, "white": white, "winner": winner, "result": "B+1.5" if winner == black else "W+1.5",
    "reason": "score", "moves": 40, "seed": 1, "error": None, "duration_ms": int(seconds * 1000),
}  # fmt: skip
print(json.dumps({"games": [game]}))
