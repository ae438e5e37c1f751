/* For the tests of jobs: a loop, a driver on a folder of its own, shell scripts as jobs. No test.
 */
#ifndef RH_TESTS_HOST_DAEMON_PROCESS_RIG_H
#define RH_TESTS_HOST_DAEMON_PROCESS_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ringhost/sdk/str.h>

#include "host/daemon/process.h"
#include "host/exec/jobdir.h"

#define OWNER       "tester"
#define PATIENCE_MS 30000u
#define JOBS_MAX    128u
#define RIG_UNUSED  __attribute__((unused))

struct ended {
    uint32_t count;
    int32_t rc;
    int32_t code;
    int32_t signal;
    char reason[32];
    char message[1024];
    char output[4096];
    char limits[64];
    size_t errors_bytes;
    char errors_last;
    uint32_t folder_was_there;
    char key[32];
};

struct rig {
    uv_loop_t loop;
    uv_timer_t patience;
    uint32_t is_late;
    char root[64];
    struct process_driver *driver;
    struct ended ended;
    uint32_t total; /* ends of all jobs */
};

static struct rig *the_rig; /* what callbacks look at; tests run one after the other */

static RIG_UNUSED void on_late(uv_timer_t *timer)
{
    ((struct rig *)timer->data)->is_late = 1;
}

static RIG_UNUSED int folder_exists(const struct rig *rig, const char *key)
{
    char path[256];

    (void)snprintf(path, sizeof path, "%s/jobs/" OWNER "/%s", rig->root, key);
    return access(path, F_OK) == 0;
}

static RIG_UNUSED void cut(char *dst, size_t size, struct rh_str s)
{
    (void)snprintf(dst, size, "%.*s", RH_STR_ARG(s));
}

static RIG_UNUSED void on_done(void *user, const struct rh_process_exit *exit)
{
    struct ended *ended = user;

    ended->count++;
    the_rig->total++;
    ended->rc = exit->rc;
    ended->code = exit->code;
    ended->signal = exit->signal;
    cut(ended->reason, sizeof ended->reason, exit->reason);
    cut(ended->message, sizeof ended->message, exit->message);
    cut(ended->output, sizeof ended->output, exit->output);
    cut(ended->limits, sizeof ended->limits, exit->limits);
    ended->errors_bytes = exit->errors.n;
    ended->errors_last = exit->errors.n ? exit->errors.p[exit->errors.n - 1] : '\0';
    ended->folder_was_there = ended->key[0] && folder_exists(the_rig, ended->key);
}

static RIG_UNUSED void driver_make(struct rig *rig)
{
    assert_int_equal(process_driver_new(&rig->loop, rig->root, RINGHOST_EXEC_PROGRAM, &rig->driver),
                     RH_OK);
}

static RIG_UNUSED void driver_renew(struct rig *rig)
{
    process_driver_free(rig->driver);
    (void)uv_run(&rig->loop, UV_RUN_NOWAIT);
    driver_make(rig);
}

static RIG_UNUSED int setup(void **state)
{
    struct rig *rig = calloc(1, sizeof *rig);

    assert_non_null(rig);
    assert_int_equal(uv_loop_init(&rig->loop), 0);
    assert_int_equal(uv_timer_init(&rig->loop, &rig->patience), 0);
    rig->patience.data = rig;
    assert_int_equal(uv_timer_start(&rig->patience, on_late, PATIENCE_MS, 0), 0);
    (void)snprintf(rig->root, sizeof rig->root, "/tmp/ringhost-process-XXXXXX");
    assert_non_null(mkdtemp(rig->root));
    driver_make(rig);
    the_rig = rig;
    *state = rig;
    return 0;
}

static RIG_UNUSED uint32_t entries(const char *root, const char *below)
{
    char path[256];
    uint32_t count = 0;
    DIR *dir;

    (void)snprintf(path, sizeof path, "%s/%s", root, below);
    dir = opendir(path);
    if (!dir)
        return 0;
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    assert_int_equal(closedir(dir), 0);
    return count;
}

static RIG_UNUSED void remove_empty(const char *root, const char *below)
{
    char path[256];

    (void)snprintf(path, sizeof path, "%s%s", root, below);
    assert_true(rmdir(path) == 0 || errno == ENOENT);
}

static RIG_UNUSED int teardown(void **state)
{
    struct rig *rig = *state;

    process_driver_free(rig->driver);
    uv_close((uv_handle_t *)&rig->patience, NULL);
    (void)uv_run(&rig->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&rig->loop), 0);
    remove_empty(rig->root, "/jobs/" OWNER); /* fails when a test has left a folder */
    remove_empty(rig->root, "/jobs/.gone");
    remove_empty(rig->root, "/jobs");
    remove_empty(rig->root, "");
    free(rig);
    return 0;
}

static RIG_UNUSED void run_until(struct rig *rig, const uint32_t *count, uint32_t wanted)
{
    while (*count < wanted) {
        (void)uv_run(&rig->loop, UV_RUN_ONCE);
        if (rig->is_late)
            fail_msg("%u of %u after %u ms", *count, wanted, PATIENCE_MS);
    }
}

/* One more turn, in which the folder of the last job has gone. */
static RIG_UNUSED void run_once(struct rig *rig)
{
    (void)uv_run(&rig->loop, UV_RUN_NOWAIT);
}

static RIG_UNUSED int32_t shell_with(struct rig *rig, struct rh_process_spec spec, const char *key,
                                     const char *script, struct ended *ended)
{
    struct rh_str argv[] = {RH_STR_INIT("sh"), RH_STR_INIT("-c"), rh_str_from(script)};

    spec.size = (uint32_t)sizeof spec;
    spec.key = key;
    spec.argv = (struct rh_str_list){argv, 3, 0};
    (void)snprintf(ended->key, sizeof ended->key, "%s", key);
    return process_driver_run(rig->driver, OWNER, &spec, on_done, ended);
}

static RIG_UNUSED void shell(struct rig *rig, const char *key, const char *script)
{
    struct rh_process_spec spec = {.grace_ms = 2000};

    assert_int_equal(shell_with(rig, spec, key, script, &rig->ended), RH_OK);
}

/* Wait until the job has written text to stdout. */
static RIG_UNUSED void await_output(struct rig *rig, const char *key, const char *text)
{
    for (;;) {
        struct rh_buf out;
        int found;

        rh_buf_init(&out, 4096);
        assert_int_equal(process_driver_output(rig->driver, OWNER, key, 0, 4096, &out), RH_OK);
        found = out.n == strlen(text) && memcmp(out.p, text, out.n) == 0;
        rh_buf_release(&out);
        if (found)
            return;
        (void)uv_run(&rig->loop, UV_RUN_NOWAIT);
        if (rig->is_late)
            fail_msg("no output within %u ms", PATIENCE_MS);
    }
}

#endif
