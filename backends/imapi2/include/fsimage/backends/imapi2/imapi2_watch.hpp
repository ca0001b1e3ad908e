// The drives of a Windows machine as they come and go, as IMAPI2 tells (DDiscMaster2Events). Only on Windows.
#pragma once

#include <fsimage/burn/recorder.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

namespace fsimage {

// A drive that came; or that is gone, which has the name that it had: "imapi2:N" may be another by now.
struct RecorderChange {
  bool added = false;
  RecorderInfo recorder;
};

// COM is spoken by a thread of its own, so that callers may be in any apartment, or in none. One thread at a time uses it.
class Imapi2Watch {
 public:
  // Throws unsupported where there is no IMAPI2. Windows tells at once; what tells only when it is asked is asked at such
  // intervals.
  explicit Imapi2Watch(std::chrono::milliseconds interval = std::chrono::seconds(1));
  ~Imapi2Watch();
  Imapi2Watch(const Imapi2Watch&) = delete;
  Imapi2Watch& operator=(const Imapi2Watch&) = delete;

  // The drives as they were when next() last looked; at first, when the watch began.
  std::vector<RecorderInfo> recorders() const;
  // Waits for the next change; nullopt when it is stopped. What IMAPI2 then fails to say of the drives is thrown.
  std::optional<RecorderChange> next(std::stop_token stop);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace fsimage
