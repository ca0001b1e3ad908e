#include "lists.hpp"

#include "command.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <istream>
#include <limits>
#include <vector>

namespace fsimage::tools {
namespace {

constexpr std::size_t kLongestItem = std::size_t{128} << 10;
constexpr std::size_t kLongestText = std::size_t{4} << 30;

std::istream& open_list(const std::string& name, std::ifstream& file, Io& io) {
  if (name == "-") {
    if (io.in == nullptr) throw Error(Errc::invalid_argument, {.path = name}, "there is no standard input");
    return *io.in;
  }
  errno = 0;
  file.open(std::filesystem::path(name), std::ios::binary);
  if (!file) throw os_error(errno == 0 ? EIO : errno, name, "cannot open the list");
  return file;
}

void check_read(const std::istream& in, const std::string& name) {
  if (in.bad()) throw os_error(errno == 0 ? EIO : errno, name, "cannot read the list");
}

}  // namespace

std::string list_label(const std::string& name) { return name == "-" ? "standard input" : name; }

std::string place_in_list(const std::string& name, std::uint32_t line) {
  return list_label(name) + ':' + std::to_string(line);
}

void read_list(const std::string& name, char end, Io& io, const TakeItem& take) {
  std::ifstream file;
  std::istream& in = open_list(name, file, io);
  std::vector<char> buffer(kLongestItem);
  std::string item;
  for (std::uint32_t line = 1; in.getline(buffer.data(), static_cast<std::streamsize>(buffer.size()), end); ++line) {
    const auto got = static_cast<std::size_t>(in.gcount()) - (in.eof() ? 0 : 1);
    item.assign(buffer.data(), got);
    if (line == std::numeric_limits<std::uint32_t>::max())
      throw Error(Errc::limit_exceeded, {.path = name}, "too many items");
    take(item, line);
    if (line % 1024 == 0 && io.stop.stop_requested()) throw Error(Errc::cancelled, {}, "");
  }
  check_read(in, name);
  if (!in.eof()) throw Error(Errc::limit_exceeded, {.path = name}, "an item is longer than 128 KiB");
}

std::string read_text(const std::string& name, Io& io) {
  std::ifstream file;
  std::istream& in = open_list(name, file, io);
  std::string text;
  std::vector<char> buffer(kLongestItem);
  while (in) {
    in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    text.append(buffer.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > kLongestText) throw Error(Errc::limit_exceeded, {.path = name}, "the list is longer than 4 GiB");
    if (io.stop.stop_requested()) throw Error(Errc::cancelled, {}, "");
  }
  check_read(in, name);
  return text;
}

void read_lines(const std::string& name, Io& io, const TakeItem& take) {
  read_list(name, '\n', io, [&](const std::string& item, std::uint32_t line) {
    if (item.empty() || item[0] == '#') return;
    try {
      take(item, line);
    } catch (const UsageError& e) {
      throw Error(Errc::invalid_argument, {.path = place_in_list(name, line)}, e.what());
    } catch (const Error& e) {
      const auto place = place_in_list(name, line);
      if (e.where().path.empty()) throw e.with_path(place);
      throw Error(e.code(), e.where(), e.message() + " (" + place + ')');
    }
  });
}

}  // namespace fsimage::tools
