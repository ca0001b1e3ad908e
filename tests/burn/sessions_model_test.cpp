// Random changes over several sessions of every kind of disc: each session shows what a model of it holds, in every view and
// for good, and nothing is written that the disc has already.
#include "random_sessions.hpp"
#include "support/trial_discs.hpp"

#include <fsimage/burn/burn_job.hpp>
#include <fsimage/file_system_image.hpp>
#include <fsimage/io/cached_source.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace fsimage::test {
namespace {

constexpr const char* kSequentialFile = "file_sequential";
constexpr FileSystems kFileSystems[] = {
    {},
    {.joliet = false, .rockridge = false, .udf = false},
    {.udf = false},
    {.iso9660 = false, .joliet = false, .rockridge = false},
    {.joliet = false, .rockridge = false},
    {.joliet = false, .udf = false},
    {.rockridge = false, .udf = false},
};

constexpr std::uint16_t kRevisions[] = {0x0201, 0x0102, 0x0150, 0x0200, 0x0250, 0x0260};

bool has(const FileSystems& fs, View view) {
  switch (view) {
    case View::iso9660: return fs.iso9660;
    case View::joliet: return fs.joliet;
    case View::rockridge: return fs.rockridge;
    default: return fs.udf;
  }
}

// One disc through its life.
class Life {
 public:
  Life(std::string kind, std::uint32_t seed, const TempFolder& folder)
      : sequential_file_(kind == kSequentialFile),
        kind_(sequential_file_ ? kImageFile : std::move(kind)),
        seed_(seed),
        folder_(folder),
        choices_(seed),
        file_systems_(kFileSystems[seed % std::size(kFileSystems)]),
        plain_names_(!file_systems_.joliet && !file_systems_.rockridge && !file_systems_.udf),
        model_(seed, plain_names_) {}

  void add_session() {
    const auto recorder = open_disc(kind_, folder_ / "disc");
    media_ = recorder->media();
    const bool first = history_.empty();
    const std::shared_ptr<const ByteSource> disc =
        first ? nullptr : std::make_shared<CachedSource>(recorder->read_back());
    SessionImage session;
    if (!first) session.made_for = identify_disc(media_, disc);
    if (sequential_file_) {
      media_.media_class = MediaClass::sequential;
      media_.next_writable = round_up(Lba{media_.used.value}, kCluster);
    }
    FileSystemImage image;
    image.profile().file_systems = file_systems_;
    image.profile().udf_revision = kRevisions[seed_ % std::size(kRevisions)];
    if (!first) image.continue_disc(disc, media_);
    EXPECT_EQ(image.profile().file_systems, file_systems_);
    change(image);

    const auto plan = image.plan();
    session.image = plan.create_image();
    expect_only_news_written(image, plan, *session.image);
    if (choices_.one_in(2)) {
      save_image(*session_file(session), folder_ / "saved");
      session = load_session_image(folder_ / "saved");
    }
    BurnJobOptions options;
    options.verify = VerifyLevel::full;
    BurnJob(session, options).run(*recorder);
    expect_no_violations(*recorder);
    history_.push_back(model_.listing());
    again_ += plan.kept().again;
  }

  void expect_every_session() const {
    const auto recorder = open_disc(kind_, folder_ / "disc");
    const auto found =
        find_sessions(std::make_shared<CachedSource>(recorder->read_back()), session_hint(recorder->media()));
    ASSERT_EQ(found.size(), history_.size()) << *this;
    // Anchors behind a session are at the end of what a drive says is recorded; of other media nobody knows that.
    const bool told = kind_ != kImageFile && !is_overwritable(kind_);
    const auto strictness = told ? Strictness::strict : Strictness::tolerant;
    for (std::size_t i = 0; i < found.size(); ++i)
      for (const View view : {View::iso9660, View::joliet, View::rockridge, View::udf}) {
        ASSERT_EQ(found[i].found.has(view), has(file_systems_, view)) << *this << ", " << to_string(view);
        if (!found[i].found.has(view)) continue;
        const auto shown = list(found[i], view, strictness);
        const bool same = view == View::iso9660 && !plain_names_ ? contents_of(shown) == contents_of(history_[i])
                                                                 : shown == history_[i];
        EXPECT_TRUE(same) << *this << ", session " << i + 1 << " in " << to_string(view);
      }
  }

  std::uint64_t again() const { return again_; }
  friend std::ostream& operator<<(std::ostream& out, const Life& l) {
    return out << l.kind_ << ", seed " << l.seed_ << ", " << l.history_.size() << " sessions";
  }

 private:
  void change(FileSystemImage& image) {
    model_.begin_session();
    if (!history_.empty() && choices_.one_in(6)) return;
    if (!history_.empty() && choices_.one_in(4)) return model_.mirror(image, folder_ / "host");
    if (history_.empty())
      for (int i = 0; i < 4; ++i) model_.add(image.tree());
    for (auto n = 1 + choices_.below(6); n != 0; --n) model_.change(image);
  }

  void expect_only_news_written(FileSystemImage& image, const Plan& plan, const ResultImage& result) {
    std::uint64_t again = 0;
    result.for_each_part([&](const ExtentPart& part) {
      if (!part.label.starts_with(kContentLabel)) return;
      const auto path = part.label.substr(kContentLabel.size());
      if (model_.is_new(path)) return;
      ++again;
      const auto& tree = std::as_const(image).tree();
      const auto slice = tree.contents().slice(tree.inode(tree.find(path).value()).content);
      ASSERT_TRUE(slice) << *this << ": " << path;
      EXPECT_TRUE(must_go(Lba{static_cast<std::uint32_t>(slice->offset / kBlockSize)}, part.blocks))
          << *this << ": " << path << " is on the disc already, and is written again";
    });
    EXPECT_EQ(plan.kept().again, again);
  }

  // Whether blocks of the disc are overwritten by what leads to the new session.
  bool must_go(Lba at, BlockCount blocks) const {
    const auto end = at + blocks;
    return media_.media_class == MediaClass::overwritable &&
           ((at < Lba{32} && end > Lba{16}) || (file_systems_.udf && at <= Lba{256} && end > Lba{256}));
  }

  bool sequential_file_;
  std::string kind_;
  std::uint32_t seed_;
  const TempFolder& folder_;
  Choices choices_;
  FileSystems file_systems_;
  bool plain_names_;
  ModelDisc model_;
  Media media_;
  std::vector<Listing> history_;
  std::uint64_t again_ = 0;
};

class SessionsFollowTheModel : public ::testing::TestWithParam<std::string> {};

TEST_P(SessionsFollowTheModel, InEveryViewForGood) {
  const auto all = seeds(7);
  std::uint64_t again = 0;
  for (const auto seed : all) {
    const TempFolder folder;
    Life life(GetParam(), seed, folder);
    for (int session = 1; session <= 4; ++session) {
      SCOPED_TRACE(testing::Message() << life);
      ASSERT_NO_THROW(life.add_session());
      ASSERT_NO_THROW(life.expect_every_session());
      if (HasFailure()) return;
    }
    again += life.again();
  }
  // Without UDF, small files lie where the front is written anew.
  if (all.size() >= 7 && (is_overwritable(GetParam()) || GetParam() == kImageFile)) {
    EXPECT_GT(again, 0U);
  }
}

std::vector<std::string> kinds() {
  auto out = kinds_of_discs();
  out.emplace_back(kSequentialFile);
  return out;
}

INSTANTIATE_TEST_SUITE_P(Discs, SessionsFollowTheModel, ::testing::ValuesIn(kinds()), name_of_medium);

}  // namespace
}  // namespace fsimage::test
