/* The command line of ringhost-sim. */
#ifndef RH_HOST_SIM_RUN_OPTIONS_H
#define RH_HOST_SIM_RUN_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#define OPTIONS_LIST_MAX 64u
#define OPTIONS_WHY_MAX  512u

/* Strings point into argv. Zero = not given. */
struct options {
    const char *suites[OPTIONS_LIST_MAX];
    uint32_t suite_count;
    const char *scenarios[OPTIONS_LIST_MAX];
    uint32_t scenario_count;
    const char *invariants[OPTIONS_LIST_MAX];
    uint32_t invariant_count;
    uint64_t seed_first, seed_last;
    bool has_seeds;
    uint32_t jobs;
    uint32_t limit_s;
    const char *plugin_dir, *check_dir, *suite_dir, *seed_dir;
    const char *trace;
    bool is_long;
    bool check_determinism;
    int hashes_fd; /* -1 = none */
    bool help, version;
};

/* false: why (OPTIONS_WHY_MAX) says what is wrong. */
bool options_parse(int argc, char **argv, struct options *out, char *why);
/* The text of --help. */
extern const char options_help[];

#endif
