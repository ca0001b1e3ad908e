// What a client's stream gives to whatever writes it. It is read by the thread that called us, as it may be no other's to
// call, while another writes; events come from the caller's thread all the same. One of ours that any thread may read is
// written as if it were no stream.
#pragma once

#include "com/image_streams.hpp"
#include "com/side_thread.hpp"

#include <fsimage/burn/progress.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace fsimage::com::automation {

class Feed {
 public:
  explicit Feed(IStream& data) : data_(data) {
    if (!is_for_any_thread(data)) side_.emplace();
  }

  std::shared_ptr<const ByteSource> source() { return side_ ? source_of(data_, *side_) : source_of(data_); }
  ProgressFn told(ProgressFn tell) {
    if (!side_ || !tell) return tell;
    return [this, tell = std::move(tell)](const BurnProgress& progress) { side_->ask([&] { tell(progress); }); };
  }
  // Throws the stream's own reason, with the path of its source, rather than that it could not be read.
  void write(const std::function<void()>& work) {
    try {
      side_ ? side_->run(work) : work();
    } catch (...) {
      if (const auto error = error_behind(data_)) std::rethrow_exception(error);
      throw;
    }
  }

 private:
  IStream& data_;
  std::optional<SideThread> side_;
};

}  // namespace fsimage::com::automation
