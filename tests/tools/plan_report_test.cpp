// What a dry run tells of a plan, and that it is what `create` then does.
#include <support/command.hpp>
#include <support/temp_folder.hpp>

#include <fsimage/core/units.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <random>

namespace fsimage::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

Words dry(const TempFolder& in, const Words& more) {
  Words words{"create", in / "src", "--dry-run"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

// A byte that is no UTF-8 is half a surrogate, which this parser does not take.
json told(CommandResult done) {
  for (auto at = done.out.find("\\udc"); at != std::string::npos; at = done.out.find("\\udc", at + 3))
    done.out.insert(at, 1, '\\');
  return json::parse(done.out);
}

void write_losses(const TempFolder& in) {
  in.write("src/" + std::string(200, 'n'), "x");
  in.write("src/a?", "x");
  in.write("src/a_", "x");
  fs::create_symlink("target", in.path() / "src/link");
  fs::create_symlink("target", in.path() / "src/other");
}

TEST(CreateDryRun, TellsOfEachViewAndWritesNothing) {
  const TempFolder in;
  write_losses(in);
  const auto done = ok(dry(in, {"-o", in / "out.iso"}));
  EXPECT_FALSE(fs::exists(in / "out.iso"));
  for (const std::string& part :
       {std::string("rockridge: nothing is lost\n"), std::string("joliet: 1 cut, 1 renamed apart, 2 left out\n"),
        std::string("udf: 2 left out\n"),
        std::string("joliet: collided: /a?: another entry has the same identifier: a_1\n"),
        "joliet: cut: /" + std::string(200, 'n') + ": name does not fit the identifier: " + std::string(64, 'n') + "\n",
        std::string("fits CD-R 74 min with "), std::string("fits BD-R 25 GB with ")})
    EXPECT_TRUE(has(done.out, part)) << part << done.out;
  EXPECT_EQ(done.err, "");
  EXPECT_FALSE(has(done.out, "iso9660: renamed: /a?")) << "Rock Ridge has the name: -v lists it";
  EXPECT_TRUE(has(ok(dry(in, {"-v"})).out, "iso9660: renamed: /a?: name does not fit the identifier: A_\n"));
}

// For every view, what is counted is what is listed; the members of the report are those that docs/names.md promises.
TEST(CreateDryRun, Json) {
  const TempFolder in;
  write_losses(in);
  const auto report = told(ok(dry(in, {"--json"})));
  EXPECT_TRUE(report["dry_run"].get<bool>());
  EXPECT_EQ(report["refused"], json::array());
  EXPECT_EQ(report["views"]["joliet"], (json{{"cut", 1}, {"collided", 1}, {"dropped", 2}}));
  EXPECT_EQ(report["views"]["rockridge"], json::object());
  std::map<std::string, std::map<std::string, int>> counts;
  for (const auto& f : report["findings"]) ++counts[f["view"]][f["kind"]];
  for (const auto& [view, kinds] : counts) EXPECT_EQ(report["views"][view], json(kinds)) << view;
  EXPECT_EQ(report["bytes"], report["blocks"].get<std::uint64_t>() * kBlockSize);
  for (const auto& kind : report["media"]) {
    EXPECT_EQ(kind["left"], kind["blocks"].get<std::int64_t>() - report["blocks"].get<std::int64_t>());
    EXPECT_TRUE(kind["fits"].get<bool>());
  }
}

TEST(CreateDryRun, AllThatRefusesTheImageIsListed) {
  const TempFolder in;
  write_losses(in);
  const auto refused = command(dry(in, {"--fs", "joliet", "--json"}));
  EXPECT_EQ(refused.code, 1);
  for (const std::string& part : {std::string("/link"), std::string("/other"), std::string(200, 'n')})
    EXPECT_TRUE(has(refused.err, part)) << refused.err;
  EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 5) << refused.err;  // and /a?, and a summary
  const auto report = told(refused);
  EXPECT_EQ(report["refused"].size(), 4U);
  EXPECT_EQ(report["refused"][0]["kind"], "renamed");
  EXPECT_EQ(report["refused"][0]["error"]["path"], "/a?");
  EXPECT_EQ(command(dry(in, {"--fs", "joliet", "--allow", "rename,drop"})).code, 0);
  EXPECT_EQ(command(dry(in, {"--fs", "joliet", "--allow", "rename"})).code, 1);
}

TEST(CreateDryRun, FilesThatAreTooLargeAreListed) {
  const TempFolder in;
  for (const auto* name : {"src/a", "src/b"}) {
    in.write(name, "");
    fs::resize_file(in / name, std::uint64_t{5} << 30);
  }
  const auto refused = command(dry(in, {"--level", "2", "--json"}));
  EXPECT_EQ(refused.code, 1);
  EXPECT_TRUE(has(refused.err, "/a: a file of 4 GiB needs interchange level 3 of ISO 9660, not 2 [ECMA-119 10.2]\n"))
      << refused.err;
  EXPECT_TRUE(has(refused.err, "/b: a file")) << refused.err;
  const auto report = told(refused);
  EXPECT_EQ(report["refused"][1]["kind"], "impossible");
  EXPECT_FALSE(report.contains("blocks")) << "there is no plan";
  const auto fits = ok(dry(in, {}));
  EXPECT_TRUE(has(fits.out, "too large for DVD-R by ")) << fits.out;
  EXPECT_TRUE(has(fits.out, "too large for DVD+R DL by ")) << fits.out;
  EXPECT_TRUE(has(fits.out, "fits BD-RE 25 GB with ")) << fits.out;
  // The error comes when the file is added, and names the host's file.
  const auto created = command({"create", in / "src", "-o", in / "out.iso", "--level", "1"});
  EXPECT_EQ(created.code, 1);
  EXPECT_TRUE(has(created.err, in / "src/a")) << created.err;
}

TEST(CreateDryRun, OfATimeThatNoViewHolds) {
  const TempFolder in;
  in.write("src/a", "x");
  fs::last_write_time(in.path() / "src/a", fs::file_time_type::clock::from_sys(std::chrono::sys_seconds(
                                               std::chrono::sys_days(std::chrono::year(2200) / 1 / 1))));
  EXPECT_EQ(command(dry(in, {})).code, 0) << "UDF holds it";
  const auto refused = command(dry(in, {"--fs", "iso9660,rockridge"}));
  EXPECT_EQ(refused.code, 1);
  EXPECT_TRUE(has(refused.err, "/a: no chosen file system can hold this time (--allow clamp")) << refused.err;
  EXPECT_EQ(command(dry(in, {"--fs", "iso9660,rockridge", "--allow", "clamp"})).code, 0);
}

TEST(CreateDryRun, ExactlyInEveryView) {
  const TempFolder in;
  in.write("src/Some name.txt", "x");
  EXPECT_EQ(command(dry(in, {"--exact"})).code, 0) << "ISO 9660 names are no loss beside Rock Ridge";
  EXPECT_EQ(command(dry(in, {"--exact", "--fs", "iso9660,joliet"})).code, 1);
  EXPECT_EQ(command(dry(in, {"--fs", "iso9660,joliet"})).code, 0);
  write_losses(in);
  const auto refused = command(dry(in, {"--exact"}));
  EXPECT_EQ(refused.code, 1);
  EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 6) << refused.err;
  EXPECT_EQ(command(dry(in, {"--exact", "--allow", "drop"})).code, 1);
  EXPECT_EQ(command(dry(in, {"--exact", "--allow", "drop,rename"})).code, 0);
  const auto created = command({"create", in / "src", "-o", in / "out.iso", "--exact"});
  EXPECT_EQ(created.code, 1);
  EXPECT_FALSE(fs::exists(in / "out.iso"));
}

