/* Nodes whose plugin differs in what it can do with the schema of a replicated namespace. What
 * nodes say of themselves is given to their peer tables by hand. */
#include <stdlib.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include <ringhost/sdk/str.h>

#include "host/core/core_internal.h"
#include "tests/host/core/agree_net.h"

#define LIFE 2u /* place of "life" among the plugins */

static int setup(void **fixture)
{
    struct agree_net *n = calloc(1, sizeof *n);

    assert_non_null(n);
    agree_net_init(n, 3);
    *fixture = n;
    return 0;
}

static int teardown(void **fixture)
{
    agree_net_end(*fixture);
    free(*fixture);
    return 0;
}

static struct plugin_ns *ns_of(struct agree_net *n, uint32_t at)
{
    return &agree_net_core(n, at)->plugins[LIFE].namespaces[0];
}

/* The node has other code from its next activation on. */
static void have(struct agree_net *n, uint32_t at, uint32_t read_min, uint32_t write_min,
                 uint32_t write)
{
    struct plugin_ns *ns = ns_of(n, at);

    ns->def.schema_read_min = read_min;
    ns->def.schema_write_min = write_min;
    ns->def.schema_write = write;
}

/* Node `at` hears what node `of` says of itself, and whether it lives. */
static void hear(struct agree_net *n, uint32_t at, uint32_t of, const char *presence,
                 uint32_t liveness)
{
    static uint64_t version = 10;
    struct core *core = agree_net_core(n, at);
    const struct rh_node_state said = {
        .size = (uint32_t)sizeof said,
        .node_id = rh_str_from(n->all->nodes[of].id),
        .instance_id = rh_str_from(agree_net_core(n, of)->instance_id),
        .address = rh_str_from(n->all->nodes[of].id),
        .presence = rh_str_from(presence),
        .generation = 1,
        .version = version++,
    };
    struct peer *peer;

    assert_true(peers_learn(&core->peers, &said, core->wall_ms) > 0);
    peer = peers_get(&core->peers, said.node_id, false);
    assert_non_null(peer);
    (void)peers_report(&core->peers, peer, liveness, version,
                       core->wall_ms); /* or it is as it was */
}

/* All nodes with schema 1 in the namespace; then the first one has other code and leads anew. */
static void start_and_upgrade_n1(struct agree_net *n, uint32_t write_min)
{
    agree_net_start(n);
    assert_int_equal(agree_net_put(n, 0, "a", "one"), 200);
    have(n, 0, 1, write_min, 2);
    agree_lead(n->all, 0);
    agree_net_run(n, 2000);
}

static uint32_t stored(struct agree_net *n, uint32_t at)
{
    uint32_t schema = 0;

    assert_int_equal(state_schema(agree_net_core(n, at)->state, ns_of(n, at)->ns, &schema), RH_OK);
    return schema;
}

static void a_node_tells_what_it_can_do(void **fixture)
{
    struct agree_net *n = *fixture;
    struct rh_node_state self;

    agree_net_start(n);

    presence_self_state(agree_net_core(n, 0), &self);

    assert_non_null(strstr(self.presence.p, "\"schemas\":{\"life\":[1,1,1]}"));
}

static void the_older_schema_is_written_until_all_voters_read_the_newer(void **fixture)
{
    struct agree_net *n = *fixture;

    start_and_upgrade_n1(n, 1);
    hear(n, 0, 1, "{\"schemas\":{\"life\":[1,1,2]}}", RH_PEER_ALIVE);
    hear(n, 0, 2, "{\"schemas\":{\"life\":[1,1,1]}}", RH_PEER_ALIVE);
    agree_net_run(n, 5000);
    assert_int_equal(agree_net_put(n, 0, "b", "two"), 200);
    assert_int_equal(n->scripts[0].schema_told, 1);
    assert_int_equal(n->scripts[0].migrated_from, 0);

    hear(n, 0, 2, "{\"schemas\":{\"life\":[1,1,2]}}", RH_PEER_ALIVE);
    agree_net_run(n, 2000);

    assert_int_equal(n->scripts[0].migrated_from, 1);
    assert_int_equal(stored(n, 0), 2);
    assert_int_equal(stored(n, 2), 2);
    assert_int_equal(agree_net_put(n, 0, "c", "three"), 200);
    agree_net_run(n, 500);
    agree_net_is_equal(n);
}

static void a_voter_that_may_not_live_counts_as_one_that_does_not_read(void **fixture)
{
    struct agree_net *n = *fixture;

    start_and_upgrade_n1(n, 1);
    hear(n, 0, 1, "{\"schemas\":{\"life\":[1,1,2]}}", RH_PEER_ALIVE);
    hear(n, 0, 2, "{\"schemas\":{\"life\":[1,1,2]}}", RH_PEER_SUSPECT);
    agree_net_run(n, 5000);
    assert_int_equal(stored(n, 0), 1);

    hear(n, 0, 2, "{\"schemas\":{\"life\":[1,1,2]}}", RH_PEER_ALIVE);
    agree_net_run(n, 2000);

    assert_int_equal(stored(n, 0), 2);
}

