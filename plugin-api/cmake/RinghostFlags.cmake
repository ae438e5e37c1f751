# The warnings and hardening every target of ours is built with.
add_library(ringhost_flags INTERFACE)
target_compile_features(ringhost_flags INTERFACE c_std_11)
target_compile_options(ringhost_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror
    -fno-strict-aliasing -ffp-contract=off -fstack-protector-strong)
target_compile_definitions(ringhost_flags INTERFACE _GNU_SOURCE)
if(RINGHOST_SANITIZE)
    target_compile_options(ringhost_flags INTERFACE -fsanitize=${RINGHOST_SANITIZE} -fno-omit-frame-pointer)
    target_link_options(ringhost_flags INTERFACE -fsanitize=${RINGHOST_SANITIZE})
endif()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_EXTENSIONS OFF)
