# What people on Windows get: the command and the COM server in one zip, with what there is to know.
#   cmake --build --preset mingw --target zip
include_guard(GLOBAL)
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
set(CMAKE_SKIP_PACKAGE_ALL_DEPENDENCY ON)
configure_file(${PROJECT_SOURCE_DIR}/docs/windows-readme.txt ${PROJECT_BINARY_DIR}/README.txt @ONLY NEWLINE_STYLE CRLF)
configure_file(${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_BINARY_DIR}/LICENSE.txt COPYONLY)
install(TARGETS fsimage_command fsimage_com_server RUNTIME DESTINATION . COMPONENT zip)
install(FILES ${PROJECT_BINARY_DIR}/README.txt ${PROJECT_BINARY_DIR}/LICENSE.txt DESTINATION . COMPONENT zip)

set(CPACK_GENERATOR ZIP)
set(CPACK_PACKAGE_FILE_NAME fsimage-${PROJECT_VERSION}-windows-x64)
set(CPACK_INSTALL_CMAKE_PROJECTS "${PROJECT_BINARY_DIR};fsimage;zip;/")
set(CPACK_STRIP_FILES ON)
include(CPack)
add_custom_target(zip COMMAND ${CMAKE_CPACK_COMMAND} DEPENDS fsimage_command fsimage_com_server)
