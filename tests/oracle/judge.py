#!/usr/bin/env python3
"""Has every foreign reader read an image, and compares what they show with the folders that it was made from.

    judge.py IMAGE [TARGET=]SOURCE... [--views rr,joliet,iso,enhanced,udf] [--findings FINDINGS.json] [--layout fsimage] [--json]

Exit code 0: all agree. 1: a difference, or a reader that is missing or failed. 2: wrong usage. README.md says what each judge
proves; `judge.py --limits` prints what each reader is known not to be able to show.
"""

import argparse
import json
import os
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import facts
import iso_map
import layout_fsimage
import readers_iso
import readers_udf
import views
from compare import Comparison
from expect import Expectation, load_findings
from iso_rules import IsoVolume
from limits import limits_for, print_limits
from medium import Medium, parse_session
from report import Verdict
from source import GIANT, parse_arguments
from space import Image
from tools import HERE, Missing, ReaderFailed
from udf_walk import UdfVolume

# Each with the form of a session that it takes: see medium.py.
ISO_READERS = {"xorriso": (readers_iso.xorriso, "whole"), "bsdtar": (readers_iso.bsdtar, "front"),
               "isoinfo": (readers_iso.isoinfo, "whole"), "libcdio": (readers_iso.libcdio, "front"), "7z": (readers_iso.seven_zip, "front")}
STREAMING = {"bsdtar", "7z", "libudfread"}             # they hand out every content, not a sample
ALL_VIEWS = ("rr", "joliet", "iso", "enhanced", "udf")


@dataclass
class Job:
    """What a reader needs to know besides the image."""
    build_dir: str
    giants: dict                                      # path in the view -> Entry
    chosen: set                                       # paths whose content slow readers are asked for
    widest: int                                       # entries of the widest folder
    limits: Counter                                   # of the verdict, for what a reader notices while it reads
    session: int = 0                                  # where the judged session begins
    windows: dict = field(default_factory=dict)

    def sampled(self, seen, longest=GIANT):
        return [item for item in seen if item.kind == "f" and item.size is not None and item.size <= longest and item.path in self.chosen]


