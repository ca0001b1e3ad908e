#!/usr/bin/env python3
"""The zip for Windows has what it should; out of it the command runs, and the COM server is registered and used.

usage: package_test.py BUILD-FOLDER [unittest arguments]
"""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

WINERUN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "winerun")
BUILD = ""
SCRIPT = 'WScript.Echo CreateObject("FsImage.FileSystemImage").DirectoryCount\n'


class Package(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        os.environ["FSIMAGE_WINE_SESSION"] = self.folder

    def tearDown(self):
        self.wine("--end")
        shutil.rmtree(self.folder)

    def wine(self, *words):
        done = subprocess.run([WINERUN, *words], cwd=self.folder, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    def test_what_is_in_the_zip_works(self):
        subprocess.run(["cpack", "--config", os.path.join(BUILD, "CPackConfig.cmake"), "-B", self.folder], check=True,
                       stdout=subprocess.DEVNULL)
        (name,) = (n for n in os.listdir(self.folder) if n.endswith(".zip"))
        with zipfile.ZipFile(os.path.join(self.folder, name)) as archive:
            top = name.removesuffix(".zip")
            self.assertEqual({n for n in archive.namelist() if not n.endswith("/")},
                             {f"{top}/{n}" for n in ("fsimage.exe", "fsimage_com.dll", "README.txt", "LICENSE.txt")})
            archive.extractall(self.folder)
        version = name.split("-")[1]
        self.assertEqual(self.wine(os.path.join(self.folder, top, "fsimage.exe"), "--version"), (0, f"fsimage {version}\n", ""))
        with open(os.path.join(self.folder, top, "README.txt"), encoding="ascii", newline="") as file:
            self.assertTrue(file.readline().startswith(f"fsimage {version} for Windows"))

        with open(os.path.join(self.folder, "use.vbs"), "w", encoding="ascii") as file:
            file.write(SCRIPT)
        use = ("cscript", "//nologo", "use.vbs")
        self.assertEqual(self.wine(*use)[1], "")
        self.assertEqual(self.wine("regsvr32", "/s", f"{top}\\fsimage_com.dll")[0], 0)
        self.assertEqual(self.wine(*use)[1], "1\n")
        self.assertEqual(self.wine("regsvr32", "/s", "/u", f"{top}\\fsimage_com.dll")[0], 0)
        self.assertEqual(self.wine(*use)[1], "")


if __name__ == "__main__":
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
