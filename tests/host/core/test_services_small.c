/* Tests of host/core/services_small.c: rh.fields/1, rh.file/1, rh.work/1 and rh.metrics/1. */
#include "tests/host/core/probe_world.h"

#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

/* --- fields --- */

static const struct rh_field act_fields[] = {
    RH_STR(struct probe_act, name, RH_REQUIRED, "any name"),
    RH_INT(struct probe_act, count, 1, 1, 64, "how many"),
};
static const struct rh_fields act_table = RH_FIELDS(struct probe_act, act_fields);

static void a_record_is_decoded_and_unknown_fields_are_ignored(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct probe_act act;
    void *memory;

    assert_int_equal(probe->rh.fields->decode(probe->rh.ctx, &act_table,
                                              RH_STR_LIT("{\"name\":\"a\\u0062\",\"new\":1}"), &act,
                                              &memory, NULL, 0),
                     RH_OK);
    assert_true(rh_str_eq_c(act.name, "ab"));
    assert_int_equal(act.count, 1);
    probe->rh.fields->release(probe->rh.ctx, memory);
    probe->rh.fields->release(probe->rh.ctx, NULL);
}

static void a_wrong_record_leaves_zeros_and_says_why(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct probe_act act = {.count = 9};
    char why[128] = "";
    char tiny[8] = "";
    void *memory = &act;

    assert_int_equal(probe->rh.fields->decode(probe->rh.ctx, &act_table,
                                              RH_STR_LIT("{\"name\":\"a\",\"count\":0}"), &act,
                                              &memory, why, sizeof why),
                     RH_EINVAL);
    assert_null(memory);
    assert_int_equal(act.count, 0);
    assert_int_equal(act.name.n, 0);
    assert_string_equal(why, "\"count\" must be an integer in [1, 64]");
    assert_int_equal(probe->rh.fields->decode(probe->rh.ctx, &act_table, RH_STR_LIT("{"), &act,
                                              &memory, tiny, sizeof tiny),
                     RH_EINVAL);
    assert_int_equal(strlen(tiny), 7);
}

/* --- files --- */

static int32_t append(struct probe *probe, const char *name, const char *text)
{
    return probe->rh.file->append(probe->rh.ctx, name, rh_str_from(text));
}

static void a_file_is_appended_to_and_read_in_parts(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct rh_str text;
    int64_t length;

    assert_int_equal(append(probe, "log.txt", "one "), RH_OK);
    assert_int_equal(append(probe, "log.txt", "two"), RH_OK);
    assert_int_equal(probe->rh.file->length(probe->rh.ctx, "log.txt", &length), RH_OK);
    assert_int_equal(length, 7);
    assert_int_equal(probe->rh.file->read(probe->rh.ctx, "log.txt", 2, 4, &text), RH_OK);
    assert_true(rh_str_eq_c(text, "e tw"));
    assert_int_equal(probe->rh.file->read(probe->rh.ctx, "log.txt", 7, 4, &text), RH_OK);
    assert_int_equal(text.n, 0);
}

static void files_are_renamed_over_others_and_removed(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    const struct rh_file_v1 *file = probe->rh.file;
    struct rh_str text;

    assert_int_equal(append(probe, "old", "old"), RH_OK);
    assert_int_equal(append(probe, "new", "new"), RH_OK);
    assert_int_equal(file->rename(probe->rh.ctx, "new", "old"), RH_OK);
    assert_int_equal(file->read(probe->rh.ctx, "old", 0, 10, &text), RH_OK);
    assert_true(rh_str_eq_c(text, "new"));
    assert_int_equal(file->read(probe->rh.ctx, "new", 0, 10, &text), RH_ENOTFOUND);
    assert_int_equal(file->remove(probe->rh.ctx, "old"), RH_OK);
    assert_int_equal(file->remove(probe->rh.ctx, "old"), RH_ENOTFOUND);
    assert_int_equal(file->rename(probe->rh.ctx, "old", "new"), RH_ENOTFOUND);
}

static void a_file_name_is_plain_and_short(void **state)
{
    static const char *const bad[] = {"",     ".",   "..",  ".hidden",  "a/b",
                                      "../x", "a b", "a\n", "\xc3\xa4", NULL};
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    const struct rh_file_v1 *file = probe->rh.file;
    char longest[130];
    struct rh_str text;
    int64_t length;

    for (uint32_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(append(probe, bad[i], "x"), RH_EINVAL);
        assert_int_equal(file->read(probe->rh.ctx, bad[i], 0, 1, &text), RH_EINVAL);
        assert_int_equal(file->length(probe->rh.ctx, bad[i], &length), RH_EINVAL);
        assert_int_equal(file->remove(probe->rh.ctx, bad[i]), RH_EINVAL);
        assert_int_equal(file->rename(probe->rh.ctx, bad[i], "x"), RH_EINVAL);
        assert_int_equal(file->rename(probe->rh.ctx, "x", bad[i]), RH_EINVAL);
    }
    memset(longest, 'a', sizeof longest);
    longest[129] = '\0';
    assert_int_equal(append(probe, longest, "x"), RH_EINVAL);
    longest[128] = '\0';
    assert_int_equal(append(probe, longest, "x"), RH_OK);
    assert_int_equal(append(probe, "A-z_0.9", "x"), RH_OK);
}

