/* Suites of one call; see session.h. */
#include "host/sim/run/session.h"

#include <dirent.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/buf.h>
#include <ringhost/sdk/str.h>

#include "host/sim/run/report.h"
#include "host/sim/run/runner.h"
#include "host/sim/run/second.h"
#include "host/sim/run/seeds.h"

#define EXIT_FAILED 1
#define EXIT_USAGE  2
#define PATH_ROOM   2048u
#define SUITES_MAX  256u

struct session {
    const struct options *options;
    const char *program;
    char *const *argv;
    char plugin_dir[PATH_ROOM], installed_plugin_dir[PATH_ROOM], test_plugin_dir[PATH_ROOM];
    char check_dir[PATH_ROOM], installed_check_dir[PATH_ROOM];
    const char *suite_dir, *seed_dir;
    struct report all;
    bool is_broken;
};

/* A suite under way. */
struct current {
    struct session *session;
    const struct suite *suite;
    const char *option, *value; /* how to ask for it */
    struct seeds seeds;
    uint64_t *hashes;
    struct report report;
};

static int64_t wall_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void add_option(struct rh_buf *how, const char *option, const char *value)
{
    if (value)
        (void)rh_buf_printf(how, " %s %s", option, value); /* sticky: cut */
}

/* The suites of the tree are replayed from its root; a file anywhere takes what was given here. */
static void write_how(const struct current *c, struct rh_buf *how)
{
    const struct options *options = c->session->options;

    if (strcmp(c->option, "--scenario") != 0) {
        (void)rh_buf_append_c(how, "./dev sim"); /* as add_option */
        add_option(how, c->option, c->value);
        return;
    }
    (void)rh_buf_append_c(how, "ringhost-sim"); /* likewise */
    add_option(how, c->option, c->value);
    add_option(how, "--plugin-dir", options->plugin_dir);
    add_option(how, "--invariants-dir", options->check_dir);
    for (uint32_t i = 0; i < options->invariant_count; i++)
        add_option(how, "--invariants", options->invariants[i]);
}

static void fail(const struct current *c, uint64_t seed, const struct world_result *result)
{
    struct rh_buf how;

    rh_buf_init(&how, PATH_ROOM);
    write_how(c, &how);
    (void)rh_buf_append_byte(&how, '\0'); /* when it was cut, there is no text */
    report_failure(stdout, c->suite->scenario, how.p ? how.p : "", seed, result);
    rh_buf_release(&how);
    (void)fflush(stdout);
}

static void on_result(void *user, uint32_t index, const struct world_result *result)
{
    struct current *c = user;

    report_count(&c->report, result);
    c->hashes[index] = result->hash;
    if (c->session->options->hashes_fd >= 0)
        (void)dprintf(c->session->options->hashes_fd, "%" PRIu64 " %" PRIx64 "\n",
                      c->seeds.list[index], result->hash); /* a missing one is a difference */
    else if (result->verdict != WORLD_GOOD)
        fail(c, c->seeds.list[index], result);
}

/* The same seeds in another process must give the same digests. */
static void compare_second(struct current *c)
{
    const struct session *s = c->session;
    uint32_t first = c->seeds.kept_count;
    uint32_t count = c->seeds.count - first;
    uint64_t *second = calloc(count + 1, sizeof *second);

    if (!second)
        abort(); /* as seeds_make */
    if (second_run(s->program, s->argv, c->option, c->value, c->seeds.list + first, count,
                   second) != RH_OK)
        (void)fprintf(stderr, "ringhost-sim: the second process cannot be run\n");
    for (uint32_t i = 0; i < count; i++) {
        struct world_result result = {.verdict = WORLD_VIOLATION};

        if (second[i] == c->hashes[first + i])
            continue;
        (void)snprintf(result.invariant, sizeof result.invariant, "determinism");
        (void)snprintf(result.node, sizeof result.node, "-");
        (void)snprintf(result.text, sizeof result.text,
                       "digest %016" PRIx64 ", and %016" PRIx64 " in another process",
                       c->hashes[first + i], second[i]);
        c->report.violations++;
        fail(c, c->seeds.list[first + i], &result);
    }
    free(second);
}

static void run_traced(struct current *c)
{
    const char *path = c->session->options->trace;
    bool is_stdout = strcmp(path, "-") == 0;
    FILE *out = is_stdout ? stdout : fopen(path, "w");
    struct world_result result;

    if (!out) {
        perror(path);
        c->session->is_broken = true;
        return;
    }
    world_run(c->suite, c->seeds.list[0], out, &result);
    if (!is_stdout && fclose(out) != 0)
        perror(path);
    on_result(c, 0, &result);
}

static uint32_t jobs_of(const struct options *options)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    if (options->jobs > 0)
        return options->jobs;
    if (processors < 1)
        return 1;
    return processors < (long)RUNNER_JOBS_MAX ? (uint32_t)processors : RUNNER_JOBS_MAX;
}

