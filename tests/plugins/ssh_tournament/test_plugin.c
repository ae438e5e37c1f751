/* The plugin in a host of one node; what the SSH client does is scripted, by host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/sdk/plugin.h>
#include <ringhost/testhost.h>

#define CONFIG "{\"host_rest\":\"1s\",\"slots\":4,\"live_max\":2,\"keep_max\":2}"
#define ONE    "\"command\":[\"play\",\"{match}\"],\"matches\":[{}]"
#define RUN(h) "{\"hosts\":[\"" h "\"]," ONE ",\"retries\":0}"

const struct rh_plugin *rh_plugin_entry_v1_ssh_tournament(void);

/* How the client behaves for a host of this name; a name that is not here is refused. */
struct behaviour {
    const char *host;
    const char *marks; /* with the nonce put in for "%s" */
    const char *output;
    const char *words; /* of the client itself */
    int32_t code;      /* of the client */
    int64_t takes_ms;
};
static const struct behaviour behaviours[] = {
    {"ok", "\nringhost-ssh %s start\n\nringhost-ssh %s end 0\n", "fine\n{\"winner\":\"b\"}\n", "",
     0, 50},
    {"wide", "\nringhost-ssh %s start\n\nringhost-ssh %s end 0\n", "abc\xc3\xbc\n", "", 0, 50},
    {"seven", "\nringhost-ssh %s start\n\nringhost-ssh %s end 7\n", "", "", 7, 50},
    {"own255", "\nringhost-ssh %s start\n\nringhost-ssh %s end 255\n", "", "", 255, 50},
    {"lost", "\nringhost-ssh %s start\n%.0s", "half", "Connection reset by peer\r\n", 255, 50},
    {"slow", "\nringhost-ssh %s start\n\nringhost-ssh %s end 0\n", "", "", 0, 20000},
    {"forever", "\nringhost-ssh %s start\n\nringhost-ssh %s end 143\n", "", "", 143, -1},
};

struct rig {
    struct rh_testnet *net;
    struct rh_testhost *host;
    struct rh_testhost_reply reply;
    char id[128];
    char errors[512];
    char last[8192]; /* remote command of the last attempt */
    uint32_t started;
};

static void words_copy(char *to, size_t size, struct rh_str word)
{
    (void)snprintf(to, size, "%.*s", (int)word.n, word.p);
}

static void on_process(void *user, struct rh_testhost_process *process)
{
    const struct rh_str *words = process->argv.items;
    const uint32_t count = process->argv.count;
    struct rig *rig = user;
    char host[64];
    char nonce[17] = "";
    const char *at;

    rig->started++;
    assert_string_equal(process->owner, "ssh_tournament");
    assert_int_equal(words[0].n, 3);
    assert_memory_equal(words[0].p, "ssh", 3);
    assert_memory_equal(words[count - 3].p, "--", 2);
    words_copy(host, sizeof(host), words[count - 2]);
    words_copy(rig->last, sizeof(rig->last), words[count - 1]);
    at = strstr(rig->last, " ringhost ");
    assert_non_null(at);
    memcpy(nonce, at + 10, 16);
    process->exit_code = 255;
    process->takes_ms = 50;
    (void)snprintf(rig->errors, sizeof(rig->errors), "connect: Connection refused\r\n");
    for (size_t i = 0; i < sizeof(behaviours) / sizeof(behaviours[0]); i++) {
        const struct behaviour *own = &behaviours[i];
        size_t n;

        if (strcmp(own->host, host) != 0)
            continue;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        n = (size_t)snprintf(rig->errors, sizeof(rig->errors), own->marks, nonce, nonce);
#pragma GCC diagnostic pop
        (void)snprintf(rig->errors + n, sizeof(rig->errors) - n, "%s", own->words);
        process->exit_code = own->code;
        process->takes_ms = own->takes_ms;
        process->output = own->output;
    }
    process->errors = rig->errors;
}

/* A plugin beside it that hears what is told. */
static struct {
    uint32_t count;
    char last[512];
} told_ends;

