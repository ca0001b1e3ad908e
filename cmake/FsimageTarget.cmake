# What every target of ours has in common. Targets only, no directory-wide flags.
include_guard(GLOBAL)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

# A compiler cache is used when it is there; it is looked for again when it has gone.
if(PROJECT_IS_TOP_LEVEL AND NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER AND NOT DEFINED ENV{CMAKE_CXX_COMPILER_LAUNCHER})
  if(FSIMAGE_CCACHE AND NOT EXISTS "${FSIMAGE_CCACHE}")
    unset(FSIMAGE_CCACHE CACHE)
  endif()
  find_program(FSIMAGE_CCACHE ccache)
  mark_as_advanced(FSIMAGE_CCACHE)
  if(FSIMAGE_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${FSIMAGE_CCACHE})
  endif()
endif()

# Of sources compiled together GCC takes what is local to one for something that leaves it.
function(fsimage_unity_warnings target)
  if(FSIMAGE_UNITY)
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  endif()
endfunction()

function(fsimage_target_defaults target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  if(MSVC)
    target_compile_options(${target} PRIVATE /W4 /permissive- /utf-8 $<$<BOOL:${FSIMAGE_WERROR}>:/WX>)
  else()
    # Not restrict: GCC 12 sees overlaps in every "literal" + std::string (its bug 105651).
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
      -Wnon-virtual-dtor -Woverloaded-virtual $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> $<$<BOOL:${FSIMAGE_WERROR}>:-Werror>)
  endif()
  if(FSIMAGE_SANITIZE)
    # Not vptr: that check opens a pipe to look at memory, and takes every object for a bad one when no handle is left.
    target_compile_options(${target} PUBLIC -fsanitize=${FSIMAGE_SANITIZE} -fno-sanitize=vptr -fno-sanitize-recover=all
      -fno-omit-frame-pointer)
    # GCC takes instrumented code for reads of what was never set.
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
    target_link_options(${target} PUBLIC -fsanitize=${FSIMAGE_SANITIZE})
  endif()
  if(FSIMAGE_COVERAGE)
    target_compile_options(${target} PUBLIC --coverage -fprofile-abs-path)
    target_link_options(${target} PUBLIC --coverage)
  endif()
endfunction()
