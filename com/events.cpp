#include "com/events.hpp"

#include <algorithm>
#include <iterator>

namespace fsimage::com {

HRESULT ConnectionPoint::QueryInterface(REFIID iid, void** out) noexcept {
  if (out == nullptr) return E_POINTER;
  *out = nullptr;
  if (iid != __uuidof(IUnknown) && iid != __uuidof(IConnectionPoint)) return E_NOINTERFACE;
  *out = static_cast<IConnectionPoint*>(this);
  AddRef();
  return S_OK;
}

HRESULT ConnectionPoint::GetConnectionInterface(IID* out) noexcept {
  if (out == nullptr) return E_POINTER;
  *out = events_;
  return S_OK;
}

HRESULT ConnectionPoint::GetConnectionPointContainer(IConnectionPointContainer** out) noexcept {
  if (out == nullptr) return E_POINTER;
  *out = Ptr<IConnectionPointContainer>(&owner_).release();
  return S_OK;
}

HRESULT ConnectionPoint::Advise(IUnknown* sink, DWORD* cookie) noexcept {
  if (sink == nullptr || cookie == nullptr) return E_POINTER;
  *cookie = 0;
  // A sink answers to the event interface, and is called through its Automation; some know themselves by that alone.
  Ptr<IDispatch> object;
  if (FAILED(sink->QueryInterface(events_, object.out_void())) &&
      FAILED(sink->QueryInterface(__uuidof(IDispatch), object.out_void())))
    return CONNECT_E_CANNOTCONNECT;
  return guard(__uuidof(IConnectionPoint), [&] {
    const std::lock_guard lock(mutex_);
    sinks_.push_back({std::move(object), last_cookie_ + 1});
    *cookie = ++last_cookie_;
  });
}

HRESULT ConnectionPoint::Unadvise(DWORD cookie) noexcept {
  Ptr<IDispatch> gone;  // released without the lock: it may call us
  const std::lock_guard lock(mutex_);
  const auto at = std::find_if(sinks_.begin(), sinks_.end(), [&](const Sink& sink) { return sink.cookie == cookie; });
  if (at == sinks_.end()) return CONNECT_E_NOCONNECTION;
  gone = std::move(at->object);
  sinks_.erase(at);
  return S_OK;
}

HRESULT ConnectionPoint::EnumConnections(IEnumConnections** out) noexcept {
  return guard(__uuidof(IConnectionPoint), [&] {
    place(out);
    std::vector<Connection> all;
    for (const Sink& sink : sinks()) all.push_back({Ptr<IUnknown>(sink.object.get()), sink.cookie});
    give(out, make<Enumerator<IEnumConnections, Connection, CONNECTDATA>>(std::move(all)));
  });
}

bool ConnectionPoint::anybody() const {
  const std::lock_guard lock(mutex_);
  return !sinks_.empty();
}

std::vector<ConnectionPoint::Sink> ConnectionPoint::sinks() const {
  const std::lock_guard lock(mutex_);
  return sinks_;
}

void ConnectionPoint::fire(DISPID event, const std::vector<Variant>& arguments) const noexcept {
  try {
    std::vector<VARIANT> last_first;  // lent, not given
    std::transform(arguments.rbegin(), arguments.rend(), std::back_inserter(last_first),
                   [](const Variant& argument) { return argument.get(); });
    DISPPARAMS parameters{last_first.data(), nullptr, static_cast<UINT>(last_first.size()), 0};
    for (const Sink& sink : sinks())
      sink.object->Invoke(event, IID_NULL, LOCALE_NEUTRAL, DISPATCH_METHOD, &parameters, nullptr, nullptr, nullptr);
  } catch (...) {  // no memory: nobody is told this time
  }
}

HRESULT class_info(const CLSID& class_id, ITypeInfo** out) noexcept { return type_info_for_client(class_id, 0, out); }

HRESULT class_guid(DWORD kind, const IID& events, GUID* out) noexcept {
  if (out == nullptr) return E_POINTER;
  *out = GUID{};
  if (kind != GUIDKIND_DEFAULT_SOURCE_DISP_IID) return E_INVALIDARG;
  *out = events;
  return S_OK;
}

}  // namespace fsimage::com
