#!/usr/bin/env python3
"""Writes five sessions on a simulated disc of every type, and has foreign readers judge each of them at its address.

    discs.py FSIMAGE [--vm] [--media TYPE,...] [--keep DIR] [--build-dir DIR] [-v]

The sessions: a whole image; what has changed since; one that was saved for the disc's description and burnt later; a removal and
a move; what has changed again, and the disc is closed. Every session must show what the disc held then, from the blocks that the
disc has at the end; where those can be overwritten, its front must show the newest. Discs that turn out to have the same bytes
are judged once. --vm: the Linux kernel judges instead, all discs in one guest.
"""

import argparse
import contextlib
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from judge import Court, arguments
from report import Verdict
from source import data_runs
from tools import HERE, tail
from vm import guest_arguments, judged_in_guest

MEDIA = ("cd-r", "cd-rw", "dvd-r", "dvd-rw", "dvd-rw-overwrite", "dvd+r", "dvd+r-dl", "dvd+rw", "dvd-ram", "bd-r", "bd-re",
         "cd-r:2.50")                      # with that revision of UDF instead of 1.02
SESSIONS = 5


class StepFailed(Exception):
    """A command of fsimage that should have worked."""


@dataclass(frozen=True)
class Judged:
    """A session of a disc that was copied into a file."""
    name: str
    image: str
    session: str                      # as judge.py takes it
    source: str
    findings: str
    layout: str

    def words(self):
        return [self.image, self.source, "--session", self.session, "--findings", self.findings, "--layout", self.layout]


class Flow:
    """One disc, from blank to closed."""

    def __init__(self, fsimage, medium, states, folder):
        self.fsimage, self.medium, self.states, self.folder = fsimage, medium, states, os.path.join(folder, medium.replace(":", "-udf-"))
        self.type, _, self.revision = medium.partition(":")
        os.makedirs(self.folder)
        self.disc = "mock:" + self.path("disc")

    def path(self, name):
        return os.path.join(self.folder, name)

    def state(self, session):
        return os.path.join(self.states, str(session))

    def run(self, *words):
        done = subprocess.run([self.fsimage, *words], capture_output=True)
        if done.returncode:
            raise StepFailed(f"{self.medium}: fsimage {words[0]} ended with {done.returncode}: {tail(done.stderr)}")
        return done.stdout

    def author(self, session, *words):
        """A step that tells what the session cannot show as it is."""
        with open(self.path(f"{session}.json"), "wb") as out:
            out.write(self.run(*words, "--json", "-q"))

    def write(self):
        image, saved, described = self.path("first.iso"), self.path("third.fss"), self.path("disc.fsd")
        self.author(1, "create", self.state(1), "-o", image, "--udf-revision", self.revision or "1.02")
        self.run("burn", image, "--to", f"{self.disc}?media={self.type}&capacity=100000", "--verify")
        self.author(2, "append", self.disc, "--update", self.state(2), "--verify")
        self.run("media", self.disc, "--save", described)
        self.author(3, "create", "--onto", described, "--update", self.state(3), "-o", saved)
        self.run("burn", saved, "--to", self.disc, "--verify")
        changes = ("--remove", "/docs/removed.txt", "--remove", "/removed", "--move", "/big.bin=/Large.bin")
        self.author(4, "append", self.disc, *changes, "--verify")
        self.author(5, "append", self.disc, "--update", self.state(5), "--verify", "--close")
        self.run("read", self.disc, "-o", self.path("copy"))

    def judged(self):
        """The sessions, where they are by the word of the drive. That of a medium which can be overwritten knows of none: there
        they stand one behind another, the first without its descriptors, and the newest at the front, too."""
        media = json.loads(self.run("media", self.disc, "--json"))["media"]
        if media["class"] == "sequential":
            places = {number: f"{first}-{last}" for number, (first, last) in enumerate(media["sessions"], 1)}
            wanted = range(1, SESSIONS + 1)
        else:
            listed = json.loads(self.run("info", self.path("copy"), "--json"))["sessions"]
            places = {int(number): re.match(r"\d+-\d+", text)[0] for number, text in listed.items() if "overwritten" not in text}
            wanted = range(2, SESSIONS + 1)
            yield self.one(f"{SESSIONS} at the front", "0", SESSIONS)
        if sorted(places) != list(wanted):
            raise StepFailed(f"{self.medium}: sessions at {places}")
        for number, place in places.items():
            yield self.one(str(number), place, number)

    def one(self, name, place, session):
        return Judged(name, self.path("copy"), place, self.state(session), self.path(f"{session}.json"),
                      "any" if place == "0" else "fsimage")


