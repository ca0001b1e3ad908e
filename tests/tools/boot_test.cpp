// Images that firmware boots from, by commands.
#include <support/command.hpp>
#include <support/temp_folder.hpp>

#include <gtest/gtest.h>

namespace fsimage::test {
namespace {

class Boot : public ::testing::Test {
 protected:
  Boot() {
    in.write("src/boot/loader,1.bin", std::string(5000, 'l'));
    in.write("src/a.txt", "hello");
    in.write("esp.img", std::string(100'000, 'e'));
    in.write("floppy.img", std::string(1'474'560, 'f'));
  }
  CommandResult create(std::vector<std::string> options, const std::string& out = "out.iso") const {
    options.insert(options.begin(), {"create", in / "src", "-o", in / out});
    return command(options);
  }
  TempFolder in;
};

TEST_F(Boot, EntriesOfEveryKind) {
  const auto made = create({"--boot", "bios=boot/loader\\,1.bin,info-table,load-size=8,load-segment=0x1000,id=maker",
                            "--boot", "uefi=host:" + (in / "esp.img"), "--boot", "bios=host:" + (in / "floppy.img")});
  ASSERT_EQ(made.code, 0) << made.err;
  const auto info = command({"info", in / "out.iso"}).out;
  EXPECT_TRUE(has(info, "x86, bootable, no emulation, 8 sectors from block ")) << info;
  EXPECT_TRUE(has(info, ", to segment 4096, with a boot info table, maker")) << info;
  EXPECT_TRUE(has(info, "EFI, bootable, no emulation, 196 sectors from block ")) << info;
  EXPECT_TRUE(has(info, "x86, bootable, 1.44 MB floppy, 1 sectors from block ")) << info;
  const auto map = command({"map", in / "out.iso"}).out;
  for (const auto* label :
       {"eltorito/boot record\n", "eltorito/boot catalog\n", "eltorito/boot image\n", "content /boot/loader,1.bin\n"})
    EXPECT_TRUE(has(map, label)) << label << map;
  EXPECT_EQ(command({"ls", in / "out.iso"}).out, "/a.txt\n/boot\n/boot/loader,1.bin\n");
  const auto checked = command({"verify", in / "out.iso"});
  EXPECT_EQ(checked.code, 0) << checked.err;
  EXPECT_TRUE(has(command({"dump", in / "out.iso", "17"}).out, "eltorito/boot system use"));
  const auto catalog = command({"dump", in / "out.iso", "80"}).out;
  for (const auto* structure :
       {"eltorito/validation entry", "eltorito/default entry", "eltorito/section header", "eltorito/section entry"})
    EXPECT_TRUE(has(catalog, structure)) << structure << catalog;
}

TEST_F(Boot, ABootInfoTableIsChecked) {
  ASSERT_EQ(create({"--boot", "bios=boot/loader\\,1.bin,info-table"}).code, 0);
  const auto map = command({"map", in / "out.iso"}).out;
  const auto line = map.rfind('\n', map.find(" content /boot/loader,1.bin")) + 1;
  const auto block = map.substr(line, map.find('+', line) - line);
  const auto dump = command({"dump", in / "out.iso", block}).out;
  EXPECT_TRUE(has(dump, "eltorito/boot info table")) << dump;
  auto bytes = TempFolder::read(in / "out.iso");
  bytes[std::stoul(block) * 2048 + 4999] ^= 1;
  in.write("out.iso", bytes);
  const auto checked = command({"verify", in / "out.iso"});
  EXPECT_TRUE(has(checked.out + checked.err, "the checksum in a boot image's table")) << checked.out << checked.err;
}

TEST_F(Boot, ASystemAreaIsKept) {
  const std::string area = std::string(440, '\x90') + std::string(6, '\0') + "\x80 partition";
  in.write("mbr", area);
  ASSERT_EQ(create({"--system-area", in / "mbr"}).code, 0);
  const auto image = TempFolder::read(in / "out.iso");
  EXPECT_EQ(image.substr(0, area.size()), area);
  EXPECT_EQ(image.substr(area.size(), 100), std::string(100, '\0'));
  EXPECT_TRUE(has(command({"map", in / "out.iso"}).out, "system area\n"));
  in.write("mbr", std::string(32769, 'x'));
  const auto refused = create({"--system-area", in / "mbr"}, "none.iso");
  EXPECT_EQ(refused.code, 1);
  EXPECT_TRUE(has(refused.err, "32 KiB")) << refused.err;
  // A further session leaves it, or puts another there.
  ASSERT_EQ(command({"append", in / "out.iso", in / "esp.img", "-q"}).code, 0);
  EXPECT_EQ(TempFolder::read(in / "out.iso").substr(0, area.size()), area);
  in.write("mbr", "another");
  ASSERT_EQ(command({"append", in / "out.iso", "--system-area", in / "mbr", "-q"}).code, 0);
  EXPECT_EQ(TempFolder::read(in / "out.iso").substr(0, 8), std::string("another\0", 8));
}

TEST_F(Boot, AFurtherSessionKeepsThemOrHasItsOwn) {
  for (const std::string fs : {"iso9660,joliet,rockridge,udf", "iso9660,rockridge", "udf"}) {
    ASSERT_EQ(create({"--boot", "bios=boot/loader\\,1.bin", "--fs", fs}).code, 0);
    const auto boot_facts = [&] {
      const auto info = command({"info", in / "out.iso"}).out;
      const auto at = info.find("El Torito");
      return at == info.npos ? info : info.substr(at, info.find("\n\n", at) - at);
    };
    const auto before = boot_facts();
    EXPECT_TRUE(has(before, "x86, bootable, no emulation, 10 sectors")) << before;
    ASSERT_EQ(command({"append", in / "out.iso", in / "src", "-q"}).code, 0);
    EXPECT_EQ(boot_facts(), before);
    const auto more = command({"append", in / "out.iso", "--boot", "bios=boot/loader\\,1.bin,info-table", "--boot",
                               "uefi=host:" + (in / "esp.img"), "-q"});
    ASSERT_EQ(more.code, 0) << more.err;
    const auto after = boot_facts();
    EXPECT_TRUE(has(after, "x86, bootable, no emulation, 4 sectors")) << after;
    EXPECT_TRUE(has(after, "EFI, bootable")) << after;
    const auto checked = command({"verify", in / "out.iso"});
    EXPECT_EQ(checked.code, 0) << checked.err;
    EXPECT_FALSE(has(checked.err, "eltorito")) << checked.err;
    EXPECT_EQ(has(command({"ls", "--view", "iso", in / "out.iso"}).out, "A.TXT"), fs != "udf") << fs;
    EXPECT_EQ(command({"ls", in / "out.iso"}).out, "/a.txt\n/boot\n/boot/loader,1.bin\n");
  }
}

TEST_F(Boot, WhatIsRefused) {
  for (const std::string word : {"boot/loader", "dos=a.txt", "bios=a.txt,load-size=65536", "bios=a.txt,load-size=",
                                 "bios=a.txt,load-size=0x", "bios=a.txt,load-segment=x", "bios=a.txt,emulation=zip",
                                 "bios=a.txt,info-table=1", "bios=a.txt,colour=red", "bios=a.txt,"}) {
    const auto made = create({"--boot", word}, "none.iso");
    EXPECT_EQ(made.code, 2) << word << made.err;
    EXPECT_FALSE(std::filesystem::exists(in / "none.iso"));
  }
  for (const auto& [word, why] : {std::pair<std::string, std::string>{"bios=missing", "not there"},
                                  {"bios=boot", "has to be a file"},
                                  {"bios=a.txt,info-table", "at least 64 bytes"},
                                  {"bios=a.txt,emulation=floppy", "no 1.44 MB floppy"},
                                  {"bios=host:" + (in / "floppy.img") + ",emulation=none", "load size has to be given"},
                                  {"bios=host:" + (in / "missing"), "missing"},
                                  {"bios=a.txt,id=" + std::string(25, 'x'), "at most 24 bytes"}}) {
    const auto made = create({"--boot", word}, "none.iso");
    EXPECT_EQ(made.code, 1) << word << made.err;
    EXPECT_TRUE(has(made.err, why)) << word << made.err;
  }
}

// The source is referred to, not copied: it is noticed when it changes, and an image is the same each time.
TEST_F(Boot, TheSameBytesAgain) {
  const std::vector<std::string> options{"--boot", "bios=boot/loader\\,1.bin,info-table", "--boot",
                                         "uefi=host:" + (in / "esp.img")};
  ASSERT_EQ(create(options, "1.iso").code, 0);
  ASSERT_EQ(create(options, "2.iso").code, 0);
  EXPECT_EQ(TempFolder::read(in / "1.iso"), TempFolder::read(in / "2.iso"));
  EXPECT_EQ(TempFolder::read(in / "src/boot/loader,1.bin"), std::string(5000, 'l'));
}

}  // namespace
}  // namespace fsimage::test