static void on_end(void *self, const struct rh_event *event)
{
    (void)self;
    told_ends.count++;
    (void)snprintf(told_ends.last, sizeof(told_ends.last), "%.*s", (int)event->payload.n,
                   event->payload.p);
}

static const struct rh_event_def listener_events[] = {
    {.size = (uint32_t)sizeof(struct rh_event_def),
     .type = "SSH_RUN_COMPLETED",
     .on_event = on_end},
};
static const char *const listener_services[] = {RH_EVENTS_ID};
static int32_t listener_create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                               const void *config)
{
    (void)self;
    (void)ctx;
    (void)host;
    (void)config;
    return RH_OK;
}
struct listener {
    uint32_t nothing;
};
static const struct rh_plugin listener = {
    RH_PLUGIN_HEAD(struct listener, "listener", "0.1.0"),
    .summary = "Hears.",
    .license = "Apache-2.0",
    RH_LIST_OF(listener_services, service),
    RH_TABLE(listener_events, event),
    .create = listener_create,
};

static bool is_ready(void *user)
{
    return rh_testhost_is_ready(user);
}

static int set_up(void **state)
{
    const struct rh_testhost_plugin plugins[] = {{rh_plugin_entry_v1_ssh_tournament(), CONFIG},
                                                 {&listener, NULL}};
    const struct rh_testhost_setup setup = {.plugins = plugins, .plugin_count = 2};
    struct rig *rig = calloc(1, sizeof(*rig));
    char why[RH_TESTHOST_WHY_MAX] = "";

    assert_non_null(rig);
    rig->net = rh_testnet_new(1, 1700000000000);
    if (rh_testhost_new(rig->net, &setup, &rig->host, why) != RH_OK)
        fail_msg("the host does not start: %s", why);
    rh_testhost_script(rig->host, on_process, rig);
    assert_true(rh_testnet_run_until(rig->net, is_ready, rig->host, 10000));
    *state = rig;
    return 0;
}

static int tear_down(void **state)
{
    struct rig *rig = *state;

    rh_testnet_free(rig->net);
    free(rig);
    return 0;
}

static uint32_t post(struct rig *rig, const char *path, const char *body)
{
    return rh_testhost_request(rig->host, "POST", path, body, &rig->reply);
}

/* Begins a run; its id is in rig->id then. */
static void begin(struct rig *rig, const char *body)
{
    const char *at;

    if (post(rig, "/ssh_tournament/run", body) != 201)
        fail_msg("not begun: %s", rig->reply.body);
    at = strstr(rig->reply.body, "\"run_id\":\"");
    assert_non_null(at);
    (void)snprintf(rig->id, sizeof(rig->id), "%.*s", (int)strcspn(at + 10, "\""), at + 10);
}

static const char *look(struct rig *rig, const char *route)
{
    char path[256];

    (void)snprintf(path, sizeof(path), "/ssh_tournament/%s?run_id=%s%s", route, rig->id,
                   strcmp(route, "logs") == 0 ? "&match=0" : "");
    assert_int_equal(rh_testhost_request(rig->host, "GET", path, NULL, &rig->reply), 200);
    return rig->reply.body;
}

static void told(const char *body, const char *text)
{
    if (!strstr(body, text))
        fail_msg("no %s in %s", text, body);
}

/* Each kind of end of the same run of one match. */
static void every_way_to_end_has_a_verdict_of_its_own(void **state)
{
    static const struct {
        const char *host, *match, *run;
    } rows[] = {
        {"ok", "\"verdict\":\"ok\"", "\"ok\":1"},
        {"seven", "\"verdict\":\"exited\"", "\"failed\":1"},
        {"own255", "\"exit_code\":255", "\"failed\":1"},
        {"lost", "\"reason\":\"Connection reset by peer\"", "\"lost\":1"},
        {"nobody", "\"reason\":\"connect: Connection refused\"", "\"unreachable\":1"},
    };
    struct rig *rig = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char body[256];

        (void)snprintf(body, sizeof(body), "{\"hosts\":[\"%s\"]," ONE ",\"retries\":0}",
                       rows[i].host);
        begin(rig, body);
        rh_testnet_run(rig->net, 200);

        told(look(rig, "status"), "\"state\":\"done\"");
        told(rig->reply.body, rows[i].match);
        told(rig->reply.body, rows[i].run);
    }
}

