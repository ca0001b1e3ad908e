#include <support/command.hpp>
#include <support/temp_folder.hpp>

#include <gtest/gtest.h>

namespace fsimage::test {
namespace {

namespace fs = std::filesystem;

class Differing : public ::testing::Test {
 protected:
  void SetUp() override {
    in_.write("src/docs/a.txt", "hello");
    in_.write("src/docs/b.bin", std::string(70'000, 'b'));
    in_.write("src/docs!", "sorts before docs/");
    fs::create_symlink("docs/a.txt", in_.path() / "src/link");
    old_ = save("old.iso");
  }
  std::string save(const std::string& name) {
    const auto made = command({"create", in_ / "src", "-o", in_ / name});
    EXPECT_EQ(made.code, 0) << made.err;
    return in_ / name;
  }
  TempFolder in_;
  std::string old_;
};

TEST_F(Differing, AnImageAndItsFolderAreEqual) {
  for (const auto& [a, b] : {std::pair{old_, in_ / "src"}, std::pair{in_ / "src", old_}, std::pair{old_, old_}}) {
    const auto compared = command({"diff", a, b});
    EXPECT_EQ(compared.code, 0) << compared.out << compared.err;
    EXPECT_TRUE(compared.out.empty()) << compared.out;
  }
}

TEST_F(Differing, ALineForEachDifference) {
  in_.write("src/docs/a.txt", "hullo");
  fs::last_write_time(in_.path() / "src/docs/a.txt", fs::file_time_type::clock::now() - std::chrono::hours(5));
  in_.write("src/docs/b.bin", "short");
  fs::permissions(in_.path() / "src/docs!", fs::perms(0600));
  fs::remove(in_.path() / "src/link");
  in_.write("src/new/c", "");
  for (const auto& b : {in_ / "src", save("new.iso")}) {
    const auto compared = command({"diff", old_, b});
    EXPECT_EQ(compared.code, 1);
    EXPECT_NE(compared.out.find("~ /docs/a.txt: content, time 20"), std::string::npos) << compared.out;
    EXPECT_NE(compared.out.find("~ /docs/b.bin: size 70000 \xE2\x86\x92 5"), std::string::npos) << compared.out;
    EXPECT_NE(compared.out.find("~ /docs!: mode 0644 \xE2\x86\x92 0600\n"), std::string::npos) << compared.out;
    EXPECT_NE(compared.out.find("- /link\n"), std::string::npos) << compared.out;
    EXPECT_NE(compared.out.find("+ /new\n+ /new/c\n"), std::string::npos) << compared.out;
  }
  const auto json = command({"diff", "--json", old_, in_ / "src"});
  EXPECT_NE(json.out.find(R"({"kind":"changed","path":"/docs/a.txt","fields":{"content":["",""],"time":["20)"),
            std::string::npos)
      << json.out;
  EXPECT_NE(json.out.find("{\"kind\":\"added\",\"path\":\"/new/c\"}\n"), std::string::npos) << json.out;
  const auto quiet = command({"diff", "-q", old_, in_ / "src"});
  EXPECT_EQ(quiet.code, 1);
  EXPECT_TRUE(quiet.out.empty());
}

TEST_F(Differing, SizesTellEnoughWhenAsked) {
  const auto when = fs::last_write_time(in_.path() / "src/docs/a.txt");
  in_.write("src/docs/a.txt", "hullo");
  fs::last_write_time(in_.path() / "src/docs/a.txt", when);
  EXPECT_EQ(command({"diff", old_, in_ / "src"}).code, 1);
  EXPECT_EQ(command({"diff", "--no-content", old_, in_ / "src"}).code, 0);
}

TEST_F(Differing, TheViewDecidesWhatIsThere) {
  EXPECT_EQ(command({"diff", "--view", "joliet", old_, in_ / "src"}).out, "+ /link\n");
}

TEST_F(Differing, WrongUsageAndMissingSides) {
  EXPECT_EQ(command({"diff", old_}).code, 2);
  EXPECT_EQ(command({"diff", old_, old_, old_}).code, 2);
  const auto missing = command({"diff", old_, in_ / "none"});
  EXPECT_EQ(missing.code, 1);
  EXPECT_NE(missing.err.find("none"), std::string::npos) << missing.err;
  EXPECT_NE(command({"diff", "--help"}).out.find("Exit codes: 0 nothing differs"), std::string::npos);
}

}  // namespace
}  // namespace fsimage::test
