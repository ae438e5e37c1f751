/* Tests of the stable hashes against published values and an independent implementation. */
#include "sdk_test.h"

#include <ringhost/sdk/hash.h>

/* From the FNV page of Landon Curt Noll. */
static void fnv1a_gives_published_values(void **state)
{
    (void)state;

    assert_true(rh_hash_fnv1a(RH_HASH_FNV1A_INIT, NULL, 0) == UINT64_C(0xcbf29ce484222325));
    assert_true(rh_hash_fnv1a(RH_HASH_FNV1A_INIT, "a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(rh_hash_fnv1a(RH_HASH_FNV1A_INIT, "foobar", 6) == UINT64_C(0x85944171f73967e8));
}

static void pieces_hash_like_the_whole(void **state)
{
    uint64_t whole = rh_hash_fnv1a(RH_HASH_FNV1A_INIT, "ab\x08\x07\x06\x05\x04\x03\x02\x01", 10);
    uint64_t pieces = rh_hash_fnv1a(RH_HASH_FNV1A_INIT, "ab", 2);

    (void)state;

    assert_true(rh_hash_fnv1a_u64(pieces, UINT64_C(0x0102030405060708)) == whole);
}

/* Values of CPython 3.11's hash(bytes(range(n))) with PYTHONHASHSEED=0, which is SipHash-1-3. */
static void sip13_agrees_with_another_implementation(void **state)
{
    static const struct {
        size_t size;
        uint64_t hash;
    } rows[] = {
        {1, UINT64_C(0x68a914128e01e473)},  {3, UINT64_C(0x4d4c9a4a8ef6e0ad)},
        {7, UINT64_C(0x2f098ab0c751325a)},  {8, UINT64_C(0xead411e67ebe2eea)},
        {9, UINT64_C(0x75927f9d95124362)},  {16, UINT64_C(0x8972188433a5c5b7)},
        {17, UINT64_C(0x4883c49a2c009c1d)}, {31, UINT64_C(0x169739443111d49b)},
    };
    unsigned char bytes[31];

    (void)state;

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)i;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_true(rh_hash_sip13(0, 0, bytes, rows[i].size) == rows[i].hash);
}

static void each_key_half_and_the_length_matter(void **state)
{
    uint64_t base = rh_hash_sip13(1, 2, "\0\0", 1);

    (void)state;

    assert_true(base != rh_hash_sip13(3, 2, "\0\0", 1));
    assert_true(base != rh_hash_sip13(1, 3, "\0\0", 1));
    assert_true(base != rh_hash_sip13(1, 2, "\0\0", 2));
    assert_true(base != rh_hash_sip13(1, 2, NULL, 0));
}

/* Every bit of input flips every bit of output in 30 to 70 % of 400 trials. */
static void mix_spreads_every_bit(void **state)
{
    static uint32_t flips[64][64];
    struct rh_rng rng = test_rng(91);

    (void)state;

    for (int round = 0; round < 400; round++) {
        uint64_t value = rh_rng_u64(&rng);

        for (unsigned in = 0; in < 64; in++) {
            uint64_t changed = rh_hash_mix(value) ^ rh_hash_mix(value ^ (UINT64_C(1) << in));

            for (unsigned out = 0; out < 64; out++)
                flips[in][out] += (uint32_t)(changed >> out) & 1;
        }
    }

    for (unsigned in = 0; in < 64; in++) {
        for (unsigned out = 0; out < 64; out++)
            assert_in_range(flips[in][out], 120, 280);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fnv1a_gives_published_values),
        cmocka_unit_test(pieces_hash_like_the_whole),
        cmocka_unit_test(sip13_agrees_with_another_implementation),
        cmocka_unit_test(each_key_half_and_the_length_matter),
        cmocka_unit_test(mix_spreads_every_bit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
