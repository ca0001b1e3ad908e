# Install, export and pkg-config. Each part of the library is a component with its own export set and .pc file, so that
# find_package(fsimage) asks nobody for Boost.Iostreams who did not ask for it.
include_guard(GLOBAL)
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(FSIMAGE_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/fsimage)

# The alias NAMESPACE::COMPONENT names the target in the tree; the export gives it the same name once installed.
#   PACKAGES     find_dependency() calls that a user of the component needs, one string each
#   PC_REQUIRES  pkg-config modules;  PC_LIBS  linker flags of what has no module
function(fsimage_install_component component)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "PACKAGES;PC_REQUIRES;PC_LIBS")
  get_target_property(target fsimage::${component} ALIASED_TARGET)
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${component})
  install(TARGETS ${target} EXPORT fsimage-${component} FILE_SET HEADERS)
  install(EXPORT fsimage-${component} NAMESPACE fsimage:: DESTINATION ${FSIMAGE_CMAKE_DIR}
    FILE fsimage-${component}-targets.cmake)

  list(TRANSFORM arg_PACKAGES REPLACE "(.+)" "find_dependency(\\1)")
  list(JOIN arg_PACKAGES "\n" packages)
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/package/fsimage-${component}-dependencies.cmake CONTENT "@packages@\n" @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/package/fsimage-${component}-dependencies.cmake DESTINATION ${FSIMAGE_CMAKE_DIR})
  fsimage_install_pc(${component} ${target} "${arg_PC_REQUIRES}" "${arg_PC_LIBS}")
endfunction()

function(fsimage_install_pc component target requires libs)
  string(REGEX REPLACE "^fsimage-fsimage$" "fsimage" PC_NAME fsimage-${component})
  set(FSIMAGE_PC_REQUIRES "")
  if(NOT component STREQUAL "fsimage")
    set(FSIMAGE_PC_REQUIRES "fsimage = ${PROJECT_VERSION}")
  endif()
  # A static library leaves its dependencies to whoever links it, so they cannot be private.
  get_target_property(type ${target} TYPE)
  list(JOIN requires ", " requires)
  list(JOIN libs " " libs)
  if(type STREQUAL "STATIC_LIBRARY")
    list(APPEND FSIMAGE_PC_REQUIRES ${requires})
    list(JOIN FSIMAGE_PC_REQUIRES ", " FSIMAGE_PC_REQUIRES)
    set(FSIMAGE_PC_LIBS "${libs}")
  else()
    set(FSIMAGE_PC_REQUIRES_PRIVATE "${requires}")
    set(FSIMAGE_PC_LIBS_PRIVATE "${libs}")
  endif()
  set(FSIMAGE_PC_TARGET ${target})
  # Relative to the .pc file itself, so that `cmake --install --prefix` and a moved tree are right too.
  file(RELATIVE_PATH up ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
  file(RELATIVE_PATH FSIMAGE_PC_LIBDIR ${CMAKE_INSTALL_PREFIX} ${CMAKE_INSTALL_FULL_LIBDIR})
  file(RELATIVE_PATH FSIMAGE_PC_INCLUDEDIR ${CMAKE_INSTALL_PREFIX} ${CMAKE_INSTALL_FULL_INCLUDEDIR})
  string(REGEX REPLACE "/$" "" FSIMAGE_PC_UP "${up}")
  configure_file(${PROJECT_SOURCE_DIR}/cmake/fsimage.pc.in ${PROJECT_BINARY_DIR}/package/${PC_NAME}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/package/${PC_NAME}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()

if(WIN32)
  fsimage_install_component(fsimage PACKAGES "Boost 1.74" "Threads" "ZLIB" "utf8proc"
    PC_REQUIRES zlib libutf8proc PC_LIBS -pthread -lbcrypt -lntdll -lole32)
else()
  fsimage_install_component(fsimage PACKAGES "Boost 1.74" "Threads" "OpenSSL COMPONENTS Crypto" "ZLIB" "utf8proc"
    PC_REQUIRES libcrypto zlib libutf8proc PC_LIBS -pthread)
endif()
if(TARGET fsimage::iostreams)
  fsimage_install_component(iostreams PACKAGES "Boost 1.74 COMPONENTS iostreams" PC_LIBS -lboost_iostreams)
endif()
foreach(backend isofile mock imapi2 libburn)
  if(TARGET fsimage::backend_${backend})
    fsimage_install_component(backend_${backend})
  endif()
endforeach()

configure_package_config_file(cmake/fsimage-config.cmake.in ${PROJECT_BINARY_DIR}/package/fsimage-config.cmake
  INSTALL_DESTINATION ${FSIMAGE_CMAKE_DIR} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/fsimage-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/package/fsimage-config.cmake ${PROJECT_BINARY_DIR}/package/fsimage-config-version.cmake
  DESTINATION ${FSIMAGE_CMAKE_DIR})
install(FILES cmake/Findutf8proc.cmake DESTINATION ${FSIMAGE_CMAKE_DIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
