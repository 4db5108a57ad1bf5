#!/usr/bin/env python3
"""How far the trust of the readings holds: a calibration over a labelled corpus.

Usage: trust_report.py OUTPUTS --corpus DIR [--trust schemas/trust.json]

OUTPUTS is what `guichet read CORPUS --out OUTPUTS --relative-to CORPUS` wrote. Every value read is set against the truth:

- by evidence: kind of evidence (a check that holds, a form of its own, free words; printed or read from a picture) and
  confidence, how many values, how many right, how many wrong, how many of the wrong trusted;
- by doubt: what each named doubt caught, and what it cost;
- by cross-validation over layouts: the least confidence at which nothing wrong would be trusted on the other layouts, and
  what that threshold does on the layout left out;
- what that says of `trust.json`: for each threshold the highest any of these turns asks for, beside the one in force.

Standard library only.
"""

import argparse
import collections
import importlib.util
import json
import pathlib

PROVEN = {"rib", "matricule_fiscal", "identifiant_rne"}
FREE = {"text", "person_name", "bank"}
BINS = (0.0, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98, 1.0)
THRESHOLDS = {
    ("check holds", "digital"): "label_of_proven",
    ("own form", "digital"): "label_of_typed",
    ("free words", "digital"): "label_of_free",
    ("check holds", "picture"): "ocr_of_proven",
    ("own form", "picture"): "ocr",
}
SCHEMAS = pathlib.Path(__file__).resolve().parent.parent / "schemas"


def scorer(corpus):
    spec = importlib.util.spec_from_file_location("score", corpus / "score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def types():
    """Value type by field key."""
    found = {}
    for path in SCHEMAS.glob("*.schema.json"):
        for key, field in json.loads(path.read_text(encoding="utf-8"))["properties"].items():
            found.setdefault(key, field["x-guichet"]["type"])
    return found


def evidence(kinds, key, field):
    doubts = field.get("doubts", [])
    if kinds.get(key) in PROVEN and "check_fails" not in doubts:
        kind = "check holds"
    else:
        kind = "free words" if kinds.get(key) in FREE else "own form"
    return kind, "picture" if field.get("method") == "ocr" else "digital"


def values(score, outputs, corpus):
    """(layout, evidence, confidence, doubts, trusted, right) of every value read."""
    kinds = types()
    read = score.load_outputs(str(outputs))
    for source, truth in score.load_truth(str(corpus)):
        parts = truth.get("parts") or [truth]
        optional = {key for part in parts for key in part.get("optional", {})} | set(truth.get("optional", {}))
        wanted = [(part["kind"], score.flat(part["fields"])) for part in parts]
        output = read.get(source) or {}
        for part in output.get("parts") or []:
            own = [fields for kind, fields in wanted if kind == part.get("kind")] or [fields for _, fields in wanted]
            for key, field in part.get("fields", {}).items():
                if key == "utilisateurs" or key in optional or not isinstance(field, dict):
                    continue
                got = score.flat({key: field}).get(key)
                right = any(fields.get(key) == got for fields in own)
                yield (
                    truth["layout"], evidence(kinds, key, field), field.get("confidence", 0.0), field.get("doubts", []),
                    field.get("trusted", False), right,
                )


def print_calibration(asked_for, in_force):
    """Thresholds of `trust.json` that the turns of the cross-validation speak of."""
    print("\nwhat trust.json would say: the highest threshold of all turns; trusted and wrong are those of the layouts left out")
    print(f"{'threshold':20} {'in force':>9} {'asked for':>10} {'trusted':>9} {'of them wrong':>14}")
    for evidence, name in THRESHOLDS.items():
        turns = asked_for.get(evidence)
        if not turns:
            continue
        highest = max(threshold for threshold, *_ in turns)
        trusted, count, bad = (sum(turn[at] for turn in turns) for at in (1, 2, 3))
        asked = "nothing holds" if highest > 1 else f"{highest:.3f}"
        print(f"{name:20} {in_force.get(name, 0.0):9.3f} {asked:>10} {trusted:4}/{count:<4} {bad:14}")


def bin_of(confidence):
    return max(bound for bound in BINS if confidence >= bound - 1e-6)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("outputs", type=pathlib.Path)
    arguments.add_argument("--corpus", type=pathlib.Path, required=True)
    arguments.add_argument("--trust", type=pathlib.Path, default=SCHEMAS / "trust.json")
    arguments = arguments.parse_args()
    found = list(values(scorer(arguments.corpus), arguments.outputs, arguments.corpus))

    print("thresholds in force: " + ", ".join(f"{k} {v}" for k, v in json.loads(arguments.trust.read_text()).items()))
    print("\nby evidence and confidence")
    print(f"{'evidence':24} {'confidence':>10} {'values':>7} {'right':>7} {'wrong':>6} {'trusted':>8} {'silent':>7}")
    table = collections.defaultdict(lambda: [0, 0, 0, 0])
    for _, kind, confidence, _, trusted, right in found:
        row = table[kind, bin_of(confidence)]
        row[0] += 1
        row[1] += right
        row[2] += trusted
        row[3] += trusted and not right
    for ((kind, channel), bound), (count, right, trusted, silent) in sorted(table.items()):
        print(f"{kind + ', ' + channel:24} {bound:10.2f} {count:7} {right:7} {count - right:6} {trusted:8} {silent:7}")

    print("\nby doubt (a value may have several)")
    print(f"{'doubt':24} {'values':>7} {'wrong':>6} {'right':>6}")
    doubts = collections.defaultdict(lambda: [0, 0])
    for _, _, _, named, _, right in found:
        for doubt in named:
            doubts[doubt][0] += 1
            doubts[doubt][1] += not right
    for doubt, (count, wrong) in sorted(doubts.items(), key=lambda item: -item[1][0]):
        print(f"{doubt:24} {count:7} {wrong:6} {count - wrong:6}")

    print("\ncross-validation over layouts: least confidence that trusts nothing wrong elsewhere, and what it does here")
    print(f"{'evidence':24} {'layout':14} {'threshold':>9} {'trusted':>8} {'of them wrong':>14}")
    layouts = sorted({layout for layout, *_ in found})
    asked_for = collections.defaultdict(list)
    for kind in sorted({kind for _, kind, *_ in found}):
        for layout in layouts:
            # Doubts that confidence does not express stay doubts.
            clear = [v for v in found if v[1] == kind and set(v[3]) <= {"label_unsure", "weak_reading"}]
            elsewhere = [v for v in clear if v[0] != layout]
            here = [v for v in clear if v[0] == layout]
            if not elsewhere or not here:
                continue
            wrong = max((v[2] for v in elsewhere if not v[5]), default=0.0)
            above = sorted({v[2] for v in elsewhere if v[2] > wrong})
            threshold = above[0] if above else 1.01
            trusted = [v for v in here if v[2] >= threshold]
            bad = sum(not v[5] for v in trusted)
            asked_for[kind].append((threshold, len(trusted), len(here), bad))
            print(f"{', '.join(kind):24} {layout:14} {threshold:9.3f} {len(trusted):8} {bad:14}")
    print_calibration(asked_for, json.loads(arguments.trust.read_text(encoding="utf-8")))
    silent = sum(trusted and not right for *_, trusted, right in found)
    print(f"\n{len(found)} values, {sum(v[5] for v in found)} right, {sum(v[4] for v in found)} trusted, {silent} trusted and wrong")


if __name__ == "__main__":
    main()
