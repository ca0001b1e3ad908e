// Extended attributes on their way from a volume to the host: those of libisofs beside Rock Ridge, and named streams of UDF.
#include "iso_builder.hpp"
#include "sample_volume.hpp"
#include "udf_forms.hpp"

#include <fsimage/import/compare.hpp>
#include <fsimage/import/extract.hpp>
#include <fsimage/import/host_cursor.hpp>
#include <fsimage/import/import_volume.hpp>
#include <fsimage/io/host_folder.hpp>
#include <fsimage/io/host_writer.hpp>
#include <support/error_of.hpp>
#include <support/temp_folder.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fsimage::test {
namespace {

using namespace std::string_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

MATCHER_P2(Is, name, value, "") { return arg.name == name && arg.value == value; }

std::string part(std::string_view text, char flags = 0) {
  return std::string{flags, static_cast<char>(text.size())} + std::string(text);
}
std::string al(const std::string& components, bool more = false) {
  return use_field("AL", (more ? "\1"s : "\0"s) + components);
}

using Xattrs = std::map<std::string, std::vector<ExtendedAttribute>>;
struct ReadXattrs {
  Xattrs of;  // by path, "/" the root; only where there are any
  std::vector<Finding> findings;
};
ReadXattrs read_xattrs(const std::shared_ptr<const ByteSource>& source, VolumeOptions options) {
  ReadXattrs out;
  options.xattrs = true;
  const auto cursor = open_volume(source, options, [&](const Finding& f) { out.findings.push_back(f); });
  const auto note = [&](const std::string& path) {
    if (auto some = cursor->xattrs(); !some.empty()) out.of[path] = std::move(some);
  };
  note("/");
  while (cursor->next()) note(cursor->origin());
  return out;
}

class IsoXattrs : public ::testing::Test {
 protected:
  IsoXattrs() { builder.root_use = kSharing + px(0040755) + al(part("\3top") + part("t")); }
  ReadXattrs read(Strictness strictness = Strictness::strict) {
    return read_xattrs(builder.source(), {.view = View::rockridge, .strictness = strictness});
  }
  IsoBuilder builder;
};

TEST_F(IsoXattrs, OfTheRootOfFoldersAndOfFiles) {
  builder.add(builder.file("A.;1", "a", px(0100644) + nm("a") + al(part("\3one") + part("1"))));
  builder.add_folder("SUB", 0, px(0040755) + nm("sub") + al(part("user.two") + part("2") + part("\4cx") + part("own")));
  builder.add(builder.file("B.;1", "b", px(0100644) + nm("b") + al(part("\4cx") + part("own"))));
  const auto got = read();
  EXPECT_THAT(got.findings, IsEmpty());
  EXPECT_EQ(got.of.size(), 3U);
  EXPECT_THAT(got.of.at("/"), ElementsAre(Is("user.top", "t")));
  EXPECT_THAT(got.of.at("/a"), ElementsAre(Is("user.one", "1")));
  EXPECT_THAT(got.of.at("/sub"), ElementsAre(Is("user.two", "2")));
}

TEST_F(IsoXattrs, AnAccessControlListUnderItsOwnNameIsTheBetterOne) {
  const auto list = part("") + part("\x16\x34\x64\x81\x17");
  builder.add(builder.file("A.;1", "a", px(0100644) + nm("a") + al(list)));
  builder.add(builder.file("B.;1", "b", px(0100644) + nm("b") + al(list + part("\2posix_acl_access") + part("as is"))));
  const auto got = read();
  EXPECT_THAT(got.of.at("/a"), ElementsAre(::testing::Field(&ExtendedAttribute::name, "system.posix_acl_access"),
                                           ::testing::Field(&ExtendedAttribute::name, "system.posix_acl_default")));
  EXPECT_THAT(got.of.at("/b"), ElementsAre(Is("system.posix_acl_access", "as is"),
                                           ::testing::Field(&ExtendedAttribute::name, "system.posix_acl_default")));
}

// SUSP 5.6: an AL that belongs to another extension is none.
TEST_F(IsoXattrs, AreThoseOfTheExtensionThatIsSelected) {
  const auto er = [](const std::string& id) {
    return use_field("ER", std::string{static_cast<char>(id.size()), '\0', '\0', '\1'} + id);
  };
  const auto es = [](char n) { return use_field("ES", std::string(1, n)); };
  builder.root_use = kSharing + er("IEEE_1282") + er("AAIP_0200") + er("OTHER") + px(0040755);
  builder.add(builder.file("A.;1", "a", es(0) + px(0100644) + nm("a") + es(1) + al(part("\3one") + part("1"))));
  builder.add(builder.file("B.;1", "b", es(0) + px(0100644) + nm("b") + es(2) + al(part("\3one") + part("1"))));
  const auto got = read();
  EXPECT_EQ(got.of.size(), 1U);
  EXPECT_THAT(got.of.at("/a"), ElementsAre(Is("user.one", "1")));
}

TEST_F(IsoXattrs, WhatIsCutShortIsTold) {
  builder.add(builder.file("A.;1", "a", px(0100644) + nm("a") + al(part("\3one") + part("1") + part("\3two"))));
  const auto got = read(Strictness::tolerant);
  EXPECT_THAT(got.of.at("/a"), ElementsAre(Is("user.one", "1")));
  ASSERT_EQ(got.findings.size(), 1U);
  EXPECT_EQ(got.findings[0].path, "/a");
  EXPECT_EQ(got.findings[0].clause, "AAIP 2.0");
  EXPECT_EQ(error_of([&] { read(); }).where().clause, "AAIP 2.0");
}

TEST_F(IsoXattrs, LongOnesHaveOnlyTheirSize) {
  builder.add(builder.file("A.;1", "a", px(0100644) + nm("a") + al(part("\3one") + part("0123456789"))));
  const auto got = read_xattrs(builder.source(), {.view = View::rockridge, .limits = {.attribute_bytes = 9}});
  ASSERT_EQ(got.of.at("/a").size(), 1U);
  EXPECT_EQ(got.of.at("/a")[0].value, "");
  EXPECT_EQ(got.of.at("/a")[0].size, 10U);
  EXPECT_FALSE(got.of.at("/a")[0].is_held());
}

TEST_F(IsoXattrs, ATreeHasThoseOfUsersAndThatItLosesOthersIsTold) {
  builder.add(
      builder.file("A.;1", "a", px(0100644) + nm("a") + al(part("\3one") + part("1") + part("\5two") + part("2"))));
  builder.add(builder.file("B.;1", "b", px(0100644) + nm("b") + al(part("\4cx") + part("own"))));
  std::vector<Finding> findings;
  Tree tree;
  import_file_system(tree, builder.source(), {.on_finding = [&](const Finding& f) { findings.push_back(f); }});
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].kind, Finding::Kind::dropped);
  EXPECT_EQ(findings[0].path, "/a");
  EXPECT_EQ(findings[0].text, "1 extended attribute: trusted.two");
  const auto stream = tree.find_stream(*tree.find("/a"), "one");
  ASSERT_TRUE(stream);
  EXPECT_EQ(tree.stream_size(stream), 1U);
  EXPECT_TRUE(tree.find_stream(kRootNode, "top"));
  EXPECT_EQ(tree.stream_count(), 2U);
}

