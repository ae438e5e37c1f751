"""Holds what the clients of load.py were told against what the cluster has in the end; holds no test."""

from linearize import check
from nodes import figure, until
from load import PATIENCE_S

STATES = ("pending", "leased", "delayed", "blocked", "done", "dead", "cancelled")


def stored_items(node):
    """Every item of the queue: {work_id: status}, and how often a page held one that was already there."""
    found, doubled = {}, []
    for status in STATES:
        after = ""
        while True:
            page = node.get(f"/work/pending?status={status}&limit=500{after}").json
            for item in page["items"]:
                if item["work_id"] in found:
                    doubled.append(item["work_id"])
                found[item["work_id"]] = status
            if not page.get("next"):
                break
            after = f"&after={page['next']}"
    return found, doubled


def stored_item(node, work_id):
    """The answer about one item, once there is one."""

    def answer():
        reply = node.get(f"/work/item?work_id={work_id}")
        return reply if reply.status in (200, 404) else None

    return until(answer, 20, f"an answer about {work_id}")


def check_queue(test, load, node):
    """No acknowledged item is lost or there twice, none was completed twice, and the kept result is the acknowledged one."""
    found, doubled = stored_items(node)
    test.assertEqual(doubled, [], "items in two states")
    lost = {key: work_id for key, work_id in load.added.items() if work_id not in found}
    test.assertEqual(lost, {}, "acknowledged items that are gone")
    test.assertEqual(len(set(load.added.values())), len(load.added), "one item for each key")
    keys = {}
    for work_id, status in found.items():
        item = test.status(stored_item(node, work_id), 200).json
        keys.setdefault(item["payload"]["key"], []).append(work_id)
        if work_id in load.completed:
            test.assertEqual((status, item.get("result")), ("done", {"proof": load.completed[work_id]}), work_id)
    test.assertEqual({key: ids for key, ids in keys.items() if len(ids) > 1}, {}, "keys with two items")
    test.assertEqual(keys.keys() - load.asked, set(), "items nobody asked for")
    test.assertEqual(load.added.keys() - keys.keys(), set())


def check_registers(test, load, node):
    """Each register is read once more; then the whole history, per register, must be linearizable."""
    if not load.history:
        return
    reader = load.reader(node)
    for key in sorted({op.key for op in load.history}):
        until(lambda k=key: reader.read(k), 4 * PATIENCE_S, f"{key} can be read")
    reader.close()
    verdict = check(load.history)
    unknown = sum(1 for op in load.history if op.returned is None)
    figure("faults.history", f"{len(load.history)} operations, {unknown} of unknown outcome, {verdict.configurations} configurations")
    test.assertIs(verdict.ok, True, verdict.why)
