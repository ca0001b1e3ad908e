"""Running the foreign readers. A reader that is not installed is a failure that names its package, never a skip."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGES = {
    "xorriso": "xorriso", "isoinfo": "genisoimage", "7zz": "7zip", "bsdtar": "libarchive-tools", "iso-info": "libcdio-utils",
    "iso-read": "libcdio-utils", "udfinfo": "udftools", "udfdump": "udfclient", "cc": "gcc",
}
ENVIRONMENT = dict(os.environ, LC_ALL="C.UTF-8", LANG="C.UTF-8", TZ="UTC")
ENVIRONMENT["PATH"] = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
MONTHS = {name: number for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
TIMEOUT = 3600


class Missing(Exception):
    """A judge that cannot sit."""


class ReaderFailed(Exception):
    """A reader ended with an error, or said what nobody understands."""


@dataclass(slots=True)
class Seen:
    """One entry as a reader shows it. None: the reader does not show that."""
    path: bytes
    kind: str
    size: int | None = None
    mtime: int | None = None
    day: tuple | None = None          # (year, month, day), from readers that show no time of day
    mode: int | None = None
    uid: int | None = None
    gid: int | None = None
    nlink: int | None = None
    rdev: tuple | None = None
    target: bytes | None = None
    digest: str | None = None         # SHA-256 of the content
    runs: list | None = None          # where the content lies, from the readers of this folder
    inline: bytes | None = None
    signatures: tuple = ()            # of the system use entries, likewise
    name_parts: tuple = ()            # bytes in each NM entry, likewise
    in_record: bytes = b""            # the first NM entry of the record, or else the identifier, likewise
    device_halves: tuple = ()         # of PN, likewise
    version: bool = False             # whether the Joliet identifier has one, likewise


def require(*programs):
    for program in programs:
        if not shutil.which(program, path=ENVIRONMENT["PATH"]):
            raise Missing(f"{program} is not installed: apt-get install {PACKAGES[program]}")


def run(command, may_fail=False, stdin=None, cwd=None):
    """(standard output, standard error) of a program that has to succeed."""
    done = subprocess.run(command, env=ENVIRONMENT, input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL,
                          capture_output=True, timeout=TIMEOUT, cwd=cwd)
    if done.returncode and not may_fail:
        raise ReaderFailed(f"{command[0]} ended with {done.returncode}: {tail(done.stderr or done.stdout)}")
    return done.stdout, done.stderr.decode("utf-8", "replace")


class Pipe:
    """A program whose output is read as it comes. Leaving the block checks how the program ended."""

    def __init__(self, command, may_fail=False, stdin=subprocess.DEVNULL):
        self.command, self.may_fail, self.stdin = command, may_fail, stdin

    def __enter__(self):
        self.errors = os.memfd_create("stderr")
        self.process = subprocess.Popen(self.command, env=ENVIRONMENT, stdin=self.stdin, stdout=subprocess.PIPE,
                                        stderr=self.errors, bufsize=1 << 20)
        return self.process.stdout

    def __exit__(self, kind, error, trace):
        rest = len(self.process.stdout.read()) if kind is None else 0
        self.process.stdout.close()
        if kind is not None:
            self.process.kill()
        code = self.process.wait(timeout=TIMEOUT)
        size = os.lseek(self.errors, 0, os.SEEK_END)
        text = os.pread(self.errors, min(size, 4000), 0)
        os.close(self.errors)
        if kind is None and code and not self.may_fail:
            raise ReaderFailed(f"{self.command[0]} ended with {code}: {tail(text)}")
        if kind is None and rest:
            raise ReaderFailed(f"{self.command[0]} put out {rest} bytes more than its listing has")


def tail(text):
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " | ".join(line.strip() for line in text.strip().splitlines()[-3:])[:500]


OCTAL = re.compile(rb"\\(?:([0-7]{3})|(.))", re.S)
SIMPLE = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}


def unescape(text):
    """Undoes backslash escapes as C, GNU and libarchive write them."""
    return OCTAL.sub(lambda m: bytes([int(m[1], 8)]) if m[1] else SIMPLE.get(m[2], m[2]), text)


def mode_bits(text):
    """The permission bits of the nine letters of ls -l."""
    mode = 0
    for index, letter in enumerate(text):
        if letter not in "-ST":
            mode |= 0o400 >> index
        if letter in "sS":
            mode |= 0o4000 if index == 2 else 0o2000
        elif letter in "tT":
            mode |= 0o1000
    return mode


def build_lister(build_dir):
    """Compiles the lister over libudfread when it is missing or older than its source."""
    source = os.path.join(HERE, "udfread_list.c")
    program = os.path.join(build_dir, "udfread_list")
    if os.path.exists(program) and os.path.getmtime(program) >= os.path.getmtime(source):
        return program
    require("cc")
    os.makedirs(build_dir, exist_ok=True)
    scratch = f"{program}.{os.getpid()}"
    done = subprocess.run(["cc", "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-o", scratch, source, "-ludfread"], capture_output=True)
    if done.returncode:
        raise Missing(f"udfread_list.c does not compile (apt-get install libudfread-dev): {tail(done.stderr)}")
    os.replace(scratch, program)
    return program
