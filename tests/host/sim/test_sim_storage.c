/* Whole nodes on the simulated disk: what they answered outlives power cuts, full and broken disks.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/host/core/cmocka_all.h"

#include <ringhost/sdk/str.h>

#include "host/sim/sim.h"
#include "tests/host/core/life_net.h"
#include "tests/host/sim/disk_box.h"

#define SEEDS  60u
#define ROUNDS 8u

static void begin(struct life_node *n, uint64_t seed)
{
    life_node_init(n);
    rh_testnet_free(n->net);
    n->net = rh_testnet_new(seed, LIFE_WALL_MS);
    assert_non_null(n->net);
    if (life_node_begin(n, LIFE_ROUTES | LIFE_LOCAL) != RH_OK)
        fail_msg("%s", n->why);
}

static const char *put_body(uint32_t number)
{
    static _Thread_local char body[64];

    (void)snprintf(body, sizeof body, "{\"key\":\"k\",\"value\":\"%u\"}", number); /* fits */
    return body;
}

/* The number that the node has, 0 if none. */
static uint32_t number_of(struct life_node *n)
{
    const char *at;

    assert_int_equal(life_node_get(n, "/life/get?key=k"), 200);
    at = strstr(n->reply.body, "\"value\":\"");
    return at ? (uint32_t)strtoul(at + strlen("\"value\":\""), NULL, 10) : 0;
}

/* The power goes at drawn instants, also while the node starts. Counts what the rounds met. */
static void cut_power_again_and_again(uint64_t seed, uint32_t *unanswered_kept,
                                      uint32_t *starts_cut)
{
    struct life_node n;
    struct rh_rng rng;
    uint32_t answered = 0;

    rh_rng_seed(&rng, seed);
    begin(&n, seed);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        uint32_t found;

        while (rh_rng_below(&rng, 3) == 0) {
            sim_crash(n.host, SIM_CRASH_POWER); /* in the middle of opening */
            ++*starts_cut;
            if (rh_testhost_start(n.host, n.why) != RH_OK)
                fail_msg("seed %llu: %s", (unsigned long long)seed, n.why);
        }
        rh_testnet_run(n.net, 500);
        found = number_of(&n);
        if (found != answered && found != answered + 1)
            fail_msg("seed %llu round %u: found %u after %u", (unsigned long long)seed, round,
                     found, answered);
        *unanswered_kept += found > answered;
        answered = found;
        sim_disk_slow(n.host->storage.disk, true);
        for (uint64_t i = rh_rng_below(&rng, 4); i > 0; i--)
            assert_int_equal(life_node_post(&n, "/life/put", put_body(++answered)), 200);
        (void)rh_testhost_send(n.host, "POST", "/life/put", put_body(answered + 1));
        rh_testnet_run(n.net, (int64_t)rh_rng_below(&rng, 60));
        sim_crash(n.host, SIM_CRASH_POWER);
        sim_disk_slow(n.host->storage.disk, false);
        if (rh_testhost_start(n.host, n.why) != RH_OK)
            fail_msg("seed %llu: %s", (unsigned long long)seed, n.why);
    }
    assert_int_equal(rh_testhost_errors(n.host, NULL), 0);
    life_node_end(&n);
}

static void what_was_answered_outlives_every_power_cut(void **state)
{
    uint32_t unanswered_kept = 0;
    uint32_t starts_cut = 0;

    (void)state;

    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        cut_power_again_and_again(seed, &unanswered_kept, &starts_cut);

    print_message(
        "seeds 1 to %u: %u power cuts, %u of them in a start, %u unanswered writes kept\n", SEEDS,
        SEEDS * ROUNDS + starts_cut, starts_cut, unanswered_kept);
    assert_true(unanswered_kept > 0);
    assert_true(starts_cut > 0);
}

static void no_journal_is_left_to_come_back_once_a_node_has_started(void **state)
{
    (void)state;

    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct rh_str content;
        struct life_node n;

        begin(&n, seed);
        sim_crash(n.host, SIM_CRASH_POWER); /* in the middle of the first start */
        assert_int_equal(rh_testhost_start(n.host, n.why), RH_OK);
        rh_testnet_run(n.net, 10);
        if (sim_disk_durable(n.host->storage.disk, RH_STR_LIT("local.db-journal"), &content) ||
            sim_disk_durable(n.host->storage.disk, RH_STR_LIT("replica.db-journal"), &content))
            fail_msg("seed %llu: a journal is still there", (unsigned long long)seed);
        life_node_end(&n);
    }
}

