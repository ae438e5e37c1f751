/* Configurations that the worker refuses, and the words with which it does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ringhost/testhost.h>

const struct rh_plugin *rh_plugin_entry_v1_worker(void);

static void assert_refused(const char *config, const char *words)
{
    const struct rh_testhost_plugin plugin = {rh_plugin_entry_v1_worker(), config};
    const struct rh_testhost_setup node = {.plugins = &plugin, .plugin_count = 1};
    struct rh_testnet *net = rh_testnet_new(1, 1700000000000);
    struct rh_testhost *host = NULL;
    char why[RH_TESTHOST_WHY_MAX] = "";

    assert_non_null(net);
    assert_int_equal(rh_testhost_new(net, &node, &host, why), RH_OK);
    rh_testnet_run(net, 100);

    assert_true(rh_testhost_is_finished(host));
    if (rh_testhost_logged(host, words) == 0)
        fail_msg("the log does not say: %s", words);
    rh_testnet_free(net);
}

static void what_makes_no_sense_is_refused_by_name(void **state)
{
    static const struct {
        const char *config;
        const char *words;
    } rows[] = {
        {"{\"slots\":2,\"commands\":{\"x\":{\"argv\":[\"a\"],\"cpus\":3}}}",
         "3 are more than the 2 slots"},
        {"{\"gpu\":{\"count\":1},\"commands\":{\"x\":{\"argv\":[\"a\"],\"gpus\":2}}}",
         "2 are more than the 1 of gpu.count"},
        {"{\"commands\":{\"a\":{\"argv\":[\"x\"],\"memory\":1}}}",
         "commands.a.memory: 1 bytes are too few"},
        {"{\"commands\":{\"a\":{\"argv\":[\"x\"],\"memory\":\"4095KiB\"}}}",
         "commands.a.memory: 4193280 bytes are too few"},
        {"{\"gpu\":{\"count\":1},\"commands\":{\"x\":{\"argv\":[\"a\"],\"env\":"
         "{\"CUDA_VISIBLE_DEVICES\":\"0\"}}}}",
         "CUDA_VISIBLE_DEVICES is set by the worker"},
        {"{\"preemption\":{\"command\":[\"\"]}}", "preemption.command: names no program"},
        {"{\"commands\":{\"x\":{\"argv\":[\"a\"],\"env\":{\"RINGHOST_CHECKPOINT\":\"/x\"}}}}",
         "commands.x.env.RINGHOST_CHECKPOINT: RINGHOST_CHECKPOINT is set by the worker"},
        {"{\"commands\":{\"x\":{\"argv\":[\"a\"],\"env\":{\"RINGHOST_PROGRESS\":\"/x\"}}}}",
         "RINGHOST_PROGRESS is set by the worker"},
        {"{\"commands\":{\"x\":{\"argv\":[\"a\"],\"env\":{\"RINGHOST_JOB_DIR\":\"/x\"}}}}",
         "RINGHOST_JOB_DIR is set by the worker"},
        {"{\"commands\":{\"x\":{\"argv\":[\"a\"],\"env\":{\"DB_FILE\":\"/x\"},"
         "\"secrets\":{\"DB\":\"/y\"}}}}",
         "commands.x.env.DB_FILE: DB_FILE is set by secrets.DB"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_refused(rows[i].config, rows[i].words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_makes_no_sense_is_refused_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
