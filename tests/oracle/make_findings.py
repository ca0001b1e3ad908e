#!/usr/bin/env python3
"""Guesses the findings of an image that somebody else wrote, for the tests of the judges only.

    make_findings.py IMAGE SOURCE

Matches the entries of each view by place and time instead of by name, and prints as findings what differs. An image that
fsimage wrote comes with findings of its own.
"""

import json
import sys

import views
from expect import NEWEST, OLDEST
from iso_rules import IsoVolume
from source import parse_arguments
from space import Image


def guess(image, source):
    iso = IsoVolume(image, lambda *_: None, joliet_units=103, strict=False)
    out = []
    children = {}
    for entry in source.entries.values():
        if entry.path:
            children.setdefault(entry.path.rpartition(b"/")[0], []).append(entry)
        if not OLDEST <= entry.mtime <= NEWEST:
            out += [finding("clamped", view, entry.path) for view in ("iso9660", "joliet", "rockridge")]
    places = {item.path: item for item, _ in views.rock_ridge(iso.primary)}
    if iso.joliet:
        match(iso.joliet.root, b"", children, places, out)
    for item, node in views.rock_ridge(iso.primary):
        shown = views.plain_name(node.identifier) if not node.folder else node.identifier
        if shown != item.path.rpartition(b"/")[2]:
            out.append(finding("renamed", "iso9660", item.path, shown))
    return out


def match(folder, path, children, places, out):
    """Joliet's records against Rock Ridge's: the same kind, time and extent in the same folder."""
    left = {}
    for node in folder.children:
        left.setdefault((node.folder, node.mtime, None if node.folder else tuple(node.runs)), []).append(node)
    for entry in sorted(children.get(path, ()), key=lambda e: e.path):
        item = places[entry.path]
        if entry.kind not in "df":
            out.append(finding("dropped", "joliet", entry.path))
            continue
        found = left.get((entry.kind == "d", item.mtime, None if entry.kind == "d" else tuple(item.runs)), [])
        name = entry.path.rpartition(b"/")[2]
        node = next((n for n in found if n.path.rpartition(b"/")[2] == name), found[0] if found else None)
        if node is None:
            continue
        found.remove(node)
        shown = node.path.rpartition(b"/")[2]
        if shown != name:
            out.append(finding("collided", "joliet", entry.path, shown))
        if entry.kind == "d":
            match(node, entry.path, children, places, out)


def finding(kind, view, path, to=None):
    out = {"kind": kind, "view": view, "path": path.decode("utf-8", "surrogateescape"), "text": "guessed"}
    return out | ({"to": to.decode("utf-8", "surrogateescape")} if to else {})


if __name__ == "__main__":
    json.dump(guess(Image(sys.argv[1]), parse_arguments(sys.argv[2:])), sys.stdout, ensure_ascii=False)