static void a_full_disk_refuses_writes_until_there_is_room(void **state)
{
    uint32_t status = 200;
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_ROUTES | LIFE_LOCAL);
    assert_int_equal(life_node_post(&n, "/life/put", put_body(1)), 200);
    sim_disk_fault(n.host->storage.disk, SIM_FAULT_GROW, 1, true);

    for (int i = 0; status == 200 && i < 100; i++)
        status = life_node_post(&n, "/life/put", put_body(2));
    assert_int_not_equal(status, 200);
    assert_true(sim_disk_counts(n.host->storage.disk).bites[SIM_FAULT_GROW] > 0);
    sim_disk_fault(n.host->storage.disk, SIM_FAULT_GROW, 0, false);
    rh_testnet_run(n.net, 60000);

    assert_int_equal(life_node_post(&n, "/life/put", put_body(3)), 200);
    assert_int_equal(number_of(&n), 3);
    life_node_end(&n);
}

static void a_broken_disk_stops_writing_until_the_next_start(void **state)
{
    struct life_node n;

    (void)state;
    life_node_start(&n, LIFE_ROUTES | LIFE_LOCAL);
    assert_int_equal(life_node_post(&n, "/life/put", put_body(1)), 200);
    sim_disk_fault(n.host->storage.disk, SIM_FAULT_SYNC, 1, true);

    assert_int_not_equal(life_node_post(&n, "/life/put", put_body(2)), 200);
    sim_disk_fault(n.host->storage.disk, SIM_FAULT_SYNC, 0, false);
    sim_crash(n.host, SIM_CRASH_POWER);
    assert_int_equal(rh_testhost_start(n.host, n.why), RH_OK);
    rh_testnet_run(n.net, 2000);

    assert_in_range(number_of(&n), 1, 2);
    assert_int_equal(life_node_post(&n, "/life/put", put_body(3)), 200);
    life_node_end(&n);
}

static void a_look_shows_what_was_answered(void **state)
{
    static const char sql[] = "SELECT count(*) FROM kv WHERE key = x'6b'";
    struct life_node n;
    sqlite3 *look = NULL;

    (void)state;
    life_node_start(&n, LIFE_ROUTES | LIFE_LOCAL);
    assert_int_equal(sqlite3_open_v2("/n1/local.db", &look, SQLITE_OPEN_READONLY,
                                     sim_storage_look(&n.host->storage)),
                     SQLITE_OK);
    assert_int_equal(disk_box_number(look, sql), 0);

    assert_int_equal(life_node_post(&n, "/life/put", put_body(7)), 200);

    assert_int_equal(disk_box_number(look, sql), 1);
    sim_crash(n.host, SIM_CRASH_POWER);
    assert_int_equal(disk_box_number(look, sql), 1);
    assert_int_equal(sqlite3_close(look), SQLITE_OK);
    life_node_end(&n);
}

static void no_file_is_made_outside_the_simulated_disk(void **state)
{
    struct life_node n;
    uint32_t cursor = 0;
    uint32_t count = 0;
    struct rh_str name;

    (void)state;
    life_node_start(&n, LIFE_ROUTES | LIFE_LOCAL);

    while (sim_disk_next(n.host->storage.disk, &cursor, &name))
        count += rh_str_eq_c(name, "local.db") || rh_str_eq_c(name, "replica.db") ||
                 rh_str_eq_c(name, "state.lock") || rh_str_eq_c(name, "local.db-wal");

    assert_int_equal(count, 4);
    assert_int_not_equal(access(n.host->data_dir, F_OK), 0);
    life_node_end(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_answered_outlives_every_power_cut),
        cmocka_unit_test(no_journal_is_left_to_come_back_once_a_node_has_started),
        cmocka_unit_test(a_full_disk_refuses_writes_until_there_is_room),
        cmocka_unit_test(a_broken_disk_stops_writing_until_the_next_start),
        cmocka_unit_test(a_look_shows_what_was_answered),
        cmocka_unit_test(no_file_is_made_outside_the_simulated_disk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
