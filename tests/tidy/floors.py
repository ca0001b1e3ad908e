"""Who may include whom. The table is the one in docs/architecture.md."""
import posixpath
import re

from source import Finding, includes

CORE = {"core"}
MAY_INCLUDE = {
    "core": set(),
    "io": CORE,
    "format": CORE,
    "tree": {"core", "io"},
    "image": {"core", "io"},
    "import": {"core", "io", "format", "tree"},
    "layout": {"core", "io", "format", "tree", "image"},
    "burn": {"core", "io", "tree", "image", "import"},
    "": {"core", "io", "format", "tree", "image", "import", "layout", "burn"},   # file_system_image.hpp
    "com": {"core", "io", "image"},
    "backends": {"core", "io", "image", "burn", "com"},
}
EDGES = ("tools", "automation", "bench", "tests")

INCLUDE_ROOT = "libfsimage/include/fsimage/"
SOURCE_ROOT = "libfsimage/src/"

# Boost inside the library: align-1 fields and checksums everywhere, streams in the one target that is about them.
BOOST_ALLOWED = re.compile(r"boost/(endian|crc)[/.]")
BOOST_IOSTREAMS = re.compile(r"boost/iostreams/")
IOSTREAMS_FILES = re.compile(r"/image/iostreams[a-z_]*\.[ch]pp$")
C_HEADERS_ALLOWED = re.compile(r"openssl/|utf8proc\.h$|zlib\.h$")
WINDOWS_HEADERS = re.compile(
    r"(?i)^(windows|winioctl|windef|winnt|objbase|objidl|oleauto|ole2|combaseapi|unknwn|comdef|atlbase|imapi2\w*)\.h$")


# The stream's binary interface is the system's own where the system has one.
WINDOWS_ABI = INCLUDE_ROOT + "image/com_abi.hpp"


class Room:
    """Where a file lives: floor, standard within `format`, backend."""

    def __init__(self, floor, part=""):
        self.floor, self.part = floor, part

    @property
    def name(self):
        shown = f"{self.floor}/{self.part}" if self.part else self.floor
        return shown or "file_system_image.hpp"


def room_of(path):
    for root in (INCLUDE_ROOT, SOURCE_ROOT):
        if path.startswith(root):
            parts = path[len(root):].split("/")
            if parts[0] == "backends":
                return Room("backends", parts[1].split(".")[0])
            floor = parts[0] if len(parts) > 1 else ""
            return Room(floor, parts[1] if floor == "format" and len(parts) > 2 else "")
    top = path.split("/")[0]
    if top == "backends":
        return Room("backends", path.split("/")[1])
    return Room(top) if top in EDGES or top == "com" else None


def _public_path(house, name):
    """The file behind <fsimage/...>: the library's, or a backend's own include folder."""
    for candidate in [INCLUDE_ROOT + name[len("fsimage/"):]] + [
            f"backends/{b}/include/{name}" for b in ("isofile", "mock", "imapi2", "libburn")]:
        if candidate in house.files:
            return candidate
    return INCLUDE_ROOT + name[len("fsimage/"):]


def _target(house, path, opening, name):
    if name.startswith("fsimage/"):
        return _public_path(house, name)
    if opening == '"':
        local = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
        if local in house.files:
            return local
        if "tests/" + name in house.files:
            return "tests/" + name
        return name if name in house.files else local
    return None


def _verdict(here, there):
    if there is None or here.floor in EDGES:
        return None
    if there.floor in EDGES:
        return f"{here.name} includes {there.name}, which is the edge of the house"
    if here.floor == there.floor:
        if here.part == there.part or (here.floor not in ("format", "backends")):
            return None
        return f"{here.name} includes its sibling {there.name}"
    if here.floor not in MAY_INCLUDE:
        return f"{here.name} is not a floor of the table"
    if there.floor not in MAY_INCLUDE[here.floor]:
        return f"{here.name} may not include {there.name}"
    return None


def check_floors(house):
    for path in house.cpp("libfsimage/", "com/", "backends/", *(e + "/" for e in EDGES)):
        here = room_of(path)
        if here is None:
            yield Finding("floors", path, 0, "lies in no floor")
            continue
        for line, opening, name in includes(house.read(path)):
            target = _target(house, path, opening, name)
            verdict = _verdict(here, room_of(target)) if target else None
            if verdict:
                yield Finding("floors", path, line, verdict)


def _foreign_problem(path, name):
    in_io = "/io/" in path
    if WINDOWS_HEADERS.match(name):
        return None if "/io/windows/" in path or path == WINDOWS_ABI else "Windows headers belong to io/windows and to the Windows backends"
    if name.startswith("boost/"):
        if BOOST_ALLOWED.match(name) or (BOOST_IOSTREAMS.match(name) and IOSTREAMS_FILES.search(path)):
            return None
        return "the library takes only Boost.Endian and Boost.CRC, and Boost.Iostreams in image/iostreams*"
    if name.endswith(".h") and not in_io and not C_HEADERS_ALLOWED.match(name):
        return "only io calls the operating system; C++ headers serve everybody else"
    return None


def check_foreign_headers(house):
    for path in house.cpp("libfsimage/"):
        for line, opening, name in includes(house.read(path)):
            if opening == "<" and not name.startswith("fsimage/"):
                problem = _foreign_problem(path, name)
                if problem:
                    yield Finding("foreign-header", path, line, f"<{name}>: {problem}")
