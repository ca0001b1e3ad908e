#!/usr/bin/env python3
"""fsimage.exe under Wine does what the command of this machine does: the same bytes from the same folders, lists and manifests,
and the same words about them.

usage: command_test.py FSIMAGE.exe FSIMAGE [unittest arguments]
"""
import filecmp
import os
import pty
import shutil
import subprocess
import sys
import tempfile
import unittest

WINERUN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "winerun")
PROGRAM = FSIMAGE = ""
TIME = 1_577_934_000
FIXED = ("--owner", "0:0", "--mode", "u=rwX,go=rX", "--label", "LABEL", "-q")
LONG = "/".join(f"a folder with a long name, of which there are some, number {i}" for i in range(6))


class Command(unittest.TestCase):
    """Both commands run in a folder of their own, `there` under Wine and `here`, beside the source."""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.session = tempfile.mkdtemp()
        os.environ["FSIMAGE_WINE_SESSION"] = cls.session

    @classmethod
    def tearDownClass(cls):
        subprocess.run([WINERUN, "--end"], check=True)
        shutil.rmtree(cls.session)

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        for name in ("there", "here", "source/empty"):
            os.makedirs(self.path(name))
        for name, text in (("a.txt", "one\n"), ("docs/\u00fcber \u65e5\u672c \U0001f4bf.txt", "beyond ASCII\n"), ("big", "x" * 300_000),
                           (f"{LONG}/deep.txt", "deep\n")):
            self.write(f"source/{name}", text)
        self.set_times()

    def tearDown(self):
        shutil.rmtree(self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def set_times(self):
        for folder, _, names in os.walk(self.path("source"), topdown=False):
            for name in [*names, "."]:
                os.utime(os.path.join(folder, name), (TIME, TIME))

    def run_in(self, folder, *words):
        done = subprocess.run(words, cwd=self.path(folder), capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def there(self, *words):
        return self.run_in("there", WINERUN, PROGRAM, *words)

    def both(self, *words, code=0, files=()):
        """What both say, which is the same, as are the files that they make."""
        here = self.run_in("here", FSIMAGE, *words)
        self.assertEqual(self.there(*words), here)
        self.assertEqual(here[0], code, here)
        for name in files:
            self.assertTrue(filecmp.cmp(self.path("there/" + name), self.path("here/" + name), shallow=False), f"{name} differs")
        return here[1] + here[2]

    def at_terminal(self, *words, until=None):
        """The command with a console on a terminal of this machine, where Ctrl-C is pressed once `until` is there to read."""
        self.there("--version")     # there is a prefix then
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self.path("there"))
            os.execve(WINERUN, [WINERUN, "--terminal", PROGRAM, *words], {**os.environ, "TERM": "xterm"})
        shown = b""
        while True:
            if until and until in shown:
                os.write(terminal, b"\x03")
                until = None
            try:
                shown += os.read(terminal, 4096)
            except OSError:         # the other end is closed
                break
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown.decode()

    def test_consoles_show_progress_and_stop_at_ctrl_c(self):
        self.write("source/huge", "x" * 200_000_000)
        code, shown = self.at_terminal("create", "../source", "-o", "a.iso", until=b"writing")
        self.assertEqual(code, 3, shown)
        self.assertIn("fsimage: cancelled", shown)
        self.assertEqual(os.listdir(self.path("there")), [])
        code, shown = self.at_terminal("ls", "\u00fc\u65e5.iso")
        self.assertEqual(code, 1)
        self.assertIn("\u00fc\u65e5.iso", shown)

    def test_images_and_what_is_said_of_them_are_the_same(self):
        self.both("create", "../source", "-o", "a.iso", *FIXED, files=["a.iso"])
        for words in (("verify",), ("ls", "-l"), ("ls", "--manifest", "--digests"), ("tree",), ("info", "--json"), ("map", "--json")):
            with self.subTest(words):
                self.both(words[0], "a.iso", *words[1:])
        self.assertEqual(self.there("diff", "a.iso", "..\\source"), (0, "", ""))
        self.assertEqual(self.there("extract", "a.iso", "-C", "out", "-q"), (0, "", ""))
        for name in ("a.txt", "big", f"{LONG}/deep.txt", "docs/\u00fcber \u65e5\u672c \U0001f4bf.txt"):
            self.assertTrue(filecmp.cmp(self.path("there/out/" + name), self.path("source/" + name), shallow=False), name)
        self.assertTrue(os.path.isdir(self.path("there/out/empty")))

    def test_lists_manifests_pipes_and_compression(self):
        self.write("list", "docs\\=2=../source/a.txt\n../source/docs\n")
        self.both("create", "--path-list", "../list", "-o", "list.iso", *FIXED, files=["list.iso"])
        self.write("manifest", "#mtree\n. type=dir time=5 mode=0700\n./f type=file mode=0640 time=7 uid=3 gid=4 "
                   "contents=../source/a.txt\n")
        self.both("create", "--manifest", "../manifest", "-o", "manifest.iso", "-q", "--label", "M", files=["manifest.iso"])
        for end in ("", ".gz", ".zst"):
            self.both("create", "../source", "-o", "a.iso" + end, *FIXED, files=["a.iso" + end])
        # Standard output is bytes: no line in it is ended anew.
        shutil.copy(PROGRAM, self.path("there/fsimage.exe"))
        self.assertEqual(self.run_in("there", WINERUN, "cmd", "/c", f"fsimage create ../source -o - {' '.join(FIXED)} > piped.iso"),
                         (0, "", ""))
        self.assertTrue(filecmp.cmp(self.path("there/piped.iso"), self.path("here/a.iso"), shallow=False))

    def test_discs_go_on(self):
        self.both("create", "../source", "-o", "first.iso", "--media", "dvd+r", *FIXED, files=["first.iso"])
        self.both("burn", "first.iso", "--to", "mock:disc?media=dvd+r", "--verify", "-q")
        self.write("source/new.txt", "new\n")
        self.set_times()
        self.both("append", "mock:disc", "../source", "--remove", "/big", "--verify", *FIXED)
        self.both("read", "mock:disc", "-o", "disc.raw", "-q", files=["disc.raw"])
        self.assertIn("dvd+r", self.both("media", "mock:disc"))

    def test_exit_codes_and_errors(self):
        self.assertIn("Try 'fsimage create --help'", self.both("create", "--nonsense", code=2))
        self.assertIn("\u00fc", self.both("create", "../\u00fc", "-o", "a.iso", code=1))
        self.assertFalse(os.path.exists(self.path("there/a.iso")))
        self.both("create", "--help")


if __name__ == "__main__":
    PROGRAM, FSIMAGE = (os.path.abspath(sys.argv.pop(1)) for _ in range(2))
    unittest.main()
