#include "com/enumerator.hpp"
#include "com/events.hpp"
#include "drives.hpp"
#include "server.hpp"
#include "values.hpp"

#include <algorithm>
#include <mutex>

namespace fsimage::com::automation {
namespace {

// Recorders come and go with the environment, of which nobody is told: listeners hear of it when somebody looks.
class DiscMasterObject final
    : public SourceObject<::DiscMaster2, Events<DDiscMaster2Events>, Iface<IDiscMaster2, IDispatch>>,
      private Guarded<IDiscMaster2> {
 public:
  HRESULT STDMETHODCALLTYPE get__NewEnum(IEnumVARIANT** out) noexcept override {
    return guarded([&] {
      place(out);
      std::vector<Variant> elements;
      for (const auto& id : look()) elements.emplace_back(id);
      give(out, make<EnumVariants>(std::move(elements)));
    });
  }
  HRESULT STDMETHODCALLTYPE get_Item(LONG index, BSTR* out) noexcept override {
    return guarded([&] {
      place(out);
      const auto ids = look();
      if (index < 0 || static_cast<std::size_t>(index) >= ids.size())
        throw Failure(E_INVALIDARG, "there are " + std::to_string(ids.size()) + " recorders, counted from 0");
      *out = Bstr(ids[static_cast<std::size_t>(index)]).release();
    });
  }
  HRESULT STDMETHODCALLTYPE get_Count(LONG* out) noexcept override {
    return guarded([&] { place(out) = to_long(look().size()); });
  }
  HRESULT STDMETHODCALLTYPE get_IsSupportedEnvironment(VARIANT_BOOL* out) noexcept override {
    return guarded([&] {
      place(out) = VARIANT_FALSE;
      for (const auto& id : look()) {
        try {
          drive_of(id);
          *out = VARIANT_TRUE;
        } catch (const std::exception&) {  // a recorder that cannot be used is none
        }
      }
    });
  }

 private:
  // DDiscMaster2Events::NotifyDeviceAdded and NotifyDeviceRemoved.
  std::vector<std::string> look() {
    auto now = drive_ids();
    std::vector<std::string> before = now;
    {
      const std::lock_guard lock(mutex_);
      before.swap(known_);
    }
    tell_missing(0x101, before, now);
    tell_missing(0x100, now, before);
    return now;
  }
  void tell_missing(DISPID event, const std::vector<std::string>& from, const std::vector<std::string>& in) {
    for (const auto& id : from)
      if (std::find(in.begin(), in.end(), id) == in.end())
        point().fire(event, {Variant(Ptr<IDispatch>(this)), Variant(id)});
  }
  std::mutex mutex_;
  std::vector<std::string> known_ = drive_ids();
};

}  // namespace

Ptr<IUnknown> create_disc_master() { return make<DiscMasterObject>().query<IDiscMaster2>().query<IUnknown>(); }

}  // namespace fsimage::com::automation
