// For what a test could not undo: rights given up, limits lowered, another current folder.
#pragma once

#ifndef _WIN32  // where tests do without
#include <gtest/gtest.h>

#include <grp.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>

namespace fsimage::test {

// Runs `body` in a child process; true when none of its expectations failed and nothing was thrown. No threads in there.
inline bool passes_in_child(const std::function<void()>& body) {
  const auto failures = [] {
    return ::testing::UnitTest::GetInstance()->current_test_info()->result()->total_part_count();
  };
  const auto before = failures();
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      body();
    } catch (const std::exception& e) {
      ADD_FAILURE() << "thrown: " << e.what();
    }
    std::fflush(nullptr);
    ::_exit(failures() > before ? 1 : 0);
  }
  int status = -1;
  return child > 0 && ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// Inside a child process: root may read everything, so it becomes somebody who may not.
inline void give_up_root() {
  if (::geteuid() != 0) return;
  constexpr gid_t kNobody = 65534;
  ASSERT_EQ(::setgroups(0, nullptr), 0);
  ASSERT_EQ(::setgid(kNobody), 0);
  ASSERT_EQ(::setuid(kNobody), 0);
}

// Inside a child process.
inline void limit_handles(rlim_t most) {
  const struct rlimit limit { most, most };
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
}

}  // namespace fsimage::test

#endif
