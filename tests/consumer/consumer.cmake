# One way of using the library, from nothing to a program that runs. Called by ctest; see CMakeLists.txt here.
cmake_minimum_required(VERSION 3.25)

function(run)
  list(JOIN ARGN " " line)
  message("$ ${line}")
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

if(HOW STREQUAL "install")
  file(REMOVE_RECURSE ${STAGE})
  run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${STAGE})
  return()
endif()

set(project ${SOURCE}/tests/consumer/project)
file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})

if(HOW STREQUAL "pkgconfig")
  file(GLOB_RECURSE pc ${STAGE}/*/fsimage.pc)
  cmake_path(GET pc PARENT_PATH pc_dir)
  set(ENV{PKG_CONFIG_PATH} ${pc_dir})
  find_program(PKG_CONFIG NAMES pkg-config pkgconf REQUIRED)
  execute_process(COMMAND ${PKG_CONFIG} --cflags --libs fsimage fsimage-backend_isofile OUTPUT_VARIABLE flags
    OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(flags UNIX_COMMAND "${flags}")
  run(${CXX} -std=c++20 ${project}/main.cpp -o ${WORK}/consumer ${flags})
else()
  if(HOW STREQUAL "package")
    set(where -DCMAKE_PREFIX_PATH=${STAGE})
  else()
    set(where -DFSIMAGE_SOURCE=${SOURCE})
  endif()
  run(${CMAKE_COMMAND} -G Ninja -S ${project} -B ${WORK} -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_BUILD_TYPE=${TYPE}
    -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER} ${where})
  run(${CMAKE_COMMAND} --build ${WORK})
endif()
run(${WORK}/consumer ${WORK}/hello.iso)