class Court:
    def __init__(self, args):
        self.args, self.start = args, time.time()
        args.pairs = [split_argument(argument) for argument in args.source]
        self.source = parse_arguments(args.source)
        self.findings = load_findings(args.findings) if args.findings else None
        self.medium = Medium(args.image, *parse_session(args.session))
        self.image = Image(args.image, self.medium.last + 1 if args.session != "0" else None)
        self.verdicts = []
        self.facts = Counter()
        self.sample = self.source.sample(args.hash_sample)
        self.giants = any(entry.size > GIANT for entry in self.source.entries.values())

    def sit(self):
        self.structure()
        self.expectations = self.expect()
        for view in list(self.expectations):
            self.own_view(view)
        tasks = [task for view in self.expectations for task in self.tasks(view)]
        with ThreadPoolExecutor(max_workers=self.args.jobs) as pool:
            for verdict in pool.map(lambda task: task(), tasks):
                self.verdicts.append(verdict)
                self.tell(verdict)

    def close(self):
        """The last words, and the exit code."""
        self.medium.close()
        bad = sum(not verdict.ok for verdict in self.verdicts)
        if self.args.json:
            print(json.dumps({"image": self.args.image, "ok": not bad, "verdicts": [verdict.as_json() for verdict in self.verdicts]}, indent=1))
        else:
            print(f"{len(self.verdicts) - bad} judges agree, {bad} do not, in {time.time() - self.start:.1f} s: {self.args.image}")
        return 1 if bad else 0

    def tell(self, verdict):
        if not self.args.json:
            verdict.print(self.args.show)

    # --- the structure

    def structure(self):
        args, first, start = self.args, self.medium.first, time.time()
        iso, udf, whole = (Verdict("structure", name) for name in ("iso", "udf", "space"))
        self.iso = IsoVolume(self.image, iso.differs_by_rule, args.level, args.names == "strict", args.joliet_units, first)
        self.has_udf = any(self.image.block(first + block)[1:4] == b"NSR" for block in range(16, 64))
        self.udf = UdfVolume(self.image, udf.differs_by_rule, first) if self.has_udf else None
        if self.iso.primary is None and not self.has_udf:
            whole.differs("image", "present", "neither ISO 9660 nor UDF")
        iso.entries = sum(len(tree.folders) for tree in self.iso.trees())
        udf.entries = len(self.udf.icbs) if self.udf else 0
        whole.entries = len(self.image.claims)
        for first, second, offset in self.image.overlaps():
            whole.differs(f"byte {offset}", "overlap", f"{second} lies in {first}")
        if args.xattrs and self.udf and self.udf.root:
            self.streams(udf)
        judged = [verdict for verdict, there in ((iso, self.iso.primary), (udf, self.has_udf), (whole, True)) if there]
        if args.layout == "fsimage":
            layout = Verdict("layout", "fsimage")
            layout_fsimage.check(self.image, self.iso, self.udf, layout.differs_by_rule, first)
            judged.append(layout)
        for verdict in judged:
            verdict.seconds = time.time() - start
            self.verdicts.append(verdict)
            self.tell(verdict)

    def streams(self, verdict):
        """The extended attributes of users that the source has are the named streams of UDF, and there are no others."""
        for node in [self.udf.root, *self.udf.nodes()]:
            entry = self.source.entries.get(node.path)
            if entry is None or entry.kind not in "df":
                continue
            wanted = {name[5:]: os.getxattr(entry.host, name) for name in os.listxattr(entry.host) if name.startswith("user.")}
            found = {name: icb.inline if icb.inline is not None else b"".join(self.image.read(at, length) for at, length in icb.runs)
                     for name, icb in node.icb.streams.items()}
            for name in sorted(set(wanted) | set(found)):
                if wanted.get(name) != found.get(name):
                    verdict.differs(node.path, "stream", f"{name!r}: {found.get(name)!r:.40}, the source has {wanted.get(name)!r:.40}")
            self.facts["streams"] += len(found)
        if not self.facts["streams"]:
            verdict.differs("image", "stream", "no named streams at all: the source should have some")

    # --- the views

    def present(self):
        primary = self.iso.primary
        there = {"rr": primary is not None and primary.rock_ridge, "joliet": self.iso.joliet is not None, "iso": primary is not None,
                 "enhanced": self.iso.enhanced is not None, "udf": self.has_udf and self.udf.root is not None}
        return there

    def expect(self):
        there = self.present()
        wanted = self.args.views.split(",") if self.args.views else [view for view in ALL_VIEWS if there[view]]
        out = {}
        for view in ALL_VIEWS:
            if view not in wanted:
                continue
            if not there[view]:
                verdict = Verdict("structure", view)
                verdict.differs("image", "present", "the image has no such view")
                self.verdicts.append(verdict)
                self.tell(verdict)
                continue
            out[view] = self.iso_expectation() if view == "iso" else Expectation(view, self.source, self.findings)
        return out

    def iso_expectation(self):
        tree = self.iso.primary
        if tree.rock_ridge:
            return iso_map.by_rock_ridge(tree, Expectation("rr", self.source, self.findings), self.source, self.findings)
        if self.findings is not None:
            return Expectation("iso", self.source, self.findings)
        return iso_map.by_content(tree, self.image, self.source)

    def own_view(self, view):
        """Our own reader of the view: the only one that compares every byte of every file, giants too."""
        verdict, start = Verdict("own reader", view), time.time()
        expectation = self.expectations[view]
        for path, what, text in expectation.problems:
            verdict.differs(path, what, text)
        if view == "rr":
            seen = [item for item, _ in views.rock_ridge(self.iso.primary)]
        elif view == "iso":
            seen = [item for item, _ in views.iso(self.iso.primary)]
        elif view == "enhanced":
            seen = list(views.enhanced(self.iso.enhanced))
        else:
            seen = list(views.joliet(self.iso.joliet) if view == "joliet" else views.udf(self.udf))
        ignore = self.ignored(view)
        self.facts.update(facts.find(view, expectation, seen))
        Comparison(verdict, expectation, limits_for("own reader", view), self.source, self.image, ignore).run(seen, all_hashed=True)
        verdict.seconds = time.time() - start
        self.verdicts.append(verdict)
        self.tell(verdict)

    def ignored(self, view):
        ignore = set(self.args.ignore.split(",")) if self.args.ignore else set()
        if "owner" in ignore:
            ignore |= {"uid", "gid"}
        if view == "udf" and not self.args.udf_modes:
            ignore |= {"mode", "uid", "gid"}
        return ignore

    def tasks(self, view):
        """The foreign readers of a view, each as a function that returns a verdict."""
        def task(judge, read):
            return lambda: self.ask(judge, view, read)

        if view == "udf":
            readers = {"7z": lambda job: readers_iso.seven_zip(self.medium.front, view, job, "udf"),
                       "libudfread": lambda job: readers_udf.libudfread(self.medium.front, job), "udfdump": lambda job: self.udfdump()}
            yield self.udfinfo
        elif view == "enhanced":
            image = self.medium.enhanced()
            readers = {judge: lambda job, read=read: read(image, "iso", replace(job, session=0)) for judge, (read, _) in ISO_READERS.items()}
        else:
            readers = {judge: lambda job, read=read, form=form: read(getattr(self.medium, form), view, job)
                       for judge, (read, form) in ISO_READERS.items()}
        for judge, read in readers.items():
            unable = self.unable(judge, view)
            if unable:
                self.note_unable(judge, view, unable)
            else:
                yield task(judge, read)
        if view == "rr":
            yield self.xorriso_compare

    def unable(self, judge, view):
        for limit in limits_for(judge, view):
            if limit.field == "view" and limit.applies(self):
                return limit
        return None

    def note_unable(self, judge, view, limit):
        verdict = Verdict(judge, view)
        verdict.limits[limit.id] = len(self.expectations[view].wants)
        self.verdicts.append(verdict)
        self.tell(verdict)

    def ask(self, judge, view, read):
        verdict, start = Verdict(judge, view), time.time()
        expectation = self.expectations[view]
        comparison = Comparison(verdict, expectation, limits_for(judge, view), self.source, self.image, self.ignored(view))
        giants = {path: want.entry for path, wants in comparison.shown.items() for want in wants if want.kind == "f" and want.entry.size > GIANT}
        chosen = {path for path, wants in comparison.shown.items() for want in wants if want.entry.path in self.sample}
        job = Job(self.args.build_dir, giants, chosen, self.source.widest, verdict.limits, self.medium.first)
        try:
            comparison.run(list(read(job)), judge in STREAMING, job.windows)
        except (Missing, ReaderFailed) as error:
            verdict.differs("reader", "failed", str(error))
        verdict.seconds = time.time() - start
        return verdict

    # --- readers with something of their own to say

    def udfdump(self):
        seen, _ = readers_udf.udfdump(self.medium.cut)
        return seen

    def udfinfo(self):
        verdict, start = Verdict("udfinfo", "udf"), time.time()
        try:
            facts, complaints = readers_udf.udfinfo(self.medium.whole, self.session_words())
            self.weigh_udfinfo(verdict, facts, complaints)
        except (Missing, ReaderFailed) as error:
            verdict.differs("reader", "failed", str(error))
        verdict.seconds = time.time() - start
        return verdict

    def session_words(self):
        return [f"--startblock={self.medium.first}", f"--lastblock={self.medium.last}"] if self.args.session != "0" else []

    def weigh_udfinfo(self, verdict, facts, complaints):
        for line in complaints:
            limit = next((limit for limit in limits_for("udfinfo", "udf") if limit.applies((line, self))), None)
            if limit:
                verdict.limits[limit.id] += 1
            else:
                verdict.differs("volume", "complaint", line)
        blocks = os.path.getsize(self.medium.whole) // 2048
        wanted = {"blocks": blocks, "blocksize": 2048, "usedblocks": self.udf.length, "freeblocks": 0, "behindblocks": blocks - self.image.blocks,
                  "numfiles": self.udf.files, "numdirs": self.udf.directories, "integrity": "closed", "accesstype": "readonly",
                  "lvid": self.udf.logical_volume_id, "vid": self.udf.volume_id}
        for name, value in wanted.items():
            if facts.get(name) != str(value):
                verdict.differs("volume", name, f"{facts.get(name)!r}, our reader says {value!r}")
        spaces = {space["type"]: (int(space["start"]), int(space["blocks"])) for space in facts["spaces"]}
        if spaces.get("PSPACE") != (self.udf.start, self.udf.length):
            verdict.differs("volume", "partition", f"{spaces.get('PSPACE')}, our reader says {(self.udf.start, self.udf.length)}")
        for name, extent in (("MVDS", self.udf.main), ("RVDS", self.udf.reserve)):
            if spaces.get(name, (0, 0))[0] != extent[1]:
                verdict.differs("volume", name, f"{spaces.get(name)}, our reader says it starts at {extent[1]}")
        anchors = [int(space["start"]) for space in facts["spaces"] if space["type"] == "ANCHOR"]
        if len(anchors) < 2:
            verdict.differs("volume", "anchors", f"at {anchors}")
        verdict.entries = int(facts.get("numfiles", 0)) + int(facts.get("numdirs", 0))

    def xorriso_compare(self):
        """xorriso's own opinion of the Rock Ridge tree, times and owners and content included."""
        verdict, start = Verdict("xorriso cmp", "rr"), time.time()
        limits = limits_for("xorriso cmp", "rr")
        try:
            reason = "xorriso wide folders" if self.source.widest > readers_iso.XORRISO_WIDE else "xorriso giants" if self.giants else None
            pairs = [(path, target) for target, path in self.args.pairs if os.path.isdir(path)]
            if reason:
                pairs = [(os.fsdecode(want.entry.host), os.fsdecode(want.path)) for want in self.expectations["rr"].wants.values()
                         if want.entry.path in self.sample and b"\n" not in want.path]
                verdict.limits[reason] = len(self.expectations["rr"].wants) - len(pairs)
            verdict.entries = verdict.hashed = len(self.expectations["rr"].wants) - verdict.limits[reason]
            said = readers_iso.xorriso_compare(self.medium.whole, pairs, self.medium.first)
            self.weigh_comparison(verdict, said, limits)
        except (Missing, ReaderFailed) as error:
            verdict.differs("reader", "failed", str(error))
        verdict.seconds = time.time() - start
        return verdict

    def weigh_comparison(self, verdict, said, limits):
        by_host = {os.path.realpath(os.path.dirname(e.host)) + b"/" + os.path.basename(e.host): e for e in self.source.entries.values() if e.path}
        by_entry = {want.entry.path: want for want in self.expectations["rr"].wants.values()}
        ignore = self.ignored("rr")
        for path, what, text in said:
            entry = by_host.get(path)
            want = by_entry.get(entry.path) if entry else None
            if {"st_mode": "mode", "st_uid": "uid", "st_gid": "gid", "st_mtime": "mtime"}.get(what) in ignore:
                continue
            if what == "st_mtime" and want and want.mtime != entry.mtime and text.endswith(f"diff= {entry.mtime - want.mtime} s"):
                continue                              # clamped, and a finding says so
            limit = next((limit for limit in limits if limit.applies((what, text, entry, want))), None)
            if limit:
                verdict.limits[limit.id] += 1
            else:
                verdict.differs(entry.path if entry else path or "comparison", what, text)


