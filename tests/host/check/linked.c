/* Judges every plugin that is linked into this program by the contract: for builds with sanitizers
 * and coverage, which make no plugin files. Not ringhost-check, and no unit test. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/check/contract.h"
#include "host/daemon/plugin_open.h"

static uint32_t judge(const struct static_plugin *plugin, uint64_t seed)
{
    struct contract_options options = {
        .entry = plugin->entry(), .seed = seed, .deadline_ms = 2 * CONTRACT_DEADLINE_MS};
    struct check_report report = {.count = 0};

    contract_run(&options, &report);
    for (uint32_t i = 0; i < report.count; i++)
        if (report.lines[i].verdict == CHECK_FAIL)
            (void)printf("FAIL %s %s: %s\n", plugin->id, report.lines[i].rule,
                         report.lines[i].detail);
    return check_count(&report, CHECK_FAIL);
}

int main(int argc, char **argv)
{
    uint32_t failed = 0, count = 0;

    for (const struct static_plugin *plugin = static_plugins; plugin->id; plugin++) {
        if (argc > 1 && strcmp(argv[1], plugin->id) != 0)
            continue;
        failed += judge(plugin, CONTRACT_SEED_DEFAULT);
        count++;
    }
    (void)printf("%u plugins, %u rules failed\n", count, failed);
    return count > 0 && failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
