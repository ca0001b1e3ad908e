// Several readers of one store: no read is mixed up with another, and handles that one thread evicts serve the other on.
#include "support/temp_folder.hpp"

#include <fsimage/core/error.hpp>
#include <fsimage/io/content_store.hpp>
#include <fsimage/io/host_folder.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <random>
#include <thread>

namespace fsimage {
namespace {

using test::TempFolder;

struct Files {
  TempFolder folder;
  ContentStore store;
  std::vector<ContentId> ids;
  std::vector<std::string> texts;

  Files(int folders, int each) {
    const auto top = store.add_folder(folder.path().string());
    for (int f = 0; f < folders; ++f) {
      const auto sub = "folder" + std::to_string(f);
      std::filesystem::create_directory(folder / sub);
      const auto in = store.add_folder(top, sub);
      for (int i = 0; i < each; ++i) {
        const auto name = "file" + std::to_string(i);
        texts.push_back(std::string(static_cast<std::size_t>(1 + (f * 37 + i * 101) % 5000),
                                    static_cast<char>('a' + (f + i) % 26)) +
                        sub);
        folder.write(sub + "/" + name, texts.back());
        ids.push_back(store.add_file(in, name, stat_host(folder / (sub + "/" + name)).fingerprint));
      }
    }
  }
};

void in_threads(unsigned count, const std::function<void(unsigned)>& work) {
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < count; ++i) threads.emplace_back(work, i);
  for (auto& thread : threads) thread.join();
}

TEST(ContentStoreThreads, EveryReaderGetsTheRightBytes) {
  const Files files(150, 8);  // more folders than are kept open
  std::atomic<int> wrong{0};
  in_threads(8, [&](unsigned seed) {
    std::mt19937 random(seed);
    for (int i = 0; i < 1500; ++i) try {
        const auto n = random() % files.ids.size();
        const auto& want = files.texts[n];
        const auto from = random() % 2 == 0 ? 0 : random() % want.size();
        std::string got(want.size() - from, '?');
        files.store.read_at(files.ids[n], from, std::as_writable_bytes(std::span(got)));
        if (got != want.substr(from)) ++wrong;
        files.store.check(files.ids[n]);
      } catch (...) {
        ++wrong;
      }
  });
  EXPECT_EQ(wrong, 0);
}

TEST(ContentStoreThreads, OneBigFileInPieces) {
  const TempFolder folder;
  std::string want(4 << 20, '\0');
  for (std::size_t i = 0; i < want.size(); ++i) want[i] = static_cast<char>(i * 31 >> 7);
  folder.write("big", want);
  ContentStore store;
  const auto id =
      store.add_file(store.add_folder(folder.path().string()), "big", stat_host(folder / "big").fingerprint);
  std::string got(want.size(), '?');
  constexpr std::size_t kPiece = 65536;
  std::atomic<std::size_t> next{0};
  in_threads(8, [&](unsigned) {
    for (std::size_t at; (at = next.fetch_add(kPiece)) < want.size();) {
      store.read_at(id, at, std::as_writable_bytes(std::span(got)).subspan(at, kPiece));
      EXPECT_EQ(store.run_at(id, at).kind, fsimage::Run::Kind::file);
    }
  });
  EXPECT_EQ(got, want);
}

TEST(ContentStoreThreads, EveryReaderLearnsOfAChange) {
  Files files(1, 1);
  files.folder.write("folder0/file0", "something else");
  std::atomic<int> noticed{0};
  in_threads(8, [&](unsigned) {
    std::string got(files.texts[0].size(), '?');
    try {
      files.store.read_at(files.ids[0], 0, std::as_writable_bytes(std::span(got)));
    } catch (const Error& e) {
      if (e.code() == Errc::source_changed) ++noticed;
    }
  });
  EXPECT_EQ(noticed, 8);
}

}  // namespace
}  // namespace fsimage
