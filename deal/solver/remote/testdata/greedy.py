#!/usr/bin/env python3
"""A solver of others, as small as one can be: it reads a problem of SXP
(spec/problem.md) on standard input and writes an answer. It takes the shortest
ring that it finds through each bid in turn, of bids that give one item and take
one, and leaves all else alone."""
import json
import sys

problem = json.load(sys.stdin)
cap = problem.get("options", {}).get("max_ring", 4) or 16
groups = {g["id"]: g for g in problem.get("groups", [])}
room = {g: groups[g].get("most", 1) for g in groups}
bid_of = {}  # by the item that it gives
for bid in problem["bids"]:
    give = bid.get("give", {}).get("of", [])
    take = bid.get("take", {})
    simple = len(give) == 1 and "item" in give[0] and take.get("pick", 1) == 1
    if simple and "pay" not in bid and "get" not in bid:
        bid_of.setdefault(give[0]["item"], bid)
owner = {i["id"]: i["owner"] for i in problem["items"]}


def ways(options, path=(), through=()):
    """All items that options lead to, with the places picked and the groups."""
    for place, option in enumerate(options):
        if "pay" in option or "get" in option or "items" in option:
            continue
        if "item" in option:
            yield option["item"], list(path) + [place], through
        elif option["group"] not in through:
            group = option["group"]
            yield from ways(groups[group]["of"], list(path) + [place], through + (group,))


def ring_through(start):
    """The first ring of fewest items from an item back to it, breadth first."""
    paths = [[(start, None, ())]]
    seen = {start}
    for _ in range(cap):
        longer = []
        for path in paths:
            bid = bid_of[path[-1][0]]
            for item, places, through in ways(bid["take"]["of"]):
                if any(room[g] < 1 for g in through):
                    continue
                step = path + [(item, places, through)]
                used = [g for _, _, t in step for g in t]
                if any(used.count(g) > room[g] for g in used):
                    continue
                if item == start and len({owner[i] for i, _, _ in path}) > 1:
                    return step
                if item in bid_of and item not in traded and item not in seen:
                    seen.add(item)
                    longer.append(step)
        paths = longer
    return None


traded, exchanges = set(), []
for item in bid_of:
    if item in traded:
        continue
    ring = ring_through(item)
    if ring is None:
        continue
    uses = []
    for (gives, _, _), (_, places, through) in zip(ring, ring[1:]):
        uses.append({"bid": bid_of[gives]["id"], "take": [places]})
        traded.add(gives)
        for group in through:
            room[group] -= 1
    exchanges.append({"uses": uses})

answer = {"format": "sxp.answer/1", "solver": "greedy", "exchanges": exchanges,
          "value": {"items": len(traded), "people": len({owner[i] for i in traded}), "cost": 0}}
json.dump(answer, sys.stdout)
