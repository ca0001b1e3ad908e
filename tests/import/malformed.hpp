// A malformed image of one of the classes that have broken parsers: which one it is, what must be said of it, and every
// way into the readers tried on it, within two seconds and 64 MiB each.
#pragma once

#include "sample_volume.hpp"

#include <fsimage/import/block_dump.hpp>
#include <fsimage/import/import_volume.hpp>
#include <fsimage/import/recognition.hpp>
#include <fsimage/import/sessions.hpp>
#include <fsimage/import/volume_info.hpp>
#include <fsimage/import/volume_map.hpp>
#include <fsimage/import/volume_verify.hpp>

#include <fsimage/core/text.hpp>

#include <support/heap_meter.hpp>

#include <ctime>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fsimage::test {

// Who says it when an image is read tolerantly.
enum class Told {
  error,        // the walk ends with it
  finding,      // the walk goes on
  oddity,       // the walk goes on, and so does a strict one
  content,      // reading the file's content ends with it
  description,  // volume descriptors and boot catalogs: describe_volumes
  verification  // only what is held against the folders shows it: verify_volumes
};

struct Malformed {
  struct Made {
    std::shared_ptr<const ByteSource> source;
    Lba at;  // what the diagnostic must name
  };
  std::string name;  // class_NN_what
  View view{};       // that the damage is in
  Told told{};
  std::string clause;       // empty: nothing is wrong by the letter, and it must be read right
  std::string path;         // of the diagnostic; empty: it belongs to none
  std::size_t reached = 0;  // entries of the view that salvage gives
  std::function<Made()> make;
  bool strict_earlier = false;  // something else is wrong before it, which ends a strict walk
};
inline Malformed strict_ends_earlier(Malformed m) {
  m.strict_earlier = true;
  return m;
}
inline void PrintTo(const Malformed& m, std::ostream* out) { *out << m.name; }

// One thing that was said, by whatever entry point.
struct Diagnostic {
  std::string path, clause, text;
  std::optional<Lba> lba;
};
inline Diagnostic diagnostic(const Finding& f) { return {f.path, f.clause, f.text, f.lba}; }
inline Diagnostic diagnostic(const Error& e) { return {e.where().path, e.where().clause, e.message(), e.where().lba}; }

struct Reading {
  std::vector<Diagnostic> said;
  std::optional<Error> error;
  std::size_t entries = 0;
  bool refused = false;  // the content of a file

  FindingFn listener() {
    return [this](const Finding& f) { said.push_back(diagnostic(f)); };
  }
  bool says(const Malformed& m, Lba at) const {
    return std::any_of(said.begin(), said.end(), [&](const Diagnostic& d) {
      return d.clause == m.clause && d.lba == at && (m.path.empty() || d.path == m.path);
    });
  }
};
inline ::testing::Message describe(const Reading& r) {
  ::testing::Message out;
  out << r.entries << " entries\n";
  for (const auto& d : r.said)
    out << (r.error && &d == &r.said.back() ? "error: " : "said: ") << d.path << ": " << d.text << " [LBA "
        << (d.lba ? std::to_string(d.lba->value) : "none") << "] [" << d.clause << "]\n";
  return out;
}

// Runs `what`; an Error that hostile bytes may cause is part of the result, anything else fails the test.
inline Reading read_within_bounds(const std::string& name, const std::function<void(Reading&)>& what) {
  constexpr std::size_t kMostHeap = std::size_t{64} << 20;
  SCOPED_TRACE(name);
  Reading out;
  const HeapMeter heap;
  const auto start = std::clock();
  try {
    what(out);
  } catch (const Error& e) {
    const std::set<std::error_code> expected{Errc::corrupt_structure, Errc::unsupported, Errc::limit_exceeded,
                                             Errc::not_found};
    EXPECT_TRUE(expected.contains(e.code())) << e.what();
    out.said.push_back(diagnostic(e));
    out.error.emplace(e);
  } catch (const std::exception& e) {
    ADD_FAILURE() << e.what();
  }
  EXPECT_LT(std::clock() - start, 2 * CLOCKS_PER_SEC);
  EXPECT_LT(heap.peak(), kMostHeap);
  return out;
}

inline Reading walk_within_bounds(const std::shared_ptr<const ByteSource>& source, View view, Strictness strictness,
                                  EntryOrder order = EntryOrder::recorded) {
  return read_within_bounds("walk " + std::string(to_string(view)), [&](Reading& r) {
    VolumeOptions options;
    options.view = view;
    options.order = order;
    options.strictness = strictness;
    const auto cursor = open_volume(source, options, r.listener());
    ContentStore store;
    std::vector<std::byte> buffer(4096);
    while (const auto entry = cursor->next()) {
      ++r.entries;
      EXPECT_TRUE(is_valid_name(entry->name)) << cursor->origin();
      if (entry->type != FileType::regular) continue;
      try {
        const auto content = cursor->content(store);
        const auto size = content ? store.size(content) : 0;
        EXPECT_EQ(size, entry->size) << cursor->origin();
        const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(size, buffer.size()));
        if (n == 0) continue;
        store.read_at(content, 0, std::span(buffer).first(n));
        store.read_at(content, size - n, std::span(buffer).first(n));
      } catch (const Error& e) {
        EXPECT_NE(std::string_view(e.what()).find(cursor->origin()), std::string_view::npos) << e.what();
        r.said.push_back(diagnostic(e));
        r.refused = true;
      }
    }
  });
}

