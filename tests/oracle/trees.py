#!/usr/bin/env python3
"""Generates the source trees that images are made from and judged against.

    trees.py KIND DIR [--count N]

KIND is one of
    plain   names, types and times that every view of an image can hold: what a judge must pass without any finding
    marked  plain, with extended attributes of users
    small   a few dozen entries, every shape: links, nodes, modes, times, and names that some view cannot hold
    deep    folders forty levels deep
    deeper  folders three hundred levels deep
    wide    --count files in one folder (default 2,000)
    large   a 5 GiB file, and a 100 GiB sparse one with islands of data
    mixed   small, deep and wide side by side: more folders than fit in front of the data
    states  five folders, 1 to 5: what a disc holds after each of five sessions; what stays keeps its times
    all     small, deep, wide (200,000) and large side by side

The same KIND gives the same names, contents, modes and times wherever and whenever it is made. DIR must not exist yet.
"""

import argparse
import hashlib
import os
import stat
import struct
import sys

GIB = 1 << 30
BLOCK = 2048
ISO_SECTION = 0xFFFFF800          # the longest section of a file, ECMA-119 9.1.4 in whole blocks
UDF_EXTENT = 0x3FFFF800           # the longest extent of a file, ECMA-167 4/14.14.1.1 in whole blocks
BASE_TIME = 1_600_000_000         # 2020-09-13, where nothing else is asked


def noise(seed, size):
    """`size` reproducible bytes that do not compress and repeat nowhere."""
    return hashlib.shake_256(seed if isinstance(seed, bytes) else str(seed).encode()).digest(size)


class Tree:
    """Makes entries below one folder; folder times are set last, since each new entry changes them."""

    def __init__(self, root):
        self.root = os.fsencode(root)
        self.folder_times = {}
        self.made = 0

    def path(self, name):
        return os.path.join(self.root, name if isinstance(name, bytes) else name.encode())

    def stamp(self, path, mtime_ns):
        if mtime_ns is None:
            mtime_ns = (BASE_TIME + self.made * 61) * 10**9
        self.made += 1
        return mtime_ns

    def folder(self, name, mode=0o755, mtime_ns=None):
        path = self.path(name)
        os.makedirs(path, exist_ok=True)
        os.chmod(path, mode)
        self.folder_times[path] = self.stamp(path, mtime_ns)

    def file(self, name, data=b"", mode=0o644, mtime_ns=None):
        path = self.path(name)
        with open(path, "wb") as out:
            out.write(data)
        os.chmod(path, mode)
        when = self.stamp(path, mtime_ns)
        os.utime(path, ns=(when, when))

    def link(self, name, target, mtime_ns=None):
        path = self.path(name)
        os.symlink(target if isinstance(target, bytes) else target.encode(), path)
        when = self.stamp(path, mtime_ns)
        os.utime(path, ns=(when, when), follow_symlinks=False)

    def hard_link(self, name, existing):
        os.link(self.path(existing), self.path(name))

    def node(self, name, kind, major=0, minor=0, mode=0o600):
        path = self.path(name)
        if kind == stat.S_IFIFO:
            os.mkfifo(path)
        else:
            os.mknod(path, kind | mode, os.makedev(major, minor))
        os.chmod(path, mode)
        when = self.stamp(path, None)
        os.utime(path, ns=(when, when))

    def finish(self):
        """Sets the times of all folders, deepest first."""
        os.makedirs(self.root, exist_ok=True)
        for path in sorted(self.folder_times, key=len, reverse=True):
            when = self.folder_times[path]
            os.utime(path, ns=(when, when))
        os.utime(self.root, ns=(BASE_TIME * 10**9,) * 2)


def plain(tree, top=""):
    """Upper-case 8.3 names and folders eight levels deep at most."""
    sizes = {"EMPTY": 0, "ONE": 1, "BLOCK": BLOCK, "BLOCKM1": BLOCK - 1, "BLOCKP1": BLOCK + 1, "MIB.BIN": (1 << 20) + 17}
    tree.folder(top + "SIZES")
    for name, size in sizes.items():
        tree.file(f"{top}SIZES/{name}", noise(name, size))
    tree.folder(top + "TIMES")
    for name, when in {"Y1970": 1, "Y1999": 946684799, "Y2024": 1709164800, "Y2025": 1750000000}.items():
        tree.file(f"{top}TIMES/{name}", name.encode(), mtime_ns=when * 10**9)
    path = top + "LEVELS"
    tree.folder(path)
    for level in range(3, 9):
        path += f"/L{level}"
        tree.folder(path)
    tree.file(path.rsplit("/", 1)[0] + "/NEAR.TXT", b"near the bottom\n")
    tree.folder(top + "MANY")
    for number in range(60):                      # more records than one sector holds
        tree.file(f"{top}MANY/FILE{number:03}.DAT", noise(number, 10 + number * 97))
    tree.folder(top + "NOTHING")


