#include "boot_object.hpp"

#include "com/image_streams.hpp"
#include "com/object.hpp"
#include "com/text.hpp"

#include <fsimage/core/error.hpp>

#include <utility>

namespace fsimage::com::automation {
namespace {

class BootObject final : public Object<Iface<IBootOptions, IDispatch>>, private Locked<IBootOptions> {
 public:
  BootObject() = default;
  explicit BootObject(fsimage::BootOptions options) : options_(std::move(options)) {}

  HRESULT STDMETHODCALLTYPE get_BootImage(IStream** out) noexcept override {
    return locked([&] {
      place(out);
      if (options_.boot_image) *out = stream_of(options_.boot_image).release();
    });
  }
  HRESULT STDMETHODCALLTYPE get_Manufacturer(BSTR* out) noexcept override {
    return locked([&] { place(out), *out = Bstr(options_.manufacturer).release(); });
  }
  HRESULT STDMETHODCALLTYPE put_Manufacturer(BSTR text) noexcept override {
    return locked([&] {
      auto manufacturer = utf8_of(text);
      if (manufacturer.size() > fsimage::BootOptions::kManufacturerBytes)
        throw Error(Errc::invalid_argument, {}, "a manufacturer has at most 24 bytes");
      options_.manufacturer = std::move(manufacturer);
    });
  }
  HRESULT STDMETHODCALLTYPE get_PlatformId(::PlatformId* out) noexcept override {
    return locked([&] { place(out) = static_cast<::PlatformId>(options_.platform_id); });
  }
  HRESULT STDMETHODCALLTYPE put_PlatformId(::PlatformId id) noexcept override {
    return locked([&] {
      if (static_cast<unsigned>(id) > 0xFF) throw Error(Errc::invalid_argument, {}, "a platform is a byte");
      options_.platform_id = static_cast<eltorito::Platform>(id);
    });
  }
  HRESULT STDMETHODCALLTYPE get_Emulation(EmulationType* out) noexcept override {
    return locked([&] { place(out) = static_cast<EmulationType>(options_.emulation); });
  }
  HRESULT STDMETHODCALLTYPE put_Emulation(EmulationType type) noexcept override {
    return locked([&] {
      if (static_cast<unsigned>(type) > EmulationHardDisk) throw Error(Errc::invalid_argument, {}, "no such emulation");
      auto changed = options_;
      changed.emulation = static_cast<eltorito::BootMedia>(type);
      if (changed.boot_image) changed.check(Tree());
      options_ = std::move(changed);
    });
  }
  HRESULT STDMETHODCALLTYPE get_ImageSize(ULONG* out) noexcept override {
    return locked([&] {
      place(out);
      if (options_.boot_image) *out = checked<std::uint32_t>(options_.boot_image->size(), "size of a boot image");
    });
  }
  HRESULT STDMETHODCALLTYPE AssignBootImage(IStream* image) noexcept override {
    return locked([&] { options_.assign_boot_image(source_of(needed(image))); });
  }

 private:
  fsimage::BootOptions options_;
};

}  // namespace

Ptr<IUnknown> create_boot_options() { return make<BootObject>().query<IUnknown>(); }

fsimage::BootOptions boot_options_of(IBootOptions& object) {
  fsimage::BootOptions options;
  Ptr<IStream> image;
  check(object.get_BootImage(image.out()), "BootImage");
  if (image) options.assign_boot_image(source_of(*image));
  Bstr manufacturer;
  check(object.get_Manufacturer(manufacturer.out()), "Manufacturer");
  options.manufacturer = manufacturer.utf8();
  ::PlatformId platform = PlatformX86;
  check(object.get_PlatformId(&platform), "PlatformId");
  options.platform_id = static_cast<eltorito::Platform>(platform);
  EmulationType emulation = EmulationNone;
  check(object.get_Emulation(&emulation), "Emulation");
  options.emulation = static_cast<eltorito::BootMedia>(emulation);
  return options;
}

Ptr<IBootOptions> copy_of(IBootOptions& object) {
  return make<BootObject>(boot_options_of(object)).query<IBootOptions>();
}

}  // namespace fsimage::com::automation
