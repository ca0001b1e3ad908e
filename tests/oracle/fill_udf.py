#!/usr/bin/env python3
"""Has the Linux kernel fill UDF volumes that mkudffs made, in a virtual machine, and fsimage read them.

    fill_udf.py FSIMAGE [--only VOLUME] [--keep DIR] [--build-dir DIR] [--accel kvm] [--timeout SECONDS]

fill_udf.sh says what each volume is filled with; the same script makes a folder on this machine. What the kernel shows of the
volumes when it mounts them again is compared with that folder, and what `fsimage extract` restores from them with both: names,
types, contents, modes, owners, devices, link targets and counts with the folder, times to the microsecond with what the kernel
shows. `fsimage verify` has to call the volumes sound. Without root there are no devices and owners in what is compared.
"""

import argparse
import calendar
import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tarfile
import tempfile
import time
from dataclasses import dataclass

import vm_assets
from report import Verdict
from source import KINDS, hash_stream
from tools import ENVIRONMENT, HERE, Missing, ReaderFailed, require, tail
from trees import noise
from vm import boot, content, disk, quoted, read_hashes, weigh_log

VOLUME_BYTES = 48 << 20
ROOT = os.geteuid() == 0
MARK = 1_700_000_000                # times that the archive has are before this one, those of this run after it


@dataclass(frozen=True)
class Volume:
    name: str
    media: str
    revision: str
    block: int
    make: tuple = ()                # further options of mkudffs
    mount: tuple = ()               # and of the mount


VOLUMES = (
    Volume("hd-1.02-512", "hd", "1.02", 512),
    Volume("hd-1.50-2048", "hd", "1.50", 2048, mount=("noadinicb", "shortad")),
    Volume("hd-2.00-4096", "hd", "2.00", 4096),
    Volume("hd-2.01-512", "hd", "2.01", 512, mount=("shortad",)),
    Volume("hd-2.01-1024", "hd", "2.01", 1024, ("--noefe",), ("noadinicb",)),
    Volume("dvdram-1.02-2048", "dvdram", "1.02", 2048, mount=("shortad",)),
    Volume("dvdram-2.01-2048", "dvdram", "2.01", 2048, ("--space=unalloctable",)),
    Volume("dvdrw-1.50-2048", "dvdrw", "1.50", 2048),
    Volume("dvdrw-2.01-2048", "dvdrw", "2.01", 2048, mount=("shortad",)),
    Volume("cdrw-2.01-2048", "cdrw", "2.01", 2048),
)

# Where the kernel breaks a rule, with what `fsimage verify` says of it. Anything else that it says is a difference.
KNOWN = (
    # A file that grows inside its last block, opened anew: only its information length is written.
    ("ECMA-167 4/14.9.10", r"the extents end \d+ bytes before the information length, inside their last block"),
    # An entry that takes the place of a deleted one with a name of another length keeps the end of that name as padding.
    ("ECMA-167 4/14.4.9", r"(file identifier descriptor: )?padding that is not zero"),
)
# A file that mkudffs makes, for the blocks that a partition of packets cannot give away; hidden.
NOT_FILLED = b"Non-Allocatable Space"


class Archive:
    """What the volumes are filled with first, as a tar file. Times of folders come last, as tar sets them."""

    def __init__(self):
        self.out = io.BytesIO()
        self.tar = tarfile.open(fileobj=self.out, mode="w", format=tarfile.GNU_FORMAT, encoding="utf-8")
        self.made = 0

    def add(self, name, kind=tarfile.REGTYPE, data=b"", mode=0o644, mtime=None, owner=(0, 0), target=""):
        item = tarfile.TarInfo(name)
        self.made += 1
        item.type, item.size, item.mode, item.linkname = kind, len(data), mode, target
        item.mtime = 1_300_000_000 + self.made * 86_400 if mtime is None else mtime
        item.uid, item.gid = owner
        self.tar.addfile(item, io.BytesIO(data))

    def folder(self, name, mode=0o755):
        self.add(name, tarfile.DIRTYPE, mode=mode)

    def bytes(self):
        self.tar.close()
        return self.out.getvalue()


