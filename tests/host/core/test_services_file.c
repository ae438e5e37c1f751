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

/* Ends of submitted operations. */
struct ends {
    uint32_t count;
    int32_t rc;
    char text[32];
    bool is_hashed;
    struct rh_sha256 hash;
};

static void on_end(void *self, void *user, const struct rh_file_done *done)
{
    struct ends *ends = user;

    (void)self;
    ends->count++;
    ends->rc = done->rc;
    ends->is_hashed = done->hash != NULL;
    if (done->hash)
        ends->hash = *done->hash;
    assert_int_equal(rh_str_copy(ends->text, sizeof(ends->text), done->data), RH_OK);
}

static int32_t submit(struct probe *probe, struct rh_file_op op, struct ends *ends)
{
    op.size = (uint32_t)sizeof op;
    return probe->rh.file->submit(probe->rh.ctx, &op, on_end, ends);
}

static void an_operation_off_the_loop_ends_on_a_later_turn(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct ends ends = {0};
    int64_t length = 0;

    assert_int_equal(
        submit(probe,
               (struct rh_file_op){.op = RH_FILE_APPEND, .name = "a", .data = RH_STR_LIT("hello")},
               &ends),
        RH_OK);
    assert_int_equal(ends.count, 0);
    world_run(world, 10);
    assert_int_equal(ends.count, 1);
    assert_int_equal(ends.rc, RH_OK);
    assert_false(ends.is_hashed);
    assert_int_equal(
        submit(probe, (struct rh_file_op){.op = RH_FILE_READ, .name = "a", .offset = 1, .max = 3},
               &ends),
        RH_OK);
    world_run(world, 10);
    assert_string_equal(ends.text, "ell");
    assert_int_equal(
        submit(probe, (struct rh_file_op){.op = RH_FILE_RENAME, .name = "a", .to = "b"}, &ends),
        RH_OK);
    world_run(world, 10);
    assert_int_equal(probe->rh.file->length(probe->rh.ctx, "b", &length), RH_OK);
    assert_int_equal(submit(probe, (struct rh_file_op){.op = RH_FILE_REMOVE, .name = "b"}, &ends),
                     RH_OK);
    world_run(world, 10);
    assert_int_equal(ends.count, 4);
    assert_int_equal(probe->rh.file->length(probe->rh.ctx, "b", &length), RH_ENOTFOUND);
}

static void a_hash_goes_on_from_piece_to_piece(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct ends ends = {0};
    struct rh_file_op op = {.op = RH_FILE_APPEND, .name = "a", .data = RH_STR_LIT("a")};
    unsigned char digest[RH_SHA256_SIZE];
    char digits[RH_SHA256_HEX];

    rh_sha256_init(&ends.hash);
    op.hash = &ends.hash;
    assert_int_equal(submit(probe, op, &ends), RH_OK);
    world_run(world, 10);
    op.offset = 1;
    op.data = RH_STR_LIT("bc");
    assert_int_equal(submit(probe, op, &ends), RH_OK);
    world_run(world, 10);

    assert_true(ends.is_hashed);
    rh_sha256_final(&ends.hash, digest);
    rh_sha256_hex(digits, digest);
    assert_string_equal(digits, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void bytes_are_appended_only_where_the_file_ends(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct ends ends = {0};

    assert_int_equal(append(probe, "a", "one"), RH_OK);
    assert_int_equal(
        submit(probe,
               (struct rh_file_op){
                   .op = RH_FILE_APPEND, .name = "a", .offset = 2, .data = RH_STR_LIT("x")},
               &ends),
        RH_OK);
    world_run(world, 10);

    assert_int_equal(ends.rc, RH_ECONFLICT);
}

static void senseless_operations_are_refused(void **state)
{
    static const struct rh_file_op bad[] = {
        {.op = 0, .name = "a"},
        {.op = RH_FILE_REMOVE + 1, .name = "a"},
        {.op = RH_FILE_READ, .name = "../a"},
        {.op = RH_FILE_READ, .name = "a", .offset = -1},
        {.op = RH_FILE_READ, .name = "a", .max = RH_FILE_PIECE_MAX + 1},
        {.op = RH_FILE_RENAME, .name = "a"},
    };
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    struct ends ends = {0};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(submit(probe, bad[i], &ends), RH_EINVAL);
    world_run(world, 10);

    assert_int_equal(ends.count, 0);
}

static void operations_have_a_quota_and_end_with_their_activation(void **state)
{
    struct world *world = *state;
    struct probe *probe = world_probe(world, 0);
    const struct rh_file_op op = {.op = RH_FILE_READ, .name = "a", .max = 1};
    struct ends ends = {0};

    for (uint32_t i = 0; i < RH_FILE_SUBMITS_MAX; i++)
        assert_int_equal(submit(probe, op, &ends), RH_OK);
    assert_int_equal(submit(probe, op, &ends), RH_EAGAIN);
    activation_end(world_ctx(world, 0, "probe"), "a test wants it");
    world_run(world, 100);

    assert_int_equal(ends.count, RH_FILE_SUBMITS_MAX);
    assert_int_equal(ends.rc, RH_ECANCELLED);
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
        CASE(an_operation_off_the_loop_ends_on_a_later_turn),
        CASE(a_hash_goes_on_from_piece_to_piece),
        CASE(bytes_are_appended_only_where_the_file_ends),
        CASE(senseless_operations_are_refused),
        CASE(operations_have_a_quota_and_end_with_their_activation),
        CASE(all_files_of_the_plugin_are_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
