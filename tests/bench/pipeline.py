#!/usr/bin/env python3
"""Measures a guichet binary in a scratch installation, and the disk it runs on.

Usage: tests/bench/pipeline.py GUICHET [--documents N] [--corpus DIR]

Prints: processor time per digital document, read alone (median and p99; the documents are the program's own samples, or the
PDF forms and workbooks of a labelled corpus); memory at rest; time from drop to answer over the quiet time; documents per second
from drop to answer, each a whole dossier with its declaration and its letters, beside the disk's own rate of overwrite and
fdatasync measured before and after. Bounded: it stops by itself after a few minutes, and exits with 1 when a bound is passed.
"""
import argparse, json, os, pathlib, resource, shutil, signal, statistics, subprocess, sys, tempfile, time

QUIET = 0.2                   # seconds a file must stand still
MOST_MEMORY = 60.0            # MB at rest
MOST_WAIT = 0.5               # seconds from drop to answer, over the quiet time (median)
DIGITAL = {"acroform", "flat_pdf", "spreadsheet", "zip"}

arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("guichet")
arguments.add_argument("--documents", type=int, default=200, help="dropped at once (200)")
arguments.add_argument("--corpus", type=pathlib.Path, help="labelled corpus whose digital documents are read")
arguments = arguments.parse_args()
guichet = os.path.abspath(arguments.guichet)
root = pathlib.Path(tempfile.mkdtemp(prefix="guichet-bench-"))
inbox = root / "inbox/biat"
failed = []
# Told to stop, it stops the daemon and takes its folder away all the same.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


def line(what, figures, sound=True):
    print(f"{what:<30}{figures}{'' if sound else '   PAST ITS BOUND'}", flush=True)
    if not sound:
        failed.append(what)


def processor_time(command):
    """Seconds of processor time of one command, its children included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def digital(corpus, samples):
    """Documents that carry their text."""
    if corpus and corpus.is_dir():
        truths = sorted(corpus.glob("*/*.truth.json"))
        named = ((truth, json.loads(truth.read_text())) for truth in truths)
        return [truth.with_name(truth.name.removesuffix(".truth.json")) for truth, said in named if said.get("channel") in DIGITAL]
    return sorted(path for path in samples.rglob("*") if path.is_file())


def answers():
    folder = inbox / "reponses"
    return sum(1 for name in os.listdir(folder) if name.endswith(".html")) if folder.is_dir() else 0


def wait_for(number, limit):
    end = time.monotonic() + limit
    while answers() < number:
        if time.monotonic() > end:
            raise SystemExit(f"only {answers()} of {number} answers after {limit} s")
        time.sleep(0.005)


def fdatasync_rate():
    with open(root / "probe", "wb+", buffering=0) as file:
        file.write(b"\0" * 4096); os.fsync(file.fileno()); end = time.monotonic() + 1; done = 0
        while time.monotonic() < end:
            file.seek(0); file.write(b"\1" * 4096); os.fdatasync(file.fileno()); done += 1
    return done


try:
    (root / "guichet.toml").write_text(
        f'[inbox]\nquiet = "{int(QUIET * 1000)}ms"\n[log]\nlevel = "error"\n'
        '[[bank]]\nfolder = "biat"\ncode = "08"\nname = "BIAT"\nmailboxes = ["agence@banque.example"]\n')
    subprocess.run([guichet, "init", str(root)], check=True, stdout=subprocess.DEVNULL)
    samples, merchants = root / "samples", root / "merchants"
    subprocess.run([guichet, "demo", "--samples", str(samples)], check=True, stdout=subprocess.DEVNULL)
    subprocess.run([guichet, "demo", "--samples", str(merchants), "--many", str(arguments.documents + 10)], check=True, stdout=subprocess.DEVNULL)
    documents = digital(arguments.corpus, samples)
    start = processor_time([guichet, "--version"])
    # Each document in a process of its own, as the daemon reads it.
    costs = sorted(processor_time([guichet, "read", "--json", str(path)]) * 1000 for path in documents)
    p99 = costs[min(len(costs) - 1, int(len(costs) * 0.99))]
    line("processor time per document", f"median {statistics.median(costs):.0f} ms, p99 {p99:.0f} ms ({len(costs)} digital documents; an empty process takes {start * 1000:.0f} ms)")

    daemon = subprocess.Popen([guichet, "run", "--config", str(root)])
    try:
        time.sleep(2)
        status = pathlib.Path(f"/proc/{daemon.pid}/status").read_text()
        memory = int(next(row.split()[1] for row in status.splitlines() if row.startswith("VmRSS"))) / 1024
        line("memory at rest", f"{memory:.1f} MB (bound {MOST_MEMORY:.0f})", memory <= MOST_MEMORY)

        forms = sorted(merchants.iterdir())
        waits = []
        for number, form in enumerate(forms[:10], 1):
            start = time.monotonic()
            form.rename(inbox / form.name)
            wait_for(number, 30)
            waits.append(time.monotonic() - start - QUIET)
            time.sleep(0.5)
        median = statistics.median(waits)
        line("drop to answer, over quiet", f"median {median:.2f} s, worst {max(waits):.2f} s (bound {MOST_WAIT} for the median)", median <= MOST_WAIT)

        before = fdatasync_rate()
        usage, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        for form in forms[10:]:
            form.rename(inbox / form.name)
        wait_for(len(forms), 240)
        rate = arguments.documents / (time.monotonic() - start)
        line("documents per second", f"{rate:.1f} ({arguments.documents} dossiers dropped at once: read, decided, declared, answered)")
        line("overwrite + fdatasync", f"{before} and {fdatasync_rate()} per second on this disk, before and after")
        end = time.monotonic() + 60
        while time.monotonic() < end:
            waiting = json.loads(subprocess.run([guichet, "status", "--json", "--config", str(root)], capture_output=True).stdout)
            if not [errand for errand in waiting["errands"] if errand["state"] == "live"]:
                break
            time.sleep(0.2)
        line("all carried out after", f"{time.monotonic() - start:.1f} s ({sum(waiting['overview']['declarations'].values())} declarations, {sum(waiting['overview']['letters'].values())} letters)")
    finally:
        daemon.send_signal(signal.SIGTERM)
        start = time.monotonic()
        daemon.wait(10)
        line("clean stop on SIGTERM", f"{time.monotonic() - start:.2f} s")
finally:
    shutil.rmtree(root, ignore_errors=True)
sys.exit(1 if failed else 0)
