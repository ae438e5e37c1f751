/* A machine that loses its power while another node's copy is put in the place of replica.db, on a
 * simulated disk: the old state or the new, whole. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include <ringhost/errors.h>
#include <ringhost/sdk/rng.h>

#include "host/sim/sim_disk.h"
#include "host/sim/sim_vfs.h"
#include "tests/host/core/log_box.h"

#define SEEDS    300u
#define OLD_KEYS 20u
#define NEW_KEYS 60u

static int64_t wall_ms(void *user)
{
    (void)user;
    return 1700000000000;
}

static void put_many(struct log_box *log, const char *value, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        char key[16];
        (void)snprintf(key, sizeof(key), "k%u", i); /* fits */
        log_box_put(log, key, value);
    }
}

/* All keys have one value, and the index says which. 1 = the new state. */
static int look(struct log_box *log, uint64_t seed)
{
    int is_new = log_box_index(log) == NEW_KEYS;
    uint32_t keys = is_new ? NEW_KEYS : OLD_KEYS;
    if (log_box_index(log) != keys || box_usage(&log->box, log->box.rep).keys != keys)
        fail_msg("seed %llu: index %llu", (unsigned long long)seed,
                 (unsigned long long)log_box_index(log));
    for (uint32_t i = 0; i < keys; i++) {
        char key[16];
        (void)snprintf(key, sizeof(key), "k%u", i); /* fits */
        if (!box_holds(&log->box, log->box.rep, key, is_new ? "new" : "old"))
            fail_msg("seed %llu: %s is not of the same state", (unsigned long long)seed, key);
    }
    return is_new;
}

/* One life: the old state, the new one on its way, and the power goes. 1 = the new one is left. */
static int live_and_crash(struct log_box *from, uint64_t seed)
{
    const struct sim_vfs_clock clock = {wall_ms, NULL};
    struct sim_disk *disk = sim_disk_new(seed);
    struct log_box *log = log_box_make();
    struct sim_vfs *vfs = sim_vfs_new(disk, log->box.fake.directory, clock);
    struct rh_rng rng;
    rh_rng_seed(&rng, seed);
    int has_ended = rh_rng_below(&rng, 4) == 0;

    log->box.fake.driver.sqlite_vfs = sim_vfs_name(vfs);
    assert_int_equal(box_open(&log->box), RH_OK);
    put_many(log, "old", OLD_KEYS);
    state_checkpoint(log->box.state);
    box_run(&log->box);
    log_box_carry(log, from, 4096);
    sim_disk_job_enter(disk);
    assert_int_equal(log_box_install(log, NEW_KEYS, 1), RH_OK);
    uint64_t job = sim_disk_job_leave(disk);
    assert_int_equal(log->install_rc, RH_OK);
    if (has_ended)
        sim_disk_job_end(disk, job);
    struct sim_disk *after = sim_disk_crash(disk, SIM_CRASH_POWER);
    box_close(&log->box); /* of the life that is over */
    sim_vfs_free(vfs);
    sim_disk_free(disk);

    vfs = sim_vfs_new(after, log->box.fake.directory, clock);
    log->box.fake.driver.sqlite_vfs = sim_vfs_name(vfs);
    if (box_open(&log->box) != RH_OK)
        fail_msg("seed %llu: %s", (unsigned long long)seed, log->box.why);
    int is_new = look(log, seed);
    if (has_ended && !is_new)
        fail_msg("seed %llu: the new state was said to be in force", (unsigned long long)seed);
    log_box_free(log);
    sim_vfs_free(vfs);
    sim_disk_free(after);
    return is_new;
}

static void a_power_cut_leaves_the_old_state_or_the_new(void **state)
{
    struct log_box *from = log_box_new(NULL);
    uint32_t news = 0;
    (void)state;
    put_many(from, "new", NEW_KEYS);
    assert_int_equal(log_box_snapshot(from, 0), RH_OK);

    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        news += (uint32_t)live_and_crash(from, seed);

    print_message("%u crashes: %u times the new state was left\n", SEEDS, news);
    assert_true(news > SEEDS / 10);
    assert_true(news < SEEDS - SEEDS / 10);
    log_box_free(from);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_power_cut_leaves_the_old_state_or_the_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
