#!/usr/bin/env python3
"""Runs the commands of README.md as a new user would, in order, and fails on the first that fails.

Every line that begins with '$ ' in a ```console block is run by bash with the repository as the working folder, in a
home folder that holds some pictures and a boot program. `./test` alone is left out: it is what runs this.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
LEFT_OUT = {"./test"}


def commands(text):
    for block in re.findall(r"^```console\n(.*?)^```", text, re.M | re.S):
        for line in block.splitlines():
            if line.startswith("$ "):
                yield re.sub(r"\s+#.*$", "", line[2:]).strip()


def make_home(home):
    pictures = home / "Pictures" / "2025"
    pictures.mkdir(parents=True)
    (pictures / "Strand am Abend.jpg").write_bytes(bytes(range(256)) * 100)
    (pictures / "海.jpg").write_bytes(b"sea" * 1000)
    (home / "Pictures" / "index.txt").write_text("two pictures\n")
    (home / "loader").mkdir()
    (home / "loader" / "loader.bin").write_bytes(b"\xEB\xFE".ljust(512, b"\0"))
    (home / "cv.pdf").write_bytes(b"%PDF-1.4\n")


def main():
    ran = 0
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        home = work / "home"
        make_home(home)
        checkout = work / "checkout"          # relative names of the README land here, ./run is the repository's
        checkout.mkdir()
        for name in ("run", "test"):
            (checkout / name).symlink_to(ROOT / name)
        (checkout / "cv.pdf").write_bytes(b"%PDF-1.4\n")
        (checkout / "esp.img").write_bytes(bytes(64 * 1024))
        environment = dict(os.environ, HOME=str(home))
        for command in commands((ROOT / "README.md").read_text(encoding="utf-8")):
            if command in LEFT_OUT:
                continue
            print("$", command, flush=True)
            done = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=checkout, env=environment,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=900)
            if done.returncode != 0:
                sys.stdout.buffer.write(done.stdout)
                print(f"exit code {done.returncode}")
                return 1
            ran += 1
    print(f"{ran} commands of README.md ran")
    return 0 if ran >= 8 else 1               # a README without commands is a failure, too


if __name__ == "__main__":
    sys.exit(main())
