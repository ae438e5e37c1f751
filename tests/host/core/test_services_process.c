/* Tests of host/core/services_process.c: keys, quotas, and jobs that outlive plugin and host. */
#include "tests/host/core/probe_world.h"

#include <string.h>

#include <ringhost/sdk/str.h>

/* Every program runs 500 ms, says "hello" and exits with 3. */
static void half_a_second(struct rh_testhost_process *process)
{
    process->takes_ms = 500;
    process->exit_code = 3;
    process->output = "hello";
}

static void for_ever(struct rh_testhost_process *process)
{
    process->takes_ms = -1;
    process->output = "started";
}

static int32_t run(struct probe *probe, const char *key)
{
    const struct rh_str argv[] = {RH_STR_LIT("program")};
    const struct rh_process_spec spec = {
        .size = (uint32_t)sizeof spec, .key = key, .argv = {argv, 1, 0}};

    return probe->rh.process->run(probe->rh.ctx, &spec, probe_on_exit, NULL);
}

static int32_t adopt(struct probe *probe, const char *key)
{
    return probe->rh.process->adopt(probe->rh.ctx, key, probe_on_exit, NULL);
}

/* The list as "key:running key:running". */
static void assert_list(struct probe *probe, const char *expected)
{
    struct rh_process_list list;
    char text[256] = "";

    assert_int_equal(probe->rh.process->list(probe->rh.ctx, &list), RH_OK);
    for (uint32_t i = 0; i < list.count; i++)
        text_set(text + strlen(text), sizeof text - strlen(text), "%s%.*s:%u", i ? " " : "",
                 RH_STR_ARG(list.items[i].key), list.items[i].running);
    assert_string_equal(text, expected);
}

static void a_job_ends_with_one_callback(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    world->script = half_a_second;
    assert_int_equal(run(probe, "job-1"), RH_OK);
    world_run(world, 499);
    assert_int_equal(probe->exits.count, 0);
    world_run(world, 5000);
    assert_int_equal(probe->exits.count, 1);
    assert_int_equal(probe_note(&probe->exits, 0)->rc, RH_OK);
    assert_int_equal(probe_note(&probe->exits, 0)->status, 3);
    assert_string_equal(probe_note(&probe->exits, 0)->code, "exited");
    assert_string_equal(probe_note(&probe->exits, 0)->text, "hello");
    assert_int_equal(world_ctx(world, 0, "probe")->process_count, 0);
    assert_list(probe, "");
}

static void a_missing_program_is_told_by_the_callback(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    assert_int_equal(run(probe, "job"), RH_OK);
    world_run(world, 100);
    assert_int_equal(probe->exits.count, 1);
    assert_int_equal(probe_note(&probe->exits, 0)->rc, RH_ENOTFOUND);
}

static void a_key_is_plain_and_short(void **state)
{
    static const char *const bad[] = {NULL, "", ".", ".a", "a/b", "a b", "../x", "a\n"};
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    char longest[130];
    struct rh_str text;

    world->script = half_a_second;
    for (uint32_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(run(probe, bad[i]), RH_EINVAL);
        assert_int_equal(adopt(probe, bad[i]), RH_EINVAL);
        assert_int_equal(probe->rh.process->kill(probe->rh.ctx, bad[i]), RH_EINVAL);
        assert_int_equal(probe->rh.process->output(probe->rh.ctx, bad[i], 0, 9, &text), RH_EINVAL);
    }
    memset(longest, 'a', sizeof longest);
    longest[129] = '\0';
    assert_int_equal(run(probe, longest), RH_EINVAL);
    longest[128] = '\0';
    assert_int_equal(run(probe, longest), RH_OK);
}

static void a_job_needs_a_program_and_a_callback(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    const struct rh_str argv[] = {RH_STR_LIT("program")};
    struct rh_process_spec spec = {.size = (uint32_t)sizeof spec, .key = "job"};

    assert_int_equal(probe->rh.process->run(probe->rh.ctx, &spec, probe_on_exit, NULL), RH_EINVAL);
    spec.argv = (struct rh_str_list){argv, 1, 0};
    assert_int_equal(probe->rh.process->run(probe->rh.ctx, &spec, NULL, NULL), RH_EINVAL);
}

static void a_key_in_use_is_refused_but_only_within_the_plugin(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    world->script = half_a_second;
    assert_int_equal(run(probe, "job"), RH_OK);
    assert_int_equal(run(probe, "job"), RH_EEXISTS);
    assert_int_equal(run(world_shared(world, 0), "job"), RH_OK);
    world_run(world, 1000);
    assert_int_equal(probe->exits.count, 1);
    assert_int_equal(run(probe, "job"), RH_OK);
}

