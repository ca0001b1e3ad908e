"""Compares what a judge saw with what a view should show."""

import hashlib
import time

from source import GIANT
from space import joined

FIELDS = ("kind", "size", "mtime", "day", "mode", "uid", "gid", "nlink", "rdev", "target")


class Comparison:
    """One judge, one view. `limits` are the reader's known limits that apply here."""

    def __init__(self, verdict, expectation, limits, source, image=None, ignore=()):
        self.verdict, self.expectation, self.source, self.image = verdict, expectation, source, image
        self.limits = {}
        for limit in limits:
            self.limits.setdefault(limit.field, []).append(limit)
        self.ignore = set(ignore)
        self.shown = {}                               # path as the judge shows it -> [Want]
        self.optional = set()
        for want in expectation.wants.values():
            self._index(want)

    def _index(self, want):
        path = want.path
        for limit in self.limits.get("path", ()):
            if limit.applies(want):
                self.verdict.limits[limit.id] += 1
                path = limit.shows(want, path)
        for limit in self.limits.get("absent", ()):
            if limit.applies(want):
                self.verdict.limits[limit.id] += 1
                self.optional.add(id(want))
        self.shown.setdefault(path, []).append(want)

    def run(self, seen, all_hashed=False, windows=None):
        verdict = self.verdict
        found, extra = set(), {}
        for item in seen:
            if not item.path or item.path in self.expectation.implied:
                continue
            verdict.entries += 1
            wants = self.shown.get(item.path)
            if not wants:
                verdict.differs(item.path, "present", "is in the image, but nothing in the source explains it")
                continue
            left = [want for want in wants if id(want) not in found]
            if not left:
                if not self._twice(wants[0]):
                    extra[item.path] = extra.get(item.path, 1) + 1
                continue
            outcomes = [(self._differences(item, want, all_hashed, windows), want) for want in left]
            differences, want = min(outcomes, key=lambda outcome: len(outcome[0]))
            found.add(id(want))
            for what, text in differences:
                verdict.differs(item.path, what, text)
            if item.digest is not None:
                verdict.hashed += 1
                verdict.hashed_bytes += want.size
        for path, count in extra.items():
            verdict.differs(path, "present", f"is listed {count} times")
        for path, wants in self.shown.items():
            for want in wants:
                if id(want) not in found and id(want) not in self.optional:
                    verdict.differs(path, "missing", "is in the source, but not in the image")
        return verdict

    def _twice(self, want):
        for limit in self.limits.get("twice", ()):
            if limit.applies(want):
                self.verdict.limits[limit.id] += 1
                return True
        return False

    def _wanted(self, field, want):
        entry = want.entry
        if field == "mtime":
            return want.mtime
        if field == "day":
            return None if want.mtime is None else day_of(want.mtime)
        if field == "nlink":
            return want.links if want.kind == "f" else None
        if field == "size":
            return want.size if want.kind == "f" else None
        if field == "mode":
            return None if want.kind == "l" else entry.mode
        if field == "target":
            return want.target
        if field == "kind":
            return want.kind
        return getattr(entry, field)

    def _differences(self, item, want, all_hashed, windows):
        out = []
        for field in FIELDS:
            shown = getattr(item, field)
            if shown is None or field in self.ignore:
                continue
            wanted = self._wanted(field, want)
            if wanted is None or shown == wanted:
                continue
            if field == "target" and shown == one_slash(wanted):
                self.verdict.limits["a target's empty components cannot be recorded, RRIP 4.1.3.1"] += 1
                continue
            limit = self._excuse(field, want, shown, wanted)
            if limit is None:
                out.append((field, f"{shown!r} in the image, {wanted!r} in the source"))
        if want.kind == "f" and not out:
            problem = self._content(item, want, all_hashed, windows)
            if problem:
                out.append(("content", problem))
        return out

    def _excuse(self, field, want, shown, wanted):
        for limit in self.limits.get(field, ()):
            if limit.excuses(want, wanted, shown):
                self.verdict.limits[limit.id] += 1
                return limit
        return None

    def _content(self, item, want, all_hashed, windows):
        entry = want.entry
        if entry.kind != "f":
            return None                               # a link or a node that plain ISO 9660 shows as an empty file
        if item.runs is not None or item.inline is not None:
            return self._own_content(item, entry)
        if item.digest is None:
            if entry.size > GIANT and item.size is not None:
                self.verdict.limits["giant: size only"] += 1
            elif self._excuse("content", want, None, None) is None and all_hashed:
                return "was not read"
            return None
        if windows and item.path in windows:
            self.verdict.limits[f"giant: {len(windows[item.path])} windows read"] += 1
            return None if item.digest == window_digest(entry, windows[item.path]) else "windows into the file differ from the source"
        if item.digest != self.source.digest(entry) and self._excuse("content", want, None, None) is None:
            return f"SHA-256 {item.digest[:16]}..., the source has {self.source.digest(entry)[:16]}..."
        return None

    def _own_content(self, item, entry):
        if item.inline is not None:
            digest = hashlib.sha256(item.inline).hexdigest()
        elif entry.size > GIANT:
            at = self.image.first_difference(joined(item.runs), entry)
            item.digest = "by map of holes"
            return None if at is None else f"differs from the source at byte {at}"
        else:
            digest = self.image.digest(joined(item.runs))
        item.digest = digest
        return None if digest == self.source.digest(entry) else "differs from the source"


def window_digest(entry, windows):
    digest = hashlib.sha256()
    with open(entry.host, "rb") as file:
        for offset, length in windows:
            file.seek(min(offset, entry.size))
            digest.update(file.read(length))
    return digest.hexdigest()


def one_slash(target):
    """Without empty components, which a list of components cannot record."""
    root = b"/" if target.startswith(b"/") else b""
    return root + b"/".join(part for part in target.split(b"/") if part)


def day_of(seconds):
    moment = time.gmtime(seconds)
    return moment.tm_year, moment.tm_mon, moment.tm_mday