def names(archive):
    archive.folder("names")
    for number, name in enumerate((
            "plain.txt", "MixedCase.TxT", "mixedcase.txt", ".hidden", "...", "trailing.", "trailing ", " leading", "a  b", "semi;1",
            "star*?", "back\\slash", "quote\"'", "less<more>", "pipe|colon:", "tab\ttab", "new\nline", "hash#1234", "CON", "%41$x`",
            "caf\u00e9", "\u00ff\u00fe", "e\u0301t\u00e9", "\u4e2d\u6587\u6587\u4ef6.txt", "\u0639\u0631\u0628\u064a\u0629",
            "\u05e2\u05d1\u05e8\u05d9\u05ea", "\u0440\u0443\u0441\u0441\u043a\u0438\u0439", "\u65e5\u672c\u8a9e\u30c6\u30b9\u30c8",
            "\ud55c\uad6d\uc5b4", "\u1112\u1161\u11ab", "\u0e44\u0e17\u0e22", "\u200fmark", "\ufb01n", "\uff5e", "\U0001F4BF.iso",
            "\U0001F468\u200D\U0001F469 family", "\U00020000 astral", "n" * 254, "\u00e9" * 127, "\u6587" * 84 + "ab",
            "\U0001F4BF" * 63, "moved")):
        archive.add("names/" + name, data=f"entry {number}\n".encode())
    archive.folder("names/\u30d5\u30a9\u30eb\u30c0\u30fc")
    archive.add("names/\u30d5\u30a9\u30eb\u30c0\u30fc/\u4e2d", data=b"inside\n")


def sizes(archive):
    archive.folder("sizes")
    blocks = (512, 1024, 2048, 4096)
    for size in sorted({0, 1, 5000, 100_001} | {b + d for b in blocks for d in (-1, 0, 1)}
                       # What fits behind a file entry, or an extended one.
                       | {b - entry + d for b in blocks for entry in (176, 216) for d in (0, 1)}):
        archive.add(f"sizes/{size}", data=noise(f"size {size}", size))
    archive.add("sizes/mib", data=noise("mib", (3 << 20) + 17))
    for name in ("cut", "cut-and-grown", "emptied"):
        archive.add("sizes/" + name, data=noise(name, 200_000))
    archive.add("sizes/zeros", data=bytes(40_000))


def links(archive):
    archive.folder("links")
    archive.add("links/first", data=noise("hard", 9000))
    archive.add("links/original", data=noise("original", 90))
    archive.folder("links/elsewhere")
    for name, target in (("second", "first"), ("elsewhere/third", "first"), ("twin", "original")):
        archive.add("links/" + name, tarfile.LNKTYPE, target="links/" + target)
    for name, target in {
        "relative": "original", "up": "../sizes/512", "dots": "./elsewhere/.././original", "absolute": "/usr/share/doc", "root": "/",
        "here": ".", "parent": "..", "parents": "../../..", "dangling": "no/such/thing", "spaces": " a b / c ", "replaced": "gone",
        "component": "y" * 250, "wide": "\U0001F4BF/\u6587\u4EF6/\u00e9",
    }.items():
        archive.add("links/" + name, tarfile.SYMTYPE, target=target, mode=0o777)


def modes(archive):
    archive.folder("modes")
    for mode in (0o000, 0o400, 0o444, 0o600, 0o640, 0o755, 0o777, 0o4755, 0o2755, 0o6711):
        archive.add(f"modes/{mode:04o}", data=b"mode", mode=mode)
    archive.add("modes/changed")
    archive.folder("modes/sticky", 0o1777)
    archive.folder("modes/setgid", 0o2775)
    for owner in ((1000, 100), (65_534, 65_534), (1_000_000, 70_000)):
        archive.add(f"modes/of-{owner[0]}", owner=owner)
    archive.folder("times")
    for when in (0, 1, 946_684_799, 1_000_000_000, 1_582_934_400):
        archive.add(f"times/{when}", mtime=when)


def room_for(wanted, block):
    """What of the folder a volume with blocks of this size can hold: the kernel puts the target of a link into one block."""
    out = dict(wanted)
    for path in (b"links/long",) * (block < 1024) + (b"links/longer",) * (block < 2048):
        del out[path]
    return out


def archive():
    out = Archive()
    names(out)
    sizes(out)
    links(out)
    modes(out)
    out.folder("many")
    for number in range(300):
        out.add(f"many/entry-{number:03}", data=b"%d\n" % number)
    path = "deep"
    out.folder(path)
    for level in range(2, 41):
        path += f"/level-{level}"
        out.folder(path)
    out.add(path + "/bottom", data=b"the bottom\n")
    for name in ("folder-to-move", "folder-to-move/inside", "empty-folder"):
        out.folder(name)
    out.add("folder-to-move/inside/file", data=b"moved with its folder\n")
    return out.bytes()


@dataclass
class Facts:
    """What lstat says of one entry, and what is in it. Times in microseconds, which is what UDF holds."""
    kind: str
    mode: int
    size: int
    links: int
    owner: tuple
    device: tuple
    mtime: int
    target: bytes = b""
    digest: str = ""


