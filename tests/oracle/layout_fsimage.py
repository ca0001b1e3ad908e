"""The layout that fsimage promises beyond the letter of the standards: what IMAPI2 writes, and what makes readers robust."""

import os
import struct

import udf_wire as wire
from source import data_runs
from space import BLOCK

START, ANCHOR, MAIN, INTEGRITY, ALIGNMENT, TAIL = 288, 256, 32, 64, 32, 257


def check(image, iso, udf, complain, session=0):
    """Of an image, or of the last session of a disc, which begins with that block: what it says of earlier ones is not looked at."""
    if (image.size - session * BLOCK) % (ALIGNMENT * BLOCK):
        complain("alignment", "image", f"{image.blocks - session} blocks are not a multiple of {ALIGNMENT}")
    if udf and udf.root:
        check_udf(image, iso, udf, complain, session)
    if iso and iso.primary:
        check_iso(iso, complain)
        check_continuations(image, iso.primary, complain, session)
    check_gaps(image, udf, complain, session)
    check_padding(image, iso, udf, complain)


def check_udf(image, iso, udf, complain, session):
    first = iso.end if iso and iso.primary else session + 16
    at = [block for _, block in udf.recognition]
    if at != [first, first + 1, first + 2] or any(image.block(first + 3)):
        complain("recognition", "volume recognition", f"in blocks {at}, not {first}..{first + 2} with a zero block behind")
    for name, found, wanted in (("main volume descriptor sequence", udf.main, (16 * BLOCK, session + MAIN)),
                                ("integrity sequence", udf.integrity_extent, (16 * BLOCK, session + INTEGRITY))):
        if found != wanted:
            complain("place", name, f"{found[0]} bytes at {found[1]}, not {wanted[0]} at {wanted[1]}")
    if struct.unpack_from("<H", image.block(udf.integrity_extent[1] + 1))[0] != wire.TERMINATOR:
        complain("place", "integrity sequence", "no terminating descriptor behind the integrity descriptor")
    if udf.start != START or udf.access != 1:
        complain("place", "partition", f"starts at {udf.start} with access type {udf.access}, not at {START}, read-only")
    if any(image.read((session + ANCHOR + 1) * BLOCK, (START - ANCHOR - 1) * BLOCK)):
        complain("anchor cluster", f"blocks {session + ANCHOR + 1}..{session + START - 1}", "are not zero")
    numbers = {1: 0, 4: 1, 6: 2, 5: 3, 7: 4}
    found = {identifier: struct.unpack_from("<I", data, 16)[0] for identifier, data in udf.vds.items() if identifier in numbers}
    if sorted(found.values()) != list(range(5)):
        complain("3/8.4.1", "volume descriptor sequence", f"numbers {found}")
    check_tail(image, udf, complain, session)
    check_tight(udf, complain)
    for icb in udf.icbs.values():
        if icb.inline is not None and icb.size and (icb.kind == "d" or (icb.kind == "f" and iso and iso.primary)):
            complain("embedding", f"ICB in block {icb.block}", "content inside the file entry")
        if icb.unique_id and icb.unique_id < 16:
            complain("UDF 3.2.1.1", f"ICB in block {icb.block}", f"unique id {icb.unique_id} is reserved")
    embedded = [icb.size for icb in udf.icbs.values() if icb.kind == "f" and icb.inline]
    if embedded and max(embedded) > min((icb.size for icb in udf.icbs.values() if icb.kind == "f" and icb.runs), default=BLOCK):
        complain("embedding", "file entries", f"up to {max(embedded)} bytes inside, and smaller files outside")
    for icb in udf.icbs.values():
        if len({offset + length for offset, length in icb.runs[:-1]} - {offset for offset, _ in icb.runs[1:]}):
            complain("contiguity", f"ICB in block {icb.block}", "its extents do not follow one another")


