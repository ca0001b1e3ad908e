#!/usr/bin/env python3
"""Three sessions on simulated discs by our COM server under Wine, and by the command on this machine: the discs have the same
bytes.

usage: equal_sessions_test.py SERVER.dll FSIMAGE [unittest arguments]
"""
import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SERVER = FSIMAGE = ""
MEDIA = ("cd-r", "dvd+r", "bd-r", "dvd+rw", "bd-re")
TIME = 1_577_934_000          # of the first session's files


class EqualSessions(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.source = os.path.join(self.folder, "source")
        os.makedirs(os.path.join(self.source, "docs"))

    def tearDown(self):
        shutil.rmtree(self.folder)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        full = os.path.join(self.source, name)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)

    def change(self, session):
        if session == 1:
            self.write("a.txt", "one\n")
            self.write("docs/A long name.text", "two\n")
            self.write("docs/\u00fcber \u65e5\u672c.txt", "beyond ASCII\n")
            self.write("big", "x" * 100_000)
        elif session == 2:
            self.write("a.txt", "changed\n")
            self.write("new.txt", "new\n")
        else:
            self.write("docs/deep/d.txt", "deep\n")
            os.remove(os.path.join(self.source, "big"))
        for folder, _, names in os.walk(self.source, topdown=False):
            for name in [*names, "."]:
                os.utime(os.path.join(folder, name), (TIME + session * 1000,) * 2)

    def fsimage(self, *words):
        subprocess.run([FSIMAGE, *words, "-q"], check=True, capture_output=True)

    def by_server(self, disc):
        log = self.path("errors")
        done = subprocess.run([os.path.join(HERE, "run-script"), os.path.join(HERE, "burn.vbs"), "--disc", disc, "--burn-dir",
                               self.source, "--server", SERVER, "--log", log, "LABEL"], capture_output=True, text=True, check=False)
        with open(log, encoding="utf-8") as file:
            self.assertEqual(file.read(), "")
        self.assertTrue(done.stdout.endswith("written\n"), done.stdout)

    def by_command(self, session, media):
        disc = "mock:" + self.path("command.disc")
        if session == 1:
            image = self.path("first.iso")
            self.fsimage("create", self.source, "-o", image, "--media", media, "--label", "LABEL", "--level", "1")
            self.fsimage("burn", image, "--to", f"{disc}?media={media}")
        else:
            self.fsimage("append", disc, self.source, "--label", "LABEL")

    def test_every_session_is_the_same(self):
        for media in MEDIA:
            for session in (1, 2, 3):
                with self.subTest(media=media, session=session):
                    self.change(session)
                    self.by_server(f"{self.path('server.disc')}?media={media}")
                    self.by_command(session, media)
                    for one in ("server", "command"):
                        self.fsimage("read", f"mock:{self.path(one + '.disc')}", "-o", self.path(one + ".raw"))
                    self.assertTrue(filecmp.cmp(self.path("server.raw"), self.path("command.raw"), shallow=False))
            self.tearDown()
            self.setUp()


if __name__ == "__main__":
    SERVER, FSIMAGE = (os.path.abspath(sys.argv.pop(1)) for _ in range(2))
    unittest.main()
