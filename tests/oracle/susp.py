"""An independent reader of the System Use Sharing Protocol and Rock Ridge, RRIP 1.12."""

import struct
from calendar import timegm
from datetime import datetime
from dataclasses import dataclass

BLOCK = 2048
HOPS = 64


@dataclass(slots=True)
class RockRidge:
    name: bytes | None = None
    mode: int | None = None
    nlink: int | None = None
    uid: int | None = None
    gid: int | None = None
    serial: int | None = None
    rdev: tuple | None = None
    target: bytes | None = None
    mtime: int | None = None
    child_link: int | None = None
    parent_link: int | None = None
    relocated: bool = False
    extensions: tuple = ()
    has_sp: bool = False
    signatures: tuple = ()
    name_parts: tuple = ()            # bytes in each NM entry
    in_record: bytes | None = None    # the first NM entry, if it stands in the record itself


def both32(data, at, complain, what):
    little, = struct.unpack_from("<I", data, at)
    big, = struct.unpack_from(">I", data, at + 4)
    if little != big:
        complain("both-endian", f"{what}: halves {little} and {big} differ")
    return little


def short_date(data):
    """ECMA-119 9.1.5 as seconds since 1970, or None when no such date exists."""
    year, month, day, hour, minute, second, zone = struct.unpack("6Bb", data)
    try:
        datetime(1900 + year, month, day, hour, minute, second)
    except ValueError:
        return None
    if not -48 <= zone <= 52:
        return None
    return timegm((1900 + year, month, day, hour, minute, second)) - zone * 900


def long_date(data):
    """ECMA-119 8.4.26.1 as seconds since 1970, or None."""
    try:
        year, month, day, hour, minute, second, _ = (int(data[a:b]) for a, b in
                                                     ((0, 4), (4, 6), (6, 8), (8, 10), (10, 12), (12, 14), (14, 16)))
        datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None
    zone = struct.unpack("b", data[16:17])[0]
    return timegm((year, month, day, hour, minute, second)) - zone * 900 if -48 <= zone <= 52 else None


def read_entries(image, data, volume_blocks, complain, label):
    """All system use entries of a record, continuation areas followed: a list of (signature, number of the area, payload)."""
    entries, seen = [], set()
    for hop in range(HOPS + 1):
        at, following = 0, None
        while at + 4 <= len(data):
            signature, length, version = data[at:at + 2], data[at + 2], data[at + 3]
            if signature == b"\0\0" and length == 0:
                break                                                    # padding
            if length < 4 or at + length > len(data):
                complain("SUSP 4.1", f"entry {signature!r} of {length} bytes does not fit its area of {len(data)}")
                return entries
            payload = data[at + 4:at + length]
            if version != 1:
                complain("SUSP 4.1", f"entry {signature!r} has version {version}")
            if signature == b"CE":
                if following:
                    complain("SUSP 5.1", "two CE entries in one area")
                if length != 28:
                    complain("SUSP 5.1", f"CE of {length} bytes")
                    return entries
                following = tuple(both32(payload, p, complain, "CE") for p in (0, 8, 16))
            elif signature == b"ST":
                break
            else:
                entries.append((signature, hop, payload))
            at += length
        if not following:
            return entries
        block, offset, length = following
        if block >= volume_blocks or offset + length > BLOCK or length == 0:
            complain("SUSP 5.1", f"continuation area {block}+{offset} of {length} bytes: outside the volume of {volume_blocks} "
                                 "blocks, or not in one block")
            return entries
        if following in seen:
            complain("SUSP 5.1", f"continuation areas go round in a circle at {block}+{offset}")
            return entries
        seen.add(following)
        image.claim(block * BLOCK + offset, length, f"continuation area of {label}")
        data = image.read(block * BLOCK + offset, length)
    complain("SUSP 5.1", f"more than {HOPS} continuation areas")
    return entries


