#!/usr/bin/env python3
"""The tidy program can fail: each rule finds a violation planted into a small clean tree, and nothing else."""
import os
import re
import tempfile
import unittest

from listed import check_excuses
from page import check_page
from source import House, code_only
from text import long_functions
from tidy import RULES, findings

PUBLIC = "libfsimage/include/fsimage/"
SOURCE = "libfsimage/src/"

CLEAN = {
    SOURCE + "core/CMakeLists.txt": "fsimage_floor(core SOURCES text.cpp HEADERS text.hpp)\n",
    SOURCE + "core/text.cpp": "#include <fsimage/core/text.hpp>\n\n#include <string>\n",
    SOURCE + "io/CMakeLists.txt": "fsimage_floor(io SOURCES posix/file.cpp HEADERS file.hpp)\n",
    SOURCE + "io/posix/file.cpp": "#include <fsimage/io/file.hpp>\n\n#include <unistd.h>\n",
    SOURCE + "format/udf/CMakeLists.txt": "fsimage_floor(format/udf SOURCES HEADERS tag.hpp)\n",
    SOURCE + "format/iso9660/CMakeLists.txt": "fsimage_floor(format/iso9660 SOURCES HEADERS record.hpp)\n",
    PUBLIC + "core/text.hpp": "#pragma once\n#include <boost/endian/buffers.hpp>\n",
    PUBLIC + "io/file.hpp": "#pragma once\n#include <fsimage/core/text.hpp>\n",
    PUBLIC + "format/udf/tag.hpp": "#pragma once\n#include <fsimage/core/text.hpp>\n",
    PUBLIC + "format/iso9660/record.hpp": "#pragma once\n",
    "backends/isofile/CMakeLists.txt": "add_library(x iso_file.cpp)\n",
    "backends/isofile/iso_file.cpp": "#include <fsimage/io/file.hpp>\n",
    "tests/CMakeLists.txt": "fsimage_test(t SOURCES core/text_test.cpp io/file_test.cpp\n"
                            "  format/udf_tag_test.cpp format/record_test.cpp)\n",
    "tests/core/text_test.cpp": "#include <fsimage/core/text.hpp>\n",
    "tests/io/file_test.cpp": "#include <fsimage/io/file.hpp>\n",
    "tests/format/udf_tag_test.cpp": "#include <fsimage/format/udf/tag.hpp>\n",
    "tests/format/record_test.cpp": "#include <fsimage/format/iso9660/record.hpp>\n",
}


