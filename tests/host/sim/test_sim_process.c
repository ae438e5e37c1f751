/* Scripted processes: their end, kill, output, and that they outlive their host. */
#include <stdio.h>
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "host/sim/sim.h"
#include "tests/host/core/life_net.h"

struct ends {
    struct life_node n;
    uint32_t count;
    int32_t rc, code;
    char reason[32], output[64];
    int64_t takes_ms;
    int64_t wall_ms; /* limit of the next one; 0 = none */
    bool runs_again;
};

static void script(void *user, struct rh_testhost_process *process)
{
    const struct ends *e = user;

    process->takes_ms = e->takes_ms;
    process->exit_code = 3;
    process->output = "hello";
}

static int32_t run(struct ends *e);

static void on_end(void *user, const struct rh_process_exit *ended)
{
    struct ends *e = user;

    e->count++;
    e->rc = ended->rc;
    e->code = ended->code;
    snprintf(e->reason, sizeof e->reason, "%.*s", RH_STR_ARG(ended->reason));
    if (e->runs_again) {
        e->runs_again = false;
        assert_int_equal(run(e), RH_EEXISTS);
        assert_int_equal(sim_process_adopt(e->n.host, "life", "job", on_end, e), RH_EEXISTS);
        assert_int_equal(sim_process_kill(e->n.host, "life", "job"), RH_ENOTFOUND);
    }
    snprintf(e->output, sizeof e->output, "%.*s", RH_STR_ARG(ended->output));
}

static int32_t run(struct ends *e)
{
    static const struct rh_str argv[] = {{"prog", 4}};
    const struct rh_process_spec spec = {
        .size = (uint32_t)sizeof spec, .key = "job", .argv = {argv, 1, 0}, .wall_ms = e->wall_ms};

    return sim_process_run(e->n.host, "life", &spec, on_end, e);
}

static void ends_start(struct ends *e, int64_t takes_ms)
{
    memset(e, 0, sizeof *e);
    life_node_start(&e->n, 0);
    e->takes_ms = takes_ms;
    rh_testhost_script(e->n.host, script, e);
}

static void a_process_ends_when_and_as_its_script_says(void **state)
{
    struct ends e;

    (void)state;
    ends_start(&e, 500);
    assert_int_equal(run(&e), RH_OK);
    assert_int_equal(rh_testhost_running(e.n.host, "life"), 1);

    rh_testnet_run(e.n.net, 499);
    assert_int_equal(e.count, 0);
    rh_testnet_run(e.n.net, 10);

    assert_int_equal(e.count, 1);
    assert_int_equal(e.code, 3);
    assert_string_equal(e.reason, "exited");
    assert_string_equal(e.output, "hello");
    assert_int_equal(rh_testhost_running(e.n.host, "life"), 0);
    life_node_end(&e.n);
}

static void a_process_may_take_as_long_as_a_number_can_say(void **state)
{
    struct ends e;

    (void)state;
    ends_start(&e, INT64_MAX);
    assert_int_equal(run(&e), RH_OK);

    rh_testnet_run(e.n.net, 60000);

    assert_int_equal(e.count, 0);
    assert_int_equal(rh_testhost_running(e.n.host, "life"), 1);
    life_node_end(&e.n);
}

static void without_a_script_no_program_is_found(void **state)
{
    struct ends e;

    (void)state;
    ends_start(&e, 1);
    rh_testhost_script(e.n.host, NULL, NULL);

    assert_int_equal(run(&e), RH_OK);
    rh_testnet_run(e.n.net, 10);

    assert_int_equal(e.rc, RH_ENOTFOUND);
    life_node_end(&e.n);
}

static void a_key_is_in_use_until_the_callback_of_its_end_has_returned(void **state)
{
    struct ends e;

    (void)state;
    ends_start(&e, 100);
    assert_int_equal(run(&e), RH_OK);
    assert_int_equal(run(&e), RH_EEXISTS);
    e.runs_again = true;

    rh_testnet_run(e.n.net, 1000);

    assert_int_equal(e.count, 1);
    assert_int_equal(run(&e), RH_OK);
    rh_testnet_run(e.n.net, 1000);
    assert_int_equal(e.count, 2);
    assert_string_equal(e.output, "hello");
    life_node_end(&e.n);
}

