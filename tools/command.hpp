// What the subcommands share: their table, how they take options, how they fail on wrong usage.
#pragma once

#include "app.hpp"

#include <boost/program_options.hpp>

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fsimage::tools {

using Arguments = std::span<const std::string>;

struct Command {
  std::string_view name;
  std::string_view summary;  // one line of `fsimage --help`
  int (*run)(Arguments, Io&);
};

// Exit code 2 with this text and a pointer to --help.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Options and operands of one subcommand, parsed; `--help` is added to every one.
class Options {
 public:
  // `usage` is the line behind "fsimage", `text` the part of the help that teaches.
  Options(std::string usage, std::string text);

  boost::program_options::options_description_easy_init add() { return visible_.add_options(); }
  // The option `name` may stand without a value, and then has this; otherwise it is --name=VALUE, in one word.
  void may_stand_alone(const std::string& name, std::string value) {
    alone_.emplace_back("--" + name, std::move(value));
  }
  // Returns false when help was asked for, which has then been printed. Throws UsageError.
  bool parse(Arguments args, Io& io);

  bool has(const std::string& name) const { return values_.count(name) != 0; }
  bool given(const std::string& name) const { return has(name) && !values_[name].defaulted(); }
  template <class T>
  const T& get(const std::string& name) const {
    return values_[name].as<T>();
  }
  const std::vector<std::string>& operands() const { return operands_; }

 private:
  std::string usage_, text_;
  boost::program_options::options_description visible_;
  boost::program_options::variables_map values_;
  std::vector<std::string> operands_;
  std::vector<std::pair<std::string, std::string>> alone_;
};

int append(Arguments, Io&);
int burn(Arguments, Io&);
int close(Arguments, Io&);
int create(Arguments, Io&);
int diff(Arguments, Io&);
int discs(Arguments, Io&);
int eject(Arguments, Io&);
int erase(Arguments, Io&);
int extract(Arguments, Io&);
int list(Arguments, Io&);
int read(Arguments, Io&);
int tree(Arguments, Io&);
int load(Arguments, Io&);
int map(Arguments, Io&);
int media(Arguments, Io&);
int info(Arguments, Io&);
int dump(Arguments, Io&);
int verify(Arguments, Io&);

}  // namespace fsimage::tools
