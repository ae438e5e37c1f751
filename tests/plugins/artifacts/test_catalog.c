/* Room, promises, and who goes first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/rng.h>

#include "plugins/artifacts/catalog.h"

#define NOW INT64_C(1000000)

static const struct catalog_limits limits = {
    .bytes_max = 100, .files_max = 4, .idle_min_ms = 10, .own_keep_ms = 0};

static struct artifact *add(struct catalog *catalog, unsigned char name, int64_t bytes,
                            int64_t used_at_ms, bool is_own)
{
    struct artifact artifact = {.size_bytes = bytes, .used_at_ms = used_at_ms, .is_own = is_own};
    struct artifact *out = NULL;

    artifact.digest[0] = name;
    assert_int_equal(catalog_add(catalog, &artifact, &out), RH_OK);
    return out;
}

static void what_fits_is_promised(void **state)
{
    struct catalog catalog;
    struct artifact *victim = NULL;

    (void)state;
    catalog_init(&catalog, 1, &limits);

    assert_int_equal(catalog_reserve(&catalog, 60, NOW, &victim), RH_OK);
    assert_int_equal(catalog_reserve(&catalog, 41, NOW, &victim), RH_EFULL);
    catalog_unreserve(&catalog, 60);
    assert_int_equal(catalog_reserve(&catalog, 100, NOW, &victim), RH_OK);

    catalog_release(&catalog);
}

static void the_longest_unused_copy_goes_first(void **state)
{
    struct catalog catalog;
    struct artifact *victim = NULL;
    struct artifact *older;

    (void)state;
    catalog_init(&catalog, 1, &limits);
    add(&catalog, 1, 30, NOW - 9000, true);
    add(&catalog, 2, 30, NOW - 100, false);
    older = add(&catalog, 3, 30, NOW - 500, false);

    assert_int_equal(catalog_reserve(&catalog, 30, NOW, &victim), RH_EAGAIN);
    assert_ptr_equal(victim, older);
    catalog_remove(&catalog, victim);
    assert_int_equal(catalog_reserve(&catalog, 30, NOW, &victim), RH_OK);
    assert_int_equal(catalog.bytes, 60);

    catalog_release(&catalog);
}

static void pinned_read_recent_and_own_ones_stay(void **state)
{
    struct catalog catalog;
    struct artifact *victim = NULL;

    (void)state;
    catalog_init(&catalog, 1, &limits);
    add(&catalog, 1, 25, NOW - 500, false)->is_pinned = true;
    add(&catalog, 2, 25, NOW - 500, false)->readers = 1;
    add(&catalog, 3, 25, NOW - 5, false);
    add(&catalog, 4, 25, NOW - 500, true);

    assert_int_equal(catalog_reserve(&catalog, 1, NOW, &victim), RH_EFULL);
    assert_int_equal(catalog_reserve(&catalog, 1, NOW + 10, &victim), RH_EAGAIN);
    assert_int_equal(victim->digest[0], 3);

    catalog_release(&catalog);
}

static void own_ones_go_after_their_time(void **state)
{
    struct catalog_limits mine = limits;
    struct catalog catalog;
    struct artifact *victim = NULL;

    (void)state;
    mine.own_keep_ms = 400;
    catalog_init(&catalog, 1, &mine);
    add(&catalog, 1, 100, NOW - 399, true);

    assert_int_equal(catalog_reserve(&catalog, 1, NOW, &victim), RH_EFULL);
    assert_int_equal(catalog_reserve(&catalog, 1, NOW + 1, &victim), RH_EAGAIN);

    catalog_release(&catalog);
}

static void the_number_of_files_has_a_limit(void **state)
{
    struct catalog catalog;
    struct artifact *victim = NULL;

    (void)state;
    catalog_init(&catalog, 1, &limits);
    for (unsigned char i = 0; i < 3; i++)
        add(&catalog, i, 0, NOW, true);

    assert_int_equal(catalog_reserve(&catalog, 0, NOW, &victim), RH_OK);
    assert_int_equal(catalog_reserve(&catalog, 0, NOW, &victim), RH_EFULL);

    catalog_release(&catalog);
}

static void what_never_fits_removes_nothing(void **state)
{
    struct catalog catalog;
    struct artifact *victim = NULL;

    (void)state;
    catalog_init(&catalog, 1, &limits);
    add(&catalog, 1, 50, 0, false);

    assert_int_equal(catalog_reserve(&catalog, 101, NOW, &victim), RH_ETOOLARGE);
    assert_int_equal(catalog_reserve(&catalog, INT64_MAX, NOW, &victim), RH_ETOOLARGE);

    catalog_release(&catalog);
}

static void a_smaller_limit_leaves_a_surplus(void **state)
{
    struct catalog catalog;

    (void)state;
    catalog_init(&catalog, 1, &limits);
    add(&catalog, 1, 60, NOW - 300, false);
    add(&catalog, 2, 40, NOW - 200, false);
    assert_null(catalog_surplus(&catalog, NOW));

    catalog.limits.bytes_max = 50;

    assert_int_equal(catalog_surplus(&catalog, NOW)->digest[0], 1);
    catalog_remove(&catalog, catalog_surplus(&catalog, NOW));
    assert_null(catalog_surplus(&catalog, NOW));

    catalog_release(&catalog);
}

/* Any order of promises, arrivals and removals: never above the limits, sums right. */
static void random_traffic_keeps_within_the_limits(void **state)
{
    struct catalog catalog;
    struct rh_rng rng;
    const uint64_t seed = 20240717;
    uint32_t kept = 0;

    (void)state;
    print_message("seed %llu\n", (unsigned long long)seed);
    rh_rng_seed(&rng, seed);
    catalog_init(&catalog, 1, &limits);
    for (int64_t now = 0; now < 20000; now++) {
        int64_t bytes = (int64_t)(rh_rng_u64(&rng) % 60);
        struct artifact artifact = {
            .size_bytes = bytes, .used_at_ms = now, .is_pinned = rh_rng_u64(&rng) % 50 == 0};
        struct artifact *victim = NULL;
        struct artifact *out = NULL;
        int64_t sum = 0;
        uint32_t cursor = 0;
        void *value = NULL;
        int32_t rc = catalog_reserve(&catalog, bytes, now, &victim);

        while (rc == RH_EAGAIN) {
            assert_false(victim->is_pinned);
            catalog_remove(&catalog, victim);
            rc = catalog_reserve(&catalog, bytes, now, &victim);
        }
        if (rc == RH_OK) {
            memcpy(artifact.digest, &now, sizeof(now));
            catalog_unreserve(&catalog, bytes);
            assert_int_equal(catalog_add(&catalog, &artifact, &out), RH_OK);
            kept++;
        }
        while (rh_map_next(&catalog.files, &cursor, NULL, &value)) {
            struct artifact *each = value;

            sum += each->size_bytes;
            if (rh_rng_u64(&rng) % 400 == 0)
                each->is_pinned = false;
        }
        assert_int_equal(sum, catalog.bytes);
        assert_true(sum <= limits.bytes_max);
        assert_true(rh_map_count(&catalog.files) <= limits.files_max);
    }
    assert_true(kept > 1000);

    catalog_release(&catalog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_is_promised),
        cmocka_unit_test(the_longest_unused_copy_goes_first),
        cmocka_unit_test(pinned_read_recent_and_own_ones_stay),
        cmocka_unit_test(own_ones_go_after_their_time),
        cmocka_unit_test(the_number_of_files_has_a_limit),
        cmocka_unit_test(what_never_fits_removes_nothing),
        cmocka_unit_test(a_smaller_limit_leaves_a_surplus),
        cmocka_unit_test(random_traffic_keeps_within_the_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
