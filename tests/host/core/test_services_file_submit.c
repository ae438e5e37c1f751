/* Tests of host/core/services_file_submit.c. */
#include "tests/host/core/probe_world.h"

#include <string.h>

#include <ringhost/sdk/str.h>

static int32_t append(struct probe *probe, const char *name, const char *text)
{
    return probe->rh.file->append(probe->rh.ctx, name, rh_str_from(text));
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

/* A queue that runs nothing until it is told to; one test at a time. */
struct queued {
    void (*run)(void *arg);
    void (*done)(void *arg);
    void *arg;
};
static struct {
    struct queued jobs[16];
    uint32_t count;
    int32_t rc;
} held;

static int32_t hold(struct driver_queue *queue, void (*run)(void *arg), void (*done)(void *arg),
                    void *arg)
{
    (void)queue;
    if (held.rc != RH_OK)
        return held.rc;
    assert_true(held.count < sizeof held.jobs / sizeof held.jobs[0]);
    held.jobs[held.count++] = (struct queued){run, done, arg};
    return RH_OK;
}

static void let_go(uint32_t at)
{
    const struct queued job = held.jobs[at];

    held.count--;
    memmove(&held.jobs[at], &held.jobs[at + 1], (held.count - at) * sizeof held.jobs[0]);
    job.run(job.arg);
    job.done(job.arg);
}

static struct probe *holding_probe(struct world *world)
{
    world_tap(world, 0);
    world->ops.queue_submit = hold;
    memset(&held, 0, sizeof held);
    return world_probe(world, 0);
}

static struct rh_file_op piece(const char *name, int64_t offset, const char *text)
{
    return (struct rh_file_op){
        .op = RH_FILE_APPEND, .name = name, .offset = offset, .data = rh_str_from(text)};
}

static void operations_on_one_name_keep_their_order(void **state)
{
    struct world *world = *state;
    struct probe *probe = holding_probe(world);
    struct ends ends[4] = {{0}, {0}, {0}, {0}};
    struct rh_str text;

    assert_int_equal(submit(probe, piece("a", 0, "one"), &ends[0]), RH_OK);
    assert_int_equal(submit(probe, piece("a", 3, "two"), &ends[1]), RH_OK);
    assert_int_equal(submit(probe, piece("b", 0, "else"), &ends[2]), RH_OK);
    assert_int_equal(submit(probe, piece("a", 6, "three"), &ends[3]), RH_OK);
    assert_int_equal(held.count, 2);

    let_go(1);
    assert_int_equal(ends[2].count, 1);
    assert_int_equal(held.count, 1);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(held.count, 1);
        let_go(0);
    }

    assert_int_equal(ends[3].count, 1);
    assert_int_equal(ends[3].rc, RH_OK);
    assert_int_equal(probe->rh.file->read(probe->rh.ctx, "a", 0, 100, &text), RH_OK);
    assert_true(rh_str_eq_c(text, "onetwothree"));
}

static void reads_of_one_name_go_side_by_side_and_a_removal_waits_for_them(void **state)
{
    const struct rh_file_op reading = {.op = RH_FILE_READ, .name = "a", .max = 10};
    struct world *world = *state;
    struct probe *probe = holding_probe(world);
    struct ends ends[4] = {{0}, {0}, {0}, {0}};

    assert_int_equal(append(probe, "a", "one"), RH_OK);
    assert_int_equal(submit(probe, reading, &ends[0]), RH_OK);
    assert_int_equal(submit(probe, reading, &ends[1]), RH_OK);
    assert_int_equal(
        submit(probe, (struct rh_file_op){.op = RH_FILE_REMOVE, .name = "a"}, &ends[2]), RH_OK);
    assert_int_equal(submit(probe, reading, &ends[3]), RH_OK);

    assert_int_equal(held.count, 2);
    let_go(1);
    assert_int_equal(held.count, 1);
    let_go(0);
    assert_string_equal(ends[0].text, "one");
    assert_int_equal(held.count, 1);
    let_go(0);
    assert_int_equal(ends[2].rc, RH_OK);
    let_go(0);
    assert_int_equal(ends[3].rc, RH_ENOTFOUND);
}

static void a_rename_is_on_both_its_names(void **state)
{
    struct world *world = *state;
    struct probe *probe = holding_probe(world);
    struct ends ends[3] = {{0}, {0}, {0}};
    struct rh_str text;

    assert_int_equal(submit(probe, piece("a", 0, "new"), &ends[0]), RH_OK);
    assert_int_equal(
        submit(probe, (struct rh_file_op){.op = RH_FILE_RENAME, .name = "a", .to = "b"}, &ends[1]),
        RH_OK);
    assert_int_equal(submit(probe, piece("b", 3, "er"), &ends[2]), RH_OK);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(held.count, 1);
        let_go(0);
    }

    assert_int_equal(ends[2].rc, RH_OK);
    assert_int_equal(probe->rh.file->read(probe->rh.ctx, "b", 0, 100, &text), RH_OK);
    assert_true(rh_str_eq_c(text, "newer"));
}

static void what_waited_is_done_also_without_memory_for_a_thread(void **state)
{
    struct world *world = *state;
    struct probe *probe = holding_probe(world);
    struct ends ends[3] = {{0}, {0}, {0}};
    int64_t length = 0;

    assert_int_equal(submit(probe, piece("a", 0, "one"), &ends[0]), RH_OK);
    assert_int_equal(submit(probe, piece("a", 3, "two"), &ends[1]), RH_OK);
    held.rc = RH_ENOMEM;
    assert_int_equal(submit(probe, piece("b", 0, "x"), &ends[2]), RH_ENOMEM);
    let_go(0);

    assert_int_equal(ends[1].count, 1);
    assert_int_equal(ends[1].rc, RH_OK);
    assert_int_equal(ends[2].count, 0);
    assert_int_equal(probe->rh.file->length(probe->rh.ctx, "a", &length), RH_OK);
    assert_int_equal(length, 6);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, world_set_up, world_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_operation_off_the_loop_ends_on_a_later_turn),
        CASE(a_hash_goes_on_from_piece_to_piece),
        CASE(bytes_are_appended_only_where_the_file_ends),
        CASE(senseless_operations_are_refused),
        CASE(operations_have_a_quota_and_end_with_their_activation),
        CASE(operations_on_one_name_keep_their_order),
        CASE(reads_of_one_name_go_side_by_side_and_a_removal_waits_for_them),
        CASE(a_rename_is_on_both_its_names),
        CASE(what_waited_is_done_also_without_memory_for_a_thread),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
