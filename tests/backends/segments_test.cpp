#include "segments.hpp"

#include "support/host.hpp"
#include "support/trial_image.hpp"

#include <gtest/gtest.h>

#include <string>

namespace fsimage::isofile {
namespace {

using test::TrialImage;

std::string listing(const ResultImage& image, std::uint64_t window, bool clones = false) {
  std::string lines;
  std::uint64_t at = 0;
  Segments segments(image, window, [&](std::uint64_t, const Run&) { return clones; });
  while (const auto s = segments.next()) {
    EXPECT_EQ(s->offset, at) << "neither a gap nor an overlap";
    EXPECT_GT(s->length, 0U);
    at += s->length;
    lines += s->kind == Segment::Kind::hole ? "hole " : s->kind == Segment::Kind::file ? "file " : "read ";
    lines += std::to_string(s->offset) + "+" + std::to_string(s->length);
    if (s->kind == Segment::Kind::file) lines += " from " + std::to_string(s->run.file_offset);
    lines += "\n";
  }
  EXPECT_EQ(at, image.size());
  return lines;
}

TEST(Segments, CutAnImageIntoWhatASaverDoes) {
  if (!test::knows_holes()) return;
  TrialImage trial;
  EXPECT_EQ(listing(*trial.image(), 1 << 20, true),
            "hole 0+32768\n"
            "read 32768+17288\n"  // metadata, small files and the little gaps between them
            "hole 50056+3192\n"
            "file 53248+300001 from 0\n"
            "hole 353249+3103\n"  // the rest of the last block, and one that is free
            "read 356352+202048\n"
            "hole 558400+260800\n"
            "file 819200+1048576 from 0\n"
            "hole 1867776+16384\n"
            "file 1884160+65536 from 0\n"
            "hole 1949696+917504\n"
            "file 2867200+65536 from 983040\n"
            "hole 2932736+139264\n"
            "read 3072000+17\n"
            "hole 3072017+1003503\n"
            "read 4075520+4096\n"
            "hole 4079616+16384\n");
}

TEST(Segments, WhatCannotBeClonedIsReadWithItsNeighboursUnlessItIsLong) {
  if (!test::knows_holes()) return;
  TrialImage trial;
  EXPECT_EQ(listing(*trial.image(), 1 << 20),
            "hole 0+32768\n"
            "read 32768+525632\n"
            "hole 558400+260800\n"
            "file 819200+1048576 from 0\n"
            "hole 1867776+16384\n"
            "read 1884160+65536\n"
            "hole 1949696+917504\n"
            "read 2867200+65536\n"
            "hole 2932736+139264\n"
            "read 3072000+17\n"
            "hole 3072017+1003503\n"
            "read 4075520+4096\n"
            "hole 4079616+16384\n");
}

TEST(Segments, ReadsAreCutAtMultiplesOfTheWindow) {
  const ResultImage image({{Lba{3}, std::make_shared<MemorySource>(test::noise(200'000, 1)), "a"}}, {200}, "id");
  EXPECT_EQ(listing(image, 65'536),
            "hole 0+6144\n"
            "read 6144+59392\n"
            "read 65536+65536\n"
            "read 131072+65536\n"
            "read 196608+9536\n"
            "hole 206144+203456\n");
}

TEST(Segments, OfNothingThereAreNone) { EXPECT_EQ(listing(ResultImage({}, {0}, "id"), 65'536), ""); }

}  // namespace
}  // namespace fsimage::isofile