static void a_match_that_never_started_goes_to_another_host(void **state)
{
    struct rig *rig = *state;

    begin(rig, "{\"hosts\":[\"nobody\",\"ok\"]," ONE ",\"retries\":1}");
    rh_testnet_run(rig->net, 300);

    told(look(rig, "status"), "\"attempts\":2");
    told(rig->reply.body, "\"host\":\"ok\"");
    told(look(rig, "joblog"), "\"verdict\":\"unreachable\"");
    assert_int_equal(rh_testhost_logged(rig->host, "ssh_host_rests"), 1);
}

static void a_resting_host_is_probed_by_one_match(void **state)
{
    struct rig *rig = *state;

    begin(rig, "{\"hosts\":[\"nobody\"],\"command\":[\"x\"],\"matches\":[{},{},{}],\"retries\":0,"
               "\"max_parallel_per_host\":1}");
    rh_testnet_run(rig->net, 500);
    assert_int_equal(rig->started, 1);
    rh_testnet_run(rig->net, 1000);
    assert_int_equal(rig->started, 2);

    rh_testnet_run(rig->net, 5000);

    told(look(rig, "status"), "\"unreachable\":3");
}

static void a_cancelled_run_ends_what_runs(void **state)
{
    struct rig *rig = *state;
    char body[160];

    begin(rig, "{\"hosts\":[\"forever\"],\"command\":[\"x\"],\"matches\":[{},{}]}");
    rh_testnet_run(rig->net, 100);
    assert_int_equal(rh_testhost_running(rig->host, "ssh_tournament"), 1);
    (void)snprintf(body, sizeof(body), "{\"run_id\":\"%s\"}", rig->id);

    assert_int_equal(post(rig, "/ssh_tournament/cancel", body), 200);
    rh_testnet_run(rig->net, 20000);

    assert_int_equal(rh_testhost_running(rig->host, "ssh_tournament"), 0);
    told(look(rig, "status"), "\"state\":\"cancelled\"");
    told(rig->reply.body, "\"cancelled\":2");
    assert_int_equal(post(rig, "/ssh_tournament/cancel", body), 200);
}

static void attempts_are_adopted_after_a_crash(void **state)
{
    struct rig *rig = *state;
    char why[RH_TESTHOST_WHY_MAX];

    begin(rig, RUN("slow"));
    rh_testnet_run(rig->net, 100);

    rh_testhost_crash(rig->host);
    assert_int_equal(rh_testhost_start(rig->host, why), RH_OK);
    assert_true(rh_testnet_run_until(rig->net, is_ready, rig->host, 10000));
    told(look(rig, "status"), "\"running\":1");
    rh_testnet_run(rig->net, 30000);

    told(look(rig, "status"), "\"ok\":1");
    assert_int_equal(rig->started, 1);
}

/* Whatever instant the node dies at, a match runs once, or is lost and says so. */
static void a_crash_at_any_instant_loses_no_match(void **state)
{
    struct rig *rig = *state;
    char why[RH_TESTHOST_WHY_MAX];

    for (int64_t at_ms = 0; at_ms < 120; at_ms += 7) {
        begin(rig, RUN("ok"));
        rh_testnet_run(rig->net, at_ms);
        rh_testhost_crash(rig->host);
        assert_int_equal(rh_testhost_start(rig->host, why), RH_OK);
        assert_true(rh_testnet_run_until(rig->net, is_ready, rig->host, 10000));
        rh_testnet_run(rig->net, 1000);

        told(look(rig, "status"), "\"state\":\"done\"");
        if (!strstr(rig->reply.body, "\"ok\":1"))
            told(rig->reply.body, "the end was not recorded");
    }
}

