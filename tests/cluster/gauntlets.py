"""What tests of gauntlets share: configurations with fake or real games, and waiting for results; holds no test."""

import sys
from pathlib import Path

from nodes import PLUGINS, until, try_request

FAKE = Path(__file__).resolve().parent / "fake_match.py"


def fake_games(folder, seconds, gate=None, types=("gauntlet",)):
    """Sections for a cluster whose games are fakes of so many seconds; the journal is in folder."""
    words = [sys.executable, "-B", str(FAKE), str(Path(folder) / "journal"), str(seconds)]
    if gate:
        words.append(str(gate))
    argv = ", ".join(f'"{word}"' for word in words)
    command = f"{{argv: [{argv}], env: {{NODE: '{{node_id}}'}}, max_runtime: 60s}}"
    commands = ", ".join(f"{work_type}: {command}" for work_type in types)
    return {
        "worker": f"config:\n  slots: 1\n  capabilities: [gtp]\n  commands: {{{commands}}}\n",
        "gauntlet": "config: {poll_interval: 200ms, players: {a: [/bin/false], b: [/bin/false]}}\n",
    }


def real_games():
    """Sections for a cluster that plays GNU Go."""
    engine = '[gnugo, --mode, gtp, --level, "1", --seed, "{seed}", --chinese-rules, --capture-all-dead]'
    return {
        "worker": 'config:\n  slots: 1\n  capabilities: [gtp]\n  commands: {gauntlet: {argv: [ringhost-gtp-match, --spec, "-"]}}\n',
        "gauntlet": f"config:\n  poll_interval: 200ms\n  players:\n    a: {engine}\n    b: {engine}\n",
    }


def results(node, gauntlet_id):
    """The results as JSON, or None while they cannot be had."""
    reply = try_request(node.port, "GET", f"/gauntlet/results?gauntlet_id={gauntlet_id}", timeout=5)
    return reply.json if reply is not None and reply.status == 200 else None


def played(figures):
    """Games that are over."""
    return sum(b["wins"] + b["losses"] + b["draws"] + b["errors"] for b in figures["baselines"])


def await_played(node, gauntlet_id, count, seconds):
    """Until so many games are over; the results."""

    def enough():
        figures = results(node, gauntlet_id)
        return figures if figures and played(figures) >= count else None

    return until(enough, seconds, f"{count} games of {gauntlet_id} over; {results(node, gauntlet_id)}")


def check_whole(test, figures, games):
    """Every game counted once and none lost."""
    test.assertEqual(sorted(game["index"] for game in figures["games"]), list(range(games)))
    test.assertEqual(played(figures), games)
    test.assertEqual(figures["baselines"][0]["errors"], 0, figures)


def journal(folder):
    """The indices of the fake games that began, in order."""
    file = Path(folder) / "journal"
    return [int(line.split()[0]) for line in file.read_text().splitlines()] if file.exists() else []


__all__ = ["PLUGINS", "FAKE", "fake_games", "real_games", "results", "played", "await_played", "check_whole", "journal"]
