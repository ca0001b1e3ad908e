#include "com/image_streams.hpp"

#include "com/behind.hpp"
#include "com/source_stream.hpp"
#include "com/variant.hpp"

#include <fsimage/image/com_source.hpp>
#include <fsimage/image/com_stream.hpp>
#include <fsimage/image/image_source.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace fsimage::com {
namespace {

class RangeItem final : public Object<Iface<IBlockRange, IDispatch>> {
 public:
  explicit RangeItem(BlockRange range) : range_(range) {}
  HRESULT STDMETHODCALLTYPE get_StartLba(LONG* out) noexcept override {
    return guard(__uuidof(IBlockRange), [&] { place(out) = to_long(range_.first.value); });
  }
  HRESULT STDMETHODCALLTYPE get_EndLba(LONG* out) noexcept override {
    return guard(__uuidof(IBlockRange),
                 [&] { place(out) = to_long(std::uint64_t{range_.first.value} + range_.blocks.value - 1); });
  }

 private:
  BlockRange range_;
};

SAFEARRAY* array_of_ranges(const std::vector<BlockRange>& ranges) {
  std::vector<Variant> elements;
  for (const auto& range : ranges) elements.emplace_back(make<RangeItem>(range).query<IDispatch>());
  return array_of(elements);
}

class RangeList final : public Object<Iface<IBlockRangeList, IDispatch>> {
 public:
  explicit RangeList(std::vector<BlockRange> ranges) : ranges_(std::move(ranges)) {}
  HRESULT STDMETHODCALLTYPE get_BlockRanges(SAFEARRAY** out) noexcept override {
    return guard(__uuidof(IBlockRangeList), [&] { place(out), *out = array_of_ranges(ranges_); });
  }

 private:
  std::vector<BlockRange> ranges_;
};

constexpr CLSID kFreeThreadedMarshaler{0x0000033A, 0, 0, {0xC0, 0, 0, 0, 0, 0, 0, 0x46}};
const char kThisModule = 0;  // its place stands for the module

// The library's stream as an object of this module, which keeps it loaded.
template <class... More>
class StreamObject : public Object<Iface<IStream, ISequentialStream>, Iface<IBehind>, More...> {
 public:
  explicit StreamObject(Owned<ComStream> stream)
      : stream_(std::move(stream)), source_(std::make_shared<ImageSource>(stream_->image())) {}

  const void* module() const noexcept override { return mark_of_module(); }
  std::shared_ptr<const ByteSource> source_behind() noexcept override { return source_; }
  std::exception_ptr error_behind() noexcept override { return stream_->last_error(); }
  bool is_image() const noexcept override { return true; }

  HRESULT STDMETHODCALLTYPE Read(void* to, ULONG count, ULONG* read) noexcept override {
    return told(stream_->Read(to, count, read));
  }
  HRESULT STDMETHODCALLTYPE Write(const void* from, ULONG count, ULONG* written) noexcept override {
    return stream_->Write(from, count, written);
  }
  HRESULT STDMETHODCALLTYPE Seek(LARGE_INTEGER move, DWORD origin, ULARGE_INTEGER* position) noexcept override {
    return stream_->Seek(move, origin, position);
  }
  HRESULT STDMETHODCALLTYPE SetSize(ULARGE_INTEGER size) noexcept override { return stream_->SetSize(size); }
  HRESULT STDMETHODCALLTYPE CopyTo(IStream* to, ULARGE_INTEGER count, ULARGE_INTEGER* read,
                                   ULARGE_INTEGER* written) noexcept override {
    return told(stream_->CopyTo(to, count, read, written));
  }
  HRESULT STDMETHODCALLTYPE Commit(DWORD flags) noexcept override { return stream_->Commit(flags); }
  HRESULT STDMETHODCALLTYPE Revert() noexcept override { return stream_->Revert(); }
  HRESULT STDMETHODCALLTYPE LockRegion(ULARGE_INTEGER at, ULARGE_INTEGER count, DWORD type) noexcept override {
    return stream_->LockRegion(at, count, type);
  }
  HRESULT STDMETHODCALLTYPE UnlockRegion(ULARGE_INTEGER at, ULARGE_INTEGER count, DWORD type) noexcept override {
    return stream_->UnlockRegion(at, count, type);
  }
  HRESULT STDMETHODCALLTYPE Stat(STATSTG* stat, DWORD flags) noexcept override { return stream_->Stat(stat, flags); }
  HRESULT STDMETHODCALLTYPE Clone(IStream** out) noexcept override {
    return guard(__uuidof(IStream), [&] {
      place(out);
      IStream* clone = nullptr;
      check(stream_->Clone(&clone), "stream cannot be cloned");
      *out = cloned(Owned<ComStream>(static_cast<ComStream*>(clone))).release();
    });
  }

 private:
  virtual Ptr<IStream> cloned(Owned<ComStream> stream) const = 0;
  // A failure tells its text to IErrorInfo too.
  HRESULT told(HRESULT answer) noexcept {
    if (FAILED(answer))
      if (const auto error = stream_->last_error()) report(error, __uuidof(IStream));
    return answer;
  }

  Owned<ComStream> stream_;
  std::shared_ptr<const ByteSource> source_;
};

class PlainStream final : public StreamObject<> {
 public:
  using StreamObject::StreamObject;

