/* Tests of the object that the probe prints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ringhost/errors.h>

#include "plugins/loop_idle_detection/probe/report.h"

static void what_is_unknown_is_null(void **state)
{
    const struct gpus gpus = {
        .state = GPUS_SOME,
        .count = 1,
        .list = {{.name = "A", .utilization = -1, .memory_used_mb = -1, .memory_total_mb = 7}},
        .why = ""};
    const struct report report = {.source = "nvml",
                                  .gpus = &gpus,
                                  .cpu_percent = 2.5,
                                  .pressure_percent = -1,
                                  .cpu_count = 4};
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 4096);

    report_write(&report, &buf);
    assert_int_equal(rh_buf_append_byte(&buf, '\0'), RH_OK);

    assert_string_equal(
        buf.p,
        "{\"gpu_state\":\"some\",\"gpu_source\":\"nvml\",\"problem\":\"\",\"gpus\":[{\"index\":0,"
        "\"name\":\"A\",\"uuid\":\"\",\"utilization\":null,\"memory_used_mb\":null,"
        "\"memory_total_mb\":7}],\"cpu\":{\"count\":4,\"utilization\":2.5,\"pressure\":null}}\n");
    rh_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_unknown_is_null)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
