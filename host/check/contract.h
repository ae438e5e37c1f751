/* The life-cycle contract of a plugin, judged by running it in the test host: each rule in a
 * process of its own, so that a plugin that crashes or hangs fails its rule and nothing else. */
#ifndef RH_HOST_CHECK_CONTRACT_H
#define RH_HOST_CHECK_CONTRACT_H

#include <stdint.h>

#include <ringhost/abi.h>

#include "host/check/check.h"

#define CONTRACT_SEED_DEFAULT UINT64_C(1)
#define CONTRACT_DEADLINE_MS  120000 /* of real time, for each rule */

struct contract_options {
    const char *path;              /* the plugin file; or, where entry is given, NULL */
    const struct rh_plugin *entry; /* of a plugin linked into this program */
    const char *config_json;       /* its section `config:`, NULL = defaults */
    uint64_t seed;
    int64_t deadline_ms;
};

/* Runs the rules, one line each, added to the report: load, start_stop, idle, requests, garbage,
 * instances, restart, crash, in_flight, reactivate. One that could only fail because an earlier one
 * did is CHECK_NOT_APPLICABLE. The caller has no threads; stderr of the plugin is kept from the
 * screen. [loop] */
void contract_run(const struct contract_options *options, struct check_report *report);

#endif