def marked(tree):
    """Extended attributes of users: of the top, of folders and files, empty, large and many."""
    plain(tree)
    def mark(path, name, value):
        os.setxattr(tree.path(path), "user." + name, value)
    mark("", "top", b"of the top")
    mark("SIZES", "comment", b"of a folder")
    mark("SIZES/ONE", "empty", b"")
    mark("SIZES/ONE", "\u00e4\u6f22", noise("wide", 100))
    mark("SIZES/EMPTY", "large", noise("large", 2500))
    for number in range(20):
        mark("MANY/FILE001.DAT", f"number {number} " + "n" * 40, noise(number, 10))
    tree.file("MARKED", b"the last\n")


def shapes(tree):
    """Sizes, holes, links, nodes and modes."""
    tree.folder("sizes")
    for size in (0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 100_001):
        tree.file(f"sizes/bytes-{size}", noise(f"size {size}", size))
    tree.file("sizes/empty-too")
    tree.file("sizes/same-a", noise("same", 5000))
    tree.file("sizes/same-b", noise("same", 5000))
    tree.file("sizes/zeros", bytes(40_000))
    path = tree.path("sizes/holes")
    with open(path, "wb") as out:
        out.truncate(3 << 20)
        out.seek(1 << 20)
        out.write(noise("island", 70_000))
    os.utime(path, ns=(BASE_TIME * 10**9,) * 2)

    tree.folder("links")
    tree.file("links/original", noise("hard", 9000))
    tree.hard_link("links/twin", "links/original")
    tree.folder("links/elsewhere")
    tree.hard_link("links/elsewhere/triplet", "links/original")
    tree.file("links/empty-original")
    tree.hard_link("links/empty-twin", "links/empty-original")
    targets = {
        "relative": "original", "up": "../sizes/bytes-1", "dots": "./elsewhere/.././original", "absolute": "/usr/share/doc",
        "root": "/", "here": ".", "parent": "..", "parents": "../../..", "dangling": "no/such/thing",
        "spaces": " a b / c ", "long": "/".join(["component-" + "x" * 20] * 12), "long-component": "y" * 250,
        "longest": "/" + "/".join(["z" * 200] * 4), "emoji": "\U0001F4BF/\u6587\u4EF6", "slash-end": "elsewhere/",
        "doubled": "elsewhere//triplet",
    }
    for name, target in targets.items():
        tree.link(f"links/to-{name}", target)

    tree.folder("nodes")
    tree.node("nodes/fifo", stat.S_IFIFO)
    if os.geteuid() == 0:
        tree.node("nodes/char", stat.S_IFCHR, 1, 3, 0o666)
        tree.node("nodes/block", stat.S_IFBLK, 259, 300, 0o660)

    tree.folder("modes")
    for mode in (0o400, 0o444, 0o600, 0o755, 0o777, 0o4755, 0o2755, 0o6711):
        tree.file(f"modes/file-{mode:04o}", b"mode", mode)
    tree.folder("modes/sticky", 0o1777)
    tree.folder("modes/setgid", 0o2775)
    if os.geteuid() == 0:
        tree.file("modes/owned", b"somebody")
        os.chown(tree.path("modes/owned"), 1000, 100)
        tree.file("modes/owned-high", b"high")
        os.chown(tree.path("modes/owned-high"), 1_000_000, 70_000)
    tree.folder("empty-folder")


def times(tree):
    tree.folder("times")
    for name, nanoseconds in {
        "epoch": 0, "one-second": 10**9, "before-epoch": -150_000_000 * 10**9 + 5, "leap-day": 1709164800 * 10**9,
        "nanoseconds": 1_234_567_890_123_456_789, "last-ns": 1_500_000_000_999_999_999, "y2038": 2**31 * 10**9,
        "y2106": 2**32 * 10**9 + 1, "y2155": 5869583999 * 10**9, "y2156": 5869584000 * 10**9, "y2200": 7258118400 * 10**9,
    }.items():
        tree.file(f"times/{name}", name.encode(), mtime_ns=nanoseconds)
    tree.folder("times/folder-1971", mtime_ns=31_536_000 * 10**9 + 999_999_999)


