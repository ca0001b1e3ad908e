"""What a view of the image should show: the source, as the findings say that it was changed."""

import json
from collections import Counter
from dataclasses import dataclass, field

from source import Entry

VIEWS = {"rr": "rockridge", "joliet": "joliet", "iso": "iso9660", "enhanced": "enhanced", "udf": "udf"}
JOLIET_FORBIDDEN = set("*/:;?\\")

# The times that the directory records of ISO 9660 and the stamps of Rock Ridge can hold, ECMA-119 9.1.5.
OLDEST, NEWEST = -2208988800, 5869583999


@dataclass(slots=True)
class Finding:
    kind: str
    path: bytes
    to: bytes | None
    used: bool = False


def load_findings(path):
    """{view: {path: [Finding]}} from a JSON array, an object with a member "findings", or one object a line."""
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        text = file.read()
    try:
        items = json.loads(text)
        if isinstance(items, dict):
            items = items["findings"] if "findings" in items else [items]
    except json.JSONDecodeError:
        items = [json.loads(line) for line in text.splitlines() if line.strip()]
        if len(items) == 1 and "findings" in items[0]:
            items = items[0]["findings"]
    out = {view: {} for view in VIEWS.values()}
    for item in items:
        if item.get("view") not in out:
            continue
        name = item["path"].encode("utf-8", "surrogateescape").strip(b"/")
        to = item["to"].encode("utf-8", "surrogateescape") if item.get("to") else None
        out[item["view"]].setdefault(name, []).append(Finding(item["kind"], name, to))
    return out


@dataclass(slots=True)
class Want:
    """One entry of a view, under the path that it has there."""
    path: bytes
    entry: Entry
    kind: str
    size: int
    mtime: int | None                 # None: not compared
    target: bytes | None
    links: int
    facts: dict = field(default_factory=dict)         # how our own reader found it recorded, for limits: see facts.py


def units(text):
    return len(text.encode("utf-16-be", "surrogatepass")) // 2


def can_hold(view, name, siblings):
    """Whether the view can hold a name as it is, so that a finding for it would be wrong. None: not for us to say."""
    try:
        text = name.decode("utf-8")
    except UnicodeDecodeError:
        return len(name) <= 255 if view == "rr" else len(name) <= 207 and min(name) >= 32 if view == "enhanced" else False
    if view == "rr":
        return len(name) <= 255
    if view == "joliet":
        if units(text) > 64 or any(ord(c) < 32 or c in JOLIET_FORBIDDEN for c in text):
            return False
        if text[-1] in ". " or ord(text[-1]) == 127 or siblings[text.casefold()] > 1:
            return None               # Windows drops the former, and confuses the latter
        return True
    if view == "enhanced":
        return len(name) <= 207 and min(name) >= 32
    if view == "udf":
        if max(map(ord, text)) > 255:
            return units(text) <= 127
        return len(text) <= 254
    return None


class Expectation:
    """All that a view should show. `problems` collects what the findings themselves get wrong."""

    def __init__(self, view, source, findings):
        self.view, self.source = view, source
        self.findings = (findings or {}).get(VIEWS[view], {})
        self.have_findings = findings is not None
        self.wants, self.problems = {}, []
        self.counts = Counter()
        self.paths = {b"": b""}                       # source path -> path in the view, of folders
        self.implied = set()                          # folders of a TARGET=, which no source describes
        self._build()

    def _build(self):
        folders = {}
        for entry in self.source.entries.values():
            if entry.path:
                folders.setdefault(entry.path.rpartition(b"/")[0], []).append(entry)
        for path in sorted(folders, key=lambda p: (p.count(b"/"), p)):
            siblings = Counter(e.path.rpartition(b"/")[2].decode("utf-8", "replace").casefold() for e in folders[path])
            above = self.paths.get(path)
            if above is None and path in self.source.entries and self.source.entries[path].kind == "d":
                continue                              # the folder itself is not in the view, with all below it
            if above is None:
                above = self._implied(path)
            for entry in folders[path]:
                self._entry(entry, above, siblings)
        for name in self.findings:
            if name not in self.source.entries and name not in self.paths:
                self.problems.append((name, "finding", "about an entry that the source does not have"))

    def _implied(self, path):
        """A folder of a TARGET=, with those above it."""
        if path in self.paths:
            return self.paths[path]
        above, _, name = path.rpartition(b"/")
        above = self._implied(above)
        for finding in self.findings.get(path, ()):
            name = (finding.to or name).rpartition(b"/")[2]
        self.paths[path] = above + b"/" + name if above else name
        self.implied.add(self.paths[path])
        return self.paths[path]

    def _entry(self, entry, above, siblings):
        name = entry.path.rpartition(b"/")[2]
        shown, dropped, clamped, new_target = name, False, False, False
        for finding in self.findings.get(entry.path, ()):
            self.counts[finding.kind] += 1
            if finding.kind in ("renamed", "cut", "collided"):
                if not finding.to and entry.kind == "l":
                    new_target = True
                    continue
                if not finding.to:
                    self.problems.append((entry.path, "finding", f"{finding.kind}, but not to what"))
                    continue
                if self.view != "iso" and can_hold(self.view, name, siblings) and finding.kind != "collided":
                    self.problems.append((entry.path, "finding", f"renamed to {finding.to!r}, though the view can hold the name"))
                shown = finding.to.strip(b"/").rpartition(b"/")[2]
            elif finding.kind == "dropped":
                dropped = True
            elif finding.kind == "clamped":
                clamped = True
        if dropped:
            if entry.kind in "df":
                self.problems.append((entry.path, "finding", "dropped, though every view can hold files and folders"))
            return
        if entry.kind not in "df" and self.view in ("joliet", "iso", "enhanced"):
            if self.have_findings and self.view != "iso":
                self.problems.append((entry.path, "finding", "the view has no form for its type, but no finding says that it was dropped"))
            return
        path = above + b"/" + shown if above else shown
        if path in self.wants:
            self.problems.append((entry.path, "finding", f"two entries of the view are called {path!r}"))
        self.wants[path] = Want(path, entry, entry.kind, entry.size, self._time(entry, clamped), None if new_target else entry.target, entry.links)
        if entry.kind == "d":
            self.paths[entry.path] = path

    def _time(self, entry, clamped):
        """A view of ISO 9660 holds fewer years than the source; the finding must be there, and the nearest year."""
        if self.view == "udf":
            return None if clamped else entry.mtime
        nearest = min(max(entry.mtime, OLDEST), NEWEST)
        if self.have_findings and (nearest != entry.mtime) != clamped:
            self.problems.append((entry.path, "finding", "its time was clamped, but no finding says so" if not clamped
                                  else "clamped, though the view can hold its time"))
        return nearest
