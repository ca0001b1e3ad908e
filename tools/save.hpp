// Where an image goes: a file, a compressed file, or standard output.
#pragma once

#include "app.hpp"

#include <fsimage/image/image_digests.hpp>

#include <string>

namespace fsimage::tools {

struct SaveOptions {
  bool sync = true;
  bool quiet = false;
  unsigned workers = 0;             // 0: as many as the machine suggests
  ImageDigests* digests = nullptr;  // of what is saved, when given
};

// Throws when it is plain already that nothing can be written there.
void check_output(const std::string& output, const Io& io);

void save(const ResultImage& image, const std::string& output, const SaveOptions& options, Io& io);

}  // namespace fsimage::tools
