/* Tests of asking the library: a stand-in, whole, partial and failing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "plugins/loop_idle_detection/probe/nvml.h"

static struct gpus gpus;

static void read_with(const char *fault)
{
    assert_int_equal(setenv("STUB_NVML", fault, 1), 0);
    nvml_read(STUB_WHOLE, &gpus);
}

static void a_good_library_names_each_device(void **state)
{
    (void)state;

    read_with("");

    assert_int_equal(gpus.state, GPUS_SOME);
    assert_int_equal(gpus.count, 2);
    assert_string_equal(gpus.list[1].name, "Stub 1");
    assert_string_equal(gpus.list[1].uuid, "GPU-1");
    assert_true(gpus.list[0].utilization == 97);
    assert_true(gpus.list[1].utilization == 3);
    assert_int_equal(gpus.list[1].memory_used_mb, 1024);
    assert_int_equal(gpus.list[1].memory_total_mb, 80 * 1024);
}

static void a_library_without_a_symbol_leaves_everything_unknown(void **state)
{
    (void)state;

    nvml_read(STUB_PARTIAL, &gpus);

    assert_int_equal(gpus.state, GPUS_UNKNOWN);
    assert_string_equal(gpus.why, "the library has no nvmlDeviceGetMemoryInfo");
}

static void error_codes_leave_everything_unknown_and_are_told(void **state)
{
    static const struct {
        const char *fault, *why;
    } rows[] = {{"init", "failed with 9"},
                {"count", "failed with 999"},
                {"lost", "device 1 failed with 15"}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        read_with(rows[i].fault);
        assert_int_equal(gpus.state, GPUS_UNKNOWN);
        if (!strstr(gpus.why, rows[i].why))
            fail_msg("no \"%s\" in \"%s\"", rows[i].why, gpus.why);
    }
}

static void a_device_that_does_not_tell_its_utilisation_is_unknown(void **state)
{
    (void)state;

    read_with("utilization");

    assert_int_equal(gpus.state, GPUS_SOME);
    assert_true(gpus.list[0].utilization < 0);
    assert_int_equal(gpus.list[0].memory_total_mb, 80 * 1024);
}

static void no_library_and_no_device_are_none(void **state)
{
    (void)state;

    nvml_read("/nonexistent/libnvidia-ml.so.1", &gpus);
    assert_int_equal(gpus.state, GPUS_NONE);
    read_with("empty");
    assert_int_equal(gpus.state, GPUS_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_library_names_each_device),
        cmocka_unit_test(a_library_without_a_symbol_leaves_everything_unknown),
        cmocka_unit_test(error_codes_leave_everything_unknown_and_are_told),
        cmocka_unit_test(a_device_that_does_not_tell_its_utilisation_is_unknown),
        cmocka_unit_test(no_library_and_no_device_are_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