def check_tail(image, udf, complain, session):
    """Behind the reserve sequence, every block to the end is an anchor that says where it is."""
    length, first = udf.reserve
    end = udf.start + udf.length
    if length != 16 * BLOCK or first < end:
        complain("place", "reserve volume descriptor sequence", f"{length} bytes at {first}; the partition ends at {end}")
    tail = first + 16
    if image.blocks - tail < TAIL:
        complain("tail", "anchors", f"{image.blocks - tail} blocks behind the reserve sequence, fewer than {TAIL}")
    wanted = image.block(session + ANCHOR)[16:512]
    for block in range(tail, image.blocks):
        data = image.block(block)
        if struct.unpack_from("<H", data)[0] != wire.AVDP or data[16:512] != wanted or any(data[512:]):
            complain("tail", f"block {block}", f"is not an anchor like the one in block {session + ANCHOR}")
            return
        wire.check_tag(data[:512], block, (wire.AVDP,), complain, f"anchor {block}")


def check_tight(udf, complain):
    """The partition ends with the last block that somebody uses."""
    end = (udf.start + udf.length) * BLOCK
    if not any(first < end <= last for first, last, _, _ in udf.image.claims):
        complain("tight", "partition", f"nothing uses its last block, {udf.start + udf.length - 1}")


def check_iso(iso, complain):
    folders = max((folder.runs[0][0] for tree in iso.trees() for folder in tree.folders), default=0)
    for tree in iso.trees():
        for node in tree.nodes():
            if not node.folder and node.size == 0 and node.extent * BLOCK <= folders:
                complain("empty files", node.path, f"extent {node.extent}, not behind the last folder, {folders // BLOCK}")
            ends = [offset + length for offset, length in node.runs]
            if ends[:-1] != [offset for offset, _ in node.runs[1:]]:
                complain("contiguity", node.path, "its sections do not follow one another")
            if any(length != 0xFFFFF800 for _, length in node.runs[:-1]):
                complain("sections", node.path, f"sections of {[length for _, length in node.runs]} bytes")


def check_continuations(image, tree, complain, session):
    """libarchive reads a disc from front to back: it refuses a continuation area in front of its directory or behind the first file."""
    content = min((at for at in (node.runs[0][0] for node in tree.nodes() if not node.folder and node.size) if at >= session * BLOCK),
                  default=image.size)
    for first, folder in tree.continuations:
        if not folder < first < content:
            complain("continuation areas", f"block {first // BLOCK}", f"its directory is in block {folder // BLOCK}, the first file in block "
                                                                      f"{content // BLOCK}: libarchive then drops Rock Ridge, or the entry")
            return


def check_gaps(image, udf, complain, session):
    """What no structure claims reads as zeros, the anchors of the tail apart."""
    end = image.size
    if udf and udf.root:
        end = (udf.reserve[1] + 16) * BLOCK
    at = session * BLOCK
    for first, last, _, _ in sorted(set(image.claims)) + [(end, end, "", False)]:
        if first > at and not zero(image, at, min(first, end) - at):
            complain("gap", f"bytes {at}..{first - 1}", "belong to nothing, but are not zero")
        at = max(at, last)


def check_padding(image, iso, udf, complain):
    """A file's last block is filled with zeros."""
    seen = set()
    trees = iso.trees() if iso else []
    runs = [node.runs[-1] for tree in trees for node in tree.nodes() if not node.folder and node.runs]
    runs += [icb.runs[-1] for icb in udf.icbs.values() if icb.runs] if udf else []
    for offset, length in runs:
        end = offset + length
        if length % BLOCK and end not in seen:
            seen.add(end)
            if any(image.read(end, -length % BLOCK)):
                complain("padding", f"byte {end}", "behind the end of a file is not zero")


def zero(image, offset, length):
    for start, size in data_runs(image.fd, offset, length):
        for at in range(start, start + size, 1 << 20):
            if any(os.pread(image.fd, min(1 << 20, start + size - at), at).strip(b"\0")):
                return False
    return True
