/* Leadership moves while machines are being started: three voters with the real queue, raft and
 * drivers that share one cloud. The next leader forgets no machine and starts none in another's
 * place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/testhost.h>

#define NODES     3u
#define WANTED    3u /* machines for five items, two for each */
#define NAMES     16u
#define WALL_MS   INT64_C(1800000000000)
#define NO_NODE   NODES
#define DRIVER_MS 100

const struct rh_plugin *rh_plugin_entry_v1_gossip(void);
const struct rh_plugin *rh_plugin_entry_v1_loop_auto_scaling(void);
const struct rh_plugin *rh_plugin_entry_v1_raft(void);
const struct rh_plugin *rh_plugin_entry_v1_work_queue(void);

#define SCALING                                                                                \
    "{\"loop_auto_scaling\":\"1h\",\"retry_base\":\"1s\",\"boot_timeout\":\"1h\",\"pools\":[{" \
    "\"name\":\"gpu\",\"most\":6,\"target\":2,\"start\":[\"start\",\"{node_id}\"],"            \
    "\"stop\":[\"stop\",\"{node_id}\"]}]}"

static const char *const names[NODES] = {"n1", "n2", "n3"};

/* What the cloud was asked for; one world at a time. */
static struct {
    uint32_t starts[NAMES]; /* by the number in the node id */
    uint32_t stops;
} cloud;

struct world {
    struct rh_testnet *net;
    struct rh_testhost *hosts[NODES];
    struct rh_testhost_reply reply;
};

static void on_process(void *user, struct rh_testhost_process *process)
{
    char word[64];
    unsigned long number;

    (void)user;
    process->takes_ms = DRIVER_MS;
    process->output = "{\"machine\":\"i\"}\n";
    (void)snprintf(word, sizeof(word), "%.*s", (int)process->argv.items[1].n,
                   process->argv.items[1].p);
    number = strtoul(word + strlen("gpu-"), NULL, 10);
    assert_in_range(number, 1, NAMES - 1);
    if (process->argv.items[0].p[2] == 'o')
        cloud.stops++;
    else
        cloud.starts[number]++;
}

static void world_start(struct world *w)
{
    const struct rh_testhost_plugin plugins[] = {
        {rh_plugin_entry_v1_gossip(), NULL},
        {rh_plugin_entry_v1_raft(), NULL},
        {rh_plugin_entry_v1_work_queue(), NULL},
        {rh_plugin_entry_v1_loop_auto_scaling(), SCALING},
    };

    memset(w, 0, sizeof(*w));
    memset(&cloud, 0, sizeof(cloud));
    w->net = rh_testnet_new(7, WALL_MS);
    assert_non_null(w->net);
    for (uint32_t i = 0; i < NODES; i++) {
        const struct rh_testhost_setup setup = {.node_id = names[i],
                                                .plugins = plugins,
                                                .plugin_count = 4,
                                                .voters = names,
                                                .voter_count = NODES,
                                                .beat_ms = 1500};
        char why[RH_TESTHOST_WHY_MAX];

        if (rh_testhost_new(w->net, &setup, &w->hosts[i], why) != RH_OK)
            fail_msg("%s", why);
        rh_testhost_script(w->hosts[i], on_process, NULL);
    }
}

static uint32_t ask(struct world *w, uint32_t at, const char *method, const char *target,
                    const char *body)
{
    return rh_testhost_request(w->hosts[at], method, target, body, &w->reply);
}

/* Runs until a node other than not_this leads and the plugins can be used there. */
static uint32_t await_leader(struct world *w, uint32_t not_this)
{
    for (int tries = 0; tries < 600; tries++) {
        for (uint32_t i = 0; i < NODES; i++)
            if (i != not_this && rh_testhost_is_up(w->hosts[i]) &&
                ask(w, i, "GET", "/raft/state", NULL) == 200 &&
                strstr(w->reply.body, "\"state\":\"leader\"") &&
                ask(w, i, "GET", "/scaling/status", NULL) == 200 &&
                ask(w, i, "GET", "/work/stats", NULL) == 200)
                return i;
        rh_testnet_run(w->net, 100);
    }
    fail_msg("nobody leads: %u %s", w->reply.status, w->reply.body ? w->reply.body : "");
    return NO_NODE;
}

static void run_loop(struct world *w, uint32_t leader)
{
    assert_int_equal(ask(w, leader, "POST", "/loops/run", "{\"loop\":\"auto_scaling\"}"), 202);
    rh_testnet_run(w->net, 2000); /* drivers end, and that is stored */
}

