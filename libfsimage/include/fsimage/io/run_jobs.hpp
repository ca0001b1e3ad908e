// Work that is cut into jobs and done by several threads which live no longer than the call.
#pragma once

#include <cstddef>
#include <functional>

namespace fsimage {

// What to do; `worker` is 0 .. workers-1 and names the thread, so that each can have a buffer of its own.
using Job = std::function<void(std::size_t worker)>;

// As many threads as serve computing and writing here: the processors, but at least 2 and at most 8.
std::size_t default_workers();

// Threads of a piece of work: some that are always at it, and others while processors are idle (spare_threads.hpp).
struct Workers {
  std::size_t always = 1, most = 1;
};

// As many threads as are wanted. Where that is left open by a 0, as many as serve reading what may have to come from a
// disk, which answers several requests in the time of one: default_workers(), and up to 6 while processors are idle.
Workers readers(std::size_t wanted);

// Takes jobs until `take` returns an empty one, and does them on up to `workers.most` threads (at least 1), one of which is
// the calling thread. `take` is never called twice at a time. `after`, when given, runs on the calling thread after each
// of the jobs that it did itself, and once more after the last job of all.
//
// When `take`, a job or `after` throws, no further job is begun, those under way are finished, and the exception of the
// earliest job is rethrown: the one that a single thread would have met. An exception of `after` comes only when no job
// failed.
void run_jobs(Workers workers, const std::function<Job()>& take, const std::function<void()>& after = {});
void run_jobs(std::size_t workers, const std::function<Job()>& take, const std::function<void()>& after = {});

}  // namespace fsimage
