#include <support/command.hpp>
#include <support/temp_folder.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

namespace fsimage::test {
namespace {

namespace fs = std::filesystem;

TEST(Create, AnImageThatLsShows) {
  TempFolder in;
  in.write("src/a.txt", "hello");
  in.write("src/docs/b.txt", "");
  const auto made = command({"create", in / "src", "-o", in / "out.iso"});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_TRUE(has(made.err, "3 entries"));
  for (const auto* view : {"udf", "rr", "joliet"}) {
    const auto listed = command({"ls", "--view", view, in / "out.iso"});
    EXPECT_EQ(listed.code, 0) << listed.err;
    EXPECT_EQ(listed.out, "/a.txt\n/docs\n/docs/b.txt\n") << view;
  }
  EXPECT_EQ(command({"ls", "--view", "iso", in / "out.iso"}).out, "/A.TXT\n/DOCS\n/DOCS/B.TXT\n");
}

TEST(Create, GraftPoints) {
  TempFolder in;
  in.write("src/a.txt", "hello");
  in.write("one=two", "x");
  const auto made = command({"create", "photos/2025=" + (in / "src"), "docs/cv.pdf=" + (in / "src/a.txt"),
                             "odd/=" + (in / "one\\=two"), "-o", in / "out.iso"});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(command({"ls", in / "out.iso"}).out,
            "/docs\n/docs/cv.pdf\n/odd\n/odd/one=two\n/photos\n/photos/2025\n/photos/2025/a.txt\n");
}

TEST(Create, WithBaseAndExclude) {
  TempFolder in;
  in.write("src/a.o", "1");
  in.write("src/a.c", "1");
  in.write("src/build/x", "1");
  const auto made =
      command({"create", in / "src", "-o", in / "out.iso", "--with-base", "--exclude", "*.o", "--exclude", "build"});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(command({"ls", in / "out.iso"}).out, "/src\n/src/a.c\n");
}

TEST(Create, NoMoreThanFits) {
  TempFolder in;
  in.write("src/small", std::string(1000, 's'));
  in.write("src/large", std::string(3'000'000, 'l'));
  const auto full = command({"create", in / "src", "-o", in / "out.iso", "--max-size", "2M"});
  EXPECT_EQ(full.code, 1);
  EXPECT_TRUE(has(full.err, "src")) << full.err;
  EXPECT_TRUE(has(full.err, "may have 1024")) << full.err;
  EXPECT_FALSE(fs::exists(in / "out.iso"));
  ASSERT_EQ(command({"create", in / "src", "-o", in / "out.iso", "--max-size", "6M"}).code, 0);
  EXPECT_LE(fs::file_size(in / "out.iso"), 6U << 20);
  for (const auto* size : {"", "x", "0", "5X", "-1", "99999999999999999999"})
    EXPECT_EQ(command({"create", in / "src", "-o", in / "no.iso", "--max-size", size}).code, 2) << size;
}

TEST(Create, WhatSuitsAMedium) {
  TempFolder in;
  in.write("src/a", "a");
  ASSERT_EQ(command({"create", in / "src", "-o", in / "cd.iso", "--media", "cd-r"}).code, 0);
  EXPECT_FALSE(has(command({"info", in / "cd.iso"}).out, "UDF"));
  ASSERT_EQ(command({"create", in / "src", "-o", in / "bd.iso", "--media", "bd-r"}).code, 0);
  EXPECT_TRUE(has(command({"info", in / "bd.iso"}).out, "UDF"));
  ASSERT_EQ(command({"create", in / "src", "-o", in / "udf.iso", "--media", "cd-r", "--fs", "udf"}).code, 0);
  EXPECT_TRUE(has(command({"info", in / "udf.iso"}).out, "UDF"));
  fs::resize_file(in.write("src/sparse", ""), std::uintmax_t{800} << 20);
  const auto full = command({"create", in / "src", "-o", in / "large.iso", "--media", "cd-r"});
  EXPECT_EQ(full.code, 1);
  EXPECT_TRUE(has(full.err, "may have 359849")) << full.err;
  EXPECT_EQ(command({"create", in / "src", "-o", in / "x.iso", "--media", "floppy"}).code, 2);
}

TEST(Create, CopiesOfSourcesLeaveNothing) {
  TempFolder in, work;
  in.write("src/a", std::string(100'000, 'a'));
  ASSERT_EQ(command({"create", in / "src", "-o", in / "staged.iso", "--stage", work.path()}).code, 0);
  ASSERT_EQ(command({"create", in / "src", "-o", in / "plain.iso"}).code, 0);
  EXPECT_EQ(TempFolder::read(in / "staged.iso"), TempFolder::read(in / "plain.iso"));
  EXPECT_TRUE(names_in(work.path()).empty());
  EXPECT_EQ(command({"create", in / "src", "-o", in / "no.iso", "--stage", work / "none"}).code, 1);
}

TEST(Create, TheSameBytesAgainAndToAPipe) {
  TempFolder in;
  in.write("src/a.txt", std::string(100000, 'a'));
  in.write("src/b/c.txt", "c");
  ASSERT_EQ(command({"create", in / "src", "-o", in / "1.iso"}).code, 0);
  ASSERT_EQ(command({"create", in / "src", "-o", in / "2.iso"}).code, 0);
  const auto first = TempFolder::read(in / "1.iso");
  EXPECT_EQ(first, TempFolder::read(in / "2.iso"));
  EXPECT_EQ(first.size() % (32 * 2048), 0U);
  EXPECT_EQ(command({"create", in / "src", "-o", "-"}).out, first);
}

TEST(Create, RevisionsOfUdf) {
  TempFolder in;
  in.write("src/a.txt", "hello");
  const auto image = [&](const std::string& revision, std::vector<std::string> more = {}) {
    std::vector<std::string> args{"create", in / "src", "-o", in / "r.iso", "--udf-revision", revision};
    args.insert(args.end(), more.begin(), more.end());
    EXPECT_EQ(command(args).code, 0) << revision;
    return TempFolder::read(in / "r.iso");
  };
  for (const auto* revision : {"1.02", "1.50", "2.00", "2.01", "2.50", "2.60"}) {
    image(revision);
    EXPECT_TRUE(has(command({"info", in / "r.iso"}).out, std::string("UDF ") + revision)) << revision;
    const auto verified = command({"verify", in / "r.iso"});
    EXPECT_EQ(verified.code, 0) << verified.out;
    EXPECT_TRUE(has(verified.out, "0 unusual")) << verified.out;
  }
  EXPECT_GT(image("2.50").size(), image("2.50", {"--no-redundant-metadata"}).size());
  // File set, its end, the root's entry and its identifiers, the file's entry, its content.
  EXPECT_TRUE(has(image("2.01", {"--fs", "udf"}).substr(293 * 2048, 5), "hello"));
  EXPECT_TRUE(has(image("2.01", {"--fs", "udf", "--embed-small-files"}).substr(292 * 2048 + 216, 5), "hello"));
  EXPECT_EQ(command({"create", in / "src", "-o", in / "r.iso", "--embed-small-files"}).code, 1);
  EXPECT_EQ(command({"create", in / "src", "-o", in / "r.iso", "--udf-revision", "1.01"}).code, 2);
  EXPECT_EQ(command({"create", in / "src", "-o", in / "r.iso", "--onto", "z", "--udf-revision", "2.01"}).code, 2);
}

TEST(Create, TimestampsComeFromTheCallerOrTheTree) {
  TempFolder in;
  in.write("src/a.txt", "a");
  const auto image = [&](std::vector<std::string> more, const std::map<std::string, std::string>& environment) {
    std::vector<std::string> args{"create", in / "src", "-o", in / "t.iso"};
    args.insert(args.end(), more.begin(), more.end());
    EXPECT_EQ(command(args, environment).code, 0);
    return TempFolder::read(in / "t.iso");
  };
  const auto flag = image({"--timestamp", "2020-01-02T03:04:05Z"}, {});
  EXPECT_EQ(flag, image({}, {{"SOURCE_DATE_EPOCH", "1577934245"}}));
  EXPECT_EQ(flag, image({"--timestamp", "@1577934245"}, {{"SOURCE_DATE_EPOCH", "5"}}));
  EXPECT_NE(flag, image({}, {}));
  EXPECT_EQ(flag.substr(16 * 2048 + 813, 14), "20200102030405");  // ECMA-119 8.4.26
  EXPECT_EQ(command({"create", in / "src", "-o", in / "t.iso"}, {{"SOURCE_DATE_EPOCH", "soon"}}).code, 2);
}

TEST(Create, CompressedOutput) {
  TempFolder in;
  in.write("src/a.txt", std::string(1 << 20, 'a'));
  for (const auto* name : {"a.iso.gz", "a.iso.zst"}) {
    ASSERT_EQ(command({"create", in / "src", "-o", in / name}).code, 0);
    EXPECT_LT(fs::file_size(in / name), 100000U);
  }
  ASSERT_EQ(command({"create", in / "src", "-o", in / "a.iso"}).code, 0);
  const auto plain = "cmp " + (in / "a.iso") + " -";
  EXPECT_EQ(std::system(("gzip -dc " + (in / "a.iso.gz") + " | " + plain).c_str()), 0);
  EXPECT_EQ(std::system(("zstd -dc " + (in / "a.iso.zst") + " | " + plain).c_str()), 0);
}

TEST(Create, LossesAreReported) {
  TempFolder in;
  const std::string longest(200, 'n');
  in.write("src/" + longest, "x");
  fs::create_symlink("target", in.path() / "src/link");
  const auto made = command({"create", in / "src", "-o", in / "out.iso"});
  EXPECT_EQ(made.code, 0);
  EXPECT_TRUE(has(made.err, "joliet: 1 cut")) << made.err;
  EXPECT_TRUE(has(made.err, "udf: 1 left out")) << made.err;
  const auto verbose = command({"create", in / "src", "-o", in / "out.iso", "-v"});
  EXPECT_TRUE(has(verbose.err, "joliet: cut: /" + longest));
  const auto json = command({"create", in / "src", "-o", in / "out.iso", "--json"});
  EXPECT_TRUE(has(json.out, R"({"kind":"dropped","view":"udf","path":"/link")")) << json.out;
}

TEST(Create, WhatNoViewKeepsIsAnErrorUnlessAllowed) {
  TempFolder in;
  in.write("src/" + std::string(200, 'n'), "x");
  fs::create_symlink("target", in.path() / "src/link");
  const std::vector<std::string> joliet{"create", in / "src", "-o", in / "out.iso", "--fs", "joliet"};
  const auto with = [&](const char* allow) {
    auto args = joliet;
    args.insert(args.end(), {"--allow", allow});
    return command(args);
  };
  const auto refused = command(joliet);
  EXPECT_EQ(refused.code, 1);
  EXPECT_TRUE(has(refused.err, "/link")) << refused.err;
  EXPECT_FALSE(fs::exists(in / "out.iso"));
  const auto still = with("drop");
  EXPECT_EQ(still.code, 1);
  EXPECT_TRUE(has(still.err, "/nnn")) << still.err;
  EXPECT_EQ(with("drop,rename").code, 0);
}

struct Bad {
  const char* name;
  std::vector<std::string> args;  // "@" stands for the folder
  int code;
  const char* text;
};
class CreateRefuses : public ::testing::TestWithParam<Bad> {};
TEST_P(CreateRefuses, AndLeavesNothing) {
  TempFolder in;
  in.write("src/a.txt", "a");
  in.write("other/a.txt", "b");
  fs::create_directory(in.path() / "folder.iso");
  in.write("old.iso", "old");
  std::vector<std::string> args{"create"};
  for (auto arg : GetParam().args) {
    for (auto at = arg.find('@'); at != arg.npos; at = arg.find('@')) arg.replace(at, 1, in.path().string());
    args.push_back(arg);
  }
  const auto refused = command(args);
  EXPECT_EQ(refused.code, GetParam().code) << refused.err;
  EXPECT_TRUE(has(refused.err, GetParam().text)) << refused.err;
  EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), GetParam().code == 2 ? 2 : 1) << refused.err;
  EXPECT_EQ(TempFolder::read(in / "old.iso"), "old");
  std::vector<std::string> names;
  for (const auto& e : fs::directory_iterator(in.path())) names.push_back(e.path().filename());
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{"folder.iso", "old.iso", "other", "src"}));
}
INSTANTIATE_TEST_SUITE_P(
    Table, CreateRefuses,
    ::testing::Values(Bad{"missing_source", {"@/none", "-o", "@/old.iso"}, 1, "/none"},
                      Bad{"two_sources", {"@/src", "@/other", "-o", "@/old.iso"}, 1, "/a.txt"},
                      Bad{"no_output", {"@/src"}, 2, "-o"}, Bad{"no_source", {"-o", "@/old.iso"}, 2, "nothing"},
                      Bad{"unknown_fs", {"@/src", "-o", "@/old.iso", "--fs", "hfs"}, 2, "hfs"},
                      Bad{"bad_level", {"@/src", "-o", "@/old.iso", "--level", "4"}, 2, "--level"},
                      Bad{"bad_time", {"@/src", "-o", "@/old.iso", "--timestamp", "soon"}, 2, "soon"},
                      Bad{"into_folder", {"@/src", "-o", "@/folder.iso"}, 1, "folder.iso"},
                      Bad{"into_nowhere", {"@/src", "-o", "@/no/such/x.iso"}, 1, "/no/such"},
                      Bad{"into_a_device", {"@/src", "-o", "/dev/null"}, 1, "/dev/null"},
                      Bad{"empty_target_source", {"x=", "-o", "@/old.iso"}, 2, "no SOURCE"}),
    [](const auto& i) { return i.param.name; });

