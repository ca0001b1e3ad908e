#!/usr/bin/env python3
"""authoring.vbs says what authoring.expected has: what scripts see of an image in the making, errors by number and text among it.

usage: authoring_test.py SERVER.dll [unittest arguments]
"""
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SERVER = ""


class Authoring(unittest.TestCase):
    maxDiff = None

    def test_scripts_see_what_they_should(self):
        with tempfile.TemporaryDirectory() as folder:
            source = os.path.join(folder, "source")
            os.makedirs(os.path.join(source, "docs"))
            for name, text in (("docs/a.txt", "a\n"), ("A file.with dots", "x" * 5000)):
                with open(os.path.join(source, name), "w", encoding="utf-8") as file:
                    file.write(text)
            done = subprocess.run([os.path.join(HERE, "run-script"), os.path.join(HERE, "authoring.vbs"), "--disc",
                                   os.path.join(folder, "a.disc") + "?media=cd-r", "--burn-dir", source, "--server", SERVER],
                                  capture_output=True, text=True, check=False)
        with open(os.path.join(HERE, "authoring.expected"), encoding="utf-8") as file:
            self.assertEqual(done.stdout, file.read())
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    SERVER = os.path.abspath(sys.argv.pop(1))
    unittest.main()
