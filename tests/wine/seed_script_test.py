#!/usr/bin/env python3
"""Microsoft's script of the article "Creating a Multisession Disc", as it stands, against our COM server under Wine: a session on a
blank disc, another on the same disc, a disc that takes none, a folder that is not there. xorriso and 7-Zip judge the discs.

usage: seed_script_test.py SERVER.dll [unittest arguments]
"""
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SCRIPT = os.path.join(HERE, "create-multisession-disc.vbs")
SHA256 = "d1af544eaca3de32c456a250c2fbd0d741de24e1c13d529cee496fefa7e79ebd"
SERVER = ""

IMPORTING = "Importing data from the previous session...\n"
ADDING = "Adding G:\\BurnDir directory to the disc...\n"
WRITING = "Writing content to the disc...\nFinished writing content.\n"
NO_MULTISESSION = "Multisession is not supported for this disc\n"

BLOCKS_AT = 1 << 20           # in the file of a simulated disc, behind two headers in lines of text
SECTOR = 2048


def sessions_on(disc):
    """The first blocks of the sessions, by the headers of the simulated disc: the one with the higher number counts."""
    with open(disc, "rb") as file:
        slots = [file.read(BLOCKS_AT // 2).split(b"\0")[0].decode("ascii", "replace") for _ in range(2)]
    newest = max(slots, key=lambda text: int((re.search(r"^sequence (\d+)", text, re.M) or [0, -1])[1]))
    firsts = {}
    for session, first, following in re.findall(r"^track (\d+) (\d+) (\d+)", newest, re.M):
        if first != following:                         # something is recorded
            firsts.setdefault(int(session), int(first))
    return sorted(firsts.values())


class SeedScript(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.source = os.path.join(self.folder, "source")
        self.disc = os.path.join(self.folder, "a.disc")
        os.makedirs(os.path.join(self.source, "docs", "b\u00fccher"))
        self.write("docs/b\u00fccher/A long name, with commas.txt", "far below\n" * 500)
        self.write("readme.txt", "first\n")
        self.write("empty", "")

    def tearDown(self):
        shutil.rmtree(self.folder)

    def write(self, name, text):
        with open(os.path.join(self.source, name), "w", encoding="utf-8") as file:
            file.write(text)

    def run_script(self, media, folder=None):
        """(what it printed, exit code, what the server reported)"""
        log = os.path.join(self.folder, "errors")
        words = [os.path.join(HERE, "run-script"), SCRIPT, "--disc", f"{self.disc}?media={media}", "--server", SERVER, "--log", log]
        done = subprocess.run(words + (["--burn-dir", folder] if folder else []), capture_output=True, text=True, check=False)
        self.assertEqual(done.stderr, "")
        with open(log, encoding="utf-8") as file:
            return done.stdout, done.returncode, file.read()

    def write_two_sessions(self, media):
        self.assertEqual(self.run_script(media, self.source), (ADDING + WRITING, 0, ""))
        self.write("readme.txt", "changed in the second session\n")
        self.write("new.txt", "new\n")
        os.remove(os.path.join(self.source, "empty"))      # of the first session: it stays on the disc
        self.assertEqual(self.run_script(media, self.source), (IMPORTING + ADDING + WRITING, 0, ""))
        self.write("empty", "")

    def copy_of_blocks(self):
        copy = os.path.join(self.folder, "copy")
        subprocess.run(["cp", "--sparse=always", self.disc, copy], check=True)
        raw = os.path.join(self.folder, "raw")
        with open(copy, "rb") as disc, open(raw, "wb") as out:
            disc.seek(BLOCKS_AT)
            shutil.copyfileobj(disc, out, 1 << 20)
        return raw

    def contents(self, folder):
        found = {}
        for path, _, names in os.walk(folder):
            for name in names:
                full = os.path.join(path, name)
                with open(full, "rb") as file:
                    found[os.path.relpath(full, folder)] = hashlib.sha256(file.read()).hexdigest()
        return found

    def by_xorriso(self, raw, start):
        target = os.path.join(self.folder, f"xorriso-{start}")
        subprocess.run(["xorriso", "-no_rc", "-abort_on", "FAILURE", "-osirrox", "on", "-load", "sbsector", str(start), "-indev",
                        "stdio:" + raw, "-extract", "/", target], check=True, capture_output=True)
        subprocess.run(["chmod", "-R", "u+rwX", target], check=True)
        return self.contents(target)

    def by_7zip(self, raw, kind):
        target = os.path.join(self.folder, "7zip-" + kind)
        subprocess.run(["7zz", "x", "-t" + kind, "-o" + target, raw], check=True, capture_output=True)
        return self.contents(target)

    def test_the_script_is_microsofts(self):
        with open(SCRIPT, "rb") as file:
            self.assertEqual(hashlib.sha256(file.read()).hexdigest(), SHA256)

    def test_two_sessions_on_media_that_are_written_once(self):
        for media in ("cd-r", "dvd-r", "bd-r"):
            with self.subTest(media):
                self.write_two_sessions(media)
                raw, starts = self.copy_of_blocks(), sessions_on(self.disc)
                self.assertEqual(len(starts), 2)
                self.assertEqual(self.by_xorriso(raw, starts[1]), self.contents(self.source))
                first = self.by_7zip(raw, "iso")
                self.assertEqual(sorted(first), ["docs/b\u00fccher/A long name, with commas.txt", "empty", "readme.txt"])
                self.assertEqual(first["readme.txt"], hashlib.sha256(b"first\n").hexdigest())
                self.tearDown()
                self.setUp()

    def test_two_sessions_on_media_that_can_be_overwritten(self):
        for media in ("dvd+rw", "bd-re"):
            with self.subTest(media):
                self.write_two_sessions(media)
                raw = self.copy_of_blocks()
                self.assertEqual(self.by_xorriso(raw, 0), self.contents(self.source))
                self.assertEqual(self.by_7zip(raw, "udf"), self.contents(self.source))
                self.tearDown()
                self.setUp()

    # As IMAPI2 leaves a DVD+R unless it is told otherwise: closed, for players.
    def test_a_disc_that_takes_no_further_session(self):
        self.assertEqual(self.run_script("dvd+r", self.source), (ADDING + WRITING, 0, ""))
        said, code, errors = self.run_script("dvd+r", self.source)
        self.assertEqual((said, code), (NO_MULTISESSION, 1))
        self.assertTrue(errors.startswith("0xC0AAB15C "), errors)

    # The script ends there without a word: its host tells of no errors.
    def test_a_folder_that_is_missing(self):
        said, _, errors = self.run_script("cd-r")
        self.assertEqual(said, ADDING)
        self.assertIn("G:/BurnDir", errors)
        self.assertEqual(sessions_on(self.disc), [])


if __name__ == "__main__":
    SERVER = os.path.abspath(sys.argv.pop(1))
    unittest.main()