static int32_t choose_seeds(struct current *c, char *why)
{
    const struct options *options = c->session->options;
    const struct scenario *scenario = c->suite->scenario;
    uint32_t count = options->is_long ? scenario->seeds_long : scenario->seeds;
    char path[PATH_ROOM];

    (void)snprintf(path, sizeof path, "%s/%s.seeds", c->session->seed_dir,
                   scenario->name); /* cut: not found */
    return options->has_seeds ? seeds_make(NULL, options->seed_first, options->seed_last, &c->seeds,
                                           why, SUITE_WHY_MAX)
                              : seeds_make(path, 1, count, &c->seeds, why, SUITE_WHY_MAX);
}

static void run_seeds(struct current *c)
{
    const struct options *options = c->session->options;
    const struct runner_options how = {.jobs = jobs_of(options), .limit_s = options->limit_s};
    int64_t from_us = wall_us();

    if (options->trace)
        run_traced(c);
    else if (runner_run(c->suite, c->seeds.list, c->seeds.count, &how, on_result, c) != RH_OK) {
        (void)fprintf(stderr, "ringhost-sim: there can be no worker processes\n");
        c->session->is_broken = true;
    }
    if (options->check_determinism)
        compare_second(c);
    if (options->hashes_fd < 0)
        report_suite(stdout, c->suite->scenario, &c->report, wall_us() - from_us);
    report_add(&c->session->all, &c->report);
}

static void run_suite(struct session *s, const char *option, const char *value, const char *file)
{
    const struct suite_places places = {
        .plugin_dirs = {s->plugin_dir, s->test_plugin_dir, s->installed_plugin_dir},
        .plugin_dir_count = s->options->plugin_dir ? 2 : 3,
        .check_dirs = {s->check_dir, s->installed_check_dir},
        .check_dir_count = s->options->check_dir ? 1 : 2,
        .checks = s->options->invariants,
        .check_count = s->options->invariant_count,
    };
    struct current c = {.session = s, .option = option, .value = value};
    char why[SUITE_WHY_MAX] = "";
    struct suite *suite = NULL;
    int32_t rc = suite_open(file, &places, &suite, why);

    c.suite = suite;
    if (rc == RH_OK)
        rc = choose_seeds(&c, why);
    if (rc != RH_OK) {
        (void)fprintf(stderr, "%s\n", why[0] ? why : "ringhost-sim: out of memory");
        s->is_broken = true;
    } else {
        c.hashes = calloc(c.seeds.count + 1, sizeof *c.hashes);
        if (!c.hashes)
            abort(); /* as seeds_make */
        run_seeds(&c);
    }
    free(c.hashes);
    free(c.seeds.list);
    suite_close(suite);
}

static int is_suite(const struct dirent *entry)
{
    return rh_str_ends_with(rh_str_from(entry->d_name), RH_STR_LIT(".sim"));
}

static void run_named(struct session *s, const char *name)
{
    char file[PATH_ROOM];

    (void)snprintf(file, sizeof file, "%s/%s.sim", s->suite_dir, name); /* cut: not found */
    run_suite(s, "--suite", name, file);
}

static void run_all(struct session *s)
{
    struct dirent **entries = NULL;
    int count = scandir(s->suite_dir, &entries, is_suite, alphasort);

    if (count <= 0) {
        (void)fprintf(stderr, "ringhost-sim: there are no suites in %s\n", s->suite_dir);
        s->is_broken = true;
    }
    for (int i = 0; i < count; i++) {
        entries[i]->d_name[strlen(entries[i]->d_name) - strlen(".sim")] = '\0';
        run_named(s, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

/* A folder beside that of the program, unless another is given. */
static void place(char *dir, const char *given, const char *program, const char *name)
{
    char copy[PATH_ROOM];

    (void)snprintf(copy, sizeof copy, "%s", program); /* cut: not found */
    if (given)
        (void)snprintf(dir, PATH_ROOM, "%s", given); /* likewise */
    else
        (void)snprintf(dir, PATH_ROOM, "%.1024s/../%s", dirname(copy), name); /* likewise */
}

int session_run(const struct options *options, const char *program, char *const *argv)
{
    struct session s = {
        .options = options,
        .program = program,
        .argv = argv,
        .suite_dir = options->suite_dir ? options->suite_dir : "tests/sim",
        .seed_dir = options->seed_dir ? options->seed_dir : "tests/seeds",
    };

    place(s.plugin_dir, options->plugin_dir, program, "plugins");
    place(s.installed_plugin_dir, NULL, program, "lib/ringhost/plugins"); /* as ringhost does */
    place(s.installed_check_dir, NULL, program, "lib/ringhost/invariants");
    place(s.test_plugin_dir, NULL, program, "tests/plugins"); /* of the suites alone */
    place(s.check_dir, options->check_dir, program, "invariants");
    for (uint32_t i = 0; i < options->suite_count; i++)
        run_named(&s, options->suites[i]);
    for (uint32_t i = 0; i < options->scenario_count; i++)
        run_suite(&s, "--scenario", options->scenarios[i], options->scenarios[i]);
    if (options->suite_count + options->scenario_count == 0)
        run_all(&s);
    if (options->hashes_fd < 0)
        report_end(stdout, &s.all);
    if (s.is_broken)
        return EXIT_USAGE;
    return s.all.violations + s.all.unconverged > 0 ? EXIT_FAILED : EXIT_SUCCESS;
}
