"""The image as bytes, and who claims which of them."""

import hashlib
import os

from source import CHUNK, data_runs

BLOCK = 2048


class Image:
    """Random access to an image file, and a map of what each structure says it occupies."""

    def __init__(self, path, blocks=None):
        """The whole file, or only its first blocks."""
        self.path = path
        self.fd = os.open(path, os.O_RDONLY)
        self.size = os.fstat(self.fd).st_size if blocks is None else blocks * BLOCK
        self.blocks = self.size // BLOCK
        self.claims = []              # (first byte, end, label, may be shared with an equal claim)
        self.digests = {}

    def read(self, offset, length):
        """Exactly `length` bytes; what lies behind the end of the image reads as zeros, so that parsers need no special case."""
        if offset >= self.size or offset < 0:
            return bytes(length)
        there = min(length, self.size - offset)
        data = os.pread(self.fd, there, offset)
        while len(data) < there:
            data += os.pread(self.fd, there - len(data), offset + len(data))
        return data + bytes(length - len(data))

    def block(self, number, count=1):
        return self.read(number * BLOCK, count * BLOCK)

    def holds(self, first_block, length):
        return 0 <= first_block and first_block * BLOCK + length <= self.size

    def claim(self, offset, length, label, shared=False):
        if length:
            self.claims.append((offset, offset + length, label, shared))

    def digest(self, runs):
        """SHA-256 of the bytes of [(offset, length), ...]; None when they do not lie inside the image."""
        key = tuple(runs)
        if key not in self.digests:
            digest, whole = hashlib.sha256(), True
            for offset, length in key:
                whole = whole and 0 <= offset and offset + length <= self.size
                while whole and length:
                    block = self.read(offset, min(length, CHUNK))
                    digest.update(block)
                    offset, length = offset + len(block), length - len(block)
            self.digests[key] = digest.hexdigest() if whole else None
        return self.digests[key]

    def first_difference(self, runs, entry):
        """Compares [(offset, length), ...] with a source file, skipping what is a hole in both. None when equal."""
        with open(entry.host, "rb", buffering=0) as file:
            at = 0
            for offset, length in runs:
                if offset < 0 or offset + length > self.size:
                    return at
                wanted = [(start - at, size) for start, size in data_runs(file.fileno(), at, length)]
                wanted += [(start - offset, size) for start, size in data_runs(self.fd, offset, length)]
                for start, size in merged(wanted):
                    for step in range(start, start + size, CHUNK):
                        part = min(CHUNK, start + size - step)
                        if os.pread(file.fileno(), part, at + step) != os.pread(self.fd, part, offset + step):
                            return at + step
                at += length
        return None

    def overlaps(self):
        """Pairs of claims that share bytes though they must not, as (first, second, offset)."""
        active = None
        for claim in sorted(set(self.claims)):
            if active and claim[0] < active[1]:
                same = claim[:2] == active[:2] and claim[3] and active[3]
                if not same:
                    yield active[2], claim[2], claim[0]
            if active is None or claim[1] > active[1]:
                active = claim


def merged(runs):
    """Sorted, with overlaps and neighbours joined."""
    out = []
    for start, length in sorted(runs):
        if out and start <= out[-1][0] + out[-1][1]:
            end = max(out[-1][0] + out[-1][1], start + length)
            out[-1] = (out[-1][0], end - out[-1][0])
        else:
            out.append((start, length))
    return out


def joined(runs):
    """Neighbours joined, order kept: the same file split into sections and into extents becomes the same runs."""
    out = []
    for start, length in runs:
        if out and length and start == out[-1][0] + out[-1][1]:
            out[-1] = (out[-1][0], out[-1][1] + length)
        elif length:
            out.append((start, length))
    return out