inline Reading import_within_bounds(const std::shared_ptr<const ByteSource>& source, View view, Strictness strictness) {
  return read_within_bounds("import", [&](Reading& r) {
    Tree tree;
    ImportOptions options;
    options.view = view;
    options.strictness = strictness;
    options.on_finding = r.listener();
    try {
      import_file_system(tree, source, options);
    } catch (const Error&) {
      EXPECT_EQ(tree.node_count(), 1U) << "what fails leaves nothing behind";
      throw;
    }
    r.entries = tree.node_count() - 1;
  });
}

// Everything that takes an image, whatever it is. What describing and verifying say is told back.
struct Overview {
  Reading description, verification;
};
inline Overview try_everything(const std::shared_ptr<const ByteSource>& source, Lba at) {
  Overview out;
  read_within_bounds("identify", [&](Reading&) { identify_file_systems(*source); });
  read_within_bounds("sessions", [&](Reading&) { find_sessions(source); });
  for (const View view : {View::udf, View::rockridge, View::joliet, View::enhanced, View::iso9660})
    for (const auto strictness : {Strictness::strict, Strictness::tolerant, Strictness::salvage})
      walk_within_bounds(source, view, strictness, EntryOrder::by_name);
  read_within_bounds("map", [&](Reading&) { map_volumes(source, {}, [](const VolumePart&) {}); });
  out.description = read_within_bounds("describe", [&](Reading& r) {
    for (const auto& f : describe_volumes(*source).findings) r.said.push_back(diagnostic(f));
  });
  out.verification = read_within_bounds("verify", [&](Reading& r) {
    VerifyVolumesOptions options;
    options.read_content = true;
    verify_volumes(source, options, r.listener());
  });
  if (at.byte_offset() < source->size()) read_within_bounds("dump", [&](Reading&) { dump_block(*source, at); });
  return out;
}

// What is wrong by the letter ends a strict walk, at the latest where it is told: one thing wrong is often another, too.
inline void expect_refused(const Reading& strict, const Malformed& m, Lba at) {
  if (m.told == Told::oddity) return;
  ASSERT_TRUE(strict.error) << describe(strict);
  EXPECT_TRUE(strict.error->where().lba && !strict.error->where().clause.empty()) << describe(strict);
  EXPECT_TRUE(m.strict_earlier || strict.says(m, at)) << "strict\n" << describe(strict);
}

// The whole of what a class promises.
inline void expect_told(const Malformed& m) {
  const auto made = m.make();
  const auto seen = try_everything(made.source, made.at);
  const auto strict = walk_within_bounds(made.source, m.view, Strictness::strict);
  const auto tolerant = walk_within_bounds(made.source, m.view, Strictness::tolerant);
  const auto salvage = walk_within_bounds(made.source, m.view, Strictness::salvage);
  EXPECT_FALSE(salvage.error && m.reached != 0) << "salvage takes what can be reached\n" << describe(salvage);
  EXPECT_EQ(salvage.entries, m.reached) << describe(salvage);
  EXPECT_EQ(import_within_bounds(made.source, m.view, Strictness::salvage).error.has_value(),
            salvage.error.has_value());
  const auto imported = import_within_bounds(made.source, m.view, Strictness::tolerant);
  EXPECT_EQ(imported.error.has_value(), tolerant.error || (tolerant.refused && m.told != Told::content))
      << describe(imported);
  if (m.clause.empty()) {
    EXPECT_FALSE(tolerant.error) << describe(tolerant);
    return;
  }
  switch (m.told) {
    case Told::error:
    case Told::finding:
    case Told::oddity:
      EXPECT_EQ(tolerant.error.has_value(), m.told == Told::error) << describe(tolerant);
      EXPECT_TRUE(tolerant.says(m, made.at)) << "at " << made.at.value << '\n' << describe(tolerant);
      EXPECT_TRUE(salvage.says(m, made.at)) << "salvage\n" << describe(salvage);
      expect_refused(strict, m, made.at);
      EXPECT_TRUE(seen.verification.says(m, made.at)) << "verify\n" << describe(seen.verification);
      break;
    case Told::content:
      EXPECT_FALSE(tolerant.error) << describe(tolerant);
      EXPECT_TRUE(tolerant.says(m, made.at)) << "at " << made.at.value << '\n' << describe(tolerant);
      break;
    case Told::description:
      EXPECT_TRUE(seen.description.says(m, made.at)) << "at " << made.at.value << '\n' << describe(seen.description);
      [[fallthrough]];
    case Told::verification:
      EXPECT_FALSE(tolerant.error) << describe(tolerant);
      EXPECT_TRUE(seen.verification.says(m, made.at)) << "at " << made.at.value << '\n' << describe(seen.verification);
      break;
  }
}

}  // namespace fsimage::test
