#include "drives.hpp"

#include "com/guard.hpp"
#include "com/text.hpp"
#include "numbers.hpp"

#include <fsimage/backends/isofile/iso_file.hpp>
#include <fsimage/backends/mock/mock_recorder.hpp>
#include <fsimage/core/error.hpp>

#include <algorithm>
#include <map>
#include <string_view>

namespace fsimage::com::automation {
namespace {

std::string environment(const wchar_t* name) {
  std::wstring value(GetEnvironmentVariableW(name, nullptr, 0), L'\0');
  if (value.empty()) return {};
  value.resize(GetEnvironmentVariableW(name, value.data(), static_cast<DWORD>(value.size())));
  return utf8_of(value);
}

std::unique_ptr<Recorder> open_recorder(const std::string& id) {
  auto name = id;
  std::replace(name.begin(), name.end(), '\\', '/');
  if (name.starts_with("iso:")) return std::make_unique<IsoFileRecorder>(name.substr(4));
  return std::make_unique<MockRecorder>(name);
}

}  // namespace

Drive::Drive(std::string id) : id_(std::move(id)), recorder_(open_recorder(id_)), info_(recorder_->info()) {}

std::optional<Media> Drive::before_writing() {
  const std::lock_guard lock(state_);
  return before_;
}

void Drive::require_idle() {
  if (before_writing()) throw Error(Errc::busy, {.path = id_}, "the drive is writing");
}

// Whoever asks while another thread writes is not to wait for it: it may be an event that asks.
Media Drive::media() {
  if (const auto before = before_writing()) return *before;
  const std::lock_guard lock(mutex_);
  return recorder_->media();
}

// An image that goes on with the disc may be read from it while it is written.
std::shared_ptr<const ByteSource> Drive::content() {
  {
    const std::lock_guard lock(state_);
    if (before_) return content_;
  }
  const std::lock_guard lock(mutex_);
  if (!content_) content_ = recorder_->read_back();
  return content_;
}

std::optional<Lba> Drive::last_written() {
  const std::lock_guard lock(state_);
  return last_written_;
}

void Drive::forget_disc() {
  const std::lock_guard lock(state_);
  content_.reset();
  last_written_.reset();
}

void Drive::burn(const ResultImage& image, const BurnOptions& options, const ProgressFn& progress,
                 const std::stop_token& stop) {
  const auto tell = [&, first = image.first_block()](const BurnProgress& now) {
    if (now.done != BlockCount{}) {
      const std::lock_guard lock(state_);
      last_written_ = Lba{first.value + now.done.value - 1};
    }
    if (progress) progress(now);
  };
  recorder_->burn(image, options, tell, stop);
}

Drive::Writing::Writing(Drive& drive) : drive_(drive), lock_((drive.require_idle(), drive.mutex_)) {
  auto before = drive.recorder_->media();
  drive.content();
  const std::lock_guard lock(drive.state_);
  drive.before_ = std::move(before);
}

Drive::Writing::~Writing() {
  const std::lock_guard lock(drive_.state_);
  drive_.before_.reset();
  drive_.content_.reset();
}

void Drive::lock(const void* client, const std::string& name) {
  const std::lock_guard lock(state_);
  require_access_locked(client);
  client_ = client;
  client_name_ = name;
  ++locks_;
}

void Drive::unlock(const void* client, bool all) {
  const std::lock_guard lock(state_);
  if (locks_ == 0 || client != client_) return;
  locks_ = all ? 0 : locks_ - 1;
  if (locks_ != 0) return;
  client_ = nullptr;
  client_name_.clear();
}

void Drive::require_access(const void* client) {
  const std::lock_guard lock(state_);
  require_access_locked(client);
}

void Drive::require_access_locked(const void* client) const {
  if (locks_ != 0 && client != client_) throw Failure(kRecorderLocked, "the drive is in use by " + client_name_);
}

std::string Drive::owner() {
  const std::lock_guard lock(state_);
  return client_name_;
}

std::vector<std::string> drive_ids() {
  const auto list = environment(L"FSIMAGE_DISCS");
  std::vector<std::string> ids;
  for (std::size_t at = 0; at < list.size();) {
    const auto end = std::min(list.find(';', at), list.size());
    if (end > at) ids.push_back(list.substr(at, end - at));
    at = end + 1;
  }
  return ids;
}

std::shared_ptr<Drive> drive_of(const std::string& id) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<Drive>, std::less<>> drives;
  const auto ids = drive_ids();
  if (std::find(ids.begin(), ids.end(), id) == ids.end())
    throw Failure(kInvalidParameter, "no recorder is called '" + id + "'");
  const std::lock_guard lock(mutex);
  auto drive = drives[id].lock();
  if (!drive) drives[id] = drive = std::make_shared<Drive>(id);
  return drive;
}

std::shared_ptr<Drive> drive_behind(IUnknown& recorder) {
  const auto ours = Ptr<IUnknown>(&recorder).query<IHasDrive>();
  return ours ? ours->drive() : nullptr;
}

const void* client_behind(IUnknown& recorder) {
  const auto ours = Ptr<IUnknown>(&recorder).query<IHasDrive>();
  return ours ? ours->client() : nullptr;
}

}  // namespace fsimage::com::automation
