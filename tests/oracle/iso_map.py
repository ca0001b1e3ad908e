"""Which source entry each record of the plain ISO 9660 tree stands for: its names are mangled, so something else has to tell."""

import hashlib

import views
from expect import Want


class Mapped:
    """An expectation made from the records themselves; what is not in it, the comparison of the other views reports."""

    def __init__(self):
        self.wants, self.problems, self.implied, self.counts = {}, [], set(), {}

    def add(self, node, entry, mtime):
        path = views.plain_path(node)
        if path in self.wants:
            self.problems.append((path, "identifier", "two records have it"))
        kind = "d" if node.folder else "f"
        self.wants[path] = Want(path, entry, kind, entry.size if entry.kind == "f" else 0, mtime, None, entry.links)


def by_rock_ridge(tree, rock_ridge, source, findings):
    """Both names stand in the same record. Also holds the findings against the identifiers, name by name."""
    out, plain = Mapped(), findings.get("iso9660", {}) if findings is not None else None
    out.implied.update(views.plain_path(node) for node in tree.nodes() if node.rr is not None and node.rr.relocated)
    for item, node in views.rock_ridge(tree):
        want = rock_ridge.wants.get(item.path)
        if item.path in rock_ridge.implied:
            out.implied.add(views.plain_path(node))
        if want is None:
            continue
        out.add(node, want.entry, want.mtime)
        if plain is not None:
            check_finding(out, node, want.entry, plain.get(want.entry.path, ()))
    return out


def check_finding(out, node, entry, findings):
    shown = views.plain_name(node.identifier) if not node.folder else node.identifier
    name = entry.path.rpartition(b"/")[2]
    # A whole path is where a relocated folder lies; what stands in its place has another record.
    renamed = [f for f in findings if f.kind in ("renamed", "cut", "collided") and not (f.to or b"").startswith(b"/")]
    if name == shown and renamed:
        out.problems.append((entry.path, "finding", f"says {renamed[0].kind}, but plain ISO 9660 has the name as it is"))
    elif name != shown and not renamed and not any(f.kind == "dropped" for f in findings):
        out.problems.append((entry.path, "finding", f"plain ISO 9660 calls it {shown!r}, but no finding says so"))
    elif renamed and views.plain_name(renamed[-1].to or b"") != views.plain_name(shown):
        out.problems.append((entry.path, "finding", f"says that it is {renamed[-1].to!r}, but plain ISO 9660 calls it {shown!r}"))


def by_content(tree, image, source):
    """Neither names nor findings: folders are matched by what is in them, counted."""
    out = Mapped()
    children = {}
    for entry in source.entries.values():
        if entry.path and entry.kind in "df":
            children.setdefault(entry.path.rpartition(b"/")[0], []).append(entry)
    wanted, shown = {}, {}
    for path in sorted(children, key=lambda p: -p.count(b"/") - bool(p)):
        for entry in children[path]:
            below = sorted(wanted[c.path] for c in children.get(entry.path, ()))
            wanted[entry.path] = signature(entry.kind, entry.size, source.digest(entry) if entry.kind == "f" else "", below)
    for folder in reversed(tree.folders):
        for node in folder.children:
            below = sorted(shown[id(c)] for c in node.children)
            shown[id(node)] = signature("d" if node.folder else "f", 0 if node.folder else node.size,
                                        "" if node.folder else image.digest(node.runs), below)
    pending = [(b"", tree.root)]
    while pending:
        path, folder = pending.pop()
        pairs = pair_up(children.get(path, ()), lambda e: wanted[e.path], folder.children, lambda n: shown[id(n)], out, path)
        for entry, node in pairs:
            out.add(node, entry, min(max(entry.mtime, -2208988800), 5869583999))
            if node.folder:
                pending.append((entry.path, node))
    return out


def signature(kind, size, digest, below):
    return hashlib.sha256(f"{kind} {size} {digest} {below}".encode()).hexdigest()


def pair_up(entries, key_of_entry, nodes, key_of_node, out, path):
    groups = {}
    for entry in sorted(entries, key=lambda e: e.path):
        groups.setdefault(key_of_entry(entry), []).append(entry)
    for node in nodes:
        group = groups.get(key_of_node(node))
        if group:
            yield group.pop(0), node
        else:
            out.problems.append((views.plain_path(node), "content", f"nothing like it is in the source's folder {path!r}"))
    for group in groups.values():
        for entry in group:
            out.problems.append((entry.path, "missing", "no record of plain ISO 9660 has its size and content"))
