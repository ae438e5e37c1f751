/* Tests of host/core/services_file.c. */
#include "tests/host/core/probe_world.h"

#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

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

static void a_secret_is_read_without_the_space_at_its_end(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct rh_str text;

    assert_int_equal(rh_testhost_file(world->hosts[0], "/etc/key", "  a key \r\n\n"), RH_OK);

    assert_int_equal(probe->rh.file->secret(probe->rh.ctx, "/etc/key", &text), RH_OK);

    assert_true(rh_str_eq_c(text, "  a key"));
}

static void a_secret_is_named_by_an_absolute_path_and_small(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    char large[RH_SECRET_BYTES_MAX + 2];
    struct rh_str text;

    memset(large, 'x', sizeof large);
    large[sizeof large - 1] = '\0';
    assert_int_equal(rh_testhost_file(world->hosts[0], "/large", large), RH_OK);

    assert_int_equal(probe->rh.file->secret(probe->rh.ctx, "key", &text), RH_EINVAL);
    assert_int_equal(probe->rh.file->secret(probe->rh.ctx, NULL, &text), RH_EINVAL);
    assert_int_equal(probe->rh.file->secret(probe->rh.ctx, "/none", &text), RH_ENOTFOUND);
    assert_int_equal(probe->rh.file->secret(probe->rh.ctx, "/large", &text), RH_ETOOLARGE);
}

static void all_files_of_the_plugin_are_listed(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct rh_file_list list = {.size = (uint32_t)sizeof list};

    assert_int_equal(probe->rh.file->list(probe->rh.ctx, &list), RH_OK);
    assert_int_equal(list.count, 0);
    assert_int_equal(append(probe, "a", "one"), RH_OK);
    assert_int_equal(append(world_shared(world, 0), "other", "x"), RH_OK);
    assert_int_equal(probe->rh.file->list(probe->rh.ctx, &list), RH_OK);

    assert_int_equal(list.count, 1);
    assert_true(rh_str_eq_c(list.items[0].name, "a"));
    assert_int_equal(list.items[0].length, 3);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_file_is_appended_to_and_read_in_parts),
        CASE(files_are_renamed_over_others_and_removed),
        CASE(a_file_name_is_plain_and_short),
        CASE(a_plugin_sees_its_own_files_alone),
        CASE(a_file_has_a_largest_size),
        CASE(a_negative_offset_is_refused),
        CASE(a_secret_is_read_without_the_space_at_its_end),
        CASE(a_secret_is_named_by_an_absolute_path_and_small),
        CASE(all_files_of_the_plugin_are_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
