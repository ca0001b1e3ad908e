"""Who takes part in bench/compare: what each program is called with, for a file, a pipe, or reading."""
from dataclasses import dataclass, field

ISO, UDF = "iso9660,joliet,rockridge", "iso9660,joliet,rockridge,udf"
COPY = "no image"
LIST, LOAD = "listing", "loading"


@dataclass(frozen=True)
class Peer:
    program: str
    package: str             # Debian's
    version: tuple           # arguments that make it tell; none when it has no version


PEERS = {
    "xorriso": Peer("xorriso", "xorriso", ("-version",)),
    "genisoimage": Peer("genisoimage", "genisoimage", ("--version",)),
    "bsdtar": Peer("bsdtar", "libarchive-tools", ("--version",)),
    "tar": Peer("tar", "tar", ("--version",)),
    "cp": Peer("cp", "coreutils", ("--version",)),
    "7z": Peer("7zz", "7zip", ("i",)),
}
WRITERS, READERS = ("xorriso", "genisoimage", "bsdtar", "tar", "cp"), ("xorriso", "bsdtar", "7z")


@dataclass
class Contender:
    """One program with one set of file systems. `against` is the set of fsimage's that it is compared with."""
    name: str
    peer: str
    against: str
    argv: list               # SOURCE and OUT stand for themselves; without OUT the bytes come out of standard output
    seconds: list = field(default_factory=list)
    cpu: list = field(default_factory=list)
    peak_kib: list = field(default_factory=list)
    first_byte: list = field(default_factory=list)
    size: int = 0
    allocated: int = 0
    failed: str = ""         # how it ended, once it did so with an error

    def command(self, source, out):
        return [word.replace("OUT", out) if "OUT" in word else {"SOURCE": source}.get(word, word) for word in self.argv]

    def note(self, measured):
        self.seconds.append(measured.seconds)
        self.cpu.append(measured.cpu)
        self.peak_kib.append(measured.peak_kib)
        if measured.first_byte is not None:
            self.first_byte.append(measured.first_byte)


def taking_part(every, peers):
    return [c for c in every if c.peer in ("fsimage", "fsimage udf", "floor") or c.peer in peers]


def writing(fsimage, floor, peers, piped):
    """Images into the file OUT, or out of standard output."""
    out = "-" if piped else "OUT"
    # The others do not wait for stable storage, so ours does not either; once it does, to show what that costs.
    ours = [fsimage, "create", "-q", "--allow", "rename,drop,clamp", "SOURCE", "-o", out, "--fs"]
    mkisofs = ["-quiet", "-iso-level", "3", "-J", "-R", "-o", out, "SOURCE"]
    every = [
        Contender("fsimage", "fsimage", ISO, [*ours, ISO, "--no-sync"]),
        Contender("fsimage, synced", "fsimage", ISO, [*ours, ISO]),
        Contender("fsimage with UDF", "fsimage", UDF, [*ours, UDF, "--no-sync"]),
        Contender("fsimage with SHA-256", "fsimage", ISO, [*ours, ISO, "--no-sync", "--sha256", "OUT.sha256"]),
        Contender("xorriso -as mkisofs -J -R", "xorriso", ISO, ["xorriso", "-as", "mkisofs", *mkisofs]),
        Contender("genisoimage -J -R", "genisoimage", ISO, ["genisoimage", *mkisofs]),
        Contender("genisoimage -J -R -udf", "genisoimage", UDF, ["genisoimage", "-udf", *mkisofs]),
        Contender("bsdtar --format=iso9660", "bsdtar", ISO, ["bsdtar", "--format=iso9660", "-cf", out, "-C", "SOURCE", "."]),
        Contender("tar cf", "tar", COPY, ["tar", "cf", out, "-C", "SOURCE", "."]),
        Contender("cp -r", "cp", COPY, ["cp", "-r", "--reflink=never", "SOURCE", "OUT"]),
    ]
    if floor:
        every.append(Contender("floor, 2 readers", "floor", ISO, [floor, "copy", "SOURCE", out, "-M", "rrj", "-j", "2"]))
    only_files = ("fsimage, synced", "fsimage with SHA-256", "cp -r")
    return taking_part([c for c in every if not (piped and c.name in only_files)], peers)


def reading(fsimage, bench_import, peers):
    """Listings of everything, and what a tree needs before a session can be added. OUT stands for the image."""
    loading = ["env", "FSIMAGE_BENCH_IMAGE=OUT", bench_import]
    every = [
        Contender("fsimage ls", "fsimage", LIST, [fsimage, "ls", "OUT"]),
        Contender("bsdtar -tf", "bsdtar", LIST, ["bsdtar", "-tf", "OUT"]),
        Contender("7z l", "7z", LIST, ["7zz", "l", "OUT"]),
        Contender("xorriso -indev -find", "xorriso", LIST, ["xorriso", "-indev", "stdio:OUT", "-find", "/"]),
        Contender("fsimage, import of Rock Ridge", "fsimage", LOAD, [*loading, "--benchmark_filter=import/rockridge"]),
        Contender("fsimage, import of UDF", "fsimage udf", LOAD, [*loading, "--benchmark_filter=import/udf"]),
        Contender("xorriso -indev", "xorriso", LOAD, ["xorriso", "-indev", "stdio:OUT"]),
    ]
    return taking_part(every, peers)