static void resuming_begins_again_what_was_not_ok(void **state)
{
    struct rig *rig = *state;
    char body[160];

    begin(rig, RUN("seven"));
    rh_testnet_run(rig->net, 200);
    (void)snprintf(body, sizeof(body), "{\"run_id\":\"%s\"}", rig->id);

    assert_int_equal(post(rig, "/ssh_tournament/resume", body), 200);
    rh_testnet_run(rig->net, 200);

    told(look(rig, "status"), "\"attempts\":2");
    told(rig->reply.body, "\"failed\":1");
    assert_int_equal(post(rig, "/ssh_tournament/cancel", body), 409);
}

static void a_run_of_only_ok_matches_cannot_be_resumed(void **state)
{
    struct rig *rig = *state;
    char body[160];

    begin(rig, RUN("ok"));
    rh_testnet_run(rig->net, 200);
    (void)snprintf(body, sizeof(body), "{\"run_id\":\"%s\"}", rig->id);

    assert_int_equal(post(rig, "/ssh_tournament/resume", body), 409);
    assert_int_equal(post(rig, "/ssh_tournament/resume", "{\"run_id\":\"none\"}"), 404);
}

static void outputs_and_winners_are_kept(void **state)
{
    struct rig *rig = *state;

    begin(rig, "{\"hosts\":[\"ok\"],\"command\":[\"play\",\"{first}\",\"{second}\"],"
               "\"matches\":[{\"players\":[\"a\",\"b\"],\"args\":[\"it's\"]}]}");
    rh_testnet_run(rig->net, 200);

    told(rig->last, "play a b 'it'\\''s'");
    told(look(rig, "logs"), "\"output\":\"fine\\n");
    told(look(rig, "status"), "\"winner\":\"b\"");
    told(rig->reply.body, "{\"player\":\"a\",\"wins\":0,\"draws\":0,\"losses\":1}");
}

static void a_page_of_an_output_ends_with_a_whole_character(void **state)
{
    struct rig *rig = *state;
    char path[256];

    begin(rig, RUN("wide"));
    rh_testnet_run(rig->net, 200);
    (void)snprintf(path, sizeof(path), "/ssh_tournament/logs?run_id=%s&match=0&limit=4", rig->id);
    assert_int_equal(rh_testhost_request(rig->host, "GET", path, NULL, &rig->reply), 200);
    told(rig->reply.body, "\"next\":3,\"output\":\"abc\"");

    (void)snprintf(path, sizeof(path), "/ssh_tournament/logs?run_id=%s&match=0&offset=3", rig->id);
    assert_int_equal(rh_testhost_request(rig->host, "GET", path, NULL, &rig->reply), 200);

    told(rig->reply.body, "\"next\":6,\"output\":\"\xc3\xbc\\n\"");
}

static void the_end_of_a_run_is_told_once(void **state)
{
    struct rig *rig = *state;

    told_ends.count = 0;
    begin(rig, RUN("seven"));
    rh_testnet_run(rig->net, 1000);

    assert_int_equal(told_ends.count, 1);
    told(told_ends.last, rig->id);
    told(told_ends.last, "\"state\":\"done\",\"matches\":1,\"ok\":0,\"failed\":1,\"lost\":0");
}

static void the_oldest_runs_are_forgotten(void **state)
{
    struct rig *rig = *state;
    char first[128];
    char path[256];

    begin(rig, RUN("ok"));
    memcpy(first, rig->id, sizeof(first));
    for (int i = 0; i < 3; i++) {
        rh_testnet_run(rig->net, 200);
        begin(rig, RUN("ok"));
    }
    rh_testnet_run(rig->net, 200);

    (void)snprintf(path, sizeof(path), "/ssh_tournament/status?run_id=%s", first);
    assert_int_equal(rh_testhost_request(rig->host, "GET", path, NULL, &rig->reply), 404);
    assert_int_equal(
        rh_testhost_request(rig->host, "GET", "/ssh_tournament/list", NULL, &rig->reply), 200);
    told(rig->reply.body, rig->id);
}

