#!/usr/bin/env python3
"""Two saves of one tree are the same bytes: in another time zone and locale, with another number of threads, on one
processor, to a pipe, after the tree was made in another order, and after everything in it was read.

    determinism.py FSIMAGE
"""
import hashlib
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

WHEN = 1_600_000_000


def contents():
    rng = random.Random(11)
    files = {}
    for i in range(1500):
        folder = "/".join(f"ordner {rng.randrange(6)}" for _ in range(rng.randrange(4)))
        name = rng.choice(["a", "B", "ä", "海", "e\u0301", "Straße"]) * rng.randrange(1, 30) + str(i)
        files[f"{folder}/{name}".lstrip("/")] = rng.randbytes(rng.choice([0, 1, 2048, 5000, 70_000]))
    return files


def make(root, files, order):
    root.mkdir()
    for name in order:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files[name])
    os.link(root / order[0], root / "hard link")
    os.symlink("nowhere/at all", root / "symlink")
    for folder, names, leaves in os.walk(root, topdown=False):
        for name in names + leaves:
            os.utime(os.path.join(folder, name), (WHEN, WHEN + len(name)), follow_symlinks=False)
    os.utime(root, (WHEN, WHEN))


def sha256(path):
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def main():
    fsimage = os.path.abspath(sys.argv[1])
    files = contents()
    names = sorted(files)
    shuffled = names[:]
    random.Random(5).shuffle(shuffled)
    shuffled.remove(names[0])
    shuffled.insert(0, names[0])                   # the hard link is to the same file
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        first, second = work / "first", work / "second"
        make(first, files, names)
        make(second, files, shuffled)
        out = work / "out.iso"

        def save(source, extra=(), prefix=(), **environment):
            subprocess.run([*prefix, fsimage, "create", "-q", str(source), "-o", str(out), *extra], check=True,
                           env=dict(os.environ, **environment))
            return sha256(out)

        reference = save(first)
        cases = {
            "again": lambda: save(first),
            "after reading everything": lambda: subprocess.run(["grep", "-rqs", "zzz", str(first)]) and save(first),
            "time zone and locale": lambda: save(first, TZ="Asia/Tokyo", LC_ALL="tr_TR.UTF-8", LANG="tr_TR.UTF-8"),
            "one thread": lambda: save(first, ["--workers", "1"]),
            "eight threads": lambda: save(first, ["--workers", "8"]),
            "one processor": lambda: save(first, prefix=["taskset", "-c", "0"]),
            "order of making": lambda: save(second),
            "another working folder": lambda: subprocess.run(
                [fsimage, "create", "-q", "first", "-o", "out.iso"], check=True, cwd=work) and sha256(out),
        }
        failed = 0
        for what, run in cases.items():
            same = run() == reference
            failed += not same
            print("same     " if same else "DIFFERENT", what)
        piped = subprocess.run([fsimage, "create", "-q", str(first), "-o", "-"], check=True, stdout=subprocess.PIPE).stdout
        same = hashlib.sha256(piped).hexdigest() == reference
        print("same     " if same else "DIFFERENT", "to a pipe")
        (first / names[3]).write_bytes(b"changed")
        noticed = save(first) != reference            # the comparison can fail
        print("different" if noticed else "NOT NOTICED", "after a change")
        shutil.rmtree(first)
    return 1 if failed or not same or not noticed else 0


if __name__ == "__main__":
    sys.exit(main())