class UdfXattrs : public ::testing::Test {
 protected:
  UdfXattrs() { make_streams(built); }
  ReadXattrs read(ImportLimits limits = {}, Strictness strictness = Strictness::tolerant) {
    return read_xattrs(built.source(), {.view = View::udf, .limits = limits, .strictness = strictness});
  }
  UdfBuilder built{2048, udf::Revision::v2_01};
};

TEST_F(UdfXattrs, NamedStreamsAreThoseOfUsers) {
  const auto got = read();
  EXPECT_THAT(got.findings, IsEmpty()) << "nothing is dropped";
  EXPECT_EQ(got.of.size(), 1U);
  EXPECT_THAT(got.of.at("/sub/b.txt"), ElementsAre(Is("user.one", kTextOne), Is("user.two", kTextTwo)));
}

TEST_F(UdfXattrs, OfALargeStreamOnlyTheSizeIsRead) {
  UdfBuilder::File stream;
  stream.size = 1'000'000;
  stream.form = udf::AllocationForm::short_form;
  stream.area = {};
  built.put_file(UdfBuilder::physical(), kStreamOne, stream);
  const auto got = read();
  ASSERT_EQ(got.of.at("/sub/b.txt").size(), 2U);
  EXPECT_EQ(got.of.at("/sub/b.txt")[0].size, 1'000'000U);
  EXPECT_FALSE(got.of.at("/sub/b.txt")[0].is_held());
}

TEST_F(UdfXattrs, SalvagePassesOverAStreamThatIsBroken) {
  std::ranges::fill(built.block(UdfBuilder::kStart + kStreamOne), std::byte{});
  EXPECT_EQ(error_of([&] { read(); }).code(), Errc::corrupt_structure);
  const auto got = read({}, Strictness::salvage);
  EXPECT_THAT(got.of.at("/sub/b.txt"), ElementsAre(Is("user.two", kTextTwo)));
  ASSERT_EQ(got.findings.size(), 1U);
  EXPECT_EQ(got.findings[0].kind, Finding::Kind::lost);
  EXPECT_EQ(got.findings[0].path, "/sub/b.txt");
}

