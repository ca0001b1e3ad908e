// The one barrier between C++ and COM's clients: nothing thrown gets past a method, it becomes an HRESULT by the table
// of image/hresult.hpp, and its text what IErrorInfo tells. With FSIMAGE_COM_LOG in the environment, each is also a
// line of the file that it names: script hosts there are that swallow errors.
#pragma once

#include <oaidl.h>
#include <unknwn.h>

#include <exception>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace fsimage::com {

// For an HRESULT that no code of ours stands for.
class Failure : public std::runtime_error {
 public:
  Failure(HRESULT number, const std::string& text) : std::runtime_error(text), number_(number) {}
  HRESULT number() const { return number_; }

 private:
  HRESULT number_;
};

// What was to be done, and the text that the COM object that failed to left in IErrorInfo.
std::string failure_text(std::string_view what);
// Throws Failure for what a COM object answered, with that text.
void check(HRESULT answer, const char* what);

// Tells IErrorInfo of the error, as one of that interface, and returns its number.
HRESULT report(const std::exception_ptr& error, const IID& of) noexcept;

// Runs the body of a method of that interface. It returns nothing, for S_OK, or an HRESULT that is no failure.
template <class Body>
HRESULT guard(const IID& of, Body&& body) noexcept {
  try {
    if constexpr (std::is_void_v<decltype(body())>) {
      std::forward<Body>(body)();
      return S_OK;
    } else {
      return std::forward<Body>(body)();
    }
  } catch (...) {
    return report(std::current_exception(), of);
  }
}

// Where a result goes: throws E_POINTER when there is no such place. It is emptied, so that a failure leaves nothing
// there. `place(out) = x` makes x first: what somebody has to free is made behind the comma, `place(out), *out = x`.
template <class T>
T& place(T* out) {
  if (out == nullptr) throw Failure(E_POINTER, "null pointer instead of a place for the result");
  *out = T{};
  return *out;
}
// An object that is needed: throws E_POINTER for none.
template <class T>
T& needed(T* object) {
  if (object == nullptr) throw Failure(E_POINTER, "null pointer instead of an object");
  return *object;
}

// What classes have as a base for the members of one interface: the barrier, and properties behind it.
template <class Interface>
class Guarded {
 protected:
  template <class Body>
  static HRESULT guarded(Body&& body) noexcept {
    return guard(__uuidof(Interface), std::forward<Body>(body));
  }
  template <class T, class Get>
  static HRESULT value(T* out, Get&& get) noexcept {
    return guarded([&] {
      place(out);
      *out = get();
    });
  }
  template <class Get>
  static HRESULT boolean(VARIANT_BOOL* out, Get&& get) noexcept {
    return value(out, [&] { return get() ? VARIANT_TRUE : VARIANT_FALSE; });
  }
};

// The same for an object whose calls take turns.
template <class Interface>
class Locked : protected Guarded<Interface> {
 protected:
  template <class Body>
  HRESULT locked(Body&& body) noexcept {
    return this->guarded([&] {
      const std::lock_guard lock(mutex_);
      return body();
    });
  }

 private:
  std::mutex mutex_;
};

}  // namespace fsimage::com
