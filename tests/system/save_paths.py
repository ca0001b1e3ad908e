#!/usr/bin/env python3
"""However the bytes of an image get into a file, they are the same: shared extents (XFS, btrfs), a copy within the kernel (ext4),
read and written (another file system, a pipe), with 1, 2 and 8 workers, digested on the way or not. Where extents can be shared they are: the saved file takes
hardly any space. Wants root, for file systems on loop devices; without it, it is skipped, but under CI it fails.

    save_paths.py FSIMAGE
"""
import hashlib
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../bench"))
from race import file_system  # noqa: E402

SKIPPED = 77
WORKERS = (1, 2, 8)
SIZES = {"cluster": 64 << 10, "odd": (1 << 20) + 12345, "large": (24 << 20) + 4095, "block": 2048, "one": 1, "none": 0}
HOLES = {"in front": (9 << 20, 6 << 20), "whole": (8 << 20, 8 << 20)}       # length, of it a hole in front


def make(root):
    root.mkdir()
    rng = random.Random(7)
    for i in range(300):
        (root / f"small {i}").write_bytes(rng.randbytes(rng.randrange(9000)))
    for name, size in SIZES.items():
        (root / name).write_bytes(rng.randbytes(size))
    for name, (length, hole) in HOLES.items():
        with open(root / name, "wb") as file:
            file.seek(hole)
            file.write(rng.randbytes(length - hole))
            file.truncate(length)
    for path in [*root.iterdir(), root]:
        os.utime(path, (1_600_000_000, 1_600_000_000))


def used(folder):
    os.sync()
    state = os.statvfs(folder)
    return (state.f_blocks - state.f_bfree) * state.f_frsize


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def save(fsimage, source, out, workers, more=()):
    """The digest of the image."""
    command = [fsimage, "create", "-q", source, "--workers", str(workers), "-o", out, *more]
    if out != "-":
        subprocess.run(command, check=True)
        return sha256(out)
    return hashlib.sha256(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout).hexdigest()


def save_with_sums(fsimage, source, out, workers):
    """The digest of the image; False when the sums that were made while saving are not what sha256sum makes."""
    sums = source.with_name("sums")
    told = sums.with_name("told")
    if out == "-":
        digest = save(fsimage, source, out, workers, ["--sha256", sums])
    else:
        told.write_text(subprocess.run([fsimage, "create", "--json", source, "--workers", str(workers), "-o", out, "--sha256", sums],
                                       check=True, stdout=subprocess.PIPE, text=True).stdout)
        digest = json.loads(told.read_text())["sha256"]
        if digest != sha256(out):
            return False
    files = sum(1 for path in source.iterdir() if path.is_file())
    checked = subprocess.run(["sha256sum", "--check", "--strict", "--quiet", sums], cwd=source, check=False)
    return digest if checked.returncode == 0 and sums.read_text().count("\n") == files else False


def ways(fsimage, kind, here, elsewhere, shares):
    """(what, digest) of each way; False in place of a digest when nothing is shared though it could be."""
    source = here / "tree"
    make(source)
    for workers in WORKERS:
        before, out = used(here), here / "out.iso"
        digest = save(fsimage, source, out, workers)
        taken, size = used(here) - before, out.stat().st_size
        yield f"{kind} with sums, {workers} workers", save_with_sums(fsimage, source, out, workers)
        out.unlink()
        yield f"{kind}, {workers} workers, {taken >> 10} KiB taken of {size >> 10}", digest if not shares or taken < size / 4 else False
        out = elsewhere / "out.iso"
        yield f"{kind} to another file system, {workers} workers", save(fsimage, source, out, workers)
        out.unlink()
        yield f"{kind} to a pipe, {workers} workers", save(fsimage, source, "-", workers)
        yield f"{kind} to a pipe with sums, {workers} workers", save_with_sums(fsimage, source, "-", workers)


def main():
    fsimage = os.path.abspath(sys.argv[1])
    if os.geteuid() != 0:
        print("wants root")
        return 1 if os.environ.get("CI") else SKIPPED
    digests = set()
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        (work / "elsewhere").mkdir()
        for kind in ("ext4", "xfs", "btrfs"):
            with file_system(kind, 1, work) as here:
                for what, digest in ways(fsimage, kind, pathlib.Path(here), work / "elsewhere", kind != "ext4"):
                    print(str(digest)[:12], what)
                    digests.add(digest)
    return 0 if len(digests) == 1 and False not in digests else 1


if __name__ == "__main__":
    sys.exit(main())
