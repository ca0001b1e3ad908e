// The Error that some work ends with; a failure of the test when it ends well.
#pragma once

#include <fsimage/core/error.hpp>

#include <gtest/gtest.h>

namespace fsimage::test {

template <class Work>
Error error_of(Work work) {
  try {
    work();
  } catch (const Error& e) {
    return e;
  }
  ADD_FAILURE() << "nothing was thrown";
  return {std::error_code{}, {}, "nothing was thrown"};
}

}  // namespace fsimage::test
