"""docs/architecture.md is true: its table is the one that floors.py holds the code to, and what it names exists."""
import re

from floors import EDGES, INCLUDE_ROOT, MAY_INCLUDE
from source import Finding

PAGE = "docs/architecture.md"
_ROW = re.compile(r"^\| *\d+ *\| *(?P<names>[^|]+?) *\|[^|]*\| *(?P<may>[^|]+?) *\|$", re.MULTILINE)
_HEADER = re.compile(r"`([a-z0-9_/]+\.hpp)`")


def _floors_of(cell):
    for name in re.findall(r"`([^`]+)`", cell):
        yield {"file_system_image.hpp": ""}.get(name, re.split(r"[/{]", name)[0])


def _allowed(cell):
    if cell == "all of the above":
        return MAY_INCLUDE[""]
    return {word for word in re.split(r",\s*", cell) if word in MAY_INCLUDE}


def check_page(house):
    if PAGE not in house.files:
        yield Finding("page", PAGE, 0, "does not exist")
        return
    text = house.read(PAGE)
    rows = {floor: _allowed(row["may"]) for row in _ROW.finditer(text) for floor in _floors_of(row["names"])}
    for floor, allowed in MAY_INCLUDE.items():
        if rows.get(floor) != allowed:
            yield Finding("page", PAGE, 0, f"the table and tests/tidy/floors.py differ about '{floor}'")
    for floor in rows.keys() - MAY_INCLUDE.keys() - set(EDGES):
        yield Finding("page", PAGE, 0, f"the table has a floor '{floor}' that tests/tidy/floors.py does not know")
    for name in sorted(set(_HEADER.findall(text))):
        if INCLUDE_ROOT + name not in house.files:
            yield Finding("page", PAGE, 0, f"names {name}, which does not exist")