 private:
  Ptr<IStream> cloned(Owned<ComStream> stream) const override {
    return make<PlainStream>(std::move(stream)).query<IStream>();
  }
};

class RangedStream final : public StreamObject<Iface<IBlockRangeList, IDispatch>> {
 public:
  RangedStream(Owned<ComStream> stream, std::vector<BlockRange> ranges)
      : StreamObject(std::move(stream)), ranges_(std::move(ranges)) {}
  HRESULT STDMETHODCALLTYPE get_BlockRanges(SAFEARRAY** out) noexcept override {
    return guard(__uuidof(IBlockRangeList), [&] { place(out), *out = array_of_ranges(ranges_); });
  }

 private:
  Ptr<IStream> cloned(Owned<ComStream> stream) const override {
    return make<RangedStream>(std::move(stream), ranges_).query<IStream>();
  }
  std::vector<BlockRange> ranges_;
};

class ContentStream final : public SourceStream<IStream> {
 public:
  using SourceStream::SourceStream;

 private:
  Ptr<IStream> copy() const override { return make<ContentStream>(source()).query<IStream>(); }
};

// A stream of a single-threaded apartment.
class BoundSource final : public ComSource {
 public:
  using ComSource::ComSource;
  bool is_bound_to_thread() const override { return true; }
};

class AskedSource final : public ByteSource {
 public:
  AskedSource(IStream& stream, SideThread& side) : source_(&stream), side_(side) {}
  std::uint64_t size() const override { return source_.size(); }
  void read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    side_.ask([&] { source_.read_at(offset, out); });
  }

 private:
  ComSource source_;
  SideThread& side_;
};

// The disc as it will be: what is there, under what the image writes. A disc in a file may be shorter than where the
// image begins.
std::shared_ptr<const ResultImage> whole_disc(const std::shared_ptr<const ResultImage>& image,
                                              const std::shared_ptr<const ByteSource>& disc) {
  std::vector<ImageExtent> extents(image->extents().begin(), image->extents().end());
  std::vector<ImageExtent> replaced(image->replaced().begin(), image->replaced().end());
  std::sort(replaced.begin(), replaced.end(), [](const auto& a, const auto& b) { return a.start < b.start; });
  Lba at;
  const auto keep = [&](Lba end) {
    const auto last = std::min(end.byte_offset(), disc ? disc->size() : 0);
    if (at.byte_offset() < last)
      extents.push_back({at, std::make_shared<SliceSource>(disc, at.byte_offset(), last - at.byte_offset()), "disc"});
  };
  for (const auto& extent : replaced) {
    keep(extent.start);
    at = extent.start + blocks_for(extent.bytes->size());
    extents.push_back(extent);
  }
  keep(image->first_block());
  const BlockCount total{image->first_block().value + image->total_blocks().value};
  return std::make_shared<ResultImage>(std::move(extents), total, image->image_id());
}

}  // namespace

bool is_bound_to_thread(IUnknown& object) {
  APTTYPE type{};
  APTTYPEQUALIFIER qualifier{};
  if (FAILED(CoGetApartmentType(&type, &qualifier)) || type == APTTYPE_MTA) return false;
  const Ptr<IUnknown> asked(&object);
  if (asked.query<IAgileObject>()) return false;
  CLSID proxy{};
  const auto marshal = asked.query<IMarshal>();
  return !marshal ||
         FAILED(marshal->GetUnmarshalClass(__uuidof(IUnknown), &object, MSHCTX_INPROC, nullptr, MSHLFLAGS_NORMAL,
                                           &proxy)) ||
         proxy != kFreeThreadedMarshaler;
}

const void* mark_of_module() noexcept { return &kThisModule; }

Ptr<IBehind> ours_behind(IStream& stream) {
  auto found = Ptr<IStream>(&stream).query<IBehind>();
  return found && found->module() == mark_of_module() ? std::move(found) : nullptr;
}

std::shared_ptr<const ByteSource> source_of(IStream& stream) {
  if (const auto ours = ours_behind(stream)) {
    auto source = ours->source_behind();
    return source ? std::move(source) : std::make_shared<ZeroSource>(0);
  }
  if (is_bound_to_thread(stream)) return std::make_shared<BoundSource>(&stream);
  return std::make_shared<ComSource>(&stream);
}

std::shared_ptr<const ByteSource> source_of(IStream& stream, SideThread& side) {
  return std::make_shared<AskedSource>(stream, side);
}

Ptr<IStream> stream_of(const std::shared_ptr<const ResultImage>& image, const std::shared_ptr<const ByteSource>& disc) {
  const auto ranges = image->modified_blocks();
  if (ranges.empty()) return make<PlainStream>(make_com_stream(ImageStream(image))).query<IStream>();
  return make<RangedStream>(make_com_stream(ImageStream(whole_disc(image, disc))), ranges).query<IStream>();
}

Ptr<IStream> stream_of(std::shared_ptr<const ByteSource> source) {
  return make<ContentStream>(std::move(source)).query<IStream>();
}

Ptr<IBlockRangeList> block_ranges(const ResultImage& image) {
  auto ranges = image.modified_blocks();
  if (ranges.empty()) return {};
  return make<RangeList>(std::move(ranges)).query<IBlockRangeList>();
}

bool is_our_image(IStream& stream) {
  const auto ours = ours_behind(stream);
  return ours && ours->is_image();
}

bool is_for_any_thread(IStream& stream) { return ours_behind(stream) && !source_of(stream)->is_bound_to_thread(); }

std::exception_ptr error_behind(IStream& stream) {
  const auto ours = ours_behind(stream);
  return ours ? ours->error_behind() : nullptr;
}

}  // namespace fsimage::com