/* Lines between the old leader and the others. */
static void cut(struct world *w, uint32_t node, bool is_cut)
{
    for (uint32_t i = 0; i < NODES; i++)
        if (i != node)
            rh_testnet_cut(w->net, names[node], names[i], is_cut);
}

/* What the new leader knows is what there is: all that was asked for, nothing beyond what was
 * wanted. */
static void check(struct world *w, uint32_t leader, bool is_idle, int64_t ms)
{
    assert_int_equal(ask(w, leader, "GET", "/scaling/status", NULL), 200);
    for (unsigned n = 1; n < NAMES; n++) {
        char text[64];
        bool is_known;

        (void)snprintf(text, sizeof(text), "\"node_id\":\"gpu-%u\"", n);
        is_known = strstr(w->reply.body, text) != NULL;
        if ((cloud.starts[n] > 0 && !is_known) || (!is_idle && is_known != (n <= WANTED)))
            fail_msg("gpu-%u, %lld ms: %s", n, (long long)ms, w->reply.body);
        assert_in_range(cloud.starts[n], 0, n <= WANTED ? 2 : 0); /* once by each of the two */
    }
    if (!is_idle)
        assert_null(strstr(w->reply.body, "\"state\":\"starting\""));
    assert_int_equal(cloud.stops, 0);
}

/* Items of work, in the queue of who leads. */
static void put_items(struct world *w, uint32_t leader, const char *path, const char *format)
{
    for (int i = 1; i <= 5; i++) {
        char body[64];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        (void)snprintf(body, sizeof(body), format, i);
#pragma GCC diagnostic pop
        if (ask(w, leader, "POST", path, body) >= 300)
            fail_msg("%s: %s", path, w->reply.body);
    }
}

/* The leader is lost so long after its run began, or just before; is_idle: and the work is gone,
 * too, before the next one looks. */
static void lose_leader_at(int64_t ms, bool is_cut_off, bool is_idle)
{
    static struct world w;
    uint32_t first;
    uint32_t next;
    char why[RH_TESTHOST_WHY_MAX];

    world_start(&w);
    first = await_leader(&w, NO_NODE);
    put_items(&w, first, "/work/add", "{\"work_type\":\"x%d\"}");
    if (ms < 0)
        cut(&w, first, true); /* it still believes that it leads */
    (void)rh_testhost_send(w.hosts[first], "POST", "/loops/run", "{\"loop\":\"auto_scaling\"}");
    rh_testnet_run(w.net, ms > 0 ? ms : 0);
    if (is_cut_off)
        cut(&w, first, true);
    else
        rh_testhost_crash(w.hosts[first]);
    rh_testnet_run(w.net, DRIVER_MS);

    next = await_leader(&w, first);
    if (is_idle)
        put_items(&w, next, "/work/cancel", "{\"work_id\":\"w%d\"}");
    run_loop(&w, next);
    if (is_cut_off)
        cut(&w, first, false);
    else
        assert_int_equal(rh_testhost_start(w.hosts[first], why), RH_OK);
    rh_testnet_run(w.net, 10000);
    next = await_leader(&w, NO_NODE);
    run_loop(&w, next);
    run_loop(&w, next);

    check(&w, next, is_idle, ms);
    rh_testnet_free(w.net);
}

/* From before the intention is stored to after the driver's answer is. */
static const int64_t moments[] = {0, 1, 2, 3, 4, 6, 10, 50, DRIVER_MS + 8, DRIVER_MS + 40};

static void a_crash_of_the_leader_forgets_no_machine_and_doubles_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++)
        lose_leader_at(moments[i], false, false);
}

static void a_leader_that_is_cut_off_forgets_no_machine_and_doubles_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++)
        lose_leader_at(moments[i], true, false);
}

static void a_leader_that_reaches_nobody_starts_nothing_that_is_not_known(void **state)
{
    (void)state;
    lose_leader_at(-1, true, true);
    lose_leader_at(-1, true, false);
}

static void what_a_lost_leader_has_started_is_known_though_nobody_wants_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++)
        lose_leader_at(moments[i], i % 2 == 0, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crash_of_the_leader_forgets_no_machine_and_doubles_none),
        cmocka_unit_test(a_leader_that_is_cut_off_forgets_no_machine_and_doubles_none),
        cmocka_unit_test(a_leader_that_reaches_nobody_starts_nothing_that_is_not_known),
        cmocka_unit_test(what_a_lost_leader_has_started_is_known_though_nobody_wants_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
