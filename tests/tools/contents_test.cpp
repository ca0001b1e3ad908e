#include <support/command.hpp>
#include <support/temp_folder.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

namespace fsimage::test {
namespace {

namespace fs = std::filesystem;

class Contents : public ::testing::Test {
 protected:
  CommandResult create(Words words) {
    words.insert(words.begin(), {"create", in_ / "src", "-o", in_ / "out.iso"});
    return command(words);
  }
  // Files in the order of their blocks.
  std::string order(const std::string& image = "out.iso") const {
    std::string out;
    std::istringstream map(ok({"map", in_ / image}).out);
    for (std::string line; std::getline(map, line);)
      if (const auto at = line.find("content /"); at != line.npos) out += line.substr(at + 8) + ' ';
    return out;
  }
  TempFolder in_;
};

TEST_F(Contents, WeightsMakeTheirOrder) {
  for (const auto* name : {"src/a", "src/b", "src/c/d"}) in_.write(name, name);
  ASSERT_EQ(create({}).code, 0);
  EXPECT_EQ(order(), "/a /b /c/d ");
  ASSERT_EQ(create({"--sort", "-5=a", "--sort", "10=/c"}).code, 0);
  EXPECT_EQ(order(), "/c/d /b /a ");
  const auto list = in_.write("weights", "# start\n3 b\n");
  ASSERT_EQ(create({"--sort-from", list}).code, 0);
  EXPECT_EQ(order(), "/b /a /c/d ");
  ok({"append", in_ / "out.iso", "new=" + (in_ / "src"), "--sort", "3=d"});
  EXPECT_EQ(order(), "/b /a /c/d /new/c/d /new/a /new/b ");
  in_.write("weights", "\nb\n");
  const auto wrong = create({"--sort-from", list});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_TRUE(has(wrong.err, "weights:2: ")) << wrong.err;
  for (const auto* bad : {"5", "5=", "x=a", "99999999999=a", "5=/"}) EXPECT_EQ(create({"--sort", bad}).code, 2) << bad;
}

TEST_F(Contents, EqualOnesAreStoredOnce) {
  const std::string big(100'000, 'x');
  in_.write("src/a", big);
  in_.write("src/b/a", big);
  in_.write("src/c", "other");
  ASSERT_EQ(create({"--mode", "u+r"}).code, 0);
  const auto twice = fs::file_size(in_ / "out.iso");
  const auto made = create({"--dedup", "hash"});
  ASSERT_EQ(made.code, 0) << made.err;
  EXPECT_TRUE(has(made.err, "1 files have the content of others: 97.7 KiB less")) << made.err;
  EXPECT_LE(fs::file_size(in_ / "out.iso") + 32 * 2048, twice);
  EXPECT_EQ(order(), "/a /c ");
  for (const auto* view : {"udf", "rr", "joliet"})
    EXPECT_EQ(ok({"diff", in_ / "out.iso", in_ / "src", "--view", view}).code, 0) << view;
  const auto sound = ok({"verify", in_ / "out.iso"});
  EXPECT_TRUE(has(sound.out, "0 unusual")) << sound.out;
  ASSERT_EQ(create({"--dedup", "inode"}).code, 0);
  EXPECT_EQ(fs::file_size(in_ / "out.iso"), twice);
  EXPECT_EQ(create({"--dedup", "some"}).code, 2);
}

TEST_F(Contents, AFurtherSessionSharesWithTheDisc) {
  const std::string big(300'000, 'x');
  in_.write("src/a", big);
  ASSERT_EQ(create({}).code, 0);
  in_.write("more/copy", big);
  const auto added = ok({"append", in_ / "out.iso", in_ / "more", "--dedup", "hash"});
  EXPECT_TRUE(has(added.err, "2 contents stay where they are")) << added.err;
  EXPECT_EQ(order(), "/a ");
  in_.write("again/a", big);
  ok({"append", in_ / "out.iso", in_ / "again", "--update"});
  EXPECT_EQ(ok({"ls", in_ / "out.iso"}).out, "/a\n");
  ok({"verify", in_ / "out.iso"});
}

TEST_F(Contents, PatternsHide) {
  in_.write("src/a.txt", "a");
  in_.write("src/b.txt", "b");
  ASSERT_EQ(create({"--hidden", "a.*"}).code, 0);
  const auto both = TempFolder::read(in_ / "out.iso");
  ASSERT_EQ(create({}).code, 0);
  EXPECT_NE(TempFolder::read(in_ / "out.iso"), both);
}

TEST_F(Contents, EntriesMoveInsideTheImage) {
  in_.write("src/draft.txt", "a");
  ASSERT_EQ(create({"--move", "/draft.txt=/texts/final.txt"}).code, 0);
  EXPECT_EQ(ok({"ls", in_ / "out.iso"}).out, "/texts\n/texts/final.txt\n");
  EXPECT_EQ(create({"--move", "/none=/x"}).code, 1);
  EXPECT_EQ(create({"--move", "/none"}).code, 2);
}

TEST_F(Contents, ManifestsSayWhatGoesIn) {
  in_.write("src/a.txt", "hello");
  const auto manifest = in_.write("list", "#mtree\n. type=dir mode=0750\n./docs/b type=file mode=0400 uid=3 contents=" +
                                              (in_ / "src/a.txt") + "\n");
  ok({"create", "--manifest", manifest, "-o", in_ / "m.iso"});
  EXPECT_TRUE(has(ok({"ls", "-l", in_ / "m.iso"}).out, "-r-------- 1 3 ")) << ok({"ls", "-l", in_ / "m.iso"}).out;
  in_.write("list", "a type=file contents=" + (in_ / "src/a.txt") + " size=6\n");
  const auto wrong = command({"create", "--manifest", manifest, "-o", in_ / "n.iso"});
  EXPECT_EQ(wrong.code, 1);
  EXPECT_TRUE(has(wrong.err, "list:1: ")) << wrong.err;
  EXPECT_FALSE(fs::exists(in_ / "n.iso"));
  ok({"append", in_ / "m.iso", "--manifest", in_.write("list", "x type=fifo\n")});
  EXPECT_EQ(ok({"ls", "--view", "rr", in_ / "m.iso"}).out, "/docs\n/docs/b\n/x\n");
}

TEST_F(Contents, AManifestOfAnImageMakesItAgain) {
  in_.write("src/a b.txt", "hello");
  in_.write("src/docs/\xc3\xa9=#\\", "x");
  fs::create_symlink("docs/some where", in_ / "src/link");
  ASSERT_EQ(create({"--owner", "5:6"}).code, 0);
  const auto text = ok({"ls", "--manifest", "--digests", "--view", "rr", in_ / "out.iso"}).out;
  const auto list = in_.write("list", text);
  const auto before = fs::current_path();
  fs::current_path(in_.path() / "src");
  ok({"create", "--manifest", list, "--check-digests", "-o", in_ / "again.iso"});
  in_.write("src/a b.txt", "HELLO");
  const auto wrong = command({"create", "--manifest", list, "--check-digests", "-o", in_ / "x.iso"});
  fs::current_path(before);
  EXPECT_EQ(ok({"ls", "--manifest", "--digests", "--view", "rr", in_ / "again.iso"}).out, text);
  EXPECT_TRUE(has(wrong.err, "list:2: ")) << wrong.err;
  EXPECT_EQ(command({"ls", "--digests", in_ / "out.iso"}).code, 2);
  EXPECT_EQ(command({"ls", "--manifest", "-l", in_ / "out.iso"}).code, 2);
}

}  // namespace
}  // namespace fsimage::test
