"""How entries are recorded: what a reader's known limit may depend on, and only our own readers can tell."""

from collections import Counter

from limits import utf16

WIDE = 20_000                         # entries of a folder that some readers are too slow for
LONG_LINK = 64
RR_LIMIT = 254                        # isofs drops the NM entry with which a name would reach so many bytes


def find(view, expectation, seen):
    """Fills `facts` of the wants, and returns how often each fact was found.

    wide: in a folder of very many entries. 7z path: of what the records themselves have of the names. sections: a file in several sections. split link: a target in several SL entries. long link: a target of more than 64 bytes. version: an identifier of Joliet with one.
    device halves: both halves of PN are in use. astral: a name in the folder, or in one above, needs a surrogate pair.
    cut twin: two names of a folder above are one when they are cut to as many bytes as they have on the disc.
    linux path: the path that isofs makes of it. linux twin: isofs finds another entry by the same name.
    """
    counts, folders, in_records, shown = Counter(), {}, {}, Counter()
    children = Counter(item.path.rpartition(b"/")[0] for item in seen)
    astral = {item.path.rpartition(b"/")[0] for item in seen if view == "joliet" and any(byte >= 0xF0 for byte in item.path.rpartition(b"/")[2])}
    cut = Counter(cut_path(item.path) for item in seen) if view == "joliet" else Counter()
    for item in seen:
        want = expectation.wants.get(item.path)
        if want is None:
            continue
        facts = want.facts
        if children[item.path.rpartition(b"/")[0]] > WIDE:
            facts["wide"] = True
        if astral and any(folder in astral for folder in above_of(item.path)):
            facts["astral"] = True
        if any(cut[cut_path(folder)] > 1 for folder in above_of(item.path)):
            facts["cut twin"] = True
        if item.rdev and view == "rr" and item.device_halves[0]:
            facts["device halves"] = item.device_halves
        if view == "rr":
            path = below(in_records, item, item.in_record)
            if path != item.path:
                facts["7z path"] = path
        if len(item.runs or ()) > 1:
            facts["sections"] = len(item.runs)
        if item.signatures.count("SL") > 1:
            facts["split link"] = True
        if item.target and len(item.target) > LONG_LINK:
            facts["long link"] = True
        if item.version:
            facts["version"] = True
        if view in ("rr", "joliet"):
            name = item.path.rpartition(b"/")[2]
            path = below(folders, item, linux_rock_ridge(name, item.name_parts) if view == "rr" else linux_joliet(name))
            if path != item.path:
                facts["linux path"] = path
            shown[path.lower() if view == "joliet" else path] += 1
        counts.update(facts.keys())
    for want in expectation.wants.values() if view in ("rr", "joliet") else ():
        path = want.facts.get("linux path", want.path)
        if shown[path.lower() if view == "joliet" else path] > 1:
            want.facts["linux twin"] = True
            counts["linux twin"] += 1
    return counts


def below(folders, item, name):
    """The item's path with that name, in a folder that may be shown under another path; `folders` keeps those."""
    above = item.path.rpartition(b"/")[0]
    path = folders.get(above, above) + b"/" + name if above else name
    if item.kind == "d" and path != item.path:
        folders[item.path] = path
    return path


def cut_path(path):
    return b"/".join(part[:len(utf16(part))] for part in path.split(b"/"))


def above_of(path):
    """The folders that a path lies in, the root (b"") included."""
    while path:
        path = path.rpartition(b"/")[0]
        yield path


def linux_rock_ridge(name, parts):
    """What isofs of Linux 6.1 takes of the NM entries: those before the one with which 254 bytes would be reached."""
    length = 0
    for part in parts:
        if length + part >= RR_LIMIT:
            return name[:length]
        length += part
    return name


def linux_joliet(name):
    """isofs takes all dots from the end of a name, but the last character."""
    while len(name) >= 2 and name.endswith(b"."):
        name = name[:-1]
    return name
