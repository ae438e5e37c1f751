/* Reading what is durable: keys, ranges both ways with limits, and nothing that is not yet there.
 */
#include <stdio.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include <ringhost/sdk/str.h>

#include "host/core/core_internal.h"
#include "host/sim/run/disk_view.h"
#include "host/sim/sim.h"
#include "tests/host/core/life_net.h"

static void put(struct life_node *n, const char *key, const char *value)
{
    assert_int_equal(host_put(n->host->core, key, rh_str_from(value), NULL, NULL), RH_OK);
    core_wake(n->host->core);
}

static void a_key_is_there_once_it_is_durable(void **state)
{
    struct rh_value value;
    struct disk_view *view;
    struct life_node n;

    (void)state;
    life_node_start(&n, 0);
    view = disk_view_new(&n.host->storage);

    put(&n, "zz1", "one");
    assert_int_equal(disk_view_get(view, "host", RH_STR_LIT("zz1"), &value), RH_OK);
    assert_int_equal(value.found, 0);
    rh_testnet_run(n.net, 100);

    assert_int_equal(disk_view_get(view, "host", RH_STR_LIT("zz1"), &value), RH_OK);
    assert_int_equal(value.found, 1);
    assert_true(rh_str_eq_c(value.data, "one"));
    assert_int_equal(disk_view_get(view, "no_such", RH_STR_LIT("zz1"), &value), RH_ENOTFOUND);
    disk_view_free(view);
    life_node_end(&n);
}

static void ranges_go_both_ways_and_end_at_their_limit(void **state)
{
    struct rh_scan scan = {
        .size = (uint32_t)sizeof scan, .name_space = "host", .from = RH_STR_INIT("zz"), .limit = 2};
    struct rh_rows rows;
    struct disk_view *view;
    struct life_node n;

    (void)state;
    life_node_start(&n, 0);
    view = disk_view_new(&n.host->storage);
    put(&n, "zz1", "one");
    put(&n, "zz2", "two");
    put(&n, "zz3", "three");
    rh_testnet_run(n.net, 100);

    assert_int_equal(disk_view_scan(view, &scan, &rows), RH_OK);
    assert_int_equal(rows.count, 2);
    assert_int_equal(rows.more, 1);
    assert_true(rh_str_eq_c(rows.rows[0].key, "zz1"));
    assert_true(rh_str_eq_c(rows.rows[1].data, "two"));
    scan.flags = RH_SCAN_REVERSE;
    scan.to = RH_STR_LIT("zz3");
    scan.limit = 0;
    assert_int_equal(disk_view_scan(view, &scan, &rows), RH_OK);
    assert_int_equal(rows.count, 2);
    assert_int_equal(rows.more, 0);
    assert_true(rh_str_eq_c(rows.rows[0].key, "zz2"));
    disk_view_free(view);
    life_node_end(&n);
}

static void a_new_disk_has_nothing(void **state)
{
    struct rh_testnet *net = rh_testnet_new(1, LIFE_WALL_MS);
    const struct rh_testhost_setup setup = {0};
    struct rh_testhost *host;
    struct rh_value value;
    struct disk_view *view;
    char why[RH_TESTHOST_WHY_MAX];

    (void)state;
    assert_int_equal(sim_node_new(net, &setup, &host, why), RH_OK);
    view = disk_view_new(&host->storage);

    assert_int_equal(disk_view_get(view, "host", RH_STR_LIT("node_id"), &value), RH_ENOTFOUND);
    assert_int_equal(rh_testhost_start(host, why), RH_OK);
    rh_testnet_run(net, 2000);

    assert_int_equal(disk_view_get(view, "host", RH_STR_LIT("node_id"), &value), RH_OK);
    assert_int_equal(value.found, 1);
    disk_view_free(view);
    disk_view_free(NULL);
    rh_testnet_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_there_once_it_is_durable),
        cmocka_unit_test(ranges_go_both_ways_and_end_at_their_limit),
        cmocka_unit_test(a_new_disk_has_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
