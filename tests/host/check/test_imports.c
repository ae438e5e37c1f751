/* Tests of host/check/imports.c. */
#include "tests/host/core/cmocka_all.h"

#include "host/check/imports.h"

static void pure_functions_of_libc_and_libm_are_allowed(void **state)
{
    static const char *const names[] = {"memcpy",
                                        "bcmp",
                                        "strtod",
                                        "__isoc23_strtol",
                                        "snprintf",
                                        "malloc",
                                        "exp",
                                        "expf",
                                        "lgamma_r",
                                        "lgammaf_r",
                                        "erf",
                                        "erff",
                                        "abort",
                                        "__stack_chk_fail",
                                        "sqrtf",
                                        "__snprintf_chk",
                                        "__errno_location"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_true(imports_symbol_is_allowed(names[i]));
}

static void whatever_reaches_outside_is_not(void **state)
{
    static const char *const names[] = {"",
                                        "f",
                                        "time",
                                        "clock_gettime",
                                        "getenv",
                                        "environ",
                                        "stdout",
                                        "printf",
                                        "fopen",
                                        "open",
                                        "socket",
                                        "system",
                                        "rand",
                                        "qsort",
                                        "strtok",
                                        "strerror",
                                        "dlopen",
                                        "pthread_create",
                                        "signgam",
                                        "lgamma",
                                        "setlocale",
                                        "__gmon_start__",
                                        "__cxa_finalize",
                                        "__tls_get_addr",
                                        "memcp",
                                        "memcpyf",
                                        "expff",
                                        "exit"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_false(imports_symbol_is_allowed(names[i]));
}

static void only_libc_libm_and_the_loader_are_libraries_for_plugins(void **state)
{
    (void)state;
    assert_true(imports_library_is_allowed("libc.so.6"));
    assert_true(imports_library_is_allowed("libm.so.6"));
    assert_true(imports_library_is_allowed("ld-linux-x86-64.so.2"));
    assert_false(imports_library_is_allowed("libpthread.so.0"));
    assert_false(imports_library_is_allowed("libc.so"));
    assert_false(imports_library_is_allowed(""));
}

static void sanitizers_and_coverage_are_known_by_their_prefix(void **state)
{
    (void)state;
    assert_true(imports_symbol_is_instrumentation("__asan_init"));
    assert_true(imports_symbol_is_instrumentation("__gcov_init"));
    assert_true(imports_symbol_is_instrumentation("__ubsan_handle_add_overflow"));
    assert_false(imports_symbol_is_instrumentation("memcpy"));
    assert_false(imports_symbol_is_instrumentation("asan_init"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pure_functions_of_libc_and_libm_are_allowed),
        cmocka_unit_test(whatever_reaches_outside_is_not),
        cmocka_unit_test(only_libc_libm_and_the_loader_are_libraries_for_plugins),
        cmocka_unit_test(sanitizers_and_coverage_are_known_by_their_prefix),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
