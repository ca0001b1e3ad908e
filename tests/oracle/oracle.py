#!/usr/bin/env python3
"""Makes images with fsimage, in every combination of file systems, and has the judges judge each.

    oracle.py FSIMAGE [--quick | --vm | --large] [--only NAME] [--keep DIR]

--quick: two images. --vm: the Linux kernel judges instead of the readers. --large: also the tree with a 5 GiB file, a sparse one
of 100 GiB, and 200,000 files in one folder (needs some 12 GiB of space, and half an hour).
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))


@dataclass(frozen=True)
class Case:
    name: str
    kind: str
    create: tuple = ()                # options of fsimage create
    judge: tuple = ()                 # options of judge.py
    target: str = ""                  # where the source goes, "" for the root
    grown: bool = False               # in three sessions: a part and something else, more of it, exactly all of it
    disc: str = ""                    # on a simulated disc of that type, which is then read
    quick: bool = False
    vm: bool = False
    large: bool = False


CASES = (
    Case("everything", "small", quick=True, vm=True),
    Case("plain", "plain"),
    Case("deep", "deep", quick=True, vm=True),
    Case("wide", "wide", vm=True),
    Case("mixed", "mixed", vm=True),
    Case("target", "plain", target="some/where"),
    Case("level-1", "small", ("--level", "1"), ("--level", "1")),
    Case("level-2", "small", ("--level", "2"), ("--level", "2")),
    Case("joliet-103", "small", ("--joliet-names", "103"), ("--joliet-units", "103"), vm=True),
    Case("shared", "small", ("--dedup", "hash", "--sort", "9=*[a-m]*", "--sort", "-9=*[x-z]*"), vm=True),
    Case("iso-only", "plain", ("--fs", "iso9660")),
    Case("iso-only-losses", "small", ("--fs", "iso9660", "--allow", "rename,drop,clamp")),
    Case("rock-ridge", "small", ("--fs", "iso9660,rockridge", "--allow", "clamp")),
    Case("rock-ridge-1.10", "small", ("--fs", "iso9660,rockridge", "--rock-ridge", "1.10", "--allow", "clamp"), vm=True),
    Case("relocated", "deep", ("--deep", "relocate")),
    Case("relocated-rr", "deep", ("--deep", "relocate"), ("--views", "rr"), vm=True),
    Case("relocated-level-1", "deep", ("--deep", "relocate", "--level", "1", "--fs", "iso9660,rockridge"), ("--level", "1")),
    Case("deeper", "deeper", ("--fs", "iso9660,rockridge,iso1999")),
    Case("deeper-relocated", "deeper", ("--deep", "relocate", "--fs", "iso9660,rockridge")),
    Case("relaxed", "plain", ("--fs", "iso9660", "--relaxed", "untranslated", "--allow", "rename"), ("--names", "relaxed"), vm=True),
    Case("iso1999", "plain", ("--fs", "iso9660,iso1999")),
    Case("iso1999-everything", "small", ("--fs", "iso9660,joliet,rockridge,udf,iso1999"), quick=True, vm=True),
    Case("grown-iso1999", "plain", ("--fs", "iso9660,rockridge,iso1999"), grown=True),
    Case("joliet", "plain", ("--fs", "iso9660,joliet")),
    Case("joliet-losses", "small", ("--fs", "iso9660,joliet", "--allow", "rename,drop,clamp")),
    Case("udf-only", "plain", ("--fs", "udf"), vm=True),
    Case("udf-only-losses", "small", ("--fs", "udf", "--allow", "rename,drop")),
    Case("udf-special", "small", ("--udf-special-files",), ("--udf-modes",), vm=True),
    Case("udf-1.50", "plain", ("--udf-revision", "1.50"), vm=True),
    Case("udf-2.00", "plain", ("--udf-revision", "2.00"), vm=True),
    Case("udf-2.01", "small", ("--udf-revision", "2.01", "--udf-special-files"), ("--udf-modes",), vm=True),
    Case("udf-2.01-streams", "marked", ("--udf-revision", "2.01", "--xattrs", "user"), ("--xattrs",), vm=True),
    Case("udf-2.60-streams", "marked", ("--udf-revision", "2.60", "--fs", "udf", "--xattrs", "user"), ("--xattrs",), vm=True),
    Case("udf-2.50", "small", ("--udf-revision", "2.50"), vm=True),
    Case("udf-2.60", "plain", ("--udf-revision", "2.60", "--fs", "udf", "--no-redundant-metadata"), vm=True),
    Case("udf-2.60-special", "small", ("--udf-revision", "2.60", "--udf-special-files", "--fs", "udf", "--allow", "rename"), ("--udf-modes",), vm=True),
    Case("udf-embedded", "plain", ("--fs", "udf", "--embed-small-files")),
    Case("udf-2.50-embedded", "plain", ("--udf-revision", "2.50", "--fs", "udf", "--embed-small-files"), vm=True),
    Case("grown", "small", quick=True, vm=True, grown=True),
    Case("grown-2.01", "plain", ("--udf-revision", "2.01"), grown=True),
    Case("grown-2.50", "plain", ("--udf-revision", "2.50"), grown=True, disc="bd-re", vm=True),
    Case("grown-plain", "plain", ("--fs", "udf"), grown=True),
    Case("grown-dvd+rw", "small", grown=True, disc="dvd+rw"),
    Case("grown-bd-re", "plain", grown=True, disc="bd-re"),
    Case("large", "all", large=True),
)


class Bench:
    def __init__(self, args, folder):
        self.args, self.folder = args, folder
        self.results = []

    def source(self, kind):
        path = os.path.join(self.folder, "source-" + kind)
        if not os.path.exists(path):
            subprocess.run([sys.executable, "-B", os.path.join(HERE, "trees.py"), kind, path], check=True)
        return path

    @staticmethod
    def report(path):
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return json.load(file)

    def make(self, case, argument, image, findings):
        def fsimage(*words):
            with open(findings, "wb") as out:
                return subprocess.run([self.args.fsimage, *words, *(() if words[0] == "burn" else ("--json",)), "-q"], stdout=out, stderr=subprocess.PIPE)
        if not case.grown:
            told = fsimage("create", argument, "--dry-run", *case.create)
            foretold = self.report(findings) if told.returncode == 0 else {}
            made = fsimage("create", argument, "-o", image, *case.create)
            if made.returncode == 0 and (foretold.get("bytes") != os.path.getsize(image) or foretold["findings"] != self.report(findings)["findings"]):
                return subprocess.CompletedProcess((), 1, stderr=b"the dry run told something else: " + told.stderr)
            return made
        steps = [("create", argument, "gone=" + HERE, "-o", image, "--exclude", "*[a-m]*", *case.create)]
        target = image
        if case.disc:
            target = "mock:" + os.path.join(self.folder, case.name + ".disc")
            steps.append(("burn", image, "--to", f"{target}?media={case.disc}&capacity=100000", "--verify"))
        steps += [("append", target, argument, *words) for words in (("--exclude", "*[n-z]*"), ("--update",))]
        for step in steps:
            made = fsimage(*step)
            if made.returncode != 0:
                return made
        if case.disc:
            made = subprocess.run([self.args.fsimage, "read", target, "-o", image, "-q"], stderr=subprocess.PIPE)
        return made

    def run(self, case):
        source, start = self.source(case.kind), time.time()
        image, findings = (os.path.join(self.folder, case.name + suffix) for suffix in (".iso", ".json"))
        argument = f"{case.target}={source}" if case.target else source
        made = self.make(case, argument, image, findings)
        passed = made.returncode == 0
        print(f"== {case.name}: {'made' if passed else 'NOT MADE: ' + made.stderr.decode(errors='replace')[-500:]}", flush=True)
        if passed:
            script = "vm.py" if self.args.vm else "judge.py"
            passed = subprocess.run([sys.executable, "-B", os.path.join(HERE, script), image, argument, "--findings", findings,
                                     *(() if case.grown else ("--layout", "fsimage")), "--show", "10", *self.args.pass_on, *case.judge]).returncode == 0
        if passed and not self.args.keep:
            os.remove(image)
        self.results.append((case.name, passed, time.time() - start))


def chosen(args):
    for case in CASES:
        if args.only:
            if case.name == args.only:
                yield case
        elif args.quick:
            if case.quick:
                yield case
        elif (not args.vm or case.vm) and (args.large or not case.large):
            yield case


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fsimage")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--vm", action="store_true")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--only", help="the name of one case")
    parser.add_argument("--keep", help="a folder for sources and images, which stay there")
    parser.add_argument("--build-dir", help="as for judge.py")
    args = parser.parse_args()
    args.pass_on = ["--build-dir", args.build_dir] if args.build_dir else []
    folder = args.keep or tempfile.mkdtemp(prefix="fsimage-oracle-")
    os.makedirs(folder, exist_ok=True)
    try:
        bench = Bench(args, folder)
        for case in chosen(args):
            bench.run(case)
    finally:
        if not args.keep:
            shutil.rmtree(folder, ignore_errors=True)
    for name, passed, seconds in bench.results:
        print(f"{'ok  ' if passed else 'FAIL'} {name}  ({seconds:.1f} s)")
    good = sum(passed for _, passed, _ in bench.results)
    print(f"oracle: {good} passed, {len(bench.results) - good} failed")
    return 0 if bench.results and good == len(bench.results) else 1


if __name__ == "__main__":
    sys.exit(main())
