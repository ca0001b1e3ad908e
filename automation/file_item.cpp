#include "com/enumerator.hpp"
#include "com/image_streams.hpp"
#include "items.hpp"
#include "values.hpp"

#include <fsimage/core/error.hpp>

namespace fsimage::com::automation {
namespace {

// The item that a named stream is shown as: it has a name and a content, and nothing else.
class StreamItem final : public Item<IFsiFileItem2, IFsiFileItem> {
 public:
  StreamItem(const ItemState& file, StreamId stream)
      : Item(ItemState(file.shared_model(), std::string(file.tree().stream_name(stream)), FileType::regular)),
        file_(file) {}

  HRESULT STDMETHODCALLTYPE get_DataSize(LONGLONG* out) noexcept override {
    return read([&] { place(out) = static_cast<LONGLONG>(file_.tree().stream_size(stream())); });
  }
  HRESULT STDMETHODCALLTYPE get_DataSize32BitLow(LONG* out) noexcept override {
    return read([&] { place(out) = static_cast<LONG>(file_.tree().stream_size(stream())); });
  }
  HRESULT STDMETHODCALLTYPE get_DataSize32BitHigh(LONG* out) noexcept override {
    return read([&] { place(out) = static_cast<LONG>(file_.tree().stream_size(stream()) >> 32); });
  }
  HRESULT STDMETHODCALLTYPE get_Data(IStream** out) noexcept override {
    return read([&] {
      place(out);
      // A copy: the tree's contents do not outlive the tree, which the image may put another in the place of.
      const auto& contents = file_.tree().contents();
      const auto content = file_.tree().stream_content(stream());
      std::vector<std::byte> bytes(static_cast<std::size_t>(contents.size(content)));
      if (!bytes.empty()) contents.read_at(content, 0, bytes);
      *out = stream_of(std::make_shared<MemorySource>(std::move(bytes))).release();
    });
  }
  HRESULT STDMETHODCALLTYPE put_Data(IStream*) noexcept override { return no_property("Data"); }
  HRESULT STDMETHODCALLTYPE get_FsiNamedStreams(IFsiNamedStreams** out) noexcept override {
    if (out != nullptr) *out = nullptr;
    return no_property("FsiNamedStreams");
  }
  HRESULT STDMETHODCALLTYPE get_IsNamedStream(VARIANT_BOOL* out) noexcept override {
    return read([&] { place(out) = VARIANT_TRUE; });
  }
  HRESULT STDMETHODCALLTYPE AddStream(BSTR, IStream*) noexcept override { return no_property("AddStream"); }
  HRESULT STDMETHODCALLTYPE RemoveStream(BSTR) noexcept override { return no_property("RemoveStream"); }
  HRESULT STDMETHODCALLTYPE get_IsRealTime(VARIANT_BOOL* out) noexcept override {
    if (out != nullptr) *out = VARIANT_FALSE;
    return no_property("IsRealTime");
  }
  HRESULT STDMETHODCALLTYPE put_IsRealTime(VARIANT_BOOL) noexcept override { return no_property("IsRealTime"); }

 private:
  HRESULT no_property(const char* name) noexcept {
    return read([&] { throw Failure(kPropertyNotAccessible, std::string("a named stream has no ") + name); });
  }
  StreamId stream() const {
    const auto found = file_.tree().find_stream(file_.node(), state_.name());
    if (!found) throw Error(Errc::not_found, {.path = state_.name()}, "the stream is no longer in the image");
    return found;
  }

  ItemState file_;
};

class NamedStreams final : public Object<Iface<IFsiNamedStreams, IDispatch>> {
 public:
  explicit NamedStreams(std::vector<Ptr<IFsiFileItem2>> streams) : streams_(std::move(streams)) {}

  HRESULT STDMETHODCALLTYPE get__NewEnum(IEnumVARIANT** out) noexcept override {
    return guard(__uuidof(IFsiNamedStreams), [&] {
      place(out);
      std::vector<Variant> elements;
      for (const auto& stream : streams_) elements.emplace_back(stream.query<IDispatch>());
      give(out, make<EnumVariants>(std::move(elements)));
    });
  }
  HRESULT STDMETHODCALLTYPE get_Item(LONG index, IFsiFileItem2** out) noexcept override {
    return guard(__uuidof(IFsiNamedStreams), [&] {
      place(out);
      if (index < 0 || static_cast<std::size_t>(index) >= streams_.size())
        throw Failure(kInvalidParameter, "no stream of that number");
      hand_out(streams_[static_cast<std::size_t>(index)], out);
    });
  }
  HRESULT STDMETHODCALLTYPE get_Count(LONG* out) noexcept override {
    return guard(__uuidof(IFsiNamedStreams), [&] { place(out) = to_long(streams_.size()); });
  }
  HRESULT STDMETHODCALLTYPE get_EnumNamedStreams(IEnumFsiItems** out) noexcept override {
    return guard(__uuidof(IFsiNamedStreams), [&] {
      place(out);
      std::vector<Ptr<IFsiItem>> elements;
      for (const auto& stream : streams_) elements.push_back(stream.query<IFsiItem>());
      give(out, make<Enumerator<IEnumFsiItems, Ptr<IFsiItem>, IFsiItem*>>(std::move(elements)));
    });
  }

