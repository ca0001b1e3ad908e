// A counted reference to somebody's COM object. Any thread that COM lets call the object.
#pragma once

#include <unknwn.h>

#include <cstddef>
#include <utility>

namespace fsimage::com {

// Interfaces of our own, which nobody else has, say their identifier themselves.
template <class Interface>
const IID& iid_of() {
  if constexpr (requires { Interface::kId; })
    return Interface::kId;
  else
    return __uuidof(Interface);
}

template <class Interface>
class Ptr {
 public:
  Ptr() = default;
  Ptr(std::nullptr_t) {}                   // NOLINT(google-explicit-constructor)
  explicit Ptr(Interface* to) : to_(to) {  // one more reference
    if (to_ != nullptr) to_->AddRef();
  }
  Ptr(const Ptr& other) : Ptr(other.to_) {}
  Ptr(Ptr&& other) noexcept : to_(std::exchange(other.to_, nullptr)) {}
  Ptr& operator=(Ptr other) noexcept {
    std::swap(to_, other.to_);
    return *this;
  }
  ~Ptr() { reset(); }

  // Takes over a reference that the caller has.
  static Ptr adopt(Interface* to) {
    Ptr result;
    result.to_ = to;
    return result;
  }
  void reset() {
    if (Interface* const old = std::exchange(to_, nullptr); old != nullptr) old->Release();
  }

  Interface* get() const { return to_; }
  Interface* operator->() const { return to_; }
  Interface& operator*() const { return *to_; }
  explicit operator bool() const { return to_ != nullptr; }

  // For a function that gives out a reference.
  Interface** out() {
    reset();
    return &to_;
  }
  void** out_void() { return reinterpret_cast<void**>(out()); }
  // The reference for a client, who releases it.
  Interface* release() { return std::exchange(to_, nullptr); }

  // Another interface of the object; null when it has none.
  template <class Other>
  Ptr<Other> query() const {
    Ptr<Other> result;
    if (to_ == nullptr || FAILED(to_->QueryInterface(iid_of<Other>(), result.out_void()))) return {};
    return result;
  }

 private:
  Interface* to_ = nullptr;
};

// Whether both are the same object: COM compares what they give for IUnknown.
template <class A, class B>
bool same_object(A* a, B* b) {
  return Ptr<A>(a).template query<IUnknown>().get() == Ptr<B>(b).template query<IUnknown>().get();
}

}  // namespace fsimage::com
