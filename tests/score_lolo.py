#!/usr/bin/env python3
"""Reads every layout of a labelled corpus as if no document of that layout had ever been seen.

Usage: score_lolo.py --corpus DIR --guichet PROGRAM [--list] [--errors N]

For each layout, the schemas are written anew without every wording that only this layout uses: labels, headings, titles,
phrases of the vocabulary and learnt variants (`wordings.py` finds them). Its digital documents are then read with what is
left and scored by the corpus's own scorer. Nothing is tuned here. --list names what was taken away.
"""

import argparse
import importlib.util
import pathlib
import tempfile

import wordings


def scorer(corpus):
    spec = importlib.util.spec_from_file_location("score", corpus / "score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--corpus", type=pathlib.Path, required=True)
    arguments.add_argument("--guichet", type=pathlib.Path, required=True)
    arguments.add_argument("--list", action="store_true", help="name the wordings taken away")
    arguments.add_argument("--errors", type=int, default=0, help="list so many errors per layout")
    arguments.add_argument("--schemas", type=pathlib.Path, default=wordings.SCHEMAS)
    arguments = arguments.parse_args()
    score = scorer(arguments.corpus)
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        (work / "all").mkdir()
        attested = wordings.Attested(arguments.corpus, arguments.guichet, work / "all")
        files = dict(wordings.documents(arguments.corpus))
        print(f"{'layout left out':16} {'docs':>5} {'without':>8} {'F1':>7} {'silent':>7} {'auto':>7}     seen: F1 and auto")
        seen, _ = score.score(str(arguments.corpus), str(work / "all"), ("layout",))
        for layout in sorted(set(files.values())):
            own = [file for file, of in files.items() if of == layout]
            schemas, out = work / f"schemas-{layout}", work / layout
            schemas.mkdir()
            out.mkdir()
            taken = wordings.without(layout, attested, arguments.schemas, schemas)
            wordings.read(arguments.guichet, own, out, arguments.corpus, "--schemas", str(schemas))
            result, errors = score.score(str(arguments.corpus), str(out), ("layout",))
            sources = {str(file.relative_to(arguments.corpus)) for file in own}
            known = tally(score, arguments.corpus, work / "all", sources)
            left = tally(score, arguments.corpus, out, sources)
            print(
                f"{layout:16} {len(own):5} {len(taken):8} {left['f1']:7.4f} {left['silent']:7} {left['auto']:7.4f}"
                f"     {known['f1']:.4f} {known['auto']:.4f}",
                flush=True,
            )
            if arguments.list:
                for where, text in taken:
                    print(f"    {where}: {text}")
            for error in [error for error in errors if error[0] in sources][: arguments.errors]:
                print("   ", " | ".join(str(sorted(part) if isinstance(part, frozenset) else part) for part in error))


def tally(score, corpus, folder, sources):
    """F1, silent errors and share of right trusted values over some documents."""
    outputs = score.load_outputs(str(folder))
    right = wrong = missed = silent = auto = 0
    for source, truth in score.load_truth(str(corpus)):
        if source not in sources:
            continue
        output = outputs.get(source) or {}
        tp, fp, fn = score.compare(truth, output)
        trusted = score.trusts(output)
        right, wrong, missed = right + len(tp), wrong + len(fp), missed + len(fn)
        silent += sum(trusted.get(error[0], True) for error in fp)
        auto += sum(trusted.get(hit[0], True) for hit in tp)
    precision, recall = right / max(right + wrong, 1), right / max(right + missed, 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return {"f1": f1, "silent": silent, "auto": auto / max(right + missed, 1)}


if __name__ == "__main__":
    main()
