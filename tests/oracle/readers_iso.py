"""The foreign readers of ISO 9660, Rock Ridge and Joliet: each returns what it shows, as a list of Seen."""

import datetime
import re
import shlex
import tarfile
import tempfile
from collections import Counter

from source import GIANT, hash_stream
from tools import MONTHS, Pipe, ReaderFailed, Seen, mode_bits, require, run, unescape


def epoch(text, form):
    when = datetime.datetime.strptime(text, form).replace(tzinfo=datetime.timezone.utc)
    return (when - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // datetime.timedelta(seconds=1)


def hash_in_order(stream, items):
    """Gives every file of the listing its hash, from the contents one after another."""
    for item in items:
        if item.kind == "f" and item.size <= GIANT:
            item.digest = hash_stream(stream.read, item.size)
            if item.digest is None:
                raise ReaderFailed(f"the contents end within {item.path!r}")


ONE_SECTION = 0xFFFFF800              # bytes of the longest section of a file
CDIO_LONGEST = (1 << 31) - 1          # iso-read counts bytes in an int


# --- bsdtar

BSDTAR_LINE = re.compile(rb"^(.)(\S{9}) +(\d+) +(\S+) +(\S+) +(\d+|\d+,\d+) +(\w{3}) +(\d+) +(\d\d:\d\d|\d{4,}) (.*)$", re.S)


def bsdtar(image, view, job):
    """Rock Ridge by way of a pax archive, which has seconds; the other views by listing and extraction."""
    require("bsdtar")
    if view == "rr":
        return bsdtar_pax(image, job)
    options = ["--options", "!rockridge" if view == "joliet" else "!rockridge,!joliet"]
    listing, _ = run(["bsdtar", *options, "-tvf", image])
    seen, links = [], {}
    for line in listing.split(b"\n")[:-1]:
        match = BSDTAR_LINE.match(line)
        if not match:
            raise ReaderFailed(f"bsdtar listed {line!r}")
        kind, _, _, _, _, size, month, day, year, name = match.groups()
        target = None
        if kind == b"h" or b" link to " in name:
            name, _, target = name.partition(b" link to ")
        path = unescape(name)
        path = b"" if path == b"." else path
        item = Seen(path, {"d": "d", "-": "f", "h": "f", "l": "l"}.get(kind.decode(), kind.decode()))
        if b":" not in year:
            item.day = (int(year), MONTHS[month.decode()], int(day))
        if target is not None:
            links[path] = unescape(target)
        else:
            item.size = int(size) if item.kind == "f" else None
        seen.append(item)
    giants = exclusions(job)
    with Pipe(["bsdtar", *options, *giants, "-xOf", image]) as stream:
        hash_in_order(stream, [item for item in seen if item.path not in links])
    by_path = {item.path: item for item in seen}
    for path, first in links.items():
        by_path[path].size, by_path[path].digest = by_path[first].size, by_path[first].digest
    return seen


def exclusions(job):
    return [f"--exclude=^{glob_quoted(path)}" for path in job.giants]


def glob_quoted(path):
    return re.sub(r"([\\*?\[\]])", r"\\\1", path.decode("utf-8", "surrogateescape"))


def bsdtar_pax(image, job):
    seen, links = [], []
    with Pipe(["bsdtar", "--format=pax", *exclusions(job), "-cf", "-", "@" + image]) as stream:
        with tarfile.open(fileobj=stream, mode="r|", encoding="utf-8", errors="surrogateescape") as archive:
            for member in archive:
                archive.members = []                             # tarfile keeps every member otherwise
                path = member.name.encode("utf-8", "surrogateescape")
                kind = {tarfile.DIRTYPE: "d", tarfile.SYMTYPE: "l", tarfile.CHRTYPE: "c", tarfile.BLKTYPE: "b",
                        tarfile.FIFOTYPE: "p"}.get(member.type, "f")
                item = Seen(b"" if path == b"." else path.removeprefix(b"./"), kind, mtime=int(member.mtime // 1),
                            mode=member.mode & 0o7777, uid=member.uid, gid=member.gid)
                if kind == "l":
                    item.target = member.linkname.encode("utf-8", "surrogateescape")
                elif kind in "cb":
                    item.rdev = (member.devmajor, member.devminor)
                elif member.islnk():
                    links.append((item, member.linkname.encode("utf-8", "surrogateescape").removeprefix(b"./")))
                elif kind == "f":
                    item.size = member.size
                    item.digest = hash_stream(archive.extractfile(member).read, member.size)
                seen.append(item)
            while stream.read(1 << 20):                          # the padding behind the end of the archive
                pass
    by_path = {item.path: item for item in seen}
    for item, first in links:
        item.size, item.digest = by_path[first].size, by_path[first].digest
    if job.giants:
        seen += bsdtar_giants(image, job)
    return seen


def bsdtar_giants(image, job):
    """Sizes only: what is excluded from the archive because it is too big to stream."""
    listing, _ = run(["bsdtar", "-tvf", image])
    for line in listing.split(b"\n"):
        match = BSDTAR_LINE.match(line)
        if match and unescape(match[10]) in job.giants:
            yield Seen(unescape(match[10]), "f", int(match[6]))


# --- 7-Zip

def seven_zip(image, view, job, kind="iso"):
    """One listing, then all contents through one pipe in the order of the listing."""
    require("7zz")
    listing, _ = run(["7zz", "l", "-slt", "-sccUTF-8", f"-t{kind}", image])
    text = listing.decode("utf-8", "surrogateescape")
    head, _, body = text.partition("\n----------\n")
    for sign in ("ERRORS:", "WARNINGS:", "Errors:", "Warnings:", "Headers Error", "Unexpected end"):
        if sign in head:
            raise ReaderFailed(f"7z says {sign} {head[head.index(sign):][:200]!r}")
    seen = []
    for block in body.split("\n\n"):
        fields = dict(line.split(" = ", 1) if " = " in line else (line.removesuffix(" ="), "") for line in block.strip("\n").split("\n"))
        if "Path" not in fields:
            continue
        item = Seen(fields["Path"].encode("utf-8", "surrogateescape"), "d" if fields["Folder"] == "+" else "f")
        if fields.get("Mode", "")[:1] not in ("", "-", "d"):         # from Rock Ridge
            item.kind = fields["Mode"][0]
            item.target = fields.get("Symbolic Link", "").encode("utf-8", "surrogateescape") or None
        if fields.get("Mode"):
            item.mode = mode_bits(fields["Mode"][1:10])
        item.size = int(fields["Size"] or 0) if item.kind == "f" else None
        if fields.get("Modified"):
            item.mtime = epoch(fields["Modified"].split(".")[0], "%Y-%m-%d %H:%M:%S")
        seen.append(item)
    # Exclusions are by exact path; -spd takes the wildcard characters literally.
    skipped = [f"-x!{path.decode('utf-8', 'surrogateescape')}" for path in job.giants]
    with Pipe(["7zz", "x", "-so", "-spd", "-sccUTF-8", f"-t{kind}", image, *skipped]) as stream:
        hash_in_order(stream, seen)
    return seen


# --- isoinfo

# Links and owners are octal, in columns that a wide number runs through. The flags of a section that is not the last are shown
# as the start of FFFFFF80.
ISOINFO_LINE = re.compile(rb"^(.)([rwxsStT-]{9})([ 0-9]{4}) ([ 0-7]{5})([ 0-7]{4,}?) +(\d+) (\w{3}) +(\d+) (\d{4}) \[ *\d+ (?:([0-9a-f]{2})\] |FFFF) (.*)$", re.S)
ISOINFO_FOLDER = re.compile(rb"^Directory listing of /(.*)$", re.S)
ISOINFO_VIEW = {"rr": ["-R"], "joliet": ["-J", "-j", "iso8859-1"], "iso": []}


def isoinfo(image, view, job):
    require("isoinfo")
    options = [*ISOINFO_VIEW[view], *(["-T", str(job.session)] if job.session else []), "-i", image]
    listing, _ = run(["isoinfo", *options, "-l"])
    lines = joined_lines(listing, ISOINFO_LINE, ISOINFO_FOLDER)
    seen, folder, goes_on = [], b"", False
    for line in lines:
        match = ISOINFO_FOLDER.match(line)
        if match:
            folder = match[1].rstrip(b"/")
            continue
        match = ISOINFO_LINE.match(line)
        if not match:
            raise ReaderFailed(f"isoinfo listed {line!r}")
        kind, mode, links, uid, gid, size, month, day, year, flags, name = match.groups()
        kind = {"-": "f", "f": "p"}.get(kind.decode(), kind.decode())
        target = None
        if kind == "l":
            name, _, target = name.partition(b" -> ")
        else:
            name = name.removesuffix(b" ")
        if name in (b".", b".."):
            continue
        path = folder + b"/" + name if folder else name
        if goes_on:
            seen[-1].size += int(size)
            goes_on = flags is None
            continue
        goes_on = flags is None
        item = Seen(path, kind, int(size) if kind == "f" else None, day=(int(year), MONTHS[month.decode()], int(day)))
        if view == "rr":
            item.mode, item.nlink, item.uid, item.gid, item.target = mode_bits(mode.decode()), int(links), int(uid, 8), int(gid, 8), target
        seen.append(item)
    raw = {id(item): item.path for item in seen}
    for item in seen:
        item.path = plain_form(item) if view == "iso" else item.path.removesuffix(b";1") if view == "joliet" else item.path
    named = Counter(raw.values())
    for item in job.sampled(seen, ONE_SECTION):
        if named[raw[id(item)]] > 1:
            job.limits["isoinfo twins"] += 1                     # -x puts out every file of that name, one after another
            continue
        with Pipe(["isoinfo", *options, "-x", b"/" + raw[id(item)]]) as stream:
            item.digest = hash_stream(stream.read, item.size)
    return seen


def plain_form(item):
    """Without version and idle dot: some readers show identifiers whole, some do not, and our own reader checks them whole."""
    return item.path if item.kind == "d" else item.path.partition(b";")[0].removesuffix(b".")


def joined_lines(listing, *starts):
    """Lines of a listing whose names may have line feeds: what begins like no entry belongs to the line before."""
    out = []
    for line in listing.split(b"\n"):
        if any(start.match(line) for start in starts):
            out.append(line)
        elif out and line:
            out[-1] += b"\n" + line
    return out


# --- libcdio

CDIO_LINE = re.compile(rb"^  ([d-][rwxsStT-]{9} +\d+ \d+ \d+|.[rwxsStT-]{9} +\d+ \d+ \d+|[d-]) \[LSN +(\d+)\] +(\d+) (\w{3} \d\d \d{4} \d\d:\d\d:\d\d)  (.*)$", re.S)
CDIO_FOLDER = re.compile(rb"^/(.*):$", re.S)


def libcdio(image, view, job):
    require("iso-info", "iso-read")
    options = {"rr": ["--no-joliet"], "joliet": [], "iso": ["--no-joliet", "--no-rock-ridge"]}[view]
    listing, _ = run(["iso-info", "-q", "--no-header", "-l", *options, "-i", image])
    seen, folder = [], b""
    for line in joined_lines(listing.partition(b"ISO-9660 Information\n")[2], CDIO_LINE, CDIO_FOLDER):
        match = CDIO_FOLDER.match(line)
        if match:
            folder = match[1].strip(b"/")
            continue
        match = CDIO_LINE.match(line)
        if not match:
            continue                                             # the note about -l
        head, _, size, date, name = match.groups()
        target, kind = None, {"-": "f"}.get(chr(head[0]), chr(head[0]))
        if kind == "l":
            name, _, target = name.partition(b" -> ")
        if name in (b".", b".."):
            continue
        item = Seen(folder + b"/" + name if folder else name, kind, int(size) if kind == "f" else None,
                    epoch(date.decode(), "%b %d %Y %H:%M:%S"), target=target)
        if len(head) > 1:
            mode, links, uid, gid = head.split()
            item.mode, item.nlink, item.uid, item.gid = mode_bits(mode[1:].decode()), int(links), int(uid), int(gid)
        seen.append(item)
    merged = one_entry_a_file(seen, job)
    if view == "rr":                                             # iso-read has no options: it goes by Rock Ridge names
        for item in job.sampled(merged, CDIO_LONGEST):
            with tempfile.NamedTemporaryFile() as scratch:           # whole blocks, cut at the end: no pipe will do
                run(["iso-read", "-i", image, "-e", b"/" + item.path, "-o", scratch.name])
                item.digest = hash_stream(scratch.read, item.size)
                if scratch.read(1):
                    raise ReaderFailed(f"iso-read put out more than {item.size} bytes of {item.path!r}")
    return merged


def one_entry_a_file(seen, job):
    """iso-info lists each section of a file as an entry of its own; only a whole section can be followed by another."""
    out = []
    for item in seen:
        last = out[-1] if out else None
        if last and last.path == item.path and last.kind == item.kind == "f" and last.size and last.size % ONE_SECTION == 0:
            last.size += item.size
            job.limits["libcdio sections"] += 1
        else:
            out.append(item)
    return out


# --- xorriso

XORRISO_LINE = re.compile(rb"^(.)(\S{9})\S* +(\d+) (\S+) +(\S+) +(\d+|\d+,\d+) (.{12}) ('.*)$", re.S)
READ_FS = {"rr": "nojoliet", "joliet": "norock", "iso": "ecma119"}


def xorriso_command(image, view, session, *commands):
    where = ["-load", "sbsector", str(session)] if session else []
    return ["xorriso", "-report_about", "WARNING", "-return_with", "FAILURE", "32", "-iso_rr_pattern", "off", "-read_fs", READ_FS[view],
            "-osirrox", "on", *where, "-indev", image, *commands]


# -lsdl and -compare_r look every path up, which takes xorriso time with the square of the entries of a folder.
XORRISO_WIDE = 20_000


def xorriso(image, view, job):
    require("xorriso")
    seen = xorriso_wide(image, view, job.session) if job.widest > XORRISO_WIDE else xorriso_listing(image, view, job.session)
    chosen = [item for item in job.sampled(seen) if b"\n" not in item.path]
    if chosen:
        # Paths go by way of standard input, where neither their number nor their length matters.
        script = "".join("-concat append - " + shlex.quote("/" + item.path.decode("utf-8", "surrogateescape")) + " --\n" for item in chosen)
        with tempfile.TemporaryFile() as commands:
            commands.write(script.encode("utf-8", "surrogateescape"))
            commands.seek(0)
            with Pipe(xorriso_command(image, view, job.session, "-options_from_file", "-"), stdin=commands) as stream:
                hash_in_order(stream, chosen)
    return seen


def xorriso_listing(image, view, session):
    listing, _ = run(xorriso_command(image, view, session, "-find", "/", "-exec", "lsdl", "--"))
    seen = []
    for line in joined_lines(listing, XORRISO_LINE):
        match = XORRISO_LINE.match(line)
        if not match:
            raise ReaderFailed(f"xorriso listed {line!r}")
        kind, mode, links, uid, gid, size, date, name = match.groups()
        kind = {"-": "f"}.get(kind.decode(), kind.decode())
        words = shlex.split(name.decode("utf-8", "surrogateescape"))
        path = words[0].encode("utf-8", "surrogateescape").strip(b"/")
        item = Seen(path, kind, int(size) if kind == "f" else None)
        if view == "rr":
            item.mode, item.uid, item.gid = mode_bits(mode.decode()), int(uid), int(gid)
            if kind in "bc":
                item.rdev = tuple(int(part) for part in size.split(b","))
            elif kind == "l":
                item.target = words[-1].encode("utf-8", "surrogateescape")
        if re.search(rb" \d{4}$", date):
            month, day, year = date.split()
            item.day = (int(year), MONTHS[month.decode()], int(day))
        seen.append(item)
    return seen


XORRISO_LBA = re.compile(rb"^File data lba: +\d+ , +\d+ , +\d+ , +(\d+) , ('.*)$", re.S)


def xorriso_wide(image, view, session):
    """Kinds, and the sizes of files, which xorriso tells in linear time."""
    sizes, _ = run(xorriso_command(image, view, session, "-find", "/", "-type", "f", "-exec", "report_lba", "--"))
    seen = {}
    for line in joined_lines(sizes, XORRISO_LBA, re.compile(b"^Report layout")):
        match = XORRISO_LBA.match(line)
        if match:                                                # a file in sections has a line for each
            path = unquoted(match[2])
            seen[path] = Seen(path, "f", int(match[1]))
    for kind in "dlpcbs":
        listing, _ = run(xorriso_command(image, view, session, "-find", "/", "-type", kind, "-exec", "echo", "--"))
        for line in joined_lines(listing, re.compile(b"^'/")):
            seen[unquoted(line)] = Seen(unquoted(line), kind)
    return list(seen.values())


def unquoted(text):
    return shlex.split(text.decode("utf-8", "surrogateescape"))[0].encode("utf-8", "surrogateescape").strip(b"/")


XORRISO_DIFFERENCE = re.compile(rb"^(.) ('.*') \(\w+\) : (\S.*?) *: +(.*)$", re.S)
XORRISO_SUMMARY = re.compile(rb"^(Differences detected|Both file objects match as far as expectable)\.$|^$")


def xorriso_compare(image, pairs, session=0):
    """xorriso's own comparison of the Rock Ridge tree with paths on disk: everything it says, as (path on disk, field, text)."""
    require("xorriso")
    script = "".join(f"-compare_r {shlex.quote(path)} {shlex.quote('/' + inside)}\n" for path, inside in pairs)
    output, _ = run(xorriso_command(image, "rr", session, "-options_from_file", "-"), may_fail=True, stdin=script.encode("utf-8", "surrogateescape"))
    said = []
    for line in joined_lines(output, re.compile(rb"^. '/"), XORRISO_SUMMARY):
        match = XORRISO_DIFFERENCE.match(line)
        if match:
            said.append((b"/" + unquoted(match[2]), match[3].decode().removesuffix(" ").lower(), match[4].decode("utf-8", "replace")))
        elif not XORRISO_SUMMARY.match(line):
            said.append((b"", "", line.decode("utf-8", "replace")))
    return said
