"""What the rules read: the files of the tree, and C++ text without comments and literals."""
import os
import re

CPP = (".cpp", ".hpp", ".h", ".cc")
TEXT = CPP + (".py", ".cmake", ".txt", ".md", ".in", ".json", ".sh", ".c")
SKIPPED_FOLDERS = {".git", "build", "__pycache__", "golden", "corpus", "node_modules"}


class Finding:
    def __init__(self, rule, path, line, text):
        self.rule, self.path, self.line, self.text = rule, path, line, text

    def __str__(self):
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.text} [{self.rule}]"


class House:
    """The checkout: relative paths with '/', read once."""

    def __init__(self, root):
        self.root = root
        self.files = sorted(self._walk())
        self._text = {}

    def _walk(self):
        for folder, names, files in os.walk(self.root):
            names[:] = [n for n in names if n not in SKIPPED_FOLDERS and not n.startswith("cmake-build")]
            for name in files:
                yield os.path.relpath(os.path.join(folder, name), self.root).replace(os.sep, "/")

    def read(self, path):
        if path not in self._text:
            with open(os.path.join(self.root, path), encoding="utf-8", errors="replace", newline="") as f:
                self._text[path] = f.read()
        return self._text[path]

    def cpp(self, *under):
        return [f for f in self.files if f.endswith(CPP) and (not under or f.startswith(under))]

    def text(self):
        """Files that people write: by ending, and the scripts without one."""
        return [f for f in self.files if f.endswith(TEXT) or self._is_script(f)]

    def _is_script(self, path):
        if "." in os.path.basename(path):
            return os.path.basename(path) in (".clang-format", ".clang-tidy", ".gitignore")
        return self.read(path).startswith("#!")


_TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/'
    r'|R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"'
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|(?<![0-9A-Za-z_])(?:u8|[uUL])?'(?:[^'\\\n]|\\.)+'",
    re.DOTALL)


def code_only(text):
    """Comments become blanks and literals become "", line numbers stay. A digit separator is not a literal."""
    def blank(match):
        token = match.group(0)
        return ('""' if token[0] not in "/" else " ") + "\n" * token.count("\n")
    return _TOKEN.sub(blank, text)


_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?P<open>[<"])(?P<name>[^>"\n]+)[>"]', re.MULTILINE)


def includes(text):
    """(line, '<' or '"', name) of every include that is not commented out."""
    plain = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group(0).count("\n"), text, flags=re.DOTALL)
    for match in _INCLUDE.finditer(plain):
        yield plain.count("\n", 0, match.start()) + 1, match["open"], match["name"]
