"""What a judge says: differences, known limits that were used, and numbers of what was compared."""

from collections import Counter
from dataclasses import dataclass, field


def show(path):
    """A path as one line of text, whatever bytes it has."""
    if isinstance(path, str):
        path = path.encode("utf-8", "surrogateescape")
    text = path.decode("utf-8", "backslashreplace")
    return "/" + "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


@dataclass
class Verdict:
    """The outcome of one judge on one view."""
    judge: str
    view: str
    entries: int = 0
    hashed: int = 0
    hashed_bytes: int = 0
    seconds: float = 0.0
    limits: Counter = field(default_factory=Counter)          # limit id -> entries that it was used for
    notes: list = field(default_factory=list)
    differences: list = field(default_factory=list)
    total: int = 0

    KEPT = 50

    def differs(self, where, what, text):
        self.total += 1
        if len(self.differences) < self.KEPT:
            self.differences.append({"path": show(where) if isinstance(where, bytes) else str(where), "what": what, "text": text})

    def differs_by_rule(self, rule, where, text):
        self.differs(where, rule, text)

    @property
    def ok(self):
        return self.total == 0

    def as_json(self):
        return {"judge": self.judge, "view": self.view, "ok": self.ok, "entries": self.entries, "hashed": self.hashed,
                "hashed_bytes": self.hashed_bytes, "seconds": round(self.seconds, 2), "limits": dict(self.limits),
                "notes": self.notes, "differences": self.differences, "difference_count": self.total}

    def print(self, shown=20):
        state = "ok  " if self.ok else "FAIL"
        used = f", limits {sum(self.limits.values())}" if self.limits else ""
        print(f"{state} {self.judge:<13}{self.view:<8}{self.entries:>8} entries, {self.hashed:>7} hashed"
              f"{used}  ({self.seconds:.1f} s)", flush=True)
        for name, count in sorted(self.limits.items()):
            print(f"       limit {name}: {count}")
        for note in self.notes:
            print(f"       {note}")
        for item in self.differences[:shown]:
            print(f"     - {item['path']}: {item['what']}: {item['text']}")
        if self.total > shown:
            print(f"     - and {self.total - shown} more")