TEST(Create, AnImageIsNotPutIntoItself) {
  TempFolder in;
  in.write("src/a.txt", "a");
  const std::vector<std::string> args{"create", in / "src", "-o", in / "src/out.iso"};
  EXPECT_EQ(command(args).code, 0);
  const auto again = command(args);
  EXPECT_EQ(again.code, 1);
  EXPECT_TRUE(has(again.err, "own older version")) << again.err;
  EXPECT_EQ(command({"create", in / "src", "-o", in / "src/out.iso", "--exclude", "out.iso"}).code, 0);
}

TEST(Create, ACancelledSaveLeavesTheOldImage) {
  TempFolder in;
  in.write("src/a.txt", "a");
  in.write("old.iso", "old");
  std::stop_source stop;
  stop.request_stop();
  const auto cancelled = command({"create", in / "src", "-o", in / "old.iso"}, {}, stop.get_token());
  EXPECT_EQ(cancelled.code, 3);
  EXPECT_EQ(TempFolder::read(in / "old.iso"), "old");
}

TEST(Create, TheMapOfTheImageIsTheMapOfTheFile) {
  TempFolder in;
  in.write("src/a.txt", "hello");
  in.write("src/docs/b.txt", std::string(5000, 'b'));
  in.write("src/docs/empty", "");
  const auto made = command({"create", in / "src", "-o", in / "out.iso", "--map"});
  ASSERT_EQ(made.code, 0) << made.err;
  const auto mapped = command({"map", in / "out.iso"});
  EXPECT_EQ(mapped.code, 0) << mapped.err;
  EXPECT_EQ(mapped.out, made.out);
  EXPECT_TRUE(has(made.out, "content /docs/b.txt"));
}

}  // namespace
}  // namespace fsimage::test
