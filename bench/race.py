"""Programs timed one after the other: each once a round, in an order that chance gives."""
import contextlib
import ctypes
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

PR_SET_CHILD_SUBREAPER = 36
# The kernel lets a program inherit the peak of the process that it was forked from, which here would be Python's. So a shell
# forks it, holds it back and goes away; we adopt it and let it go. %d is where its output goes.
GATE = 'exec 3<&0; { read go <&3; exec "$@" 3<&- </dev/null >&%d; } & echo $!'


def fail(message):
    sys.exit(f"compare: {message}")


def become_subreaper():
    """Orphaned grandchildren become ours: see GATE."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        fail("cannot adopt processes: " + os.strerror(ctypes.get_errno()))


class Failed(Exception):
    """A program ended with an error."""


@dataclass
class Measured:
    seconds: float
    cpu: float
    peak_kib: int
    first_byte: float | None = None      # of what came out of the pipe
    size: int = 0


def drain(pipe, start):
    """(seconds to the first byte, bytes) of what comes out of it."""
    first, size = None, 0
    while piece := os.read(pipe, 1 << 20):
        first = first or time.perf_counter() - start
        size += len(piece)
    os.close(pipe)
    return first, size


def run(argv, log, piped=False):
    out, into = os.pipe() if piped else (None, 2)
    with open(log, "wb") as errors:
        shell = subprocess.Popen(["/bin/sh", "-c", GATE % into, "sh", *argv], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 stderr=errors, pass_fds=[into] if piped else [])
    if piped:
        os.close(into)
    pid = int(shell.stdout.readline())
    shell.stdout.close()
    shell.wait()
    start = time.perf_counter()
    shell.stdin.write(b"\n")
    shell.stdin.close()
    try:
        first, size = drain(out, start) if piped else (None, 0)
        _, status, usage = os.wait4(pid, 0)
    except BaseException:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise
    seconds = time.perf_counter() - start
    if status != 0:
        with open(log, encoding="utf-8", errors="replace") as errors:
            tail = "\n  ".join(errors.read().strip().split("\n")[-3:])
        raise Failed(f"{shlex.join(argv)} failed (status {os.waitstatus_to_exitcode(status)}):\n  {tail}")
    return Measured(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, first, size)


def size_of(path):
    """(bytes, bytes that are allocated for them)"""
    if not os.path.isdir(path):
        status = os.stat(path)
        return status.st_size, status.st_blocks * 512
    found = [os.lstat(os.path.join(folder, name)) for folder, _, names in os.walk(path) for name in names]
    return sum(s.st_size for s in found), sum(s.st_blocks * 512 for s in found)


def remove(path):
    if os.path.isdir(path):
        shutil.rmtree(path)
    elif os.path.exists(path):
        os.unlink(path)


def drop_caches():
    os.sync()
    with open("/proc/sys/vm/drop_caches", "w", encoding="ascii") as control:
        control.write("3\n")


def in_turn(contenders, rounds, chance, say, work):
    """Calls work(contender). One of the others that fails is out, and says why; ours must not."""
    for number in range(rounds):
        order = [c for c in contenders if not c.failed]
        chance.shuffle(order)
        for contender in order:
            say(f"round {number + 1} of {rounds}: {contender.name}")
            try:
                work(contender)
            except Failed as failure:
                if contender.peer.startswith("fsimage"):
                    fail(failure)
                contender.failed = str(failure)


def race(contenders, source, content, work, rounds, chance, say, cold=False):
    """What one wrote is gone before the next starts, so that nobody waits for the disk of another."""
    out, log = os.path.join(work, "out"), os.path.join(work, "log")

    def once(contender):
        if cold:
            drop_caches()
        piped = "OUT" not in contender.argv
        try:
            measured = run(contender.command(source, out), log, piped)
            contender.size, contender.allocated = (measured.size, 0) if piped else size_of(out)
        finally:
            remove(out)
        if contender.size < content:
            fail(f"{contender.name} wrote {contender.size} bytes for {content} of content")
        contender.note(measured)

    in_turn(contenders, rounds, chance, say, once)


def race_readers(contenders, fsimage, source, work, rounds, chance, say):
    """Of one image that holds the tree with all file systems."""
    image, log = os.path.join(work, "image"), os.path.join(work, "log")

    def once(contender):
        contender.note(run(contender.command(source, image), log))
        contender.size, _ = size_of(log)

    say("making the image")
    run([fsimage, "create", "-q", "--no-sync", "--allow", "rename,drop,clamp", source, "-o", image], log)
    in_turn(contenders, rounds, chance, say, once)
    remove(image)


@contextlib.contextmanager
def file_system(kind, gibibytes, work):
    """A folder on a new file system of that kind, in a sparse file on a loop device; wants root. What is deleted in it is given
    back, or the file would grow by each output."""
    image, folder = os.path.join(work, kind + ".img"), os.path.join(work, kind)
    os.mkdir(folder)
    with open(image, "wb") as file:
        file.truncate(gibibytes << 30)
    try:
        subprocess.run(["mkfs." + kind, *(["-q", "-F"] if kind == "ext4" else ["-q"]), image], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["mount", "-o", "loop,discard", image, folder], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        fail(f"cannot make a file system of kind {kind}: {error}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)
        os.unlink(image)
        os.rmdir(folder)
