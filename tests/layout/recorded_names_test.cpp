#include <fsimage/layout/iso_names.hpp>
#include <fsimage/layout/recorded_names.hpp>

#include <gmock/gmock.h>

#include <map>
#include <string>
#include <vector>

namespace fsimage {
namespace {

TEST(RecordedNames, ByPathAndView) {
  RecordedNames names;
  const auto docs = path_number("/docs"), file = path_number(docs, "a.txt");
  EXPECT_EQ(file, path_number("/docs/a.txt"));
  EXPECT_EQ(path_number("/"), PathNumber{});
  EXPECT_NE(file, path_number("/docsa.txt"));
  names.add_entry(file);
  names.add(View::iso9660, file, "A1.TXT");
  names.finish();
  EXPECT_TRUE(names.has_entry(file));
  EXPECT_FALSE(names.has_entry(docs));
  EXPECT_EQ(names.identifier(View::iso9660, file), "A1.TXT");
  EXPECT_EQ(names.identifier(View::joliet, file), "");
  EXPECT_TRUE(names.has_any(View::iso9660));
  EXPECT_FALSE(names.has_any(View::udf));
}

using Identifiers = std::map<std::string, std::string>;

Identifiers identifiers_of(const std::vector<NamedEntry>& entries, const RecordedNames& disc) {
  FolderNames names({});
  names.plan(entries, &disc, path_number("/docs"));
  Identifiers out;
  for (std::size_t i = 0; i < entries.size(); ++i)
    out[std::string(entries[names.order()[i]].name)] = names.identifier(i);
  return out;
}

RecordedNames names_of_disc(const Identifiers& files) {
  RecordedNames out;
  for (const auto& [name, identifier] : files) {
    const auto entry = path_number(path_number("/docs"), name);
    out.add_entry(entry);
    if (!identifier.empty()) out.add(View::iso9660, entry, identifier);
  }
  out.finish();
  return out;
}

TEST(RecordedNames, NewOnesGiveWay) {
  EXPECT_EQ(identifiers_of({{"a b"}, {"a+b"}}, names_of_disc({{"a b", "A_B1"}, {"a+b", "A_B"}})),
            (Identifiers{{"a b", "A_B1.;1"}, {"a+b", "A_B.;1"}}));
  EXPECT_EQ(identifiers_of({{"a b"}, {"a+b"}}, names_of_disc({{"a+b", ""}})),
            (Identifiers{{"a b", "A_B1.;1"}, {"a+b", "A_B.;1"}}))
      << "the one that the disc has comes before the first by name";
  EXPECT_EQ(identifiers_of({{"a+b"}}, names_of_disc({{"a+b", "A_B1"}})), (Identifiers{{"a+b", "A_B1.;1"}}))
      << "its rival has gone";
  EXPECT_EQ(identifiers_of({{"a b"}, {"a-b1"}}, names_of_disc({{"a b", "A_B1"}})),
            (Identifiers{{"a b", "A_B1.;1"}, {"a-b1", "A_B11.;1"}}));
}

TEST(RecordedNames, ExceptForWhoKeepsItsName) {
  EXPECT_EQ(identifiers_of({{"A_B1"}, {"a b"}}, names_of_disc({{"a b", "A_B1"}})),
            (Identifiers{{"A_B1", "A_B1.;1"}, {"a b", "A_B2.;1"}}));
  EXPECT_EQ(identifiers_of({{"a b"}}, names_of_disc({{"a b", "a.b;7"}})), (Identifiers{{"a b", "A_B.;1"}}))
      << "no identifier by these rules";
}

}  // namespace
}  // namespace fsimage