static void what_cannot_be_read_is_no_promise(void **fixture)
{
    static const char *const words[] = {
        "{}",
        "{\"schemas\":[]}",
        "{\"schemas\":{\"life\":[1,2]}}",
        "{\"schemas\":{\"life\":[1,1,2,2]}}",
        "{\"schemas\":{\"life\":[1,1,\"2\"]}}",
        "{\"schemas\":{\"life\":[0,1,2]}}",
        "{\"schemas\":{\"life\":[2,1,2]}}",
        "{\"schemas\":{\"life\":2}}",
    };
    struct agree_net *n = *fixture;

    start_and_upgrade_n1(n, 1);
    hear(n, 0, 1, "{\"schemas\":{\"life\":[1,1,2]}}", RH_PEER_ALIVE);

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        hear(n, 0, 2, words[i], RH_PEER_ALIVE);
        agree_net_run(n, 2000);
        if (stored(n, 0) != 1)
            fail_msg("raised by %s", words[i]);
    }

    hear(n, 0, 2, "{\"schemas\":{\"other\":[1,1,1]}}", RH_PEER_ALIVE); /* it has no such plugin */
    agree_net_run(n, 2000);
    assert_int_equal(stored(n, 0), 2);
}

static void who_cannot_write_the_older_schema_waits_and_names_the_voter(void **fixture)
{
    struct agree_net *n = *fixture;

    start_and_upgrade_n1(n, 2);
    assert_int_equal(agree_net_get(n, 0, "a"), 503);
    agree_net_says(n, "holds schema 1, this version writes 2 to 2, and voter n2 has not said that "
                      "it reads 2");
    hear(n, 0, 1, "{\"schemas\":{\"life\":[1,1,2]}}", RH_PEER_ALIVE);
    hear(n, 0, 2, "{\"schemas\":{\"life\":[1,1,1]}}", RH_PEER_DEAD);
    agree_net_run(n, 1000);
    assert_int_equal(agree_net_get(n, 0, "a"), 503);
    agree_net_says(n, "voter n3 does not read 2");
    assert_int_equal(rh_testhost_request(n->hosts[0], "GET", "/admin/health", NULL, &n->reply),
                     200);
    agree_net_says(n, "voter n3 does not read 2");

    hear(n, 0, 2, "{\"schemas\":{\"life\":[1,1,2]}}", RH_PEER_ALIVE);
    agree_net_run(n, 2000);

    assert_int_equal(agree_net_get(n, 0, "a"), 200);
    assert_int_equal(stored(n, 0), 2);
}

static void an_empty_namespace_begins_as_all_that_spoke_can_read(void **fixture)
{
    struct agree_net *n = *fixture;

    agree_net_start(n);
    have(n, 0, 1, 1, 3);
    agree_net_lead(n, 0);
    agree_net_run(n, 100);
    assert_int_equal(n->scripts[0].schema_told, 3);
    hear(n, 0, 2, "{\"schemas\":{\"life\":[1,1,1]}}", RH_PEER_ALIVE);
    agree_net_run(n, 2000);
    assert_int_equal(n->scripts[0].schema_told, 1);
    assert_int_equal(agree_net_put(n, 0, "a", "one"), 200);
    assert_int_equal(stored(n, 0), 1);

    have(n, 1, 1, 1, 3);
    agree_net_lead(n, 1);

    assert_int_equal(n->scripts[1].schema_told, 1);
}

/* --- what is stored is newer than the code --- */

static void raise_to_2(struct agree_net *n)
{
    start_and_upgrade_n1(n, 1);
    hear(n, 0, 1, "{\"schemas\":{\"life\":[1,1,2]}}", RH_PEER_ALIVE);
    hear(n, 0, 2, "{\"schemas\":{\"life\":[1,1,2]}}", RH_PEER_ALIVE);
    agree_net_run(n, 2000);
    assert_int_equal(stored(n, 1), 2);
}

static void an_older_node_holds_the_data_and_does_not_use_it(void **fixture)
{
    struct agree_net *n = *fixture;

    raise_to_2(n);

    agree_lead(n->all, 1); /* its code is the old one all the time */
    agree_net_run(n, 3000);

    assert_int_equal(agree_net_get(n, 1, "a"), 503);
    agree_net_says(n, "holds schema 2, this version reads 1 to 1");
    assert_int_equal(n->scripts[1].activations, 0);
    agree_net_is_equal(n);
}

