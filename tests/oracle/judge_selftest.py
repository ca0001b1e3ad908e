#!/usr/bin/env python3
"""Shows that the judges can find against an image: planted damage must be reported, and sound images must pass.

    judge_selftest.py [-v] [TEST...]

The images come from genisoimage, xorriso and udf_fixture.py, so that this needs nothing of fsimage.
"""

import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("ORACLE_BUILD_DIR", os.path.join(HERE, "..", "..", "build", "oracle"))
BLOCK = 2048

sys.path.insert(0, HERE)
from iso_rules import IsoVolume                       # noqa: E402
from space import Image                               # noqa: E402
from tools import ENVIRONMENT                         # noqa: E402
from udf_walk import UdfVolume                        # noqa: E402
from udf_wire import crc16                            # noqa: E402

# What the writers themselves get wrong, and the judges must say: (judge, view, rule). Nothing else may be reported.
GENISOIMAGE_FAULTS = {("structure", "udf", "UDF 2.1.5.1"), ("structure", "udf", "UDF 2.3.5.4"), ("structure", "udf", "3/8.4.2")}
XORRISO_JOLIET_FAULTS = {("structure", "iso", "6.8.2.2")}


def python(script, *arguments):
    return subprocess.run([sys.executable, "-B", os.path.join(HERE, script), *arguments], capture_output=True, text=True, env=ENVIRONMENT)


def judge(image, source, *options):
    """(exit code, {(judge, view, what)}, every difference)."""
    done = python("judge.py", image, source, "--json", "--build-dir", BUILD, *options)
    if not done.stdout:
        raise AssertionError(f"the judge said nothing: {done.stderr}")
    verdicts = json.loads(done.stdout)["verdicts"]
    found = [(v["judge"], v["view"], d["what"], d["path"], d["text"]) for v in verdicts for d in v["differences"]]
    return done.returncode, {item[:3] for item in found}, found


