// Listening to IMAPI2's events.
#pragma once

#include "com/object.hpp"

#include <imapi2.h>

#include <ocidl.h>

#include <functional>

namespace fsimage::imapi2 {

// What is called by whichever thread tells, and must not throw.
using DataUpdate = std::function<void(IDiscFormat2DataEventArgs&)>;
using EraseUpdate = std::function<void(LONG elapsed, LONG total)>;  // seconds
using DrivesChanged = std::function<void()>;                        // one came, or is gone
com::Ptr<IUnknown> data_sink(DataUpdate update);
com::Ptr<IUnknown> erase_sink(EraseUpdate update);
com::Ptr<IUnknown> drives_sink(DrivesChanged changed);

// Connected as long as it lives.
class Connection {
 public:
  Connection(IUnknown& source, const IID& events, IUnknown& sink);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

 private:
  com::Ptr<IConnectionPoint> point_;
  DWORD cookie_ = 0;
};

}  // namespace fsimage::imapi2
