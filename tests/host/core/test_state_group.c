/* Tests of the pipeline: groups, order, the moment of callbacks, what a failure takes with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ringhost/errors.h>

#include "host/core/state_impl.h"
#include "tests/host/core/state_box.h"

#define EACH(name) cmocka_unit_test_setup_teardown(name, box_setup, box_teardown)

static void commits_of_one_turn_share_one_transaction(void **fixture)
{
    struct state_box *box = *fixture;
    struct box_done done[100] = {0};

    for (int i = 0; i < 100; i++)
        assert_int_equal(box_put(box, box->ns, "k", "v", &done[i]), RH_OK);
    box_run(box);

    assert_int_equal(box_stats(box).groups, 1);
    assert_int_equal(box_stats(box).syncs, 1);
    assert_int_equal(box_stats(box).commits, 100);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(done[i].calls, 1);
        assert_int_equal(done[i].rc, RH_OK);
        assert_int_equal(done[i].revision, i + 1);
        assert_int_equal(done[i].order, i + 1);
    }
}

static void a_commit_during_a_group_joins_the_next_one(void **fixture)
{
    struct state_box *box = *fixture;
    struct box_done first = {0};
    struct box_done later[3] = {0};

    assert_int_equal(box_put(box, box->ns, "a", "1", &first), RH_OK);
    state_flush(box->state);
    for (int i = 0; i < 3; i++)
        assert_int_equal(box_put(box, box->ns, "b", "1", &later[i]), RH_OK);
    state_flush(box->state);
    assert_int_equal(fake_driver_step(&box->fake), 1);

    assert_int_equal(first.calls, 1);
    assert_int_equal(later[0].calls, 0);
    fake_driver_run(&box->fake); /* started by the end of the first */
    assert_int_equal(later[2].calls, 1);
    assert_int_equal(box_stats(box).groups, 2);
}

static void callback_commits(void *user, int32_t rc, uint64_t revision)
{
    struct box_done *done = user;
    box_cb(user, rc, revision);
    if (done->calls == 1)
        assert_int_equal(box_put(done->box, done->box->ns, "again", "1", done), RH_OK);
}

static void a_commit_made_by_a_callback_needs_no_further_flush(void **fixture)
{
    struct state_box *box = *fixture;
    struct box_done done = {.box = box};
    const struct rh_op op = box_op(RH_OP_PUT, "k", "v", 0);
    const struct rh_batch batch = {
        .size = sizeof(batch), .ops = &op, .op_count = 1, .op_stride = sizeof(op)};

    assert_int_equal(state_commit(box->state, box->ns, &batch, "p", 0, callback_commits, &done),
                     RH_OK);
    box_run(box);

    assert_int_equal(done.calls, 2);
    assert_int_equal(box_version(box, box->ns, "again"), 2);
}

static void the_snapshot_moves_just_before_the_callbacks(void **fixture)
{
    struct state_box *box = *fixture;
    struct box_done done = {.ns = box->ns, .key = "k"};

    assert_int_equal(box_put(box, box->ns, "k", "v", &done), RH_OK);
    assert_int_equal(box_version(box, box->ns, "k"), 0);
    state_flush(box->state);
    assert_int_equal(box_version(box, box->ns, "k"), 0);
    box->fake.jobs[0].run(
        box->fake.jobs[0].arg); /* the writer has committed, the loop does not know */
    assert_int_equal(box_version(box, box->ns, "k"), 0);
    box->fake.job_count = 0;
    box->fake.jobs[0].done(box->fake.jobs[0].arg);

    assert_int_equal(done.calls, 1);
    assert_int_equal(done.version_seen, 1);
}

static void urgent_namespaces_go_first_in_a_group(void **fixture)
{
    struct state_box *box = *fixture;
    struct state_ns *votes = box_namespace(box, "votes", RH_NS_URGENT);
    struct box_done slow = {0};
    struct box_done vote = {0};

    assert_int_equal(box_put(box, box->ns, "k", "v", &slow), RH_OK);
    assert_int_equal(box_put(box, votes, "term", "1", &vote), RH_OK);
    box_run(box);

    assert_int_equal(vote.order, 1);
    assert_int_equal(slow.order, 2);
    assert_int_equal(box_stats(box).groups, 1);
}

static void large_groups_are_split_in_order(void **fixture)
{
    struct state_box *box = *fixture;
    static struct box_done done[10000];

    for (int i = 0; i < 10000; i++)
        assert_int_equal(box_put(box, box->ns, "k", "v", &done[i]), RH_OK);
    box_run(box);

    assert_int_equal(box_stats(box).groups, 3);
    for (int i = 0; i < 10000; i++)
        assert_int_equal(done[i].order, i + 1);
}

