/* Files of simulated jobs: given, made, taken, and gone. */
#include "tests/host/core/cmocka_all.h"

#include <ringhost/sdk/str.h>

#include "host/sim/sim.h"
#include "tests/host/core/life_net.h"

static void script(void *user, struct rh_testhost_process *process)
{
    (void)user;
    process->takes_ms = 5;
    process->file_name = "out";
    process->file_text = "made";
}

static void take_out(void *user, const struct rh_process_exit *exit)
{
    (void)exit;
    assert_int_equal(sim_driver_ops.process_take(user, "p", "k", "none", "x"), RH_ENOTFOUND);
    assert_int_equal(sim_driver_ops.process_take(user, "p", "k", "out", "kept"), RH_OK);
}

static void a_job_has_what_it_was_given_and_leaves_what_is_taken(void **state)
{
    const struct rh_process_file files[] = {
        {.size = (uint32_t)sizeof files[0], .mode = 0444, .file = "in", .name = "model"},
        {.size = (uint32_t)sizeof files[0], .mode = 0444, .file = "in2", .name = "one/model"}};
    struct rh_str argv = RH_STR_INIT("program");
    struct rh_process_spec spec = {.size = (uint32_t)sizeof spec,
                                   .key = "k",
                                   .argv = {&argv, 1, 0},
                                   .files = files,
                                   .file_count = 2,
                                   .file_stride = (uint32_t)sizeof files[0]};
    struct life_node n;
    int64_t length = 0;

    (void)state;
    life_node_start(&n, 0);
    rh_testhost_script(n.host, script, NULL);
    assert_int_equal(sim_driver_ops.process_run(n.host, "p", &spec, take_out, n.host),
                     RH_ENOTFOUND);
    assert_int_equal(sim_driver_ops.file_append(n.host, "files/p/in", RH_STR_LIT("given")), RH_OK);
    assert_int_equal(sim_driver_ops.file_append(n.host, "files/p/in2", RH_STR_LIT("other")), RH_OK);
    assert_int_equal(sim_driver_ops.process_run(n.host, "p", &spec, take_out, n.host), RH_OK);
    assert_int_equal(sim_driver_ops.file_length(n.host, "jobs/p/k/one/model", &length), RH_OK);
    assert_int_equal(length, 5);
    assert_int_equal(sim_driver_ops.file_length(n.host, "jobs/p/k/model", &length), RH_OK);
    rh_testnet_run(n.net, 20);

    assert_int_equal(sim_driver_ops.file_length(n.host, "files/p/kept", &length), RH_OK);
    assert_int_equal(length, 4);
    assert_int_equal(sim_driver_ops.file_length(n.host, "files/p/in", &length), RH_ENOTFOUND);
    assert_int_equal(sim_driver_ops.file_length(n.host, "jobs/p/k/model", &length), RH_ENOTFOUND);
    assert_int_equal(sim_driver_ops.file_length(n.host, "jobs/p/k/one/model", &length),
                     RH_ENOTFOUND);
    life_node_end(&n);
}

static void bytes_are_a_file_that_can_be_read(void **state)
{
    const struct rh_process_file files[] = {
        {.size = (uint32_t)sizeof files[0], .name = "told", .bytes = RH_STR_INIT("12345")},
        {.size = (uint32_t)sizeof files[0], .name = "later"}};
    struct rh_str argv = RH_STR_INIT("program");
    struct rh_process_spec spec = {.size = (uint32_t)sizeof spec,
                                   .key = "k",
                                   .argv = {&argv, 1, 0},
                                   .files = files,
                                   .file_count = 2,
                                   .file_stride = (uint32_t)sizeof files[0]};
    struct life_node n;
    struct rh_buf text;

    (void)state;
    rh_buf_init(&text, 64);
    life_node_start(&n, 0);
    rh_testhost_script(n.host, script, NULL);
    assert_int_equal(sim_driver_ops.process_run(n.host, "p", &spec, take_out, n.host), RH_OK);

    assert_int_equal(sim_driver_ops.process_read(n.host, "p", "k", "told", 5, &text), RH_OK);
    assert_true(rh_str_eq_c(rh_buf_str(&text), "12345"));
    assert_int_equal(sim_driver_ops.process_read(n.host, "p", "k", "told", 4, &text), RH_ETOOLARGE);
    assert_int_equal(sim_driver_ops.process_read(n.host, "p", "k", "later", 5, &text),
                     RH_ENOTFOUND);
    rh_testnet_run(n.net, 20);
    rh_buf_release(&text);
    life_node_end(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_has_what_it_was_given_and_leaves_what_is_taken),
        cmocka_unit_test(bytes_are_a_file_that_can_be_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
