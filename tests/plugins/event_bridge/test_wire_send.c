/* Tests of programs as receivers. */
#include "plugin_test.h"

#define PROGRAM "{\"a\":{\"argv\":[\"/bin/carry\",\"--fast\"]}}"

/* What the next runs do, and what they were given. */
static struct {
    int32_t codes[8];
    uint32_t runs;
    char input[1024];
    char argument[32];
    char key[64];
    bool is_missing;
} program;

static void script(void *user, struct rh_testhost_process *process)
{
    (void)user;
    if (program.is_missing) {
        process->not_found = 1;
        return;
    }
    process->takes_ms = 10;
    process->exit_code = program.codes[program.runs % 8];
    process->errors = "words\n";
    (void)rh_str_copy(program.input, sizeof program.input, process->input);
    (void)rh_str_copy(program.argument, sizeof program.argument, process->argv.items[1]);
    (void)snprintf(program.key, sizeof program.key, "%s", process->key);
    program.runs++;
}

static struct world *world_of_programs(void)
{
    struct world *world = world_with(PROGRAM);

    memset(&program, 0, sizeof program);
    rh_testhost_script(world->bridge, script, NULL);
    return world;
}

static void a_program_reads_the_event_on_its_standard_input(void **state)
{
    struct world *world = world_of_programs();

    (void)state;
    publish_numbers(world, 7, 1);
    run(world, SHORT);

    assert_int_equal(program.runs, 1);
    assert_string_equal(program.argument, "--fast");
    assert_string_equal(program.key, "sink.a");
    assert_non_null(strstr(program.input, "\"type\":\"NUMBER\""));
    assert_non_null(strstr(program.input, "\"payload\":{\"n\":7}}"));
    assert_says(world, "/events/sinks", "\"kind\":\"program\",\"program\":\"/bin/carry\"");
    assert_says(world, "/events/sinks", "\"delivered\":1,");
    world_free(world);
}

static void what_waits_for_a_program_follows_at_once(void **state)
{
    struct world *world = world_of_programs();

    (void)state;
    publish_numbers(world, 0, 20);
    run(world, SHORT); /* each takes 10 ms, and nothing of the 30 s of `recheck` */

    assert_int_equal(program.runs, 20);
    assert_says(world, "/events/sinks", "\"last_error\":null");
    world_free(world);
}

static void exit_status_75_asks_for_another_try(void **state)
{
    struct world *world = world_of_programs();

    (void)state;
    program.codes[0] = 75;
    publish_numbers(world, 0, 1);
    run(world, 400);
    assert_says(world, "/events/sinks", "\"last_error\":\"exit status 75: words");
    run(world, 2000);

    assert_int_equal(program.runs, 2);
    assert_says(world, "/events/sinks", "\"delivered\":1,");
    world_free(world);
}

static void another_exit_status_refuses(void **state)
{
    struct world *world = world_of_programs();

    (void)state;
    program.codes[0] = 3;
    publish_numbers(world, 0, 2);
    run(world, SHORT);

    assert_int_equal(program.runs, 2);
    assert_says(world, "/events/dead?sink=a", "exit status 3: words");
    world_free(world);
}

static void a_missing_program_is_a_receiver_that_is_not_there(void **state)
{
    struct world *world = world_of_programs();

    (void)state;
    program.is_missing = true;
    publish_numbers(world, 0, 1);
    run(world, SHORT);
    assert_says(world, "/events/sinks", "\"state\":\"unavailable\"");
    program.is_missing = false;
    run(world, 31000);

    assert_int_equal(program.runs, 1);
    world_free(world);
}

static void a_job_of_an_earlier_life_is_waited_for(void **state)
{
    struct world *world = world_of_programs();

    (void)state;
    publish_numbers(world, 0, 1);
    run(world, 5); /* it takes 10 ms */
    rh_testhost_crash(world->bridge);
    assert_int_equal(rh_testhost_start(world->bridge, world->why), RH_OK);
    run(world, 10000);

    assert_true(program.runs >= 1);
    assert_true(program.runs <= 2);
    assert_says(world, "/events/sinks", "\"behind\":0,");
    world_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_reads_the_event_on_its_standard_input),
        cmocka_unit_test(what_waits_for_a_program_follows_at_once),
        cmocka_unit_test(exit_status_75_asks_for_another_try),
        cmocka_unit_test(another_exit_status_refuses),
        cmocka_unit_test(a_missing_program_is_a_receiver_that_is_not_there),
        cmocka_unit_test(a_job_of_an_earlier_life_is_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