static void a_conflict_fails_only_its_batch(void **fixture)
{
    struct state_box *box = *fixture;
    struct box_done done[3] = {0};
    const struct rh_op stale[] = {box_op(RH_OP_PUT, "b", "no", 0),
                                  box_op(RH_OP_CHECK, "a", NULL, 99)};

    assert_int_equal(box_put(box, box->ns, "a", "1", &done[0]), RH_OK);
    assert_int_equal(box_commit(box, box->ns, stale, 2, &done[1]), RH_OK);
    assert_int_equal(box_put(box, box->ns, "c", "1", &done[2]), RH_OK);
    box_run(box);

    assert_int_equal(done[0].rc, RH_OK);
    assert_int_equal(done[1].rc, RH_ECONFLICT);
    assert_int_equal(done[2].rc, RH_OK);
    assert_int_equal(done[2].revision, 2);
    assert_int_equal(box_version(box, box->ns, "b"), 0);
    assert_int_equal(state_broken(box->ns), RH_OK);
}

static void a_full_namespace_takes_nothing_more_of_its_run(void **fixture)
{
    struct state_box *box = *fixture;
    struct state_ns *other = box_namespace(box, "other", 0);
    struct box_done done[5] = {0};

    state_quota(box->ns, 4);
    assert_int_equal(box_put(box, box->ns, "k", "123", &done[0]), RH_OK);
    assert_int_equal(box_put(box, box->ns, "l", "1", &done[1]), RH_OK);
    assert_int_equal(box_put(box, box->ns, "k", "1", &done[2]), RH_OK);
    assert_int_equal(box_put(box, other, "k", "v", &done[3]), RH_OK);
    box_run(box);
    assert_int_equal(box_put(box, box->ns, "k", "1", &done[4]), RH_OK);
    box_run(box);

    assert_int_equal(done[0].rc, RH_OK);
    assert_int_equal(done[1].rc, RH_EFULL);
    assert_int_equal(done[2].rc, RH_EFULL);
    assert_int_equal(done[3].rc, RH_OK);
    assert_int_equal(done[4].rc, RH_EFULL);
    assert_true(box_holds(box, box->ns, "k", "123"));
    assert_int_equal(state_broken(box->ns), RH_EFULL);
}

static void resuming_takes_commits_again_but_none_from_before(void **fixture)
{
    struct state_box *box = *fixture;
    struct box_done done[3] = {0};

    state_quota(box->ns, 1);
    assert_int_equal(box_put(box, box->ns, "k", "v", &done[0]), RH_OK);
    box_run(box);
    assert_int_equal(box_put(box, box->ns, "old", "v", &done[1]), RH_OK);
    state_quota(box->ns, 0);
    state_resume(box->state, box->ns);
    assert_int_equal(box_put(box, box->ns, "new", "v", &done[2]), RH_OK);
    box_run(box);

    assert_int_equal(done[1].rc, RH_EFULL);
    assert_int_equal(done[2].rc, RH_OK);
    assert_int_equal(box_version(box, box->ns, "old"), 0);
    assert_true(box_version(box, box->ns, "new") > 0);
    assert_true(done[1].order < done[2].order);
}

static void a_refused_job_is_submitted_again_next_turn(void **fixture)
{
    struct state_box *box = *fixture;
    struct box_done done[2] = {0};

    box->fake.submits_refused = 1;
    assert_int_equal(box_put(box, box->ns, "a", "v", &done[0]), RH_OK);
    box_run(box);
    assert_int_equal(done[0].calls, 0);
    assert_int_equal(box->fake.wakes, 1);
    assert_int_equal(box_put(box, box->ns, "b", "v", &done[1]), RH_OK);
    box_run(box);

    assert_int_equal(done[0].rc, RH_OK);
    assert_int_equal(done[1].rc, RH_OK);
    assert_true(done[0].order < done[1].order);
}

static void the_queue_has_a_limit(void **fixture)
{
    struct state_box *box = *fixture;
    uint32_t taken = 0;

    while (box_put(box, box->ns, "k", "v", NULL) == RH_OK)
        taken++;

    assert_int_equal(taken, STATE_QUEUE_BATCHES_MAX);
    assert_int_equal(box_put(box, box->ns, "k", "v", NULL), RH_EAGAIN);
    box_run(box);
    assert_int_equal(box_put(box, box->ns, "k", "v", NULL), RH_OK);
}