def parse(entries, complain):
    """The Rock Ridge fields of one directory record."""
    out = RockRidge(signatures=tuple(signature.decode("latin-1") for signature, _, _ in entries))
    link = LinkTarget()
    name_goes_on = None
    for signature, area, payload in entries:
        if signature == b"PX":
            if len(payload) not in (32, 40):
                complain("RRIP 4.1.1", f"PX of {len(payload) + 4} bytes")
                continue
            out.mode, out.nlink, out.uid, out.gid = (both32(payload, p, complain, "PX") for p in (0, 8, 16, 24))
            if len(payload) == 40:
                out.serial = both32(payload, 32, complain, "PX")
        elif signature == b"PN":
            out.rdev = tuple(both32(payload, p, complain, "PN") for p in (0, 8))
        elif signature == b"NM":
            flags = payload[0]
            if name_goes_on is False:
                complain("RRIP 4.1.4", "an NM entry after the last one")
            if flags & ~7:
                complain("RRIP 4.1.4", f"NM flags {flags:#x}")
            if not flags & 6:
                out.name = (out.name or b"") + payload[1:]
                out.name_parts += (len(payload) - 1,)
                if area == 0 and out.in_record is None:
                    out.in_record = payload[1:]
            name_goes_on = bool(flags & 1)
        elif signature == b"SL":
            link.add(payload, complain)
        elif signature == b"TF":
            times(out, payload, complain)
        elif signature == b"CL":
            out.child_link = both32(payload, 0, complain, "CL")
        elif signature == b"PL":
            out.parent_link = both32(payload, 0, complain, "PL")
        elif signature == b"RE":
            out.relocated = True
        elif signature == b"SP":
            out.has_sp = payload[:2] == b"\xbe\xef"
        elif signature == b"ER":
            out.extensions += (payload[4:4 + payload[0]],)
    if name_goes_on:
        complain("RRIP 4.1.4", "the last NM entry says that the name goes on")
    if link.begun:
        out.target = link.finish(complain)
    return out


def times(out, payload, complain):
    flags, at = payload[0], 1
    size, decode = (17, long_date) if flags & 0x80 else (7, short_date)
    for bit in range(7):
        if flags & 1 << bit:
            stamp = payload[at:at + size]
            at += size
            if len(stamp) != size:
                complain("RRIP 4.1.6", "TF is shorter than its flags ask")
                return
            value = decode(stamp)
            if value is None:
                complain("RRIP 4.1.6", f"TF stamp {stamp.hex()} is no date")
            if bit == 1:
                out.mtime = value
    if at != len(payload):
        complain("RRIP 4.1.6", "TF is longer than its flags ask")


class LinkTarget:
    """Joins the components of SL entries, RRIP 4.1.3."""

    def __init__(self):
        self.begun = False
        self.parts = []               # finished components
        self.open = None              # a component that goes on in the next record
        self.goes_on = True

    def add(self, payload, complain):
        if not self.goes_on:
            complain("RRIP 4.1.3", "an SL entry after the last one")
        self.begun, self.goes_on, at = True, bool(payload[0] & 1), 1
        while at + 2 <= len(payload):
            flags, length = payload[at], payload[at + 1]
            text = payload[at + 2:at + 2 + length]
            if len(text) != length:
                complain("RRIP 4.1.3", "a component is longer than its SL entry")
            at += 2 + length
            if flags & 8 and self.parts:
                complain("RRIP 4.1.3", "a root component that is not the first")
            text = {2: b".", 4: b"..", 8: b""}.get(flags & 14, text)
            self.open = (self.open or b"") + text
            if not flags & 1:
                self.parts.append(self.open)
                self.open = None
        if at != len(payload):
            complain("RRIP 4.1.3", "bytes behind the last component")

    def finish(self, complain):
        if self.open is not None or self.goes_on:
            complain("RRIP 4.1.3", "the last SL entry says that the target goes on")
        return b"/" if self.parts == [b""] else b"/".join(self.parts)
