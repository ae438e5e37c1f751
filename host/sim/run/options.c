/* The command line; see options.h. */
#include "host/sim/run/options.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/sim/run/runner.h"

#define LIMIT_S 120u

const char options_help[] =
    "usage: ringhost-sim [OPTION]...\n"
    "\n"
    "Runs clusters of nodes in one process on virtual time, with faults drawn from a seed, and\n"
    "checks after every event what must hold. docs/simulator.md says how to write a suite.\n"
    "\n"
    "  --suite NAME          the suite SUITE_DIR/NAME.sim; may be repeated; default: all\n"
    "  --scenario FILE       the suite in this file; may be repeated\n"
    "  --seeds A..B          these seeds, both ends included; default: as the suite says\n"
    "  --seed N              this seed alone\n"
    "  --long                as many seeds as the suite names for a long run\n"
    "  --jobs N              worker processes; default: one for each processor\n"
    "  --invariants FILE     further invariants for all suites; may be repeated\n"
    "  --plugin-dir DIR      where plugins are; default: ../plugins and ../lib/ringhost/plugins\n"
    "                        beside the program\n"
    "  --invariants-dir DIR  where suites find invariants; default: likewise, invariants\n"
    "  --suite-dir DIR       where --suite looks; default: tests/sim\n"
    "  --seed-dir DIR        seeds to be run first, in DIR/NAME.seeds; default: tests/seeds\n"
    "  --trace FILE          one seed, in this process, its events in readable form; - = stdout\n"
    "  --check-determinism   run each seed a second time in another process and compare\n"
    "  --limit SECONDS       longest real time for one seed; default 120\n"
    "  --help, --version\n"
    "\n"
    "Exit status: 0 when all held and converged, 1 when not, 2 for a wrong command line.\n";

static bool parse_seeds(const char *text, struct options *o)
{
    const char *dots = strstr(text, "..");

    if (!dots)
        return false;
    o->has_seeds = true;
    return rh_parse_u64((struct rh_str){text, (size_t)(dots - text)}, &o->seed_first) == RH_OK &&
           rh_parse_u64(rh_str_from(dots + 2), &o->seed_last) == RH_OK &&
           o->seed_first <= o->seed_last && o->seed_last - o->seed_first < UINT32_MAX;
}

static bool parse_seed(const char *text, struct options *o)
{
    o->has_seeds = true;
    if (rh_parse_u64(rh_str_from(text), &o->seed_first) != RH_OK)
        return false;
    o->seed_last = o->seed_first;
    return true;
}

static bool parse_u32(const char *text, uint32_t least, uint32_t most, uint32_t *out)
{
    uint64_t value;

    if (rh_parse_u64(rh_str_from(text), &value) != RH_OK || value < least || value > most)
        return false;
    *out = (uint32_t)value;
    return true;
}

static bool parse_jobs(const char *text, struct options *o)
{
    return parse_u32(text, 1, RUNNER_JOBS_MAX, &o->jobs);
}

static bool parse_limit(const char *text, struct options *o)
{
    return parse_u32(text, 1, 86400, &o->limit_s);
}

static bool parse_hashes(const char *text, struct options *o)
{
    uint32_t fd;

    if (!parse_u32(text, 3, 65535, &fd))
        return false;
    o->hashes_fd = (int)fd;
    return true;
}

static bool add(const char *list[OPTIONS_LIST_MAX], uint32_t *count, const char *text)
{
    if (*count == OPTIONS_LIST_MAX)
        return false;
    list[(*count)++] = text;
    return true;
}

static bool add_suite(const char *text, struct options *o)
{
    return add(o->suites, &o->suite_count, text);
}
static bool add_scenario(const char *text, struct options *o)
{
    return add(o->scenarios, &o->scenario_count, text);
}
static bool add_invariants(const char *text, struct options *o)
{
    return add(o->invariants, &o->invariant_count, text);
}

static bool set_plugin_dir(const char *text, struct options *o)
{
    o->plugin_dir = text;
    return true;
}
static bool set_check_dir(const char *text, struct options *o)
{
    o->check_dir = text;
    return true;
}
static bool set_suite_dir(const char *text, struct options *o)
{
    o->suite_dir = text;
    return true;
}
static bool set_seed_dir(const char *text, struct options *o)
{
    o->seed_dir = text;
    return true;
}
static bool set_trace(const char *text, struct options *o)
{
    o->trace = text;
    return true;
}
static bool set_long(const char *text, struct options *o)
{
    (void)text;
    return o->is_long = true;
}
static bool set_determinism(const char *text, struct options *o)
{
    (void)text;
    return o->check_determinism = true;
}
static bool set_help(const char *text, struct options *o)
{
    (void)text;
    return o->help = true;
}
static bool set_version(const char *text, struct options *o)
{
    (void)text;
    return o->version = true;
}

static const struct {
    const char *name;
    bool takes_value;
    bool (*set)(const char *text, struct options *o);
} known[] = {
    {"--suite", true, add_suite},
    {"--scenario", true, add_scenario},
    {"--seeds", true, parse_seeds},
    {"--seed", true, parse_seed},
    {"--long", false, set_long},
    {"--jobs", true, parse_jobs},
    {"--invariants", true, add_invariants},
    {"--plugin-dir", true, set_plugin_dir},
    {"--invariants-dir", true, set_check_dir},
    {"--suite-dir", true, set_suite_dir},
    {"--seed-dir", true, set_seed_dir},
    {"--trace", true, set_trace},
    {"--check-determinism", false, set_determinism},
    {"--limit", true, parse_limit},
    {"--hashes-fd", true, parse_hashes}, /* of --check-determinism to its second process */
    {"--help", false, set_help},
    {"--version", false, set_version},
};
#define KNOWN (sizeof known / sizeof known[0])

static bool unknown_option(const char *arg, char *why)
{
    const char *names[KNOWN];
    const char *near;

    for (size_t i = 0; i < KNOWN; i++)
        names[i] = known[i].name;
    near = rh_suggest(rh_str_from(arg), names, KNOWN);
    (void)snprintf(why, OPTIONS_WHY_MAX, "unknown option \"%.200s\"%s%s%s", arg,
                   near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
    return false;
}

bool options_parse(int argc, char **argv, struct options *out, char *why)
{
    struct options o = {.limit_s = LIMIT_S, .hashes_fd = -1};

    for (int i = 1; i < argc; i++) {
        size_t at = 0;

        while (at < KNOWN && strcmp(known[at].name, argv[i]) != 0)
            at++;
        if (at == KNOWN)
            return unknown_option(argv[i], why);
        if (known[at].takes_value && i + 1 == argc) {
            (void)snprintf(why, OPTIONS_WHY_MAX, "%s needs a value", argv[i]);
            return false;
        }
        if (known[at].takes_value)
            i++;
        if (!known[at].set(argv[i], &o)) {
            (void)snprintf(why, OPTIONS_WHY_MAX, "%s: \"%.200s\" is not a value for it",
                           known[at].name, argv[i]);
            return false;
        }
    }
    if (o.trace &&
        !(o.has_seeds && o.seed_first == o.seed_last && o.suite_count + o.scenario_count == 1)) {
        (void)snprintf(why, OPTIONS_WHY_MAX, "--trace needs one suite and one seed");
        return false;
    }
    *out = o;
    return true;
}
