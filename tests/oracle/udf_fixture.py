#!/usr/bin/env python3
"""A small writer of UDF 1.02 images, for the tests of the judges only: other free writers cut names, or have known faults.

    udf_fixture.py SOURCE IMAGE FINDINGS [--specials] [--session FIRST]

With --session it is put into the image from that block on, as a further session that shares nothing with those before. It keeps
to the layout that the judges ask of fsimage (`judge.py --layout fsimage`), and shares no code with them.
"""

import argparse
import binascii
import json
import os
import stat
import struct
import sys
import time

BLOCK, START = 2048, 288
DOMAIN = b"\0" + b"*OSTA UDF Compliant".ljust(23, b"\0") + b"\x02\x01\x03" + bytes(5)
MAKER = b"\0" + b"*fixture".ljust(23, b"\0") + b"\x04\x05" + bytes(6)
CHARSET = b"\0" + b"OSTA Compressed Unicode".ljust(63, b"\0")
LONGEST = 0x3FFFF800
TYPES = {stat.S_IFDIR: 4, stat.S_IFREG: 5, stat.S_IFBLK: 6, stat.S_IFCHR: 7, stat.S_IFIFO: 9, stat.S_IFLNK: 12}


def tagged(identifier, location, body):
    crc = binascii.crc_hqx(body, 0)
    tag = struct.pack("<HHBBHHHI", identifier, 2, 0, 0, 0, crc, len(body), location)
    return tag[:4] + bytes([sum(tag) & 0xFF]) + tag[5:] + body


def cs0(text):
    if all(ord(c) < 256 for c in text):
        return b"\x08" + text.encode("latin-1")
    return b"\x10" + text.encode("utf-16-be")


def dstring(text, size):
    data = cs0(text)
    return data.ljust(size - 1, b"\0") + bytes([len(data)])