static void another_plugins_namespace_is_refused(void **fixture)
{
    struct state_box *box = *fixture;
    const struct rh_op op = box_op(RH_OP_PUT, "k", "v", 0);
    const struct rh_batch batch = {
        .size = sizeof(batch), .ops = &op, .op_count = 1, .op_stride = sizeof(op)};

    assert_int_equal(state_commit(box->state, box->ns, &batch, "q", 0, NULL, NULL), RH_EINVAL);
}

/* The writer works on its own thread while the loop reads and queues: for the thread sanitizer. */
static void reading_goes_on_while_the_writer_writes(void **fixture)
{
    struct state_box *box = *fixture;
    struct box_done done = {0};

    box->fake.is_threaded = 1;
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 20; i++)
            assert_int_equal(box_put(box, box->ns, "k", "v", &done), RH_OK);
        state_flush(box->state);
        fake_driver_begin(&box->fake);
        for (int i = 0; i < 20; i++) {
            assert_int_equal(box_version(box, box->ns, "k"), round * 20);
            assert_int_equal(box_event(box, box->rep, "E", "{}", NULL), RH_OK);
        }
        fake_driver_run(&box->fake);
    }

    assert_int_equal(done.calls, 1000);
    assert_int_equal(done.revision, 1000);
}

static void lazy_put(struct state_box *box, const char *key, struct box_done *done)
{
    const struct rh_op op = box_op(RH_OP_PUT, key, "1", 0);
    const struct rh_batch batch = {.size = sizeof(batch),
                                   .flags = RH_BATCH_LAZY,
                                   .name_space = "notes",
                                   .ops = &op,
                                   .op_count = 1,
                                   .op_stride = sizeof(op)};
    done->box = box;
    assert_int_equal(state_commit(box->state, box->ns, &batch, "p", 0, box_cb, done), RH_OK);
}

static void a_lazy_batch_is_written_with_the_next_one(void **fixture)
{
    struct state_box *box = *fixture;
    struct box_done lazy = {0};
    struct box_done next = {0};
    box->state->holds_lazy = 1;

    lazy_put(box, "a", &lazy);
    box_run(box);
    assert_int_equal(lazy.calls, 0);
    assert_int_equal(state_lazy_waits(box->state), 1);
    assert_int_equal(box_put(box, box->ns, "b", "1", &next), RH_OK);
    assert_int_equal(state_lazy_waits(box->state), 0);
    box_run(box);

    assert_int_equal(box_stats(box).syncs, 1);
    assert_int_equal(lazy.revision, 1);
    assert_int_equal(next.revision, 2);
}

static void a_lazy_batch_is_written_alone_when_it_is_released(void **fixture)
{
    struct state_box *box = *fixture;
    struct box_done first = {0};
    struct box_done second = {0};
    box->state->holds_lazy = 1;

    lazy_put(box, "a", &first);
    box_run(box);
    state_lazy_release(box->state);
    box_run(box);
    lazy_put(box, "b", &second);
    box_run(box);

    assert_int_equal(first.calls, 1);
    assert_int_equal(first.rc, RH_OK);
    assert_int_equal(second.calls, 0); /* a release is not for those that come later */
    box_close(box);                    /* before `second` goes */
    assert_int_equal(box_open(box), RH_OK);
}

static void closing_writes_lazy_batches_too(void **fixture)
{
    struct state_box *box = *fixture;
    struct box_done lazy = {0};
    box->state->holds_lazy = 1;

    lazy_put(box, "a", &lazy);
    box_run(box);
    box_close(box);

    assert_int_equal(lazy.calls, 1);
    assert_int_equal(lazy.rc, RH_OK);
    assert_int_equal(box_open(box), RH_OK);
    assert_true(box_holds(box, box->ns, "a", "1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(commits_of_one_turn_share_one_transaction),
        EACH(a_commit_during_a_group_joins_the_next_one),
        EACH(a_commit_made_by_a_callback_needs_no_further_flush),
        EACH(the_snapshot_moves_just_before_the_callbacks),
        EACH(urgent_namespaces_go_first_in_a_group),
        EACH(large_groups_are_split_in_order),
        EACH(a_conflict_fails_only_its_batch),
        EACH(a_full_namespace_takes_nothing_more_of_its_run),
        EACH(resuming_takes_commits_again_but_none_from_before),
        EACH(a_refused_job_is_submitted_again_next_turn),
        EACH(the_queue_has_a_limit),
        EACH(another_plugins_namespace_is_refused),
        EACH(reading_goes_on_while_the_writer_writes),
        EACH(a_lazy_batch_is_written_with_the_next_one),
        EACH(a_lazy_batch_is_written_alone_when_it_is_released),
        EACH(closing_writes_lazy_batches_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
