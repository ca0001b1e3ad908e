#!/usr/bin/env python3
"""Random trees under random profiles, judged view by view.

    random_trees.py FSIMAGE [--count N] [--first SEED] [--jobs N] [--keep DIR]

Each seed gives one tree (names of any script and length, sizes, links, depths, times, modes) and one set of options of
`fsimage create`; one in four is grown in two sessions. All judges have to agree with the source, or a finding has to say why not;
what --dry-run foretells has to be what is written; and a copy of the tree, made in another order, has to give the same bytes
whatever the number of threads. A seed that fails prints its options and can be run again alone: --first SEED --count 1 --keep DIR.
"""

import argparse
import contextlib
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

import judge
from source import hash_stream
from trees import BASE_TIME, BLOCK, Tree, noise

ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", "aAbBcC", "abc.. __--~;1", "\u00e0\u00e9\u00fc\u00f1\u00df\u00ff",
    "\u4e2d\u6587\u5b57\u7b26", "\u0430\u0431\u0432\u0413\u0414", "\U0001F4BF\U00020000a", "e\u0301u\u0308o\u0302", "*?:;\\|<>\"a", "\uac00\u1100\u1161",
    "\u0627\u0628\u200f\u200d", "\x01\x7f\t a", "%$#@!'`(){}[]^&+=,",
)
LENGTHS = (1, 2, 5, 8, 9, 12, 13, 30, 31, 32, 37, 63, 64, 65, 103, 104, 127, 128, 207, 208, 221, 254, 255)
ENDINGS = ("", "", ".txt", ".TXT", ".tar.gz", ".", "..", " ", ";1", ".a", ".long-extension", ".\u00e9")
SIZES = (0, 1, 100, 1760, 1872, 1900, BLOCK - 1, BLOCK, BLOCK + 1, 5000, 65_536, 300_001)
TIMES = (0, 1, -1, 946_684_799, BASE_TIME, 2**31 - 1, 2**31, 2**32, 5_869_583_999, 5_869_584_000, -2_208_988_800, -2_208_988_801)
VIEWS = ("iso9660", "iso9660,joliet", "iso9660,rockridge", "iso9660,joliet,rockridge")
LOSSES = "rename,drop,clamp"
REVISIONS = ("1.02", "1.50", "2.00", "2.01", "2.50", "2.60")


@dataclass
class Item:
    """One entry to be made: a copy of the tree is the same items in another order."""
    path: str
    kind: str
    data: bytes = b""
    holes: int = 0
    mode: int = 0o644
    mtime: int = 0
    other: str = ""                   # a link's target, or the first name of a hard link


@dataclass
class Profile:
    create: list = field(default_factory=list)
    judge: list = field(default_factory=list)
    grown: bool = False


