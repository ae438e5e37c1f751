/* A scenario with its plugins and files of checks opened, ready for any number of runs. */
#ifndef RH_HOST_SIM_RUN_SUITE_H
#define RH_HOST_SIM_RUN_SUITE_H

#include <ringhost/sim.h>

#include "host/daemon/plugin_open.h"
#include "host/sim/run/scenario.h"

#define SUITE_CHECKS_MAX 32u
#define SUITE_WHY_MAX    1024u
#define SUITE_PATH_MAX   1024u
#define SUITE_DIRS_MAX   3u

/* Where to look. */
struct suite_places {
    const char *plugin_dirs[SUITE_DIRS_MAX]; /* the first that has a file counts */
    uint32_t plugin_dir_count;
    const char *check_dirs[SUITE_DIRS_MAX]; /* of files of checks named without '/'; likewise */
    uint32_t check_dir_count;               /* 1 at least */
    const char *const *checks;              /* for all suites, from the command line */
    uint32_t check_count;
};

/* A statically linked file of checks (builds for sanitizers). */
struct static_check {
    const char *name;
    const struct rh_sim_invariants *(*entry)(void);
};
/* Ends with a row of NULL; empty in ordinary builds. */
extern const struct static_check static_checks[];

struct suite {
    struct scenario *scenario;
    struct opened_plugin plugins[SCENARIO_PLUGINS_MAX];
    struct opened_plugin older[SCENARIO_PLUGINS_MAX]; /* desc NULL: there is none */
    uint32_t plugin_count;
    struct rh_sim_invariants
        checks[SUITE_CHECKS_MAX];          /* what a shorter, older table lacks is zero */
    void *check_modules[SUITE_CHECKS_MAX]; /* NULL: linked in */
    uint32_t check_count;
};

/* Reads the scenario and opens what it names. RH_OK, or an error with words in why
 * (SUITE_WHY_MAX). */
int32_t suite_open(const char *file, const struct suite_places *places, struct suite **out,
                   char *why);
/* NULL is allowed. */
void suite_close(struct suite *suite);

#endif
