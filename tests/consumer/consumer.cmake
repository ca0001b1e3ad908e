# One way of using the library, from nothing to a program that runs. Called by ctest; see CMakeLists.txt here. As a folder of
# another project, the library is compiled once more, for a minute: that is ./test --consumer (WHOLE). Else what is compiled
# then is the other project's own and one source of each target that it links.
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
option(WHOLE "Compile all of the library" OFF)
file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})

if(HOW STREQUAL "pkgconfig")
  file(GLOB_RECURSE pc ${STAGE}/*/fsimage.pc)
  cmake_path(GET pc PARENT_PATH pc_dir)
  set(ENV{PKG_CONFIG_PATH} ${pc_dir})
  find_program(PKG_CONFIG NAMES pkg-config pkgconf REQUIRED)
  foreach(program "main consumer isofile" "disc disc mock")
    separate_arguments(program)
    list(POP_FRONT program source name backend)
    execute_process(COMMAND ${PKG_CONFIG} --cflags --libs fsimage fsimage-backend_${backend} OUTPUT_VARIABLE flags
      OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    separate_arguments(flags UNIX_COMMAND "${flags}")
    run(${CXX} -std=c++20 ${project}/${source}.cpp -o ${WORK}/${name} ${flags})
  endforeach()
else()
  if(HOW STREQUAL "package")
    set(where -DCMAKE_PREFIX_PATH=${STAGE})
  else()
    set(where -DFSIMAGE_SOURCE=${SOURCE} -DFSIMAGE_UNITY=${WHOLE})
    set(TYPE Debug)  # as fast as can be
    list(APPEND where -DCMAKE_CXX_FLAGS_DEBUG=-O0)
  endif()
  run(${CMAKE_COMMAND} -G Ninja -S ${project} -B ${WORK} -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_BUILD_TYPE=${TYPE}
    -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER} ${where})
  if(HOW STREQUAL "subdirectory" AND NOT WHOLE)
    set(objects CMakeFiles/consumer.dir/main.cpp.o CMakeFiles/disc.dir/disc.cpp.o CMakeFiles/stream.dir/stream.cpp.o
      fsimage/libfsimage/CMakeFiles/fsimage.dir/src/image/image_stream.cpp.o
      fsimage/backends/isofile/CMakeFiles/fsimage_backend_isofile.dir/src/iso_file.cpp.o
      fsimage/backends/mock/CMakeFiles/fsimage_backend_mock.dir/src/mock_recorder.cpp.o)
    run(${CMAKE_COMMAND} --build ${WORK} --target ${objects})
    return()
  endif()
  run(${CMAKE_COMMAND} --build ${WORK})
endif()
run(${WORK}/consumer ${WORK}/hello.iso)
run(${WORK}/disc ${WORK}/hello.dvd)
if(EXISTS ${WORK}/stream)
  run(${WORK}/stream)
endif()