def facts_on_disk(root):
    out, root = {}, os.fsencode(root)
    for folder, folders, files in os.walk(root):
        for name in [b"", *files, *(n for n in folders if os.path.islink(os.path.join(folder, n)))]:
            path = os.path.join(folder, name) if name else folder
            info = os.lstat(path)
            kind = KINDS[stat.S_IFMT(info.st_mode)]
            entry = Facts(kind, stat.S_IMODE(info.st_mode), info.st_size, info.st_nlink, (info.st_uid, info.st_gid),
                          (os.major(info.st_rdev), os.minor(info.st_rdev)), info.st_mtime_ns // 1000)
            if kind == "l":
                entry.target = os.readlink(path)
            elif kind == "f":
                with open(path, "rb") as file:
                    entry.digest = hash_stream(file.read, info.st_size)
            out[os.path.relpath(path, root)] = entry
    return out


def facts_in_guest(name, sections):
    def lines(part, end):
        return sections[f"{part}.{name}"].split(end)[:-1]
    targets = iter(lines("links", b"\0"))
    digests = read_hashes(sections[f"hashes.{name}"], lines("files", b"\0"))
    paths, numbers = lines("names", b"\0"), lines("numbers", b"\n")
    if len(paths) != len(numbers):
        raise ReaderFailed(f"{name}: {len(paths)} names, but {len(numbers)} could be examined")
    out = {}
    for path, line in zip(paths, numbers):
        mode, size, count, uid, gid, major, minor, when = line.decode().split(" ", 7)
        kind = KINDS[stat.S_IFMT(int(mode, 16))]
        entry = Facts(kind, stat.S_IMODE(int(mode, 16)), int(size), int(count), (int(uid), int(gid)), (int(major, 16), int(minor, 16)),
                      microseconds(when))
        if kind == "l":
            entry.target = next(targets, b"")
        entry.digest = digests.get(path, "")
        out[path.removeprefix(b"./")] = entry
    return out


def microseconds(text):
    """Of "2020-09-13 12:26:40.123456789 +0000"."""
    whole, _, fraction = text.partition(".")
    return calendar.timegm(time.strptime(whole, "%Y-%m-%d %H:%M:%S")) * 10**6 + int(fraction[:6])


def compare(verdict, wanted, seen, whole_seconds):
    """`whole_seconds`: of times only those that the archive has, without fractions."""
    for path in sorted(wanted.keys() | seen.keys()):
        if path not in seen or path not in wanted:
            verdict.differs(path, "present", "is missing" if path not in seen else "was not made by anybody")
            continue
        a, b = wanted[path], seen[path]
        verdict.entries += 1
        verdict.hashed += a.kind == "f"
        fields = ["kind", "mode"] if a.kind != "l" else ["kind"]
        fields += {"f": ["size", "digest"], "l": ["target"], "c": ["device"], "b": ["device"]}.get(a.kind, [])
        fields += ["links"] if a.kind != "d" else []          # the kernel counts folders in folders as UDF does, the host as it likes
        fields += ["owner"] if ROOT else []
        if not whole_seconds or a.mtime < MARK * 10**6:
            fields.append("mtime")
        for name in fields:
            if getattr(a, name) != getattr(b, name):
                verdict.differs(path, name, f"{getattr(b, name)!r}, should be {getattr(a, name)!r}")


class Trial:
    def __init__(self, args, folder):
        self.args, self.folder = args, folder
        self.volumes = [v for v in VOLUMES if args.only in (None, v.name)]
        self.archive = archive()

    def path(self, name):
        return os.path.join(self.folder, name)

    def image(self, volume):
        return self.path(volume.name + ".img")

    def make_folder(self):
        """Runs the guest's script here, with the guest's programs."""
        programs, filled = self.path("programs"), self.path("filled")
        os.makedirs(programs)
        os.makedirs(filled)
        busybox = os.path.abspath(vm_assets.busybox(vm_assets.folder(self.args.build_dir)))
        subprocess.run([busybox, "--install", "-s", programs], check=True)
        with open(self.path("fill.tar"), "wb") as out:
            out.write(self.archive)
        script = [os.path.join(HERE, "fill_udf.sh"), filled, os.path.abspath(self.path("fill.tar")), "yes" if ROOT else "no"]
        done = subprocess.run([busybox, "sh", *script], env={"PATH": programs, "TZ": "UTC"}, umask=0o022, capture_output=True)
        if done.returncode:
            raise ReaderFailed(f"the folder could not be filled: {tail(done.stderr)}")
        return facts_on_disk(filled)

    def make_volumes(self):
        require("mkudffs")
        for number, volume in enumerate(self.volumes):
            done = subprocess.run(["mkudffs", "--utf8", "--new-file", f"--label={volume.name}", f"--uuid={number:016x}",
                                   f"--media-type={volume.media}", f"--udfrev={volume.revision}", f"--blocksize={volume.block}",
                                   *volume.make, self.image(volume), str(VOLUME_BYTES // volume.block)],
                                  env=ENVIRONMENT, capture_output=True)
            if done.returncode:
                raise ReaderFailed(f"mkudffs of {volume.name}: {tail(done.stderr)}")

    def run_guest(self):
        disks, lines = [], ""
        for number, volume in enumerate(self.volumes):
            disks += ["-blockdev", f"driver=file,filename={quoted(os.path.abspath(self.image(volume)))},node-name=disk{number}",
                      "-device", f"virtio-blk-pci,drive=disk{number},logical_block_size={volume.block},physical_block_size={volume.block}"]
            lines += f"{volume.name} /dev/{disk(number)} {''.join(',' + option for option in volume.mount)}\n"
        files = {"init": (0o755, content(os.path.join(HERE, "fill_udf_init.sh"))),
                 "fill": (0o755, content(os.path.join(HERE, "fill_udf.sh"))), "fill.tar": (0o644, self.archive),
                 "volumes": (0o644, lines.encode()), "last": (0o644, disk(len(self.volumes)).encode())}
        return boot(self.args, files, disks)

    def weigh_kernel(self, volume, wanted, sections):
        """What the kernel shows, or None."""
        verdict = Verdict("linux", volume.name)
        said = sections.get(f"said.{volume.name}", b"").decode("utf-8", "replace").strip()
        if said:
            verdict.differs("guest", "said", " | ".join(said.splitlines()[:5])[:500])
        if f"names.{volume.name}" not in sections:
            verdict.differs("mount", "failed", "the volume was not filled")
            return verdict, None
        shown = facts_in_guest(volume.name, sections)
        compare(verdict, wanted, without_own(shown), whole_seconds=True)
        return verdict, shown

    def weigh_fsimage(self, volume, wanted, shown):
        verdict, target = Verdict("fsimage", volume.name), self.path("restored")
        start = time.time()
        report = self.fsimage(verdict, "extract", self.image(volume), "-C", target, "--view", "udf", "--json")
        if report:
            restored = facts_on_disk(target)
            compare(verdict, wanted, without_own(restored), whole_seconds=True)
            compare(verdict, shown, restored, whole_seconds=False)
            verdict.entries, verdict.hashed = len(restored), sum(entry.kind == "f" for entry in restored.values())
        shutil.rmtree(target, ignore_errors=True)
        self.fsimage(verdict, "verify", self.image(volume), "--content", "--json")
        verdict.seconds = time.time() - start
        return verdict

    def fsimage(self, verdict, command, *arguments):
        """Its report, or None when there is none. What it complains of has to be known."""
        done = subprocess.run([self.args.fsimage, command, *arguments], capture_output=True, text=True)
        if done.returncode:
            verdict.differs(command, "failed", f"exit code {done.returncode}: {tail(done.stderr)}")
        try:
            report = json.loads(done.stdout)
        except ValueError:
            return None
        for item in report.get("errors", []) + report["findings"]:
            rule = next((rule for rule in KNOWN if item.get("clause") == rule[0] and re.fullmatch(rule[1], item["text"])), None)
            if rule is None or item.get("kind", "deviation") != "deviation":
                verdict.differs(command, "said", json.dumps(item, ensure_ascii=False))
            elif command == "verify":
                verdict.limits[f"the kernel breaks {rule[0]}"] += 1
        return report

    def run(self):
        wanted = self.make_folder()
        self.make_volumes()
        start = time.time()
        sections = self.run_guest()
        log = Verdict("linux", "log", seconds=time.time() - start)
        weigh_log(sections, log)
        verdicts = [log]
        for volume in self.volumes:
            fitting = room_for(wanted, volume.block)
            verdict, shown = self.weigh_kernel(volume, fitting, sections)
            verdicts.append(verdict)
            if shown is not None:
                verdicts.append(self.weigh_fsimage(volume, fitting, shown))
        return verdicts


def without_own(entries):
    return {path: entry for path, entry in entries.items() if path != NOT_FILLED}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fsimage")
    parser.add_argument("--only", choices=[volume.name for volume in VOLUMES])
    parser.add_argument("--keep", help="a folder for the volumes, which stay there")
    parser.add_argument("--build-dir", default="build/oracle", help="for what the guest boots from")
    parser.add_argument("--accel", choices=["tcg", "kvm"], default="tcg", help="how the guest is run")
    parser.add_argument("--timeout", type=int, default=1800, help="seconds that the guest may take")
    args = parser.parse_args()
    folder = args.keep or tempfile.mkdtemp(prefix="fsimage-fill-")
    os.makedirs(folder, exist_ok=True)
    try:
        verdicts = Trial(args, folder).run()
    except (Missing, ReaderFailed) as error:
        verdicts = [Verdict("linux", "all")]
        verdicts[0].differs("guest", "failed", str(error))
    finally:
        if not args.keep:
            shutil.rmtree(folder, ignore_errors=True)
    for verdict in verdicts:
        verdict.print()
    bad = sum(not verdict.ok for verdict in verdicts)
    print(f"volumes that the kernel filled: {len(verdicts) - bad} passed, {bad} failed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
