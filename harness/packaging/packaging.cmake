# The Debian package: `cpack --config build/CPackConfig.cmake -B build` makes numaproof_VERSION_ARCHITECTURE.deb.
#
# What it needs at run time is what harness/packages.txt lists for that purpose, so that there is one list; the libraries are found
# in the binaries themselves (dpkg-shlibdeps, package dpkg-dev).
file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/../packages.txt rows REGEX "^run ")
set(depends "")
foreach(row IN LISTS rows)
    string(REGEX REPLACE "^run +([^ ]+).*" "\\1" package "${row}")
    string(REPLACE "|" " | " package "${package}")
    list(APPEND depends "${package}")
endforeach()
list(JOIN depends ", " depends)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME numaproof)
set(CPACK_PACKAGE_VENDOR numaproof)
set(CPACK_PACKAGE_CONTACT "numaproof <numaproof@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "${depends}")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_LIBRARY_OUTPUT_DIRECTORY})
include(CPack)
