/* A scenario: which cluster is simulated, what befalls it, and what is expected. Read from a text
 * file, one statement a line; docs/simulator.md has the language. Not its execution (world.h). */
#ifndef RH_HOST_SIM_RUN_SCENARIO_H
#define RH_HOST_SIM_RUN_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/types.h>

#include "host/sim/run/faults.h"

#define SCENARIO_NAME_MAX       48u
#define SCENARIO_PLUGINS_MAX    32u
#define SCENARIO_CHECKS_MAX     16u
#define SCENARIO_LINES_MAX      1024u
#define SCENARIO_ROLES_MAX      16u
#define SCENARIO_NODES_MAX      4096u
#define SCENARIO_VOTERS_MAX     1024u
#define SCENARIO_WORDS_MAX      12u
#define SCENARIO_BYTES_MAX      (1024u * 1024u)
#define SCENARIO_WHY_MAX        512u
#define SCENARIO_SAFETY_US      INT64_C(60000000)
#define SCENARIO_LIVENESS_BEATS 40

struct scenario_plugin {
    char *id;
    char *config_json; /* NULL = defaults */
    char *older;       /* name of the file of its older build, NULL = none */
};

/* Nodes first..last (from 1) have this role. */
struct scenario_role {
    char *name;
    uint32_t first, last;
};

/* A target of a scripted line. */
#define TARGET_NODE   0u /* `node` */
#define TARGET_LEADER 1u /* whoever leads then */
#define TARGET_RANDOM 2u
#define TARGET_ALL    3u

struct scenario_target {
    uint32_t kind;
    uint32_t node; /* from 0 */
};

/* Something that happens, or is asked, at an instant. */
struct scenario_line {
    int64_t at_us;
    uint32_t verb; /* index into the table of verbs (verbs.h) */
    uint32_t number;
    struct scenario_target targets[2];
    int64_t duration_us; /* "for", "within", "by"; 0 = not given */
    int64_t value;       /* percent in millionths, status, on/off: as the verb says */
    char *method, *path, *body;
};

struct scenario {
    char name[SCENARIO_NAME_MAX + 1];
    char *file;
    char *cluster_id; /* configured; NULL = the first leader makes one */
    uint32_t node_count, voter_count;
    int64_t beat_ms;
    int64_t safety_us;
    int64_t liveness_beats;
    uint32_t seeds, seeds_long; /* how many a bare run takes */
    struct faults_plan faults;
    struct scenario_plugin plugins[SCENARIO_PLUGINS_MAX];
    uint32_t plugin_count;
    char *checks[SCENARIO_CHECKS_MAX]; /* names of files of checks */
    uint32_t check_count;
    struct scenario_role roles[SCENARIO_ROLES_MAX];
    uint32_t role_count;
    struct scenario_line *lines; /* in the order of time, then of the file */
    uint32_t line_count;
};

/* Parse a whole text as the file `file` (for messages). On failure why (SCENARIO_WHY_MAX) is
 * "file:line:column: error: ...". RH_OK, RH_EINVAL, RH_ENOMEM. Free with scenario_free. */
int32_t scenario_parse(const char *file, struct rh_str whole, struct scenario **out, char *why);
/* Read and parse. Also RH_ENOTFOUND, RH_EIO. */
int32_t scenario_read(const char *file, struct scenario **out, char *why);
/* NULL is allowed. */
void scenario_free(struct scenario *scenario);

#endif
