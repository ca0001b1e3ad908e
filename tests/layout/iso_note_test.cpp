#include <fsimage/layout/iso_note.hpp>

#include <gtest/gtest.h>

namespace fsimage {
namespace {

Profile noted(const std::string& application_use) {
  Profile p;
  apply_iso_note(application_use, p);
  return p;
}

TEST(IsoNote, NothingIsNotedThatIsNotAskedFor) { EXPECT_EQ(iso_note(Profile{}), ""); }

TEST(IsoNote, SaysAllThatMakesNames) {
  Profile p;
  p.interchange_level = 2;
  p.joliet_name_units = 103;
  p.relaxed_identifiers = {.lower_case = true, .several_dots = true, .no_version = true};
  p.deep_folders = DeepFolders::relocate;
  p.moved_folder = "moved level=1 folders";
  EXPECT_EQ(iso_note(p),
            "fsimage level=2 joliet=103 lower-case dots no-version deep=relocate moved=moved level=1 folders\n");
  const auto read = noted(iso_note(p) + "\nand what is behind it");
  EXPECT_EQ(read.interchange_level, 2);
  EXPECT_EQ(read.joliet_name_units, 103);
  EXPECT_EQ(read.relaxed_identifiers, p.relaxed_identifiers);
  EXPECT_EQ(read.deep_folders, DeepFolders::relocate);
  EXPECT_EQ(read.moved_folder, p.moved_folder);
}

TEST(IsoNote, BytesOfOthersSayNothing) {
  for (const char* text : {"", "level=1\n", "fsimage", "fsimage level=1", "fsimages level=1\n",
                           "fsimage level=0 joliet=104 moved=a/b\n", "fsimage levels=1 deep=down\n"}) {
    const auto p = noted(text);
    EXPECT_EQ(p.interchange_level, 3) << text;
    EXPECT_EQ(p.joliet_name_units, 64);
    EXPECT_EQ(p.deep_folders, DeepFolders::keep);
    EXPECT_EQ(p.moved_folder, "rr_moved");
  }
}

TEST(IsoNote, WhatNoImageHasTogether) {
  const auto p = noted("fsimage level=1 dots long lower-case\n");
  EXPECT_EQ(p.relaxed_identifiers, iso9660::RelaxedIdentifiers{.lower_case = true});
  Profile plain;
  plain.file_systems.rockridge = false;
  apply_iso_note("fsimage deep=relocate\n", plain);
  EXPECT_EQ(plain.deep_folders, DeepFolders::keep);
}

}  // namespace
}  // namespace fsimage
