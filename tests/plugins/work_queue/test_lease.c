/* Leases in order of expiry, per node, and their ends. */
#include "work_queue_test.h"

#include "lease.h"

static struct lease *grant(struct leases *leases, const char *node, uint64_t count, int64_t expires,
                           int64_t runtime_end)
{
    struct lease *lease = NULL;

    assert_int_equal(lease_grant(leases, rh_str_from(node), (struct token){1, 1, count}, expires,
                                 runtime_end, 0, &lease),
                     RH_OK);
    return lease;
}

static void the_first_to_end_is_first_whatever_was_extended(void **state)
{
    struct leases leases;

    (void)state;
    leases_init(&leases, 1, 100);
    struct lease *a = grant(&leases, "n1", 1, 100, LEASE_NEVER);
    struct lease *b = grant(&leases, "n1", 2, 200, LEASE_NEVER);
    assert_ptr_equal(lease_first(&leases), a);

    lease_extend(&leases, a, 300);

    assert_ptr_equal(lease_first(&leases), b);
    leases_release(&leases);
}

static void a_lease_never_outlasts_the_running_time(void **state)
{
    struct leases leases;

    (void)state;
    leases_init(&leases, 1, 100);
    struct lease *a = grant(&leases, "n1", 1, 100, 150);

    lease_extend(&leases, a, 300);

    assert_int_equal(a->expires_ms, 150);
    leases_release(&leases);
}

static void a_node_s_leases_are_found_and_a_free_node_is_forgotten(void **state)
{
    struct leases leases;
    uint32_t ended = 0;

    (void)state;
    leases_init(&leases, 1, 100);
    for (uint64_t i = 0; i < 10; i++)
        grant(&leases, i % 2 ? "odd" : "even", i, 100, LEASE_NEVER);

    for (struct lease *l; (l = lease_of_node(&leases, S("odd"))); ended++)
        lease_end(&leases, l);

    assert_int_equal(ended, 5);
    assert_int_equal(lease_count(&leases), 5);
    assert_int_equal(rh_map_count(&leases.holders), 1);
    leases_release(&leases);
}

static void over_the_limit_nothing_is_granted(void **state)
{
    struct leases leases;
    struct lease *lease = NULL;

    (void)state;
    leases_init(&leases, 1, 1);
    grant(&leases, "n1", 1, 100, LEASE_NEVER);

    int32_t rc = lease_grant(&leases, S("n2"), (struct token){1, 1, 2}, 1, LEASE_NEVER, 0, &lease);

    assert_int_equal(rc, RH_EFULL);
    assert_null(lease_of_node(&leases, S("n2")));
    leases_release(&leases);
}

static void progress_is_kept_as_a_copy(void **state)
{
    char text[] = "{\"done\":3}";
    struct leases leases;

    (void)state;
    leases_init(&leases, 1, 10);
    struct lease *lease = grant(&leases, "n1", 1, 100, LEASE_NEVER);

    assert_int_equal(lease_set_progress(lease, rh_str_from(text)), RH_OK);
    text[2] = 'X';

    assert_memory_equal(lease->progress, "{\"done\":3}", lease->progress_size);
    leases_release(&leases);
}

/* What a search by n9 finds and takes, as the digits of the tokens' counts. */
static void take_all(struct leases *leases, uint32_t left, char *found)
{
    struct lease *lease;

    lease_search_begin(leases);
    while ((lease = lease_search_next(leases, NULL, S("n9"), &left))) {
        *found++ = (char)('0' + lease->token.count);
        lease_search_take(lease);
        lease_end(leases, lease);
    }
    *found = '\0';
}

static void a_search_takes_the_oldest_and_from_each_node_at_most_half(void **state)
{
    struct leases leases;
    char found[10];

    (void)state;
    leases_init(&leases, 1, 100);
    grant(&leases, "n2", 6, 100, LEASE_NEVER);
    for (uint64_t i = 1; i <= 5; i++)
        grant(&leases, "n1", i, 100, LEASE_NEVER);
    grant(&leases, "n2", 7, 100, LEASE_NEVER);
    grant(&leases, "n3", 8, 100, LEASE_NEVER);
    grant(&leases, "n9", 9, 100, LEASE_NEVER);

    take_all(&leases, 100, found);

    assert_string_equal(found, "126");
    leases_release(&leases);
}

static void what_was_started_is_not_found_and_does_not_count(void **state)
{
    struct leases leases;
    char found[10];

    (void)state;
    leases_init(&leases, 1, 100);
    for (uint64_t i = 1; i <= 4; i++)
        lease_start(&leases, grant(&leases, "n1", i, 100, LEASE_NEVER), 5);
    grant(&leases, "n1", 5, 100, LEASE_NEVER);

    take_all(&leases, 100, found);

    assert_string_equal(found, "");
    leases_release(&leases);
}

static void a_search_looks_at_no_more_than_it_may(void **state)
{
    struct leases leases;
    struct lease *lease = NULL;
    uint32_t left = 10;
    uint32_t seen = 0;

    (void)state;
    leases_init(&leases, 1, 100);
    for (uint64_t i = 1; i <= 50; i++)
        grant(&leases, "n1", i, 100, LEASE_NEVER);

    lease_search_begin(&leases);
    while ((lease = lease_search_next(&leases, lease, S("n9"), &left)))
        seen++;

    assert_int_equal(seen, 10);
    leases_release(&leases);
}

static void counts_by_rule_are_those_of_live_leases(void **state)
{
    struct leases leases;
    struct lease *lease = NULL;

    (void)state;
    leases_init(&leases, 1, 100);
    assert_int_equal(
        lease_grant(&leases, S("n1"), (struct token){1, 1, 1}, 1, LEASE_NEVER, 5, &lease), RH_OK);
    struct lease *other = grant(&leases, "n1", 2, 1, LEASE_NEVER);

    assert_int_equal(leases.by_rule[0], 1);
    assert_int_equal(leases.by_rule[1], 0);
    assert_int_equal(lease_holder_of(&leases, S("n1"))->by_rule[2], 1);
    lease_end(&leases, lease);
    assert_int_equal(leases.by_rule[0], 0);
    assert_int_equal(lease_holder_of(&leases, S("n1"))->by_rule[2], 0);
    lease_end(&leases, other);
    assert_null(lease_holder_of(&leases, S("n1")));
    leases_release(&leases);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_search_takes_the_oldest_and_from_each_node_at_most_half),
        cmocka_unit_test(what_was_started_is_not_found_and_does_not_count),
        cmocka_unit_test(a_search_looks_at_no_more_than_it_may),
        cmocka_unit_test(counts_by_rule_are_those_of_live_leases),
        cmocka_unit_test(the_first_to_end_is_first_whatever_was_extended),
        cmocka_unit_test(a_lease_never_outlasts_the_running_time),
        cmocka_unit_test(a_node_s_leases_are_found_and_a_free_node_is_forgotten),
        cmocka_unit_test(over_the_limit_nothing_is_granted),
        cmocka_unit_test(progress_is_kept_as_a_copy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
