#include "result_objects.hpp"

#include "com/enumerator.hpp"
#include "com/image_streams.hpp"
#include "numbers.hpp"
#include "values.hpp"

#include <fsimage/image/progress_items.hpp>

#include <optional>
#include <utility>
#include <vector>

namespace fsimage::com::automation {
namespace {

using Items = fsimage::ProgressItems;

class RangeOfFile final : public Object<Iface<IProgressItem, IDispatch>> {
 public:
  explicit RangeOfFile(fsimage::ProgressItem item) : item_(std::move(item)) {}
  HRESULT STDMETHODCALLTYPE get_Description(BSTR* out) noexcept override {
    return guard(__uuidof(IProgressItem), [&] { place(out), *out = Bstr(to_imapi_path(item_.description)).release(); });
  }
  HRESULT STDMETHODCALLTYPE get_FirstBlock(ULONG* out) noexcept override {
    return number(out, item_.first_block().value);
  }
  HRESULT STDMETHODCALLTYPE get_LastBlock(ULONG* out) noexcept override {
    return number(out, item_.last_block().value);
  }
  HRESULT STDMETHODCALLTYPE get_BlockCount(ULONG* out) noexcept override {
    return number(out, item_.blocks.blocks.value);
  }

 private:
  static HRESULT number(ULONG* out, std::uint32_t value) noexcept {
    return guard(__uuidof(IProgressItem), [&] { place(out) = value; });
  }
  fsimage::ProgressItem item_;
};

class RangesOfFiles final : public Object<Iface<IProgressItems, IDispatch>>, private Guarded<IProgressItems> {
 public:
  explicit RangesOfFiles(std::shared_ptr<const Items> items) : items_(std::move(items)) {}

  HRESULT STDMETHODCALLTYPE get__NewEnum(IEnumVARIANT** out) noexcept override {
    return guarded([&] {
      place(out);
      std::vector<Variant> elements;
      for (const auto& item : all()) elements.emplace_back(item.query<IDispatch>());
      give(out, make<EnumVariants>(std::move(elements)));
    });
  }
  HRESULT STDMETHODCALLTYPE get_Item(long index, IProgressItem** out) noexcept override {
    return guarded([&] {
      place(out);
      if (index < 0 || static_cast<std::size_t>(index) >= items_->size())
        throw Failure(kInvalidParameter, "no item of that number");
      hand_out(item(static_cast<std::size_t>(index)), out);
    });
  }
  HRESULT STDMETHODCALLTYPE get_Count(long* out) noexcept override {
    return guarded([&] { place(out) = to_long(items_->size()); });
  }
  HRESULT STDMETHODCALLTYPE ProgressItemFromBlock(ULONG block, IProgressItem** out) noexcept override {
    return guarded([&] { found(items_->from_block(Lba{block}), out, "no file lies in that block"); });
  }
  HRESULT STDMETHODCALLTYPE ProgressItemFromDescription(BSTR description, IProgressItem** out) noexcept override {
    return guarded([&] {
      found(items_->from_description(to_path(utf8_of(description))), out, "no file of that name has blocks");
    });
  }
  HRESULT STDMETHODCALLTYPE get_EnumProgressItems(IEnumProgressItems** out) noexcept override {
    return guarded([&] {
      place(out);
      give(out, make<Enumerator<IEnumProgressItems, Ptr<IProgressItem>, IProgressItem*>>(all()));
    });
  }

 private:
  Ptr<IProgressItem> item(std::size_t index) const {
    return make<RangeOfFile>((*items_)[index]).query<IProgressItem>();
  }
  std::vector<Ptr<IProgressItem>> all() const {
    std::vector<Ptr<IProgressItem>> result;
    for (std::size_t i = 0; i < items_->size(); ++i) result.push_back(item(i));
    return result;
  }
  void found(const std::optional<std::size_t>& index, IProgressItem** out, const char* otherwise) const {
    place(out);
    if (!index) throw Failure(kItemNotFound, otherwise);
    hand_out(item(*index), out);
  }
  std::shared_ptr<const Items> items_;
};

class ResultObject final : public Object<Iface<IFileSystemImageResult2, IFileSystemImageResult, IDispatch>>,
                           private Guarded<IFileSystemImageResult2> {
 public:
  explicit ResultObject(Result result) : result_(std::move(result)) {}

  HRESULT STDMETHODCALLTYPE get_ImageStream(IStream** out) noexcept override {
    return guarded([&] {
      place(out);
      *out = stream_of(result_.image, result_.disc).release();
    });
  }
  HRESULT STDMETHODCALLTYPE get_ProgressItems(IProgressItems** out) noexcept override {
    return guarded([&] {
      place(out);
      give(out, make<RangesOfFiles>(std::make_shared<const Items>(result_.image)));
    });
  }
  HRESULT STDMETHODCALLTYPE get_TotalBlocks(LONG* out) noexcept override {
    return guarded([&] { place(out) = to_long(blocks()); });
  }
  HRESULT STDMETHODCALLTYPE get_BlockSize(LONG* out) noexcept override {
    return guarded([&] { place(out) = to_long(kBlockSize); });
  }
  HRESULT STDMETHODCALLTYPE get_DiscId(BSTR* out) noexcept override {
    return guarded([&] { place(out), *out = Bstr(result_.disc_identifier).release(); });
  }
  HRESULT STDMETHODCALLTYPE get_ModifiedBlocks(IBlockRangeList** out) noexcept override {
    return guarded([&] {
      place(out);
      auto ranges = block_ranges(*result_.image);
      if (!ranges) throw Failure(E_NOTIMPL, "all blocks of the image have to be written");
      *out = ranges.release();
    });
  }

 private:
  // Of the stream, which is the whole disc when some of it is replaced.
  std::uint64_t blocks() const {
    const std::uint64_t before = result_.image->replaced().empty() ? 0 : result_.image->first_block().value;
    return before + result_.image->total_blocks().value;
  }
  Result result_;
};

}  // namespace

Ptr<IFileSystemImageResult> make_result(Result result) {
  return make<ResultObject>(std::move(result)).query<IFileSystemImageResult>();
}

}  // namespace fsimage::com::automation
