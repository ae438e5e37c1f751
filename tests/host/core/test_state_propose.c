/* Tests of the way through a replication provider: proposed, agreed on, applied on proposer and
 * follower, given up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/errors.h>

#include "tests/host/core/state_box.h"

/* A provider that keeps what it was given, until the test decides. */
#define LOG_MAX 16
static struct log {
    struct entry {
        uint64_t id;
        char *data;
        size_t size;
    } entries[LOG_MAX];
    uint32_t count;
    int32_t refuse;
} * log_of(struct state_box *box)
{
    return box->propose_user;
}

static int32_t propose(void *user, uint64_t id, struct rh_str data)
{
    struct log *log = log_of(user);
    if (log->refuse != RH_OK)
        return log->refuse;
    assert_true(log->count < LOG_MAX);
    struct entry *entry = &log->entries[log->count++];
    entry->id = id;
    entry->size = data.n;
    entry->data = malloc(data.n);
    assert_non_null(entry->data);
    memcpy(entry->data, data.p, data.n);
    return RH_OK;
}

static int setup(void **fixture)
{
    struct state_box *box = malloc(sizeof(*box));
    struct log *log = calloc(1, sizeof(*log));
    if (!box || !log)
        return -1;
    box_init(box);
    box->propose = propose;
    box->propose_user = log;
    *fixture = box;
    return box_open(box) == RH_OK ? 0 : -1;
}

static int teardown(void **fixture)
{
    struct state_box *box = *fixture;
    struct log *log = log_of(box);
    for (uint32_t i = 0; i < log->count; i++)
        free(log->entries[i].data);
    free(log);
    return box_teardown(fixture);
}

static struct rh_str entry_data(struct log *log, uint32_t i)
{
    return (struct rh_str){log->entries[i].data, log->entries[i].size};
}

static void a_batch_is_applied_once_it_is_agreed_on(void **fixture)
{
    struct state_box *box = *fixture;
    struct log *log = log_of(box);
    struct box_done done = {0};
    uint64_t index = 0;
    uint64_t term = 0;

    assert_int_equal(box_put(box, box->rep, "k", "v", &done), RH_OK);
    assert_int_equal(log->count, 0);
    box_run(box);
    assert_int_equal(log->count, 1);
    assert_int_equal(done.calls, 0);
    assert_int_equal(box_version(box, box->rep, "k"), 0);
    assert_int_equal(
        state_apply_committed(box->state, 7, 3, log->entries[0].id, entry_data(log, 0)), RH_OK);
    box_run(box);

    state_applied(box->state, &index, &term);
    assert_int_equal(done.calls, 1);
    assert_int_equal(done.rc, RH_OK);
    assert_true(box_holds(box, box->rep, "k", "v"));
    assert_int_equal(index, 7);
    assert_int_equal(term, 3);
}

static void a_follower_applies_what_it_never_proposed(void **fixture)
{
    struct state_box *box = *fixture;
    struct log *log = log_of(box);
    struct state_box follower;
    uint64_t index = 0;
    uint64_t term = 0;
    box_init(&follower);
    follower.propose = propose;
    follower.propose_user = log;
    assert_int_equal(box_open(&follower), RH_OK);
    assert_int_equal(box_event(box, box->rep, "E", "{}", NULL), RH_OK);
    assert_int_equal(box_put(box, box->rep, "k", "v", NULL), RH_OK);
    box_run(box);

    assert_int_equal(state_apply_committed(follower.state, 1, 1, 0, (struct rh_str){NULL, 0}),
                     RH_OK);
    assert_int_equal(state_apply_committed(follower.state, 2, 1, 0, entry_data(log, 0)), RH_OK);
    assert_int_equal(state_apply_committed(follower.state, 3, 1, 99, entry_data(log, 1)), RH_OK);
    box_run(&follower);

    state_applied(follower.state, &index, &term);
    assert_int_equal(index, 3);
    assert_int_equal(follower.events, 1);
    assert_string_equal(follower.event_id, "shared:1:0");
    assert_true(box_holds(&follower, follower.rep, "k", "v"));
    assert_int_equal(box_version(&follower, follower.rep, "k"), 2);
    box_release(&follower);
}

static void the_applied_index_survives_with_its_data(void **fixture)
{
    struct state_box *box = *fixture;
    struct log *log = log_of(box);
    uint64_t index = 0;
    uint64_t term = 0;
    assert_int_equal(box_put(box, box->rep, "k", "v", NULL), RH_OK);
    box_run(box);
    assert_int_equal(
        state_apply_committed(box->state, 5, 2, log->entries[0].id, entry_data(log, 0)), RH_OK);

    box_close(box);
    assert_int_equal(box_open(box), RH_OK);

    state_applied(box->state, &index, &term);
    assert_int_equal(index, 5);
    assert_int_equal(term, 2);
    assert_true(box_holds(box, box->rep, "k", "v"));
    assert_int_equal(state_apply_committed(box->state, 5, 2, 0, entry_data(log, 0)), RH_EINVAL);
    assert_int_equal(state_apply_committed(box->state, 6, 2, 0, (struct rh_str){"bad", 3}),
                     RH_EUNSUPPORTED);
    assert_int_equal(state_apply_committed(box->state, 6, 2, 0, (struct rh_str){"\1\0x", 3}),
                     RH_EPROTOCOL);
}

