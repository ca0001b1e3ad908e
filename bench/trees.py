"""Source trees for bench/compare: the same names, sizes, bytes and times for the same seed and size, on every machine."""
import math
import os
import random
import stat

MEDIAN_SIZE = 4096           # of small files, whose sizes are log-normal as in home folders and source trees
SIGMA = 1.4
LARGEST_SMALL = 2_000_000
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
SCRIPTS = "abcXYZ \u00e9\u00df\u0436\u0414\u4e2d\u6587\uac00\u0627\U0001F4BF"
ENDINGS = [".txt", ".c", ".h", ".png", ".html", ".json", ".py", ""]


class Maker:
    def __init__(self, root, seed):
        self.root, self.random = root, random.Random(seed)
        # Half of the 4 KiB blocks are text, half noise, so that nothing that compresses or looks for zeros gets a gift.
        noise = self.random.randbytes(4 << 20)
        text = bytes(b"etaoin shrdlu.\n "[b & 15] for b in self.random.randbytes(4096)) * 1024
        self.pool = b"".join((text if at >> 12 & 1 else noise)[at:at + 4096] for at in range(0, 4 << 20, 4096))
        os.mkdir(root)

    def name(self, number, ending=""):
        letters = "".join(self.random.choices(LETTERS, k=self.random.randint(4, 20)))
        return f"{letters}.{number}{ending}"

    def file(self, path, size):
        with open(path, "wb") as out:
            at = self.random.randrange(0, len(self.pool) // 2, 512)
            while size > 0:
                part = self.pool[at:at + size]
                out.write(part)
                size -= len(part)
                at = 0
        stamp = 1_600_000_000 + self.random.randrange(90_000_000)
        os.utime(path, (stamp, stamp))

    def small_size(self):
        return min(LARGEST_SMALL, max(1, int(MEDIAN_SIZE * math.exp(self.random.gauss(0, SIGMA)))))

    def folders(self, count):
        """Nested up to six deep; the ones at least three deep come back, to be filled."""
        made = [(self.root, 0)]
        while len(made) <= count:
            parent, depth = made[0] if len(made) <= 8 else self.random.choice(made[1:])
            if depth >= 6:
                continue
            path = os.path.join(parent, self.name(len(made)))
            os.mkdir(path)
            made.append((path, depth + 1))
        deep = [path for path, depth in made if depth >= 3]
        return deep or [made[-1][0]]


def small(root, count, seed):
    """Many small files in nested folders, a hundred or so to a folder."""
    maker = Maker(root, seed)
    folders = maker.folders(max(3, count // 100))
    for number in range(count):
        folder = folders[number * len(folders) // count]
        maker.file(os.path.join(folder, maker.name(number, maker.random.choice(ENDINGS))), maker.small_size())


def large(root, mebibytes, seed):
    """A few large files: half of the bytes in one, the rest in eight."""
    maker = Maker(root, seed)
    total = mebibytes << 20
    maker.file(os.path.join(root, "largest.bin"), total // 2)
    for number in range(8):
        maker.file(os.path.join(root, f"file{number}.bin"), total // 16 + maker.random.randrange(4096))


def wide(root, count, seed, folders=1):
    """All the files in one folder, or the same ones spread over some."""
    maker = Maker(root, seed)
    for number in range(folders):
        os.mkdir(os.path.join(root, f"folder{number}"))
    for number in range(count):
        maker.file(os.path.join(root, f"folder{number * folders // count}", maker.name(number, ".dat")), maker.random.randrange(1, 2048))


def names(root, count, seed):
    """Folders thirty deep, names of many scripts and of all lengths."""
    maker = Maker(root, seed)
    chain = [root]
    for depth in range(30):
        chain.append(os.path.join(chain[-1], f"{depth}" + "".join(maker.random.choices(SCRIPTS, k=4))))
        os.mkdir(chain[-1])
    for number in range(count):
        name = f"{number}" + "".join(maker.random.choices(SCRIPTS, k=maker.random.randint(1, 75)))
        maker.file(os.path.join(maker.random.choice(chain), name.encode()[:250].decode(errors="ignore")), maker.random.randrange(1, 512))


def million(root, count, seed):
    """As many files as there may be: a few bytes each, a hundred to a folder, a hundred folders to a folder."""
    maker = Maker(root, seed)
    for number in range(count):
        folder = os.path.join(root, f"{number // 10_000}", f"{number // 100}")
        if number % 100 == 0:
            os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, maker.name(number)), "wb") as out:
            out.write(maker.pool[:number % 64])


def sparse(root, gibibytes, seed):
    """One file that is nearly all hole."""
    Maker(root, seed)
    with open(os.path.join(root, "disk.raw"), "wb") as out:
        out.truncate(gibibytes << 30)
        for at in range(0, gibibytes << 30, 4 << 30):
            out.seek(at)
            out.write(b"fsimage " * 8192)


MAKERS = {
    "small": lambda path, a: small(path, a.files, a.seed),
    "large": lambda path, a: large(path, a.mebibytes, a.seed),
    "wide": lambda path, a: wide(path, a.wide, a.seed),
    "spread": lambda path, a: wide(path, a.wide, a.seed, min(a.wide, 200)),
    "names": lambda path, a: names(path, a.files, a.seed),
    "million": lambda path, a: million(path, a.million, a.seed),
    "sparse": lambda path, a: sparse(path, a.sparse, a.seed),
}


def measure(root):
    """(files, folders, bytes of content, a hard link's once); reads every byte, after which the page cache holds what it
    can."""
    files = folders = size = 0
    linked = set()
    for folder, _, names in os.walk(root, onerror=_raise):
        folders += 1
        for name in names:
            path = os.path.join(folder, name)
            files += 1
            status = os.lstat(path)
            if not stat.S_ISREG(status.st_mode) or (status.st_dev, status.st_ino) in linked:
                continue
            if status.st_nlink > 1:
                linked.add((status.st_dev, status.st_ino))
            with open(path, "rb") as content:
                while piece := content.read(1 << 20):
                    size += len(piece)
    return files, folders, size


def _raise(error):
    raise error
