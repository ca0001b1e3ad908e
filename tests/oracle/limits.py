"""What each foreign reader is known not to be able to show. Every exception that the judges make is a row here.

A row is used only where its condition holds for the entry, and every use is counted and printed. `shows` turns the right value
into what the reader makes of it, and that is what is compared; without it the field is not compared for such entries.
"""

import binascii
import os
import struct
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    id: str
    judge: str
    views: tuple
    field: str                        # path, absent, twice, kind, size, mtime, day, mode, uid, gid, nlink, target, rdev, content, view
    when: str                         # the condition, in words
    why: str
    applies: Callable                 # of a Want; of the Court for the field "view"
    shows: Callable | None = None     # (Want, right value) -> what the reader shows
    alike: Callable | None = None     # (right value, shown value) -> whether the difference is only the reader's

    def excuses(self, want, wanted, shown):
        if not self.applies(want):
            return False
        if self.alike is not None:
            return self.alike(wanted, shown)
        return self.shows is None or self.shows(want, wanted) == shown


def always(_):
    return True


def has_joliet(court):
    return court.iso.joliet is not None


def has_rock_ridge(court):
    return court.iso.primary.rock_ridge


def continued_behind_content(court):
    return any(node.continued > node.runs[0][0] for node in court.iso.primary.nodes() if not node.folder and node.size)


def relocated(court):
    return any(node.rr is not None and node.rr.child_link is not None for node in court.iso.primary.nodes())


def odd_names(court):
    """Names that ISO 9660:1999 keeps, and that readers of the plain tree make something else of."""
    paths = [entry.path for entry in court.source.entries.values()]
    return len({path.lower() for path in paths}) < len(paths) or \
        any(b";" in path or b"./" in path + b"/" or not path.isascii() or min(path, default=32) < 32 for path in paths)


def recorded(fact):
    """Entries of which our own reader knows how they are recorded: facts.py."""
    return lambda want: fact in want.facts


def name_of(want):
    return want.path.rpartition(b"/")[2]


def by_name(change):
    """A change of names, made to every component of a path."""
    return lambda want, path: b"/".join(change(part) for part in path.split(b"/"))


def some_name(condition):
    return lambda want: any(condition(part) for part in want.path.split(b"/"))


def utf16(name):
    return name.decode("utf-8", "surrogatepass").encode("utf-16-be", "surrogatepass")


def latin1(name):
    """One byte for each UTF-16 unit; what Latin-1 does not have is an underscore."""
    data = utf16(name)
    return bytes(low if high == 0 else 0x5F for high, low in zip(data[::2], data[1::2]))


def nfc(name):
    return unicodedata.normalize("NFC", name.decode("utf-8", "surrogatepass")).encode("utf-8", "surrogatepass")


def without_slashes(wanted, shown):
    return wanted.replace(b"/", b"") == shown.replace(b"/", b"")


def cut_to_units(want, path):
    """libcdio's UTF-8 names have room for two bytes a UTF-16 unit, the version counted."""
    parts = path.split(b"/")
    version = b";1" if "version" in want.facts else b""
    parts = [part + (version if number == len(parts) else b"") for number, part in enumerate(parts, 1)]
    cut = [part[:len(utf16(part))] for part in parts]
    return b"/".join(part.removesuffix(b";1") for part in cut)


def osta_ascii(name):
    """The algorithm of UDF 6.7 for systems with few characters: a run of others becomes one underscore, and a CRC tells them apart."""
    data = utf16(name)
    units = struct.unpack(f">{len(data) // 2}H", data)
    dots = [index for index, unit in enumerate(units) if unit == 0x2E and len(units) - index - 1 < 6 and units[-1] != 0x2E]
    body, extension = (units[:dots[-1]], b"." + ascii_units(units[dots[-1] + 1:])) if dots else (units, b"")
    return ascii_units(body)[:255 - 5 - len(extension)] + f"#{binascii.crc_hqx(data, 0):04X}".encode() + extension


