/* The digest of a run: equal for equal runs, and different for whatever differs. */
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include <ringhost/sdk/str.h>

#include "host/sim/sim.h"
#include "tests/host/core/life_net.h"

static uint64_t digest(const char *bytes)
{
    struct sim_trace trace = {0};

    sim_trace_bytes(&trace, rh_str_from(bytes));
    return trace.hash;
}

static void every_byte_and_the_length_count(void **state)
{
    (void)state;

    assert_true(digest("abcdefgh") == digest("abcdefgh"));
    assert_true(digest("abcdefgh") != digest("abcdefgi"));
    assert_true(digest("abcdefghi") != digest("abcdefghj"));
    assert_true(digest("abc") != digest("abcd"));
    assert_true(digest("") != 0);
}

static uint64_t run(uint64_t seed)
{
    struct life_cluster c;
    uint64_t hash;

    life_cluster_start(&c, 3, seed);
    rh_testnet_latency(c.net, 1, 20);
    rh_testnet_run(c.net, 20000);
    hash = c.net->trace.hash;
    assert_true(c.net->trace.events > 100);
    life_cluster_end(&c);
    return hash;
}

static void one_seed_gives_one_digest_and_another_seed_another(void **state)
{
    (void)state;

    assert_true(run(5) == run(5));
    assert_true(run(5) != run(6));
}

static void a_line_has_the_time_in_front(void **state)
{
    struct rh_testnet *net = rh_testnet_new(1, LIFE_WALL_MS);
    char text[256] = "";
    FILE *out = fmemopen(text, sizeof text, "w");

    (void)state;
    sim_trace_line(net, "nobody reads this");
    net->trace.out = out;
    rh_testnet_run(net, 500);

    sim_trace_line(net, "n%d does %s", 1, "something");

    (void)fclose(out);
    net->trace.out = NULL;
    assert_string_equal(text, "  1.500000 n1 does something\n");
    rh_testnet_free(net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_and_the_length_count),
        cmocka_unit_test(one_seed_gives_one_digest_and_another_seed_another),
        cmocka_unit_test(a_line_has_the_time_in_front),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
