/* Tests of kill -9: a child writes and says what was acknowledged, is killed at a random point, the
 * parent looks. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <ringhost/errors.h>

#include "tests/host/core/state_box.h"

#define ROUNDS 12

static uint64_t seed_of_run(void)
{
    const char *given = getenv("RINGHOST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    print_message("RINGHOST_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

/* Tells the parent, in one write, the revision that has been acknowledged. */
static void tell(void *user, int32_t rc, uint64_t revision)
{
    int fd = *(int *)user;
    if (rc != RH_OK || write(fd, &revision, sizeof(revision)) != (ssize_t)sizeof(revision))
        _exit(2);
}

/* Batch r puts r to two keys, to one of its own, and now and then deletes a range of old ones. */
static void child_writes(struct state_box *box, int fd, struct rh_rng *rng)
{
    uint64_t next = 0;
    if (box_open(box) != RH_OK)
        _exit(3);
    next = box_usage(box, box->ns).revision + 1;
    for (;;) {
        uint64_t count = 1 + rh_rng_below(rng, 30);
        for (uint64_t i = 0; i < count; i++, next++) {
            char value[600] = {0};
            char own[32];
            (void)snprintf(value, sizeof(value), "%llu", (unsigned long long)next); /* fits */
            (void)snprintf(own, sizeof(own), "own/%llu", (unsigned long long)next); /* fits */
            struct rh_op ops[] = {box_op(RH_OP_PUT, "a", value, 0), box_op(RH_OP_PUT, own, NULL, 0),
                                  box_op(RH_OP_PUT, "b", value, 0),
                                  box_op(RH_OP_DELETE_RANGE, "old/", "old0", 0)};
            const struct rh_batch batch = {.size = sizeof(batch),
                                           .ops = ops,
                                           .op_count = next % 5 ? 3 : 4,
                                           .op_stride = sizeof(ops[0])};
            ops[1].value = (struct rh_str){value, sizeof(value)};
            if (state_commit(box->state, box->ns, &batch, "p", 0, tell, &fd) != RH_OK)
                _exit(4);
        }
        box_run(box);
    }
}

static uint64_t read_until_kill(int fd, pid_t child, uint64_t acks)
{
    uint64_t newest = 0;
    uint64_t revision = 0;
    while (read(fd, &revision, sizeof(revision)) == (ssize_t)sizeof(revision)) {
        newest = revision;
        if (acks > 0 && --acks == 0)
            assert_int_equal(kill(child, SIGKILL), 0);
    }
    return newest;
}

static void look(struct state_box *box, uint64_t newest)
{
    char value[32];
    struct rh_value got;
    assert_int_equal(box_open(box), RH_OK);
    struct rh_usage usage = box_usage(box, box->ns);
    assert_true(usage.revision >= newest);
    (void)snprintf(value, sizeof(value), "%llu", (unsigned long long)usage.revision); /* fits */
    assert_true(box_holds(box, box->ns, "a", value));
    assert_true(box_holds(box, box->ns, "b", value));
    assert_int_equal(usage.keys, usage.revision + 2);
    for (uint64_t i = 1; i <= usage.revision; i++) {
        char own[32];
        (void)snprintf(own, sizeof(own), "own/%llu", (unsigned long long)i); /* fits */
        assert_int_equal(state_get(box->state, box->ns, box_str(own), &got), RH_OK);
        assert_int_equal(got.found, 1);
        assert_int_equal(got.version, i);
    }
    box_close(box);
}

static void acknowledged_writes_survive_kill(void **fixture)
{
    struct state_box box;
    struct rh_rng rng;
    uint64_t newest = 0;
    (void)fixture;
    rh_rng_seed(&rng, seed_of_run());
    box_init(&box);

    for (int round = 0; round < ROUNDS; round++) {
        int fds[2];
        int status = 0;
        uint64_t acks = 1 + rh_rng_below(&rng, 400);
        uint64_t child_seed = rh_rng_u64(&rng);
        assert_int_equal(pipe(fds), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            (void)close(fds[0]); /* the other end */
            rh_rng_seed(&rng, child_seed);
            child_writes(&box, fds[1], &rng);
        }
        (void)close(fds[1]); /* the child's end */
        uint64_t told = read_until_kill(fds[0], child, acks);
        (void)close(fds[0]); /* read to its end */
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
        newest = told > newest ? told : newest;
        look(&box, newest);
    }

    print_message("%d kills, %llu acknowledged batches\n", ROUNDS, (unsigned long long)newest);
    box_release(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(acknowledged_writes_survive_kill)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