def names(tree):
    """Every entry has its own content, so that two names that are swapped are noticed."""
    serial = 0

    def put(folder, name):
        nonlocal serial
        serial += 1
        tree.file(folder.encode() + b"/" + (name if isinstance(name, bytes) else name.encode()), f"entry {serial}\n".encode())

    tree.folder("names")
    for name in ("MixedCase.TxT", "two.dots.txt", ".leading", "..two-leading", "trailing.", "trailing..", "trailing space ",
                 " leading space", "in the middle", "UPPER.TXT", "lower.txt", "no-extension", "a.b.c.d.e", "-dash", "--help",
                 "semi;1", "semi;colon", "star*", "question?", "colon:colon", "back\\slash", "quote\"quote", "less<more>",
                 "pipe|pipe", "tab\ttab", "bell\x07", "del\x7f", "percent%41", "$dollar", "'single'", "new\nline", "hash#1234",
                 "CON", "nul.txt", "COM1", "aux.c", "RR_MOVED", "~tilde~1", "comma,comma", "equal=sign", "plus+",
                 "bracket[1]", "brace{a,b}", "caf\u00e9", "\u00ff\u00fe", "tags\u2028line"):
        put("names", name)
    for size in (30, 31, 32, 63, 64, 65, 66, 103, 104, 110, 127, 128, 200, 206, 207, 208, 221, 222, 250, 251, 252, 253, 254, 255):
        put("names", "n" * (size - 4 - len(str(size))) + str(size) + ".ext")

    tree.folder("scripts")
    for name in ("\u4e2d\u6587\u6587\u4ef6.txt", "\u0639\u0631\u0628\u064a\u0629", "\u05e2\u05d1\u05e8\u05d9\u05ea.txt",
                 "\u0440\u0443\u0441\u0441\u043a\u0438\u0439", "\u65e5\u672c\u8a9e\u30c6\u30b9\u30c8", "\ud55c\uad6d\uc5b4",
                 "\U0001F4BF.iso", "\U0001F468\u200D\U0001F469\u200D\U0001F467 family", "\U00020000 astral",
                 "e\u0301t\u00e9", "\u200fmark", "\u00df", "\u0130stanbul", "\ufb01n"):
        put("scripts", name)
    for nfc, nfd in (("\u00e9", "e\u0301"), ("\u00fcber", "u\u0308ber"), ("\uac00", "\u1100\u1161")):
        put("scripts", "twin " + nfc)
        put("scripts", "twin " + nfd)
    put("scripts", "\u6587" * 64)
    put("scripts", "\u6587" * 85)                 # 255 bytes of UTF-8
    put("scripts", "\U0001F4BF" * 32)             # 64 UTF-16 units
    put("scripts", "\U0001F4BF" * 33)             # 66 of them: the cut must not split a pair
    put("scripts", "x" + "\U0001F4BF" * 63)       # 127 units, 253 bytes
    put("scripts", "\u00e9" * 127)                # 127 units that fit one byte each
    put("scripts", "\u0100" + "\u00e9" * 126)     # 127 units that need two
    put("scripts", "\u0100" + "e" * 127)          # 128 of them: more than UDF holds
    put("scripts", "\u0100" + "e" * 253)          # 255 bytes
    put("scripts", "ab" + "\u6587" * 83 + "\u044f\u044f")          # 255 too, and 249 are no whole characters

    for name in ("folder.", "folder..", "folder.d", "folder ", "folder;1", "\u30d5\u30a9\u30eb\u30c0\u30fc", "\U0001F4BF folder", "u\u0308 folder", "\u00e9 folder"):
        tree.folder("scripts/" + name)
        put("scripts/" + name, "inside")

    tree.folder("alike")
    for tail in ("first", "second", "third"):
        put("alike", "a" * 64 + tail)
        put("alike", "b" * 60 + tail + ".txt")
    for name in ("case", "Case", "CASE", "case.txt", "Case.TXT", "eightone.txt", "eightonetwo.txt", "eightone1.txt", "a?b", "a*b", "a_b"):
        put("alike", name)
    folder = "alike/" + "f" * 100
    tree.folder(folder + "1")
    tree.folder(folder + "2")
    put(folder + "1", "inside")
    put(folder + "2", "inside")


def small(tree):
    shapes(tree)
    times(tree)
    names(tree)


def deep(tree, levels=40, name="level-"):
    path = "deep"
    tree.folder(path)
    for level in range(2, levels + 1):
        path += f"/{name}{level}"
        tree.folder(path)
        if level % 5 == 0:
            tree.file(f"{path}/file-{level}", noise(level, level * 100))
    tree.file(path + "/bottom", b"the bottom\n")


