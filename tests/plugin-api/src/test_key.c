/* Tests of ordered keys: order, round trips, limits, and broken input. */
#include "sdk_test.h"

#include <ringhost/sdk/key.h>
#include <ringhost/sdk/str.h>

struct parts {
    uint8_t kind;
    uint32_t number;
    int64_t rank;
    uint64_t due;
    size_t name_size;
    char name[8];
};

/* Few different values, so that components are often equal and the next one decides. */
static struct parts random_parts(struct rh_rng *rng)
{
    static const int64_t ranks[] = {INT64_MIN, -300, -1, 0, 1, 255, 256, INT64_MAX};
    struct parts parts = {.kind = (uint8_t)rh_rng_below(rng, 2)};

    parts.rank = ranks[rh_rng_below(rng, 8)];
    parts.name_size = (size_t)rh_rng_below(rng, 5);
    for (size_t i = 0; i < parts.name_size; i++)
        parts.name[i] = "\0\x01\xff"
                        "a"[rh_rng_below(rng, 4)];
    parts.number = (uint32_t)rh_rng_u64(rng) >> rh_rng_below(rng, 32);
    parts.due = rh_rng_u64(rng) >> rh_rng_below(rng, 64);
    return parts;
}

static void build(struct rh_key *key, const struct parts *parts)
{
    rh_key_init(key);
    assert_int_equal(rh_key_u8(key, parts->kind), RH_OK);
    assert_int_equal(rh_key_str(key, (struct rh_str){parts->name, parts->name_size}), RH_OK);
    assert_int_equal(rh_key_i64(key, parts->rank), RH_OK);
    assert_int_equal(rh_key_u32(key, parts->number), RH_OK);
    assert_int_equal(rh_key_u64(key, parts->due), RH_OK);
}

