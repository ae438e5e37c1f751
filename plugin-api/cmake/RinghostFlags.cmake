# The warnings and hardening every target of ours is built with; plugins of third parties do not see this file.
add_library(ringhost_flags INTERFACE)
target_compile_features(ringhost_flags INTERFACE c_std_11)
target_compile_options(ringhost_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror
    -fno-strict-aliasing -ffp-contract=off -fstack-protector-strong
    -fmacro-prefix-map=${CMAKE_SOURCE_DIR}/=)
if(CMAKE_C_COMPILER_ID STREQUAL GNU)
    # Words for people are cut to fit on purpose; how much gcc sees of that depends on the optimisation level.
    target_compile_options(ringhost_flags INTERFACE -Wno-format-truncation)
endif()
target_compile_definitions(ringhost_flags INTERFACE _GNU_SOURCE)
if(RINGHOST_SANITIZE)
    # no-recover: undefined behaviour ends the test instead of printing a line that nobody reads.
    set(sanitize -fsanitize=${RINGHOST_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_compile_options(ringhost_flags INTERFACE ${sanitize})
    target_link_options(ringhost_flags INTERFACE ${sanitize})
endif()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)

# CMake's own optimised build types define NDEBUG; asserts stay on in every build of ringhost.
foreach(type RELEASE RELWITHDEBINFO MINSIZEREL)
    string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_${type} "${CMAKE_C_FLAGS_${type}}")
endforeach()
