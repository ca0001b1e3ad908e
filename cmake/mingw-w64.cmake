# Toolchain: programs for 64-bit Windows, made on Debian by mingw-w64 with POSIX threads, which std::thread needs there.
# Everything is linked in but the system's own libraries.
#
# zlib is Debian's for mingw-w64; utf8proc, and what the command needs of Boost and Zstandard, are compiled from their sources (see
# Findutf8proc.cmake and FsimageSources.cmake); SHA-256 is the system's. The rest of Boost and nlohmann_json are headers, which are
# those of the machine: they alone are shown, as /usr/include would bring glibc along.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
set(CMAKE_C_COMPILER x86_64-w64-mingw32-gcc-posix)
set(CMAKE_CXX_COMPILER x86_64-w64-mingw32-g++-posix)
set(CMAKE_RC_COMPILER x86_64-w64-mingw32-windres)
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
set(CMAKE_SHARED_LINKER_FLAGS_INIT -static)
set(ZLIB_USE_STATIC_LIBS ON)

set(shown ${CMAKE_BINARY_DIR}/host-headers)
get_property(is_trial GLOBAL PROPERTY IN_TRY_COMPILE)
if(NOT is_trial AND NOT EXISTS ${shown})
  file(MAKE_DIRECTORY ${shown}/include)
  foreach(folder boost nlohmann)
    file(CREATE_LINK /usr/include/${folder} ${shown}/include/${folder} SYMBOLIC)
  endforeach()
  file(COPY /usr/share/cmake/nlohmann_json DESTINATION ${shown}/share/cmake)
endif()
set(CMAKE_FIND_ROOT_PATH ${shown} /usr/x86_64-w64-mingw32)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
foreach(kind LIBRARY INCLUDE PACKAGE)
  set(CMAKE_FIND_ROOT_PATH_MODE_${kind} ONLY)
endforeach()
unset(shown)
unset(is_trial)
