#!/usr/bin/env python3
"""What `fsimage extract` restores is what was put into the image, by us and by xorriso: names, types, bytes, modes, owners,
times, links, devices and holes. What cannot be there twice is named, and nothing outside the target is touched.

    extract.py FSIMAGE [FOLDER]     without FOLDER, a tree with everything in it is made
"""
import filecmp
import os
import pathlib
import random
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time

SECOND = 1_000_000_000            # what Rock Ridge keeps of a time


def make(top):
    """A tree with one of everything, and with many small files."""
    rng = random.Random(23)
    top.mkdir()
    for i in range(3000):
        folder = top / "many" / f"folder {i % 40}" / ("deep/" * (i % 5))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"file {i} {'ä海é'[i % 3]}").write_bytes(rng.randbytes(rng.choice([0, 1, 2047, 2048, 5000, 70_000])))
    (top / "large").write_bytes(rng.randbytes(5_000_000))
    with open(top / "sparse", "wb") as f:
        f.write(b"begin")
        f.seek(40 << 20)
        f.write(b"middle")
        f.truncate(64 << 20)
    (top / ("n" * 250)).write_bytes(b"a long name")
    (top / "control \x01 and newline \n").write_bytes(b"x")
    for i, mode in enumerate([0o000, 0o400, 0o644, 0o755, 0o4755, 0o2755, 0o1777, 0o777]):
        path = top / f"mode {mode:o}"
        path.write_bytes(bytes([i]))
        if os.geteuid() == 0:
            os.chown(path, 1000 + i, 2000 + i)
        elif mode & 0o400 == 0:
            mode |= 0o400
        path.chmod(mode)
    # No empty components: xorriso drops them.
    for target in ("large", "../outside", "/etc/passwd", "nowhere", "many/folder 1", ".", "long/" * 100 + "x", "a/./../c"):
        os.symlink(target, top / f"link {target.replace('/', '_')[:40]}")
    for i in range(5):
        os.link(top / "large", top / "many" / f"large again {i}")
    os.link(top / "link nowhere", top / "many" / "link again", follow_symlinks=False)
    os.mkfifo(top / "fifo", 0o640)
    with socket.socket(socket.AF_UNIX) as s:
        cwd = os.getcwd()
        os.chdir(top)             # the name of a socket is short
        s.bind("socket")
        os.chdir(cwd)
    if os.geteuid() == 0:
        os.mknod(top / "null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
        os.mknod(top / "disk", stat.S_IFBLK | 0o660, os.makedev(259, 300))
    (top / "empty").mkdir(mode=0o555)
    (top / "sticky").mkdir()
    (top / "sticky").chmod(0o3777)
    for i, (folder, names, leaves) in enumerate(os.walk(top, topdown=False)):
        for name in leaves + [""]:
            when = (1_000_000_000 + i) * SECOND + len(name)
            os.utime(os.path.join(folder, name), ns=(when, when), follow_symlinks=False)


def walk(top):
    yield "."
    for folder, names, leaves in os.walk(top):
        for name in names + leaves:
            yield os.path.relpath(os.path.join(folder, name), top)


def facts(path):
    s = os.lstat(path)
    folder = stat.S_ISDIR(s.st_mode)
    return {"type and mode": oct(s.st_mode), "owner": (s.st_uid, s.st_gid), "links": None if folder else s.st_nlink,
            "size": None if folder else s.st_size, "time": s.st_mtime_ns // SECOND, "device": s.st_rdev,
            "target": os.readlink(path) if stat.S_ISLNK(s.st_mode) else None}


def links(top):
    groups = {}
    for path in walk(top):
        s = os.lstat(os.path.join(top, path))
        if not stat.S_ISDIR(s.st_mode) and s.st_nlink > 1:
            groups.setdefault(s.st_ino, []).append(path)
    return sorted(sorted(g) for g in groups.values())


def differences(a, b):
    names_a, names_b = set(walk(a)), set(walk(b))
    for name in sorted(names_a ^ names_b):
        yield f"{name!r} is only in {'the source' if name in names_a else 'what was restored'}"
    for name in sorted(names_a & names_b):
        left, right = facts(os.path.join(a, name)), facts(os.path.join(b, name))
        for key in left:
            if left[key] != right[key]:
                yield f"{name!r}: {key} {left[key]!r} became {right[key]!r}"
        if left == right and stat.S_ISREG(os.lstat(os.path.join(a, name)).st_mode):
            if not filecmp.cmp(os.path.join(a, name), os.path.join(b, name), shallow=False):
                yield f"{name!r}: other bytes"
    if links(a) != links(b):
        yield "other hard links"


def report(what, found):
    for line in found[:10]:
        print("   ", line)
    print("same     " if not found else f"DIFFERENT ({len(found)})", what, flush=True)
    return not found


def stopped_leaves_no_half(fsimage, image, source, work):
    """Ctrl-C at some moment: exit code 3, and each file that is there is whole."""
    target = work / "stopped"
    run = subprocess.Popen([fsimage, "extract", "-q", str(image), "-C", str(target)])
    while run.poll() is None and not any(target.glob("many/*/*")):
        time.sleep(0.001)
    run.send_signal(signal.SIGINT)
    code = run.wait()
    half = [p for p in walk(target) if os.path.isfile(target / p) and not os.path.islink(target / p)
            and not filecmp.cmp(target / p, source / p, shallow=False)]
    print(f"stopped with code {code}, {len(list(walk(target)))} entries there, {len(half)} half")
    return code in (0, 3) and not half


def main():
    fsimage = os.path.abspath(sys.argv[1])
    good = True
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        source = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else work / "source"
        if len(sys.argv) <= 2:
            make(source)
        ours, theirs = work / "ours.iso", work / "xorriso.iso"
        subprocess.run([fsimage, "create", "-q", str(source), "-o", str(ours)], check=True)
        subprocess.run(["xorriso", "-hardlinks", "on", "-outdev", str(theirs), "-map", str(source), "/", "-commit"], check=True,
                       stderr=subprocess.DEVNULL)
        for image in (ours, theirs):
            target = work / f"from {image.stem}"
            begin = time.monotonic()
            subprocess.run([fsimage, "extract", "-q", str(image), "-C", str(target)], check=True)
            print(f"{image.stem}: {time.monotonic() - begin:.1f} s")
            good &= report(f"from {image.stem}", list(differences(source, target)))
        again = subprocess.run([fsimage, "extract", "-q", str(ours), "-C", str(target)], stderr=subprocess.PIPE)
        good &= again.returncode == 1 and len(again.stderr.splitlines()) > 0
        good &= report("nothing changed by what was refused", list(differences(source, target)))
        subprocess.run([fsimage, "extract", "-q", "--overwrite", str(ours), "-C", str(target)], check=True)
        good &= report("overwritten", list(differences(source, target)))
        if len(sys.argv) <= 2:
            sparse = os.stat(work / "from ours" / "sparse").st_blocks * 512
            good &= sparse < 1 << 20
            print(f"the sparse file of 64 MiB takes {sparse} bytes")
        good &= stopped_leaves_no_half(fsimage, ours, source, work)
        os.utime(next(p for p in (target / n for n in walk(target)) if p.is_file() and not p.is_symlink()), (1, 1))
        noticed = list(differences(source, target)) != []     # the comparison can fail
        print("noticed" if noticed else "NOT NOTICED", "a changed time")
        for folder, _, _ in os.walk(work):
            os.chmod(folder, 0o700)
    return 0 if good and noticed else 1


if __name__ == "__main__":
    sys.exit(main())
