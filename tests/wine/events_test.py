#!/usr/bin/env python3
"""Scripts hear of what goes on: events.vbs with our own host, which has events, and tells of errors where they are.

usage: events_test.py SERVER.dll SCRIPT_HOST.exe [unittest arguments]
"""
import os
import re
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
SERVER = HOST = ""

WRITTEN = """added docs\\a.txt
action 0: events.vbs
action 3: events.vbs
action 4: events.vbs
action 5: events.vbs
action 6: events.vbs
written, and not told of ''
"""


class Events(unittest.TestCase):
    maxDiff = None

    def run_script(self, script, *arguments):
        with tempfile.TemporaryDirectory() as folder:
            source = os.path.join(folder, "source")
            os.makedirs(os.path.join(source, "docs"))
            for name, text in (("docs/a.txt", "a\n"), ("b.txt", "x" * 5000)):
                with open(os.path.join(source, name), "w", encoding="utf-8") as file:
                    file.write(text)
            own = os.path.join(folder, "own.vbs")
            if "\n" in script:
                with open(own, "w", encoding="utf-8") as file:
                    file.write(script)
            done = subprocess.run([os.path.join(HERE, "run-script"), own if "\n" in script else os.path.join(HERE, script),
                                   "--disc", os.path.join(folder, "a.disc") + "?media=cd-rw", "--burn-dir", source,
                                   "--server", SERVER, "--host", HOST, *arguments],
                                  capture_output=True, text=True, check=False)
        return done.stdout, done.returncode, done.stderr

    def test_scripts_hear(self):
        said, code, errors = self.run_script("events.vbs")
        self.assertEqual((code, errors), (0, ""))
        self.assertEqual(said, WRITTEN + "erased, told: True\n")

    def test_errors_say_where(self):
        said, code, errors = self.run_script("events.vbs", "fail")
        with open(os.path.join(HERE, "events.vbs"), encoding="utf-8") as file:
            line = 1 + next(n for n, text in enumerate(file) if "G:\\nowhere" in text)
        self.assertEqual(code, 1)
        self.assertTrue(said.endswith("written, and not told of ''\n"), said)
        self.assertRegex(errors, r"^events\.vbs\(%d, \d+\) fsimage: .*G:/nowhere.* \(0x[0-9A-F]{8}\)\n$" % line)

    def test_scripts_end_as_they_say(self):
        said, code, errors = self.run_script("events.vbs", "quit")
        self.assertTrue(said.endswith("written, and not told of ''\n"), said)
        self.assertEqual((code, errors), (7, ""))

    def test_what_is_no_script_is_told(self):
        said, code, errors = self.run_script("WScript.Echo 1\nIf Then\n")
        self.assertEqual((said, code), ("", 1))
        self.assertTrue(re.match(r"own\.vbs\(2, \d+\) ", errors), errors)
        said, code, errors = self.run_script('Dim A\nSet A = WScript.CreateObject("No.Such")\n')
        self.assertEqual((said, code), ("", 1))
        self.assertRegex(errors, r"^own\.vbs\(2, \d+\) script_host: .*No\.Such")


if __name__ == "__main__":
    SERVER, HOST = os.path.abspath(sys.argv.pop(1)), os.path.abspath(sys.argv.pop(1))
    unittest.main()
