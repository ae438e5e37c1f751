/* What files of checks are asked and told about programs. */
#include <string.h>

#include "tests/host/core/cmocka_all.h"

#include "host/sim/run/world.h"

/* A file of checks that knows one program, or none. */
struct asked {
    const char *knows;
    uint32_t asks;
    uint32_t ends;
    uint32_t node;
    uint32_t how;
};

static uint32_t on_process(void *self, struct rh_sim *sim, struct rh_sim_process *process)
{
    struct asked *a = self;

    (void)sim;
    a->asks++;
    a->node = process->node;
    if (!a->knows || strcmp(a->knows, process->owner) != 0)
        return 0;
    process->takes_ms = 70;
    process->exit_code = 3;
    process->output = a->knows;
    return 1;
}

static void on_over(void *self, struct rh_sim *sim, uint32_t node, const char *owner,
                    const char *key, uint32_t how)
{
    struct asked *a = self;

    (void)sim;
    assert_string_equal(owner, "worker");
    assert_string_equal(key, "key");
    a->ends++;
    a->node = node;
    a->how = how;
}

static const struct rh_sim_invariants asking = {
    .size = (uint32_t)sizeof(asking), .process = on_process, .process_over = on_over};
static const struct rh_sim_invariants deaf = {.size = (uint32_t)sizeof(deaf)};

/* Three files: one without these callbacks, and two with. */
struct fixture {
    struct world world;
    struct world_node place;
    struct asked first;
    struct asked second;
};

static void fill(struct fixture *f, const char *first, const char *second)
{
    memset(f, 0, sizeof *f);
    f->first.knows = first;
    f->second.knows = second;
    f->place = (struct world_node){.world = &f->world, .index = 2};
    f->world.checks[0].table = &deaf;
    f->world.checks[1].table = &asking;
    f->world.checks[1].self = &f->first;
    f->world.checks[2].table = &asking;
    f->world.checks[2].self = &f->second;
    f->world.check_count = 3;
}

static void the_first_file_that_knows_a_program_says_what_it_does(void **state)
{
    struct rh_testhost_process process = {.owner = "worker", .key = "key", .not_found = 1};
    struct fixture f;

    (void)state;
    fill(&f, "worker", "worker");

    checks_on_process(&f.place, &process);

    assert_int_equal(process.not_found, 0);
    assert_int_equal(process.takes_ms, 70);
    assert_int_equal(process.exit_code, 3);
    assert_ptr_equal(process.output, f.first.knows);
    assert_int_equal(f.first.node, 2);
    assert_int_equal(f.second.asks, 1); /* it may want to know */
}

static void a_program_that_no_file_knows_is_not_found(void **state)
{
    struct rh_testhost_process process = {.owner = "worker", .key = "key"};
    struct fixture f;

    (void)state;
    fill(&f, NULL, "gauntlet");

    checks_on_process(&f.place, &process);

    assert_int_equal(process.not_found, 1);
    assert_int_equal(f.first.asks + f.second.asks, 2);
}

static void all_files_hear_how_a_program_ended(void **state)
{
    static const uint32_t hows[][2] = {{SIM_PROCESS_EXITED, RH_SIM_PROCESS_EXITED},
                                       {SIM_PROCESS_KILLED, RH_SIM_PROCESS_ENDED},
                                       {SIM_PROCESS_TIMEOUT, RH_SIM_PROCESS_ENDED},
                                       {SIM_PROCESS_LOST, RH_SIM_PROCESS_LOST}};
    struct rh_testhost host = {.index = 4};
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof hows / sizeof hows[0]; i++) {
        const struct sim_process process = {
            .owner = "worker", .key = "key", .how = (enum sim_process_end)hows[i][0]};

        fill(&f, "worker", NULL);

        checks_on_process_over(&f.world, &host, &process);

        assert_int_equal(f.first.ends + f.second.ends, 2);
        assert_int_equal(f.second.node, 4);
        assert_int_equal(f.second.how, hows[i][1]);
    }
}

static void nobody_hears_of_a_program_that_never_ran(void **state)
{
    const struct sim_process process = {
        .owner = "worker", .key = "key", .how = SIM_PROCESS_NOT_FOUND};
    struct rh_testhost host = {.index = 4};
    struct fixture f;

    (void)state;
    fill(&f, "worker", NULL);

    checks_on_process_over(&f.world, &host, &process);

    assert_int_equal(f.first.ends, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_file_that_knows_a_program_says_what_it_does),
        cmocka_unit_test(a_program_that_no_file_knows_is_not_found),
        cmocka_unit_test(all_files_hear_how_a_program_ended),
        cmocka_unit_test(nobody_hears_of_a_program_that_never_ran),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