static void only_so_many_runs_are_under_way(void **state)
{
    struct rig *rig = *state;

    begin(rig, RUN("slow"));
    begin(rig, RUN("slow"));

    assert_int_equal(post(rig, "/ssh_tournament/run", RUN("slow")), 429);
}

static void a_dry_run_starts_nothing(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(post(rig, "/ssh_tournament/run",
                          "{\"hosts\":[\"u@h:2222\"],\"command\":[\"x\",\"{index}\"],"
                          "\"tournament\":{\"players\":[\"a\",\"b\"]},\"dry_run\":true}"),
                     200);

    told(rig->reply.body, "\"matches_total\":2");
    told(rig->reply.body, "\"command\":[\"x\",\"1\"]");
    told(rig->reply.body, "\"port\":2222");
    rh_testnet_run(rig->net, 500);
    assert_int_equal(rig->started, 0);
}

static void wrong_requests_are_refused_with_a_reason(void **state)
{
    static const struct {
        const char *body, *reason;
    } rows[] = {
        {"{\"hosts\":[\"-oProxyCommand=x\"]," ONE "}", "-oProxyCommand=x"},
        {"{\"hosts\":[\"a b\"]," ONE "}", "no machine of the inventory"},
        {"{\"hosts\":[\"gpu*\"]," ONE "}", "matches \\\"gpu*\\\""},
        {"{\"hosts\":[]," ONE "}", "hosts"},
        {"{\"hosts\":[\"h\"],\"command\":[],\"matches\":[{}]}", "command"},
        {"{\"hosts\":[\"h\"],\"command\":[\"-x\"],\"matches\":[{}]}", "does not begin"},
        {"{\"hosts\":[\"h\"],\"command\":[\"x\"]}", "either matches or tournament"},
        {"{\"hosts\":[\"h\"],\"command\":[\"x\"],\"matches\":[]}", "0 matches"},
        {"{\"hosts\":[\"h\"],\"command\":[\"x\"],\"matches\":[{\"id\":\"a\"},{\"id\":\"a\"}]}",
         "two have the id"},
        {"{\"hosts\":[\"h\"],\"command\":[\"x\"],\"matches\":[{\"players\":[\"a\"]}]}",
         "two, or none"},
        {"{\"hosts\":[\"h\"],\"command\":[\"x\"],\"matches\":[{\"players\":[\"a\",\"draw\"]}]}",
         "draw"},
        {"{\"hosts\":[\"h\"],\"command\":[\"x\"],\"tournament\":{\"players\":[\"a\",\"a\"]}}",
         "twice"},
        {"{\"hosts\":[\"h\"],\"command\":[\"x\"],\"tournament\":{\"players\":[\"a\",\"b\"],"
         "\"games\":1000},"
         "\"halt\":\"later\"}",
         "halt"},
    };
    struct rig *rig = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (post(rig, "/ssh_tournament/run", rows[i].body) != 400)
            fail_msg("taken: %s", rows[i].body);
        told(rig->reply.body, rows[i].reason);
    }
    assert_int_equal(rig->started, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_way_to_end_has_a_verdict_of_its_own),
        TEST(a_match_that_never_started_goes_to_another_host),
        TEST(a_resting_host_is_probed_by_one_match),
        TEST(a_cancelled_run_ends_what_runs),
        TEST(attempts_are_adopted_after_a_crash),
        TEST(a_crash_at_any_instant_loses_no_match),
        TEST(resuming_begins_again_what_was_not_ok),
        TEST(a_run_of_only_ok_matches_cannot_be_resumed),
        TEST(outputs_and_winners_are_kept),
        TEST(a_page_of_an_output_ends_with_a_whole_character),
        TEST(the_end_of_a_run_is_told_once),
        TEST(the_oldest_runs_are_forgotten),
        TEST(only_so_many_runs_are_under_way),
        TEST(a_dry_run_starts_nothing),
        TEST(wrong_requests_are_refused_with_a_reason),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
