/* Secrets of commands: refused by name when others may read them, given to jobs as files, told
 * nobody. */
#include "loop_test.h"

#include <ringhost/sdk/str.h>

#include "host/sim/sim.h"

const struct rh_plugin *rh_plugin_entry_v1_work_queue(void);
const struct rh_plugin *rh_plugin_entry_v1_worker(void);

#define CONFIG                                                      \
    "{\"commands\":{\"x\":{\"argv\":[\"job\"],\"secrets\":{\"DB\":" \
    "\"/etc/secret/db\"}}}}"
#define SECRET "correct-horse"

static char key[64]; /* of the last process */
static uint32_t started;

static void on_process(void *user, struct rh_testhost_process *process)
{
    (void)user;
    started++;
    (void)snprintf(key, sizeof(key), "%s", process->key);
    for (uint32_t i = 0; i < process->argv.count; i++)
        assert_null(
            memmem(process->argv.items[i].p, process->argv.items[i].n, SECRET, strlen(SECRET)));
    for (uint32_t i = 0; i < process->env.count; i++)
        assert_null(
            memmem(process->env.items[i].p, process->env.items[i].n, SECRET, strlen(SECRET)));
    process->takes_ms = 5000;
    process->output = "{}\n";
}

static struct rh_testhost *node_new(struct rh_testnet *net, const char *config, bool has_file)
{
    const struct rh_testhost_plugin plugins[] = {
        {rh_plugin_entry_v1_work_queue(), NULL},
        {rh_plugin_entry_v1_worker(), config},
    };
    const struct rh_testhost_setup setup = {.plugins = plugins, .plugin_count = 2};
    struct rh_testhost *host = NULL;
    char why[RH_TESTHOST_WHY_MAX] = "";

    assert_non_null(net);
    started = 0;
    assert_int_equal(rh_testhost_new(net, &setup, &host, why), RH_OK);
    if (has_file)
        assert_int_equal(rh_testhost_file(host, "/etc/secret/db", SECRET "\n"), RH_OK);
    rh_testhost_script(host, on_process, NULL);
    rh_testnet_run(net, 5000);
    return host;
}

static void assert_secret_is(struct rh_testhost *host, const char *text)
{
    char path[160];
    struct rh_buf buf;
    int32_t rc;

    rh_buf_init(&buf, 4096);
    (void)snprintf(path, sizeof(path), "jobs/worker/%s/secrets/DB", key);
    rc = sim_file_read(host, path, 0, 4096, &buf);
    assert_int_equal(rc, text ? RH_OK : RH_ENOTFOUND);
    if (text)
        assert_true(rh_str_eq_c(rh_buf_str(&buf), text));
    rh_buf_release(&buf);
}

static void a_job_has_its_secret_while_it_runs_and_nobody_else_hears_of_it(void **state)
{
    struct rh_testnet *net = rh_testnet_new(1, LOOP_WALL_MS);
    struct rh_testhost *host = node_new(net, CONFIG, true);
    struct rh_testhost_reply reply;

    (void)state;
    assert_int_equal(
        rh_testhost_request(host, "POST", "/work/add", "{\"work_type\":\"x\"}", &reply), 201);
    rh_testnet_run(net, 1000);

    assert_int_equal(started, 1);
    assert_secret_is(host, SECRET);
    assert_int_equal(rh_testhost_request(host, "GET", "/worker/status", NULL, &reply), 200);
    assert_null(strstr(reply.body, SECRET));
    assert_int_equal(rh_testhost_logged(host, SECRET), 0);
    rh_testnet_run(net, 10000);
    assert_secret_is(host, NULL);
    rh_testnet_free(net);
}

static void a_secret_that_is_gone_fails_the_attempt_by_name(void **state)
{
    struct rh_testnet *net = rh_testnet_new(1, LOOP_WALL_MS);
    struct rh_testhost *host = node_new(net, CONFIG, true);
    struct rh_testhost_reply reply;

    (void)state;
    assert_int_equal(sim_file_remove(host, "/etc/secret/db"), RH_OK);
    assert_int_equal(
        rh_testhost_request(host, "POST", "/work/add", "{\"work_type\":\"x\"}", &reply), 201);
    rh_testnet_run(net, 1000);

    assert_int_equal(started, 0);
    assert_int_equal(rh_testhost_request(host, "GET", "/work/item?work_id=w1", NULL, &reply), 200);
    assert_non_null(strstr(reply.body, "secrets.DB: /etc/secret/db: no such file"));
    rh_testnet_free(net);
}

/* The end of an item with these files, in words of its error. */
static void fails_with(const char *files, const char *words)
{
    struct rh_testnet *net = rh_testnet_new(1, LOOP_WALL_MS);
    struct rh_testhost *host = node_new(net, CONFIG, true);
    struct rh_testhost_reply reply;
    char body[256];

    (void)snprintf(body, sizeof(body), "{\"work_type\":\"x\",\"max_attempts\":1,%s}", files);
    assert_int_equal(rh_testhost_request(host, "POST", "/work/add", body, &reply), 201);
    rh_testnet_run(net, 20000);
    assert_int_equal(rh_testhost_request(host, "GET", "/work/item?work_id=w1", NULL, &reply), 200);
    if (!strstr(reply.body, words))
        fail_msg("%s is not in %s", words, reply.body);
    rh_testnet_free(net);
}

static void an_item_cannot_ask_for_a_secret_as_an_output(void **state)
{
    (void)state;

    fails_with("\"outputs\":[\"secret.DB\"]", "output secret.DB: the program left no such file");
    fails_with("\"outputs\":[\"secrets\"]", "output secrets: ");
}

static void an_input_in_the_place_of_secrets_fails_the_attempt_by_name(void **state)
{
    static const char sha[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    char files[160];

    (void)state;
    (void)snprintf(files, sizeof(files), "\"inputs\":[\"secrets/DB=%s\"]", sha);

    fails_with(files,
               "input secrets/DB: on this node the folder secrets of the job is for secrets");
}

static void what_cannot_be_read_or_named_is_refused_at_the_start(void **state)
{
    static const struct {
        const char *config;
        const char *words;
    } rows[] = {
        {CONFIG, "secrets.DB: /etc/secret/db: no such file"},
        {"{\"commands\":{\"x\":{\"argv\":[\"a\"],\"secrets\":{\"A\":\"b\"}}}}",
         "secrets.A: b: must be the absolute path of a plain file"},
        {"{\"commands\":{\"x\":{\"argv\":[\"a\"],\"secrets\":{\"A-B\":\"/b\"}}}}",
         "\"A-B\" must be letters, digits and _"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rh_testnet *net = rh_testnet_new(1, LOOP_WALL_MS);
        struct rh_testhost *host = node_new(net, rows[i].config, false);

        assert_true(rh_testhost_is_finished(host));
        if (rh_testhost_logged(host, rows[i].words) == 0)
            fail_msg("the log does not say: %s", rows[i].words);
        rh_testnet_free(net);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_has_its_secret_while_it_runs_and_nobody_else_hears_of_it),
        cmocka_unit_test(a_secret_that_is_gone_fails_the_attempt_by_name),
        cmocka_unit_test(an_item_cannot_ask_for_a_secret_as_an_output),
        cmocka_unit_test(an_input_in_the_place_of_secrets_fails_the_attempt_by_name),
        cmocka_unit_test(what_cannot_be_read_or_named_is_refused_at_the_start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
