"""A report of bench/compare as bars, in SVG: one group for each race, its slowest program as long as the picture is wide."""
from html import escape

WIDTH, LABEL, ROW, BAR, GAP = 760, 230, 18, 12, 26
OURS, OTHERS, TEXT = "#1b6ca8", "#b8bec6", "#24292f"


def group(race, top):
    longest = max(row["median_seconds"] for row in race["rows"])
    yield f'<text x="0" y="{top + 13}" font-weight="bold">{escape(race["name"])}: {race["files"]:,} files, {race["bytes"] / 1e6:,.0f} MB</text>'
    for number, row in enumerate(sorted(race["rows"], key=lambda row: row["median_seconds"])):
        y = top + GAP + number * ROW
        length = max(1, (WIDTH - LABEL - 70) * row["median_seconds"] / longest)
        color = OURS if row["program"].startswith("fsimage") else OTHERS
        yield f'<text x="{LABEL - 8}" y="{y + 10}" text-anchor="end">{escape(row["program"])}</text>'
        yield f'<rect x="{LABEL}" y="{y}" width="{length:.1f}" height="{BAR}" fill="{color}"/>'
        yield f'<text x="{LABEL + length + 6:.1f}" y="{y + 10}">{row["median_seconds"]:.2f} s</text>'


def bars(report):
    parts, top = [], 0
    for race in report["races"]:
        parts += group(race, top)
        top += GAP + ROW * len(race["rows"]) + GAP // 2
    note = f"medians of interleaved runs; {report['machine']}"
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top + 20}" viewBox="0 0 {WIDTH} {top + 20}" '
        f'font-family="sans-serif" font-size="11" fill="{TEXT}">',
        f'<rect width="{WIDTH}" height="{top + 20}" fill="white"/>', *parts,
        f'<text x="0" y="{top + 12}" font-size="10">{escape(note)}</text>', "</svg>", ""])
