/* Tests of what nvidia-smi prints, and of running it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "plugins/loop_idle_detection/probe/smi.h"

static struct gpus gpus;

static void each_line_is_a_device(void **state)
{
    static const char text[] = "0, NVIDIA H100 80GB HBM3, GPU-a, 7, 512, 81559\r\n1, NVIDIA H100 "
                               "80GB HBM3, GPU-b, [N/A], 0, 81559\n";

    (void)state;

    smi_parse(text, sizeof(text) - 1, &gpus);

    assert_int_equal(gpus.state, GPUS_SOME);
    assert_int_equal(gpus.count, 2);
    assert_string_equal(gpus.list[0].name, "NVIDIA H100 80GB HBM3");
    assert_true(gpus.list[0].utilization == 7);
    assert_int_equal(gpus.list[0].memory_total_mb, 81559);
    assert_true(gpus.list[1].utilization < 0);
}

static void lines_of_other_fields_leave_everything_unknown(void **state)
{
    static const char *const texts[] = {"No devices were found\n", "0, a, b, 1, 2\n",
                                        "0, a, b, 1, 2, 3, 4\n"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        smi_parse(texts[i], strlen(texts[i]), &gpus);
        assert_int_equal(gpus.state, GPUS_UNKNOWN);
        assert_string_not_equal(gpus.why, "");
    }
}

static void no_line_is_no_device(void **state)
{
    (void)state;
    smi_parse("\n", 1, &gpus);
    assert_int_equal(gpus.state, GPUS_NONE);
}

static void the_program_is_run_and_read(void **state)
{
    (void)state;
    assert_int_equal(setenv("STUB_SMI", "good", 1), 0);

    smi_read(STUB_SMI, 10000, &gpus);

    assert_int_equal(gpus.state, GPUS_SOME);
    assert_string_equal(gpus.list[0].name, "Tesla S");
}

static void a_program_that_fails_or_hangs_leaves_everything_unknown(void **state)
{
    (void)state;
    assert_int_equal(setenv("STUB_SMI", "fail", 1), 0);
    smi_read(STUB_SMI, 10000, &gpus);
    assert_int_equal(gpus.state, GPUS_UNKNOWN);
    assert_int_equal(setenv("STUB_SMI", "hang", 1), 0);

    smi_read(STUB_SMI, 50, &gpus);

    assert_int_equal(gpus.state, GPUS_UNKNOWN);
    assert_non_null(strstr(gpus.why, "did not end in 50 ms"));
}

static void without_the_program_there_is_none(void **state)
{
    (void)state;
    smi_read("/nonexistent/nvidia-smi", 1000, &gpus);
    assert_int_equal(gpus.state, GPUS_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_line_is_a_device),
        cmocka_unit_test(lines_of_other_fields_leave_everything_unknown),
        cmocka_unit_test(no_line_is_no_device),
        cmocka_unit_test(the_program_is_run_and_read),
        cmocka_unit_test(a_program_that_fails_or_hangs_leaves_everything_unknown),
        cmocka_unit_test(without_the_program_there_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
