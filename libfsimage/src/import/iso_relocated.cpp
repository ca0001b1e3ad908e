#include "iso_relocated.hpp"

#include "iso_fields.hpp"
#include "iso_records.hpp"
#include "iso_stream.hpp"

namespace fsimage::volume {

bool IsoRelocated::is_orphan(std::uint64_t at) {
  if (!searched_) {
    searched_ = true;
    search(volume_.root);
    // What an orphan leads to is none: so each is read before the next is judged.
    for (std::size_t i = 0; i < relocated_.size(); ++i) {
      const auto folder = relocated_[i];
      if (linked_.contains(folder.at) || !orphans_.insert(folder.at)) continue;
      search(folder);
    }
  }
  return orphans_.contains(at);
}

// Notes the relocated folders and the links to them in all folders that can be reached from there.
void IsoRelocated::search(DirectoryRef from) {
  const Muted muted(walk_.report);  // the walk says what is wrong with them
  stack_.assign(1, from);
  while (!stack_.empty()) {
    const auto folder = stack_.back();
    stack_.pop_back();
    if (!visited_.insert(folder.at)) continue;
    try {
      read_folder(folder);
    } catch (const Error& e) {
      if (!walk_.report.survives(e)) throw;
    }
  }
}

void IsoRelocated::read_folder(const DirectoryRef& folder) {
  IsoRecords records(walk_, volume_, folder, false);
  for (std::uint64_t position = 0; auto record = records.next(position);) {
    if (record->is_self() || record->is_parent()) continue;
    auto fixed = record->fixed;
    settle_halves(walk_.blocks, volume_.block_size, fixed);
    // The bytes of the record go when continuation areas are read.
    const auto at = volume_.extent_of(fixed);
    const bool directory = record->is_directory();
    const auto fields = read_fields(walk_, volume_, field_area(volume_, record->system_use), records.lba(), nullptr);
    if (fields.child) {
      const auto child = volume_.offset_of(fields.child->value);
      linked_.insert(child);
      if (const auto self = read_self(walk_, volume_, child))
        stack_.push_back({child, self->record.data_length.value()});
    } else if (directory) {
      const DirectoryRef inside{at, fixed.data_length.value()};
      // RR_MOVED hides as what it holds does, and belongs nowhere else.
      const bool moved = fields.relocated && !(folder.at == volume_.root.at && only_holds_relocated(inside));
      (moved ? relocated_ : stack_).push_back(inside);
    }
  }
}

bool IsoRelocated::only_holds_relocated(const DirectoryRef& folder) {
  try {
    IsoRecords records(walk_, volume_, folder, false);
    for (std::uint64_t position = 0; const auto record = records.next(position);) {
      if (record->is_self() || record->is_parent()) continue;
      const auto fields = read_fields(walk_, volume_, field_area(volume_, record->system_use), records.lba(), nullptr);
      if (!fields.relocated) return false;
    }
  } catch (const Error& e) {
    if (!walk_.report.survives(e)) throw;
  }
  return true;
}

}  // namespace fsimage::volume