class Planted(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        for path, text in CLEAN.items():
            self.plant(path, text)

    def tearDown(self):
        self.folder.cleanup()

    def plant(self, path, text):
        full = os.path.join(self.folder.name, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8", newline="") as f:
            f.write(text)

    def found(self):
        rules = [r for r in RULES if r not in (check_excuses, check_page)]
        return [(f.rule, f.path) for f in findings(House(self.folder.name), rules)]

    def expect(self, *expected):
        self.assertEqual(sorted(self.found()), sorted(expected))

    def test_clean_tree_is_clean(self):
        self.expect()

    def test_upward_include(self):
        self.plant(SOURCE + "core/text.cpp", "#include <fsimage/io/file.hpp>\n")
        self.expect(("floors", SOURCE + "core/text.cpp"))

    def test_upward_include_by_relative_path(self):
        self.plant(SOURCE + "core/text.cpp", '#include "../io/posix/secret.hpp"\n')
        self.plant(SOURCE + "io/posix/secret.hpp", "#pragma once\n")
        self.expect(("floors", SOURCE + "core/text.cpp"))

    def test_sideways_include_between_standards(self):
        self.plant(PUBLIC + "format/udf/tag.hpp", "#pragma once\n  #  include <fsimage/format/iso9660/record.hpp>\n")
        self.expect(("floors", PUBLIC + "format/udf/tag.hpp"))

    def test_sideways_include_between_backends(self):
        self.plant("backends/mock/CMakeLists.txt", "add_library(y mock.cpp)\n")
        self.plant("backends/mock/mock.cpp", '#include "../isofile/disc.hpp"\n')
        self.plant("backends/isofile/disc.hpp", "#pragma once\n")
        self.expect(("floors", "backends/mock/mock.cpp"))

    def test_library_includes_no_backend_and_no_tool(self):
        self.plant(PUBLIC + "io/file.hpp", '#pragma once\n#include "../../../../tools/app.hpp"\n')
        self.plant("tools/app.hpp", "#pragma once\n")
        self.plant(SOURCE + "io/posix/file.cpp", "#include <fsimage/backends/isofile/iso_file.hpp>\n")
        self.expect(("floors", PUBLIC + "io/file.hpp"), ("floors", SOURCE + "io/posix/file.cpp"))

    def test_backend_includes_no_layout(self):
        self.plant("backends/isofile/iso_file.cpp", "#include <fsimage/layout/planner.hpp>\n")
        self.expect(("floors", "backends/isofile/iso_file.cpp"))

    def test_commented_include_does_not_count(self):
        self.plant(SOURCE + "core/text.cpp", "// #include <fsimage/io/file.hpp>\n/*\n#include <fsimage/io/file.hpp>\n*/\n")
        self.expect()

    def test_foreign_headers(self):
        for header in ("unistd.h", "sys/stat.h", "windows.h", "boost/program_options.hpp", "boost/iostreams/stream.hpp"):
            with self.subTest(header):
                self.plant(SOURCE + "core/text.cpp", f"#include <{header}>\n")
                self.expect(("foreign-header", SOURCE + "core/text.cpp"))

    def test_windows_header_in_io_only_under_windows(self):
        self.plant(SOURCE + "io/posix/file.cpp", "#include <windows.h>\n")
        self.expect(("foreign-header", SOURCE + "io/posix/file.cpp"))

    def test_source_that_nothing_lists(self):
        self.plant(SOURCE + "core/tex.cpp", "int x;\n")        # a part of a listed name is not a listed name
        self.expect(("dead-file", SOURCE + "core/tex.cpp"))

    def test_private_header_that_nothing_includes(self):
        self.plant(SOURCE + "core/lonely.hpp", "#pragma once\n")
        self.expect(("dead-file", SOURCE + "core/lonely.hpp"))

    def test_public_header_not_installed(self):
        self.plant(PUBLIC + "core/more.hpp", "#pragma once\n")
        self.plant("tests/core/text_test.cpp", "#include <fsimage/core/more.hpp>\n")
        self.expect(("dead-file", PUBLIC + "core/more.hpp"), ("header-test", PUBLIC + "core/more.hpp"))

    def test_public_header_that_only_includes_itself(self):
        self.plant(SOURCE + "core/CMakeLists.txt", "fsimage_floor(core SOURCES text.cpp HEADERS text.hpp more.hpp)\n")
        self.plant(PUBLIC + "core/more.hpp", "#pragma once\n#include <fsimage/core/more.hpp>\n")
        self.plant("tests/core/more_test.cpp", "int x;\n")
        self.plant("tests/core/CMakeLists.txt", "fsimage_test(u SOURCES more_test.cpp)\n")
        self.expect(("dead-file", PUBLIC + "core/more.hpp"))

    def test_stale_excuses(self):
        house = House(self.folder.name)
        self.assertEqual(len(list(check_excuses(house, {"core/gone.hpp": "", "core/text.hpp": ""}))), 2)

    def test_page_that_is_not_true(self):
        root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        with open(os.path.join(root, "docs/architecture.md"), encoding="utf-8") as f:
            page = f.read()
        for header in re.findall(r"`([a-z0-9_/]+\.hpp)`", page):
            self.plant(PUBLIC + header, "#pragma once\n")
        self.plant("docs/architecture.md", page)
        self.assertEqual(list(check_page(House(self.folder.name))), [])
        self.plant("docs/architecture.md", page.replace("| core, io |", "| core, io, burn |", 1) + "`core/gone.hpp`\n")
        self.assertEqual(len(list(check_page(House(self.folder.name)))), 2)

    def test_long_function_and_long_file(self):
        body = "  f(1'000'000, '}', \"}\");\n" * 69
        self.plant(SOURCE + "core/text.cpp", "namespace n {\nvoid g(int a,\n       int b) {\n" + body + "}\n}\n")
        self.expect(("function-length", SOURCE + "core/text.cpp"))
        self.plant(SOURCE + "core/text.cpp", "int x;\n" * 701)
        self.expect(("file-length", SOURCE + "core/text.cpp"))

    def test_words(self):
        for word in ("TO" "DO", "FIX" "ME", "XX" "X"):
            with self.subTest(word):
                self.plant(SOURCE + "core/text.cpp", f"// {word}: later\n")
                self.expect(("words", SOURCE + "core/text.cpp"))
        self.plant(SOURCE + "core/text.cpp", 'auto t = "/wo' 'rk/main";\n')
        self.plant("tests/core/text_test.cpp", "TEST(A, DISABL" "ED_B) {}\n")
        self.expect(("words", SOURCE + "core/text.cpp"), ("words", "tests/core/text_test.cpp"))

    def test_names_of_temporary_files_are_no_words(self):
        self.plant(SOURCE + "core/text.cpp", 'auto t = "name.XX' 'XXXX";\n')
        self.expect()

    def test_blanks(self):
        for text in ("int x; \n", "\tint x;\n", "int x;\r\n", "int x;", "int x;\n\n"):
            with self.subTest(repr(text)):
                self.plant(SOURCE + "core/text.cpp", text)
                self.expect(("blanks", SOURCE + "core/text.cpp"))


class Reading(unittest.TestCase):
    def test_code_only_keeps_lines(self):
        text = 'a("//"); /* {\n{ */ b(R"x({\n{)x"); // {\nc(\'{\', 1\'000, u\'{\');\n'
        code = code_only(text)
        self.assertEqual(code.count("\n"), text.count("\n"))
        self.assertNotIn("{", code)
        self.assertIn("1'000", code)

    def lengths(self, text):
        return [(length, name) for _, length, name in long_functions(text)]

    def test_what_is_a_function(self):
        filler = "  x;\n" * 80
        self.assertEqual(self.lengths("class A : public B<int()> {\n" + filler + "};\n"), [])
        self.assertEqual(self.lengths("int table[] = {\n" + filler + "};\n"), [])
        self.assertEqual(self.lengths("#define M(x) {\nA::A() : b_(1), c_{2} {\n" + filler + "}\n"), [(82, "A::A")])
        self.assertEqual(self.lengths("template <class T>\nauto f(T t) -> int {\n" + filler + "}\n"), [(83, "f")])
        self.assertEqual(self.lengths("struct S {\n  void g() const noexcept {\n" + filler + "  }\n};\n"), [(82, "g")])
        self.assertEqual(self.lengths("TEST_P(A, B) {\n  auto l = [&](int i) {\n" + filler + "  };\n}\n"), [(84, "TEST_P")])


if __name__ == "__main__":
    unittest.main()
