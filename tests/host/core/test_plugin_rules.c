/* Tests of host/core/plugin_rules.c: one rule broken at a time. */
#include "tests/host/core/cmocka_all.h"

#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/role/leader.h>
#include <ringhost/service/core.h>

#include "host/core/plugin_desc.h"
#include "host/core/plugin_rules.h"

static int32_t handle(void *self, rh_req req, const void *fields)
{
    (void)self;
    (void)req;
    (void)fields;
    return RH_OK;
}

static void on_event(void *self, const struct rh_event *event)
{
    (void)self;
    (void)event;
}

static int32_t run(void *self)
{
    (void)self;
    return RH_OK;
}

/* A good descriptor with two of everything; tests break one thing in it. */
struct sample {
    struct rh_plugin desc;
    const char *services[2];
    const char *after[2];
    struct rh_role roles[2];
    struct rh_namespace namespaces[2];
    struct rh_route routes[2];
    struct rh_event_def events[2];
    struct rh_loop loops[2];
};

static struct sample sample;

static struct rh_plugin *fresh(void)
{
    static const uint64_t table[8];

    sample = (struct sample){
        .services = {RH_CORE_ID, RH_LEADER_HOST_ID},
        .after = {"swim", "org.example.x"},
        .roles = {{.rank = 1, .id = "leader/1", .table = table},
                  {.rank = 1000, .id = "reach/1", .table = table}},
        .namespaces = {{.name = "a", .schema_read_min = 1, .schema_write = 1},
                       {.name = "b_2", .schema_read_min = 2, .schema_write = 5}},
        .routes = {{.method = "GET", .path = "/", .scope = RH_VOTER, .handler = handle},
                   {.method = "POST", .path = "/a/b-c.d_e~", .handler = handle}},
        .events = {{.kind = RH_EVENT_LOCAL, .type = "NODE_IDLE"},
                   {.type = "NODE_IDLE", .on_event = on_event}},
        .loops = {{.name = "sweep", .interval_ms = 100, .run = run},
                  {.name = "reap", .interval_ms = 60000, .jitter_ms = 5, .run = run}},
    };
    sample.desc = (struct rh_plugin){
        .id = "sample",
        .version = "1.0.0-rc1",
        .instance_size = PLUGIN_INSTANCE_BYTES_MAX,
        .services = sample.services,
        .service_count = 2,
        .after = sample.after,
        .after_count = 2,
        .roles = sample.roles,
        .role_count = 2,
        .namespaces = sample.namespaces,
        .namespace_count = 2,
        .routes = sample.routes,
        .route_count = 2,
        .events = sample.events,
        .event_count = 2,
        .loops = sample.loops,
        .loop_count = 2,
    };
    return &sample.desc;
}

static void check(int32_t rc, const char *words)
{
    char why[PLUGIN_WHY_MAX] = "";

    assert_int_equal(plugin_rules_check(&sample.desc, why), rc);
    if (!strstr(why, words))
        fail_msg("\"%s\" is not in: %s", words, why);
}

/* BROKEN(member, value, words): the sample with one member changed is RH_EINVAL with these words.
 */
#define BROKEN(member, value, words) (fresh(), sample.member = (value), check(RH_EINVAL, words))

static void a_good_descriptor_passes(void **state)
{
    (void)state;
    (void)fresh();
    check(RH_OK, "");
}

static void the_head_has_id_version_and_a_small_instance(void **state)
{
    (void)state;
    BROKEN(desc.id, NULL, "the id must be like");
    BROKEN(desc.id, "No", "the id must be like");
    BROKEN(desc.version, NULL, "the version must be");
    BROKEN(desc.version, "", "the version must be");
    BROKEN(desc.instance_size, PLUGIN_INSTANCE_BYTES_MAX + 1, "67108865 bytes");
}

static void unknown_required_services_are_named(void **state)
{
    (void)state;
    (void)fresh();
    sample.services[1] = "rh.foo/1";
    check(RH_EUNSUPPORTED, "needs service rh.foo/1, which this host does not have");
}

static void unknown_optional_services_are_fine(void **state)
{
    static const char *const optional[] = {"rh.foo/1"};

    (void)state;
    (void)fresh();
    sample.desc.services_optional = optional;
    sample.desc.service_optional_count = 1;
    check(RH_OK, "");
}

static void lists_must_be_there_and_short(void **state)
{
    (void)state;
    BROKEN(desc.services, NULL, "services: 2 entries, but no list");
    BROKEN(services[0], NULL, "services[0] is missing");
    BROKEN(desc.service_count, PLUGIN_SERVICES_MAX + 1, "33 entries in services");
    BROKEN(desc.service_optional_count, 1, "services_optional: 1 entries");
    BROKEN(after[1], "A", "after: \"A\" is not a plugin id");
    BROKEN(after[1], "sample", "cannot start after itself");
}

static void roles_are_known_ranked_and_single(void **state)
{
    (void)state;
    (void)fresh();
    sample.roles[0].id = "king/1";
    check(RH_EUNSUPPORTED, "gives role king/1, which this host does not know");
    BROKEN(roles[0].rank, 0, "rank 0 is not in [1, 1000]");
    BROKEN(roles[0].rank, 1001, "rank 1001 is not in [1, 1000]");
    BROKEN(roles[0].table, NULL, "no function table");
    BROKEN(roles[1].id, "leader/1", "given twice");
}

