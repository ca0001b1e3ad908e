#include <support/command.hpp>
#include <support/temp_folder.hpp>

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

namespace fsimage::test {
namespace {

namespace fs = std::filesystem;

class Lists : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const auto* name : {"src/a.txt", "src/docs/b.txt", "src/docs/c.o", "src/odd=name"}) in_.write(name, name);
  }
  // What `create` with these words puts into an image; '@' stands for the folder of the test.
  std::string listed(Words words, const std::string& input = {}) {
    const auto made = create(std::move(words), input);
    EXPECT_EQ(made.code, 0) << made.err;
    return ok({"ls", in_ / "out.iso"}).out;
  }
  CommandResult create(Words words, const std::string& input = {}) {
    for (auto& word : words)
      for (auto at = word.find('@'); at != word.npos; at = word.find('@')) word.replace(at, 1, in_.path().string());
    words.insert(words.begin(), "create");
    words.insert(words.end(), {"-o", in_ / "out.iso"});
    return command(words, {}, {}, input);
  }
  // The paths of the image for a path of the host.
  std::string folders() const {
    std::string out, path;
    for (const auto& part : (in_.path() / "src").relative_path()) out += (path += "/" + part.string()) + "\n";
    return out;
  }
  TempFolder in_;
};

TEST_F(Lists, OfPathsKeepTheFolders) {
  in_.write("list", in_ / "src/docs/b.txt" + "\n\n" + (in_ / "src/a.txt") + "\n");
  const auto src = in_ / "src";
  EXPECT_EQ(listed({"--files-from", "@/list"}), folders() + src + "/a.txt\n" + src + "/docs\n" + src + "/docs/b.txt\n");
  const auto before = fs::current_path();
  fs::current_path(in_.path() / "src");
  EXPECT_EQ(listed({"-T", "-", "--exclude", "*.o"}, "docs\n./a.txt"), "/a.txt\n/docs\n/docs/b.txt\n");
  EXPECT_EQ(listed({"-T", "-", "-0", "--no-recursion"}, std::string("docs\0./a.txt\0", 13)), "/a.txt\n/docs\n");
  fs::current_path(before);
}

TEST_F(Lists, OfOperands) {
  in_.write("list", "# a remark\nd/=" + (in_ / "src/a.txt") + "\n\nx=" + (in_ / "src/odd\\=name") + "\n");
  EXPECT_EQ(listed({"--path-list", "@/list"}), "/d\n/d/a.txt\n/x\n");
}

TEST_F(Lists, OfPatterns) {
  in_.write("list", "# objects\n*.o\n/docs/b.txt\n");
  EXPECT_EQ(listed({"@/src", "--exclude-from", "@/list"}), "/a.txt\n/docs\n/odd=name\n");
}

