// Connection points: who listens to an object, and telling them. Sinks are called through IDispatch::Invoke, as scripts
// have nothing else, by the thread that does what the event is about; what they answer is not looked at.
#pragma once

#include "com/enumerator.hpp"
#include "com/object.hpp"

#include <ocidl.h>
#include <olectl.h>

#include <array>
#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

namespace fsimage::com {

// One event interface of an object that owns it: its references are the owner's.
class ConnectionPoint final : public IConnectionPoint {
 public:
  ConnectionPoint(const IID& events, IConnectionPointContainer& owner) : events_(events), owner_(owner) {}
  virtual ~ConnectionPoint() = default;

  HRESULT STDMETHODCALLTYPE QueryInterface(REFIID iid, void** out) noexcept override;
  ULONG STDMETHODCALLTYPE AddRef() noexcept override { return owner_.AddRef(); }
  ULONG STDMETHODCALLTYPE Release() noexcept override { return owner_.Release(); }

  HRESULT STDMETHODCALLTYPE GetConnectionInterface(IID* out) noexcept override;
  HRESULT STDMETHODCALLTYPE GetConnectionPointContainer(IConnectionPointContainer** out) noexcept override;
  HRESULT STDMETHODCALLTYPE Advise(IUnknown* sink, DWORD* cookie) noexcept override;
  HRESULT STDMETHODCALLTYPE Unadvise(DWORD cookie) noexcept override;
  HRESULT STDMETHODCALLTYPE EnumConnections(IEnumConnections** out) noexcept override;

  const IID& events() const { return events_; }
  bool anybody() const;
  // The arguments in the order of the event's parameters.
  void fire(DISPID event, const std::vector<Variant>& arguments) const noexcept;

 private:
  struct Sink {
    Ptr<IDispatch> object;
    DWORD cookie;
  };
  std::vector<Sink> sinks() const;

  const IID events_;
  IConnectionPointContainer& owner_;
  mutable std::mutex mutex_;
  std::vector<Sink> sinks_;
  DWORD last_cookie_ = 0;
};

// IProvideClassInfo2 of a class, by its identifier in the type library and that of its default events.
HRESULT class_info(const CLSID& class_id, ITypeInfo** out) noexcept;
HRESULT class_guid(DWORD kind, const IID& events, GUID* out) noexcept;

template <class... Interfaces>
struct Events {};

// An object of the class Tag, of the type library, that has events, the default ones first.
template <class Tag, class EventList, class... Faces>
class SourceObject;
template <class Tag, class DefaultEvents, class... MoreEvents, class... Faces>
class SourceObject<Tag, Events<DefaultEvents, MoreEvents...>, Faces...>
    : public Object<Faces..., Iface<IConnectionPointContainer>, Iface<IProvideClassInfo2, IProvideClassInfo>> {
 public:
  SourceObject()
      : points_{ConnectionPoint(__uuidof(DefaultEvents), *this), ConnectionPoint(__uuidof(MoreEvents), *this)...} {}

  HRESULT STDMETHODCALLTYPE EnumConnectionPoints(IEnumConnectionPoints** out) noexcept override {
    return guard(__uuidof(IConnectionPointContainer), [&] {
      place(out);
      std::vector<Ptr<IConnectionPoint>> all;
      for (auto& point : points_) all.emplace_back(&point);
      give(out, make<Enumerator<IEnumConnectionPoints, Ptr<IConnectionPoint>, IConnectionPoint*>>(std::move(all)));
    });
  }
  HRESULT STDMETHODCALLTYPE FindConnectionPoint(REFIID events, IConnectionPoint** out) noexcept override {
    if (out == nullptr) return E_POINTER;
    *out = nullptr;
    for (auto& point : points_)
      if (point.events() == events) {
        *out = Ptr<IConnectionPoint>(&point).release();
        return S_OK;
      }
    return CONNECT_E_NOCONNECTION;
  }
  HRESULT STDMETHODCALLTYPE GetClassInfo(ITypeInfo** out) noexcept override { return class_info(__uuidof(Tag), out); }
  HRESULT STDMETHODCALLTYPE GetGUID(DWORD kind, GUID* out) noexcept override {
    return class_guid(kind, __uuidof(DefaultEvents), out);
  }

 protected:
  ConnectionPoint& point(std::size_t number = 0) { return points_[number]; }

 private:
  std::array<ConnectionPoint, 1 + sizeof...(MoreEvents)> points_;
};

}  // namespace fsimage::com
