#include "sinks.hpp"

#include "answers.hpp"

#include <utility>
#include <vector>

namespace fsimage::imapi2 {
namespace {

constexpr DISPID kUpdate = 0x200;  // of both writers' interfaces
constexpr DISPID kAdded = 0x100, kRemoved = 0x101;

// Sources call Invoke, as scripts have nothing else, or the method itself.
template <class Events>
class Sink : public com::Object<com::Iface<Events, IDispatch>> {
 public:
  HRESULT STDMETHODCALLTYPE Invoke(DISPID event, REFIID, LCID, WORD, DISPPARAMS* parameters, VARIANT*, EXCEPINFO*,
                                   UINT*) noexcept override {
    return com::guard(__uuidof(Events), [&] {
      std::vector<com::Variant> arguments;  // the first one first
      for (UINT i = com::needed(parameters).cArgs; i > 0; --i) arguments.emplace_back(parameters->rgvarg[i - 1]);
      return told(event, arguments);
    });
  }

 private:
  virtual HRESULT told(DISPID event, const std::vector<com::Variant>& arguments) = 0;
};

class DataSink final : public Sink<DDiscFormat2DataEvents> {
 public:
  explicit DataSink(DataUpdate update) : update_(std::move(update)) {}
  HRESULT STDMETHODCALLTYPE Update(IDispatch*, IDispatch* progress) noexcept override {
    const auto state = com::Ptr<IDispatch>(progress).query<IDiscFormat2DataEventArgs>();
    if (!state) return E_INVALIDARG;
    update_(*state);
    return S_OK;
  }

 private:
  HRESULT told(DISPID event, const std::vector<com::Variant>& arguments) override {
    if (event != kUpdate) return DISP_E_MEMBERNOTFOUND;
    if (arguments.size() != 2) return DISP_E_BADPARAMCOUNT;
    return Update(nullptr, arguments[1].object().query<IDispatch>().get());
  }
  DataUpdate update_;
};

class EraseSink final : public Sink<DDiscFormat2EraseEvents> {
 public:
  explicit EraseSink(EraseUpdate update) : update_(std::move(update)) {}
  HRESULT STDMETHODCALLTYPE Update(IDispatch*, LONG elapsed, LONG total) noexcept override {
    update_(elapsed, total);
    return S_OK;
  }

 private:
  HRESULT told(DISPID event, const std::vector<com::Variant>& arguments) override {
    if (event != kUpdate) return DISP_E_MEMBERNOTFOUND;
    if (arguments.size() != 3) return DISP_E_BADPARAMCOUNT;
    if (arguments[1].type() != VT_I4 || arguments[2].type() != VT_I4) return DISP_E_TYPEMISMATCH;
    return Update(nullptr, arguments[1].get().lVal, arguments[2].get().lVal);
  }
  EraseUpdate update_;
};

// Which drive it is stands in the list of drives, which whoever listens looks at anyway.
class DrivesSink final : public Sink<DDiscMaster2Events> {
 public:
  explicit DrivesSink(DrivesChanged changed) : changed_(std::move(changed)) {}
  HRESULT STDMETHODCALLTYPE NotifyDeviceAdded(IDispatch*, BSTR) noexcept override { return changed(); }
  HRESULT STDMETHODCALLTYPE NotifyDeviceRemoved(IDispatch*, BSTR) noexcept override { return changed(); }

 private:
  HRESULT told(DISPID event, const std::vector<com::Variant>&) override {
    return event == kAdded || event == kRemoved ? changed() : DISP_E_MEMBERNOTFOUND;
  }
  HRESULT changed() noexcept {
    changed_();
    return S_OK;
  }
  DrivesChanged changed_;
};

}  // namespace

com::Ptr<IUnknown> data_sink(DataUpdate update) { return com::make<DataSink>(std::move(update)).query<IUnknown>(); }
com::Ptr<IUnknown> erase_sink(EraseUpdate update) { return com::make<EraseSink>(std::move(update)).query<IUnknown>(); }
com::Ptr<IUnknown> drives_sink(DrivesChanged changed) {
  return com::make<DrivesSink>(std::move(changed)).query<IUnknown>();
}

Connection::Connection(IUnknown& source, const IID& events, IUnknown& sink) {
  const auto container = com::Ptr<IUnknown>(&source).query<IConnectionPointContainer>();
  if (!container) throw Error(Errc::unsupported, {}, "this IMAPI2 tells of no events");
  must(container->FindConnectionPoint(events, point_.out()), "this IMAPI2 has no such events");
  must(point_->Advise(&sink, &cookie_), "this IMAPI2 takes no listener");
}

Connection::~Connection() { point_->Unadvise(cookie_); }

}  // namespace fsimage::imapi2