TEST(CreateDryRun, OfNamesInAnotherFormOfUnicode) {
  const TempFolder in;
  in.write("src/cafe\u0301", "x");
  const auto done = ok(dry(in, {"--normalize", "nfc", "--transliterate", "-v"}));
  EXPECT_TRUE(
      has(done.out, "none: renamed: " + (in / "src/cafe\u0301") + ": name in another form of Unicode: caf\u00e9\n"));
  EXPECT_TRUE(has(done.out, "iso9660: renamed: /caf\u00e9: name does not fit the identifier: CAFE\n")) << done.out;
  const auto report = told(ok(dry(in, {"--normalize", "nfc", "--json"})));
  EXPECT_EQ(report["findings"][0]["to"], "caf\u00e9");
  ok({"create", in / "src", "-o", in / "a.iso", "--normalize", "nfd", "-q"});
  EXPECT_EQ(ok({"ls", in / "a.iso", "--view", "joliet"}).out, "/cafe\u0301\n");
  EXPECT_EQ(command(dry(in, {"--normalize", "nfkc"})).code, 2);
  in.write("src/caf\u00e9", "y");
  EXPECT_EQ(command(dry(in, {})).code, 0);
  EXPECT_EQ(command(dry(in, {"--normalize", "nfd"})).code, 1);
}