class Grower:
    def __init__(self, seed):
        self.random = random.Random(f"fsimage {seed}")
        self.items, self.folders, self.taken = [], [""], set()

    def name(self):
        pick = self.random
        ending = pick.choice(ENDINGS)
        length = max(1, min(pick.choice(LENGTHS), 255) - len(ending))
        alphabet = pick.choice(ALPHABETS)
        # Names that begin alike, and differ late, have to make room for one another.
        stem = alphabet[0] * (length - 1) + pick.choice(alphabet) if pick.random() < 0.3 else "".join(pick.choices(alphabet, k=length))
        return (stem + ending).encode()[:255].decode("utf-8", "ignore") or "x"

    def path(self, name=None):
        for _ in range(100):
            folder = self.random.choice(self.folders if self.random.random() < 0.8 else self.folders[-1:])
            path = folder + "/" + (name or self.name()) if folder else name or self.name()
            if path not in self.taken and path.rpartition("/")[2] not in (".", "..") and len(path.encode()) < 3500:
                self.taken.add(path)
                return path
        return self.path()

    def time(self):
        pick = self.random
        seconds = pick.choice(TIMES) if pick.random() < 0.2 else BASE_TIME + pick.randrange(10**8)
        return seconds * 10**9 + pick.choice((0, 0, 1, 999_999_999, 123_456_789))

    def grow(self):
        pick = self.random
        for number in range(pick.choice((3, 10, 30, 60, 120))):
            kind = pick.choices("dflphs", (20, 60, 8, 2, 6, 4))[0]
            files = [item for item in self.items if item.kind == "f"]
            item = Item("", kind, mode=pick.choice((0o644, 0o600, 0o755, 0o444, 0o4755, 0o1777)), mtime=self.time())
            if kind == "h":
                if not files:
                    continue
                item.other = pick.choice(files).path
            elif kind == "s":                         # the same name but for case beside another
                if not files:
                    continue
                first = pick.choice(files).path
                folder, _, name = first.rpartition("/")
                path = folder + "/" * bool(folder) + name.swapcase()
                if path in self.taken or len(name.swapcase().encode()) > 255:
                    continue
                self.taken.add(path)
                item.path, item.kind, item.data = path, "f", noise(f"twin {number}", 10)
            elif kind == "f":
                item.data = noise(f"{number}", pick.choice(SIZES)) if pick.random() < 0.9 else noise("again", 5000)
                item.holes = pick.choice((0, 0, 0, 0, 2 << 20))
            elif kind == "l":
                item.other = pick.choice(("x", "../up", "/absolute/path", "a//b", "./" * 30 + "z", "y" * 250, "/".join(["part" * 12] * 8), "\u6587/\U0001F4BF"))
            item.path = item.path or self.path()
            self.items.append(item)
            if item.kind == "d":
                item.mode |= 0o700
                self.folders.append(item.path)
        if pick.random() < 0.2:                       # a path of many levels
            path = self.path("deep")
            for level in range(pick.choice((7, 8, 9, 20, 60))):
                self.items.append(Item(path, "d", mode=0o755, mtime=self.time()))
                path += f"/{pick.choice(('level', 'LEVEL', self.name()[:12].rstrip()))}{level}"
            self.items.append(Item(path, "f", noise(path, 77), mtime=self.time()))
        return self.items

    def profile(self):
        pick, profile = self.random, Profile()
        fs = pick.choice(VIEWS + ("",))
        udf = not fs or pick.random() < 0.6
        enhanced = fs and pick.random() < 0.25
        words = ["--fs", ",".join(filter(None, (fs, "iso1999" if enhanced else "", "udf" if udf else "")))]
        if fs:
            level = pick.choice((1, 2, 3, 3))
            words += ["--level", str(level)]
            profile.judge += ["--level", str(level)]
            if level > 1 and pick.random() < 0.2:
                words += ["--relaxed", "untranslated"]
                profile.judge += ["--names", "relaxed"]
            if "rockridge" in fs:
                words += ["--deep", pick.choice(("keep", "keep", "relocate")), "--rock-ridge", pick.choice(("1.12", "1.12", "1.10"))]
        if "joliet" in fs:
            units = pick.choice((64, 64, 80, 103))
            words += ["--joliet-names", str(units)]
            profile.judge += ["--joliet-units", str(units)]
        if udf:
            words += ["--udf-revision", pick.choice(REVISIONS)]
            words += ["--no-redundant-metadata"] * (pick.random() < 0.3) + ["--embed-small-files"] * (not fs and pick.random() < 0.6)
            if pick.random() < 0.3:
                words.append("--udf-special-files")
                profile.judge.append("--udf-modes")
        words += ["--label", pick.choice(("TREE", "Mixed Case", "\u6587\u4ef6", "x" * 32, "lower"))]
        profile.create = words + ["--allow", LOSSES]
        profile.grown = pick.random() < 0.25
        return profile


def make(items, root):
    """Folders before what is in them and first names before others, else in the order of the items."""
    tree = Tree(root)
    os.makedirs(root)
    for item in sorted((item for item in items if item.kind == "d"), key=lambda item: item.path.count("/")):
        tree.folder(item.path, item.mode, item.mtime)
    for item in items:
        if item.kind == "f":
            tree.file(item.path, item.data, item.mode, item.mtime)
            if item.holes:
                os.truncate(tree.path(item.path), len(item.data) + item.holes)
                os.utime(tree.path(item.path), ns=(item.mtime,) * 2)
        elif item.kind == "l":
            tree.link(item.path, item.other, item.mtime)
        elif item.kind == "p":
            os.mkfifo(tree.path(item.path))
            os.utime(tree.path(item.path), ns=(item.mtime,) * 2)
    for item in items:
        if item.kind == "h":
            tree.hard_link(item.path, item.other)
    tree.finish()
    return root