static void a_plugin_sees_its_own_files_alone(void **state)
{
    struct world *world = *state;
    struct probe *shared = world_shared(world, 0);
    int64_t length;

    assert_int_equal(append(world_probe(world, 0), "mine", "x"), RH_OK);
    assert_int_equal(shared->rh.file->length(shared->rh.ctx, "mine", &length), RH_ENOTFOUND);
}

static void a_file_has_a_largest_size(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    const struct rh_str half = {calloc(1, RH_FILE_BYTES_MAX / 2), RH_FILE_BYTES_MAX / 2};
    int64_t length;

    assert_non_null(half.p);
    assert_int_equal(probe->rh.file->append(probe->rh.ctx, "big", half), RH_OK);
    assert_int_equal(probe->rh.file->append(probe->rh.ctx, "big", half), RH_OK);
    assert_int_equal(append(probe, "big", "x"), RH_ETOOLARGE);
    assert_int_equal(probe->rh.file->length(probe->rh.ctx, "big", &length), RH_OK);
    assert_int_equal(length, RH_FILE_BYTES_MAX);
    free((void *)(uintptr_t)half.p);
}

static void a_negative_offset_is_refused(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct rh_str text;

    assert_int_equal(append(probe, "log.txt", "one"), RH_OK);
    assert_int_equal(probe->rh.file->read(probe->rh.ctx, "log.txt", -1, 4, &text), RH_EINVAL);
}

/* --- work --- */

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

/* --- metrics --- */

static void metrics_show_the_plugin(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    const struct rh_metrics_v1 *metrics = probe->rh.metrics;
    rh_handle done;
    rh_handle depth;
    rh_handle seconds;
    rh_handle again;

    assert_int_equal(metrics->metric(probe->rh.ctx, RH_METRIC_COUNTER, "done_total", "kind=a",
                                     "Things done.", &done),
                     RH_OK);
    assert_int_equal(
        metrics->metric(probe->rh.ctx, RH_METRIC_GAUGE, "depth", NULL, "How deep.", &depth), RH_OK);
    assert_int_equal(metrics->metric(probe->rh.ctx, RH_METRIC_HISTOGRAM, "took_seconds", NULL,
                                     "How long.", &seconds),
                     RH_OK);
    assert_int_equal(metrics->metric(probe->rh.ctx, RH_METRIC_COUNTER, "done_total", "kind=a",
                                     "Things done.", &again),
                     RH_OK);
    assert_int_equal(done, again);
    metrics->add(probe->rh.ctx, done, 2);
    metrics->add(probe->rh.ctx, again, 1);
    metrics->set(probe->rh.ctx, depth, 7);
    metrics->observe(probe->rh.ctx, seconds, 0.25);
    assert_int_equal(world_ask(world, 0, "GET", "/metrics", NULL, NULL), 200);
    world_assert_says(world, "done_total{plugin=\"probe\",kind=\"a\"} 3\n");
    world_assert_says(world, "depth{plugin=\"probe\"} 7\n");
    world_assert_says(world, "took_seconds_count{plugin=\"probe\"} 1\n");
}

static void a_metric_with_a_wrong_name_is_refused(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    rh_handle id;

    assert_int_equal(probe->rh.metrics->metric(probe->rh.ctx, RH_METRIC_COUNTER, "Done-total", NULL,
                                               "Things done.", &id),
                     RH_EINVAL);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_record_is_decoded_and_unknown_fields_are_ignored),
        CASE(a_wrong_record_leaves_zeros_and_says_why),
        CASE(a_file_is_appended_to_and_read_in_parts),
        CASE(files_are_renamed_over_others_and_removed),
        CASE(a_file_name_is_plain_and_short),
        CASE(a_plugin_sees_its_own_files_alone),
        CASE(a_file_has_a_largest_size),
        CASE(a_negative_offset_is_refused),
        CASE(work_gets_a_copy_and_its_output_comes_on_the_loop),
        CASE(work_that_fails_says_so),
        CASE(senseless_work_is_refused),
        CASE(work_has_a_quota),
        CASE(work_of_an_ended_activation_is_cancelled),
        CASE(work_under_way_ends_with_the_node),
        CASE(metrics_show_the_plugin),
        CASE(a_metric_with_a_wrong_name_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
