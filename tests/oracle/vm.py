#!/usr/bin/env python3
"""Has the Linux kernel mount an image in a virtual machine, and compares what it shows with the source folders.

    vm.py IMAGE [TARGET=]SOURCE... [the options of judge.py] [--accel kvm] [--timeout SECONDS]

Mounted as iso9660 (Rock Ridge), with norock (Joliet), with norock,nojoliet (plain), and as udf. Exit codes as judge.py.
"""

import os
import re
import stat
import subprocess
import sys
import tempfile
import time

import vm_assets
from compare import Comparison
from judge import Court, arguments
from limits import limits_for
from report import Verdict
from source import KINDS, giant_windows
from tools import HERE, Missing, ReaderFailed, Seen
from views import plain_name

MOUNTS = {"rr": ("iso9660", "iocharset=utf8"), "joliet": ("iso9660", "norock,iocharset=utf8"),
          "iso": ("iso9660", "norock,nojoliet,iocharset=utf8"), "udf": ("udf", "iocharset=utf8")}
SESSION_OPTION = {"iso9660": "sbsector", "udf": "session"}       # session= of iso9660 counts tracks, and only drives have those
RESULT_BYTES = 4 << 30
HASH_LIMIT = {True: 1 << 30, False: 32 << 20}          # bytes of a file hashed whole, with and without hardware virtualisation
FEW = 600                                              # up to so many files, all are hashed

HARMLESS = re.compile(r"ISO 9660 Extensions: |UDF-fs: INFO Mounting volume |Microsoft Joliet Level |"
                      r"utf8 is not a recommended IO charset|module|loading out-of-tree|virtio_blk|virtio-pci")
TELLING = re.compile(r"isofs|ISO ?9660|ISOFS|rock|UDF|udf|I/O error|vd[a-z]|BUG|Oops|WARNING", re.I)


class Mount:
    """One view of what a court judges."""

    def __init__(self, owner, court, view):
        self.owner, self.name, self.court, self.view = owner, owner + view, court, view
        self.kind, self.options = MOUNTS[view]
        if court.medium.first:
            self.options += f",{SESSION_OPTION[self.kind]}={court.medium.first}"
        self.comparison = Comparison(Verdict("linux", view), court.expectations[view], limits_for("linux", view), court.source, court.image,
                                     court.ignored(view))
        self.windows = {}


