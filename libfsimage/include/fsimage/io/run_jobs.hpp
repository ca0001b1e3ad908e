// Work that is cut into jobs and done by several threads which live no longer than the call.
#pragma once

#include <cstddef>
#include <functional>

namespace fsimage {

// What to do; `worker` is 0 .. workers-1 and names the thread, so that each can have a buffer of its own.
using Job = std::function<void(std::size_t worker)>;

// As many threads as serve computing and writing here: the processors, but at least 2 and at most 8.
std::size_t default_workers();

// As many threads as serve reading what may have to come from a disk, which answers several requests in the time of one:
// default_workers(), but at least 6. Where all is in memory already, the threads beyond the processors cost a few percent.
std::size_t default_readers();

// Takes jobs until `take` returns an empty one, and does them on up to `workers` threads (at least 1), one of which is
// the calling thread. `take` is never called twice at a time. `after`, when given, runs on the calling thread after each
// of the jobs that it did itself, and once more after the last job of all.
//
// When `take`, a job or `after` throws, no further job is begun, those under way are finished, and the exception of the
// earliest job is rethrown: the one that a single thread would have met. An exception of `after` comes only when no job
// failed.
void run_jobs(std::size_t workers, const std::function<Job()>& take, const std::function<void()>& after = {});

}  // namespace fsimage
