"""Lengths, words and blanks."""
import re

from source import CPP, Finding, code_only

MOST_LINES = 700
MOST_FUNCTION_LINES = 70

# Put together from halves, so that this file does not find itself.
BANNED_WORDS = [
    (re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b"), "an unfinished place"),
    (re.compile(r"(?<![\w.])/(wo" r"rk|fa" r"rm)/|/tm" r"p/(h[0-9]|fs\b)"), "a path of some machine"),
    (re.compile(r"\b(deb|security|ftp)\.debian\.(or" r"g|net)|\bsnapshot\.debian\.or" r"g|\bregistry\.npm" r"js|\bpypi\.or" r"g"),
     "a package host"),
]
BANNED_IN_TESTS = [(re.compile(r"\bDISABL" r"ED_"), "a test that never runs")]


def check_lengths(house):
    for path in house.text():
        if path.endswith((".md", ".txt", ".json")):
            continue
        lines = house.read(path).count("\n")
        if lines > MOST_LINES:
            yield Finding("file-length", path, 0, f"{lines} lines; a file has at most {MOST_LINES}")
        if path.endswith(CPP):
            for line, length, name in long_functions(house.read(path)):
                yield Finding("function-length", path, line,
                              f"{name} has {length} lines; a function fits a screen of {MOST_FUNCTION_LINES}")


_HEAD_NOT_FUNCTION = re.compile(r"\b(namespace|class|struct|union|enum|extern|concept|requires)\b")


def _is_function_head(head):
    """Whether the text between the last ; { or } and this { begins a function or lambda body."""
    head = head.strip()
    if not head or head.endswith(("=", ",", "(", "return")):
        return False
    without_templates = re.sub(r"template\s*<[^{}]*?>\s*(?=[\w\[:~])", "", head)
    if _HEAD_NOT_FUNCTION.match(without_templates.lstrip()):
        return False
    return ")" in head


def _name_of(head):
    names = re.findall(r"([\w:~]+|operator[^\s(]+)\s*\(", head)
    return names[0] if names else "a function"


def long_functions(text):
    """(line, lines, name) of each outermost function body that is too long. Counts braces, so it is near, not exact:
    a brace that touches the word before it is taken for an initializer, as the formatter writes them."""
    code = re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", "", code_only(text), flags=re.MULTILINE | re.DOTALL)
    line, head_from = 1, 0
    open_braces = []           # (kind, first line, name); a function inside a function is part of it
    for at, char in enumerate(code):
        if char == "\n":
            line += 1
        elif char == ";":
            head_from = at + 1
        elif char == "{":
            head = code[head_from:at]
            inside = any(kind == "function" for kind, _, _ in open_braces)
            if at and (code[at - 1].isalnum() or code[at - 1] in "_>]"):
                open_braces.append(("initializer", line, ""))
                continue
            if not inside and _is_function_head(head):
                open_braces.append(("function", line - head.lstrip().count("\n"), _name_of(head)))
            else:
                open_braces.append(("other", line, ""))
            head_from = at + 1
        elif char == "}" and open_braces:
            kind, first, name = open_braces.pop()
            if kind == "function" and line - first + 1 > MOST_FUNCTION_LINES:
                yield first, line - first + 1, name
            if kind != "initializer":
                head_from = at + 1


def check_words(house):
    for path in house.text():
        banned = BANNED_WORDS + (BANNED_IN_TESTS if path.startswith("tests/") else [])
        for number, line in enumerate(house.read(path).split("\n"), 1):
            for pattern, what in banned:
                if pattern.search(line):
                    yield Finding("words", path, number, f"{what}: {pattern.search(line).group(0)}")


def check_blanks(house):
    for path in house.text():
        text = house.read(path)
        if not text.strip():
            continue           # a list that waits for its first entry
        if not text.endswith("\n"):
            yield Finding("blanks", path, text.count("\n") + 1, "no newline at the end")
        elif text.endswith("\n\n"):
            yield Finding("blanks", path, text.count("\n"), "blank lines at the end")
        for number, line in enumerate(text.split("\n"), 1):
            if "\t" in line:
                yield Finding("blanks", path, number, "a tab")
            if "\r" in line:
                yield Finding("blanks", path, number, "a carriage return")
            elif line != line.rstrip():
                yield Finding("blanks", path, number, "blanks at the end of the line")