static void namespaces_have_names_and_schemas(void **state)
{
    (void)state;
    BROKEN(namespaces[0].name, NULL, "namespaces[0]: the name must match");
    BROKEN(namespaces[0].name, "_host", "namespaces[0]: the name must match");
    BROKEN(namespaces[0].name, "a23456789012345678901234567890123", "must match");
    BROKEN(namespaces[1].name, "a", "namespace a: named twice");
    BROKEN(namespaces[0].schema_read_min, 0, "schema_write >= schema_read_min >= 1");
    BROKEN(namespaces[0].schema_read_min, 2, "schema_write >= schema_read_min >= 1");
    BROKEN(namespaces[1].schema_write_min, 1, "schema_write_min 1 is not in [2, 5]");
    BROKEN(namespaces[1].schema_write_min, 6, "schema_write_min 6 is not in [2, 5]");
    BROKEN(namespaces[0].flags, RH_NS_BESIDE, "RH_NS_BESIDE needs RH_NS_REPLICATED");
    BROKEN(namespaces[1].flags, RH_NS_BESIDE | RH_NS_REPLICATED, "and one schema");
}

static void the_longest_namespace_name_passes(void **state)
{
    (void)state;
    (void)fresh();
    sample.namespaces[0].name = "a2345678901234567890123456789012";
    check(RH_OK, "");
}

static void paths_are_plain_literals(void **state)
{
    static const char *const bad[] = {"",     "a",      "//",   "/a/",       "/a//b",
                                      "/a b", "/a?b=1", "/a#b", "/\xc3\xa4", "/a%20"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        BROKEN(routes[0].path, bad[i], "a path begins with '/'");
    BROKEN(routes[0].path, NULL, "routes[0]: no path");
}

static void routes_have_method_scope_and_handler(void **state)
{
    (void)state;
    BROKEN(routes[0].method, NULL, "the method must be");
    BROKEN(routes[0].method, "get", "route get /: the method must be");
    BROKEN(routes[0].method, "HEAD", "the method must be");
    BROKEN(routes[0].scope, RH_VOTER + 1, "there is no scope 7");
    BROKEN(routes[0].handler, NULL, "route GET /: no handler");
    BROKEN(routes[0].timeout_ms, PLUGIN_ROUTE_TIMEOUT_MS_MAX + 1, "timeout_ms");
    BROKEN(routes[0].body_max, PLUGIN_ROUTE_BODY_MAX + 1, "body_max");
}

static void the_same_route_twice_is_refused(void **state)
{
    (void)state;
    (void)fresh();
    sample.routes[1] = sample.routes[0];
    check(RH_EINVAL, "route GET /: declared twice");
    sample.routes[1].method = "PUT";
    check(RH_OK, "");
}

static void event_types_are_upper_case_words(void **state)
{
    static const char *const bad[] = {
        "",    "AB",  "abc", "_ABC",
        "9AB", "A-B", "*",   "A2345678901234567890123456789012345678901234567890123456789012345"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        BROKEN(events[0].type, bad[i], "a type must match");
    BROKEN(events[0].type, NULL, "events[0]: no type");
}

static void a_subscription_may_be_to_all(void **state)
{
    (void)state;
    (void)fresh();
    sample.events[1].type = "*";
    check(RH_OK, "");
}

static void events_are_either_published_or_subscribed(void **state)
{
    (void)state;
    BROKEN(events[0].kind, 0, "a publisher's kind is cluster or local");
    BROKEN(events[0].kind, 3, "a publisher's kind is cluster or local");
    BROKEN(events[1].kind, RH_EVENT_LOCAL, "a subscription has kind 0");
    (void)fresh();
    sample.events[1] = sample.events[0];
    check(RH_EINVAL, "event NODE_IDLE: declared twice");
}

static void loops_have_names_intervals_and_a_function(void **state)
{
    (void)state;
    BROKEN(loops[0].name, NULL, "loops[0]: the name must match");
    BROKEN(loops[0].name, "reap", "loop reap: named twice");
    BROKEN(loops[0].interval_ms, 99, "interval_ms 99 is not in [100,");
    BROKEN(loops[0].interval_ms, INT64_MAX, "interval_ms");
    BROKEN(loops[0].jitter_ms, -1, "jitter_ms -1");
    BROKEN(loops[0].run, NULL, "loop sweep: no run function");
}

static void role_tables_have_known_sizes(void **state)
{
    (void)state;
    assert_int_equal(plugin_role_bytes(RH_LEADER_ROLE), sizeof(struct rh_leader_role_v1));
    assert_int_equal(plugin_role_bytes("leader/2"), 0);
    assert_int_equal(plugin_role_bytes(NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_descriptor_passes),
        cmocka_unit_test(the_head_has_id_version_and_a_small_instance),
        cmocka_unit_test(unknown_required_services_are_named),
        cmocka_unit_test(unknown_optional_services_are_fine),
        cmocka_unit_test(lists_must_be_there_and_short),
        cmocka_unit_test(roles_are_known_ranked_and_single),
        cmocka_unit_test(namespaces_have_names_and_schemas),
        cmocka_unit_test(the_longest_namespace_name_passes),
        cmocka_unit_test(paths_are_plain_literals),
        cmocka_unit_test(routes_have_method_scope_and_handler),
        cmocka_unit_test(the_same_route_twice_is_refused),
        cmocka_unit_test(event_types_are_upper_case_words),
        cmocka_unit_test(a_subscription_may_be_to_all),
        cmocka_unit_test(events_are_either_published_or_subscribed),
        cmocka_unit_test(loops_have_names_intervals_and_a_function),
        cmocka_unit_test(role_tables_have_known_sizes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