def stamp(nanoseconds):
    seconds, rest = divmod(nanoseconds, 10**9)
    t, micro = time.gmtime(seconds), rest // 1000
    return struct.pack("<Hh8B", 0x1000, t.tm_year, t.tm_mon, t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, micro // 10000, micro // 100 % 100, micro % 100)


def long_ad(length, block, unique=0):
    return struct.pack("<IIHHI", length, block, 0, 0, unique)


class Item:
    def __init__(self, host, name, parent):
        self.host, self.name, self.parent = host, name, parent
        self.info = os.lstat(host)
        self.kind = TYPES.get(stat.S_IFMT(self.info.st_mode), 0)
        self.children, self.links, self.unique = [], 1, 0
        self.content = link_components(os.readlink(host)) if self.kind == 12 else None
        self.size = self.info.st_size if self.kind == 5 else len(self.content or b"")


def link_components(target):
    out = b""
    for number, part in enumerate(os.fsencode(target).decode("utf-8", "surrogateescape").split("/")):
        if part == "" and number:
            continue
        kind = {"": 2, "..": 3, ".": 4}.get(part, 5)
        text = cs0(part) if kind == 5 else b""
        out += struct.pack("<BBH", kind, len(text), 0) + text
    return out


class Writer:
    def __init__(self, source, image, specials, session):
        self.image, self.specials, self.session, self.start = image, specials, session, session + START
        self.findings, self.inodes = [], {}
        self.root = Item(os.fsencode(source), b"", None)
        self._scan(self.root, b"")
        self.order = [self.root]
        for folder in self.order:                                # grows while it is walked: by levels
            self.order += [child for child in folder.children if child.kind == 4]
        self.next = 2                                            # behind the file set descriptor and its terminator
        self._place()

    def _scan(self, folder, path):
        taken = set()
        for name in sorted(os.listdir(folder.host)):
            item = Item(os.path.join(folder.host, name), name, folder)
            here = path + b"/" + name
            if item.kind not in (4, 5) and not (self.specials and item.kind):
                self._find("dropped", here, "no form for this type")
                continue
            item.text = self._fitted(name, here, taken)
            taken.add(item.text)
            if item.kind != 4:
                key = (item.info.st_dev, item.info.st_ino)
                if key in self.inodes:
                    item.same = self.inodes[key]
                    item.same.links += 1
                else:
                    self.inodes[key] = item.same = item
            folder.children.append(item)
            if item.kind == 4:
                self._scan(item, here)

    def _fitted(self, name, path, taken):
        text = name.decode("utf-8", "replace")
        wide = any(ord(c) > 255 for c in text)
        limit, cut, number = (127 if wide else 254), text, 0
        while units(cut) > limit or cut in taken:
            tail = f"~{number}"
            cut, number = text, number + 1
            while units(cut) + len(tail) > limit:
                cut = cut[:-1]
            cut += tail
        if cut != name.decode("utf-8", "replace") or "\ufffd" in cut:
            self._find("renamed", path, "too long", cut)
        return cut

    def _find(self, kind, path, text, to=None):
        item = {"kind": kind, "view": "udf", "path": path.decode("utf-8", "surrogateescape"), "text": text}
        self.findings.append(item | ({"to": to} if to else {}))

    def _take(self, length):
        at, self.next = self.next, self.next + -(-length // BLOCK)
        return at

    def _place(self):
        unique = 16
        for folder in self.order:
            folder.fe = self._take(BLOCK)
            folder.unique = 0 if folder is self.root else unique
            unique += folder is not self.root
            folder.size = 40 + sum(-(-(38 + len(cs0(child.text))) // 4) * 4 for child in folder.children)
            folder.at = self._take(folder.size)
            folder.links = 1 + sum(child.kind == 4 for child in folder.children)
        for item in self.inodes.values():
            item.fe, item.unique = self._take(BLOCK), unique
            unique += 1
        for item in self.inodes.values():
            item.at = self._take(item.size) if item.size else 0
        self.length, self.unique = self.next, unique

    # --- writing

    def write(self):
        reserve = self.start + self.length
        blocks = -(-(reserve + 16 + 257) // 32) * 32
        with open(self.image, "r+b" if self.session else "wb") as out:
            out.truncate(blocks * BLOCK)
            self.out = out
            for number, name in enumerate((b"BEA01", b"NSR02", b"TEA01")):
                self._put(self.session + 16 + number, b"\0" + name + b"\1")
            for first in (self.session + 32, reserve):
                self._sequence(first)
            self._integrity()
            anchor = struct.pack("<IIII", 16 * BLOCK, self.session + 32, 16 * BLOCK, reserve).ljust(496, b"\0")
            for block in (self.session + 256, *range(reserve + 16, blocks)):
                self._put(block, tagged(2, block, anchor))
            self._file_set()
            for folder in self.order:
                self._folder(folder)
            for item in self.inodes.values():
                self._entry(item)
                self._content(item)

    def _put(self, block, data):
        self.out.seek(block * BLOCK)
        self.out.write(data)

    def _sequence(self, first):
        extent = lambda length, at: struct.pack("<II", length, at)                                           # noqa: E731
        when = stamp(self.root.info.st_mtime_ns)
        bodies = [
            (1, struct.pack("<II", 0, 0) + dstring("FIXTURE", 32) + struct.pack("<HHHHII", 1, 1, 2, 3, 1, 1) + dstring("0123456789abcdefFIXTURE", 128)
                + CHARSET * 2 + bytes(16) + bytes(32) + when + MAKER + bytes(64 + 4 + 2 + 22)),
            (4, struct.pack("<I", 1) + b"\0" + b"*UDF LV Info".ljust(23, b"\0") + b"\x02\x01\x04\x05" + bytes(4) + CHARSET + dstring("FIXTURE", 128)
                + bytes(108) + MAKER + bytes(128)),
            (5, struct.pack("<IHH", 2, 1, 0) + b"\0" + b"+NSR02".ljust(23, b"\0") + bytes(8) + bytes(128) + struct.pack("<III", 1, self.start, self.length)
                + MAKER + bytes(128 + 156)),
            (6, struct.pack("<I", 3) + CHARSET + dstring("FIXTURE", 128) + struct.pack("<I", BLOCK) + DOMAIN + long_ad(2 * BLOCK, 0)
                + struct.pack("<II", 6, 1) + MAKER + bytes(128) + extent(16 * BLOCK, self.session + 64) + struct.pack("<BBHH", 1, 6, 1, 0)),
            (7, struct.pack("<II", 4, 0)),
            (8, bytes(496)),
        ]
        for number, (identifier, body) in enumerate(bodies):
            self._put(first + number, tagged(identifier, first + number, body))

    def _integrity(self):
        files = sum(child.kind != 4 for folder in self.order for child in folder.children)
        body = stamp(self.root.info.st_mtime_ns) + struct.pack("<III", 1, 0, 0) + struct.pack("<Q", self.unique) + bytes(24) + \
            struct.pack("<IIII", 1, 46, 0, self.length) + MAKER + struct.pack("<IIHHH", files, len(self.order), 0x102, 0x102, 0x102)
        first = self.session + 64
        self._put(first, tagged(9, first, body))
        self._put(first + 1, tagged(8, first + 1, bytes(496)))

    def _file_set(self):
        body = stamp(self.root.info.st_mtime_ns) + struct.pack("<HHIIII", 3, 3, 1, 1, 0, 0) + CHARSET + dstring("FIXTURE", 128) + CHARSET + \
            dstring("FIXTURE", 32) + bytes(64) + long_ad(BLOCK, self.root.fe) + DOMAIN + bytes(64)
        self._put(self.start, tagged(256, 0, body))
        self._put(self.start + 1, tagged(8, 1, bytes(496)))

    def _folder(self, folder):
        self._entry(folder)
        data = b""
        for child in [None, *folder.children]:
            if child is None:
                parent = folder.parent or folder
                flags, name, target, unique = 0x0A, b"", parent.fe, parent.unique
            else:
                same = getattr(child, "same", child)
                flags, name, target, unique = (2 if child.kind == 4 else 0), cs0(child.text), same.fe, same.unique
            body = struct.pack("<HBB", 1, flags, len(name)) + long_ad(BLOCK, target, unique) + struct.pack("<H", 0) + name
            body += bytes(-(len(body) + 16) % 4)
            data += tagged(257, folder.at + len(data) // BLOCK, body)
        self._put(self.start + folder.at, data)

    def _entry(self, item):
        info, mode = item.info, stat.S_IMODE(item.info.st_mode)
        flags = (mode >> 11 & 1) << 6 | (mode >> 10 & 1) << 7 | (mode >> 9 & 1) << 8
        permissions = mode & 7 | (mode & 0o70) << 2 | (mode & 0o700) << 4
        attributes = b""
        if item.kind in (6, 7):
            device = struct.pack("<IB3xIIII", 12, 1, 24 + 32, 32, os.major(info.st_rdev), os.minor(info.st_rdev)) + MAKER
            attributes = tagged(262, item.fe, struct.pack("<II", 0xFFFFFFFF, 0xFFFFFFFF)) + device
        extents, at, left = b"", item.at, item.size
        while left:
            part = min(left, LONGEST)
            extents += struct.pack("<II", part, at)
            at, left = at + part // BLOCK, left - part
        icb = struct.pack("<IH2sHBB6sH", 0, 4, b"", 1, 0, item.kind, b"", flags)
        body = icb + struct.pack("<IIIHBBI", info.st_uid, info.st_gid, permissions, item.links, 0, 0, 0) + \
            struct.pack("<QQ", item.size, -(-item.size // BLOCK)) + stamp(info.st_mtime_ns) * 3 + struct.pack("<I", 1) + bytes(16) + MAKER + \
            struct.pack("<QII", item.unique, len(attributes), len(extents)) + attributes + extents
        self._put(self.start + item.fe, tagged(261, item.fe, body))

    def _content(self, item):
        if item.content:
            self._put(self.start + item.at, item.content)
        if item.kind != 5 or not item.size:
            return
        with open(item.host, "rb") as data:
            at = 0
            while at < item.size:
                try:
                    at = os.lseek(data.fileno(), at, os.SEEK_DATA)
                except OSError:
                    return
                end = os.lseek(data.fileno(), at, os.SEEK_HOLE)
                self.out.seek((self.start + item.at) * BLOCK + at)
                while at < end:
                    part = os.pread(data.fileno(), min(1 << 20, end - at), at)
                    self.out.write(part)
                    at += len(part)


def units(text):
    return len(text.encode("utf-16-be", "surrogatepass")) // 2


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source")
    parser.add_argument("image")
    parser.add_argument("findings")
    parser.add_argument("--session", type=int, default=0, help="the first block")
    parser.add_argument("--specials", action="store_true", help="symlinks and nodes too")
    args = parser.parse_args()
    writer = Writer(args.source, args.image, args.specials, args.session)
    writer.write()
    with open(args.findings, "w", encoding="utf-8", errors="surrogateescape") as out:
        json.dump(writer.findings, out, ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main())
