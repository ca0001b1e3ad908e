// Private to burn.
#pragma once

#include <fsimage/burn/disc_identity.hpp>

#include <memory>
#include <stop_token>

namespace fsimage {

// identify_disc() of content that is cheap to read again, and exactly the blocks that it needs of it.
DiscIdentity identify_as_read(const Media& media, const std::shared_ptr<const ByteSource>& content,
                              const DiscIdentity* like, const std::stop_token& stop);

}  // namespace fsimage
