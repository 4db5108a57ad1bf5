#!/usr/bin/env python3
"""Which wording of the schemas is attested in which layout of a labelled corpus.

Usage: wordings.py --corpus DIR --guichet PROGRAM [--general FILE] [--out DIR] [--variants]

Reads the digital documents of the corpus, takes the labels as they are printed there, and tells for every wording of the
schemas (labels, headings, titles) and every phrase of the vocabulary in how many layouts it is met. What only one layout uses
is what an unseen bank would not have told us; `score_lolo.py` takes it away before it reads that layout.

--general FILE   a list of wordings known without any corpus ({field: {language: [wording]}})
--variants       print the `variants.json` that follows: wordings of the corpus that the general list does not have, each
                 with the layouts it was learnt from

Standard library only.
"""

import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unicodedata

DIGITAL = {"acroform", "flat_pdf", "spreadsheet", "zip"}
KINDS = ("adhesion", "fiche_technique")
SCHEMAS = pathlib.Path(__file__).resolve().parent.parent / "schemas"
ARABIC = {"ٱ": "ا", "ى": "ي", "ی": "ي", "ة": "ه", "ہ": "ه", "ک": "ك", "ـ": ""}


def words(text):
    """Folded words, as the engine folds them: no case, accents, points or Arabic vowels."""
    text = re.sub(r"\b(?:\w\.){2,}", lambda found: found.group().replace(".", ""), text)
    folded = unicodedata.normalize("NFKD", text).lower()
    folded = "".join(ARABIC.get(c, c) for c in folded if not unicodedata.combining(c))
    return re.findall(r"[^\W_]+", folded)


def documents(corpus):
    """(path, layout) of the corpus's digital documents."""
    for truth in sorted(corpus.glob("*/*.truth.json")):
        described = json.loads(truth.read_text(encoding="utf-8"))
        if described["channel"] in DIGITAL and re.fullmatch(r"B\d+", described["layout"]):
            yield truth.with_name(truth.name.removesuffix(".truth.json")), described["layout"]


def read(guichet, files, out, corpus, *options):
    """Readings by source."""
    command = [str(guichet), "read", *map(str, files), "--out", str(out), "--relative-to", str(corpus)]
    done = subprocess.run([*command, "--today", "2026-11-20", *options], check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"guichet read ended with {done.returncode}")
    return {reading["source"]: reading for reading in map(load, sorted(out.glob("*.json")))}


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def lines(guichet, file):
    """The pieces of print of a document, folded."""
    done = subprocess.run([str(guichet), "inspect", str(file)], capture_output=True, check=False)
    try:
        seen = json.loads(done.stdout)
    except ValueError:
        return
    for part in seen.get("members", [seen]):
        cells = [str(value) for sheet in part.get("cells", {}).values() for value in sheet.values()]
        for piece in re.split(r"[\t\n]", part.get("text", "")) + cells:
            piece = re.sub(r"^\s*(?:[IVX]+|\d+|[A-Z])\s*[.):/–-]+\s*", "", piece)
            yield tuple(words(piece))


class Attested:
    """Where each wording is met."""

    def __init__(self, corpus, guichet, out):
        self.labels = collections.defaultdict(set)
        self.headings = collections.defaultdict(set)
        self.printed = collections.defaultdict(set)
        files = dict(documents(corpus))
        readings = read(guichet, files, out, corpus)
        for file, layout in files.items():
            reading = readings.get(str(file.relative_to(corpus)), {})
            for part in reading.get("parts", []):
                for key, field in part["fields"].items():
                    if field.get("label"):
                        self.note(part["kind"], key, field["label"], layout)
                for gap in part.get("gaps", []):
                    if gap.get("label"):
                        self.note(part["kind"], gap["key"], gap["label"], layout)
            for line in lines(guichet, file):
                self.headings[line].add(layout)

    def note(self, kind, key, label, layout):
        halves = [label, re.sub(r"[\u0600-\u06ff]+", " ", label), re.sub(r"[A-Za-zÀ-ÿ]+", " ", label)]
        for folded in {tuple(words(half)) for half in halves} - {()}:
            self.labels[kind, key, folded].add(layout)
            self.printed[folded].add(layout)

    def label(self, kind, key, text):
        return self.labels.get((kind, key, tuple(words(text))), set())

    def heading(self, text):
        return self.headings.get(tuple(words(text)), set())

    def phrase(self, text):
        """Layouts of whose labels the phrase is a part."""
        phrase = tuple(words(text))
        if not hasattr(self, "parts"):
            self.parts = collections.defaultdict(set)
            for folded, layouts in self.printed.items():
                for start in range(len(folded)):
                    for end in range(start + 1, len(folded) + 1):
                        self.parts[folded[start:end]] |= layouts
        return self.parts.get(phrase, set())


