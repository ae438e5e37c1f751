/* The lines that scripts rely on, to the letter. */
#include <stdlib.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "host/sim/run/report.h"

static void lines_are_as_documented(void **state)
{
    const struct scenario scenario = {.name = "raft"};
    const struct world_result bad = {.verdict = WORLD_VIOLATION,
                                     .at_us = 12345678,
                                     .virtual_us = 120000000,
                                     .invariant = "one_leader",
                                     .node = "n2",
                                     .text = "n1 leads too"};
    const struct world_result late = {.verdict = WORLD_UNCONVERGED, .virtual_us = 120000000};
    struct report report = {0};
    struct report all = {0};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    for (int i = 0; i < 1998; i++) {
        const struct world_result good = {.virtual_us = 120000000, .events = 5};

        report_count(&report, &good);
    }
    report_count(&report, &bad);
    report_count(&report, &late);
    report_add(&all, &report);

    report_failure(out, &scenario, "./dev sim --suite raft", 7, &bad);
    report_suite(out, &scenario, &report, 22700000);
    report_suite(out, &scenario, &report, 2000000000);
    report_end(out, &all);

    (void)fclose(out);
    assert_string_equal(
        text,
        "FAIL raft seed=7 invariant=one_leader at=12.3s node=n2; replay: ./dev sim --suite raft "
        "--seed 7\n  n1 leads too\n"
        "raft seeds=2000 violations=1 unconverged=1 virtual_h=66.7 seeds_per_s=88\n"
        "raft seeds=2000 violations=1 unconverged=1 virtual_h=66.7 seeds_per_s=1.0\n"
        "2000 seeds, 66.7 virtual hours, 1 violations, 1 unconverged\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_as_documented),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