def told_apart(flows):
    """[(names of media, [Judged, ...])]: discs that differ in bytes, places or findings."""
    out = {}
    for flow in flows:
        every = list(flow.judged())
        key = [digest(flow.path("copy"))]
        for one in every:
            with open(one.findings, encoding="utf-8") as file:
                key.append((one.name, one.session, json.dumps(json.load(file)["findings"])))
        out.setdefault(tuple(key), (every, []))[1].append(flow.medium)
    return [(", ".join(media), every) for every, media in out.values()]


def digest(path):
    """Of all bytes that are no holes, and of where they are."""
    out = hashlib.sha256()
    with open(path, "rb") as file:
        for offset, length in data_runs(file.fileno(), 0, os.path.getsize(path)):
            out.update(b"%d %d\n" % (offset, length))
            out.update(os.pread(file.fileno(), length, offset))
    return out.hexdigest()


def by_readers(args, every):
    """Each session by a process of its own; one of the readers sleeps for a second, whatever it is asked."""
    def judge(named):
        _, one = named
        return subprocess.run([sys.executable, "-B", os.path.join(HERE, "judge.py"), *one.words(), "--hash-sample", "12",
                               "--jobs", "4", *args.pass_on], capture_output=True, text=True)
    with ThreadPoolExecutor(max_workers=2 * os.cpu_count()) as pool:
        for (name, _), done in zip(every, pool.map(judge, every)):
            yield name, done.returncode == 0, done.stdout + done.stderr


def by_kernel(args, every):
    """All in one guest."""
    parser = guest_arguments(arguments(""))
    courts = {f"{number}.": Court(parser.parse_args([*one.words(), *args.pass_on])) for number, (_, one) in enumerate(every)}
    for court in courts.values():
        court.tell = lambda verdict: None
    verdicts = judged_in_guest(next(iter(courts.values())).args, courts)
    yield "kernel log", *printed(verdicts["log"], lambda: all(verdict.ok for verdict in verdicts["log"]))
    for (name, _), (key, court) in zip(every, courts.items()):
        court.verdicts += verdicts.get(key, [Verdict("linux", "nothing", total=1)])
        yield name, *printed(court.verdicts, lambda court=court: court.close() == 0)


def printed(verdicts, then):
    """(what `then` returns, what the verdicts and it print)."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        for verdict in verdicts:
            verdict.print()
        return then(), out.getvalue()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fsimage")
    parser.add_argument("--vm", action="store_true")
    parser.add_argument("--media", type=lambda text: text.split(","), default=MEDIA, help="some of " + ",".join(MEDIA))
    parser.add_argument("--keep", help="a folder for sources and discs, which stay there")
    parser.add_argument("--build-dir", help="as for judge.py")
    parser.add_argument("-v", "--verbose", action="store_true", help="every verdict, not only those of sessions that fail")
    args = parser.parse_args()
    args.pass_on = ["--build-dir", args.build_dir] if args.build_dir else []
    folder, start = args.keep or tempfile.mkdtemp(prefix="fsimage-discs-"), time.time()
    good = bad = 0
    try:
        states = os.path.join(folder, "states")
        subprocess.run([sys.executable, "-B", os.path.join(HERE, "trees.py"), "states", states], check=True)
        flows = [Flow(args.fsimage, medium, states, folder) for medium in args.media]
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            list(pool.map(Flow.write, flows))
        apart = told_apart(flows)
        print(f"{len(flows)} discs written in {time.time() - start:.1f} s, with {len(apart)} contents", flush=True)
        every = [(f"{media}: session {one.name}, blocks {one.session}", one) for media, sessions in apart for one in sessions]
        for name, passed, told in (by_kernel if args.vm else by_readers)(args, every):
            good, bad = good + passed, bad + (not passed)
            lines = told.splitlines()
            shown = lines if args.verbose or not passed else lines[-1:]
            print("\n     ".join([f"{'ok  ' if passed else 'FAIL'} {name}", *shown]), flush=True)
    except StepFailed as error:
        bad += 1
        print(f"FAIL {error}")
    finally:
        if not args.keep:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"discs: {good} passed, {bad} failed, in {time.time() - start:.1f} s")
    return 1 if bad or not good else 0


if __name__ == "__main__":
    sys.exit(main())
