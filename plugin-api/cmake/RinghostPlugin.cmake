# ringhost_add_plugin(NAME CORE file... SOURCES file...)
# Makes NAME_core (the pure cores, a static library for unit tests), NAME_static (the whole plugin with its entry
# renamed to rh_plugin_entry_v1_NAME, for tests and sanitizer builds) and NAME.so (what the host loads).
# Works in ringhost's own tree and, after find_package(ringhost), in anyone's.
function(ringhost_add_plugin name)
    cmake_parse_arguments(ARG "" "" "CORE;SOURCES" ${ARGN})
    if(ARG_UNPARSED_ARGUMENTS OR NOT ARG_SOURCES)
        message(FATAL_ERROR "usage: ringhost_add_plugin(NAME CORE file... SOURCES file...)")
    endif()
    set(link ringhost::sdk m)
    if(TARGET ringhost_flags)
        list(APPEND link ringhost_flags)
    endif()

    # The place of a handler, as `ringhost --routes` prints it, does not depend on where the tree lies.
    foreach(file ${ARG_SOURCES})
        file(RELATIVE_PATH place ${CMAKE_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/${file})
        set_property(SOURCE ${file} APPEND PROPERTY COMPILE_DEFINITIONS RH_SOURCE_FILE="${place}")
    endforeach()

    # A plugin may be all wiring; its core is then a library without code, so that the targets are always the same.
    add_library(${name}_core STATIC ${ARG_CORE})
    if(NOT ARG_CORE)
        set_target_properties(${name}_core PROPERTIES LINKER_LANGUAGE C)
    endif()
    add_library(${name}_static STATIC ${ARG_SOURCES})
    foreach(lib ${name}_core ${name}_static)
        ringhost_plugin_compile(${lib})
        target_include_directories(${lib} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
        target_link_libraries(${lib} PUBLIC ${link})
    endforeach()
    target_compile_definitions(${name}_static PRIVATE RH_STATIC_ID=${name})
    target_link_libraries(${name}_static PUBLIC ${name}_core)
    set_property(GLOBAL APPEND PROPERTY RINGHOST_PLUGINS ${name})

    if(RINGHOST_STATIC_PLUGINS)
        return()
    endif()
    add_library(${name} MODULE ${ARG_SOURCES})
    set_target_properties(${name} PROPERTIES PREFIX "" SUFFIX ".so")
    ringhost_plugin_compile(${name})
    if(RINGHOST_PLUGIN_DIR)
        set_target_properties(${name} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${RINGHOST_PLUGIN_DIR})
    endif()
    target_link_libraries(${name} PRIVATE ${name}_core ${link})
    # No start files: no constructor runs when the host loads the file. No symbol is left open, none of the SDK shows.
    # Not --gc-sections: it drops .rh.info, to which nothing refers.
    target_link_options(${name} PRIVATE
        -nostartfiles LINKER:-z,defs,-z,relro,-z,now,--exclude-libs,ALL)
    install(TARGETS ${name} LIBRARY DESTINATION lib/ringhost/plugins)
endfunction()

# What code must be compiled with to run inside the host, whoever builds it: the same doubles on every node, and
# nothing visible but the entry.
function(ringhost_plugin_compile target)
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden)
    target_compile_features(${target} PRIVATE c_std_11)
    target_compile_options(${target} PRIVATE -ffp-contract=off)
endfunction()

# ringhost_add_invariants(NAME SOURCES file...)
# Makes NAME_invariants: a file of checks for ringhost-sim, NAME.so in RINGHOST_INVARIANTS_DIR or the build folder. In
# builds with static plugins it is a static library whose entry is rh_sim_invariants_v1_NAME.
function(ringhost_add_invariants name)
    cmake_parse_arguments(ARG "" "" "SOURCES" ${ARGN})
    if(ARG_UNPARSED_ARGUMENTS OR NOT ARG_SOURCES)
        message(FATAL_ERROR "usage: ringhost_add_invariants(NAME SOURCES file...)")
    endif()
    set(kind MODULE)
    if(RINGHOST_STATIC_PLUGINS)
        set(kind STATIC)
    endif()
    add_library(${name}_invariants ${kind} ${ARG_SOURCES})
    ringhost_plugin_compile(${name}_invariants)
    target_link_libraries(${name}_invariants PRIVATE ringhost::sdk m)
    if(TARGET ringhost_flags)
        target_link_libraries(${name}_invariants PRIVATE ringhost_flags)
    endif()
    if(RINGHOST_STATIC_PLUGINS)
        target_compile_definitions(${name}_invariants PRIVATE RH_STATIC_ID=${name})
        return()
    endif()
    set_target_properties(${name}_invariants PROPERTIES PREFIX "" OUTPUT_NAME ${name} SUFFIX ".so")
    if(RINGHOST_INVARIANTS_DIR)
        set_target_properties(${name}_invariants PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${RINGHOST_INVARIANTS_DIR})
    endif()
    target_link_options(${name}_invariants PRIVATE LINKER:-z,defs,--exclude-libs,ALL)
endfunction()