 private:
  std::vector<Ptr<IFsiFileItem2>> streams_;
};

class FileItem final : public Item<IFsiFileItem2, IFsiFileItem> {
 public:
  using Item::Item;

  HRESULT STDMETHODCALLTYPE get_DataSize(LONGLONG* out) noexcept override {
    return read([&] { place(out) = static_cast<LONGLONG>(size()); });
  }
  HRESULT STDMETHODCALLTYPE get_DataSize32BitLow(LONG* out) noexcept override {
    return read([&] { place(out) = static_cast<LONG>(size()); });
  }
  HRESULT STDMETHODCALLTYPE get_DataSize32BitHigh(LONG* out) noexcept override {
    return read([&] { place(out) = static_cast<LONG>(size() >> 32); });
  }
  HRESULT STDMETHODCALLTYPE get_Data(IStream** out) noexcept override {
    return read([&] {
      place(out);
      const auto content = state_.in_image() ? model().image.data(state_.path()) : state_.data;
      if (content) *out = stream_of(content).release();
    });
  }
  HRESULT STDMETHODCALLTYPE put_Data(IStream* data) noexcept override {
    return write([&] {
      if (state_.in_image()) throw Failure(kReadOnly, "what is in the image keeps its content");
      state_.data = source_of(needed(data));
    });
  }
  HRESULT STDMETHODCALLTYPE get_FsiNamedStreams(IFsiNamedStreams** out) noexcept override {
    return read([&] {
      place(out);
      std::vector<Ptr<IFsiFileItem2>> streams;
      const Tree& tree = state_.tree();
      for (auto s = tree.inode(state_.node()).first_stream; s; s = tree.next_stream(s))
        streams.push_back(make<StreamItem>(state_, s).template query<IFsiFileItem2>());
      give(out, make<NamedStreams>(std::move(streams)));
    });
  }
  HRESULT STDMETHODCALLTYPE get_IsNamedStream(VARIANT_BOOL* out) noexcept override {
    return read([&] { place(out) = VARIANT_FALSE; });
  }
  HRESULT STDMETHODCALLTYPE AddStream(BSTR name, IStream* data) noexcept override {
    return write([&] {
      if (model().image.continuation() != nullptr) throw Failure(kReadOnly, "the image goes on with a disc");
      const auto node = state_.node();
      model().image.tree().add_stream(node, utf8_of(name), source_of(needed(data)));
      return udf_from(0x0200) ? S_OK : kFeatureNotSupported;
    });
  }
  HRESULT STDMETHODCALLTYPE RemoveStream(BSTR name) noexcept override {
    return write([&] { model().image.tree().remove_stream(state_.node(), utf8_of(name)); });
  }
  HRESULT STDMETHODCALLTYPE get_IsRealTime(VARIANT_BOOL* out) noexcept override {
    return read([&] { place(out) = truth(state_.in_image() && state_.tree().inode(state_.node()).real_time); });
  }
  HRESULT STDMETHODCALLTYPE put_IsRealTime(VARIANT_BOOL value) noexcept override {
    return write([&] {
      const auto node = state_.node();
      model().image.tree().set_real_time(node, is_true(value));
      return !is_true(value) || udf_from(0x0201) ? S_OK : kFeatureNotSupported;
    });
  }

 private:
  std::uint64_t size() const {
    if (state_.in_image()) return state_.tree().inode(state_.node()).size;
    return state_.data ? state_.data->size() : 0;
  }
  bool udf_from(std::uint16_t revision) {
    return model().image.profile().file_systems.udf && model().image.profile().udf_revision >= revision;
  }
};

}  // namespace

Ptr<IFsiFileItem2> make_file_item(ItemState state) { return make<FileItem>(std::move(state)).query<IFsiFileItem2>(); }

}  // namespace fsimage::com::automation
