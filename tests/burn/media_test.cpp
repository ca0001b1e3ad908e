#include "support/error_of.hpp"

#include <fsimage/burn/media.hpp>
#include <fsimage/core/error.hpp>

#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

namespace fsimage {
namespace {

TEST(Media, StatesHaveNames) {
  EXPECT_EQ(to_string(MediaState::absent), "absent");
  EXPECT_EQ(to_string(MediaState::blank), "blank");
  EXPECT_EQ(to_string(MediaState::appendable), "appendable");
  EXPECT_EQ(to_string(MediaState::closed), "closed");
}

TEST(Media, StatesOfBrokenMediaHaveNames) {
  EXPECT_EQ(to_string(MediaState::damaged), "damaged");
  EXPECT_EQ(to_string(MediaState::unsupported), "unsupported");
}

TEST(Media, TypesHaveTheValuesOfImapiAndNamesThatAreReadBack) {
  EXPECT_EQ(static_cast<int>(MediaType::cd_r), 2);
  EXPECT_EQ(static_cast<int>(MediaType::dvd_minus_r_dl), 11);
  EXPECT_EQ(static_cast<int>(MediaType::bd_re), 19);
  for (int i = 0; i <= static_cast<int>(MediaType::bd_re); ++i) {
    const auto type = static_cast<MediaType>(i);
    EXPECT_EQ(parse_media_type(to_string(type)), type) << i;
  }
  EXPECT_EQ(parse_media_type("file"), MediaType::file);
  EXPECT_FALSE(parse_media_type("floppy"));
  EXPECT_EQ(to_string(static_cast<MediaType>(99)), "unknown");
}

TEST(Media, CapacitiesAreInTheOrderOfTheirSize) {
  BlockCount before;
  for (const auto& kind : nominal_capacities()) {
    EXPECT_GE(kind.blocks, before) << kind.name;
    EXPECT_NE(kind.type, MediaType::unknown) << kind.name;
    EXPECT_FALSE(kind.source.empty()) << kind.name;
    before = kind.blocks;
  }
}

TEST(Media, ClassesHaveNames) {
  EXPECT_EQ(to_string(MediaClass::read_only), "read-only");
  EXPECT_EQ(to_string(MediaClass::sequential), "sequential");
  EXPECT_EQ(to_string(MediaClass::overwritable), "overwritable");
}

TEST(Media, WhatCannotBeWrittenToIsRefusedWithAWayOut) {
  Media media;
  media.media_class = MediaClass::sequential;
  for (const auto& [state, code, says] : std::vector<std::tuple<MediaState, Errc, std::string>>{
           {MediaState::absent, Errc::no_media, "put one in"},
           {MediaState::unsupported, Errc::unsupported, "take one of another kind"},
           {MediaState::damaged, Errc::medium_state, "close it"},
           {MediaState::closed, Errc::medium_state, "take another one"}}) {
    media.state = state;
    const auto e = test::error_of([&] { require_writable(media); });
    EXPECT_EQ(e.code(), code);
    EXPECT_NE(e.message().find(says), std::string::npos) << e.message();
  }
  for (const auto state : {MediaState::blank, MediaState::appendable}) {
    media.state = state;
    media.write_protected = false;
    EXPECT_NO_THROW(require_writable(media));
    media.write_protected = true;
    EXPECT_EQ(test::error_of([&] { require_writable(media); }).code(), Errc::write_protected);
  }
  media.media_class = MediaClass::read_only;
  EXPECT_EQ(test::error_of([&] { require_writable(media); }).code(), Errc::medium_state);
}

TEST(Media, NothingIsKnownAtFirst) {
  const Media media;
  EXPECT_EQ(media.type, MediaType::unknown);
  EXPECT_EQ(media.state, MediaState::absent);
  EXPECT_EQ(media.used, BlockCount{0});
  EXPECT_FALSE(media.free);
}

}  // namespace
}  // namespace fsimage
