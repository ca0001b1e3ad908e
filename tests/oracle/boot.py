#!/usr/bin/env python3
"""Makes images that boot, and has those judge them that have to find the boot images.

    boot.py FSIMAGE           xorriso, isoinfo and 7-Zip are asked for El Torito's entries, and for the images' bytes
    boot.py FSIMAGE --vm      SeaBIOS and OVMF boot them in QEMU; the programs are made in boot_programs.py
"""

import argparse
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

import boot_programs
from tools import ENVIRONMENT, Missing, ReaderFailed, require, run
from vm import content, quoted

FIRMWARE = "/usr/share/ovmf/OVMF.fd"
BIOS, UEFI = "bios", "uefi"
TIMEOUT = 300                         # seconds that a guest may take; some ten usually, without hardware virtualisation
LOADER = ("--boot", "bios=/boot/loader.bin,info-table,load-size=10")
PARTITION = ("--boot", "uefi=host:{folder}/esp.img")
FLOPPY = ("--boot", "bios=host:{folder}/floppy.img")
AREA = ("--system-area", "{folder}/mbr.img")


@dataclass(frozen=True)
class Case:
    name: str
    create: tuple
    append: tuple = ()                # options of a further session
    boots: tuple = ()                 # (firmware, the medium, what the program says)


CASES = (
    Case("bridge", (*LOADER, *PARTITION), boots=((BIOS, "cdrom", "loader"), (UEFI, "cdrom", "efi"))),
    Case("udf-alone", ("--fs", "udf", *LOADER, *PARTITION), boots=((BIOS, "cdrom", "loader"), (UEFI, "cdrom", "efi"))),
    Case("udf-2.60", ("--udf-revision", "2.60", *LOADER, *PARTITION), boots=((BIOS, "cdrom", "loader"), (UEFI, "cdrom", "efi"))),
    Case("floppy", (*FLOPPY, *PARTITION), boots=((BIOS, "cdrom", "floppy"),)),
    Case("hybrid", (*AREA, *LOADER), boots=((BIOS, "disk", "mbr"), (BIOS, "cdrom", "loader"))),
    Case("kept", (*LOADER,), ("more=" + os.path.dirname(os.path.abspath(__file__)),), ((BIOS, "cdrom", "loader"),)),
    Case("replaced", (*FLOPPY,), (*LOADER, *PARTITION), ((BIOS, "cdrom", "loader"),)),
)


