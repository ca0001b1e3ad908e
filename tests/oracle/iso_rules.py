"""The rules of ECMA-119 and Joliet that need a whole tree: order, path tables, identifiers, descriptors."""

import struct

from iso_walk import DIGITS_LETTERS, JOLIET_FORBIDDEN, IsoTree, descriptors
from space import BLOCK
from susp import both32, long_date

A_CHARACTERS = DIGITS_LETTERS | set(b" !\"%&'()*+,-./:;<=>?")
D_CHARACTERS = DIGITS_LETTERS


def split(identifier, dot, semicolon, last):
    """(name, extension, version) of a file identifier; the separators may be missing."""
    body, _, version = identifier.partition(semicolon)
    name, _, extension = body.rpartition(dot) if last else body.partition(dot)
    if last and dot not in body:
        name, extension = body, b""[:0] if isinstance(body, bytes) else ""
    return name, extension, version


def iso_parts(last):
    """ECMA-119 9.3: name, extension, version descending; the shorter one filled with spaces."""
    def key(node):
        if node.folder:
            return node.identifier.ljust(255), b" " * 255, 0
        name, extension, version = split(node.identifier, b".", b";", last)
        return name.ljust(255), extension.ljust(255), -int(version) if version.isdigit() else 0
    return key


def joliet_whole(node):
    return tuple(struct.unpack(f">{len(node.identifier) // 2}H", node.identifier[:len(node.identifier) // 2 * 2]))


def joliet_parts(last):
    def key(node):
        text = node.identifier.decode("utf-16-be", "surrogatepass")
        name, extension, version = (text, "", "") if node.folder else split(text, ".", ";", last)
        units = [part.encode("utf-16-be", "surrogatepass") for part in (name, extension)]
        return units, -int(version) if version.isdigit() else 0
    return key


def check_order(tree, complain):
    """Record order, 9.3. Where a name has several dots, Joliet's or a relaxed one, nothing says at which it is split: any one way, used
    everywhere, will do."""
    keys = [iso_parts(True), iso_parts(False)] if tree.kind == "iso" else [lambda node: node.identifier] if tree.kind == "enhanced" else [joliet_whole, joliet_parts(True), joliet_parts(False)]
    wrong = []
    for key in keys:
        wrong.append(None)
        for folder in tree.folders:
            ordered = [key(child) for child in folder.children]
            bad = next((i for i in range(1, len(ordered)) if ordered[i - 1] > ordered[i]), None)
            if bad is not None:
                wrong[-1] = (folder.children[bad].path, folder.children[bad - 1].path)
                break
        if wrong[-1] is None:
            break
    if wrong[-1] is not None:
        where, before = wrong[0]
        complain("9.3", where, f"must stand before {before!r}")
    for folder in tree.folders:
        seen = set()
        for child in folder.children:
            if child.identifier in seen:
                complain("7.6.3", child.path, "the identifier is there twice")
            seen.add(child.identifier)


def check_identifiers(tree, level, strict, joliet_units, complain):
    for node in tree.nodes():
        text = bad_joliet(node, joliet_units) if tree.kind == "joliet" else bad_enhanced(node) if tree.kind == "enhanced" else bad_iso(node, level, strict)
        if text:
            complain("Joliet" if tree.kind == "joliet" else "7.5/7.6", node.path, text)


def bad_enhanced(node):
    if len(node.identifier) > 207:
        return f"an identifier of {len(node.identifier)} bytes"
    return "a control character" if any(byte < 32 for byte in node.identifier) else None


def bad_iso(node, level, strict):
    identifier = node.identifier
    if not strict:
        return None if len(identifier) <= 207 and b"/" not in identifier else "too long"
    if node.folder:
        if not identifier or set(identifier) - D_CHARACTERS:
            return f"directory identifier {identifier!r} is not of d-characters"
        limit = 8 if level == 1 else 31
        return f"directory identifier of {len(identifier)} characters" if len(identifier) > limit else None
    if identifier.count(b".") != 1 or identifier.count(b";") != 1:
        return f"file identifier {identifier!r} without its separators"
    name, extension, version = split(identifier, b".", b";", last=False)
    if set(name + extension) - D_CHARACTERS or not (name or extension):
        return f"file identifier {identifier!r} is not of d-characters"
    if not version.isdigit() or not 1 <= int(version) <= 32767:
        return f"file version {version!r}"
    if (level == 1 and (len(name) > 8 or len(extension) > 3)) or len(name) + len(extension) > 30:
        return f"file identifier {identifier!r} is too long for level {level}"
    return None


def bad_joliet(node, units):
    if len(node.identifier) % 2:
        return "an odd number of bytes"
    try:
        text = node.identifier.decode("utf-16-be")
    except UnicodeDecodeError:
        return "half a surrogate pair"
    text = text[:-2] if text.endswith(";1") and not node.folder else text
    if len(node.identifier) // 2 > units + (2 if text.encode("utf-16-be") != node.identifier else 0):
        return f"{len(node.identifier) // 2} characters, more than {units}"
    if any(ord(c) < 32 or c in JOLIET_FORBIDDEN for c in text):
        return f"forbidden character in {text!r}"
    return None if text else "empty name"


def path_table(tree, little, complain):
    """The records of one path table: (identifier, extent, parent number)."""
    order, at, name = ("<", 140, "L") if little else (">", 148, "M")
    block, = struct.unpack_from(order + "I", tree.descriptor, at)
    optional, = struct.unpack_from(order + "I", tree.descriptor, at + 4)
    size = both32(tree.descriptor, 132, lambda rule, text: complain(rule, "path table size", text), "path table size")
    if optional:
        complain("8.4.15", f"path table {name}", f"an optional table at {optional}, which nobody asked for")
    if not tree.image.holds(block, size) or block + -(-size // BLOCK) > tree.volume_blocks:
        complain("8.4.14", f"path table {name}", f"{block}, {size} bytes: outside the volume")
        return []
    tree.image.claim(block * BLOCK, -(-size // BLOCK) * BLOCK, f"{tree.kind} path table {name}")
    data, out, at = tree.image.read(block * BLOCK, size), [], 0
    while at + 8 <= size:
        length = data[at]
        extent, parent = struct.unpack_from(order + "IH", data, at + 2)
        out.append((data[at + 8:at + 8 + length], extent, parent))
        at += 8 + length + length % 2
    if at != size:
        complain("9.4", f"path table {name}", f"{size} bytes do not end with a record")
    return out


def check_path_tables(tree, complain):
    """L and M say the same, and what the directories say, in the order of 6.9.1."""
    tables = [path_table(tree, True, complain), path_table(tree, False, complain)]
    if tables[0] != tables[1]:
        complain("6.9", "path tables", "L and M differ")
    table = tables[0]
    pad = b" " if tree.kind == "iso" else b"\0"
    tree.root.number = 1
    expected, level = [(b"\0", tree.root.extent, 1)], [tree.root]
    while level:
        below = []
        for folder in level:
            below += sorted((c for c in folder.children if c.folder), key=lambda c: c.identifier.ljust(255, pad))
        for child in below:
            child.number = len(expected) + 1
            expected.append((child.identifier, child.extent, child.parent.number))
        level = below
    if len(expected) > 65535:
        complain("6.9.1", "path table", f"{len(expected)} directories, more than parents can be numbered")
    if len(table) != len(expected):
        complain("6.9", "path table", f"{len(table)} records, the tree has {len(expected)} directories")
    for number, (found, wanted) in enumerate(zip(table, expected), 1):
        if found != wanted:
            complain("6.9.1", f"path table record {number}",
                     f"identifier {found[0]!r}, extent {found[1]}, parent {found[2]}; the directories say {wanted[0]!r}, {wanted[1]}, {wanted[2]}")
            return


def check_descriptor(image, block, data, kind, complain):
    version = 2 if kind == "enhanced" else 1
    where = f"{kind} volume descriptor in block {block}"

    def say(rule, text):
        complain(rule, where, text)

    if both32(data, 80, say, "volume space size") != image.blocks or image.size % BLOCK:
        say("8.4.8", f"volume space size {struct.unpack_from('<I', data, 80)[0]}, the image has {image.size / BLOCK:g} blocks")
    for at, name, value in ((120, "volume set size", 1), (124, "volume sequence number", 1), (128, "logical block size", BLOCK)):
        little, = struct.unpack_from("<H", data, at)
        big, = struct.unpack_from(">H", data, at + 2)
        if (little, big) != (value, value):
            say("8.4", f"{name} {little}/{big}")
    for at, size in ((7, 1), (72, 8), (882, 1), (1395, 653)) + (((88, 32),) if kind != "joliet" else ()):
        if any(data[at:at + size]) and not (kind == "joliet" and at == 7):
            say("8.4", f"reserved bytes {at}..{at + size - 1} are not zero")
    if data[881] != version:
        say("8.4.31", f"file structure version {data[881]}")
    for at, name in ((813, "creation"), (830, "modification"), (847, "expiration"), (864, "effective")):
        stamp = data[at:at + 17]
        if stamp != b"0" * 16 + b"\0" and long_date(stamp) is None:
            say("8.4.26", f"{name} date {stamp!r}")
    if kind == "iso":
        for at, size, allowed in ((8, 32, A_CHARACTERS), (40, 32, D_CHARACTERS), (190, 128, D_CHARACTERS), (318, 128, A_CHARACTERS),
                                  (446, 128, A_CHARACTERS), (574, 128, A_CHARACTERS)):
            if set(data[at:at + size].rstrip(b" ")) - allowed:
                say("8.4", f"identifier at {at} has characters that are not allowed: {data[at:at + size].rstrip()!r}")


class IsoVolume:
    """Everything that begins at block 16 of a session: the primary tree, and those of Joliet and of an enhanced descriptor if there are.

    Other writers let an enhanced descriptor lead to the primary tree: there is none of its own then."""

    def __init__(self, image, complain, level=3, strict=True, joliet_units=64, session=0):
        self.primary = self.joliet = self.enhanced = None
        found = descriptors(image, complain, session + 16)
        for block, _, _, _ in found:
            image.claim(block * BLOCK, BLOCK, f"volume descriptor {block}")
        self.end = session + 16 + len(found)
        if not found or found[0][1] != 1:
            complain("8.4", f"block {session + 16}", "no primary volume descriptor")
            return
        for block, number, version, data in found:
            if number == 1 and self.primary is None:
                check_descriptor(image, block, data, "iso", complain)
                self.primary = IsoTree(image, data, "iso", complain)
            elif number == 2 and version == 1 and data[88:91] in (b"%/@", b"%/C", b"%/E"):
                check_descriptor(image, block, data, "joliet", complain)
                self.joliet = IsoTree(image, data, "joliet", complain)
            elif number == 2 and version == 2:
                if self.joliet is None and any(d[88:90] == b"%/" for _, n, _, d in found if n == 2):
                    complain("8.5", f"block {block}", "the enhanced descriptor stands before Joliet's, where readers stop")
                if self.primary is None or data[158:166] != self.primary.descriptor[158:166]:
                    check_descriptor(image, block, data, "enhanced", complain)
                    self.enhanced = IsoTree(image, data, "enhanced", complain)
        for tree in self.trees():
            check_order(tree, complain)
            check_path_tables(tree, complain)
            check_identifiers(tree, level, strict, joliet_units, complain)

    def trees(self):
        return [tree for tree in (self.primary, self.joliet, self.enhanced) if tree]