TEST_F(Lists, NameTheLineThatIsWrong) {
  const auto failure = [&](const char* option, const std::string& text) {
    in_.write("list", text);
    const auto refused = create({option, "@/list"});
    EXPECT_EQ(refused.code, 1) << refused.err;
    return refused.err;
  };
  EXPECT_TRUE(has(failure("--path-list", "a=\n"), "list:1: no SOURCE"));
  EXPECT_TRUE(has(failure("--path-list", "#\na=" + (in_ / "none") + "\n"), "list:2)"));
  EXPECT_TRUE(has(failure("--files-from", "src\n../x\n"), "list:2: "));
  EXPECT_TRUE(has(failure("--files-from", (in_ / "none") + "\n"), "list:1)"));
  EXPECT_TRUE(has(failure("--files-from", std::string(200'000, 'x')), "128 KiB"));
  in_.write("patterns", "*.o\n/\n");
  EXPECT_TRUE(has(create({"@/src", "--exclude-from", "@/patterns"}).err, "patterns:2: "));
  EXPECT_TRUE(has(create({"--files-from", "@/missing"}).err, "missing"));
  EXPECT_TRUE(has(create({"--files-from", "@/src"}).err, "cannot"));
  EXPECT_TRUE(has(create({"@/src", "--exclude-from", "@/missing"}).err, "missing"));
  EXPECT_FALSE(fs::exists(in_ / "out.iso"));
}

TEST_F(Lists, GoIntoFurtherSessions) {
  ok({"create", in_ / "src/docs", "-o", in_ / "disc.iso"});
  in_.write("list", "more=" + (in_ / "src/a.txt") + "\n");
  ok({"append", in_ / "disc.iso", "--path-list", in_ / "list"});
  EXPECT_EQ(ok({"ls", in_ / "disc.iso"}).out, "/b.txt\n/c.o\n/more\n");
}

TEST_F(Lists, LinksAreFollowedAsAsked) {
  fs::create_symlink("a.txt", in_ / "src/link");
  const auto type = [&](Words words) {
    words.insert(words.begin(), "@/src/link");
    listed(words);
    return has(ok({"ls", "-l", "--view", "rr", in_ / "out.iso"}).out, "-> a.txt");
  };
  EXPECT_FALSE(type({}));
  EXPECT_FALSE(type({"--follow-links=operands"}));
  EXPECT_TRUE(type({"--follow-links=none"}));
  EXPECT_TRUE(has(listed({"--follow-links", "@/src"}), "/link")) << "alone it means all, and takes no operand";
  EXPECT_FALSE(has(ok({"ls", "-l", "--view", "rr", in_ / "out.iso"}).out, "->"));
  EXPECT_EQ(create({"@/src", "--follow-links=some"}).code, 2);
}

TEST_F(Lists, AttributesAreChangedOnTheWay) {
  ::chmod((in_ / "src/a.txt").c_str(), 0600);
  listed({"@/src", "--owner", "7:8", "--mode", "u=rwX,go=rX", "--mtime", "2020-01-02"});
  const auto all = ok({"ls", "-l", in_ / "out.iso"}).out;
  EXPECT_TRUE(has(all, "-rw-r--r-- 1 7 8            9 2020-01-02T00:00:00Z /a.txt")) << all;
  EXPECT_TRUE(has(all, "drwxr-xr-x")) << all;
  const auto me = std::to_string(::getuid());
  in_.write("map", "# mine\n+" + me + " root:42\n");
  listed({"@/src", "--owner-map", "@/map", "--owner", ":9", "--clamp-mtime", "--mtime", "1970-01-01T00:00:05Z"});
  EXPECT_TRUE(has(ok({"ls", "-l", in_ / "out.iso"}).out, "-rw------- 1 42 9            9 1970-01-01T00:00:05Z /a.txt"));
  for (const Words& wrong : {Words{"--owner", ""}, Words{"--owner", "no-such-user"}, Words{"--mode", "rwx"},
                             Words{"--mtime", "soon"}, Words{"--clamp-mtime"}, Words{"--owner", "1:"}}) {
    Words words{"@/src"};
    words.insert(words.end(), wrong.begin(), wrong.end());
    EXPECT_EQ(create(words).code, 2) << wrong[0];
  }
  in_.write("map", "root\n");
  EXPECT_TRUE(has(create({"@/src", "--owner-map", "@/map"}).err, "map:1: "));
}

TEST_F(Lists, ATimeThatWasSetDoesNotHideAChange) {
  ok({"create", in_ / "src", "-o", in_ / "disc.iso", "--mtime", "@5"});
  in_.write("src/a.txt", "SRC/A.TXT");
  ok({"append", in_ / "disc.iso", "--update", in_ / "src", "--mtime", "@5"});
  ok({"extract", in_ / "disc.iso", "/a.txt", "-C", in_ / "out"});
  EXPECT_EQ(TempFolder::read(in_ / "out/a.txt"), "SRC/A.TXT");
}

}  // namespace
}  // namespace fsimage::test