def ascii_units(units):
    out = b""
    for index, unit in enumerate(units):
        if 0x20 <= unit <= 0x7E:
            out += bytes([unit])
        elif index == 0 or 0x20 <= units[index - 1] <= 0x7E:
            out += b"_"
    return out


def unprintable(name):
    return any(not 0x20 <= byte <= 0x7E for byte in name)


def glibc_device(want, device):
    """What comes of the halves of PN when they are taken for the halves of glibc's dev_t."""
    high, low = want.facts["device halves"]
    return os.major(high << 32 | low), os.minor(high << 32 | low)


def linux_udf(name):
    """The name that udf of Linux 6.1 makes of one that is too long for its 254 bytes."""
    if len(name) <= 254:
        return name
    text = name.decode("utf-8", "surrogatepass")
    raw = text.encode("latin-1") if all(ord(c) < 256 for c in text) else text.encode("utf-16-be", "surrogatepass")
    dot = text.rfind(".")
    extension = text[dot:].encode("utf-8", "surrogatepass") if 0 < len(text) - dot - 1 <= 5 and dot >= 0 else b""
    kept = name[:254 - 5 - len(extension)].decode("utf-8", "ignore").encode()          # whole characters only
    return kept + f"#{binascii.crc_hqx(raw, 0):04X}".encode() + extension


udfdump_path = by_name(lambda name: osta_ascii(name) if unprintable(name) else name)

