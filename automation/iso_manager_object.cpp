#include "com/image_streams.hpp"
#include "com/object.hpp"
#include "com/text.hpp"
#include "server.hpp"
#include "values.hpp"

#include <fsimage/import/iso_image_manager.hpp>

#include <imapi2fs.h>

namespace fsimage::com::automation {
namespace {

class IsoManagerObject final : public Object<Iface<IIsoImageManager, IDispatch>>, private Locked<IIsoImageManager> {
 public:
  HRESULT STDMETHODCALLTYPE get_Path(BSTR* out) noexcept override {
    return locked([&] { place(out), *out = Bstr(path_).release(); });
  }
  HRESULT STDMETHODCALLTYPE get_Stream(IStream** out) noexcept override {
    return locked([&] {
      place(out);
      if (given_)
        *out = Ptr<IStream>(given_).release();
      else if (manager_.stream())
        *out = stream_of(manager_.stream()).release();
    });
  }
  HRESULT STDMETHODCALLTYPE SetPath(BSTR path) noexcept override {
    return locked([&] {
      manager_.set_path(to_path(utf8_of(path)));
      path_ = std::wstring(path, SysStringLen(path));
      given_.reset();
    });
  }
  HRESULT STDMETHODCALLTYPE SetStream(IStream* stream) noexcept override {
    return locked([&] {
      manager_.set_stream(source_of(needed(stream)));
      path_.clear();
      given_ = Ptr<IStream>(stream);
    });
  }
  HRESULT STDMETHODCALLTYPE Validate() noexcept override {
    return locked([&] { manager_.validate(); });
  }

 private:
  IsoImageManager manager_;
  std::wstring path_;
  Ptr<IStream> given_;
};

}  // namespace

Ptr<IUnknown> create_iso_image_manager() { return make<IsoManagerObject>().query<IUnknown>(); }

}  // namespace fsimage::com::automation