static int sign(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_parts(const struct parts *a, const struct parts *b)
{
    int order = sign(a->kind, b->kind);

    if (!order)
        order = rh_str_cmp((struct rh_str){a->name, a->name_size},
                           (struct rh_str){b->name, b->name_size});
    if (!order)
        order = sign(a->rank, b->rank);
    if (!order)
        order = sign(a->number, b->number);
    if (!order)
        order = (a->due > b->due) - (a->due < b->due);
    return sign(order, 0);
}

static void bytes_order_like_components(void **state)
{
    struct rh_rng rng = test_rng(111);

    (void)state;

    for (int round = 0; round < 50000; round++) {
        struct parts a = random_parts(&rng);
        struct parts b = random_parts(&rng);
        struct rh_key key_a;
        struct rh_key key_b;
        int order;

        build(&key_a, &a);
        build(&key_b, &b);
        order = rh_str_cmp(rh_key_view(&key_a), rh_key_view(&key_b));
        assert_int_equal(sign(order, 0), compare_parts(&a, &b));
    }
}

static void components_are_read_back(void **state)
{
    struct rh_rng rng = test_rng(112);

    (void)state;

    for (int round = 0; round < 5000; round++) {
        struct parts in = random_parts(&rng);
        struct parts out = {0};
        struct rh_key key;
        struct rh_key_reader reader;

        build(&key, &in);
        rh_key_reader_init(&reader, rh_key_view(&key));
        assert_int_equal(rh_key_read_u8(&reader, &out.kind), RH_OK);
        assert_int_equal(rh_key_read_str(&reader, out.name, sizeof(out.name), &out.name_size),
                         RH_OK);
        assert_int_equal(rh_key_read_i64(&reader, &out.rank), RH_OK);
        assert_int_equal(rh_key_read_u32(&reader, &out.number), RH_OK);
        assert_int_equal(rh_key_read_u64(&reader, &out.due), RH_OK);
        assert_int_equal(rh_key_read_end(&reader), RH_OK);
        assert_int_equal(out.name_size, in.name_size);
        assert_memory_equal(out.name, in.name, in.name_size);
        assert_int_equal(compare_parts(&in, &out), 0);
    }
}

static void limit_is_exact_and_sticks(void **state)
{
    char text[RH_KEY_BYTES_MAX + 1];
    struct rh_key key;

    (void)state;

    memset(text, 'k', sizeof(text));
    rh_key_init(&key);
    assert_int_equal(rh_key_str(&key, (struct rh_str){text, RH_KEY_BYTES_MAX - 2}), RH_OK);
    assert_int_equal(key.n, RH_KEY_BYTES_MAX);
    assert_int_equal(rh_key_u8(&key, 1), RH_ETOOLARGE);
    assert_int_equal(key.n, RH_KEY_BYTES_MAX);
    for (size_t size = RH_KEY_BYTES_MAX - 1; size <= RH_KEY_BYTES_MAX + 1; size++) {
        rh_key_init(&key);
        assert_int_equal(rh_key_str(&key, (struct rh_str){text, size}), RH_ETOOLARGE);
        assert_int_equal(rh_key_u8(&key, 1), RH_ETOOLARGE);
        assert_int_equal(rh_key_str(&key, RH_STR_LIT("x")), RH_ETOOLARGE);
        assert_int_equal(key.n, 0);
    }
    memset(text, 0, sizeof(text));
    rh_key_init(&key);
    assert_int_equal(rh_key_str(&key, (struct rh_str){text, 255}), RH_OK);
    rh_key_init(&key);
    assert_int_equal(rh_key_str(&key, (struct rh_str){text, 256}), RH_ETOOLARGE);
}

static void prefix_end_follows_every_extension(void **state)
{
    struct rh_key key;

    (void)state;

    rh_key_init(&key);
    assert_int_equal(rh_key_prefix_end(&key), RH_ENOTFOUND);
    assert_int_equal(rh_key_u8(&key, 0x10), RH_OK);
    assert_int_equal(rh_key_u8(&key, 0xff), RH_OK);
    assert_int_equal(rh_key_prefix_end(&key), RH_OK);
    assert_int_equal(key.n, 1);
    assert_int_equal(key.p[0], 0x11);
    rh_key_init(&key);
    assert_int_equal(rh_key_u32(&key, UINT32_MAX), RH_OK);
    assert_int_equal(rh_key_prefix_end(&key), RH_ENOTFOUND);
    assert_int_equal(key.n, 4);
}

static int32_t read_str(struct rh_str bytes, char *dst, size_t size, size_t *n)
{
    struct rh_key_reader reader;
    uint8_t byte;
    int32_t rc;

    rh_key_reader_init(&reader, bytes);
    rc = rh_key_read_str(&reader, dst, size, n);
    if (rc != RH_OK) {
        assert_int_equal(rh_key_read_u8(&reader, &byte), rc);
        assert_int_equal(rh_key_read_end(&reader), rc);
    }
    return rc;
}

static void broken_keys_are_refused(void **state)
{
    char dst[4] = "old";
    size_t n = 9;
    uint64_t number = 5;
    struct rh_key_reader reader;

    (void)state;

    assert_int_equal(read_str(RH_STR_LIT(""), dst, 4, &n), RH_EINVAL);
    assert_int_equal(read_str(RH_STR_LIT("ab"), dst, 4, &n), RH_EINVAL);
    assert_int_equal(read_str(RH_STR_LIT("ab\0"), dst, 4, &n), RH_EINVAL);
    assert_int_equal(read_str(RH_STR_LIT("ab\0\x02"), dst, 4, &n), RH_EINVAL);
    assert_int_equal(read_str(RH_STR_LIT("abcd\0\x01"), dst, 4, &n), RH_EINVAL);
    assert_int_equal(read_str(RH_STR_LIT("a\0\xff\0\x01"), dst, 4, NULL), RH_EINVAL);
    assert_string_equal(dst, "old");
    assert_int_equal(n, 9);
    assert_int_equal(read_str(RH_STR_LIT("a\0\xff\0\x01"), dst, 4, &n), RH_OK);
    assert_int_equal(n, 2);
    assert_int_equal(read_str(RH_STR_LIT("xyz\0\x01"), dst, 4, NULL), RH_OK);
    assert_string_equal(dst, "xyz");
    rh_key_reader_init(&reader, RH_STR_LIT("1234567"));
    assert_int_equal(rh_key_read_u64(&reader, &number), RH_EINVAL);
    assert_true(number == 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_order_like_components),
        cmocka_unit_test(components_are_read_back),
        cmocka_unit_test(limit_is_exact_and_sticks),
        cmocka_unit_test(prefix_end_follows_every_extension),
        cmocka_unit_test(broken_keys_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
