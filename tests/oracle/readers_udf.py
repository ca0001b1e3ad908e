"""The foreign readers of UDF: each returns what it shows, as a list of Seen."""

import re

from source import GIANT, giant_windows, hash_stream
from tools import Pipe, ReaderFailed, Seen, build_lister, require, run, unescape


WIDE, WIDE_STEP = 20_000, 64          # behind so many entries of a folder, libudfread opens one of so many


def libudfread(image, job):
    """One pass: sizes, all contents, and of giants the windows around their data and the edges of extents."""
    program = build_lister(job.build_dir)
    windows = sorted({window for entry in job.giants.values() for window in giant_windows(entry)})
    options = ["-e", f"{WIDE}:{WIDE_STEP}"]
    options += [word for offset, length in windows[:1000] for word in ("-w", f"{offset}:{length}")]
    seen = []
    with Pipe([program, "-c", str(GIANT), *options, image]) as stream:
        for line in stream:
            kind, size, follows, path = line.rstrip(b"\n").split(b" ")
            path = modified_utf8(unescape(path))
            item = Seen(path, "d" if kind == b"D" else "f", int(size) if kind == b"F" and size != b"-" else None)
            if item.size is None:
                pass
            elif item.size <= GIANT:
                item.digest = hash_stream(stream.read, item.size)
            elif int(follows):
                item.digest = hash_stream(stream.read, int(follows))
                job.windows[path] = windows[:1000]
            seen.append(item)
    return seen


def modified_utf8(name):
    """libudfread puts out each half of a surrogate pair as three bytes of its own, which is valid only in MUTF-8."""
    try:
        name.decode("utf-8")
        return name
    except UnicodeDecodeError:
        text = name.decode("utf-8", "surrogatepass")
        return text.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "surrogatepass").encode("utf-8", "surrogatepass")


def udfinfo(image, options=()):
    """(what it prints as a dictionary, what it complains of)."""
    require("udfinfo")
    output, errors = run(["udfinfo", "--utf8", *options, image], may_fail=True)
    facts, spaces = {}, []
    for line in output.decode("utf-8", "replace").splitlines():
        if line.startswith("start="):
            spaces.append(dict(part.split("=") for part in line.split(", ")))
        elif "=" in line:
            name, _, value = line.partition("=")
            facts[name] = value
    if "blocks" not in facts:
        raise ReaderFailed(f"udfinfo found no volume: {errors.strip()[:300]}")
    facts["spaces"] = spaces
    return facts, [line for line in errors.splitlines() if line.strip()]


UDFDUMP_NAME = re.compile(rb"^:Rootdir/(.*)$", re.S)


def udfdump(image):
    """(paths of files, what it prints about the volume). It shows neither sizes nor folders that are empty."""
    require("udfdump")
    output, errors = run(["udfdump", "-b", "2048", "-t", image], may_fail=True)
    head, _, body = output.partition(b"Root dir dump\n")
    if not body:
        raise ReaderFailed(f"udfdump found no tree: {(errors or head.decode('utf-8', 'replace'))[-300:]}")
    names = []
    for line in body.rpartition(b"\n\n\nStreamdir dump")[0].split(b"\n"):
        match = UDFDUMP_NAME.match(line)
        if match:
            names.append(match[1])
        elif names and line:
            names[-1] += b"\n" + line
    return [Seen(name, "f") for name in names], head.decode("utf-8", "replace") + errors
