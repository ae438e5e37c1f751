# Installs what a plugin author needs: headers, SDK, test host, CMake package and template. Included last, when all
# targets are known.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/ringhost)

install(TARGETS ringhost_sdk EXPORT ringhostTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT ringhostTargets NAMESPACE ringhost:: DESTINATION ${package_dir})
if(IS_DIRECTORY ${PROJECT_SOURCE_DIR}/plugin-api/include)
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/plugin-api/include/ DESTINATION include)
endif()
if(IS_DIRECTORY ${PROJECT_SOURCE_DIR}/plugin-api/template)
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/plugin-api/template/ DESTINATION share/ringhost/template)
endif()

# The test host is the core with simulated drivers. Its libraries are installed as files, because their targets carry
# our own flags and source paths; ringhostConfig.cmake makes ringhost::testhost of them.
set(testhost_names "")
if(TARGET ringhost_testhost)
    foreach(lib testhost core)
        if(TARGET ringhost_${lib})
            install(FILES $<TARGET_FILE:ringhost_${lib}> DESTINATION ${CMAKE_INSTALL_LIBDIR})
            list(APPEND testhost_names ringhost_${lib})
        endif()
    endforeach()
endif()

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/ringhostConfig.cmake.in
    ${CMAKE_CURRENT_BINARY_DIR}/ringhostConfig.cmake INSTALL_DESTINATION ${package_dir}
    PATH_VARS CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_BINDIR)
# 0.x breaks with every minor version; from 1.0 on a major stays compatible.
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/ringhostConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/ringhostConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/ringhostConfigVersion.cmake
    ${CMAKE_CURRENT_LIST_DIR}/RinghostPlugin.cmake DESTINATION ${package_dir})
