#!/usr/bin/env python3
"""Compares what guichet found with the defects and outcomes of a labelled corpus.

Usage: score_outcomes.py OUTPUTS --corpus DIR [--channels digital|all] [--errors N]

OUTPUTS is what `guichet read CORPUS --out OUTPUTS --relative-to CORPUS` wrote, one JSON per document. A submission is one
folder of the corpus. Its outcome is rejected when any finding rejects, else incomplete when any makes it incomplete, else
complete. Two facts need the whole submission and are worked out here as the dossier works them out: a document that is
missing, and a matricule fiscal that differs between form and sheet.

A finding that carries `unsure` says that the paper or the reading is wrong. A person looks before anyone is told; here it
counts as if that person had found the reading right. A finding of severity `doubt` says that nothing is known to be wrong,
but something must be read by a person: it rejects nothing and makes nothing incomplete, and the submission waits. Told
beside: the submissions that wait for either, the false alarms that nobody looks at first, and the outcomes that are right
or wait for a person.
"""

import argparse
import collections
import json
import pathlib
import sys

SCANNED = {"scan_pdf", "scan_hand", "photo"}
RANK = {"complete": 0, "incomplete": 1, "rejected": 2}
EFFECT = {"reject": "rejected", "incomplete": "incomplete"}
FORMS = ("adhesion", "fiche_technique")


def read_outputs(folder):
    """Documents by submission; a member of a ZIP belongs to the submission of its ZIP."""
    submissions = collections.defaultdict(list)
    for path in sorted(folder.glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        submissions[document["source"].split("/")[0]].append(document)
    return submissions


def parts_of(document):
    return document.get("parts") or [document]


def text(part, key):
    """A value, whether it is trusted, and whether it was read well enough to be judged."""
    field = part.get("fields", {}).get(key)
    if not isinstance(field, dict):
        return (field or "").replace("/", ""), True, True
    judged = not {"weak_reading", "bounds_unsure"} & set(field.get("doubts") or [])
    return (field.get("value") or "").replace("/", ""), field.get("trusted", True), judged


def findings_of(documents):
    """(code, field, severity, unsure) of a submission, those across documents included."""
    found = []
    forms = collections.defaultdict(list)
    forms_seen = False
    for document in documents:
        for part in parts_of(document):
            if part["kind"] in FORMS:
                forms[part["kind"]].append(part)
        kinds = {part["kind"] for part in parts_of(document)} | {document["kind"]}
        forms_seen |= bool(kinds & {*FORMS, "blank"})
        if "blank" in kinds and not any(f["code"] == "blank_document" for f in document["findings"]):
            found.append(("blank_document", "", "incomplete", False))
        # A file that is no form, beside the forms, takes nothing from them.
        foreign = document["kind"] == "other"
        for finding in document["findings"]:
            severity = finding["severity"] if not foreign else "info"
            found.append((finding["code"], finding.get("field") or "", severity, "unsure" in finding.get("details", {})))
    for kind in FORMS:
        if not forms[kind]:
            found.append(("missing_document", "", "incomplete", False))
    if forms["adhesion"] and forms["fiche_technique"]:
        (ours, sure, judged), (theirs, as_sure, as_judged) = (text(forms[kind][-1], "matricule_fiscal") for kind in FORMS)
        short = len(min(ours, theirs, key=len)) == 8
        branch_only = ours[:8].replace("×", "X") == theirs[:8].replace("×", "X") and (short or not (sure and as_sure))
        if ours and theirs and ours != theirs and not branch_only and judged and as_judged:
            found.append(("mf_mismatch", "matricule_fiscal", "reject", not (sure and as_sure)))
    return found


def outcome_of(found, counts=lambda finding: True):
    effects = [EFFECT[severity] for _, _, severity, _ in filter(counts, found) if severity in EFFECT]
    return max(effects, key=RANK.__getitem__, default="complete")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("outputs", type=pathlib.Path)
    arguments.add_argument("--corpus", type=pathlib.Path, required=True)
    arguments.add_argument("--channels", choices=("digital", "all"), default="all")
    arguments.add_argument("--errors", type=int, default=0, help="list so many wrong submissions")
    arguments = arguments.parse_args()

    outputs = read_outputs(arguments.outputs)
    submissions = right = waiting = safe = 0
    wanted = recalled = 0
    sound = alarmed = told = 0
    recall = collections.defaultdict(lambda: [0, 0])
    alarms = collections.Counter()
    wrong = []
    for description in sorted(arguments.corpus.glob("*/submission.json")):
        submission = json.loads(description.read_text(encoding="utf-8"))
        if arguments.channels == "digital" and any(file["channel"] in SCANNED for file in submission["files"]):
            continue
        found = findings_of(outputs.get(submission["id"], []))
        expected = submission["expected"]
        outcome = outcome_of(found)
        submissions += 1
        right += outcome == expected["outcome"]
        waits = any(severity == "doubt" or unsure and severity in EFFECT for _, _, severity, unsure in found)
        untold = outcome_of(found, counts=lambda finding: not finding[3])
        waiting += waits
        safe += outcome == expected["outcome"] or waits and RANK[untold] <= RANK[expected["outcome"]]
        missed = []
        for defect in expected["defects"]:
            hit = any(code == defect["problem"] and field == (defect["field"] or "") for code, field, _, _ in found)
            wanted += 1
            recalled += hit
            recall[defect["problem"]][0] += hit
            recall[defect["problem"]][1] += 1
            if not hit:
                missed.append(f"{defect['problem']} {defect['field'] or ''}".strip())
        false = []
        if not expected["defects"]:
            sound += 1
            false = sorted({f"{code} {field}".strip() for code, field, severity, _ in found if severity in EFFECT})
            alarmed += bool(false)
            told += any(severity in EFFECT and not unsure for _, _, severity, unsure in found)
            alarms.update(false)
        if outcome != expected["outcome"] or missed or false:
            wrong.append((submission["id"], submission["layout"], expected["outcome"], outcome, missed, false))

    if not submissions:
        sys.exit("no submission to score")
    print(f"submissions            {submissions}")
    print(f"outcomes right         {right / submissions:.3f}   (waiting for a person {waiting / submissions:.3f}, right or waiting {safe / submissions:.3f})")
    print(f"defects found          {recalled / max(wanted, 1):.3f}   ({recalled} of {wanted})")
    print(f"false alarms           {alarmed / max(sound, 1):.3f}   ({alarmed} of {sound} merchants without defects; {told} without a person's look)")
    for problem, (hit, all_of_it) in sorted(recall.items()):
        print(f"  {problem:20} {hit}/{all_of_it}")
    for alarm, count in alarms.most_common(20):
        print(f"  false: {alarm:40} {count}")
    for name, layout, expected, outcome, missed, false in wrong[: arguments.errors]:
        print(f"{name} {layout} expected {expected}, got {outcome}; missed: {missed}; false: {false}")


if __name__ == "__main__":
    main()
