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

Drive::Drive(std::string id) : id_(std::move(id)), recorder_(open_recorder(id_)) {}

Media Drive::media() {
  const std::lock_guard lock(mutex_);
  return before_ ? *before_ : recorder_->media();
}

std::shared_ptr<const ByteSource> Drive::content() {
  const std::lock_guard lock(mutex_);
  if (before_) throw Error(Errc::busy, {.path = id_}, "the drive is writing");
  if (!content_) content_ = recorder_->read_back();
  return content_;
}

Drive::Writing::Writing(Drive& drive) : drive_(drive), lock_(drive.mutex_) {
  if (drive.before_) throw Error(Errc::busy, {.path = drive.id_}, "the drive is writing");
  drive.before_ = drive.recorder_->media();
  drive.content_.reset();
}

Drive::Writing::~Writing() { drive_.before_.reset(); }

void Drive::lock(const void* client, const std::string& name) {
  const std::lock_guard lock(mutex_);
  require_access(client);
  client_ = client;
  client_name_ = name;
  ++locks_;
}

void Drive::unlock(const void* client, bool all) {
  const std::lock_guard lock(mutex_);
  if (locks_ == 0 || client != client_) return;
  locks_ = all ? 0 : locks_ - 1;
  if (locks_ != 0) return;
  client_ = nullptr;
  client_name_.clear();
}

void Drive::require_access(const void* client) {
  const std::lock_guard lock(mutex_);
  if (locks_ != 0 && client != client_) throw Failure(kRecorderLocked, "the drive is in use by " + client_name_);
}

std::string Drive::owner() {
  const std::lock_guard lock(mutex_);
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
