"""What our own readers saw, in the form of the foreign ones."""

import os
import stat

from source import KINDS
from tools import Seen


def kind_of(rr):
    return KINDS.get(stat.S_IFMT(rr.mode), "?") if rr.mode is not None else "?"


def plain_name(identifier):
    """An identifier of ISO 9660 as readers show it: without version, and without a dot that separates nothing."""
    name = identifier.partition(b";")[0]
    return name.removesuffix(b".")


def rock_ridge(tree):
    """(Seen, Node) for every entry of the Rock Ridge tree, relocated folders where they belong."""
    by_extent = {folder.extent: folder for folder in tree.folders}
    pending = [(b"", tree.root)]
    visited = set()
    while pending:
        above, folder = pending.pop()
        if folder.extent in visited:
            continue
        visited.add(folder.extent)
        for node in folder.children:
            rr = node.rr
            if rr is None or rr.relocated:
                continue
            name = rr.name if rr.name is not None else plain_name(node.identifier)
            path = above + b"/" + name if above else name
            actual = by_extent.get(rr.child_link, node) if rr.child_link is not None else node
            kind = kind_of(actual.rr)
            if kind == "d" and actual.folder:
                pending.append((path, actual))
            elif (kind == "d") != actual.folder:
                kind = "?"
            own = actual.rr
            item = Seen(path, kind, node.size if kind == "f" else None, own.mtime, mode=stat.S_IMODE(own.mode or 0), uid=own.uid,
                        gid=own.gid, nlink=own.nlink, target=own.target, runs=node.runs, signatures=own.signatures,
                        name_parts=rr.name_parts, in_record=plain_name(node.identifier) if rr.in_record is None else rr.in_record)
            if own.rdev:
                item.rdev, item.device_halves = device_numbers(*own.rdev), own.rdev
            yield item, node


def device_numbers(high, low):
    """Major and minor apart, or a whole dev_t in the low half, as libisofs writes it."""
    return (high, low) if high else (os.major(low), os.minor(low))


def plain_path(node):
    parts = []
    while node.parent is not None:
        parts.append(plain_name(node.identifier) if not node.folder else node.identifier)
        node = node.parent
    return b"/".join(reversed(parts))


def iso(tree):
    for node in tree.nodes():
        yield Seen(plain_path(node), "d" if node.folder else "f", None if node.folder else node.size, node.mtime, runs=node.runs), node


def joliet(tree):
    for node in tree.nodes():
        yield Seen(node.path, "d" if node.folder else "f", None if node.folder else node.size, node.mtime, runs=node.runs,
                   version=node.identifier.endswith(b"\0;\0001"))


def enhanced(tree):
    for node in tree.nodes():
        yield Seen(node.path, "d" if node.folder else "f", None if node.folder else node.size, node.mtime, runs=node.runs)


def udf(volume):
    for node in volume.nodes():
        icb = node.icb
        item = Seen(node.path, icb.kind, icb.size if icb.kind == "f" else None, icb.mtime, mode=icb.mode, uid=icb.uid, gid=icb.gid,
                    nlink=icb.link_count if icb.kind != "d" else None, target=icb.target, rdev=icb.rdev, runs=icb.runs, inline=icb.inline)
        yield item
