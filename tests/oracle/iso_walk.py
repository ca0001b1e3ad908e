"""An independent reader of ISO 9660, its edition of 1999, and Joliet: what the directories say, and whether they keep the rules of ECMA-119."""

import struct
from dataclasses import dataclass, field

import susp
from space import BLOCK, joined
from susp import both32, short_date

MAX_DEPTH = 1000
DIGITS_LETTERS = set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
JOLIET_FORBIDDEN = set("*/:;?\\")


@dataclass(slots=True)
class Node:
    """A directory record, or all sections of one file."""
    identifier: bytes
    flags: int
    runs: list                        # (byte offset, bytes)
    mtime: int | None
    rr: susp.RockRidge | None
    parent: object = None
    children: list = field(default_factory=list)
    path: bytes = b""                 # in this tree's own names
    number: int = 0                   # in the path table
    continued: int = 0                # byte offset of the last continuation area of its record, 0 without one

    @property
    def folder(self):
        return bool(self.flags & 2)

    @property
    def size(self):
        return sum(length for _, length in self.runs)

    @property
    def extent(self):
        return self.runs[0][0] // BLOCK


class IsoTree:
    """One descriptor's tree. `complain(rule, where, text)` is told about every broken rule."""

    def __init__(self, image, descriptor, kind, complain):
        self.image, self.kind, self.complain = image, kind, complain
        self.descriptor = descriptor
        self.folders = []
        self.continuations = []       # (byte offset of a continuation area, of the directory that uses it)
        self.reading = 0
        self.rock_ridge = False
        self.skip = 0
        self.volume_blocks = both32(descriptor, 80, self._at("volume descriptor"), "volume space size")
        self.root = self._root()
        self._walk()

    def _at(self, where):
        return lambda rule, text: self.complain(rule, where, text)

    def _root(self):
        record = self.descriptor[156:190]
        complain = self._at("root directory record")
        block, length = both32(record, 2, complain, "extent"), both32(record, 10, complain, "data length")
        if record[0] != 34 or record[32] != 1 or record[33] != 0 or not record[25] & 2:
            complain("8.4.18", "not a root directory record")
        return Node(b"\0", record[25], [(block * BLOCK, length)], short_date(record[18:25]), None)

    def _walk(self):
        level, depth = [self.root], 0
        seen = set()
        while level:
            following = []
            for folder in level:
                if folder.extent in seen:
                    self.complain("6.8", folder.path, "two directories share an extent, or the tree goes round in a circle")
                    continue
                seen.add(folder.extent)
                self.folders.append(folder)
                self._read_folder(folder)
                following += [child for child in folder.children if child.folder]
            level, depth = following, depth + 1
            if depth > MAX_DEPTH:
                self.complain("6.8.2.1", level[0].path if level else b"", f"deeper than {MAX_DEPTH} levels")
                return

    def _read_folder(self, folder):
        where = folder.path
        offset, length = folder.runs[0]
        self.reading = offset
        if length == 0 or length % BLOCK or not self.image.holds(folder.extent, length) or \
                folder.extent + length // BLOCK > self.volume_blocks:
            self.complain("6.8.1", where, f"directory extent {folder.extent} of {length} bytes: not whole blocks inside the volume")
            return
        self.image.claim(offset, length, f"{self.kind} directory {where!r}", shared=False)
        records = list(self._records(offset, length, where))
        self._check_dots(folder, records)
        open_node = None
        for at, record in records[2:]:
            node, more = self._node(at, record, folder)
            if node is None:
                continue
            if open_node is not None:
                if node.identifier != open_node.identifier:
                    self.complain("6.5.1", node.path, "follows a section that is not the last, under another identifier")
                open_node.runs += node.runs
            else:
                folder.children.append(node)
            open_node = (open_node or node) if more else None
        if open_node is not None:
            self.complain("6.5.1", open_node.path, "the last section says that it is not the last")
        for child in folder.children:
            self._check_extents(child)

    def _records(self, offset, length, where):
        for sector in range(0, length, BLOCK):
            data, at = self.image.read(offset + sector, BLOCK), 0
            while at < BLOCK and data[at]:
                size = data[at]
                if size < 34 or at + size > BLOCK or size % 2 or 33 + data[at + 32] > size:
                    self.complain("9.1", where, f"record of {size} bytes at {offset + sector + at}: odd, too short, or across a sector")
                    break
                yield offset + sector + at, data[at:at + size]
                at += size
            else:
                if any(data[at:]):
                    self.complain("6.8.1.1", where, f"bytes behind the last record of sector {(offset + sector) // BLOCK}")

    def _check_dots(self, folder, records):
        wanted = ((b"\0", folder), (b"\1", folder.parent or folder))
        for number, (name, node) in enumerate(wanted):
            if number >= len(records):
                self.complain("6.8.2.2", folder.path, "no records for the directory itself and its parent")
                return
            _, record = records[number]
            complain = self._at(folder.path)
            block, length = both32(record, 2, complain, "extent"), both32(record, 10, complain, "data length")
            if record[33:33 + record[32]] != name or not record[25] & 2:
                self.complain("6.8.2.2", folder.path, f"record {number + 1} is not {name!r}")
            elif (block, length) != (node.extent, node.runs[0][1]):
                self.complain("6.8.2.2", folder.path, f"record {name!r} points to {block}, {length} bytes; "
                                                      f"the directory is at {node.extent}, {node.runs[0][1]} bytes")
            if number == 0 and self.kind == "iso":
                self._own_attributes(folder, record)

    def _own_attributes(self, folder, record):
        entries = self._system_use(record, folder.path, root=folder is self.root)
        if folder is self.root:
            rr = susp.parse(entries, self._at(folder.path))
            self.rock_ridge = rr.has_sp
            folder.rr = rr if rr.has_sp else None
            if rr.has_sp and not set(rr.extensions) & {b"RRIP_1991A", b"IEEE_P1282", b"IEEE_1282"}:
                self.complain("SUSP 5.5", b"", f"no ER entry of Rock Ridge, but {rr.extensions}")
        elif self.rock_ridge:
            own = susp.parse(entries, self._at(folder.path))
            if folder.rr and (own.mode, own.uid, own.gid, own.mtime) != (folder.rr.mode, folder.rr.uid, folder.rr.gid, folder.rr.mtime):
                self.complain("RRIP 4.1", folder.path, "the directory's own record has another mode, owner or time than its entry above")

    def _system_use(self, record, where, root=False):
        start = 33 + record[32] + (1 - record[32] % 2)
        area = record[start:]
        if self.kind != "iso" or not (self.rock_ridge or root) or not area:
            return []
        known = len(self.image.claims)
        entries = susp.read_entries(self.image, area, min(self.volume_blocks, self.image.blocks), self._at(where), show_short(where))
        self.continuations += [(claim[0], self.reading) for claim in self.image.claims[known:]]
        return entries

    def _node(self, at, record, folder):
        identifier = record[33:33 + record[32]]
        path = folder.path + b"/" + self._name(identifier) if folder.path else self._name(identifier)
        complain = self._at(path)
        block, length = both32(record, 2, complain, "extent"), both32(record, 10, complain, "data length")
        little, = struct.unpack_from("<H", record, 28)
        big, = struct.unpack_from(">H", record, 30)
        if (little, big) != (1, 1):
            complain("9.1.9", f"volume sequence number {little}/{big}")
        if record[1] or record[26] or record[27]:
            complain("9.1.2", "an extended attribute record, or interleaving, which nobody asked for")
        when = short_date(record[18:25])
        if when is None:
            complain("9.1.5", f"{record[18:25].hex()} is no date")
        if record[25] & 4:
            complain("9.1.6", "an associated file")
            return None, False
        known = len(self.continuations)
        rr = susp.parse(self._system_use(record, path), complain) if self.rock_ridge else None
        continued = max((area for area, _ in self.continuations[known:]), default=0)
        node = Node(identifier, record[25], [(block * BLOCK, length)], when, rr, folder, path=path, continued=continued)
        if record[25] & 0x80 and length % BLOCK:
            complain("6.5.1", f"a section of {length} bytes that is not the last")
        return node, bool(record[25] & 0x80)

    def _name(self, identifier):
        """The name that a reader shows: the version is no part of it, ECMA-119 7.5.1."""
        if self.kind == "joliet":
            name = identifier.decode("utf-16-be", "surrogatepass")
            name = name[:-2] if name.endswith(";1") else name
            return name.encode("utf-8", "surrogatepass")
        if self.kind == "enhanced":
            return identifier
        name = identifier[:-2] if identifier.endswith(b";1") else identifier
        return name[:-1] if name.endswith(b".") and name.count(b".") == 1 else name

    def _check_extents(self, node):
        for offset, length in node.runs:
            if length and offset + length > min(self.volume_blocks * BLOCK, self.image.size):
                self.complain("6.4", node.path, f"extent {offset // BLOCK} of {length} bytes reaches beyond the volume")
        if not node.folder:
            for offset, length in joined(node.runs):
                self.image.claim(offset, -(-length // BLOCK) * BLOCK, "file content", shared=True)

    def nodes(self):
        """Every record but the root."""
        for folder in self.folders:
            yield from folder.children


def show_short(path):
    return path.decode("utf-8", "backslashreplace")[-60:] or "/"


def descriptors(image, complain, first=16):
    """The descriptor set from block 16 of a session: a list of (block, type, version, bytes)."""
    out = []
    for block in range(first, first + 64):
        data = image.block(block)
        if data[1:6] != b"CD001":
            break
        out.append((block, data[0], data[6], data))
        if data[0] == 255:
            if any(data[7:]):
                complain("8.3.4", f"block {block}", "the terminator is not zero behind its version")
            return out
    if out:
        complain("8.3", f"block {first + len(out)}", "no volume descriptor set terminator")
    return out
