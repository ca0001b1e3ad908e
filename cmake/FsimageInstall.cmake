# Install, export and pkg-config.
include_guard(GLOBAL)
