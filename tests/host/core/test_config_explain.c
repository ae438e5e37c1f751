/* Every effective value with where it came from, as text and as JSON; secrets stay hidden. */
#include "host/core/config_fixture.h"

#include "host/core/config_explain.h"

struct gossip {
    int64_t fanout;
    int64_t interval; /* ms */
    struct rh_str key;
};
static const struct rh_field gossip_rows[] = {
    RH_INT(struct gossip, fanout, 3, 1, 16, "peers a round"),
    RH_DURATION(struct gossip, interval, "15s", 10, 3600000, "between rounds"),
    RH_STR(struct gossip, key, RH_SECRET, "shared"),
};
static const struct rh_fields gossip_fields = RH_FIELDS(struct gossip, gossip_rows);
static const char *const env[] = {"RINGRIFT_GOSSIP_INTERVAL=3", NULL};
static const char text[] =
    "kind: cluster\nvoters: [n1]\n---\nkind: node\nid: n1\nrole: \"a b\"\n---\n"
    "kind: plugin\nplugin: gossip\nconfig: {key: hush}\n";

struct explained {
    struct fixture fixture;
    struct field_arena arena;
    struct config_explain explain;
    struct rh_buf out;
};

static void start(struct explained *e)
{
    memset(e, 0, sizeof(*e));
    e->fixture =
        (struct fixture){.text = text, .env = env, .sets = {"cluster.beat=2s"}, .set_count = 1};
    fixture_expect(&e->fixture, "");
    field_arena_init(&e->arena, 1u << 20);
    config_explain_init(&e->explain, &e->arena);
    rh_buf_init(&e->out, 1u << 20);
}

static void stop(struct explained *e)
{
    rh_buf_release(&e->out);
    config_explain_release(&e->explain);
    field_arena_release(&e->arena);
    fixture_release(&e->fixture);
}

static void each_value_of_the_host_has_its_origin(void **state)
{
    (void)state;
    struct explained e;
    start(&e);

    assert_int_equal(config_explain_host(&e.explain, e.fixture.config), RH_OK);
    assert_int_equal(config_explain_text(&e.explain, &e.out), RH_OK);

    assert_non_null(strstr(e.out.p, "cluster.voters = [n1]   # c/10-a.yaml:2\n"));
    assert_non_null(strstr(e.out.p, "cluster.beat = 2s   # --set\n"));
    assert_non_null(strstr(e.out.p, "cluster.auth.insecure = false   # default\n"));
    assert_non_null(strstr(e.out.p, "node.role = a b   # c/10-a.yaml:6\n"));
    assert_non_null(strstr(e.out.p, "node.bind = 127.0.0.1:8770   # default\n"));
    assert_non_null(strstr(e.out.p, "node.limits.connections = 1024   # default\n"));
    stop(&e);
}

static void a_plugin_shows_defaults_variables_and_no_secrets(void **state)
{
    (void)state;
    struct explained e;
    start(&e);

    assert_int_equal(config_explain_plugin(&e.explain, e.fixture.config, "gossip", &gossip_fields),
                     RH_OK);
    assert_int_equal(config_explain_plugin(&e.explain, e.fixture.config, "nope", NULL),
                     RH_ENOTFOUND);
    assert_int_equal(config_explain_text(&e.explain, &e.out), RH_OK);

    assert_non_null(strstr(e.out.p, "plugin_definition.gossip.on_failure = abort   # default\n"));
    assert_non_null(
        strstr(e.out.p, "plugin.gossip.fanout = 3   # default\n"
                        "plugin.gossip.interval = 3000ms   # environment RINGRIFT_GOSSIP_INTERVAL\n"
                        "plugin.gossip.key = (secret)   # c/10-a.yaml:10\n"));
    assert_null(strstr(e.out.p, "hush"));
    stop(&e);
}

static void without_a_table_only_what_was_given_is_shown(void **state)
{
    (void)state;
    struct explained e;
    start(&e);

    assert_int_equal(config_explain_plugin(&e.explain, e.fixture.config, "gossip", NULL), RH_OK);
    assert_int_equal(config_explain_text(&e.explain, &e.out), RH_OK);

    assert_null(strstr(e.out.p, "fanout"));
    assert_non_null(strstr(e.out.p, "plugin.gossip.interval = 3000ms"));
    stop(&e);
}

static void json_has_typed_values(void **state)
{
    (void)state;
    struct explained e;
    start(&e);

    assert_int_equal(config_explain_host(&e.explain, e.fixture.config), RH_OK);
    assert_int_equal(config_explain_plugin(&e.explain, e.fixture.config, "gossip", &gossip_fields),
                     RH_OK);
    assert_int_equal(config_explain_json(&e.explain, &e.out), RH_OK);

    assert_memory_equal(
        e.out.p,
        "{\"values\":[{\"key\":\"cluster.cluster_id\",\"value\":null,\"origin\":\"default\"}", 70);
    assert_non_null(strstr(
        e.out.p, "{\"key\":\"cluster.voters\",\"value\":[\"n1\"],\"origin\":\"c/10-a.yaml:2\"}"));
    assert_non_null(
        strstr(e.out.p, "{\"key\":\"plugin.gossip.fanout\",\"value\":3,\"origin\":\"default\"}"));
    assert_non_null(
        strstr(e.out.p, "{\"key\":\"node.insecure\",\"value\":false,\"origin\":\"default\"}"));
    assert_non_null(strstr(e.out.p, "{\"key\":\"plugin.gossip.key\",\"value\":\"(secret)\","));
    stop(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_value_of_the_host_has_its_origin),
        cmocka_unit_test(a_plugin_shows_defaults_variables_and_no_secrets),
        cmocka_unit_test(without_a_table_only_what_was_given_is_shown),
        cmocka_unit_test(json_has_typed_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