static void a_given_up_proposal_takes_its_namespace_along_in_order(void **fixture)
{
    struct state_box *box = *fixture;
    struct log *log = log_of(box);
    struct box_done done[4] = {0};
    for (int i = 0; i < 3; i++)
        assert_int_equal(box_put(box, box->rep, "k", "v", &done[i]), RH_OK);
    box_run(box);

    state_propose_failed(box->state, log->entries[1].id, RH_EUNKNOWN);
    assert_int_equal(box_put(box, box->rep, "k", "w", &done[3]), RH_OK);
    box_run(box);
    assert_int_equal(done[1].calls, 0); /* the first still waits */
    assert_int_equal(state_broken(box->rep), RH_EUNKNOWN);
    assert_int_equal(
        state_apply_committed(box->state, 1, 1, log->entries[0].id, entry_data(log, 0)), RH_OK);
    state_propose_failed(box->state, log->entries[2].id, RH_ENOTLEADER);
    box_run(box);

    assert_int_equal(log->count, 3);
    assert_int_equal(done[0].rc, RH_OK);
    assert_int_equal(done[1].rc, RH_EUNKNOWN);
    assert_int_equal(done[2].rc, RH_ENOTLEADER);
    assert_int_equal(done[3].rc, RH_EUNKNOWN);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(done[i].calls, 1);
        assert_int_equal(done[i].order, i + 1);
    }
}

static void a_provider_that_is_full_gets_them_in_order_later(void **fixture)
{
    struct state_box *box = *fixture;
    struct log *log = log_of(box);
    struct box_done done = {0};
    log->refuse = RH_EAGAIN;
    assert_int_equal(box_put(box, box->rep, "a", "1", &done), RH_OK);
    assert_int_equal(box_put(box, box->rep, "b", "2", NULL), RH_OK);
    box_run(box);
    assert_int_equal(box_put(box, box->rep, "c", "3", NULL), RH_OK);
    box_run(box);
    assert_int_equal(log->count, 0);
    assert_int_equal(done.calls, 0);
    log->refuse = RH_OK;

    box_run(box);
    assert_int_equal(log->count, 3);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(
            state_apply_committed(box->state, i + 1, 1, log->entries[i].id, entry_data(log, i)),
            RH_OK);
    box_run(box);

    assert_int_equal(done.rc, RH_OK);
    assert_int_equal(done.revision, 1);
    assert_int_equal(box_version(box, box->rep, "b"), 2);
    assert_int_equal(box_version(box, box->rep, "c"), 3);
}

static void a_refused_proposal_answers_later_and_can_be_resumed(void **fixture)
{
    struct state_box *box = *fixture;
    struct log *log = log_of(box);
    struct box_done done[2] = {0};

    log->refuse = RH_ETOOLARGE;
    assert_int_equal(box_put(box, box->rep, "k", "v", &done[0]), RH_OK);
    assert_int_equal(done[0].calls, 0);
    box_run(box);
    assert_int_equal(done[0].rc, RH_ETOOLARGE);
    log->refuse = RH_OK;
    state_resume(box->state, box->rep);
    assert_int_equal(box_put(box, box->rep, "k", "v", &done[1]), RH_OK);
    box_run(box);

    assert_int_equal(log->count, 1);
    assert_int_equal(state_broken(box->rep), RH_OK);
    box_close(box);
    assert_int_equal(done[1].calls, 1);
}

static void a_quota_decides_alike_on_every_replica(void **fixture)
{
    struct state_box *box = *fixture;
    struct log *log = log_of(box);
    struct box_done done[2] = {0};
    struct state_box follower;
    box_init(&follower);
    assert_int_equal(box_open(&follower), RH_OK);
    state_quota(box->rep, 3);
    assert_int_equal(box_put(box, box->rep, "long", "value", &done[0]), RH_OK);
    assert_int_equal(box_put(box, box->rep, "k", "v", &done[1]), RH_OK);
    box_run(box);

    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(
            state_apply_committed(box->state, i + 1, 1, log->entries[i].id, entry_data(log, i)),
            RH_OK);
        assert_int_equal(state_apply_committed(follower.state, i + 1, 1, 0, entry_data(log, i)),
                         RH_OK);
        box_run(box);
        box_run(&follower);
    }

    assert_int_equal(done[0].rc, RH_EFULL);
    assert_int_equal(done[1].rc, RH_EFULL);
    assert_int_equal(box_usage(box, box->rep).keys, 0);
    assert_int_equal(box_usage(&follower, follower.rep).keys, 0);
    box_release(&follower);
}

static void what_is_open_at_close_ends_as_unknown(void **fixture)
{
    struct state_box *box = *fixture;
    struct box_done done[2] = {0};
    assert_int_equal(box_put(box, box->rep, "k", "v", &done[0]), RH_OK);
    box_run(box);
    assert_int_equal(box_put(box, box->rep, "k", "w", &done[1]), RH_OK);

    box_close(box);

    assert_int_equal(done[0].rc, RH_EUNKNOWN);
    assert_int_equal(done[1].rc, RH_ECANCELLED);
    assert_int_equal(done[0].order, 1);
}

static void what_a_power_loss_may_undo_is_not_called_checkpointed(void **fixture)
{
    struct state_box *box = *fixture;

    assert_int_equal(state_apply_committed(box->state, 4, 1, 0, (struct rh_str){NULL, 0}), RH_OK);
    box_run(box);
    assert_int_equal(state_checkpointed(box->state), 0);
    state_checkpoint(box->state);
    box_run(box);

    assert_int_equal(state_checkpointed(box->state), 4);
}

#define EACH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(a_batch_is_applied_once_it_is_agreed_on),
        EACH(a_follower_applies_what_it_never_proposed),
        EACH(the_applied_index_survives_with_its_data),
        EACH(a_given_up_proposal_takes_its_namespace_along_in_order),
        EACH(a_provider_that_is_full_gets_them_in_order_later),
        EACH(a_refused_proposal_answers_later_and_can_be_resumed),
        EACH(a_quota_decides_alike_on_every_replica),
        EACH(what_is_open_at_close_ends_as_unknown),
        EACH(what_a_power_loss_may_undo_is_not_called_checkpointed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
