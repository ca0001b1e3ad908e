// Every error of IMAPI2FS can be had from the library, as an Error that becomes its HRESULT; or there is nothing left that
// could go wrong in that way.
#include "support/error_of.hpp"
#include "support/fake_recorder.hpp"
#include "support/temp_folder.hpp"

#include <fsimage/burn/burn_job.hpp>
#include <fsimage/file_system_image.hpp>
#include <fsimage/image/hresult.hpp>
#include <fsimage/image/image_source.hpp>
#include <fsimage/import/iso_image_manager.hpp>

#include <gtest/gtest.h>

#include <csignal>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace fsimage {
namespace {

using test::TempFolder;
namespace fs = std::filesystem;

// Whoever runs the tests may read everything; others may not.
class AsNobody {
 public:
  AsNobody() : root_(::geteuid() == 0) {
    if (root_ && ::seteuid(65534) != 0) throw std::runtime_error("seteuid");
  }
  ~AsNobody() {
    if (root_ && ::seteuid(0) != 0) std::abort();
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;

 private:
  bool root_;
};

// No file gets longer than that.
class FilesUpTo {
 public:
  explicit FilesUpTo(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit now{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  ~FilesUpTo() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FilesUpTo(const FilesUpTo&) = delete;
  FilesUpTo& operator=(const FilesUpTo&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

std::shared_ptr<const ByteSource> bytes(std::size_t size) {
  return std::make_shared<MemorySource>(std::vector<std::byte>(size, std::byte{'x'}));
}

std::shared_ptr<const ByteSource> failing(std::uint64_t size) {
  return std::make_shared<CallbackSource>(size, [](std::uint64_t, std::span<std::byte>) {
    throw Error(std::make_error_code(std::errc::io_error), {}, "no more");
  });
}

FileSystemImage with_file(const FileSystems& file_systems = {}) {
  FileSystemImage image;
  image.profile().file_systems = file_systems;
  image.profile().allow_rename = true;
  image.add_file("/file", bytes(5000), {});
  return image;
}
constexpr FileSystems kIsoAlone{.iso9660 = true, .joliet = false, .rockridge = false, .udf = false};

void plan_of(const FileSystemImage& image) { static_cast<void>(image.plan()); }

// A disc that holds that image, and what a recorder says of it.
std::vector<std::byte> disc_bytes(const FileSystemImage& image) {
  const auto result = image.create_result_image();
  std::vector<std::byte> out(static_cast<std::size_t>(result->size()));
  result->read_at(0, out);
  return out;
}
std::shared_ptr<const ByteSource> disc_of(const FileSystemImage& image) {
  return std::make_shared<MemorySource>(disc_bytes(image));
}

Media medium(MediaClass media_class, MediaState state, const ByteSource& disc) {
  Media m;
  m.type = media_class == MediaClass::overwritable ? MediaType::bd_re : MediaType::dvd_plus_r;
  m.media_class = media_class;
  m.state = state;
  m.used = blocks_for(disc.size());
  m.sessions = {{Lba{}, Lba{m.used.value - 1}}};
  if (media_class == MediaClass::sequential) m.next_writable = Lba{m.used.value + 32};
  return m;
}

void go_on(MediaClass media_class, MediaState state) {
  const auto disc = disc_of(with_file());
  FileSystemImage().continue_disc(disc, medium(media_class, state, *disc));
}

FileSystemImage continued() {
  const auto disc = disc_of(with_file());
  FileSystemImage image;
  image.continue_disc(disc, medium(MediaClass::sequential, MediaState::appendable, *disc));
  return image;
}

void collide(const char* there) {
  FileSystemImage image;
  const std::string path(there);
  if (path.back() == '/')
    image.add_directory(path, {});
  else
    image.add_file(path, bytes(1), {});
  FileSystemImage other;
  if (path.back() == '/')
    other.add_file("/x", bytes(1), {});
  else
    other.add_directory("/x", {});
  image.import_file_system(disc_of(other));
}

void too_many_folders() {
  FileSystemImage image;
  image.profile().file_systems = kIsoAlone;
  auto& tree = image.tree();
  for (int i = 0; i < 65'600; ++i) tree.add_directory(tree.add_directory(kRootNode, std::to_string(i), {}), "x", {});
  plan_of(image);
}

void folder_that_cannot_be_listed() {
  TempFolder in;
  in.write("src/closed/file", "x");
  fs::permissions(in.path(), fs::perms(0755));
  fs::permissions(in.path() / "src/closed", fs::perms(0));
  const AsNobody nobody;
  FileSystemImage().add(in / "src");
}

void source_that_grew() {
  TempFolder in;
  const auto path = in.write("file", "as planned");
  FileSystemImage image;
  image.add(path, "/file");
  const auto result = image.create_result_image();
  in.write("file", "as it is now");
  disc_bytes(image);
}

void stash_in_a_folder_of_others() {
  TempFolder work;
  fs::permissions(work.path(), fs::perms(0555));
  const AsNobody nobody;
  FileSystemImage().set_working_directory(work.path());
}

FileSystemImage staging(const TempFolder& work) {
  FileSystemImage image;
  image.set_working_directory(work.path());
  image.set_stage_files(true);
  return image;
}

void stash_that_cannot_grow() {
  TempFolder work;
  auto image = staging(work);
  const FilesUpTo limit(1000);
  image.add_file("/file", bytes(5000), {});
}

void stash_that_lost_its_bytes() {
  TempFolder work;
  auto image = staging(work);
  image.add_file("/file", bytes(5000), {});
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code none;
    const auto target = fs::read_symlink(entry.path(), none).string();
    if (target.starts_with(work.path().string())) fs::resize_file(entry.path(), 10);
  }
  disc_bytes(image);
}

void stash_larger_than_the_disk() {
  TempFolder work;
  auto image = staging(work);
  image.add_file("/file", std::make_shared<ZeroSource>(std::uint64_t{1} << 46), {});
}

void stash_that_cannot_move() {
  TempFolder work, other;
  auto image = staging(work);
  image.add_file("/file", bytes(5000), {});
  const FilesUpTo limit(1000);
  image.set_working_directory(other.path());
}

void damaged_disc() {
  auto disc = disc_bytes(with_file(kIsoAlone));
  std::memset(disc.data() + 16 * kBlockSize + 158, 0x7F, 8);  // where the root lies, ECMA-119 8.4.18
  FileSystemImage().import_file_system(std::make_shared<MemorySource>(std::move(disc)));
}

void foreign_disc() {
  auto disc = disc_bytes(with_file(kIsoAlone));
  const auto root = std::to_integer<std::size_t>(disc[16 * kBlockSize + 158]) |
                    std::to_integer<std::size_t>(disc[16 * kBlockSize + 159]) << 8;
  const auto records = disc.data() + root * kBlockSize;
  const auto file = records + 2 * 34;
  disc[16 * kBlockSize + 120] = disc[16 * kBlockSize + 123] = std::byte{2};  // of a set of two
  file[28] = file[31] = std::byte{2};  // on the second volume of a set, ECMA-119 9.1.9
  FileSystemImage().import_file_system(std::make_shared<MemorySource>(std::move(disc)));
}

void disc_without_its_anchor() {
  auto disc = disc_bytes(with_file());
  std::memset(disc.data() + 256 * kBlockSize, 0, kBlockSize);
  const MemorySource source(std::move(disc));
  const std::shared_ptr<const ByteSource> shared(&source, [](const ByteSource*) {});
  FileSystemImage().continue_disc(shared, medium(MediaClass::overwritable, MediaState::appendable, source));
}

void another_disc() {
  const auto image = with_file();
  auto content = disc_bytes(image);
  const MemorySource source(content);
  const auto media = medium(MediaClass::sequential, MediaState::appendable, source);
  DiscIdentity other;
  other.media = media.type;
  other.disc_id = "another";
  other.next_writable = media.next_writable;
  SessionImage session{.image = continued().create_result_image(), .made_for = other};
  test::FakeRecorder recorder(media, std::move(content));
  recorder.now.capacity = recorder.now.free = BlockCount{1'000'000};
  BurnJob(session).check(recorder);
}

void validate(std::shared_ptr<const ByteSource> stream) {
  IsoImageManager manager;
  manager.set_stream(std::move(stream));
  manager.validate();
}

void attach_to_nothing() {
  FileSystemImage image;
  const auto loose = image.tree().make_directory({});
  image.attach(loose, "x", image.tree().make_directory({}));
}

void not_recordable(const std::function<void(Profile&)>& change, const char* path = "/file", std::uint64_t size = 1) {
  FileSystemImage image;
  image.profile().file_systems = kIsoAlone;
  change(image.profile());
  image.tree().make_path(std::string_view(path).substr(0, std::string_view(path).rfind('/')), {});
  image.add_file(path, std::make_shared<ZeroSource>(size), {});
  plan_of(image);
}

using Provoke = std::function<void()>;

std::map<std::string, Provoke> trees_and_names() {
  return {
      {"IMAPI_E_INVALID_PARAM", [] { FileSystemImage().roll_back_to(7); }},
      {"IMAPI_E_NO_OUTPUT",
       [] { plan_of(with_file({.iso9660 = false, .joliet = false, .rockridge = false, .udf = false})); }},
      {"IMAPI_E_INVALID_VOLUME_NAME", [] { FileSystemImage().set_volume_name(std::string(127, 'A')); }},
      {"IMAPI_E_INVALID_DATE",
       [] {
         with_file().set_attributes("/file",
                                    {.modified = Timestamp::from_seconds(1), .created = Timestamp::from_seconds(2)});
       }},
      {"IMAPI_E_NOT_FILE", [] { FileSystemImage().data("/"); }},
      {"IMAPI_E_NOT_DIR", [] { with_file().remove_tree("/file"); }},
      {"IMAPI_E_DIR_NOT_EMPTY",
       [] {
         FileSystemImage image;
         image.add_directory("/a", {});
         image.add_directory("/a/b", {});
         image.remove("/a");
       }},
      {"IMAPI_E_NOT_IN_FILE_SYSTEM", attach_to_nothing},
      {"IMAPI_E_INVALID_PATH", [] { FileSystemImage().exists("a/b"); }},
      {"IMAPI_E_RESTRICTED_NAME_VIOLATION",
       [] { not_recordable([](Profile& p) { p.use_restricted_character_set = true; }, "/na\u00efve"); }},
      {"IMAPI_E_DUP_NAME", [] { with_file().add_directory("/file", {}); }},
      {"IMAPI_E_ITEM_NOT_FOUND", [] { FileSystemImage().remove("/none"); }},
      {"IMAPI_E_FILE_NOT_FOUND", [] { FileSystemImage().data("/none"); }},
      {"IMAPI_E_DIR_NOT_FOUND", [] { FileSystemImage().add_directory("/none/x", {}); }},
      {"IMAPI_E_IMAGE_SIZE_LIMIT",
       [] {
         FileSystemImage image;
         image.set_free_media_blocks(BlockCount{1000});
         image.add_file("/large", std::make_shared<ZeroSource>(3'000'000), {});
       }},
      {"IMAPI_E_IMAGE_TOO_BIG", [] { with_file().set_free_media_blocks(BlockCount{10}); }},
      {"IMAPI_E_TOO_MANY_DIRS", too_many_folders},
      {"IMAPI_E_ISO9660_LEVELS",
       [] { not_recordable([](Profile& p) { p.deep_folders = DeepFolders::refuse; }, "/1/2/3/4/5/6/7/8/9/f"); }},
      {"IMAPI_E_DATA_TOO_BIG",
       [] { not_recordable([](Profile& p) { p.interchange_level = 2; }, "/FILE", std::uint64_t{5} << 30); }},
      {"IMAPI_E_BOOT_IMAGE_DATA",
       [] {
         FileSystemImage image;
         image.profile().boot_image_options.emplace_back();
         plan_of(image);
       }},
      {"IMAPI_E_BOOT_EMULATION_IMAGE_SIZE_MISMATCH",
       [] {
         FileSystemImage image;
         auto& boot = image.profile().boot_image_options.emplace_back();
         boot.assign_boot_image(bytes(2048));
         boot.emulation = eltorito::BootMedia::floppy_1440;
         plan_of(image);
       }},
  };
}

std::map<std::string, Provoke> sources_and_stashes() {
  return {
      {"IMAPI_E_DATA_STREAM_INCONSISTENCY", source_that_grew},
      {"IMAPI_E_DATA_STREAM_READ_FAILURE",
       [] {
         FileSystemImage image;
         image.add_file("/file", failing(5000), {});
         disc_bytes(image);
       }},
      {"IMAPI_E_DATA_STREAM_CREATE_FAILURE", [] { FileSystemImage().add("/there/is/none"); }},
      {"IMAPI_E_DIRECTORY_READ_FAILURE", folder_that_cannot_be_listed},
      {"IMAPI_E_STASHFILE_OPEN_FAILURE", stash_in_a_folder_of_others},
      {"IMAPI_E_STASHFILE_WRITE_FAILURE", stash_that_cannot_grow},
      {"IMAPI_E_STASHFILE_READ_FAILURE", stash_that_lost_its_bytes},
      {"IMAPI_E_INVALID_WORKING_DIRECTORY", [] { FileSystemImage().set_working_directory("/there/is/none"); }},
      {"IMAPI_E_WORKING_DIRECTORY_SPACE", stash_larger_than_the_disk},
      {"IMAPI_E_STASHFILE_MOVE", stash_that_cannot_move},
  };
}

std::map<std::string, Provoke> discs() {
  return {
      {"IMAPI_E_INCOMPATIBLE_PREVIOUS_SESSION", [] { continued().set_session_start_block(Lba{7}); }},
      {"IMAPI_E_EMPTY_DISC", [] { go_on(MediaClass::sequential, MediaState::blank); }},
      {"IMAPI_E_NO_SUPPORTED_FILE_SYSTEM", [] { FileSystemImage().import_file_system(bytes(1 << 20)); }},
      {"IMAPI_E_FILE_SYSTEM_NOT_FOUND",
       [] { FileSystemImage().import_file_system(disc_of(with_file(kIsoAlone)), {.view = View::udf}); }},
      {"IMAPI_E_FILE_SYSTEM_READ_CONSISTENCY_ERROR", damaged_disc},
      {"IMAPI_E_FILE_SYSTEM_FEATURE_NOT_SUPPORTED", foreign_disc},
      {"IMAPI_E_IMPORT_TYPE_COLLISION_FILE_EXISTS_AS_DIRECTORY", [] { collide("/x/"); }},
      {"IMAPI_E_IMPORT_TYPE_COLLISION_DIRECTORY_EXISTS_AS_FILE", [] { collide("/x"); }},
      {"IMAPI_E_IMPORT_READ_FAILURE", [] { FileSystemImage().import_file_system(failing(1 << 20)); }},
      {"IMAPI_E_DISC_MISMATCH", another_disc},
      {"IMAPI_E_IMPORT_MEDIA_NOT_ALLOWED", [] { go_on(MediaClass::read_only, MediaState::closed); }},
      {"IMAPI_E_UDF_NOT_WRITE_COMPATIBLE", disc_without_its_anchor},
      {"IMAPI_E_NO_COMPATIBLE_MULTISESSION_TYPE", [] { go_on(MediaClass::sequential, MediaState::closed); }},
      {"IMAPI_E_MULTISESSION_NOT_SET", [] { FileSystemImage().continue_disc(nullptr, {}); }},
      {"IMAPI_E_UDF_REVISION_CHANGE_NOT_ALLOWED",
       [] {
         auto image = continued();
         auto profile = image.profile();
         profile.udf_revision = 0x0201;
         image.set_profile(profile);
       }},
      {"IMAPI_E_BAD_MULTISESSION_PARAMETER",
       [] {
         auto media = medium(MediaClass::sequential, MediaState::appendable, *bytes(1 << 20));
         media.next_writable.reset();
         require_continuable(media);
       }},
      {"IMAPI_E_FILE_SYSTEM_CHANGE_NOT_ALLOWED",
       [] {
         auto image = continued();
         auto profile = image.profile();
         profile.file_systems.udf = false;
         image.set_profile(profile);
       }},
      {"IMAPI_E_IMAGEMANAGER_IMAGE_NOT_ALIGNED", [] { validate(bytes(40 * 2352)); }},
      {"IMAPI_E_IMAGEMANAGER_NO_VALID_VD_FOUND", [] { validate(bytes(1 << 20)); }},
      {"IMAPI_E_IMAGEMANAGER_NO_IMAGE", [] { IsoImageManager().validate(); }},
      {"IMAPI_E_IMAGEMANAGER_IMAGE_TOO_BIG",
       [] { validate(std::make_shared<ZeroSource>(std::uint64_t{kBlockSize} << 31)); }},
  };
}

// What cannot go wrong here.
const std::map<std::string, std::string>& never() {
  static const std::map<std::string, std::string> all{
      {"IMAPI_E_FSI_INTERNAL_ERROR", "a bug of the library, which is a std::logic_error"},
      {"IMAPI_E_READONLY", "results are values: the image may be changed while they live"},
      {"IMAPI_E_NO_UNIQUE_NAME", "each view has more numbers for names than a tree has entries"},
      {"IMAPI_E_STASHFILE_SEEK_FAILURE", "reads and writes carry their offset"},
      {"IMAPI_E_BOOT_OBJECT_CONFLICT", "further sessions may have boot images of their own"},
      {"IMAPI_E_IMPORT_SEEK_FAILURE", "reads carry their offset"},
      {"IMAPI_E_INCOMPATIBLE_MULTISESSION_TYPE", "which of a client's objects is in use is told by COM alone"},
      {"IMAPI_S_IMAGE_FEATURE_NOT_SUPPORTED", "a success: the plan's findings name what is lost"},
      {"IMAPI_E_PROPERTY_NOT_ACCESSIBLE", "streams are no entries, and have nothing that could be asked of them"},
      {"IMAPI_E_FILE_SYSTEM_NOT_EMPTY",
       "every option may be changed at any time, and set_profile() looks at what is there"},
  };
  return all;
}

TEST(Contract, EveryErrorCanBeHad) {
  std::ifstream file(FSIMAGE_CONTRACT_ERRORS);
  std::map<std::string, std::uint32_t> numbers;
  for (std::string number, name; file >> number >> name;)
    numbers[name] = static_cast<std::uint32_t>(std::stoul(number, nullptr, 16));
  ASSERT_GT(numbers.size(), 50U);
  for (const auto& list : {trees_and_names(), sources_and_stashes(), discs()})
    for (const auto& [name, provoke] : list) {
      SCOPED_TRACE(name);
      ASSERT_TRUE(numbers.contains(name)) << "no error of IMAPI2FS, or comes twice";
      const auto error = test::error_of(provoke);
      EXPECT_EQ(static_cast<std::uint32_t>(com::to_hresult(std::make_exception_ptr(error))), numbers[name])
          << error.what();
      EXPECT_FALSE(error.message().empty());
      numbers.erase(name);
    }
  for (const auto& [name, why] : never()) EXPECT_EQ(numbers.erase(name), 1U) << name << ": " << why;
  for (const auto& [name, number] : numbers) ADD_FAILURE() << name << " was not provoked";
}

}  // namespace
}  // namespace fsimage