def wide(tree, count):
    tree.folder("wide")
    for number in range(count):
        tree.file(f"wide/entry {number:06} of many.data", b"%d\n" % number, mtime_ns=(BASE_TIME + number) * 10**9)


def state(tree, top, session):
    """Added in the second session, replaced in it and in the last, added in the third, removed and moved in the fourth."""
    def file(name, version=1, size=20):
        path = f"{top}/{name}"
        tree.file(path, noise(f"{name} {version}", size), mtime_ns=(BASE_TIME + version * 86_400 + len(name)) * 10**9)

    def folder(name):
        tree.folder(f"{top}/{name}" if name else top, mtime_ns=BASE_TIME * 10**9)

    for name in ("", "docs", "docs/Nothing in here", "signs", "links", "links/deep", "links/deep/er"):
        folder(name)
    file("docs/replaced.txt", 1 if session == 1 else 2 if session < 5 else 3, 3000)
    for name in ("docs/Kept, with a long name.two dots.text", "docs/" + "n" * 90 + ".txt", "docs/caf\u00e9.txt", "signs/\u6587\u4ef6 \U0001F4BF"):
        file(name)
    for size in (0, BLOCK, BLOCK + 1):
        file(f"docs/bytes-{size}", size=size)
    file("links/original", size=9000)
    tree.hard_link(f"{top}/links/deep/er/twin", f"{top}/links/original")
    tree.link(f"{top}/links/deep/to-original", "../original", mtime_ns=BASE_TIME * 10**9)
    data = noise("big", 200_000)
    tree.file(f"{top}/" + ("big.bin" if session < 4 else "Large.bin"), data, mtime_ns=BASE_TIME * 10**9)
    if session >= 2:
        file("docs/added.txt")
        folder("second")
        file("second/\u00fcber.txt", size=5000)
    if session >= 3:
        folder("third")
        file("third/c.txt")
    if session < 4:
        file("docs/removed.txt")
        folder("removed")
        file("removed/with its folder")


def stamped(noise_chunk, first_block):
    """The chunk with the block's own number at the start of every block: a block in another's place is noticed."""
    out = bytearray(noise_chunk)
    numbers = b"".join(struct.pack("<Q", first_block + i) for i in range(len(out) // BLOCK))
    for byte in range(8):
        out[byte::BLOCK] = numbers[byte::8]
    return out


def large(tree):
    tree.folder("large")
    chunk = noise("large", 16 << 20)
    blocks = len(chunk) // BLOCK
    path = tree.path("large/five-gib.bin")
    with open(path, "wb") as out:
        for index in range(5 * GIB // len(chunk)):
            out.write(stamped(chunk, index * blocks))
        out.write(noise("tail", 123))
    os.utime(path, ns=(BASE_TIME * 10**9,) * 2)

    size = 100 * GIB + 1
    path = tree.path("large/hundred-gib-sparse.bin")
    islands = [0, UDF_EXTENT - 4096, ISO_SECTION - 4096, 4 * GIB - 4096, 33 * GIB + 12_288, 24 * ISO_SECTION - 4096, 99 * GIB]
    with open(path, "wb") as out:
        out.truncate(size)
        for index, offset in enumerate(islands):
            out.seek(offset)
            out.write(stamped(noise(f"island {index}", 8192), offset // BLOCK))
        out.seek(size - 1)
        out.write(b"!")
    os.utime(path, ns=(BASE_TIME * 10**9,) * 2)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=["plain", "marked", "small", "deep", "deeper", "wide", "large", "mixed", "states", "all"])
    parser.add_argument("dir")
    parser.add_argument("--count", type=int)
    args = parser.parse_args()
    if os.path.lexists(args.dir):
        parser.error(f"{args.dir} exists already")
    os.umask(0o022)
    tree = Tree(args.dir)
    os.makedirs(args.dir)
    everything = args.kind == "all"
    several = everything or args.kind == "mixed"
    if args.kind == "plain":
        plain(tree)
    if args.kind == "marked":
        marked(tree)
    for session in range(1, 6) if args.kind == "states" else ():
        state(tree, str(session), session)
    if several or args.kind == "small":
        small(tree)
    if several or args.kind == "deep":
        deep(tree)
    if args.kind == "deeper":
        deep(tree, 300, "")
    if several or args.kind == "wide":
        wide(tree, args.count or (200_000 if everything else 2_000))
    if everything or args.kind == "large":
        large(tree)
    tree.finish()


if __name__ == "__main__":
    sys.exit(main())
