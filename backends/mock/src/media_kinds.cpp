#include "media_kinds.hpp"

#include <algorithm>

namespace fsimage::mock {
namespace {

// Gaps: a CD session ends with a lead-out of 6750 blocks, later ones of 2250, then lead-in 4500 and pre-gap 150. The border
// zones of a DVD-R and the closure and intro of a DVD+R session are of the size that drives make them. BD-R has none.
using enum MediaType;
using enum Recording;

constexpr MediumKind kKinds[] = {
    {"cd-r", cd_r, 0x0009, cd, false, 359'847, 1, 11'400, 6'900, 99, 0, 0, {7056, 2822, 706}},
    {"cd-rw", cd_rw, 0x000A, cd, true, 359'847, 1, 11'400, 6'900, 99, 0, 0, {1764, 706, 0}},
    {"dvd-r",
     dvd_minus_r,
     0x0011,
     dvd_minus,
     false,
     2'298'496,
     16,
     28'672,
     6'144,
     2'302,
     0,
     0,
     {22'160, 11'080, 5'540}},
    {"dvd-rw", dvd_minus_rw, 0x0014, dvd_minus, true, 2'297'888, 16, 28'672, 6'144, 2'302, 0, 0, {5'540, 2'770, 0}},
    {"dvd-rw-overwrite", dvd_minus_rw, 0x0013, overwrite, true, 2'297'888, 16, 0, 0, 1, 0x15, 0x10, {5'540, 2'770, 0}},
    {"dvd+r", dvd_plus_r, 0x001B, dvd_plus, false, 2'295'104, 16, 2'048, 2'048, 153, 0, 0, {22'160, 11'080, 5'540}},
    {"dvd+r-dl", dvd_plus_r_dl, 0x002B, dvd_plus, false, 4'173'824, 16, 2'048, 2'048, 153, 0, 0, {11'080, 5'540, 0}},
    {"dvd+rw", dvd_plus_rw, 0x001A, overwrite, true, 2'295'104, 16, 0, 0, 1, 0x26, 0x26, {5'540, 3'324, 0}},
    {"dvd-ram", dvd_ram, 0x0012, overwrite, true, 2'236'704, 16, 0, 0, 1, 0x00, 0x00, {6'925, 4'155, 2'770}},
    {"bd-r", bd_r, 0x0041, srm, false, 12'219'392, 32, 0, 0, 7'927, 0, 0, {26'976, 17'984, 8'992}},
    {"bd-re", bd_re, 0x0043, overwrite, true, 11'826'176, 32, 0, 0, 1, 0x31, 0x30, {8'992, 4'496, 0}}};

const MediumKind& twin(const MediumKind& kind, std::string_view name) {
  return kind.type == MediaType::dvd_minus_rw ? *find_kind(name) : kind;
}

}  // namespace

std::span<const MediumKind> medium_kinds() { return kKinds; }

const MediumKind* find_kind(std::string_view name) {
  const auto* const found = std::ranges::find(kKinds, name, &MediumKind::name);
  return found == std::end(kKinds) ? nullptr : found;
}

const MediumKind& overwritable_form(const MediumKind& kind) { return twin(kind, "dvd-rw-overwrite"); }
const MediumKind& sequential_form(const MediumKind& kind) { return twin(kind, "dvd-rw"); }

}  // namespace fsimage::mock
