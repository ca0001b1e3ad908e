"""What is judged: an image file, or one session of a disc that was copied into a file, in the forms in which readers take it."""

import os
import re
import struct
import tempfile

import udf_wire as wire
from source import CHUNK, data_runs
from space import BLOCK

CLUSTER = 32                          # blocks of a session that hold its descriptors of ISO 9660 and its recognition sequence
SYSTEM_AREA = 16
ANCHOR = 256


def parse_session(text):
    """FIRST or FIRST-LAST, in blocks of the disc: (first, last or None)."""
    match = re.fullmatch(r"(\d+)(?:-(\d+))?", text)
    if not match or match[2] and int(match[2]) <= int(match[1]):
        raise ValueError(f"{text}: not FIRST or FIRST-LAST")
    return int(match[1]), int(match[2]) if match[2] else None


class Medium:
    """`whole` is for readers that can be told where a session begins; `cut` for those that begin at the end, and ends with the
    session; `front` for those that know of no sessions: `cut`, with a copy of the session's descriptors and of its anchor in the
    places of the first session's, where they would be on a medium that can be overwritten."""

    def __init__(self, path, first=0, last=None):
        self.whole, self.first, self.folder = path, first, None
        blocks = os.path.getsize(path) // BLOCK
        self.last = blocks - 1 if last is None else last
        if (first or last is not None) and not first + SYSTEM_AREA < self.last < blocks:
            raise ValueError(f"{path} has {blocks} blocks, and no session {first}-{self.last}")
        self.cut = self.front = path
        if last is not None and last + 1 < blocks:
            self.cut = self.front = self._copied("cut", path)
            os.truncate(self.cut, (last + 1) * BLOCK)
        if first:
            self.front = self._copied("front", self.cut)
            self._redirect()

    def close(self):
        if self.folder:
            self.folder.cleanup()

    def _copied(self, name, source):
        self.folder = self.folder or tempfile.TemporaryDirectory(prefix="judged-session-")
        path = os.path.join(self.folder.name, name)
        copy_data(source, path)
        return path

    def enhanced(self):
        """`front` with the enhanced descriptor in place of the primary one, and no other: few readers know it where it is."""
        path = self._copied("enhanced", self.front)
        with open(path, "r+b") as disc:
            for block in range(SYSTEM_AREA, CLUSTER):
                descriptor = bytearray(os.pread(disc.fileno(), BLOCK, block * BLOCK))
                if descriptor[:7] == b"\2CD001\2":
                    descriptor[0] = descriptor[6] = descriptor[881] = 1
                    os.pwrite(disc.fileno(), descriptor, SYSTEM_AREA * BLOCK)
            os.pwrite(disc.fileno(), b"\xFFCD001\1".ljust(BLOCK, b"\0"), (SYSTEM_AREA + 1) * BLOCK)
        return path

    def _redirect(self):
        with open(self.front, "r+b") as disc:
            disc.seek((self.first + SYSTEM_AREA) * BLOCK)
            descriptors = disc.read((CLUSTER - SYSTEM_AREA) * BLOCK)
            disc.seek(SYSTEM_AREA * BLOCK)
            disc.write(descriptors)
            old, anchor = (bytearray(os.pread(disc.fileno(), BLOCK, block * BLOCK)) for block in (ANCHOR, self.first + ANCHOR))
            if is_anchor(anchor):
                struct.pack_into("<I", anchor, 12, ANCHOR)
                anchor[4] = 0
                anchor[4] = sum(anchor[:16]) & 0xFF
            elif is_anchor(old):
                anchor = bytes(BLOCK)
            else:
                return                            # without UDF, the block may be of a file
            disc.seek(ANCHOR * BLOCK)
            disc.write(anchor)


def is_anchor(block):
    return len(block) == BLOCK and struct.unpack_from("<H", block)[0] == wire.AVDP


def copy_data(source, target):
    """Copies a file, and leaves out its holes."""
    with open(source, "rb") as file, open(target, "wb") as out:
        size = os.fstat(file.fileno()).st_size
        out.truncate(size)
        for offset, length in data_runs(file.fileno(), 0, size):
            file.seek(offset)
            out.seek(offset)
            while length:
                block = file.read(min(length, CHUNK))
                out.write(block)
                length -= len(block)
