"""An independent reader of UDF 1.02 to 2.60 (a type 1 partition, from 2.50 with a metadata partition on it): the tree, and the rules of
ECMA-167 and UDF that one can check by walking it."""

import struct
from dataclasses import dataclass, field

import udf_wire as wire
from space import BLOCK, joined

MAX_DEPTH = 300


@dataclass(slots=True)
class Icb:
    """A file entry."""
    block: int                        # in the partition
    kind: str
    size: int
    runs: list
    inline: bytes | None
    mtime: int | None
    micros: int
    mode: int
    uid: int
    gid: int
    link_count: int
    unique_id: int
    first: int = 0                    # block of the content's first extent, in the partition of the entry
    names: int = 0                    # FIDs that refer to it, parent FIDs included
    fid_ids: list = field(default_factory=list)       # what those that are names have as unique id
    target: bytes | None = None
    rdev: tuple | None = None
    streams_at: int | None = None     # block of the stream directory
    streams: dict = field(default_factory=dict)       # named streams, UDF 3.3.5: {name: Icb}
    is_stream: bool = False
    object_size: int = 0


@dataclass(slots=True)
class Node:
    path: bytes
    icb: Icb
    parent: object = None
    children: list = field(default_factory=list)


class UdfVolume:
    def __init__(self, image, complain, session=0):
        self.image, self.complain, self.session = image, complain, session
        self.icbs, self.folders = {}, []
        self.files = self.directories = 0
        self.unique_ids = {}
        self.highest = 0                                         # behind the last block of the partition in use
        self.root = self.lvid = self.version = None
        self.metadata = None                                     # runs of the metadata file: [(first block of it, LBA, blocks)]
        self.recognition = self._recognition()
        self.anchors = self._anchors()
        if not self.anchors:
            return
        anchor = image.block(self.anchors[0])
        self.main, self.reserve = struct.unpack_from("<II", anchor, 16), struct.unpack_from("<II", anchor, 24)
        self.vds = self._sequence(self.main, "main volume descriptor sequence")
        self._same_reserve()
        if self._logical_volume():
            self._integrity()
            self._file_set()

    # --- volume structure

    def _recognition(self):
        """The extended area, ECMA-167 2/8.3: BEA01, NSR02 or NSR03, TEA01, one after another. Blocks of the three."""
        found = []
        for block in range(self.session + 16, self.session + 256):
            data = self.image.block(block)
            name = data[1:6]
            if name in (b"BEA01", b"NSR02", b"NSR03", b"TEA01"):
                found.append((name, block))
                self.image.claim(block * BLOCK, BLOCK, "volume recognition")
                if data[0] or data[6] != 1 or any(data[7:]):
                    self.complain("2/9.1", f"block {block}", "structure type, version or data")
            elif name != b"CD001":
                break
        names = [name for name, _ in found]
        if names not in ([b"BEA01", b"NSR02", b"TEA01"], [b"BEA01", b"NSR03", b"TEA01"]):
            self.complain("2/8.3", "volume recognition", f"sequence {names}")
        elif [block for _, block in found] != list(range(found[0][1], found[0][1] + 3)):
            self.complain("2/8.3", "volume recognition", f"not in neighbouring blocks: {found}")
        return found

    def _anchors(self):
        """AVDPs at two of 256, N-256 and N, UDF 2.2.3, and all of them equal. The first is counted from the session's start."""
        first, last = self.session + 256, self.image.blocks - 1
        found = []
        for block in (first, last - 256, last):
            data = self.image.block(block) if 0 < block <= last else bytes(BLOCK)
            if struct.unpack_from("<H", data)[0] == wire.AVDP and \
                    wire.check_tag(data[:512], block, (wire.AVDP,), self.complain, f"anchor {block}"):
                found.append(block)
                if any(data[32:]):
                    self.complain("3/10.2", f"anchor {block}", "reserved bytes are not zero")
        if len(found) < 2:
            self.complain("UDF 2.2.3", "anchors", f"found at {found}; two of {first}, {last - 256}, {last} are needed")
        if len({self.image.block(block)[16:32] for block in found}) > 1:
            self.complain("3/10.2", "anchors", "they point to different sequences")
        if first in found:
            self.image.claim(first * BLOCK, BLOCK, "anchor")
        return found

    def _sequence(self, extent, name):
        length, first = extent
        out = {}
        if length < 16 * BLOCK or not self.image.holds(first, length):
            self.complain("UDF 2.2.3", name, f"extent {first} of {length} bytes: less than 16 blocks, or outside the image")
            return out
        count = 0
        for block in range(first, first + length // BLOCK):
            data = self.image.block(block)
            if not any(data[:16]):
                self.complain("3/8.4.2", name, f"block {block} is empty, but nothing said that the sequence has ended")
                break
            count += 1
            if not wire.check_tag(data[:512], block, (1, 3, 4, 5, 6, 7, 8), self.complain, f"{name}, block {block}"):
                break
            identifier = struct.unpack_from("<H", data)[0]
            if identifier == wire.TERMINATOR:
                break
            if identifier in out:
                self.complain("UDF 2.2", name, f"two descriptors with tag identifier {identifier}")
            out[identifier] = data
        # A reserve sequence's unused blocks may hold anchors already, as in images of the reference implementation.
        self.image.claim(first * BLOCK, count * BLOCK, name)
        for identifier in (wire.PVD, wire.IUVD, wire.PARTITION, wire.LVD, wire.USD):
            if identifier not in out:
                self.complain("UDF 2.2", name, f"no descriptor with tag identifier {identifier}")
        return out

    def _same_reserve(self):
        reserve = self._sequence(self.reserve, "reserve volume descriptor sequence")
        for identifier in sorted(set(self.vds) | set(reserve)):
            main, other = self.vds.get(identifier, b""), reserve.get(identifier, b"")
            if main[16:] != other[16:]:
                self.complain("3/8.4.2", "volume descriptor sequences", f"descriptors with tag identifier {identifier} differ")

    def _logical_volume(self):
        lvd, pd, pvd = (self.vds.get(i) for i in (wire.LVD, wire.PARTITION, wire.PVD))
        if not (lvd and pd and pvd):
            return False
        say = self._at("logical volume descriptor")
        block_size, = struct.unpack_from("<I", lvd, 212)
        maps, = struct.unpack_from("<I", lvd, 268)
        flags, domain, suffix = wire.regid(lvd[216:248])
        if block_size != BLOCK:
            say("3/10.6.5", f"logical block size {block_size}")
        if domain != "*OSTA UDF Compliant" or flags:
            say("UDF 2.1.5.2", f"domain {domain!r}, flags {flags}")
        self.revision, = struct.unpack_from("<H", suffix)
        wanted = 2 if self.revision >= 0x250 else 1
        if maps != wanted or lvd[440] != 1 or lvd[441] != 6:
            say("3/10.7", f"{maps} partition maps, the first of type {lvd[440]}, in a volume of revision {self.revision:#x}")
            return False
        self.maps, self.version = maps, 3 if self.revision >= 0x200 else 2
        for name, data in ((name, self.vds[name]) for name in self.vds):
            self._version(data, f"descriptor with tag identifier {name}")
        number, = struct.unpack_from("<H", lvd, 444)
        self.volume_id = wire.dstring(pvd[24:56], self.complain, "volume identifier")
        self.logical_volume_id = wire.dstring(lvd[84:212], self.complain, "logical volume identifier")
        wire.dstring(pvd[72:200], self.complain, "volume set identifier")
        if wire.timestamp(pvd[376:388]) is None:
            self.complain("1/7.3", "primary volume descriptor", f"{pvd[376:388].hex()} is no time")
        say = self._at("partition descriptor")
        if struct.unpack_from("<H", pd, 22)[0] != number:
            say("3/10.5.4", f"partition number {struct.unpack_from('<H', pd, 22)[0]}, the map says {number}")
        flags, contents, _ = wire.regid(pd[24:56])
        nsr = self.recognition[1][0].decode() if len(self.recognition) == 3 else "?"
        if nsr != ("NSR03" if self.revision >= 0x200 else "NSR02"):
            self.complain("3/9.1", "volume recognition", f"{nsr} in a volume of revision {self.revision:#x}")
        if contents != "+" + nsr:
            say("3/10.5.5", f"contents {contents!r} in a volume recognised as {nsr}")
        if flags:
            say("UDF 2.1.5.1", f"flags {flags} of the partition contents' identifier")
        self.access, self.start, self.length = struct.unpack_from("<III", pd, 184)
        if not self.image.holds(self.start, self.length * BLOCK):
            say("3/10.5.8", f"partition {self.start} of {self.length} blocks reaches beyond the image")
        if any(pd[56:184]):
            say("UDF 2.3.3", "space tables or bitmaps on a partition that is only read")
        self.fsd_extent = wire.long_ad(lvd, 248)
        self.integrity_extent = struct.unpack_from("<II", lvd, 432)
        return maps == 1 or self._metadata(lvd[446:510], number)

    def _metadata(self, entry, number):
        """The metadata partition, UDF 2.2.10 and 2.2.13: two files with the same blocks."""
        say = self._at("metadata partition map")
        _, name, suffix = wire.regid(entry[4:36])
        if entry[0:4] != b"\2\x40\0\0" or name != "*UDF Metadata Partition" or struct.unpack_from("<H", suffix)[0] != self.revision:
            say("UDF 2.2.10", f"{entry[0:4].hex()} {name!r} {suffix.hex()}")
            return False
        if struct.unpack_from("<HH", entry, 36) != (1, number) or any(entry[59:]):
            say("UDF 2.2.10", f"volume and partition {struct.unpack_from('<HH', entry, 36)}, or reserved bytes")
        places, bitmap = struct.unpack_from("<II", entry, 40), struct.unpack_from("<I", entry, 48)[0]
        unit, alignment, flags = struct.unpack_from("<IHB", entry, 52)
        if bitmap != 0xFFFFFFFF:
            say("UDF 2.2.10", "a bitmap on a partition that is only read")
        if unit < 32 or unit % 16 or alignment == 0 or self.start % 16:
            say("UDF 2.2.10", f"allocation unit {unit}, alignment unit {alignment}, partition at {self.start}")
            return False
        files = [self._metadata_file(block, kind, unit, alignment) for block, kind in zip(places, (250, 251))]
        if None in files:
            return False
        main, mirror = files
        if bool(flags & 1) != (main != mirror):
            say("UDF 2.2.10", f"flags {flags}: main file {main}, mirror {mirror}")
        if main != mirror:
            read = [b"".join(self.image.read(at * BLOCK, count * BLOCK) for _, at, count in runs) for runs in files]
            if read[0] != read[1]:
                say("UDF 2.2.13", "the mirror differs from the metadata file")
            for _, at, count in mirror:
                self.image.claim(at * BLOCK, count * BLOCK, "metadata mirror")
        self.metadata = main
        self.metadata_blocks = sum(count for _, _, count in main)
        return True

    def _metadata_file(self, block, kind, unit, alignment):
        where = f"metadata file of type {kind}"
        if not self._use(block, BLOCK, where):
            return None
        data = self.image.block(self.start + block)
        if not self._tag(data, block, (wire.EFE,), self.complain, where):
            return None
        icb = self._entry(block, data, where, kind)
        if icb.unique_id or icb.link_count or struct.unpack_from("<I", data, 208)[0] or any(data[136:168]):
            self.complain("UDF 2.2.13.1", where, f"unique id {icb.unique_id}, {icb.link_count} links, attributes or streams")
        runs, at = [], 0
        for offset, length in icb.runs:
            lba = offset // BLOCK
            if (lba - self.start) % alignment or length % (unit * BLOCK):
                self.complain("UDF 2.2.13", where, f"extent of {length} bytes at {lba - self.start}: units of {unit} blocks, alignment {alignment}")
            runs.append((at, lba, length // BLOCK))
            at += length // BLOCK
        return runs

    def _integrity(self):
        length, first = self.integrity_extent
        say = self._at("logical volume integrity descriptor")
        if length < BLOCK or not self.image.holds(first, length):
            say("3/10.6.12", f"integrity extent {first} of {length} bytes")
            return
        data = self.image.block(first)
        self.image.claim(first * BLOCK, min(length, 2 * BLOCK), "integrity sequence")
        if not self._tag(data, first, (wire.LVID,), self.complain, "logical volume integrity descriptor"):
            return
        kind, = struct.unpack_from("<I", data, 28)
        following = struct.unpack_from("<II", data, 32)
        next_id, = struct.unpack_from("<Q", data, 40)
        partitions, use = struct.unpack_from("<II", data, 72)
        if (kind, following, partitions) != (1, (0, 0), self.maps) or use < 46:
            say("3/10.10", f"type {kind}, next extent {following}, {partitions} partitions, {use} bytes of implementation use")
            return
        spaces = struct.unpack_from(f"<{2 * partitions}I", data, 80)
        blocks = (self.length, self.metadata_blocks) if self.metadata else (self.length,)
        if spaces != (0,) * partitions + blocks:
            say("3/10.10.6", f"free and size {spaces}; the partitions have {blocks} blocks, none free")
        files, directories, read, write, most = struct.unpack_from("<IIHHH", data, 80 + 8 * partitions + 32)
        if not read <= self.revision <= most or write > most or read > 0x250:
            say("UDF 2.2.6.4", f"revisions {read:#x} {write:#x} {most:#x} in a volume of {self.revision:#x}")
        self.lvid = {"next id": next_id, "files": files, "directories": directories}

    # --- file structure

    def _at(self, where):
        return lambda rule, text: self.complain(rule, where, text)

    def _tag(self, data, location, wanted, complain, where):
        if not wire.check_tag(data, location, wanted, complain, where):
            return False
        self._version(data, where)
        return True

    def _version(self, data, where):
        version, = struct.unpack_from("<H", data, 2)
        if version != self.version:
            self.complain("3/7.2.2", where, f"descriptor version {version} in a volume of revision {self.revision:#x}")

    def _lba(self, block):
        """Of a block of the partition in which entries and folders lie; None when it has none."""
        if self.metadata is None:
            return self.start + block
        return next((lba + block - first for first, lba, count in self.metadata if first <= block < first + count), None)

    def _use_entry(self, block, length, label, claim=True):
        """The same as _use for that partition; a structure there lies in one piece."""
        if self.metadata is None:
            return self._use(block, length, label, claim)
        first, last = self._lba(block), self._lba(block + max(-(-length // BLOCK), 1) - 1)
        if first is None or last is None or last - first != max(-(-length // BLOCK), 1) - 1:
            self.complain("4/7.1", label, f"block {block} and {length} bytes are outside the metadata file, or not in one of its extents")
            return False
        return self._use(first - self.start, length, label, claim)

    def _use(self, block, length, label, claim=True):
        """Checks that space is inside the partition, and claims it."""
        blocks = -(-length // BLOCK)
        if block + blocks > self.length:
            self.complain("4/7.1", label, f"blocks {block}..{block + blocks - 1} are outside a partition of {self.length}")
            return False
        self.highest = max(self.highest, block + blocks)
        if claim:
            self.image.claim((self.start + block) * BLOCK, blocks * BLOCK, label)
        return True

    def _file_set(self):
        length, _, block, partition, _ = self.fsd_extent
        say = self._at("file set descriptor")
        if length < BLOCK or partition != self.maps - 1:
            say("3/10.6.7", f"file set extent of {length} bytes in partition {partition}")
        if not self._use_entry(block, max(length, BLOCK), "file set descriptor"):
            return
        data = self.image.block(self._lba(block))
        if not self._tag(data[:512], block, (wire.FSD,), self.complain, "file set descriptor"):
            return
        if length >= 2 * BLOCK:
            self._tag(self.image.block(self._lba(block + 1))[:512], block + 1, (wire.TERMINATOR,), self.complain, "file set terminator")
        if struct.unpack_from("<HHIIII", data, 28) != (3, 3, 1, 1, 0, 0):
            say("UDF 2.3.2", f"levels, character sets or numbers {struct.unpack_from('<HHIIII', data, 28)}")
        if wire.regid(data[416:448])[1] != "*OSTA UDF Compliant":
            say("UDF 2.3.2.6", "domain identifier")
        identifier = wire.dstring(data[112:240], self.complain, "file set's logical volume identifier")
        if identifier != self.logical_volume_id:
            say("UDF 2.3.2", f"logical volume identifier {identifier!r}, not {self.logical_volume_id!r}")
        _, _, root, partition, _ = wire.long_ad(data, 400)
        icb = self._icb(root, "root directory")
        if icb is None or icb.kind != "d" or partition != self.maps - 1:
            say("4/14.1.16", "the root ICB is no directory")
            return
        if icb.unique_id:
            self.complain("UDF 3.2.1.1", "root directory", f"unique id {icb.unique_id}, not 0")
        self.root = Node(b"", icb)
        self._walk()
        self._totals()

    def _walk(self):
        level = [self.root]
        for _ in range(MAX_DEPTH):
            below = []
            for folder in level:
                self.folders.append(folder)
                self._read_folder(folder)
                below += [child for child in folder.children if child.icb.kind == "d"]
            level = below
            if not level:
                return
        self.complain("4/8.5", "root directory", f"deeper than {MAX_DEPTH} levels")

    def _read_folder(self, folder):
        icb, where = folder.icb, folder.path
        self.directories += 1
        if icb.size > 1 << 30:
            self.complain("4/8.6", where, f"a directory of {icb.size} bytes")
            return
        data = icb.inline if icb.inline is not None else b"".join(self.image.read(o, n) for o, n in icb.runs)
        at, first, seen = 0, True, set()
        while at < icb.size:
            if at + 38 > icb.size:
                self.complain("4/14.4", where, f"{icb.size - at} bytes behind the last file identifier descriptor")
                return
            version, characteristics, name_length = struct.unpack_from("<HBB", data, at + 16)
            use, = struct.unpack_from("<H", data, at + 36)
            size = -(-(38 + use + name_length) // 4) * 4
            fid = data[at:at + size]
            location = icb.first + at // BLOCK if icb.runs else icb.block
            if not self._tag(fid, location, (wire.FID,), self.complain, where) or len(fid) < size:
                return
            if struct.unpack_from("<H", fid, 10)[0] != size - 16:
                self.complain("3/7.2.7", where, f"CRC length {struct.unpack_from('<H', fid, 10)[0]} of a descriptor of {size} bytes")
            self._fid(folder, fid, version, characteristics, use, name_length, first, seen)
            at, first = at + size, False

    def _fid(self, folder, fid, version, characteristics, use, name_length, first, seen):
        length, _, block, partition, implementation = wire.long_ad(fid, 20)
        name = wire.cs0(fid[38 + use:38 + use + name_length])
        raw = (name or "").encode("utf-8", "surrogatepass")
        path = folder.path + b"/" + raw if folder.path else raw
        if version != 1 or characteristics & ~0x1F or use % 4 or any(fid[38 + use + name_length:]):
            self.complain("4/14.4", path, f"version {version}, characteristics {characteristics:#x}, {use} bytes of use, or padding")
        if characteristics & 4:
            self.complain("4/14.4.3", path, "deleted")
            return
        if bool(characteristics & 8) != first:
            self.complain("4/8.6", folder.path, "the parent is not the first entry, and the only one")
        if length != BLOCK or partition != self.maps - 1:
            self.complain("4/14.4.4", path, f"ICB extent of {length} bytes in partition {partition}")
        if characteristics & 8:
            parent = folder.parent or folder
            parent.icb.names += 1
            if name_length or block != parent.icb.block or not characteristics & 2:
                self.complain("4/8.6", folder.path, f"the parent entry has a name, or points to {block} and not to {parent.icb.block}")
            return
        problem = None if name else "empty or malformed identifier"
        if name and (name_length < 2 or "\0" in name or "/" in name):
            problem = f"identifier {name!r}"
        if raw in seen:
            problem = "the identifier is there twice"
        if problem:
            self.complain("UDF 2.3.4", path, problem)
        seen.add(raw)
        icb = self._icb(block, path)
        if icb is None:
            return
        icb.names += 1
        if bool(characteristics & 2) != (icb.kind == "d"):
            self.complain("4/14.4.3", path, f"directory bit {bool(characteristics & 2)}, but the ICB is {icb.kind!r}")
        icb.fid_ids.append(struct.unpack_from("<I", implementation, 2)[0])
        if icb.kind == "d" and icb.names > 1:
            self.complain("4/8.6", path, "a directory with two names")
            return
        if icb.kind != "d":
            self.files += 1
        folder.children.append(Node(path, icb, folder))

    def _icb(self, block, where):
        if block in self.icbs:
            return self.icbs[block]
        if not self._use_entry(block, BLOCK, "file entry"):
            return None
        data = self.image.block(self._lba(block))
        if not self._tag(data, block, (wire.EFE,) if self.revision >= 0x200 else (wire.FE,), self.complain, where):
            return None
        icb = self.icbs[block] = self._entry(block, data, where)
        owner = self.unique_ids.setdefault(icb.unique_id, where)
        if owner != where:
            self.complain("UDF 3.2.1.1", where, f"unique id {icb.unique_id} is that of {owner!r} too")
        if icb.is_stream or icb.kind == "streams":
            self.complain("4/14.6.8", where, "a stream, or stream directory, in a directory")
        self._streams(icb, where)
        return icb

    def _streams(self, owner, where):
        """What the stream directory names, UDF 3.3.5.1: each stream once, with the owner's unique id and no streams of its own."""
        total = owner.size
        if owner.streams_at is not None:
            label = f"streams of {where!r}"
            directory = self._stream_entry(owner.streams_at, label, owner, "streams")
            data = b"" if directory is None else directory.inline if directory.inline is not None else \
                b"".join(self.image.read(o, n) for o, n in directory.runs)
            at = 0
            while at + 38 <= len(data):
                version, characteristics, name_length = struct.unpack_from("<HBB", data, at + 16)
                size = -(-(38 + name_length) // 4) * 4
                fid = data[at:at + size]
                location = directory.first + at // BLOCK if directory.runs else directory.block
                if not self._tag(fid, location, (wire.FID,), self.complain, label):
                    return
                length, _, block, partition, implementation = wire.long_ad(fid, 20)
                name = wire.cs0(fid[38:38 + name_length]) or ""
                wanted = 0x0A if at == 0 else 0x10 if name.startswith("*UDF ") else 0
                if (version, characteristics, length, partition) != (1, wanted, BLOCK, self.maps - 1) or struct.unpack_from("<H", fid, 36)[0]:
                    self.complain("UDF 3.3.5", label, f"version {version}, characteristics {characteristics:#x}, {length} bytes in partition {partition}")
                if struct.unpack_from("<I", implementation, 2)[0] != owner.unique_id & 0xFFFFFFFF:
                    self.complain("UDF 3.2.1.1", label, f"the identifier {name!r} has another unique id than what the stream is of")
                if at == 0:
                    if block != owner.block or name_length:
                        self.complain("4/9.2", label, f"the parent entry points to {block} and not to {owner.block}")
                elif name in owner.streams or not name:
                    self.complain("UDF 2.3.4", label, f"the identifier {name!r} is empty, or there twice")
                else:
                    stream = self._stream_entry(block, f"{label}: {name!r}", owner, "f")
                    if stream:
                        owner.streams[name] = stream
                        total += stream.size
                at += size
            if at != len(data) or not owner.streams:
                self.complain("4/9.2", label, f"{len(data)} bytes with {len(owner.streams)} streams, {len(data) - at} behind the last")
        if owner.object_size != total:
            self.complain("4/14.17.11", where, f"object size {owner.object_size}, file and streams have {total} bytes")

    def _stream_entry(self, block, where, owner, kind):
        if not self._use_entry(block, BLOCK, "file entry"):
            return None
        data = self.image.block(self._lba(block))
        if not self._tag(data, block, (wire.EFE,), self.complain, where):
            return None
        icb = self._entry(block, data, where)
        if (icb.kind, icb.is_stream, icb.link_count, icb.streams_at) != (kind, kind == "f", int(kind == "f"), None) or \
                struct.unpack_from("<I", data, 208)[0]:
            self.complain("UDF 3.3.5.1", where, f"kind {icb.kind!r}, stream bit {icb.is_stream}, {icb.link_count} links, or attributes or streams")
        if icb.unique_id != owner.unique_id:
            self.complain("UDF 3.2.1.1", where, f"unique id {icb.unique_id}, that of what it belongs to is {owner.unique_id}")
        if kind == "f" and icb.object_size != icb.size:
            self.complain("4/14.17.11", where, f"object size {icb.object_size}, information length {icb.size}")
        return icb

    def _entry(self, block, data, where, metadata_kind=None):
        extended = struct.unpack_from("<H", data)[0] == wire.EFE
        shift = 8 if extended else 0
        prior, strategy, parameter, entries, reserved, kind = struct.unpack_from("<IH2sHBB", data, 16)
        flags, = struct.unpack_from("<H", data, 34)
        if (prior, strategy, parameter, entries, reserved) != (0, 4, b"\0\0", 1, 0):
            self.complain("UDF 2.3.5", where, f"ICB tag {data[16:36].hex()}")
        if flags & 0x1A18 or flags & 7 == 2:
            self.complain("UDF 2.3.5.4", where, f"ICB flags {flags:#x}")
        uid, gid, permissions, links = struct.unpack_from("<IIIH", data, 36)
        if any(data[50:56]):
            self.complain("UDF 2.3.6", where, "record format fields are not zero")
        size, = struct.unpack_from("<Q", data, 56)
        recorded, = struct.unpack_from("<Q", data, 64 + shift)
        stamps = [(72, "access"), (84, "modification"), (96, "attribute")] if not extended else \
            [(80, "access"), (92, "modification"), (104, "creation"), (116, "attribute")]
        for at, name in stamps:
            if wire.timestamp(data[at:at + 12]) is None:
                self.complain("1/7.3", where, f"{name} time {data[at:at + 12].hex()}")
        base = 216 if extended else 176
        unique, ea_length, ad_length = struct.unpack_from("<QII", data, base - 16)
        if base + ea_length + ad_length > BLOCK or ea_length % 4:
            self.complain("4/14.9", where, f"{ea_length} bytes of attributes and {ad_length} of allocation descriptors")
            ad_length = 0
        mode = permissions & 7 | (permissions >> 2 & 0o70) | (permissions >> 4 & 0o700) | \
            (flags >> 6 & 1) << 11 | (flags >> 7 & 1) << 10 | (flags >> 8 & 1) << 9
        runs, inline = [], None
        descriptors = data[base + ea_length:base + ea_length + ad_length]
        if flags & 7 == 3:
            inline = descriptors
            if len(inline) != size or recorded:
                self.complain("4/14.9.10", where, f"{len(inline)} embedded bytes, information length {size}, {recorded} blocks recorded")
        else:
            width = 8 if flags & 7 == 0 else 16
            if metadata_kind is None and self.metadata and (width == 8) != (kind in (4, 13)):
                self.complain("UDF 2.2.13.1", where, f"allocation descriptors of form {flags & 7} for a file of type {kind}")
            runs = self._extents(descriptors, width, where, kind not in (4, 13), metadata_kind is not None)
            if sum(length for _, length in runs) != size:
                self.complain("4/14.9.10", where, f"information length {size}, the extents have {sum(n for _, n in runs)} bytes")
            if sum(-(-length // BLOCK) for _, length in runs) != recorded:
                self.complain("4/14.9.11", where, f"{recorded} blocks recorded, the extents have {sum(-(-n // BLOCK) for _, n in runs)}")
        when = wire.timestamp(data[stamps[1][0]:stamps[1][0] + 12]) or (None, 0)
        icb = Icb(block, wire.KINDS.get(kind, "?"), size, runs, inline, *when, mode, uid, gid, links, unique)
        if runs and len(descriptors) >= 8:
            icb.first, = struct.unpack_from("<I", descriptors, 4)
        icb.is_stream, icb.object_size = bool(flags & 0x2000), struct.unpack_from("<Q", data, 64)[0] if extended else size
        length, _, at, partition, _ = wire.long_ad(data, 152) if extended else (0, 0, 0, 0, b"")
        if length:
            icb.streams_at = at
            if length != BLOCK or partition != self.maps - 1:
                self.complain("4/14.17.20", where, f"stream directory ICB of {length} bytes in partition {partition}")
        if metadata_kind is not None:
            if kind != metadata_kind or inline is not None:
                self.complain("UDF 2.2.13", where, f"file type {kind}, or embedded")
        elif icb.kind == "?":
            self.complain("4/14.6.6", where, f"file type {kind}")
        elif icb.kind == "l" and size <= 1 << 16:
            content = inline if inline is not None else b"".join(self.image.read(o, n) for o, n in runs)
            icb.target = wire.path_components(content, self.complain, where)
        elif icb.kind in "bc":
            icb.rdev = device(data[base:base + ea_length])
        return icb

    def _extents(self, descriptors, size, where, shared, physical):
        """Absolute runs. Short descriptors stand for blocks of the entry's own partition, long ones say of which."""
        runs, at = [], 0
        while at + size <= len(descriptors):
            length, kind, block, partition = wire.long_ad(descriptors, at)[:4] if size == 16 else \
                (lambda n, b: (n & 0x3FFFFFFF, n >> 30, b, 0 if physical else self.maps - 1))(*struct.unpack_from("<II", descriptors, at))
            at += size
            if kind == 3:
                if partition != self.maps - 1:
                    self.complain("UDF 2.3.11", where, f"an allocation extent in partition {partition}")
                descriptors, at = self._continuation(block, where), 0
                continue
            if kind or partition not in (0, self.maps - 1) or (partition and shared):
                self.complain("4/14.14.1.1", where, f"extent of type {kind} in partition {partition}, which nothing here asks for")
                continue
            if length == 0:
                break
            if runs and runs[-1][1] % BLOCK:
                self.complain("4/12.1", where, f"an extent of {runs[-1][1]} bytes that is not the last")
            if partition:
                if not self._use_entry(block, length, where, claim=False):
                    continue
                runs.append((self._lba(block) * BLOCK, length))
            else:
                self._use(block, length, where, claim=False)
                runs.append(((self.start + block) * BLOCK, length))
        if not physical:
            for offset, length in joined(runs):
                self.image.claim(offset, -(-length // BLOCK) * BLOCK, "file content" if shared else f"udf directory {where!r}", shared)
        return runs

    def _continuation(self, block, where):
        if not self._use_entry(block, BLOCK, "allocation extent"):
            return b""
        data = self.image.block(self._lba(block))
        if not self._tag(data, block, (wire.AED,), self.complain, where):
            return b""
        length, = struct.unpack_from("<I", data, 20)
        return data[24:24 + min(length, BLOCK - 24)]

    def _name_ids(self, icb):
        """UDF 2.3.4.3 and 3.2.1.1: the first name has the low half of the file's id, each further one, from 2.00 on, an id of its own."""
        own = icb.unique_id & 0xFFFFFFFF
        if self.revision < 0x200:
            return all(number in (0, own) for number in icb.fid_ids)
        for number in icb.fid_ids:
            if number != own and self.unique_ids.setdefault(number, "a name of " + repr(icb.block)) != "a name of " + repr(icb.block):
                return False
        return not icb.fid_ids or (icb.fid_ids.count(own) == 1 and len(set(icb.fid_ids)) == len(icb.fid_ids))

    def _totals(self):
        for icb in self.icbs.values():
            if icb.link_count != icb.names:
                self.complain("UDF 2.3.6", f"ICB in block {icb.block}", f"link count {icb.link_count}, {icb.names} identifiers refer to it")
            if not self._name_ids(icb):
                self.complain("UDF 2.3.4.3", f"ICB in block {icb.block}", f"unique id {icb.unique_id}, its names have {icb.fid_ids}")
        if self.lvid is None:
            return
        found = {"files": self.files, "directories": self.directories}
        for name, count in found.items():
            if self.lvid[name] != count:
                self.complain("UDF 2.2.6.4", "logical volume integrity descriptor", f"{self.lvid[name]} {name}, the tree has {count}")
        if self.lvid["next id"] <= max(self.unique_ids, default=0):
            self.complain("UDF 3.2.1", "logical volume integrity descriptor", f"next unique id {self.lvid['next id']} is in use")

    def nodes(self):
        for folder in self.folders:
            yield from folder.children


def device(attributes):
    """Major and minor of the device specification attribute, ECMA-167 4/14.10.7."""
    at = 24
    while at + 12 <= len(attributes):
        kind, = struct.unpack_from("<I", attributes, at)
        length, = struct.unpack_from("<I", attributes, at + 8)
        if kind == 12:
            return struct.unpack_from("<II", attributes, at + 16)
        if length < 12:
            break
        at += length
    return None