def without(layout, attested, source, target):
    """Writes the schemas as they would be had this layout never been seen; gives what was taken away."""
    taken = []

    def kept(texts, where, known):
        kept = [text for text in texts if known(text) != {layout}]
        taken.extend((where, text) for text in texts if known(text) == {layout})
        return kept

    for path in sorted(source.glob("*.json")):
        content = load(path)
        if path.name.endswith(".schema.json") and content["x-guichet"]["kind"] in KINDS:
            hints = content["x-guichet"]
            kind = hints["kind"]
            titles = kept(hints["titles"], "title", attested.heading)
            # A form without a title could not be named at all.
            hints["titles"] = titles or hints["titles"]
            for section in hints["sections"]:
                section["labels"] = kept(section["labels"], f"heading {section['id']}", attested.heading)
            for key, field in content["properties"].items():
                for language, texts in field["x-guichet"].get("labels", {}).items():
                    field["x-guichet"]["labels"][language] = kept(
                        texts, key, lambda text, key=key, kind=kind: attested.label(kind, key, text)
                    )
        elif path.name == "vocabulary.json":
            for concept, phrases in content["concepts"].items():
                content["concepts"][concept] = kept(phrases, f"concept {concept}", attested.phrase)
        elif path.name == "variants.json":
            left = [variant for variant in content if variant.get("seen_in", []) != [layout]]
            taken.extend((variant["field"], variant["text"]) for variant in content if variant not in left)
            content = left
        (target / path.name).write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return taken


def general_list(path):
    known = collections.defaultdict(set)
    for key, languages in (load(path) if path else {}).items():
        for texts in languages.values():
            known[key] |= {tuple(words(text)) for text in texts}
    return known


def variants(attested, general):
    """Wordings of fields met in the corpus that neither the general list nor another field's label has."""
    found = collections.defaultdict(set)
    schemas = [load(path) for path in sorted(SCHEMAS.glob("*.schema.json"))]
    for schema in schemas:
        kind = schema["x-guichet"]["kind"]
        for key, field in schema["properties"].items():
            for texts in field["x-guichet"].get("labels", {}).values():
                for text in texts:
                    layouts = attested.label(kind, key, text)
                    if layouts and tuple(words(text)) not in general[key]:
                        found[key, text] |= layouts
    return [{"field": key, "text": text, "seen_in": sorted(layouts)} for (key, text), layouts in sorted(found.items())]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--corpus", type=pathlib.Path, required=True)
    arguments.add_argument("--guichet", type=pathlib.Path, required=True)
    arguments.add_argument("--general", type=pathlib.Path)
    arguments.add_argument("--variants", action="store_true")
    arguments = arguments.parse_args()
    with tempfile.TemporaryDirectory() as out:
        attested = Attested(arguments.corpus, arguments.guichet, pathlib.Path(out))
    if arguments.variants:
        found = variants(attested, general_list(arguments.general))
        print("[\n" + ",\n".join(" " + json.dumps(variant, ensure_ascii=False) for variant in found) + "\n]")
        return
    print("field\twording\tlayouts")
    for path in sorted(SCHEMAS.glob("*.schema.json")):
        schema = load(path)
        for key, field in schema["properties"].items():
            for texts in field["x-guichet"].get("labels", {}).values():
                for text in texts:
                    layouts = attested.label(schema["x-guichet"]["kind"], key, text)
                    print(f"{key}\t{text}\t{' '.join(sorted(layouts)) or '-'}")
    for concept, phrases in load(SCHEMAS / "vocabulary.json")["concepts"].items():
        for phrase in phrases:
            print(f"concept {concept}\t{phrase}\t{' '.join(sorted(attested.phrase(phrase))) or '-'}")


if __name__ == "__main__":
    main()
