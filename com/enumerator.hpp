// COM's enumerators over a snapshot. One class for all of them: what an element is for the client is told by the
// overloads of hand_out().
#pragma once

#include "com/object.hpp"
#include "com/variant.hpp"

#include <ocidl.h>

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace fsimage::com {

// Each gives the client a copy, or reference, of its own.
inline void hand_out(const Variant& element, VARIANT* to) { *to = Variant(element).release(); }
template <class Interface>
void hand_out(const Ptr<Interface>& element, Interface** to) {
  *to = Ptr<Interface>(element).release();
}
struct Connection {
  Ptr<IUnknown> sink;
  DWORD cookie = 0;
};
inline void hand_out(const Connection& element, CONNECTDATA* to) {
  *to = {Ptr<IUnknown>(element.sink).release(), element.cookie};
}

// Interface: IEnumVARIANT and the like, for the client's elements of type Out.
template <class Interface, class Element, class Out>
class Enumerator final : public Object<Iface<Interface>> {
 public:
  explicit Enumerator(std::vector<Element> elements)
      : elements_(std::make_shared<const std::vector<Element>>(std::move(elements))) {}

  HRESULT STDMETHODCALLTYPE Next(ULONG count, Out* out, ULONG* fetched) noexcept override {
    return guard(__uuidof(Interface), [&] {
      if (fetched != nullptr) *fetched = 0;
      if (out == nullptr || (fetched == nullptr && count != 1)) throw Failure(E_POINTER, "null pointer");
      ULONG done = 0;
      for (; done < count && at_ < elements_->size(); ++done, ++at_) hand_out((*elements_)[at_], &out[done]);
      if (fetched != nullptr) *fetched = done;
      return done == count ? S_OK : S_FALSE;
    });
  }
  HRESULT STDMETHODCALLTYPE Skip(ULONG count) noexcept override {
    const auto left = elements_->size() - at_;
    at_ += count < left ? count : left;
    return count <= left ? S_OK : S_FALSE;
  }
  HRESULT STDMETHODCALLTYPE Reset() noexcept override {
    at_ = 0;
    return S_OK;
  }
  HRESULT STDMETHODCALLTYPE Clone(Interface** out) noexcept override {
    return guard(__uuidof(Interface), [&] {
      place(out);
      auto copy = make<Enumerator>(std::vector<Element>{});
      copy->elements_ = elements_;
      copy->at_ = at_;
      give(out, std::move(copy));
    });
  }

 private:
  std::shared_ptr<const std::vector<Element>> elements_;
  std::size_t at_ = 0;
};

using EnumVariants = Enumerator<IEnumVARIANT, Variant, VARIANT>;

}  // namespace fsimage::com
