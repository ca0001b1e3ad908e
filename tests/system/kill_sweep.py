#!/usr/bin/env python3
"""kill -9 at random moments of a save over an existing image: each time the old or the new image lies under the final
name, never anything else, and nothing is left over after the next save.

    kill_sweep.py FSIMAGE [KILLS]
"""
import hashlib
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time


def sha256(path):
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def main():
    fsimage = os.path.abspath(sys.argv[1])
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    rng = random.Random(9)
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        sources = [work / "old", work / "new"]
        for source in sources:
            source.mkdir()
            for i in range(400):
                (source / f"{source.name} {i}").write_bytes(rng.randbytes(rng.choice([10, 3000, 100_000, 400_000])))
        target = work / "target"
        target.mkdir()
        image = target / "image.iso"

        def command(source):
            return [fsimage, "create", "-q", str(source), "-o", str(image)]

        digests = []
        longest = 0.0
        for source in sources:
            started = time.monotonic()
            subprocess.run(command(source), check=True)
            longest = max(longest, time.monotonic() - started)
            digests.append(sha256(image))
        subprocess.run(command(sources[0]), check=True)
        finished = old = 0
        for i in range(kills):
            save = subprocess.Popen(command(sources[1]))
            time.sleep(rng.random() * longest * 1.1)
            save.send_signal(signal.SIGKILL)
            save.wait()
            found = sha256(image)
            if found not in digests:
                print(f"kill {i}: neither the old nor the new image")
                return 1
            old += found == digests[0]
            finished += save.returncode == 0
            subprocess.run(command(sources[0]), check=True)
            left = sorted(p.name for p in target.iterdir())
            if left != ["image.iso"] or sha256(image) != digests[0]:
                print(f"kill {i}: left over after the next save: {left}")
                return 1
        print(f"{kills} kills: the old image {old} times, the new one {kills - old} times; {finished} saves were faster")
        return 0 if old > 0 else 1                    # a sweep that never interrupts anything shows nothing


if __name__ == "__main__":
    sys.exit(main())