class Images(unittest.TestCase):
    """Makes each image once; every test damages a copy."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="judge-selftest-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.plain, cls.small = (cls.made(kind) for kind in ("plain", "small"))
        cls.bridge = cls.image("bridge.iso", "genisoimage", "-quiet", "-input-charset", "utf-8", "-J", "-joliet-long", "-R", "-D", "-udf",
                               "-o", "{}", cls.plain)
        cls.rock = cls.image("rock.iso", "xorriso", "-as", "mkisofs", "-quiet", "-iso-level", "3", "-R", "-o", "{}", cls.plain)
        cls.fixture = os.path.join(cls.folder, "fixture.udf")
        cls.check(python("udf_fixture.py", cls.plain, cls.fixture, os.path.join(cls.folder, "none.json")))

    @classmethod
    def made(cls, kind):
        path = os.path.join(cls.folder, kind)
        cls.check(python("trees.py", kind, path))
        return path

    @classmethod
    def image(cls, name, *command):
        path = os.path.join(cls.folder, name)
        cls.check(subprocess.run([word.format(path) if word == "{}" else word for word in command], capture_output=True, text=True, env=ENVIRONMENT))
        return path

    @staticmethod
    def check(done):
        if done.returncode:
            raise AssertionError(f"{done.args}: {done.stderr}")

    def damaged(self, image):
        path = os.path.join(self.folder, "damaged")
        shutil.copyfile(image, path)
        self.addCleanup(os.remove, path)
        return path

    def patch(self, path, offset, data):
        with open(path, "r+b") as file:
            file.seek(offset)
            before = file.read(len(data))
            self.assertNotEqual(before, data, "the damage changes nothing")
            file.seek(offset)
            file.write(data)

    def assert_reported(self, outcome, *expected):
        code, found, everything = outcome
        self.assertEqual(code, 1)
        for item in expected:
            self.assertIn(item, found, "\n".join(map(str, everything)))

    def assert_only(self, outcome, allowed):
        code, found, everything = outcome
        self.assertEqual(found - allowed, set(), "\n".join(map(str, everything)))
        self.assertEqual(code, 1 if found else 0)


class Sound(Images):
    """What is right must pass, and what the writers get wrong is all that may be found."""

    def test_bridge_of_genisoimage(self):
        outcome = judge(self.bridge, self.plain)
        self.assert_only(outcome, GENISOIMAGE_FAULTS)
        self.assertEqual(outcome[1], GENISOIMAGE_FAULTS, "the known faults of genisoimage are found")

    def test_rock_ridge_of_xorriso(self):
        self.assert_only(judge(self.rock, self.plain), set())

    def test_joliet_of_xorriso(self):
        image = self.image("joliet.iso", "xorriso", "-as", "mkisofs", "-quiet", "-iso-level", "3", "-J", "-R", "-o", "{}", self.plain)
        outcome = judge(image, self.plain)
        self.assert_only(outcome, XORRISO_JOLIET_FAULTS)
        self.assertTrue(all("b'\\x01'" in text for *_, text in outcome[2]), "only the parent records are wrong")

    def test_plain_iso9660_is_matched_by_content(self):
        image = self.image("plain.iso", "genisoimage", "-quiet", "-iso-level", "2", "-D", "-o", "{}", self.plain)
        self.assert_only(judge(image, self.plain), set())

    def test_fixture_keeps_the_layout(self):
        self.assert_only(judge(self.fixture, self.plain, "--layout", "fsimage"), set())

    def test_every_shape_of_entry_in_udf(self):
        image, findings = (os.path.join(self.folder, name) for name in ("small.udf", "small.json"))
        for options in ((), ("--specials",)):
            self.check(python("udf_fixture.py", self.small, image, findings, *options))
            self.assert_only(judge(image, self.small, "--findings", findings, "--layout", "fsimage", "--udf-modes"), set())

    def test_every_shape_of_entry_in_rock_ridge(self):
        image = self.image("shapes.iso", "xorriso", "-as", "mkisofs", "-quiet", "-iso-level", "3", "-R", "-o", "{}", self.small)
        self.assert_only(judge(image, self.small, "--views", "rr"), {("structure", "iso", rule) for rule in ("9.3", "7.5/7.6", "RRIP 4.1.3")})

    def test_layout_check_is_strict(self):
        self.assert_reported(judge(self.bridge, self.plain, "--layout", "fsimage"), ("layout", "fsimage", "place"), ("layout", "fsimage", "tail"))


class Damage(Images):
    def setUp(self):
        self.image_of_bridge = Image(self.bridge)
        self.iso = IsoVolume(self.image_of_bridge, lambda *_: None)
        self.udf = UdfVolume(Image(self.fixture), lambda *_: None)

    def node(self, tree, path):
        return next(node for node in tree.nodes() if node.path == path)

    def record_at(self, tree, path):
        """The byte offset of a directory record in the bridge."""
        node = self.node(tree, path)
        start, length = node.parent.runs[0]
        return start + self.image_of_bridge.read(start, length).index(bytes([len(node.identifier)]) + node.identifier) - 32

    def test_content_byte(self):
        image = self.damaged(self.bridge)
        offset = self.node(self.iso.primary, b"SIZES/MIB.BIN").runs[0][0]
        self.patch(image, offset + 700_000, b"damage")
        self.assert_reported(judge(image, self.plain), *((name, view, "content") for name, view in (
            ("own reader", "rr"), ("own reader", "joliet"), ("own reader", "iso"), ("own reader", "udf"), ("xorriso", "rr"), ("xorriso", "joliet"),
            ("bsdtar", "rr"), ("bsdtar", "joliet"), ("bsdtar", "iso"), ("isoinfo", "rr"), ("isoinfo", "joliet"), ("libcdio", "rr"), ("7z", "joliet"),
            ("7z", "udf"), ("libudfread", "udf"), ("xorriso cmp", "rr"))))

    def test_name_in_joliet(self):
        image = self.damaged(self.bridge)
        at = self.record_at(self.iso.joliet, b"MANY/FILE007.DAT")
        self.patch(image, at + 33, "FILE00X".encode("utf-16-be"))
        expected = [(name, "joliet", what) for name in ("own reader", "xorriso", "bsdtar", "isoinfo", "libcdio", "7z") for what in ("missing", "present")]
        self.assert_reported(judge(image, self.plain), *expected, ("structure", "iso", "9.3"))

    def test_size_in_a_directory_record(self):
        image = self.damaged(self.bridge)
        at = self.record_at(self.iso.primary, b"SIZES/BLOCKP1.;1".replace(b".;1", b""))
        self.patch(image, at + 10, struct.pack("<I", 2050) + struct.pack(">I", 2050))
        self.assert_reported(judge(image, self.plain), ("own reader", "rr", "size"), ("own reader", "iso", "size"), ("xorriso", "rr", "size"),
                             ("bsdtar", "rr", "size"), ("isoinfo", "rr", "size"), ("libcdio", "rr", "size"))

    def test_halves_that_differ(self):
        image = self.damaged(self.bridge)
        at = self.record_at(self.iso.primary, b"SIZES/ONE")
        self.patch(image, at + 14, struct.pack(">I", 2))
        self.assert_reported(judge(image, self.plain), ("structure", "iso", "both-endian"))

    def test_time_in_rock_ridge(self):
        image = self.damaged(self.bridge)
        at = self.record_at(self.iso.primary, b"TIMES/Y1999")
        stamp = self.image_of_bridge.read(at, 200).index(b"TF") + 5
        self.patch(image, at + stamp, bytes([99, 12, 30]))
        self.assert_reported(judge(image, self.plain), ("own reader", "rr", "mtime"), ("bsdtar", "rr", "mtime"), ("xorriso", "rr", "day"),
                             ("xorriso cmp", "rr", "st_mtime"))

    def test_mode_in_rock_ridge(self):
        image = self.damaged(self.bridge)
        at = self.record_at(self.iso.primary, b"TIMES/Y1999")
        mode = self.image_of_bridge.read(at, 200).index(b"PX") + 4
        self.patch(image, at + mode, struct.pack("<I", 0o100600) + struct.pack(">I", 0o100600))
        self.assert_reported(judge(image, self.plain), *((name, "rr", "mode") for name in ("own reader", "bsdtar", "xorriso", "isoinfo", "libcdio")),
                             ("xorriso cmp", "rr", "st_mode"))

    def test_path_table_parent(self):
        image = self.damaged(self.bridge)
        table, = struct.unpack_from("<I", self.iso.primary.descriptor, 140)
        self.patch(image, table * BLOCK + 10 + 6, struct.pack("<H", 2))
        self.assert_reported(judge(image, self.plain), ("structure", "iso", "6.9"), ("structure", "iso", "6.9.1"))

    def test_volume_space_size(self):
        image = self.damaged(self.bridge)
        blocks = self.image_of_bridge.blocks + 1
        self.patch(image, 16 * BLOCK + 80, struct.pack("<I", blocks) + struct.pack(">I", blocks))
        self.assert_reported(judge(image, self.plain), ("structure", "iso", "8.4.8"))

    def test_two_files_in_one_place(self):
        image = self.damaged(self.bridge)
        other = self.node(self.iso.primary, b"SIZES/MIB.BIN").extent + 3
        at = self.record_at(self.iso.primary, b"SIZES/BLOCK")
        self.patch(image, at + 2, struct.pack("<I", other) + struct.pack(">I", other))
        self.assert_reported(judge(image, self.plain), ("structure", "space", "overlap"), ("own reader", "rr", "content"))

    def test_missing_and_additional_file(self):
        tree = os.path.join(self.folder, "changed")
        shutil.copytree(self.plain, tree, symlinks=True)
        self.addCleanup(shutil.rmtree, tree)
        os.remove(os.path.join(tree, "SIZES", "ONE"))
        with open(os.path.join(tree, "SIZES", "NEW"), "wb") as file:
            file.write(b"new")
        judges = [("own reader", view) for view in ("rr", "joliet", "iso", "udf")] + [("xorriso", "rr"), ("bsdtar", "rr"), ("isoinfo", "rr"), ("libcdio", "rr"),
                                                                                      ("7z", "joliet"), ("7z", "udf"), ("libudfread", "udf"), ("udfdump", "udf")]
        # The plain view is made from the Rock Ridge one, whose missing entries are reported there.
        self.assert_reported(judge(self.bridge, tree), *((name, view, "present") for name, view in judges),
                             *((name, view, "missing") for name, view in judges if view != "iso"))

    def test_tag_crc(self):
        image = self.damaged(self.fixture)
        icb = next(node for node in self.udf.nodes() if node.path == b"SIZES/ONE").icb
        self.patch(image, (self.udf.start + icb.block) * BLOCK + 8, b"\xff\xff")
        self.assert_reported(judge(image, self.plain), ("structure", "udf", "3/7.2.6"), ("structure", "udf", "3/7.2.3"))

    def patch_entry(self, path, offset, data):
        """Changes a file entry of the fixture, and makes its tag right again: only the meaning is wrong."""
        image = self.damaged(self.fixture)
        icb = next(node for node in self.udf.nodes() if node.path == path).icb
        at = (self.udf.start + icb.block) * BLOCK
        self.patch(image, at + offset, data)
        with open(image, "r+b") as file:
            file.seek(at)
            block = bytearray(file.read(BLOCK))
            length, = struct.unpack_from("<H", block, 10)
            struct.pack_into("<H", block, 8, crc16(block[16:16 + length]))
            block[4] = 0
            block[4] = sum(block[:16]) & 0xFF
            file.seek(at)
            file.write(block)
        return judge(image, self.plain)

    def test_information_length(self):
        outcome = self.patch_entry(b"SIZES/BLOCKP1", 56, struct.pack("<Q", 2048))
        self.assert_reported(outcome, ("structure", "udf", "4/14.9.10"), ("own reader", "udf", "size"), ("7z", "udf", "failed"), ("libudfread", "udf", "size"))

    def test_link_count(self):
        self.assert_reported(self.patch_entry(b"SIZES/ONE", 48, struct.pack("<H", 2)), ("structure", "udf", "UDF 2.3.6"))

    def test_unique_id(self):
        other = next(node for node in self.udf.nodes() if node.path == b"SIZES/BLOCK").icb.unique_id
        self.assert_reported(self.patch_entry(b"SIZES/ONE", 160, struct.pack("<Q", other)), ("structure", "udf", "UDF 3.2.1.1"), ("structure", "udf", "UDF 2.3.4.3"))

    def test_time_in_udf(self):
        self.assert_reported(self.patch_entry(b"TIMES/Y1999", 84 + 8, b"\x3a"), ("own reader", "udf", "mtime"), ("7z", "udf", "mtime"))

    def test_anchor_at_the_end(self):
        image = self.damaged(self.fixture)
        self.patch(image, os.path.getsize(image) - BLOCK, bytes(16))
        self.assert_reported(judge(image, self.plain, "--layout", "fsimage"), ("layout", "fsimage", "tail"))

    def test_reserve_sequence(self):
        image = self.damaged(self.fixture)
        self.patch(image, self.udf.reserve[1] * BLOCK + 24 + 3, b"Q")
        self.assert_reported(judge(image, self.plain), ("structure", "udf", "3/8.4.2"))

    def test_bytes_that_belong_to_nothing(self):
        image = self.damaged(self.fixture)
        self.patch(image, 100 * BLOCK, b"leaked")
        self.assert_reported(judge(image, self.plain, "--layout", "fsimage"), ("layout", "fsimage", "gap"))

    def test_untrue_findings(self):
        image, findings = (os.path.join(self.folder, name) for name in ("found.udf", "found.json"))
        self.check(python("udf_fixture.py", self.small, image, findings))
        with open(findings, encoding="utf-8") as file:
            true = json.load(file)
        for change, what in ((lambda f: [i for i in f if i["kind"] != "renamed"], "missing"),
                             (lambda f: f + [{"kind": "dropped", "view": "udf", "path": "/sizes/bytes-1", "text": ""}], "finding"),
                             (lambda f: f + [{"kind": "renamed", "view": "udf", "path": "/sizes/bytes-1", "text": "", "to": "x"}], "finding"),
                             (lambda f: f + [{"kind": "renamed", "view": "udf", "path": "/no/such", "text": "", "to": "x"}], "finding")):
            with open(findings, "w", encoding="utf-8") as file:
                json.dump(change(true), file)
            self.assert_reported(judge(image, self.small, "--findings", findings), ("own reader", "udf", what))

    def test_absent_reader(self):
        empty = os.path.join(self.folder, "bin")
        os.makedirs(empty, exist_ok=True)
        environment = dict(ENVIRONMENT, PATH=empty)
        script = "import sys; sys.path.insert(0, sys.argv.pop(1)); import tools; tools.ENVIRONMENT['PATH'] = sys.argv.pop(1); import judge; sys.exit(judge.main())"
        done = subprocess.run([sys.executable, "-B", "-c", script, HERE, empty, self.fixture, self.plain, "--json", "--build-dir", empty],
                              capture_output=True, text=True, env=environment)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("apt-get install 7zip", done.stdout)
        self.assertIn("apt-get install udfclient", done.stdout)


class Sessions(Images):
    """Two discs of two sessions, one of each standard: of the tree `plain`, and of the same with one more file."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = os.path.join(cls.folder, "second")
        shutil.copytree(cls.plain, cls.second, symlinks=True)
        with open(os.path.join(cls.second, "NEW"), "wb") as file:
            file.write(b"new")
        os.utime(cls.second, (1_600_000_000,) * 2)
        first = cls.image("first.iso", "genisoimage", "-quiet", "-J", "-R", "-D", "-o", "{}", cls.plain)
        cls.iso_start = os.path.getsize(first) // BLOCK + 1000
        later = cls.image("later.iso", "genisoimage", "-quiet", "-J", "-R", "-D", "-C", f"0,{cls.iso_start}", "-M", first, "-o", "{}", cls.second)
        cls.iso_disc = cls.on_one_disc(first, later, cls.iso_start)
        cls.udf_disc = os.path.join(cls.folder, "disc.udf")
        shutil.copyfile(cls.fixture, cls.udf_disc)
        cls.udf_last = os.path.getsize(cls.udf_disc) // BLOCK - 1
        cls.udf_start = cls.udf_last + 1 + 1024
        cls.check(python("udf_fixture.py", cls.second, cls.udf_disc, os.path.join(cls.folder, "none.json"), "--session", str(cls.udf_start)))

    @classmethod
    def on_one_disc(cls, first, later, start):
        """The second session's volumes end where the disc does: genisoimage has them end after as many blocks as the session has."""
        disc = os.path.join(cls.folder, "disc.iso")
        shutil.copyfile(first, disc)
        with open(later, "rb") as file, open(disc, "r+b") as out:
            data = bytearray(file.read())
            blocks = start + len(data) // BLOCK
            for block in (16, 17):
                struct.pack_into("<I", data, block * BLOCK + 80, blocks)
                struct.pack_into(">I", data, block * BLOCK + 84, blocks)
            out.seek(start * BLOCK)
            out.write(data)
        cls.first_blocks = os.path.getsize(first) // BLOCK
        return disc

    @staticmethod
    def at(disc, source, session):
        return judge(disc, source, "--session", session, "--hash-sample", "4")

    ISO_JUDGES = [(name, view) for view in ("rr", "joliet") for name in ("own reader", "xorriso", "bsdtar", "isoinfo", "libcdio")] + [("7z", "joliet")]
    UDF_JUDGES = [(name, "udf") for name in ("own reader", "7z", "libudfread", "udfdump")]

    def test_each_session_is_found_at_its_place(self):
        for disc, first, second in ((self.iso_disc, f"0-{self.first_blocks - 1}", str(self.iso_start)),
                                    (self.udf_disc, f"0-{self.udf_last}", str(self.udf_start))):
            self.assert_only(self.at(disc, self.plain, first), set())
            self.assert_only(self.at(disc, self.second, second), set())

    def test_no_reader_sees_another_session(self):
        for disc, judges, first, second in ((self.iso_disc, self.ISO_JUDGES, f"0-{self.first_blocks - 1}", str(self.iso_start)),
                                            (self.udf_disc, self.UDF_JUDGES, f"0-{self.udf_last}", str(self.udf_start))):
            self.assert_reported(self.at(disc, self.second, first), *((name, view, "missing") for name, view in judges))
            self.assert_reported(self.at(disc, self.plain, second), *((name, view, "present") for name, view in judges))

    def test_damage_in_the_later_session(self):
        image = self.damaged(self.iso_disc)
        record = b"\x06\0N\0E\0W"
        with open(image, "rb") as file:
            at = file.read().index(record, self.iso_start * BLOCK)
        self.patch(image, at + 1, b"\0O")
        self.assert_reported(self.at(image, self.second, str(self.iso_start)),
                             *((name, view, "missing") for name, view in self.ISO_JUDGES if view == "joliet"))
        self.assert_only(self.at(image, self.plain, f"0-{self.first_blocks - 1}"), set())

    def test_anchors_of_a_session(self):
        image = self.damaged(self.udf_disc)
        self.patch(image, (self.udf_start + 256) * BLOCK, bytes(16))
        self.assert_reported(self.at(image, self.second, str(self.udf_start)), ("udfinfo", "udf", "complaint"), ("7z", "udf", "failed"))

    def test_layout_of_a_session(self):
        image = self.damaged(self.udf_disc)
        session = ("--session", str(self.udf_start), "--hash-sample", "4", "--layout", "fsimage")
        places = {("layout", "fsimage", "place")}     # a partition of its own, where fsimage continues the first session's
        self.assert_only(judge(image, self.second, *session), places)
        self.patch(image, (self.udf_start + 100) * BLOCK, b"leaked")
        self.assert_only(judge(image, self.second, *session), places | {("layout", "fsimage", "gap")})
        self.patch(image, (self.udf_start + 257) * BLOCK, b"leaked")
        self.assert_reported(judge(image, self.second, *session), ("layout", "fsimage", "anchor cluster"))


if __name__ == "__main__":
    unittest.main()