static void a_killed_process_says_so(void **state)
{
    struct ends e;

    (void)state;
    ends_start(&e, -1);
    assert_int_equal(run(&e), RH_OK);
    rh_testnet_run(e.n.net, 60000);
    assert_int_equal(e.count, 0);

    assert_int_equal(sim_process_kill(e.n.host, "life", "job"), RH_OK);
    rh_testnet_run(e.n.net, 10);

    assert_string_equal(e.reason, "killed");
    assert_int_equal(sim_process_kill(e.n.host, "life", "job"), RH_ENOTFOUND);
    life_node_end(&e.n);
}

static void a_process_is_ended_at_its_limit(void **state)
{
    struct ends e;

    (void)state;
    ends_start(&e, -1);
    e.wall_ms = 700;
    assert_int_equal(run(&e), RH_OK);

    rh_testnet_run(e.n.net, 699);
    assert_int_equal(e.count, 0);
    rh_testnet_run(e.n.net, 10);

    assert_int_equal(e.count, 1);
    assert_string_equal(e.reason, "timeout");
    assert_int_equal(e.code, 143);
    life_node_end(&e.n);
}

static void a_process_does_not_outlive_the_power_of_its_machine(void **state)
{
    struct ends e;

    (void)state;
    ends_start(&e, 5000);
    assert_int_equal(run(&e), RH_OK);
    sim_process_detach(e.n.host, "life"); /* as the core does for its plugins */

    sim_crash(e.n.host, SIM_CRASH_POWER);

    assert_int_equal(rh_testhost_running(e.n.host, "life"), 0);
    assert_int_equal(rh_testhost_start(e.n.host, e.n.why), RH_OK);
    assert_int_equal(sim_process_adopt(e.n.host, "life", "job", on_end, &e), RH_OK);
    rh_testnet_run(e.n.net, 10);
    assert_int_equal(e.count, 2);
    assert_int_equal(e.rc, RH_EIO);
    assert_string_equal(e.reason, "lost");
    life_node_end(&e.n);
}

static void a_process_outlives_its_host_and_is_adopted(void **state)
{
    struct ends e;

    (void)state;
    ends_start(&e, 5000);
    assert_int_equal(run(&e), RH_OK);
    sim_process_detach(e.n.host, "life"); /* as the core does for its plugins */
    rh_testhost_crash(e.n.host);
    rh_testnet_run(e.n.net, 10000); /* it ends while nobody looks */
    assert_int_equal(e.count, 1);
    assert_int_equal(e.rc, RH_ECANCELLED); /* the wait ended, not the process */
    assert_int_equal(rh_testhost_start(e.n.host, e.n.why), RH_OK);

    assert_int_equal(sim_process_adopt(e.n.host, "life", "job", on_end, &e), RH_OK);
    assert_int_equal(sim_process_adopt(e.n.host, "life", "none", on_end, &e), RH_ENOTFOUND);
    rh_testnet_run(e.n.net, 10);

    assert_int_equal(e.count, 2);
    assert_string_equal(e.output, "hello");
    life_node_end(&e.n);
}

static void output_can_be_read_from_any_place(void **state)
{
    struct rh_buf out;
    struct ends e;

    (void)state;
    rh_buf_init(&out, 100);
    ends_start(&e, -1);
    assert_int_equal(run(&e), RH_OK);

    assert_int_equal(sim_process_output(e.n.host, "life", "job", 1, 3, &out), RH_OK);
    assert_int_equal(sim_process_output(e.n.host, "life", "job", 9, 3, &out), RH_OK);

    assert_int_equal(out.n, 3);
    assert_memory_equal(out.p, "ell", 3);
    rh_buf_release(&out);
    life_node_end(&e.n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_process_ends_when_and_as_its_script_says),
        cmocka_unit_test(a_process_may_take_as_long_as_a_number_can_say),
        cmocka_unit_test(without_a_script_no_program_is_found),
        cmocka_unit_test(a_key_is_in_use_until_the_callback_of_its_end_has_returned),
        cmocka_unit_test(a_killed_process_says_so),
        cmocka_unit_test(a_process_is_ended_at_its_limit),
        cmocka_unit_test(a_process_does_not_outlive_the_power_of_its_machine),
        cmocka_unit_test(a_process_outlives_its_host_and_is_adopted),
        cmocka_unit_test(output_can_be_read_from_any_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