// --- onto the host

#ifndef _WIN32  // files are given no extended attributes there: see docs/windows.md
class XattrsOnTheHost : public IsoXattrs {
 protected:
  void SetUp() override {
    const auto writer = WritableFolder::open(folder.path().string());
    if (writer->set_metadata({.xattrs = {{"user.probe", ""}}})) GTEST_SKIP() << "the file system has none";
    builder.add(
        builder.file("A.;1", "a", px(0100400) + nm("a") + al(part("\3one") + part("1") + part("\5t") + part("2"))));
    const auto sub = builder.add_folder("SUB", 0, px(0040500) + nm("sub") + al(part("\3two") + part("2")));
    builder.add(builder.file("B.;1", "b", px(0100644) + nm("b") + al(part("\3" + std::string(60, 'n')) + part("3"))),
                sub);
    builder.add({.identifier = "L.;1",
                 .extent = 24,
                 .system_use = px(0120777) + nm("l") + use_field("SL", "\0\0\1a"s) + al(part("\3x") + part("4"))});
  }
  ExtractCounts extract_with(RestoredXattrs which) {
    findings.clear();
    const auto volume =
        open_volume(builder.source(), {.view = View::rockridge, .xattrs = which != RestoredXattrs::none});
    ExtractEvents events;
    events.error = [](const Error& e) { ADD_FAILURE() << e.what(); };
    events.finding = [this](const Finding& f) { findings.push_back(f.path + ": " + f.text); };
    return extract(*volume, target(), {.xattrs = which, .overwrite = true}, events);
  }
  std::string target() const { return folder / "target"; }
  std::vector<HostXattr> at(const std::string& below, const char* name) const {
    return HostFolder::open(target() + below, HostFolder::Access::reach)->xattrs(name, Links::keep);
  }
  TempFolder folder;
  std::vector<std::string> findings;
};

TEST_F(XattrsOnTheHost, ThoseOfUsersAreRestored) {
  const auto counts = extract_with(RestoredXattrs::user);
  EXPECT_EQ(counts.failed, 0U);
  EXPECT_THAT(at("", "a"), ElementsAre(HostXattr{"user.one", "1"}));
  EXPECT_THAT(at("", "sub"), ElementsAre(HostXattr{"user.two", "2"}));
  EXPECT_THAT(at("/sub", "b"), ElementsAre(HostXattr{"user." + std::string(60, 'n'), "3"}));
  EXPECT_THAT(HostFolder::open(target(), HostFolder::Access::reach)->xattrs(), ElementsAre(HostXattr{"user.top", "t"}));
  ASSERT_EQ(findings.size(), 2U) << ::testing::PrintToString(findings);
  EXPECT_THAT(findings[0], HasSubstr("/l: the extended attribute \"user.x\": the file system refuses it"));
  EXPECT_THAT(findings[1], HasSubstr("/: extended attributes other than \"user.\" of 1 entry"));
}

TEST_F(XattrsOnTheHost, NoneOrAllOfThem) {
  extract_with(RestoredXattrs::none);
  EXPECT_THAT(at("", "a"), IsEmpty());
  EXPECT_THAT(findings, IsEmpty());
  if (effective_user() != 0) GTEST_SKIP() << "the others are for root";
  extract_with(RestoredXattrs::all);
  const auto a = at("", "a");
  EXPECT_THAT(a, ElementsAre(HostXattr{"trusted.t", "2"}, HostXattr{"user.one", "1"}));
}

TEST_F(XattrsOnTheHost, AComparisonTellsThem) {
  extract_with(RestoredXattrs::user);
  const auto differences = [&] {
    std::vector<std::string> out;
    const auto volume =
        open_volume(builder.source(), {.view = View::rockridge, .order = EntryOrder::by_name, .xattrs = true});
    const auto host = open_host(target());
    CompareEvents events;
    events.difference = [&](const Difference& d) {
      for (const auto& f : d.fields)
        if (f.field == "xattrs") out.push_back(d.path + " " + f.before + "|" + f.after);
    };
    compare_entries({*volume, View::rockridge}, {*host, View::none}, {.xattrs = true}, events);
    return out;
  };
  EXPECT_THAT(differences(), ElementsAre("/l user.x=1|"));
  const auto writer = WritableFolder::open(target() + "/sub");
  EXPECT_FALSE(writer->set_metadata({.xattrs = {{"user.new", "xy"}, {"user.two", "3"}}}));
  EXPECT_THAT(differences(), ElementsAre("/l user.x=1|", "/sub user.two=1|user.new=2 user.two=1"));
}
#endif

}  // namespace
}  // namespace fsimage::test
