# What every target of ours has in common. Targets only, no directory-wide flags.
include_guard(GLOBAL)
find_package(Threads REQUIRED)

function(fsimage_target_defaults target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    POSITION_INDEPENDENT_CODE ON)
  if(MSVC)
    target_compile_options(${target} PRIVATE /W4 /permissive- /utf-8 $<$<BOOL:${FSIMAGE_WERROR}>:/WX>)
  else()
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
      -Wnon-virtual-dtor -Woverloaded-virtual $<$<BOOL:${FSIMAGE_WERROR}>:-Werror>)
  endif()
  if(FSIMAGE_SANITIZE)
    target_compile_options(${target} PUBLIC -fsanitize=${FSIMAGE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=${FSIMAGE_SANITIZE})
  endif()
endfunction()