static void it_hands_over_once_it_knows_of_a_node_that_can(void **fixture)
{
    struct agree_net *n = *fixture;

    raise_to_2(n);
    hear(n, 1, 2, "{\"schemas\":{\"life\":[1,1,1]}}", RH_PEER_ALIVE);
    hear(n, 1, 0, "{\"schemas\":{\"life\":[1,1,2]}}", RH_PEER_DEAD);
    agree_lead(n->all, 1);
    agree_net_run(n, 5000);
    assert_int_equal(n->all->nodes[1].steps_down, 0);

    hear(n, 1, 0, "{\"schemas\":{\"life\":[1,1,2]}}", RH_PEER_ALIVE);
    agree_net_run(n, 2000);

    assert_true(n->all->nodes[1].steps_down > 0);
    assert_true(rh_testhost_logged(n->hosts[1], "step_down") > 0);
}

/* --- migrate --- */

static void the_number_goes_with_the_batch_of_migrate(void **fixture)
{
    struct agree_net *n = *fixture;
    uint64_t before;

    start_and_upgrade_n1(n, 1);
    n->scripts[0].migrate_puts = 1;
    hear(n, 0, 1, "{\"schemas\":{\"life\":[1,1,2]}}", RH_PEER_ALIVE);
    before = n->all->commit;
    hear(n, 0, 2, "{\"schemas\":{\"life\":[1,1,2]}}", RH_PEER_ALIVE);
    agree_net_run(n, 2000);

    assert_int_equal(n->scripts[0].migrate_put_rc, RH_OK);
    assert_int_equal(n->all->commit, before + 1);
    assert_int_equal(stored(n, 2), 2);
    assert_int_equal(agree_net_get(n, 0, "migrated"), 200);
    agree_net_is_equal(n);
}

static void migrate_has_one_batch(void **fixture)
{
    struct agree_net *n = *fixture;

    start_and_upgrade_n1(n, 1);
    n->scripts[0].migrate_puts = 2;
    hear(n, 0, 1, "{\"schemas\":{\"life\":[1,1,2]}}", RH_PEER_ALIVE);
    hear(n, 0, 2, "{\"schemas\":{\"life\":[1,1,2]}}", RH_PEER_ALIVE);

    agree_net_run(n, 2000);

    assert_int_equal(n->scripts[0].migrate_put_rc, RH_EINVAL);
}

static void activate_waits_until_the_migration_is_applied(void **fixture)
{
    struct agree_net *n = *fixture;
    uint32_t before;

    start_and_upgrade_n1(n, 1);
    before = n->scripts[0].activations;
    n->scripts[0].migrate_puts = 1;
    agree_hold(n->all, true);
    hear(n, 0, 1, "{\"schemas\":{\"life\":[1,1,2]}}", RH_PEER_ALIVE);
    hear(n, 0, 2, "{\"schemas\":{\"life\":[1,1,2]}}", RH_PEER_ALIVE);
    agree_net_run(n, 2000);
    assert_int_equal(n->scripts[0].migrated_from, 1);
    assert_int_equal(n->scripts[0].activations, before);

    agree_hold(n->all, false);
    agree_net_run(n, 500);

    assert_int_equal(n->scripts[0].activations, before + 1);
    assert_int_equal(n->scripts[0].schema_told, 2);
}

static void a_migration_whose_leader_is_deposed_is_begun_again(void **fixture)
{
    struct agree_net *n = *fixture;

    start_and_upgrade_n1(n, 1);
    n->scripts[0].migrate_puts = 1;
    agree_hold(n->all, true);
    hear(n, 0, 1, "{\"schemas\":{\"life\":[1,1,2]}}", RH_PEER_ALIVE);
    hear(n, 0, 2, "{\"schemas\":{\"life\":[1,1,2]}}", RH_PEER_ALIVE);
    agree_net_run(n, 1000);
    agree_lead(n->all, 1); /* what was not agreed on is gone */
    agree_hold(n->all, false);
    agree_net_run(n, 1000);
    assert_int_equal(stored(n, 1), 1);
    assert_int_equal(agree_net_get(n, 1, "a"), 200);

    agree_net_lead(n, 0);
    agree_net_run(n, 1000);

    assert_int_equal(stored(n, 1), 2);
    agree_net_is_equal(n);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_node_tells_what_it_can_do),
        EACH(the_older_schema_is_written_until_all_voters_read_the_newer),
        EACH(a_voter_that_may_not_live_counts_as_one_that_does_not_read),
        EACH(what_cannot_be_read_is_no_promise),
        EACH(who_cannot_write_the_older_schema_waits_and_names_the_voter),
        EACH(an_empty_namespace_begins_as_all_that_spoke_can_read),
        EACH(an_older_node_holds_the_data_and_does_not_use_it),
        EACH(it_hands_over_once_it_knows_of_a_node_that_can),
        EACH(the_number_goes_with_the_batch_of_migrate),
        EACH(migrate_has_one_batch),
        EACH(activate_waits_until_the_migration_is_applied),
        EACH(a_migration_whose_leader_is_deposed_is_begun_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