static void another_plugins_job_is_out_of_reach(void **state)
{
    struct world *world = *state;
    struct probe *shared = world_shared(world, 0);
    struct rh_str text;

    world->script = for_ever;
    assert_int_equal(run(world_probe(world, 0), "job"), RH_OK);
    assert_list(shared, "");
    assert_int_equal(shared->rh.process->kill(shared->rh.ctx, "job"), RH_ENOTFOUND);
    assert_int_equal(adopt(shared, "job"), RH_ENOTFOUND);
    assert_int_equal(shared->rh.process->output(shared->rh.ctx, "job", 0, 9, &text), RH_ENOTFOUND);
}

static void a_killed_job_ends_with_that(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    world->script = for_ever;
    assert_int_equal(run(probe, "job"), RH_OK);
    assert_int_equal(probe->rh.process->kill(probe->rh.ctx, "job"), RH_OK);
    assert_int_equal(probe->exits.count, 0);
    world_run(world, 1000);
    assert_int_equal(probe->exits.count, 1);
    assert_string_equal(probe_note(&probe->exits, 0)->code, "killed");
    assert_int_equal(probe->rh.process->kill(probe->rh.ctx, "job"), RH_ENOTFOUND);
}

static void output_is_read_while_the_job_runs(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct rh_str text;

    world->script = for_ever;
    assert_int_equal(run(probe, "job"), RH_OK);
    assert_int_equal(probe->rh.process->output(probe->rh.ctx, "job", 3, 2, &text), RH_OK);
    assert_true(rh_str_eq_c(text, "rt"));
    assert_int_equal(probe->rh.process->output(probe->rh.ctx, "job", -1, 2, &text), RH_EINVAL);
}

static void jobs_have_a_quota(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    char key[16];

    world->script = for_ever;
    for (uint32_t i = 0; i < 256; i++) {
        text_set(key, sizeof key, "job-%u", i);
        assert_int_equal(run(probe, key), RH_OK);
    }
    assert_int_equal(run(probe, "one-more"), RH_EAGAIN);
    assert_int_equal(world_ctx(world, 0, "probe")->over_quota, 1);
}

static void a_job_outlives_its_activation_and_is_adopted_by_the_next(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    world->script = half_a_second;
    assert_int_equal(run(probe, "job"), RH_OK);
    probe->rh.core->reactivate(probe->rh.ctx, "a test wants it");
    world_run(world, 100);
    assert_int_equal(probe->activations, 2);
    assert_int_equal(probe->exits.count, 1);
    assert_int_equal(probe_note(&probe->exits, 0)->rc, RH_ECANCELLED);
    assert_list(probe, "job:1");
    assert_int_equal(adopt(probe, "job"), RH_OK);
    assert_int_equal(adopt(probe, "job"), RH_EEXISTS);
    world_run(world, 1000);
    assert_int_equal(probe->exits.count, 2);
    assert_int_equal(probe_note(&probe->exits, 0)->status, 3);
}

static void a_job_that_ended_unheard_is_collected_by_adopting_it(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    world->script = half_a_second;
    assert_int_equal(run(probe, "job"), RH_OK);
    probe->rh.core->reactivate(probe->rh.ctx, "a test wants it");
    world_run(world, 1000);
    assert_int_equal(probe->exits.count, 1); /* cancelled with its activation */
    assert_list(probe, "job:0");
    assert_int_equal(adopt(probe, "job"), RH_OK);
    assert_int_equal(probe->exits.count, 1);
    world_run(world, 10);
    assert_int_equal(probe->exits.count, 2);
    assert_list(probe, "");
}

static void a_job_is_adopted_after_the_host_died(void **state)
{
    struct world *world = *state;
    char why[RH_TESTHOST_WHY_MAX];
    struct probe *probe;

    world->script = half_a_second;
    assert_int_equal(run(world_probe(world, 0), "job"), RH_OK);
    rh_testhost_crash(world->hosts[0]);
    world_run(world, 100);
    assert_int_equal(rh_testhost_start(world->hosts[0], why), RH_OK);
    world_run(world, 200);
    probe = world_probe(world, 0);
    assert_list(probe, "job:1");
    assert_int_equal(adopt(probe, "job"), RH_OK);
    world_run(world, 1000);
    assert_int_equal(probe->exits.count, 1);
    assert_string_equal(probe_note(&probe->exits, 0)->text, "hello");
}

/* Does what a careless plugin does: starts the next job whenever one ends. */
static void run_another(struct probe *probe, const struct rh_process_exit *ended)
{
    char key[16];

    (void)ended;
    text_set(key, sizeof key, "next-%u", probe->exits.count);
    (void)run(probe, key); /* refused in the end */
}

