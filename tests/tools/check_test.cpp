// fsimage verify and dump: what is said of sound and of damaged images, and the exit codes.
#include <support/command.hpp>
#include <support/temp_folder.hpp>

#include <gtest/gtest.h>

#include <fstream>

namespace fsimage::test {
namespace {

class Checking : public ::testing::Test {
 protected:
  void SetUp() override {
    in_.write("src/docs/a.txt", std::string(5000, 'a'));
    in_.write("src/b.txt", "b");
    image_ = in_ / "out.iso";
    const auto made = command({"create", in_ / "src", "-o", image_});
    ASSERT_EQ(made.code, 0) << made.err;
  }

  void overwrite(std::uint64_t at, const std::string& bytes) {
    std::fstream file(image_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(at));
    file << bytes;
    ASSERT_TRUE(file.good());
  }
  std::uint64_t block_of(const std::string& label) {
    const auto map = command({"map", image_}).out;
    const auto at = map.find(label + "\n");
    if (at == std::string::npos) throw std::logic_error("no part is called " + label);
    return std::stoull(map.substr(map.rfind('\n', at) + 1));
  }

  TempFolder in_;
  std::string image_;
};

TEST_F(Checking, ASoundImage) {
  const auto checked = command({"verify", "--content", image_});
  EXPECT_EQ(checked.code, 0) << checked.err;
  EXPECT_EQ(checked.err, "");
  for (const auto* view : {"udf", "rockridge", "joliet", "iso9660"})
    EXPECT_NE(checked.out.find(std::string(view) + ": 1 folders, 2 files"), std::string::npos) << checked.out;
  EXPECT_NE(checked.out.find("sound: 0 lost, 0 unusual, 0 missing in a view\n"), std::string::npos) << checked.out;
  EXPECT_EQ(command({"verify", "--strict", image_}).code, 0);
}

TEST_F(Checking, DamageIsNamedAndFails) {
  overwrite(block_of("udf/file entry /docs") * 2048, std::string(512, '\0'));
  const auto checked = command({"verify", image_});
  EXPECT_EQ(checked.code, 1);
  EXPECT_NE(checked.err.find("lost: udf: /docs: "), std::string::npos) << checked.err;
  EXPECT_NE(checked.out.find("damaged: "), std::string::npos) << checked.out;
  const auto json = command({"verify", "--json", image_});
  EXPECT_EQ(json.code, 1);
  EXPECT_EQ(json.out.rfind(R"({"sound":false,"lost":)", 0), 0U) << json.out;
  EXPECT_NE(json.out.find(R"("kind":"lost","view":"udf","path":"/docs")"), std::string::npos) << json.out;
  EXPECT_EQ(command({"verify", "--view", "rr", image_}).code, 0);
}

TEST_F(Checking, UnusualFailsOnlyWhenStrict) {
  overwrite(block_of("iso9660/path table L") * 2048 + 6, std::string(1, '\x07'));  // parent of the first record
  const auto checked = command({"verify", image_});
  EXPECT_EQ(checked.code, 0) << checked.err;
  EXPECT_NE(checked.err.find("unusual: iso9660: "), std::string::npos) << checked.err;
  EXPECT_EQ(command({"verify", "--strict", image_}).code, 1);
}

TEST_F(Checking, DumpDecodesABlock) {
  const auto dumped = command({"dump", image_, "16"});
  EXPECT_EQ(dumped.code, 0) << dumped.err;
  EXPECT_EQ(dumped.out.rfind("16  iso9660/primary volume descriptor\n", 0), 0U) << dumped.out;
  EXPECT_NE(dumped.out.find("ECMA-119 8.4.12"), std::string::npos);
  const auto range = command({"dump", image_, "256-257", "--json"});
  EXPECT_EQ(std::count(range.out.begin(), range.out.end(), '\n'), 2);
  EXPECT_EQ(range.out.rfind(R"({"block":256,"structures":[{"block":256,"offset":0,"name":"udf/anchor)", 0), 0U);
}

TEST_F(Checking, DumpShowsBytesOfContents) {
  const auto at = std::to_string(block_of("content /docs/a.txt"));
  const auto dumped = command({"dump", image_, at});
  EXPECT_EQ(dumped.code, 0);
  EXPECT_NE(dumped.out.find("no structure that is known here"), std::string::npos);
  EXPECT_NE(dumped.out.find("61 61 61"), std::string::npos);
  EXPECT_NE(dumped.out.find("\n  *\n"), std::string::npos) << "lines that are alike are left out";
  EXPECT_EQ(command({"dump", "--bytes", image_, "16"}).out.find("no structure"), std::string::npos);
}

TEST_F(Checking, WrongUsage) {
  EXPECT_EQ(command({"dump", image_}).code, 2);
  for (const auto* range : {"x", "1-", "5-4", "1-2-3", "-1", "99999999999"})
    EXPECT_EQ(command({"dump", image_, range}).code, 2) << range;
  EXPECT_EQ(command({"dump", image_, "4000000"}).code, 1);
  EXPECT_EQ(command({"verify", "--strict", "--salvage", image_}).code, 2);
  EXPECT_EQ(command({"verify", in_ / "missing.iso"}).code, 1);
}

TEST_F(Checking, SessionsThatAreNotThere) {
  EXPECT_EQ(command({"ls", "--session", "1", image_}).out, command({"ls", image_}).out);
  const auto second = command({"ls", "--session", "2", image_});
  EXPECT_EQ(second.code, 1);
  EXPECT_NE(second.err.find("there are 1"), std::string::npos) << second.err;
  EXPECT_EQ(command({"info", "--session", "2", image_}).code, 1);
}

}  // namespace
}  // namespace fsimage::test
