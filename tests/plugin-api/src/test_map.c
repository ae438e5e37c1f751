/* Tests of both maps: against a plain model, order of visits, limits, and failing allocations. */
#include "sdk_test.h"

#include <ringhost/sdk/map.h>

static struct rh_str lit(const char *text)
{
    return (struct rh_str){text, strlen(text)};
}

static void put_get_and_remove_agree(void **state)
{
    struct rh_map map;
    int a = 1;
    int b = 2;
    void *old = &a;

    (void)state;

    rh_map_init(&map, 7, 10);
    assert_null(rh_map_get(&map, lit("x")));
    assert_null(rh_map_remove(&map, lit("x")));
    assert_int_equal(rh_map_put(&map, lit("x"), &a, &old), RH_OK);
    assert_null(old);
    assert_int_equal(rh_map_put(&map, lit("x"), &b, &old), RH_OK);
    assert_ptr_equal(old, &a);
    assert_int_equal(rh_map_put(&map, lit(""), &a, NULL), RH_OK);
    assert_ptr_equal(rh_map_get(&map, (struct rh_str){NULL, 0}), &a);
    assert_int_equal(rh_map_count(&map), 2);
    assert_ptr_equal(rh_map_remove(&map, lit("x")), &b);
    assert_null(rh_map_get(&map, lit("x")));
    assert_int_equal(rh_map_count(&map), 1);
    rh_map_release(&map);
    assert_int_equal(rh_map_count(&map), 0);
    assert_int_equal(rh_map_put(&map, lit("again"), &a, NULL), RH_OK);
    rh_map_release(&map);
}

static void keys_are_copied_and_may_hold_any_byte(void **state)
{
    struct rh_map map;
    char key[3] = {'a', '\0', 'b'};
    int value;

    (void)state;

    rh_map_init(&map, 7, 10);
    assert_int_equal(rh_map_put(&map, (struct rh_str){key, 3}, &value, NULL), RH_OK);
    key[2] = 'c';
    assert_null(rh_map_get(&map, (struct rh_str){key, 3}));
    key[2] = 'b';
    assert_ptr_equal(rh_map_get(&map, (struct rh_str){key, 3}), &value);
    assert_null(rh_map_get(&map, lit("a")));
    rh_map_release(&map);
}

static void limit_is_exact_and_replacing_is_still_allowed(void **state)
{
    struct rh_map64 map;
    int value;
    void *old = &value;

    (void)state;

    rh_map64_init(&map, 7, 20);
    for (uint64_t key = 0; key < 20; key++)
        assert_int_equal(rh_map64_put(&map, key, &value, NULL), RH_OK);
    assert_int_equal(rh_map64_put(&map, 20, &value, &old), RH_EFULL);
    assert_ptr_equal(old, &value);
    assert_int_equal(rh_map64_put(&map, 3, &value, NULL), RH_OK);
    assert_ptr_equal(rh_map64_remove(&map, 3), &value);
    assert_int_equal(rh_map64_put(&map, 20, &value, NULL), RH_OK);
    assert_int_equal(rh_map64_count(&map), 20);
    rh_map64_release(&map);
}

#define KEYS 300u

/* The model: which keys are present and when they were put. */
struct model {
    uint64_t order[KEYS];
    int values[KEYS][2];
    int *value[KEYS];
    uint64_t now;
    uint32_t count;
};

static struct rh_str key_text(char text[16], uint64_t key)
{
    return (struct rh_str){text, (size_t)snprintf(text, 16, "key-%" PRIu64, key)};
}

static void check_visits(const struct rh_map *map, const struct rh_map64 *map64, struct model *m)
{
    uint32_t cursor = 0;
    uint32_t cursor64 = 0;
    uint32_t visited = 0;
    uint64_t last = 0;
    struct rh_str key;
    uint64_t key64;
    void *value;
    void *value64;

    while (rh_map_next(map, &cursor, &key, &value)) {
        char text[16];

        assert_true(rh_map64_next(map64, &cursor64, &key64, &value64));
        assert_in_range(key64, 0, KEYS - 1);
        assert_true(key.n == key_text(text, key64).n && memcmp(key.p, text, key.n) == 0);
        assert_ptr_equal(value, m->value[key64]);
        assert_ptr_equal(value64, value);
        assert_true(m->order[key64] > last);
        last = m->order[key64];
        visited++;
    }
    assert_false(rh_map64_next(map64, &cursor64, NULL, NULL));
    assert_int_equal(visited, m->count);
}