def split_argument(argument):
    if not os.path.lexists(argument) and "=" in argument:
        return tuple(argument.split("=", 1))
    return "", argument


def arguments(description):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("image")
    parser.add_argument("source", nargs="+", help="as given to fsimage create: [TARGET=]SOURCE")
    parser.add_argument("--session", default="0", help="FIRST or FIRST-LAST: a session of a disc, in blocks; readers are told where it is")
    parser.add_argument("--views", help="of rr,joliet,iso,enhanced,udf; default: those that the image has")
    parser.add_argument("--findings", help="what `fsimage create --json` printed; without it, nothing may be renamed or dropped")
    parser.add_argument("--layout", choices=["any", "fsimage"], default="any", help="also the layout that fsimage promises")
    parser.add_argument("--level", type=int, choices=[1, 2, 3], default=3, help="interchange level of the plain identifiers")
    parser.add_argument("--names", choices=["strict", "relaxed"], default="strict", help="plain identifiers of d-characters only, or not")
    parser.add_argument("--joliet-units", type=int, default=64, help="longest Joliet name")
    parser.add_argument("--udf-modes", action="store_true", help="compare modes and owners in UDF too")
    parser.add_argument("--xattrs", action="store_true", help="extended attributes of users are named streams of UDF")
    parser.add_argument("--ignore", default="", help="of mode,owner,mtime,nlink")
    parser.add_argument("--hash-sample", type=int, default=48, help="contents asked of readers that start anew for each file")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--show", type=int, default=20, help="differences printed of each judge")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--limits", action="store_true", help="print the known limits of the readers, and stop")
    parser.add_argument("--build-dir", default=os.path.join(HERE, "..", "..", "build", "oracle"), help="for the lister, and the guest's kernel")
    return parser


def main():
    if sys.argv[1:] == ["--limits"]:
        print_limits()
        return 0
    court = Court(arguments(__doc__).parse_args())
    court.sit()
    return court.close()


if __name__ == "__main__":
    sys.exit(main())
