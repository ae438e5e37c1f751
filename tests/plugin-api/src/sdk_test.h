/* What the SDK's tests share: failing allocations, seeds, and code that must abort; one per
 * program. */
#ifndef RH_TESTS_PLUGIN_API_SRC_SDK_TEST_H
#define RH_TESTS_PLUGIN_API_SRC_SDK_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <inttypes.h>
#include <ringhost/sdk/rng.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugin-api/src/alloc.h"

/* The allocation after this many good ones fails; negative: none does. */
static int allocations_left = -1;

/* Stands in for the SDK's own: a static library's member is linked only if nobody defined it
 * before. */
void *rh_mem_resize(void *block, size_t size)
{
    if (allocations_left == 0)
        return NULL;
    if (allocations_left > 0)
        allocations_left--;
    return realloc(block, size);
}

/* The generator of a random test: RH_TEST_SEED if set, else the given seed; printed for replay. */
static inline struct rh_rng test_rng(uint64_t seed)
{
    const char *text = getenv("RH_TEST_SEED");
    struct rh_rng rng;

    if (text)
        seed = strtoull(text, NULL, 0);
    print_message("seed: RH_TEST_SEED=%" PRIu64 "\n", seed);
    rh_rng_seed(&rng, seed);
    return rng;
}

/* Whether run aborts, in a child process whose message is not shown. */
static inline bool aborts(void (*run)(void))
{
    int status = 0;
    pid_t pid;

    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        if (!freopen("/dev/null", "w", stderr))
            _exit(1);
        run();
        _exit(0);
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

#endif