LIMITS = [
    # 7-Zip 26.02
    Limit("7z prefers Joliet", "7z", ("rr", "iso"), "view", "the image has a Joliet tree",
          "7-Zip opens the last Joliet descriptor and shows no other tree; it has no option for that", has_joliet),
    Limit("7z prefers Rock Ridge", "7z", ("iso",), "view", "the image has Rock Ridge and no Joliet",
          "7-Zip then shows the Rock Ridge names; it has no option for that", lambda court: has_rock_ridge(court) and not has_joliet(court)),
    Limit("7z levels", "7z", ("rr", "joliet", "iso", "enhanced"), "view", "folders lie more than 256 levels deep",
          "7-Zip goes no deeper in ISO 9660, and says so", lambda court: max(path.count(b"/") for path in court.source.entries) > 256),
    Limit("7z continued names", "7z", ("rr",), "path", "a name is not in one NM entry of its record",
          "7-Zip takes the first NM entry of the record, and without one the plain identifier; it does not look into continuation areas",
          recorded("7z path"), lambda want, path: want.facts["7z path"]),
    Limit("7z versions", "7z", ("rr",), "path", "an entry's own name ends as a version does", "7-Zip takes the version from names of Rock Ridge too",
          lambda want: want.path.endswith(b";1"), lambda want, path: path.removesuffix(b";1")),
    Limit("7z dots in targets", "7z", ("rr",), "target", "a target ends with . or ..", "7-Zip adds a slash behind such components",
          lambda want: want.target and want.target.rpartition(b"/")[2] in (b".", b".."), lambda want, target: target + b"/"),
    Limit("7z trailing dot", "7z", ("rr", "joliet", "iso"), "path", "an entry's own name ends with a dot",
          "7-Zip takes one dot from the end, as if it were the idle dot of an ISO 9660 identifier; below a folder it does not",
          lambda want: want.facts.get("7z path", want.path).endswith(b"."), lambda want, path: path.removesuffix(b".")),
    Limit("7z line feeds", "7z", ("rr", "joliet", "udf"), "path", "a name has a line feed", "7-Zip lists an underscore in its place",
          some_name(lambda name: b"\n" in name), by_name(lambda name: name.replace(b"\n", b"_"))),
    Limit("7z blank names", "7z", ("udf",), "path", "a name has nothing but spaces", "7-Zip lists a folder of that name as []",
          some_name(lambda name: not name.strip()), by_name(lambda name: name if name.strip() else b"[]")),
    Limit("7z special files", "7z", ("udf",), "view", "the image has links or nodes in UDF",
          "7-Zip refuses a volume with an ICB whose type is neither 4 nor 5", lambda court: any(icb.kind not in "df" for icb in court.udf.icbs.values())),

    # libcdio 2.1.0
    Limit("libcdio long links", "libcdio", ("rr",), "view", "the target of a symbolic link is longer than 64 bytes",
          "iso-info 2.1.0 ends with a segmentation fault among such links, on xorriso's images too", lambda court: court.facts["long link"] > 0),
    Limit("libcdio continuation areas", "libcdio", ("rr",), "view", "an entry below the root needs a continuation area",
          "libcdio 2.1.0 does not look into them: it shows the plain identifier, or dies; on xorriso's images too",
          lambda court: any(node.continued for node in court.iso.primary.nodes())),
    Limit("libcdio mixes trees", "libcdio", ("iso",), "view", "the image has Rock Ridge or Joliet",
          "even with --no-rock-ridge and --no-joliet it shows Rock Ridge names, or plain ones in lower case, by what it met first",
          lambda court: has_rock_ridge(court) or has_joliet(court)),
    Limit("libcdio two bytes a unit", "libcdio", ("joliet",), "path", "a name needs more bytes in UTF-8 than in UTF-16",
          "iso-info cuts names of Joliet to as many bytes as they have on the disc", lambda want: cut_to_units(want, want.path) != want.path, cut_to_units),
    Limit("libcdio cut twins", "libcdio", ("joliet",), "absent", "two names of a folder above are one when they are cut",
          "iso-info looks for the folder by the name that it cut, and finds the other entry", recorded("cut twin")),
    Limit("libcdio lower case", "libcdio", ("iso",), "path", "always", "iso-info shows plain identifiers in lower case", always,
          lambda want, path: path.lower()),

    Limit("libcdio surrogates", "libcdio", ("joliet",), "absent", "a name in the folder, or in one above, has a character beyond U+FFFF",
          "libcdio converts from UCS-2, fails on surrogates, and then does not list the folder", recorded("astral")),
    Limit("libcdio sections", "libcdio", ("rr", "joliet", "iso"), "size", "a file is recorded in several sections",
          "iso-info lists each section as an entry: they are added up", lambda _: False),
    Limit("libcdio sticky bit", "libcdio", ("rr",), "mode", "the sticky bit is set", "iso-info shows no t", lambda want: want.entry.mode & 0o1000,
          lambda want, mode: mode & ~0o1000),
    Limit("libcdio 2 GiB", "libcdio", ("rr",), "content", "a file is larger than 2 GiB", "iso-read counts bytes in an int, and fails",
          lambda want: want.entry.size > 0x7FFFFFFF),

    *[Limit(f"{judge} relocated folders", judge, ("rr",), "view", "a folder was relocated",
            "it does not follow CL: an empty file stands in the folder's place, and the folder below RR_MOVED", relocated)
      for judge in ("isoinfo", "libcdio", "7z")],
    *[Limit(f"{judge} names of 1999", judge, ("enhanced",), "view",
            "a name has a semicolon, a dot at its end, other characters than those of ASCII, or its twin in another case",
            "it is given the tree as a primary one, and changes such names as if they were of one", odd_names)
      for judge in ("xorriso", "bsdtar", "isoinfo", "libcdio", "7z")],
    Limit("libcdio lower case of 1999", "libcdio", ("enhanced",), "path", "always", "iso-info shows plain identifiers in lower case", always,
          lambda want, path: path.lower()),

    # isoinfo 1.1.11
    Limit("isoinfo twins", "isoinfo", ("joliet",), "content", "two names are the same in Latin-1",
          "isoinfo -x puts out both files, one after another", lambda _: False),
    Limit("isoinfo sections", "isoinfo", ("rr", "joliet", "iso"), "content", "a file is recorded in several sections",
          "isoinfo -x puts out the last section only", recorded("sections")),
    Limit("isoinfo Latin-1", "isoinfo", ("joliet",), "path", "a name has characters beyond ASCII",
          "isoinfo knows no UTF-8: it is asked for Latin-1, and shows an underscore for each UTF-16 unit that Latin-1 does not have",
          some_name(lambda name: not name.isascii()), by_name(latin1)),
    Limit("isoinfo root target", "isoinfo", ("rr",), "target", "a link's target is /", "isoinfo shows an empty target",
          lambda want: want.target == b"/", lambda want, target: b""),
    Limit("isoinfo set-id bits", "isoinfo", ("rr",), "mode", "set-user-id, set-group-id or sticky is set", "isoinfo shows nine permission bits only",
          lambda want: want.entry.mode & 0o7000, lambda want, mode: mode & 0o777),
    Limit("isoinfo wide owners", "isoinfo", ("rr",), "uid", "the user id is above 32767", "isoinfo prints owners in octal and cuts them to five columns",
          lambda want: want.entry.uid > 0o77777, lambda want, uid: int(f"{uid:o}"[:5], 8)),

    # xorriso 1.5.4
    Limit("xorriso wide folders", "xorriso cmp", ("rr",), "view", "a folder has more than 20,000 entries",
          "-compare_r takes time with the square of the entries: it is asked for the sample only, and -find for sizes without modes",
          lambda _: False),

    *[Limit(f"{judge} devices", judge, ("rr",), field, "a device's number is recorded as major and minor",
            "the halves of PN are taken for those of glibc's dev_t; Linux reads them as major and minor, as RRIP 4.1.2 has it",
            applies, shows)
      for judge, field, applies, shows in (("xorriso", "rdev", recorded("device halves"), glibc_device),
                                           ("bsdtar", "rdev", recorded("device halves"), glibc_device),
                                           ("xorriso cmp", "st_rdev", lambda said: said[0].endswith("st_rdev"), None))],

    # bsdtar 3.6.2
    Limit("bsdtar split links", "bsdtar", ("rr",), "target", "the target of a symbolic link is recorded in more than one SL entry",
          "libarchive joins the components of two SL entries without a slash between them", recorded("split link"), alike=without_slashes),
    Limit("bsdtar continuation areas", "bsdtar", ("rr",), "view", "a file that an earlier session holds needs a continuation area",
          "libarchive refuses one that lies behind the file's content, and then the volume, xorriso's grown ones too", continued_behind_content),
    Limit("bsdtar long paths", "bsdtar", ("joliet",), "view", "a path in Joliet has more than 512 UTF-16 units",
          "libarchive puts it together in 1,024 bytes", lambda court: any(len(utf16(node.path)) > 1024 for node in court.iso.joliet.nodes())),
    *[Limit("bsdtar second before 1970", "bsdtar", ("rr", "joliet", "iso"), field, "the time is 1969-12-31 23:59:59",
            "libarchive takes the -1 for an error, and shows 1970-01-01", lambda want: want.mtime == -1, lambda want, _, epoch=epoch: epoch)
      for field, epoch in (("mtime", 0), ("day", (1970, 1, 1)))],
    Limit("bsdtar NFC", "bsdtar", ("joliet",), "path", "a name is not in normal form C", "libarchive composes UTF-16 names into normal form C",
          some_name(lambda name: nfc(name) != name), by_name(nfc)),

    Limit("xorriso giants", "xorriso cmp", ("rr",), "view", "a file is larger than 16 GiB",
          "-compare_r would read it whole: it is asked for the sample only", lambda _: False),

    Limit("xorriso other times", "xorriso cmp", ("rr",), "st_ctime, st_atime", "always",
          "an image holds the modification time in all stamps, unless it was made with --all-times", lambda said: said[0] in ("st_ctime", "st_atime")),

    # Linux 6.1
    Limit("linux 32-bit times", "linux", ("rr", "joliet", "iso"), "mtime", "the time is after 2038-01-19 03:14:07",
          "isofs of Linux 6.1 counts the seconds since 1970 in 32 bits, which wrap", lambda want: want.mtime > 0x7FFFFFFF,
          lambda want, when: (when + 0x80000000) % 0x100000000 - 0x80000000),
    Limit("linux 253 bytes", "linux", ("rr",), "path", "a name in Rock Ridge has 254 bytes or more",
          "isofs drops the NM entry with which the name would reach 254 bytes", recorded("linux path"), lambda want, path: want.facts["linux path"]),
    Limit("linux trailing dots", "linux", ("joliet",), "path", "a name in Joliet ends with a dot", "isofs takes the dots away",
          recorded("linux path"), lambda want, path: want.facts["linux path"]),
    *[Limit("linux Joliet twins", "linux", ("joliet",), field, "another entry has the same name but for case or dots at the end",
            "isofs looks up names of Joliet without regard to case, and finds one of the two", recorded("linux twin"))
      for field in ("kind", "size", "mtime", "content")],
    *[Limit("linux Rock Ridge twins", "linux", ("rr",), field, "another entry's name is the same after the cut",
            "isofs then finds one of the two", recorded("linux twin"))
      for field in ("kind", "size", "mtime", "mode", "uid", "gid", "nlink", "target", "rdev", "content")],
    Limit("linux UDF 254 bytes", "linux", ("udf",), "path", "a name needs more than 254 bytes in UTF-8",
          "udf cuts the name and adds a CRC", some_name(lambda name: len(name) > 254), by_name(lambda name: linux_udf(name))),
    Limit("linux lower case", "linux", ("iso",), "path", "always", "the default map=normal of isofs shows plain identifiers in lower case", always,
          lambda want, path: path.lower()),

    # libudfread 1.1.2
    Limit("libudfread wide folders", "libudfread", ("udf",), "content", "the folder has more than 20,000 entries",
          "libudfread finds a file by going through its folder: behind the first 20,000, one file in 64 is opened", recorded("wide")),
    Limit("libudfread kinds", "libudfread", ("udf",), "kind", "the entry is a link or a node", "libudfread knows files and folders only",
          lambda want: want.kind not in "df", lambda want, kind: "f"),

    # udfdump 0.8.11
    Limit("udfinfo sessions", "udfinfo", ("udf",), "complaint", "the volume is a further session of a disc",
          "one partition, from where the first session had it, is all that readers follow; the later structures then lie in it",
          lambda what: "Partition Space overlaps" in what[0] and what[1].udf.start < what[1].udf.main[1]),
    Limit("udfdump wide folders", "udfdump", ("udf",), "view", "a folder has more than 50,000 entries",
          "udfdump -t takes time with the square of the entries", lambda court: court.source.widest > 50_000),
    Limit("udfdump long paths", "udfdump", ("udf",), "view", "a path has more than 960 bytes as it would be shown",
          "udfdump -t puts it together in some 1,000 bytes, and aborts",
          lambda court: any(len(udfdump_path(want, want.path)) > 960 for want in court.expectations["udf"].wants.values())),
    Limit("udfdump ASCII", "udfdump", ("udf",), "path", "a name has characters other than printable ASCII",
          "udfdump shows the name that UDF 6.7 makes of it for systems with few characters", some_name(unprintable),
          udfdump_path),
    Limit("udfdump kinds", "udfdump", ("udf",), "kind", "the entry is a link or a node", "udfdump prints a path, whatever it is",
          lambda want: want.kind not in "df", lambda want, kind: "f"),
    Limit("udfdump folders", "udfdump", ("udf",), "absent", "the entry is a folder", "udfdump prints the paths of files only",
          lambda want: want.kind == "d"),
]


def limits_for(judge, view):
    return [limit for limit in LIMITS if limit.judge == judge and view in limit.views]


def print_limits(file=None):
    for limit in LIMITS:
        print(f"{limit.judge} ({', '.join(limit.views)}), {limit.field}, when {limit.when}:\n    {limit.id}: {limit.why}", file=file)