class Bench:
    def __init__(self, args, folder):
        self.args, self.folder = args, folder
        self.images = {"floppy.img": boot_programs.floppy("floppy"), "esp.img": boot_programs.efi_system_partition("efi"),
                       "mbr.img": boot_programs.partition_table("mbr")}
        self.loader = boot_programs.loader("loader")
        for name, data in {**self.images, "source/boot/loader.bin": self.loader, "source/readme.txt": b"boots\n"}.items():
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as out:
                out.write(data)

    def make(self, case):
        image = os.path.join(self.folder, case.name + ".iso")
        run([self.args.fsimage, "create", os.path.join(self.folder, "source"), "-o", image, "-q", *self.words(case.create)])
        if case.append:
            run([self.args.fsimage, "append", image, "-q", *self.words(case.append)])
        return image

    def words(self, options):
        return [word.format(folder=self.folder) for word in options]

    def run(self, case):
        image, problems = self.make(case), []
        if self.args.vm:
            for firmware, medium, message in case.boots:
                problems += self.guest(image, firmware, medium, message)
        else:
            # xorriso looks for tables in files that it sees, and for addresses of a disc's first session.
            problems += judged(image, self.expected(case), self.folder, "udf" not in case.create and "--boot" not in case.append)
        os.remove(image)
        return problems

    def expected(self, case):
        """[(platform, emulation, sectors loaded, bytes without the boot info table, whether it has one)]"""
        out, options = [], case.append if "--boot" in case.append else case.create
        for word in (option for option in options if option.startswith((BIOS + "=", UEFI + "="))):
            host = next((name for name in self.images if word.endswith(name)), None)
            data = self.images[host] if host else self.loader
            emulated = host == "floppy.img"
            out.append((word.partition("=")[0], "fd1.4" if emulated else "none", 1 if emulated else -(-len(data) // 512), data, not host))
        return out

    def guest(self, image, firmware, medium, message):
        said = os.path.join(self.folder, "said")
        command = ["qemu-system-x86_64", "-accel", self.args.accel, "-m", "256", "-nodefaults", "-display", "none", "-no-reboot",
                   "-chardev", f"file,id=said,path={quoted(said)}", "-device", "isa-debugcon,iobase=0xe9,chardev=said",
                   "-device", "isa-debug-exit,iobase=0xf4,iosize=1",
                   "-drive", f"file={quoted(image)},format=raw,if=ide,media={medium},snapshot=on"]
        if firmware == UEFI:
            command += ["-bios", FIRMWARE]
        start = time.time()
        where = f"{firmware} from {medium}"
        try:
            done = subprocess.run(command, env=ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            return [f"{where}: nothing was booted in {TIMEOUT} s; the console has {content(said)[-200:]!r}"]
        heard = content(said).decode("utf-8", "replace") if os.path.exists(said) else ""
        if done.returncode != boot_programs.GOOD * 2 + 1 or message + "\n" not in heard[-200:] or "bad" in heard[-200:]:
            return [f"{where}: QEMU ended with {done.returncode}, said {heard[-200:]!r} {done.stderr.strip()[-200:]}"]
        print(f"   {where} says '{message}' after {time.time() - start:.1f} s", flush=True)
        return []


def judged(image, expected, folder, tables_shown):
    require("xorriso", "isoinfo", "7zz")
    blocks, problems = [], []
    plain = run(["xorriso", "-indev", image, "-report_el_torito", "plain"])[0].decode()
    entries = re.findall(r"El Torito boot img :\s+\d+\s+(\S+)\s+y\s+(\S+)\s+0x0000\s+0x00\s+(\d+)\s+(\d+)", plain)
    tables, shown = len(re.findall(r"El Torito img opts : .*boot-info-table", plain)), sum(table for *_, table in expected) if tables_shown else 0
    wanted = [("UEFI" if platform == UEFI else "BIOS", emulation, str(sectors)) for platform, emulation, sectors, *_ in expected]
    if [entry[:3] for entry in entries] != wanted:
        return [f"xorriso shows {entries}, not {wanted}: {plain}"]
    if tables != shown:
        problems.append(f"xorriso finds {tables} boot info tables: {plain}")
    with open(image, "rb") as file:
        for (*_, block), (*_, data, table) in zip(entries, expected):
            file.seek(int(block) * 2048)
            found = file.read(len(data))
            if table:
                problems += table_problems(file, int(block), found)
                found = found[:8] + data[8:64] + found[64:]
            if found != data:
                problems.append(f"the boot image at block {block} has other bytes than its source")
            blocks.append(int(block))
    problems += by_isoinfo(image, expected, blocks) + by_7z(image, expected, blocks, folder)
    return problems


def table_problems(file, block, found):
    primary, at, length, checksum = struct.unpack_from("<4I", found, 8)
    rest = found[64:] + bytes(-len(found) % 4)
    file.seek(primary * 2048)
    right = (file.read(6) == b"\1CD001" and at == block and length == len(found) and not any(found[24:64]) and
             checksum == sum(struct.unpack(f"<{len(rest) // 4}I", rest)) & 0xFFFFFFFF)
    return [] if right else [f"a boot info table at block {block} is wrong: {found[8:64].hex(' ', 4)}"]


def by_isoinfo(image, expected, blocks):
    text = run(["isoinfo", "-d", "-i", image])[0].decode()
    wanted = {"Key": "55 AA", "Bootid": "88 (bootable)", "Nsect": f"{expected[0][2]:X}", "Bootoff": f"{blocks[0]:X} {blocks[0]}"}
    found = {key: match[1].strip() for key in wanted if (match := re.search(rf"\b{key} (.*)", text))}
    return [] if found == wanted else [f"isoinfo shows {found}, not {wanted}: {text}"]


def by_7z(image, expected, blocks, folder):
    """Its ISO handler lists the images by number, and gives as much of each as firmware loads of it."""
    out = os.path.join(folder, "7z")
    run(["7zz", "x", "-tiso", "-y", "-o" + out, image, "[BOOT]"])
    found = [content(os.path.join(out, "[BOOT]", name)) for name in sorted(os.listdir(os.path.join(out, "[BOOT]")))]
    shutil.rmtree(out)
    problems = [] if len(found) == len(expected) else [f"7-Zip shows {len(found)} boot images"]
    with open(image, "rb") as file:
        for data, block in zip(found, blocks):
            file.seek(block * 2048)
            if not data or data != file.read(len(data)):
                problems.append(f"7-Zip gives other bytes for the boot image at block {block}")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fsimage")
    parser.add_argument("--vm", action="store_true")
    parser.add_argument("--accel", choices=["tcg", "kvm"], default="tcg", help="how guests are run")
    parser.add_argument("--only", help="the name of one case")
    args = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="fsimage-boot-") as folder:
        bench = Bench(args, folder)
        for case in CASES:
            if args.only not in (None, case.name):
                continue
            try:
                if args.vm and not os.path.exists(FIRMWARE):
                    raise Missing("OVMF is not installed: apt-get install ovmf")
                problems = bench.run(case)
            except FileNotFoundError as error:
                problems = [f"{error.filename} is not there: packages-vm.txt lists what is needed"]
            except (Missing, ReaderFailed) as error:
                problems = [str(error)]
            print(f"{'FAIL' if problems else 'ok  '} {case.name}", *problems, sep="\n     " if problems else " ", flush=True)
            failed += bool(problems)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
