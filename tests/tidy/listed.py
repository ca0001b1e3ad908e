"""Dead files and headers without a test."""
import posixpath
import re

from floors import INCLUDE_ROOT, SOURCE_ROOT
from source import Finding, includes

# Public headers that declare and do nothing of their own; what implements them is tested under its own name.
NO_TEST_OF_THEIR_OWN = {
    "burn/progress.hpp": "plain values",
    "burn/recorder.hpp": "an interface; every backend runs the recorder contract",
    "image/image_source.hpp": "an adapter between two tested types; exercised by result_image_test",
    "import/entry_cursor.hpp": "an interface; every cursor runs the protocol",
    "layout/profile.hpp": "plain values",
    "layout/view_layout.hpp": "an interface; every layout's own test exercises it",
    "version.hpp": "one constant, which the build reads",
}


def _lists(house):
    return {posixpath.dirname(f): house.read(f) for f in house.files
            if posixpath.basename(f) == "CMakeLists.txt" or f.endswith(".cmake")}


def _mentions(text, name):
    """The name, or its stem where a function of that list adds the ending: fsimage_benchmark(bench_plan)."""
    if "${name}.cpp" in text and name.endswith(".cpp") and _mentions(text, name[:-len(".cpp")]):
        return True
    return re.search(r"(?<![\w/.-])" + re.escape(name) + r"(?![\w.-])", text) is not None


def _list_folders(path):
    """Where the list of a file may be, and what the file is called there."""
    if path.startswith(INCLUDE_ROOT):
        inner = path[len(INCLUDE_ROOT):]
        folder = posixpath.dirname(inner)
        while folder:
            yield SOURCE_ROOT + folder, posixpath.relpath(inner, folder)
            folder = posixpath.dirname(folder)
        yield "libfsimage", "include/fsimage/" + inner
        yield "libfsimage", inner
    folder = posixpath.dirname(path)
    while folder:
        yield folder, posixpath.relpath(path, folder)
        folder = posixpath.dirname(folder)


def _is_listed(path, lists):
    if any(folder in lists and _mentions(lists[folder], name) for folder, name in _list_folders(path)):
        return True
    if path.startswith(INCLUDE_ROOT):     # spelled out with its full path by a target with other base folders
        inner = "include/fsimage/" + path[len(INCLUDE_ROOT):]
        return any(inner in text for text in lists.values())
    return False


def _included_names(house):
    """Every name that some other file includes: <fsimage/...> as it stands, quoted ones by their last part."""
    names = {}
    for path in house.cpp():
        for _, opening, name in includes(house.read(path)):
            key = name if opening == "<" else posixpath.basename(name)
            names.setdefault(key, set()).add(path)
    return names


def _public_name(path):
    marker = "include/fsimage/"
    return "fsimage/" + path.split(marker, 1)[1] if marker in path else None


def check_dead_files(house):
    lists, included = _lists(house), _included_names(house)
    for path in house.cpp():
        if path.startswith("tests/consumer/"):
            continue     # its own project, and the compiler of three tests
        public = _public_name(path)
        users = included.get(public, set()) if public else included.get(posixpath.basename(path), set())
        users = users - {path}
        if public:
            if not _is_listed(path, lists):
                yield Finding("dead-file", path, 0, "public header that no CMakeLists.txt lists")
            if not users:
                yield Finding("dead-file", path, 0, "public header that nothing includes")
        elif path.endswith((".hpp", ".h")):
            if not users and not _is_listed(path, lists):
                yield Finding("dead-file", path, 0, "header that nothing includes")
        elif not _is_listed(path, lists):
            yield Finding("dead-file", path, 0, "no CMakeLists.txt lists it")


def _test_names(inner):
    folder, base = posixpath.split(inner)
    stem = posixpath.splitext(base)[0]
    yield posixpath.join("tests", folder, stem + "_test.cpp")
    if folder.startswith("backends/"):
        yield f"tests/backends/{stem}_test.cpp"
    if folder.startswith("format/"):       # one folder for all formats, the standard in the name
        yield f"tests/format/{posixpath.basename(folder)}_{stem}_test.cpp"
        yield f"tests/format/{stem}_test.cpp"


def check_header_tests(house, excused=NO_TEST_OF_THEIR_OWN):
    for path in house.cpp():
        public = _public_name(path)
        if not public or public[len("fsimage/"):] in excused:
            continue
        candidates = list(_test_names(public[len("fsimage/"):]))
        if not any(c in house.files for c in candidates):
            yield Finding("header-test", path, 0, f"has no {candidates[0]}")


def check_excuses(house, excused=NO_TEST_OF_THEIR_OWN):
    public = {_public_name(path) for path in house.cpp()}
    for inner in excused:
        if "fsimage/" + inner not in public:
            yield Finding("excuse", "tests/tidy/listed.py", 0, f"excuses {inner}, which does not exist")
        elif any(c in house.files for c in _test_names(inner)):
            yield Finding("excuse", "tests/tidy/listed.py", 0, f"excuses {inner}, which has a test")