class Guest:
    """One run of the guest for any number of courts, {name: Court}: each mounts its disc, from its session on, in all its views."""

    def __init__(self, args, courts):
        self.args, self.courts = args, courts
        self.kvm = args.accel == "kvm"
        self.mounts = [Mount(name, court, view) for name, court in courts.items() for view in court.expectations if view in MOUNTS]

    def run(self):
        """Boots, waits, and returns {section: bytes}."""
        discs = list(dict.fromkeys(os.path.abspath(court.medium.whole) for court in self.courts.values()))
        devices = {path: "/dev/" + disk(number) for number, path in enumerate(discs)}
        drives = [word for number, path in enumerate(discs) for word in (
            "-blockdev", f"driver=file,filename={quoted(path)},node-name=disc{number},read-only=on",
            "-device", f"virtio-blk-pci,drive=disc{number},logical_block_size=2048,physical_block_size=2048")]
        return boot(self.args, self.files(devices), drives)

    def files(self, devices):
        out = {"init": (0o755, content(os.path.join(HERE, "vm_init.sh"))), "last": (0o644, disk(len(devices)).encode())}
        lines = ""
        for mount in self.mounts:
            lines += f"{mount.name} {devices[os.path.abspath(mount.court.medium.whole)]} {mount.kind} {mount.options}\n"
            out[f"sample.{mount.name}"] = (0o644, sample_script(self.sample(mount)))
            out[f"windows.{mount.name}"] = (0o644, self.window_script(mount))
        out["mounts"] = (0o644, lines.encode())
        return out

    def sample(self, mount):
        limit = HASH_LIMIT[self.kvm]
        files = [(path, want) for path, wants in mount.comparison.shown.items() for want in wants if want.kind == "f" and want.entry.size <= limit]
        if len(files) > FEW:
            files = [(path, want) for path, want in files if want.entry.path in mount.court.sample]
        return list(dict.fromkeys(path for path, _ in files))

    def window_script(self, mount):
        """For files too big to hash whole: one line of hash for each, over the parts around data and extent edges."""
        script, chosen = b"", mount.windows
        for path, wants in mount.comparison.shown.items():
            for want in wants:
                if want.kind == "f" and want.entry.size > HASH_LIMIT[self.kvm]:
                    chosen[path] = sorted(giant_windows(want.entry))[:500]
                    parts = b"".join(b"dd if=%s bs=64k iflag=skip_bytes,count_bytes skip=%d count=%d 2>/dev/null; " % (shell_name(path), offset, length)
                                     for offset, length in chosen[path])
                    script += b"{ " + parts + b"} | sha256sum | cut -c 1-64\n"
        return script

    def weigh(self, mount, sections):
        name, verdict = mount.name, mount.comparison.verdict
        error = sections.get(f"error.{name}", b"").decode("utf-8", "replace").strip()
        if f"names.{name}" not in sections:
            verdict.differs("mount", "failed", error[:500])
            return verdict
        if error:
            verdict.notes.append("the guest said: " + " | ".join(error.splitlines()[:3])[:300])
        seen = self.seen(mount, sections)
        sample = self.sample(mount)
        digests = read_hashes(sections[f"hashes.{name}"], [b"./" + path for path in sample])
        for path in sample:
            if b"./" + path not in digests:
                verdict.differs(path, "content", "could not be hashed")
        digests = {path.removeprefix(b"./"): digest for path, digest in digests.items()}
        digests.update(zip(mount.windows, sections[f"windows.{name}"].decode().split()))
        for item in seen:
            item.digest = digests.get(item.path)
        return mount.comparison.run(seen, windows=mount.windows)

    @staticmethod
    def seen(mount, sections):
        view, key = mount.view, mount.name
        names = sections[f"names.{key}"].split(b"\0")[:-1]
        numbers = sections[f"numbers.{key}"].split(b"\n")[:-1]
        targets = sections[f"links.{key}"].split(b"\0")[:-1]
        if len(names) != len(numbers):
            raise ReaderFailed(f"{key}: {len(names)} names, but {len(numbers)} could be examined")
        out = []
        for name, line in zip(names, numbers):
            mode, size, mtime, links, uid, gid, major, minor = line.split()
            mode = int(mode, 16)
            kind = KINDS[stat.S_IFMT(mode)]
            item = Seen(name.removeprefix(b".").removeprefix(b"/"), kind, int(size) if kind == "f" else None, int(mtime))
            if kind == "l":
                item.target = targets.pop(0)
            elif kind in "bc":
                item.rdev = (int(major, 16), int(minor, 16))
            if view in ("rr", "udf"):
                item.mode, item.uid, item.gid, item.nlink = stat.S_IMODE(mode), int(uid), int(gid), int(links) if kind == "f" else None
            out.append(item)
        return out


def boot(args, files, disks):
    """Runs a guest whose initrd has the {name: (mode, bytes)} of `files`, vm_base.sh, its modules, and busybox, and which has
    the disks of these options of QEMU and a last one, where it writes what it has to say. Waits for it; returns
    {section: bytes}."""
    kernel, modules, busybox = vm_assets.assets(args.build_dir)
    files = {**files, "base": (0o644, content(os.path.join(HERE, "vm_base.sh"))),
             "bin/busybox": (0o755, content(busybox)), "bin/sh": (0o755, content(busybox))}
    for path in modules:
        files["lib/" + os.path.basename(path)] = (0o644, content(path))
    files["modules"] = (0o644, "".join(f"/lib/{os.path.basename(path)}\n" for path in modules).encode())
    with tempfile.TemporaryDirectory() as folder:
        initrd, result, console = (os.path.join(folder, name) for name in ("initrd", "result", "console"))
        vm_assets.initrd(initrd, files)
        with open(result, "wb") as out:
            out.truncate(RESULT_BYTES)
        command = ["qemu-system-x86_64", "-accel", args.accel, "-m", "1536", "-nodefaults",
                   "-display", "none", "-no-reboot", "-serial", f"file:{console}", "-kernel", kernel, "-initrd", initrd,
                   "-append", "console=ttyS0 quiet panic=-1 oops=panic no_timer_check", *disks,
                   "-drive", f"file={quoted(result)},format=raw,if=virtio"]
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=args.timeout)
        except FileNotFoundError:
            raise Missing("qemu-system-x86_64 is not installed: apt-get install qemu-system-x86") from None
        except subprocess.TimeoutExpired:
            raise ReaderFailed(f"the guest did not end in {args.timeout} s: {last_lines(console)}") from None
        sections = read_sections(result)
        if done.returncode or "end" not in sections:
            raise ReaderFailed(f"the guest failed: {done.stderr.strip()[-300:]} {last_lines(console)}")
        return sections


