"""What the source folders hold: the truth that every view of an image is compared with."""

import errno
import hashlib
import os
import stat
from collections import Counter
from dataclasses import dataclass, field

CHUNK = 1 << 20
GIANT = 16 << 30          # above this, content is compared by its map of holes or by samples; see `Source.digest`

KINDS = {stat.S_IFDIR: "d", stat.S_IFREG: "f", stat.S_IFLNK: "l", stat.S_IFIFO: "p", stat.S_IFCHR: "c", stat.S_IFBLK: "b",
         stat.S_IFSOCK: "s"}


@dataclass(slots=True)
class Entry:
    """One name in the source. `path` is relative to the root of the image, without a leading slash; the root is b""."""
    path: bytes
    host: bytes
    kind: str
    size: int
    mtime: int            # whole seconds, rounded down
    mode: int             # permission bits with set-id and sticky
    uid: int
    gid: int
    nlink: int
    inode: tuple
    rdev: tuple | None = None
    target: bytes | None = None
    links: int = 1        # names of this inode inside the source


@dataclass
class Source:
    entries: dict = field(default_factory=dict)          # path -> Entry
    digests: dict = field(default_factory=dict)          # inode -> SHA-256
    widest: int = 0                                      # entries of the widest folder

    def add_tree(self, folder, target=b""):
        folder, target = os.fsencode(folder), os.fsencode(target).strip(b"/")
        if not stat.S_ISDIR(os.lstat(folder).st_mode):
            self._add(folder, target)
            return
        self._add(folder, target)
        pending = [(folder, target)]
        while pending:
            host, path = pending.pop()
            with os.scandir(host) as listing:
                for item in listing:
                    below = path + b"/" + item.name if path else item.name
                    if self._add(item.path, below).kind == "d":
                        pending.append((item.path, below))

    def finish(self):
        """Counts the names of each inode, since links that lie outside the source are not in the image."""
        self.widest = max(Counter(path.rpartition(b"/")[0] for path in self.entries).values(), default=0)
        counts = {}
        for entry in self.entries.values():
            counts[entry.inode] = counts.get(entry.inode, 0) + 1
        for entry in self.entries.values():
            entry.links = counts[entry.inode] if entry.kind != "d" else 1
        return self

    def _add(self, host, path):
        info = os.lstat(host)
        kind = KINDS[stat.S_IFMT(info.st_mode)]
        entry = Entry(path, host, kind, info.st_size if kind == "f" else 0, info.st_mtime_ns // 10**9,
                      stat.S_IMODE(info.st_mode), info.st_uid, info.st_gid, info.st_nlink, (info.st_dev, info.st_ino))
        if kind == "l":
            entry.target = os.readlink(host)
        elif kind in "bc":
            entry.rdev = (os.major(info.st_rdev), os.minor(info.st_rdev))
        self.entries[path] = entry
        return entry

    def digest(self, entry):
        """SHA-256 of a file's content. Not for giants."""
        known = self.digests.get(entry.inode)
        if known is None:
            with open(entry.host, "rb", buffering=0) as file:
                known = self.digests[entry.inode] = hash_stream(file.read, entry.size)
        return known

    def sample(self, count):
        """The files that slow readers are asked for: the biggest that is no giant, an empty one, and `count` more."""
        files = [e for e in self.entries.values() if e.kind == "f" and e.size <= GIANT]
        chosen = {}
        if files:
            biggest = max(files, key=lambda e: (e.size, e.path))
            chosen[biggest.path] = biggest
        empty = min((e for e in files if e.size == 0), key=lambda e: e.path, default=None)
        if empty:
            chosen[empty.path] = empty
        files.sort(key=lambda e: hashlib.sha256(e.path).digest())
        for entry in files:
            if len(chosen) >= count + 2:
                break
            if entry.size <= 64 << 20:
                chosen[entry.path] = entry
        return chosen


def hash_stream(read, size):
    """SHA-256 of exactly `size` bytes from `read(n)`, or None when the stream ends early."""
    digest = hashlib.sha256()
    while size:
        block = read(min(size, CHUNK))
        if not block:
            return None
        digest.update(block)
        size -= len(block)
    return digest.hexdigest()


def data_runs(fd, start, length):
    """The parts of [start, start + length) that are not holes, as (offset, length)."""
    end, at = start + length, start
    while at < end:
        try:
            data = os.lseek(fd, at, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:
                return
            raise
        if data >= end:
            return
        hole = min(os.lseek(fd, data, os.SEEK_HOLE), end)
        yield data, hole - data
        at = hole


def giant_windows(entry):
    """Where readers look into a file too big to read whole: around every edge of data, and every edge of an extent."""
    edges = {0, entry.size}
    with open(entry.host, "rb") as file:
        for number, (offset, length) in enumerate(data_runs(file.fileno(), 0, entry.size)):
            if number == 64:
                break
            edges.update((offset, offset + length))
    for extent in (0x3FFFF800, 0xFFFFF800):          # UDF's and ISO 9660's longest, in whole blocks
        edges.update(range(extent, entry.size, extent))
    for edge in sorted(edges):
        low, high = max(edge - 4096, 0), min(edge + 4096, entry.size)
        if low < high:
            yield low, high - low


def parse_arguments(sources):
    """Reads [TARGET=]SOURCE arguments as `fsimage create` does; an argument that exists as a path has no target."""
    source = Source()
    for argument in sources:
        target, path = "", argument
        if not os.path.lexists(argument) and "=" in argument:
            target, path = argument.split("=", 1)
        source.add_tree(path, target)
    return source.finish()
