/* Tests of host/core/services_work.c. */
#include "tests/host/core/probe_world.h"

#include <string.h>

#include <ringhost/sdk/str.h>

static int64_t double_text(struct rh_str input, void *output, uint64_t output_max)
{
    if (input.n * 2 > output_max)
        return RH_ETOOLARGE;
    memcpy(output, input.p, input.n);
    memcpy((char *)output + input.n, input.p, input.n);
    return (int64_t)input.n * 2;
}

static int64_t claim_too_much(struct rh_str input, void *output, uint64_t output_max)
{
    (void)input;
    (void)output;
    return (int64_t)output_max + 1;
}

static int32_t work(struct probe *probe,
                    int64_t (*fn)(struct rh_str input, void *output, uint64_t output_max),
                    const char *input, uint64_t output_max)
{
    return probe->rh.work->run(probe->rh.ctx, fn, rh_str_from(input), output_max, probe_on_work,
                               probe);
}

static void work_gets_a_copy_and_its_output_comes_on_the_loop(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    char input[] = "ab";

    assert_int_equal(work(probe, double_text, input, 8), RH_OK);
    input[0] = 'x';
    assert_int_equal(probe->works.count, 0);
    world_run(world, 10);
    assert_int_equal(probe->works.count, 1);
    assert_int_equal(probe_note(&probe->works, 0)->rc, RH_OK);
    assert_string_equal(probe_note(&probe->works, 0)->text, "abab");
    assert_ptr_equal(probe_note(&probe->works, 0)->user, probe);
}

static void work_that_fails_says_so(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    assert_int_equal(work(probe, double_text, "abc", 5), RH_OK);
    assert_int_equal(work(probe, claim_too_much, "", 5), RH_OK);
    world_run(world, 10);
    assert_int_equal(probe->works.count, 2);
    assert_int_equal(probe_note(&probe->works, 1)->rc, RH_ETOOLARGE);
    assert_string_equal(probe_note(&probe->works, 1)->text, "");
    assert_int_equal(probe_note(&probe->works, 0)->rc, RH_EINTERNAL);
}

static void senseless_work_is_refused(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    assert_int_equal(work(probe, NULL, "", 5), RH_EINVAL);
    assert_int_equal(work(probe, double_text, "", UINT64_MAX), RH_EINVAL);
    assert_int_equal(probe->rh.work->run(probe->rh.ctx, double_text, RH_STR_LIT(""), 5, NULL, NULL),
                     RH_EINVAL);
}

static void work_has_a_quota(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    for (uint32_t i = 0; i < 256; i++)
        assert_int_equal(work(probe, double_text, "a", 2), RH_OK);
    assert_int_equal(work(probe, double_text, "a", 2), RH_EAGAIN);
    assert_int_equal(world_ctx(world, 0, "probe")->over_quota, 1);
    world_run(world, 100);
    assert_int_equal(probe->works.count, 256);
    assert_int_equal(work(probe, double_text, "a", 2), RH_OK);
}

static void work_of_an_ended_activation_is_cancelled(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);

    assert_int_equal(work(probe, double_text, "a", 2), RH_OK);
    activation_end(world_ctx(world, 0, "probe"), "a test wants it");
    world_run(world, 10);
    assert_int_equal(probe->works.count, 1);
    assert_int_equal(probe_note(&probe->works, 0)->rc, RH_ECANCELLED);
}

static void work_under_way_ends_with_the_node(void **state)
{
    struct world *world = *state;

    assert_int_equal(work(world_probe(world, 0), double_text, "a", 2), RH_OK);
    rh_testhost_crash(world->hosts[0]);
    world_run(world, 100);
    assert_false(rh_testhost_is_up(world->hosts[0]));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(work_gets_a_copy_and_its_output_comes_on_the_loop),
        CASE(work_that_fails_says_so),
        CASE(senseless_work_is_refused),
        CASE(work_has_a_quota),
        CASE(work_of_an_ended_activation_is_cancelled),
        CASE(work_under_way_ends_with_the_node),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