def disk(number):
    return "vd" + chr(ord("a") + number)


def quoted(path):
    return path.replace(",", ",,")


def content(path):
    with open(path, "rb") as file:
        return file.read()


def last_lines(path):
    return " | ".join(content(path).decode("utf-8", "replace").strip().splitlines()[-5:]) if os.path.exists(path) else ""


def read_sections(path):
    out = {}
    with open(path, "rb") as file:
        while True:
            line = file.readline(200)
            match = re.fullmatch(rb"SECTION (\S+) (\d+)\n", line)
            if not match:
                return out
            out[match[1].decode()] = file.read(int(match[2]))


def shell_name(path):
    return b"'./" + path.replace(b"'", b"'\\''") + b"'"


def sample_script(paths):
    """Hashes these files, many with each program that the guest has to start."""
    return b"".join(b"sha256sum " + b" ".join(map(shell_name, paths[at:at + 40])) + b"\n" for at in range(0, len(paths), 40))


def read_hashes(text, names):
    """{name: SHA-256} of what sha256sum says of files in this order. Names may hold anything, and files may be left out."""
    out, at = {}, 0
    for name in names:
        line = b"  " + name + b"\n"
        if text[at + 64:at + 64 + len(line)] == line:
            out[name] = text[at:at + 64].decode()
            at += 64 + len(line)
    return out


def weigh_log(sections, verdict):
    for line in sections["log"].decode("utf-8", "replace").splitlines():
        if TELLING.search(line) and re.search(r"vd[a-z]|isofs|ISO|UDF|rock|BUG|Oops", line) and not HARMLESS.search(line):
            if re.search(r"\] (ISOFS|isofs|rock|UDF-fs|BUG|Oops|.*I/O error)", line):
                verdict.differs("kernel log", "complaint", line.strip())
    verdict.entries = sections["log"].count(b"\n")


def judged_in_guest(args, courts):
    """Has the guest judge {name: Court}, whose own readers come first. {name: its verdicts}, and that on the kernel's log as "log"."""
    for court in courts.values():
        court.structure()
        court.expectations = court.expect()
        for view in court.expectations:
            court.own_view(view)
    try:
        guest, start = Guest(args, courts), time.time()
        sections = guest.run()
        out = {name: [] for name in courts}
        for mount in guest.mounts:
            out[mount.owner].append(guest.weigh(mount, sections))
        out["log"] = [Verdict("linux", "log")]
        weigh_log(sections, out["log"][0])
        out["log"][0].notes.append(f"the guest took {time.time() - start:.1f} s, {'with' if guest.kvm else 'without'} hardware virtualisation")
        return out
    except (Missing, ReaderFailed) as error:
        verdict = Verdict("linux", "all")
        verdict.differs("guest", "failed", str(error))
        return {"log": [verdict]}


def guest_arguments(parser):
    # A machine may have /dev/kvm and yet hang in it, as those that are guests themselves do: emulation is slower, but sure.
    parser.add_argument("--accel", choices=["tcg", "kvm"], default="tcg", help="how the guest is run")
    parser.add_argument("--timeout", type=int, default=1800, help="seconds that the guest may take")
    return parser


def main():
    args = guest_arguments(arguments(__doc__)).parse_args()
    court = Court(args)
    for verdicts in judged_in_guest(args, {"": court}).values():
        for verdict in verdicts:
            court.tell(verdict)
        court.verdicts += verdicts
    return court.close()


if __name__ == "__main__":
    sys.exit(main())