class Trial:
    def __init__(self, fsimage, seed, folder, build_dir):
        self.fsimage, self.folder, self.build_dir = fsimage, folder, build_dir
        grower = Grower(seed)
        self.items, self.profile = grower.grow(), grower.profile()
        self.random = grower.random

    def run(self):
        """What is wrong, or None."""
        source = make(self.items, self.at("source"))
        image, findings = self.at("image.iso"), self.at("findings.json")
        steps = self.steps(source, image)
        foretold = self.call([*steps[0], "--dry-run", "--json"])
        for step in steps:
            made = self.call([*step, "--json"])
        with open(findings, "w", encoding="utf-8", errors="surrogateescape") as out:
            out.write(made)
        if len(steps) == 1:
            self.compare_size(json.loads(foretold), os.path.getsize(image))
            self.rebuild(source, image)
        return self.judge(source, image, findings)

    def at(self, name):
        return os.path.join(self.folder, name)

    def steps(self, source, image):
        if not self.profile.grown:
            return [["create", source, "-o", image, *self.profile.create]]
        return [["create", source, "-o", image, "--exclude", "*[a-m]*", *self.profile.create],
                ["append", image, "--update", source, "--allow", LOSSES]]

    def call(self, words):
        done = subprocess.run([self.fsimage, *words, "-q"], capture_output=True)
        if done.returncode:
            raise Failure(f"{words[0]} ended with {done.returncode}: {done.stderr.decode(errors='replace')[-600:]}")
        return done.stdout.decode("utf-8", "surrogateescape")

    def compare_size(self, foretold, size):
        if foretold["bytes"] != size:
            raise Failure(f"--dry-run foretold {foretold['bytes']} bytes, {size} were written")

    def rebuild(self, source, image):
        """The same from a copy that was made in another order, by another number of threads, and into a pipe."""
        items = self.items[:]
        self.random.shuffle(items)
        copy = make(items, self.at("copy"))
        with subprocess.Popen([self.fsimage, "create", copy, "-o", "-", "-q", "--workers", str(self.random.randrange(1, 5)), *self.profile.create],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            again = hash_stream(process.stdout.read, os.path.getsize(image))
            more = process.stdout.read(1)
        with open(image, "rb") as file:
            if more or again != hash_stream(file.read, os.path.getsize(image)):
                raise Failure("a copy of the tree gives other bytes")
        shutil.rmtree(copy)

    def judge(self, source, image, findings):
        layout = [] if self.profile.grown else ["--layout", "fsimage"]
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            court = judge.Court(judge.arguments("").parse_args([image, source, "--findings", findings, "--build-dir", self.build_dir, "--jobs", "1",
                                                                "--hash-sample", "4", "--show", "5", *layout, *self.profile.judge]))
            court.sit()
            wrong = court.close()
        if wrong:
            raise Failure("\n".join(line for line in said.getvalue().splitlines() if not line.startswith(("ok", "       limit"))))
        return Counter(verdict.judge for verdict in court.verdicts)


class Failure(Exception):
    pass


def try_seed(arguments, seed):
    folder = os.path.join(arguments.keep, str(seed)) if arguments.keep else tempfile.mkdtemp(prefix="fsimage-random-")
    trial = Trial(arguments.fsimage, seed, folder, arguments.build_dir)
    try:
        return seed, trial.run(), None, trial.profile
    except Failure as failure:
        return seed, Counter(), str(failure), trial.profile
    except Exception:                                  # pylint: disable=broad-except
        return seed, Counter(), traceback.format_exc(), trial.profile
    finally:
        if not arguments.keep:
            shutil.rmtree(folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fsimage")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--keep", help="a folder for sources and images, which stay there")
    parser.add_argument("--build-dir", default=judge.arguments("").get_default("build_dir"), help="as for judge.py")
    arguments = parser.parse_args()
    os.umask(0o022)
    if arguments.keep:
        os.makedirs(arguments.keep, exist_ok=True)
    verdicts, failed = Counter(), 0
    with ProcessPoolExecutor(max_workers=arguments.jobs) as pool:
        seeds = range(arguments.first, arguments.first + arguments.count)
        for seed, counts, failure, profile in pool.map(try_seed, [arguments] * len(seeds), seeds):
            verdicts += counts
            if failure:
                failed += 1
                print(f"FAIL seed {seed}{' (grown)' if profile.grown else ''}: {' '.join(profile.create)}\n{failure}", flush=True)
    print(", ".join(f"{name} {count}" for name, count in verdicts.most_common()))
    print(f"random trees: {arguments.count - failed} passed, {failed} failed")
    return 1 if failed or not arguments.count else 0


if __name__ == "__main__":
    sys.exit(main())