static void step(struct rh_map *map, struct rh_map64 *map64, struct model *m, struct rh_rng *rng)
{
    uint64_t phase = m->now / 2000 % 2;
    uint64_t key = rh_rng_below(rng, KEYS);
    char text[16];
    struct rh_str name = key_text(text, key);
    int *former = m->value[key];

    m->now++;
    if (rh_rng_below(rng, 10) < (phase ? 3u : 7u)) {
        int *value = &m->values[key][former == &m->values[key][0]];
        void *old;
        void *old64;

        assert_int_equal(rh_map_put(map, name, value, &old), RH_OK);
        assert_int_equal(rh_map64_put(map64, key, value, &old64), RH_OK);
        assert_ptr_equal(old, former);
        assert_ptr_equal(old64, former);
        m->value[key] = value;
        m->order[key] = former ? m->order[key] : m->now;
        m->count += !former;
    } else {
        assert_ptr_equal(rh_map_remove(map, name), former);
        assert_ptr_equal(rh_map64_remove(map64, key), former);
        m->value[key] = NULL;
        m->count -= former != NULL;
    }
}

static void random_steps_agree_with_a_model(void **state)
{
    static struct model m;
    struct rh_rng rng = test_rng(51);
    struct rh_map map;
    struct rh_map64 map64;

    (void)state;

    rh_map_init(&map, rh_rng_u64(&rng), KEYS);
    rh_map64_init(&map64, rh_rng_u64(&rng), KEYS);
    for (int round = 0; round < 20000; round++) {
        uint64_t probe = rh_rng_below(&rng, KEYS);
        char text[16];

        step(&map, &map64, &m, &rng);
        assert_ptr_equal(rh_map_get(&map, key_text(text, probe)), m.value[probe]);
        assert_ptr_equal(rh_map64_get(&map64, probe), m.value[probe]);
        assert_int_equal(rh_map_count(&map), m.count);
        if (round % 50 == 0)
            check_visits(&map, &map64, &m);
    }
    rh_map_release(&map);
    rh_map64_release(&map64);
}

static void entries_may_be_removed_while_visiting(void **state)
{
    struct rh_map map;
    struct rh_str key;
    uint32_t cursor = 0;
    uint32_t visited = 0;
    int value;

    (void)state;

    rh_map_init(&map, 3, 100);
    for (uint64_t i = 0; i < 100; i++) {
        char text[16];

        assert_int_equal(rh_map_put(&map, key_text(text, i), &value, NULL), RH_OK);
    }
    while (rh_map_next(&map, &cursor, &key, NULL)) {
        visited++;
        assert_ptr_equal(rh_map_remove(&map, key), &value);
    }

    assert_int_equal(visited, 100);
    assert_int_equal(rh_map_count(&map), 0);
    rh_map_release(&map);
}

static void churn_at_the_limit_does_not_grow_without_bound(void **state)
{
    struct rh_map64 map;
    int value;

    (void)state;

    rh_map64_init(&map, 9, 100);
    for (uint64_t key = 0; key < 100000; key++) {
        if (key >= 100)
            assert_ptr_equal(rh_map64_remove(&map, key - 100), &value);
        assert_int_equal(rh_map64_put(&map, key, &value, NULL), RH_OK);
    }

    assert_int_equal(rh_map64_count(&map), 100);
    assert_true(map.table.capacity <= 256);
    rh_map64_release(&map);
}

static void failing_allocations_change_nothing(void **state)
{
    struct rh_map map;
    int value;
    uint32_t failures = 0;

    (void)state;

    rh_map_init(&map, 5, 1000);
    for (uint64_t i = 0; i < 200; i++) {
        char text[16];
        struct rh_str key = key_text(text, i);
        int32_t rc = RH_ENOMEM;

        for (int good = 0; rc == RH_ENOMEM; good++) {
            allocations_left = good;
            rc = rh_map_put(&map, key, &value, NULL);
            allocations_left = -1;
            failures += rc == RH_ENOMEM;
            assert_int_equal(rh_map_count(&map), rc == RH_OK ? i + 1 : i);
            assert_ptr_equal(rh_map_get(&map, key), rc == RH_OK ? &value : NULL);
        }
        assert_int_equal(rc, RH_OK);
    }
    assert_true(failures > 200);
    for (uint64_t i = 0; i < 200; i++) {
        char text[16];

        assert_ptr_equal(rh_map_get(&map, key_text(text, i)), &value);
    }
    rh_map_release(&map);
}

static void a_map_that_never_began_can_be_released(void **state)
{
    struct rh_map map = {0};
    struct rh_map64 map64 = {0};

    (void)state;
    rh_map_release(&map);
    rh_map64_release(&map64);

    assert_int_equal(rh_map_count(&map), 0);
    assert_int_equal(rh_map64_count(&map64), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(put_get_and_remove_agree),
        cmocka_unit_test(keys_are_copied_and_may_hold_any_byte),
        cmocka_unit_test(limit_is_exact_and_replacing_is_still_allowed),
        cmocka_unit_test(random_steps_agree_with_a_model),
        cmocka_unit_test(entries_may_be_removed_while_visiting),
        cmocka_unit_test(churn_at_the_limit_does_not_grow_without_bound),
        cmocka_unit_test(failing_allocations_change_nothing),
        cmocka_unit_test(a_map_that_never_began_can_be_released),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
