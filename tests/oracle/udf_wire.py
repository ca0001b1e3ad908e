"""The pieces that UDF structures are made of: tags, strings, times, allocation descriptors. ECMA-167 3rd edition."""

import binascii
import struct
from calendar import timegm
from datetime import datetime

PVD, AVDP, IUVD, PARTITION, LVD, USD, TERMINATOR, LVID = 1, 2, 4, 5, 6, 7, 8, 9
FSD, FID, AED, FE, EFE = 256, 257, 258, 261, 266
KINDS = {4: "d", 5: "f", 6: "b", 7: "c", 9: "p", 10: "s", 12: "l", 13: "streams", 249: "f"}


def crc16(data):
    """ECMA-167 1/7.2.6: polynomial 0x1021, nothing reflected, starting at 0."""
    return binascii.crc_hqx(data, 0)


def check_tag(data, location, wanted, complain, where):
    """ECMA-167 3/7.2. True when the identifier is one of `wanted`, so that the rest is worth reading."""
    identifier, version, checksum, reserved, _, crc, length, at = struct.unpack_from("<HHBBHHHI", data)
    if identifier not in wanted:
        complain("3/7.2.1", where, f"tag identifier {identifier} in block {location}, not {' or '.join(map(str, wanted))}")
        return False
    if version not in (2, 3):
        complain("3/7.2.2", where, f"descriptor version {version}")
    if (sum(data[:16]) - checksum) & 0xFF != checksum:
        complain("3/7.2.3", where, f"tag checksum {checksum:#x}, the sum is {(sum(data[:16]) - checksum) & 0xFF:#x}")
    if reserved:
        complain("3/7.2.4", where, "reserved byte is not zero")
    if at != location:
        complain("3/7.2.8", where, f"tag location {at}, but it stands in {location}")
    if length > len(data) - 16:
        complain("3/7.2.7", where, f"descriptor CRC length {length}")
    elif crc16(data[16:16 + length]) != crc:
        complain("3/7.2.6", where, f"descriptor CRC {crc:#x} is wrong")
    return True


def cs0(data):
    """OSTA compressed Unicode, UDF 2.1.1, as text; None when it is malformed."""
    if not data:
        return ""
    if data[0] == 8:
        return data[1:].decode("latin-1")
    if data[0] == 16 and len(data) % 2:
        return data[1:].decode("utf-16-be", "surrogatepass")
    return None


def dstring(data, complain, where):
    used = data[-1]
    if used > len(data) - 1 or (used and data[0] not in (8, 16)):
        complain("1/7.2.12", where, f"dstring of {used} bytes, compression {data[0]}")
        return None
    if any(data[used:-1]):
        complain("1/7.2.12", where, "dstring is not zero behind its text")
    return cs0(data[:used])


def timestamp(data):
    """ECMA-167 1/7.3 as (seconds since 1970, microseconds), or None."""
    zone, year, month, day, hour, minute, second, centi, hundreds, micro = struct.unpack("<Hh8B", data)
    offset = zone & 0xFFF
    offset = offset - 0x1000 if offset & 0x800 else offset
    if zone >> 12 != 1 or not (-1440 <= offset <= 1440 or offset == -2047) or max(centi, hundreds, micro) > 99:
        return None
    try:
        datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None
    return (timegm((year, month, day, hour, minute, second)) - (0 if offset == -2047 else offset * 60),
            centi * 10_000 + hundreds * 100 + micro)


def regid(data):
    return data[0], data[1:24].rstrip(b"\0").decode("latin-1"), data[24:32]


def long_ad(data, at=0):
    """(bytes, type, block, partition reference, implementation use)"""
    length, block, partition = struct.unpack_from("<IIH", data, at)
    return length & 0x3FFFFFFF, length >> 30, block, partition, data[at + 10:at + 16]


def path_components(data, complain, where):
    """The contents of a symbolic link, ECMA-167 4/14.16, as a target."""
    parts, at = [], 0
    while at + 4 <= len(data):
        kind, length, version = data[at], data[at + 1], struct.unpack_from("<H", data, at + 2)[0]
        text = cs0(data[at + 4:at + 4 + length]) if kind == 5 else {1: "", 2: "", 3: "..", 4: "."}.get(kind)
        if text is None or version or (kind != 5 and length):
            complain("4/14.16", where, f"path component of type {kind}, {length} bytes, version {version}")
            return None
        parts.append(text)
        at += 4 + length
    return ("/" if parts == [""] else "/".join(parts)).encode("utf-8", "surrogatepass")
