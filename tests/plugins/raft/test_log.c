/* Tests of the log against its words, and against a plain array. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <string.h>

#include <ringhost/sdk/rng.h>
#include <ringhost/sdk/str.h>

#include "plugins/raft/log.h"

static void append(struct raft_log *log, uint64_t term)
{
    const struct raft_entry entry = {.index = log->last_index + 1,
                                     .term = term,
                                     .kind = RAFT_ENTRY_DATA,
                                     .data = RH_STR_LIT("data")};

    assert_int_equal(raft_log_append(log, &entry), RH_OK);
}

/* Entries of these terms behind (2, 1). */
static struct raft_log make(const uint64_t *terms, size_t count)
{
    struct raft_log log = {.base_index = 0};

    raft_log_reset(&log, 2, 1);
    for (size_t i = 0; i < count; i++)
        append(&log, terms[i]);
    return log;
}

static void stable(struct raft_log *log, uint64_t index)
{
    log->taken_index = index;
    log->stable_index = index;
}

static void terms_are_those_of_the_entries(void **state)
{
    const uint64_t terms[] = {1, 1, 4, 4, 7};
    struct raft_log log = make(terms, 5);

    (void)state;

    assert_int_equal(raft_log_term(&log, 2), 1);
    for (uint64_t i = 0; i < 5; i++)
        assert_int_equal(raft_log_term(&log, 3 + i), terms[i]);
    assert_int_equal(raft_log_term(&log, 1), 0);
    assert_int_equal(raft_log_term(&log, 8), 0);
    assert_true(raft_log_matches(&log, 2, 1));
    assert_false(raft_log_matches(&log, 7, 4));
    assert_int_equal(log.run_count, 3);
    raft_log_release(&log);
}

static void truncation_tells_what_the_disk_must_forget(void **state)
{
    const uint64_t terms[] = {1, 1, 4, 4, 7};
    struct raft_log log = make(terms, 5);

    (void)state;
    stable(&log, 4);

    assert_false(raft_log_truncate(&log, 9));
    assert_false(raft_log_truncate(&log, 6)); /* nobody wrote it */
    assert_int_equal(log.last_index, 5);
    assert_true(raft_log_truncate(&log, 4));
    assert_int_equal(log.last_index, 3);
    assert_int_equal(log.stable_index, 3);
    append(&log, 9);
    assert_int_equal(raft_log_term(&log, 4), 9);
    raft_log_release(&log);
}

static void compaction_keeps_the_term_of_its_place(void **state)
{
    const uint64_t terms[] = {1, 1, 4, 4, 7};
    struct raft_log log = make(terms, 5);
    struct raft_entry entry;

    (void)state;
    stable(&log, 7);

    raft_log_compact(&log, 5);

    assert_int_equal(log.base_index, 5);
    assert_int_equal(log.base_term, 4);
    assert_int_equal(raft_log_term(&log, 6), 4);
    assert_true(raft_log_held(&log, 6, &entry));
    assert_true(rh_str_eq_c(entry.data, "data"));
    raft_log_compact(&log, 7);
    assert_int_equal(log.run_count, 0);
    assert_int_equal(raft_log_term(&log, 7), 7);
    assert_int_equal(log.held_bytes, 0);
    raft_log_release(&log);
}

static void only_stable_data_is_dropped(void **state)
{
    const uint64_t terms[] = {1, 1, 1, 1};
    struct raft_log log = make(terms, 4);
    struct raft_entry entry;

    (void)state;
    stable(&log, 5);

    raft_log_evict(&log, 0, 4);

    assert_false(raft_log_held(&log, 4, &entry));
    assert_true(raft_log_held(&log, 5, &entry));
    raft_log_evict(&log, 0, 6);
    assert_false(raft_log_held(&log, 5, &entry));
    assert_true(raft_log_held(&log, 6, &entry));
    assert_int_equal(raft_log_term(&log, 4), 1);
    assert_int_equal(log.held_bytes, 4);
    raft_log_release(&log);
}

static void a_term_is_found_going_back(void **state)
{
    const uint64_t terms[] = {2, 2, 5, 5, 6};
    struct raft_log log = make(terms, 5);

    (void)state;

    assert_int_equal(raft_log_find_term(&log, 7, 6), 7);
    assert_int_equal(raft_log_find_term(&log, 7, 4), 4);
    assert_int_equal(raft_log_find_term(&log, 3, 4), 3);
    assert_int_equal(raft_log_find_term(&log, 99, 5), 6);
    assert_int_equal(raft_log_find_term(&log, 7, 0), 2);
    raft_log_release(&log);
}

static void a_later_term_or_a_longer_log_covers(void **state)
{
    const uint64_t terms[] = {2, 5};
    struct raft_log log = make(terms, 2);

    (void)state;

    assert_true(raft_log_is_covered_by(&log, 4, 5));
    assert_true(raft_log_is_covered_by(&log, 1, 6));
    assert_false(raft_log_is_covered_by(&log, 3, 5));
    assert_false(raft_log_is_covered_by(&log, 99, 4));
    raft_log_release(&log);
}

/* The plain array that the log must agree with. */
struct model {
    uint64_t base, last, terms[4096];
};

static void check_model(const struct raft_log *log, const struct model *model)
{
    assert_int_equal(log->base_index, model->base);
    assert_int_equal(log->last_index, model->last);
    for (uint64_t i = model->base + 1; i <= model->last; i++) {
        struct raft_entry entry;

        assert_int_equal(raft_log_term(log, i), model->terms[i]);
        if (raft_log_held(log, i, &entry))
            assert_int_equal(entry.term, model->terms[i]);
        else
            assert_true(i <= log->stable_index);
    }
}

static void random_changes_agree_with_an_array(void **state)
{
    struct raft_log log = {.base_index = 0};
    struct model model = {.base = 0};
    struct rh_rng rng;
    uint64_t term = 1;

    (void)state;
    rh_rng_seed(&rng, 11);
    raft_log_reset(&log, 0, 0);
    for (int i = 0; i < 4000 && model.last < 4000; i++) {
        const uint64_t span = model.last - model.base;
        const uint64_t what = rh_rng_below(&rng, 10);

        if (what < 6) {
            term += rh_rng_below(&rng, 8) == 0;
            append(&log, term);
            model.terms[++model.last] = term;
        } else if (what == 6 && span > 0) {
            const uint64_t from = model.last - rh_rng_below(&rng, span < 5 ? span : 5);

            (void)raft_log_truncate(&log, from); /* the disk is not part of this */
            model.last = from - 1;
            term++;
        } else if (what == 7) {
            stable(&log, model.last);
        } else if (what == 8 && log.stable_index > model.base) {
            model.base += rh_rng_below(&rng, log.stable_index - model.base + 1);
            raft_log_compact(&log, model.base);
        } else {
            raft_log_evict(&log, 40, model.last);
        }
        check_model(&log, &model);
    }
    raft_log_release(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(terms_are_those_of_the_entries),
        cmocka_unit_test(truncation_tells_what_the_disk_must_forget),
        cmocka_unit_test(compaction_keeps_the_term_of_its_place),
        cmocka_unit_test(only_stable_data_is_dropped),
        cmocka_unit_test(a_term_is_found_going_back),
        cmocka_unit_test(a_later_term_or_a_longer_log_covers),
        cmocka_unit_test(random_changes_agree_with_an_array),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
