#include "com/enumerator.hpp"
#include "com/events.hpp"
#include "drives.hpp"
#include "server.hpp"
#include "values.hpp"

namespace fsimage::com::automation {
namespace {

// Recorders come and go with the environment only, so that there is nothing to tell listeners.
class DiscMasterObject final
    : public SourceObject<::DiscMaster2, Events<DDiscMaster2Events>, Iface<IDiscMaster2, IDispatch>> {
 public:
  HRESULT STDMETHODCALLTYPE get__NewEnum(IEnumVARIANT** out) noexcept override {
    return guarded([&] {
      place(out);
      std::vector<Variant> elements;
      for (const auto& id : drive_ids()) elements.emplace_back(id);
      give(out, make<EnumVariants>(std::move(elements)));
    });
  }
  HRESULT STDMETHODCALLTYPE get_Item(LONG index, BSTR* out) noexcept override {
    return guarded([&] {
      place(out);
      const auto ids = drive_ids();
      if (index < 0 || static_cast<std::size_t>(index) >= ids.size())
        throw Failure(E_INVALIDARG, "there are " + std::to_string(ids.size()) + " recorders, counted from 0");
      *out = Bstr(ids[static_cast<std::size_t>(index)]).release();
    });
  }
  HRESULT STDMETHODCALLTYPE get_Count(LONG* out) noexcept override {
    return guarded([&] { place(out) = to_long(drive_ids().size()); });
  }
  HRESULT STDMETHODCALLTYPE get_IsSupportedEnvironment(VARIANT_BOOL* out) noexcept override {
    return guarded([&] {
      place(out) = VARIANT_FALSE;
      for (const auto& id : drive_ids()) {
        try {
          drive_of(id);
          *out = VARIANT_TRUE;
        } catch (const std::exception&) {  // a recorder that cannot be used is none
        }
      }
    });
  }

 private:
  template <class Body>
  static HRESULT guarded(Body&& body) noexcept {
    return guard(__uuidof(IDiscMaster2), std::forward<Body>(body));
  }
};

}  // namespace

Ptr<IUnknown> create_disc_master() { return make<DiscMasterObject>().query<IDiscMaster2>().query<IUnknown>(); }

}  // namespace fsimage::com::automation