TEST(CreateDryRun, OfAFurtherSession) {
  const TempFolder in;
  in.write("src/a", "x");
  ok({"create", in / "src", "-o", in / "a.iso", "-q"});
  const auto disc = "mock:" + (in / "disc");
  ok({"burn", in / "a.iso", "--to", disc + "?media=dvd-r&capacity=100000", "-q"});
  const auto report = told(ok({"create", "--onto", disc, in / "src", "--dry-run", "--json"}));
  ASSERT_EQ(report["media"].size(), 1U);
  EXPECT_EQ(report["media"][0]["type"], "dvd-r");
  EXPECT_LT(report["media"][0]["blocks"], 100000);
  in.write("src/large", std::string(100'000 * kBlockSize, 'x'));
  EXPECT_TRUE(has(ok({"append", disc, in / "src", "--dry-run"}).out, "too large for " + disc + " by "));
  fs::create_symlink("target", in.path() / "src/link");
  const auto refused = command({"append", disc, in / "src", "--dry-run", "--exact"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_TRUE(has(refused.err, "/link")) << refused.err;
}

std::string random_name(std::mt19937& random) {
  static const std::vector<std::string> kParts{"a",      "B", "?",    ".",          " x", "\u00e9",
                                               "\u4e2d", "_", "\xff", "long name ", ";"};
  std::string name = kParts[random() % 3];
  for (auto n = random() % 14; n > 0; --n) name += kParts[random() % kParts.size()];
  return name;
}

// What is predicted is what is written, over trees with all kinds of losses.
TEST(CreateDryRun, SizesAreThoseOfTheImage) {
  const TempFolder in;
  std::mt19937 random(20261129);
  static const std::vector<Words> kOptions{{},
                                           {"--fs", "udf"},
                                           {"--fs", "iso9660,rockridge", "--deep", "relocate"},
                                           {"--fs", "joliet", "--level", "1"},
                                           {"--udf-revision", "2.50"}};
  for (int round = 0; round < 10; ++round) {
    fs::remove_all(in.path() / "src");
    std::vector<std::string> folders{"src"};
    fs::create_directory(in.path() / "src");
    for (int i = 0; i < 40; ++i) {
      const auto path = folders[random() % folders.size()] + "/" + random_name(random);
      if (fs::exists(in.path() / path)) continue;
      const auto kind = random() % 8;
      if (kind == 0) {
        fs::create_symlink("to", in.path() / path);
      } else if (kind < 3) {
        fs::create_directory(in.path() / path);
        folders.push_back(path);
      } else {
        in.write(path, std::string(random() % 9000, 'x'));
      }
    }
    auto words = kOptions[static_cast<std::size_t>(round) % kOptions.size()];
    words.insert(words.end(), {"--allow", "rename,drop,clamp", "--json"});
    const auto report = told(ok(dry(in, words)));
    words.insert(words.begin(), {"create", in / "src", "-o", in / "out.iso"});
    auto made = told(ok(words));
    EXPECT_EQ(fs::file_size(in / "out.iso"), report["bytes"]);
    for (const auto* member : {"image_id", "entries", "blocks", "findings"}) EXPECT_EQ(report[member], made[member]);
  }
}

}  // namespace
}  // namespace fsimage::test
