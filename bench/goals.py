"""What fsimage is to reach against the others, and what it reached: ratios of medians."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """`ours` of one race over `theirs` of the same, or of the race `beside`, is to be at most `most`; without `theirs`, `ours` itself."""
    race: str                # TREE, TREE to a pipe, TREE on FILESYSTEM, reading TREE
    ours: str
    theirs: str              # or empty
    most: float
    what: str = "median_seconds"
    beside: str = ""


PIPE = "small to a pipe"
GOALS = (
    Goal("small", "fsimage", "xorriso -as mkisofs -J -R", 0.10),
    Goal("small", "fsimage", "genisoimage -J -R", 0.20),
    Goal("small", "fsimage", "tar cf", 0.5),
    Goal("small", "fsimage", "floor, 2 readers", 1.3),
    Goal("small", "fsimage with UDF", "fsimage", 1.25),
    Goal("small", "fsimage with SHA-256", "fsimage", 1.3),
    Goal(PIPE, "fsimage", "xorriso -as mkisofs -J -R", 0.20),
    Goal(PIPE, "fsimage", "xorriso -as mkisofs -J -R", 0.10, "first_byte_seconds"),
    Goal(PIPE, "fsimage", "genisoimage -J -R", 0.20, "first_byte_seconds"),
    Goal("large", "fsimage", "cp -r", 1.05),
    Goal("large", "fsimage", "xorriso -as mkisofs -J -R", 0.5),
    Goal("large on ext4", "fsimage", "cp -r", 1.05),
    Goal("large on ext4", "fsimage", "xorriso -as mkisofs -J -R", 0.5),
    Goal("large on xfs", "fsimage", "cp -r", 0.05),
    Goal("large on btrfs", "fsimage", "cp -r", 0.05),
    Goal("sparse", "fsimage", "", 1.0),
    Goal("sparse", "fsimage", "cp -r", 1.25, "allocated_bytes"),
    Goal("/usr", "fsimage", "xorriso -as mkisofs -J -R", 0.25),
    Goal("/usr cold", "fsimage", "tar cf", 1.05),
    Goal("million", "fsimage", "genisoimage -J -R", 0.15),
    Goal("wide", "fsimage", "fsimage", 1.3, beside="spread"),
    Goal("reading million", "fsimage ls", "xorriso -indev -find", 0.25),
    Goal("reading million", "fsimage ls", "7z l", 0.8),
)


def reached(results):
    """(goal, ratio) for each goal whose races were run."""
    rows = {race["name"]: {row["program"]: row for row in race["rows"]} for race in results}
    for goal in GOALS:
        ours = rows.get(goal.race, {}).get(goal.ours)
        theirs = rows.get(goal.beside or goal.race, {}).get(goal.theirs)
        if ours and not goal.theirs:
            yield goal, ours[goal.what]
        elif ours and theirs:
            yield goal, ours[goal.what] / theirs[goal.what]


def table(results):
    lines = []
    for goal, ratio in reached(results):
        theirs = f"{goal.theirs} of {goal.beside}" if goal.beside else goal.theirs
        what = {"first_byte_seconds": ", first byte", "allocated_bytes": ", space taken"}.get(goal.what, "")
        of = f"{goal.ours} / {theirs}" if theirs else f"{goal.ours}, seconds"
        lines.append({"race": goal.race + what, "ratio_of": of, "reached": ratio, "goal": goal.most,
                      "met": ratio <= goal.most})
    return lines
