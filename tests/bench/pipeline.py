#!/usr/bin/env python3
"""Measures the whole pipeline of a guichet binary in a scratch installation, and the disk it runs on.

Usage: tests/bench/pipeline.py GUICHET [DOCUMENTS]

Prints: idle memory, time from drop to answer over the quiet period, documents per second from drop to answer, and the
disk's own rate of overwrite + fdatasync in the same minute. Bounded: DOCUMENTS (default 200) files, 120 s at most.
"""
import os, pathlib, shutil, signal, statistics, subprocess, sys, tempfile, time

guichet = os.path.abspath(sys.argv[1]); count = int(sys.argv[2]) if len(sys.argv) > 2 else 200
root = pathlib.Path(tempfile.mkdtemp(prefix="guichet-bench-"))
QUIET = 0.2


def answers():
    return len(list((root / "inbox/biat/reponses").glob("*.html"))) if (root / "inbox/biat/reponses").is_dir() else 0


def wait_for(number, limit):
    end = time.monotonic() + limit
    while answers() < number:
        if time.monotonic() > end:
            raise SystemExit(f"only {answers()} of {number} answers after {limit} s")
        time.sleep(0.01)


def form(number):
    """A printed form of a merchant of its own: the sample with another comment at its end, so that its hash is new."""
    return sample + b"\n% " + str(number).encode() + b"\n%%EOF\n"


def fdatasync_rate():
    path = root / "probe"
    with open(path, "wb+", buffering=0) as file:
        file.write(b"\0" * 4096); os.fsync(file.fileno()); end = time.monotonic() + 1; done = 0
        while time.monotonic() < end:
            file.seek(0); file.write(b"\1" * 4096); os.fdatasync(file.fileno()); done += 1
    return done


try:
    (root / "guichet.toml").write_text(f'[inbox]\nquiet = "{int(QUIET * 1000)}ms"\n[log]\nlevel = "error"\n[[bank]]\nfolder = "biat"\ncode = "08"\nname = "BIAT"\n')
    subprocess.run([guichet, "init", str(root)], check=True, stdout=subprocess.DEVNULL)
    samples = root / "samples"
    subprocess.run([guichet, "demo", "--samples", str(samples)], check=True, stdout=subprocess.DEVNULL)
    sample = (samples / "ab" / "Medina Cafe.pdf").read_bytes()
    daemon = subprocess.Popen([guichet, "run", "--config", str(root)])
    try:
        time.sleep(2)
        status = pathlib.Path(f"/proc/{daemon.pid}/status").read_text()
        memory = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
        print(f"idle memory                  {int(memory) / 1024:.1f} MB")
        times = []
        for number in range(10):
            start = time.monotonic(); (root / "inbox/biat" / f"one-{number}.pdf").write_bytes(form(number)); wait_for(number + 1, 20); times.append(time.monotonic() - start - QUIET)
        print(f"drop to answer over quiet    median {statistics.median(times):.2f} s, worst {max(times):.2f} s")
        aside = root / "many"; aside.mkdir()
        for number in range(count):
            (aside / f"many-{number}.pdf").write_bytes(form(1000 + number))
        start = time.monotonic()
        for path in aside.iterdir():
            path.rename(root / "inbox/biat" / path.name)
        wait_for(10 + count, 120)
        print(f"documents per second         {count / (time.monotonic() - start):.1f} ({count} dropped at once, drop to answer)")
        print(f"overwrite + fdatasync        {fdatasync_rate()} per second on this disk")
    finally:
        daemon.send_signal(signal.SIGTERM); start = time.monotonic(); daemon.wait(10)
        print(f"clean stop on SIGTERM        {time.monotonic() - start:.2f} s")
finally:
    shutil.rmtree(root, ignore_errors=True)