static void a_plugin_that_runs_job_after_job_still_stops(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    world->script = for_ever;
    probe->on_exit = run_another;
    assert_int_equal(run(probe, "job"), RH_OK);
    processes_of_plugin_detach(world_ctx(world, 0, "probe"));
    assert_int_equal(probe->exits.count, 1);
    assert_int_equal(world_ctx(world, 0, "probe")->process_count, 0);
    assert_list(probe, "job:1");
}

static void begin_a_job(struct probe *probe)
{
    assert_int_equal(run(probe, "late"), RH_ECANCELLED);
    assert_int_equal(adopt(probe, "job"), RH_ECANCELLED);
}

static void no_job_begins_while_the_activation_ends(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    world->script = for_ever;
    assert_int_equal(run(probe, "job"), RH_OK);
    probe->on_deactivate = begin_a_job;
    activation_end(world_ctx(world, 0, "probe"), "a test wants it");
    assert_int_equal(probe->deactivations, 1);
    assert_list(probe, "job:1");
    probe->on_deactivate = NULL;
}

static int32_t run_with_files(struct probe *probe, const void *files, uint32_t stride,
                              uint32_t count)
{
    const struct rh_str argv[] = {RH_STR_LIT("program")};
    const struct rh_process_spec spec = {.size = (uint32_t)sizeof spec,
                                         .key = "job",
                                         .argv = {argv, 1, 0},
                                         .files = files,
                                         .file_count = count,
                                         .file_stride = stride};

    return probe->rh.process->run(probe->rh.ctx, &spec, probe_on_exit, NULL);
}

static void files_may_be_bytes_and_are_read_while_the_job_runs(void **state)
{
    static char large[RH_PROCESS_BYTES_MAX + 1];
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct rh_process_file file = {
        .size = (uint32_t)sizeof file, .name = "note", .bytes = {large, sizeof large}};
    struct rh_str text;

    world->script = half_a_second;
    assert_int_equal(run_with_files(probe, &file, (uint32_t)sizeof file, 1), RH_ETOOLARGE);
    file.name = "../b";
    file.bytes = RH_STR_LIT("12345");
    assert_int_equal(run_with_files(probe, &file, (uint32_t)sizeof file, 1), RH_EINVAL);
    file.name = "note";
    file.file = "also";
    assert_int_equal(run_with_files(probe, &file, (uint32_t)sizeof file, 1), RH_EINVAL);
    file.file = NULL;
    assert_int_equal(run_with_files(probe, &file, (uint32_t)sizeof file, 1), RH_OK);

    assert_int_equal(probe->rh.process->read(probe->rh.ctx, "job", "note", 5, &text), RH_OK);
    assert_true(rh_str_eq_c(text, "12345"));
    assert_int_equal(probe->rh.process->read(probe->rh.ctx, "job", "note", 4, &text), RH_ETOOLARGE);
    assert_int_equal(probe->rh.process->read(probe->rh.ctx, "job", "none", 9, &text), RH_ENOTFOUND);
    assert_int_equal(probe->rh.process->read(probe->rh.ctx, "job", "../note", 9, &text), RH_EINVAL);
    world_run(world, 1000);
    assert_int_equal(probe->rh.process->read(probe->rh.ctx, "job", "note", 9, &text), RH_ENOTFOUND);
}

/* As plugins were built before files could be bytes. */
static void files_of_an_older_plugin_are_taken(void **state)
{
    struct {
        uint32_t size;
        uint32_t mode;
        const char *file;
        const char *name;
    } old = {(uint32_t)sizeof old, 0444, "none", "in"};
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    world->script = half_a_second;
    assert_int_equal(run_with_files(probe, &old, (uint32_t)sizeof old, 1), RH_ENOTFOUND);
    old.file = NULL;
    assert_int_equal(run_with_files(probe, &old, (uint32_t)sizeof old, 1), RH_EINVAL);
    assert_int_equal(run_with_files(probe, &old, (uint32_t)sizeof old - 1, 1), RH_EINVAL);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_job_ends_with_one_callback),
        CASE(a_missing_program_is_told_by_the_callback),
        CASE(a_key_is_plain_and_short),
        CASE(a_job_needs_a_program_and_a_callback),
        CASE(a_key_in_use_is_refused_but_only_within_the_plugin),
        CASE(another_plugins_job_is_out_of_reach),
        CASE(a_killed_job_ends_with_that),
        CASE(output_is_read_while_the_job_runs),
        CASE(jobs_have_a_quota),
        CASE(a_job_outlives_its_activation_and_is_adopted_by_the_next),
        CASE(a_job_that_ended_unheard_is_collected_by_adopting_it),
        CASE(a_job_is_adopted_after_the_host_died),
        CASE(a_plugin_that_runs_job_after_job_still_stops),
        CASE(files_may_be_bytes_and_are_read_while_the_job_runs),
        CASE(files_of_an_older_plugin_are_taken),
        CASE(no_job_begins_while_the_activation_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
