/* Tests of plugins/admin/plugin.c: what each route asks of the host, against a host that only
 * writes down what it was asked. */
#include "tests/host/core/cmocka_all.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/plugin.h>

const struct rh_plugin *rh_plugin_entry_v1_admin(void);

/* Field tables decoded by hand: the first members of the plugin's request structs. */
struct one_number {
    int64_t n;
};
struct one_text {
    struct rh_str text;
};
struct two_texts {
    struct rh_str first, second;
};
struct one_flag {
    int32_t on;
};

struct rh_ctx {
    char did[1024]; /* "reply 202 ...; shutdown 30000; " in order */
    char why[RH_TEXT_MAX];
    int32_t rc; /* what control answers */
    struct rh_peer peers[2];
    uint32_t peer_count;
    struct rh_str leader;
    void *self;
    void (*on_reloaded)(void *self, void *user, int32_t rc, struct rh_str report);
    void *reload_user;
};

static void note(struct rh_ctx *ctx, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void note(struct rh_ctx *ctx, const char *format, ...)
{
    size_t n = strlen(ctx->did);
    va_list args;

    va_start(args, format);
    assert_true(vsnprintf(ctx->did + n, sizeof ctx->did - n, format, args) >= 0);
    va_end(args);
}

static int32_t fake_shutdown(struct rh_ctx *ctx, int64_t grace_ms)
{
    note(ctx, "shutdown %" PRId64 "; ", grace_ms);
    return ctx->rc;
}
static int32_t fake_restart(struct rh_ctx *ctx)
{
    note(ctx, "restart; ");
    return ctx->rc;
}
static int32_t fake_report(struct rh_ctx *ctx, const char *what, struct rh_str *json)
{
    note(ctx, "report %s; ", what);
    *json = RH_STR_LIT("{\"fact\":1}");
    return ctx->rc;
}
static int32_t fake_maintenance(struct rh_ctx *ctx, uint32_t on)
{
    note(ctx, "maintenance %" PRIu32 "; ", on);
    return ctx->rc;
}
static int32_t fake_log_level(struct rh_ctx *ctx, const char *plugin, uint32_t level)
{
    note(ctx, "log_level %s %" PRIu32 "; ", plugin ? plugin : "*", level);
    return ctx->rc;
}
static int32_t fake_peer_add(struct rh_ctx *ctx, const char *address)
{
    note(ctx, "peer_add %s; ", address);
    return ctx->rc;
}
static int32_t fake_peer_remove(struct rh_ctx *ctx, const char *node_id)
{
    note(ctx, "peer_remove %s; ", node_id);
    return ctx->rc;
}
static int32_t fake_adopt(struct rh_ctx *ctx)
{
    note(ctx, "adopt; ");
    return ctx->rc;
}
static int32_t fake_reload(struct rh_ctx *ctx,
                           void (*cb)(void *self, void *user, int32_t rc, struct rh_str report),
                           void *user)
{
    note(ctx, "reload; ");
    ctx->on_reloaded = cb;
    ctx->reload_user = user;
    return ctx->rc;
}
static int32_t fake_reply_error(struct rh_ctx *ctx, rh_req req, const struct rh_error *error)
{
    assert_int_equal(req, 7);
    note(ctx, "error %s %.*s; ", error->code ? error->code : "-", RH_STR_ARG(error->details));
    return RH_OK;
}
static int32_t fake_reply(struct rh_ctx *ctx, rh_req req, uint32_t status, struct rh_str body)
{
    assert_int_equal(req, 7);
    note(ctx, "reply %" PRIu32 " %.*s; ", status, RH_STR_ARG(body));
    return RH_OK;
}
static void fake_log(struct rh_ctx *ctx, uint32_t level, const char *event, const char *text)
{
    (void)ctx;
    (void)level;
    (void)event;
    (void)text;
}
static int32_t fake_fail(struct rh_ctx *ctx, int32_t rc, const char *text)
{
    assert_int_equal(rh_str_copy(ctx->why, sizeof ctx->why, rh_str_from(text)), RH_OK);
    return rc;
}
static void fake_peers(struct rh_ctx *ctx, struct rh_peers *out)
{
    out->count = ctx->peer_count;
    out->peers = ctx->peers;
    out->peer_stride = (uint32_t)sizeof ctx->peers[0];
}
static void fake_leader(struct rh_ctx *ctx, struct rh_leader *out)
{
    out->node_id = ctx->leader;
}

static const struct rh_control_v1 control = {
    .size = (uint32_t)sizeof control,
    .shutdown = fake_shutdown,
    .restart = fake_restart,
    .report = fake_report,
    .maintenance = fake_maintenance,
    .log_level = fake_log_level,
    .peer_add = fake_peer_add,
    .peer_remove = fake_peer_remove,
    .adopt_state = fake_adopt,
    .reload = fake_reload,
};
static const struct rh_http_v1 http = {
    .size = (uint32_t)sizeof http, .reply = fake_reply, .reply_error = fake_reply_error};
static const struct rh_core_v1 core = {
    .size = (uint32_t)sizeof core, .log = fake_log, .fail = fake_fail};
static const struct rh_cluster_v1 cluster = {
    .size = (uint32_t)sizeof cluster, .peers = fake_peers, .leader = fake_leader};

static const void *fake_service(struct rh_ctx *ctx, const char *id)
{
    (void)ctx;
    return strcmp(id, RH_CONTROL_ID) == 0   ? (const void *)&control
           : strcmp(id, RH_HTTP_ID) == 0    ? (const void *)&http
           : strcmp(id, RH_CORE_ID) == 0    ? (const void *)&core
           : strcmp(id, RH_CLUSTER_ID) == 0 ? (const void *)&cluster
                                            : NULL;
}

static int setup(void **state)
{
    static const struct rh_host host = {.size = (uint32_t)sizeof host, .service = fake_service};
    const struct rh_plugin *plugin = rh_plugin_entry_v1_admin();
    struct rh_ctx *ctx = test_calloc(1, sizeof *ctx);

    ctx->self = test_calloc(1, plugin->instance_size);
    *state = ctx;
    return plugin->create(ctx->self, ctx, &host, NULL);
}

static int teardown(void **state)
{
    struct rh_ctx *ctx = *state;

    test_free(ctx->self);
    test_free(ctx);
    return 0;
}

static int32_t ask(struct rh_ctx *ctx, const char *method, const char *path, const void *fields)
{
    const struct rh_plugin *plugin = rh_plugin_entry_v1_admin();

    for (uint32_t i = 0; i < plugin->route_count; i++)
        if (strcmp(plugin->routes[i].path, path) == 0 &&
            strcmp(plugin->routes[i].method, method) == 0)
            return plugin->routes[i].handler(ctx->self, 7, fields);
    fail_msg("no route %s %s", method, path);
    return RH_EINTERNAL;
}

static void shutdown_answers_before_it_acts(void **state)
{
    struct rh_ctx *ctx = *state;
    const struct one_number grace = {30};

    assert_int_equal(ask(ctx, "POST", "/admin/shutdown", &grace), RH_OK);

    assert_string_equal(ctx->did, "reply 202 {\"draining\":true}; shutdown 30000; ");
}

static void restart_answers_202_when_the_host_can(void **state)
{
    struct rh_ctx *ctx = *state;

    assert_int_equal(ask(ctx, "POST", "/admin/restart", NULL), RH_OK);

    assert_string_equal(ctx->did, "restart; reply 202 {\"draining\":true}; ");
}

static void restart_is_refused_when_the_host_cannot(void **state)
{
    struct rh_ctx *ctx = *state;

    ctx->rc = RH_EUNSUPPORTED;
    assert_int_equal(ask(ctx, "POST", "/admin/restart", NULL), RH_EUNSUPPORTED);

    assert_string_equal(ctx->did, "restart; ");
    assert_string_equal(ctx->why, "this host cannot restart itself");
}

static void reports_are_passed_on_as_they_are(void **state)
{
    static const char *const paths[] = {"/admin/health", "/admin/plugins", "/admin/config"};
    static const char *const done[] = {"report health; reply 200 {\"fact\":1}; ",
                                       "report plugins; reply 200 {\"fact\":1}; ",
                                       "report config; reply 200 {\"fact\":1}; "};
    struct rh_ctx *ctx = *state;

    for (size_t i = 0; i < 3; i++) {
        ctx->did[0] = '\0';
        assert_int_equal(ask(ctx, "GET", paths[i], NULL), RH_OK);
        assert_string_equal(ctx->did, done[i]);
    }
}

static void peers_are_listed_with_unmeasured_times_as_null(void **state)
{
    struct rh_ctx *ctx = *state;

    ctx->peer_count = 2;
    ctx->peers[0] = (struct rh_peer){.state = RH_PEER_DEAD,
                                     .node_id = RH_STR_LIT("n1"),
                                     .role = RH_STR_LIT("worker"),
                                     .address = RH_STR_LIT("h:1"),
                                     .reach = RH_STR_LIT("direct"),
                                     .last_seen_at_ms = 5,
                                     .since_at_ms = 4,
                                     .rtt_ms = -1};
    ctx->peers[1] = (struct rh_peer){.state = 99, .is_self = 1, .is_voter = 1, .rtt_ms = 3};
    assert_int_equal(ask(ctx, "GET", "/admin/peers", NULL), RH_OK);

    assert_string_equal(
        ctx->did,
        "reply 200 {\"peers\":[{\"node_id\":\"n1\",\"instance_id\":\"\",\"state\":\"dead\","
        "\"role\":\"worker\",\"address\":\"h:1\",\"reach\":\"direct\",\"is_self\":false,"
        "\"is_voter\":false,\"maintenance\":false,\"since_at\":4,\"last_seen_at\":5,"
        "\"rtt_ms\":null},"
        "{\"node_id\":\"\",\"instance_id\":\"\",\"state\":\"unknown\",\"role\":\"\","
        "\"address\":\"\",\"reach\":\"\",\"is_self\":true,\"is_voter\":true,"
        "\"maintenance\":false,\"since_at\":0,\"last_seen_at\":0,\"rtt_ms\":3}]}; ");
}

static void a_peer_is_added_by_a_valid_address_only(void **state)
{
    struct rh_ctx *ctx = *state;
    const struct one_text good = {RH_STR_LIT("127.0.0.1:8771")};
    const struct one_text bad = {RH_STR_LIT("127.0.0.1")};

    assert_int_equal(ask(ctx, "POST", "/admin/peers/add", &good), RH_OK);
    assert_int_equal(ask(ctx, "POST", "/admin/peers/add", &bad), RH_EINVAL);

    assert_string_equal(ctx->did, "peer_add 127.0.0.1:8771; reply 200 {\"ok\":true}; ");
    assert_non_null(strstr(ctx->why, "\"127.0.0.1\""));
}

static void a_refused_removal_says_why(void **state)
{
    struct rh_ctx *ctx = *state;
    const struct one_text node = {RH_STR_LIT("n9")};

    ctx->rc = RH_ENOTFOUND;
    assert_int_equal(ask(ctx, "POST", "/admin/peers/remove", &node), RH_ENOTFOUND);
    assert_string_equal(ctx->why, "no other node \"n9\" is known here");
    ctx->rc = RH_ECONFLICT;
    assert_int_equal(ask(ctx, "POST", "/admin/peers/remove", &node), RH_ECONFLICT);

    assert_string_equal(ctx->why, "node \"n9\" is a voter, or not yet dead");
    assert_string_equal(ctx->did, "peer_remove n9; peer_remove n9; ");
}

static void maintenance_answers_with_the_new_mode(void **state)
{
    struct rh_ctx *ctx = *state;
    const struct one_flag on = {1};

    assert_int_equal(ask(ctx, "POST", "/admin/maintenance", &on), RH_OK);

    assert_string_equal(ctx->did, "maintenance 1; reply 200 {\"maintenance\":true}; ");
}

static void log_levels_are_set_for_all_or_for_one(void **state)
{
    struct rh_ctx *ctx = *state;
    const struct two_texts all = {RH_STR_LIT("debug"), RH_STR_LIT("")};
    const struct two_texts one = {RH_STR_LIT("error"), RH_STR_LIT("gossip")};

    assert_int_equal(ask(ctx, "POST", "/admin/log-level", &all), RH_OK);
    assert_int_equal(ask(ctx, "POST", "/admin/log-level", &one), RH_OK);

    assert_string_equal(ctx->did, "log_level * 0; reply 200 {\"ok\":true}; "
                                  "log_level gossip 3; reply 200 {\"ok\":true}; ");
}

static void the_log_level_of_an_unknown_plugin_is_refused_by_name(void **state)
{
    struct rh_ctx *ctx = *state;
    const struct two_texts one = {RH_STR_LIT("warn"), RH_STR_LIT("gosip")};

    ctx->rc = RH_ENOTFOUND;
    assert_int_equal(ask(ctx, "POST", "/admin/log-level", &one), RH_ENOTFOUND);

    assert_string_equal(ctx->why, "no plugin \"gosip\" on this node");
}

static void adopting_elsewhere_names_the_leader(void **state)
{
    struct rh_ctx *ctx = *state;

    ctx->rc = RH_ENOTLEADER;
    ctx->leader = RH_STR_LIT("n3");
    assert_int_equal(ask(ctx, "POST", "/admin/state/adopt", NULL), RH_ENOTLEADER);

    assert_string_equal(ctx->why, "only the node that leads can adopt the state: ask \"n3\"");
}

static void adopting_is_no_leader_route_so_it_works_when_the_state_is_elsewhere(void **state)
{
    const struct rh_plugin *plugin = rh_plugin_entry_v1_admin();

    (void)state;
    for (uint32_t i = 0; i < plugin->route_count; i++)
        assert_int_equal(plugin->routes[i].flags & RH_LEADER, 0);
}

static void everything_that_changes_the_node_needs_the_admin_scope(void **state)
{
    const struct rh_plugin *plugin = rh_plugin_entry_v1_admin();

    (void)state;
    for (uint32_t i = 0; i < plugin->route_count; i++)
        assert_int_equal(plugin->routes[i].scope,
                         strcmp(plugin->routes[i].method, "POST") == 0 ? RH_ADMIN : RH_READ);
}

static void a_reload_is_answered_with_its_report(void **state)
{
    struct rh_ctx *ctx = *state;

    assert_int_equal(ask(ctx, "POST", "/admin/reload", NULL), RH_OK);
    assert_string_equal(ctx->did, "reload; ");
    ctx->on_reloaded(ctx->self, ctx->reload_user, RH_OK, RH_STR_LIT("{\"reconfigured\":[]}"));

    assert_string_equal(ctx->did, "reload; reply 200 {\"reconfigured\":[]}; ");
}

static void a_reload_of_a_wrong_configuration_tells_its_errors(void **state)
{
    struct rh_ctx *ctx = *state;

    assert_int_equal(ask(ctx, "POST", "/admin/reload", NULL), RH_OK);
    ctx->on_reloaded(ctx->self, ctx->reload_user, RH_EINVAL, RH_STR_LIT("a.yaml:1:1: error: x\n"));

    assert_string_equal(ctx->did, "reload; error invalid_configuration "
                                  "{\"text\":\"a.yaml:1:1: error: x\\n\"}; ");
}

static void a_reload_is_refused_when_the_host_cannot(void **state)
{
    struct rh_ctx *ctx = *state;

    ctx->rc = RH_EUNSUPPORTED;
    assert_int_equal(ask(ctx, "POST", "/admin/reload", NULL), RH_EUNSUPPORTED);
    assert_string_equal(ctx->why, "this host cannot read its configuration again");
    ctx->rc = RH_EAGAIN;
    assert_int_equal(ask(ctx, "POST", "/admin/reload", NULL), RH_EAGAIN);
}

int main(void)
{
#define CLAIM(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CLAIM(shutdown_answers_before_it_acts),
        CLAIM(restart_answers_202_when_the_host_can),
        CLAIM(restart_is_refused_when_the_host_cannot),
        CLAIM(reports_are_passed_on_as_they_are),
        CLAIM(peers_are_listed_with_unmeasured_times_as_null),
        CLAIM(a_peer_is_added_by_a_valid_address_only),
        CLAIM(a_refused_removal_says_why),
        CLAIM(maintenance_answers_with_the_new_mode),
        CLAIM(log_levels_are_set_for_all_or_for_one),
        CLAIM(the_log_level_of_an_unknown_plugin_is_refused_by_name),
        CLAIM(adopting_elsewhere_names_the_leader),
        CLAIM(adopting_is_no_leader_route_so_it_works_when_the_state_is_elsewhere),
        CLAIM(everything_that_changes_the_node_needs_the_admin_scope),
        CLAIM(a_reload_is_answered_with_its_report),
        CLAIM(a_reload_of_a_wrong_configuration_tells_its_errors),
        CLAIM(a_reload_is_refused_when_the_host_cannot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
