/* Tests of plugin-api/src/sha256.c: the examples of FIPS 180-4 and the test cases of RFC 4231. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/sdk/sha256.h>
#include <ringhost/sdk/str.h>

static void assert_digest(const void *bytes, size_t size, const char *expected)
{
    unsigned char digest[RH_SHA256_SIZE];
    char digits[RH_SHA256_HEX];
    struct rh_sha256 hash;

    rh_sha256_init(&hash);
    rh_sha256_update(&hash, bytes, size);
    rh_sha256_final(&hash, digest);

    rh_sha256_hex(digits, digest);
    assert_string_equal(digits, expected);
}

static void examples_of_the_standard_have_their_digests(void **state)
{
    static const char two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    static const char long_one[] = "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
                                   "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu";

    (void)state;
    assert_digest("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_digest("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_digest(two_blocks, strlen(two_blocks),
                  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    assert_digest(long_one, strlen(long_one),
                  "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
}

static void a_million_bytes_have_their_digest(void **state)
{
    unsigned char digest[RH_SHA256_SIZE];
    char digits[RH_SHA256_HEX];
    struct rh_sha256 hash;
    char piece[1000];

    (void)state;
    memset(piece, 'a', sizeof piece);
    rh_sha256_init(&hash);

    for (int i = 0; i < 1000; i++)
        rh_sha256_update(&hash, piece, sizeof piece);
    rh_sha256_final(&hash, digest);

    rh_sha256_hex(digits, digest);
    assert_string_equal(digits, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void pieces_of_any_size_give_the_digest_of_the_whole(void **state)
{
    unsigned char bytes[300];

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 7);
    for (size_t piece = 1; piece <= 130; piece++) {
        unsigned char whole[RH_SHA256_SIZE];
        unsigned char parts[RH_SHA256_SIZE];
        struct rh_sha256 hash;

        rh_sha256_init(&hash);
        rh_sha256_update(&hash, bytes, sizeof bytes);
        rh_sha256_final(&hash, whole);
        rh_sha256_init(&hash);
        for (size_t at = 0; at < sizeof bytes; at += piece)
            rh_sha256_update(&hash, bytes + at,
                             sizeof bytes - at < piece ? sizeof bytes - at : piece);
        rh_sha256_update(&hash, NULL, 0);
        rh_sha256_final(&hash, parts);

        assert_memory_equal(parts, whole, sizeof whole);
    }
}

static void digits_of_a_digest_are_read_back(void **state)
{
    static const char digits[] = "BA7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    unsigned char digest[RH_SHA256_SIZE];
    char again[RH_SHA256_HEX];

    (void)state;
    assert_int_equal(rh_sha256_parse(rh_str_from(digits), digest), RH_OK);
    rh_sha256_hex(again, digest);

    assert_memory_equal(again + 2, digits + 2, 62);
    assert_int_equal(rh_sha256_parse(rh_str_from(digits + 2), digest), RH_EINVAL);
    assert_int_equal(rh_sha256_parse(rh_str_from("x"), digest), RH_EINVAL);
}

/* A test case of RFC 4231: key and data are a text or a byte so many times. */
struct mac_case {
    const char *key, *data;
    unsigned char key_byte, data_byte;
    size_t key_n, data_n;
    const char *expected;
};

static const struct mac_case mac_cases[] = {
    {NULL, "Hi There", 0x0b, 0, 20, 8,
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"Jefe", "what do ya want for nothing?", 0, 0, 4, 28,
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {NULL, NULL, 0xaa, 0xdd, 20, 50,
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {NULL, "Test Using Larger Than Block-Size Key - Hash Key First", 0xaa, 0, 131, 54,
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {NULL,
     "This is a test using a larger than block-size key and a larger than block-size data. The key "
     "needs to be hashed before being used by the HMAC algorithm.",
     0xaa, 0, 131, 152, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
};

static void codes_are_those_of_the_standard(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof mac_cases / sizeof mac_cases[0]; i++) {
        const struct mac_case *c = &mac_cases[i];
        struct rh_hmac_sha256 hmac;
        unsigned char code[RH_SHA256_SIZE];
        char digits[RH_SHA256_HEX];
        char key[200];
        char data[200];

        memset(key, c->key_byte, sizeof key);
        memset(data, c->data_byte, sizeof data);
        rh_hmac_sha256_init(&hmac, (struct rh_str){c->key ? c->key : key, c->key_n});
        rh_hmac_sha256_update(&hmac, (struct rh_str){c->data ? c->data : data, 3});
        rh_hmac_sha256_update(&hmac,
                              (struct rh_str){(c->data ? c->data : data) + 3, c->data_n - 3});
        rh_hmac_sha256_final(&hmac, code);

        rh_sha256_hex(digits, code);
        assert_string_equal(digits, c->expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_of_the_standard_have_their_digests),
        cmocka_unit_test(a_million_bytes_have_their_digest),
        cmocka_unit_test(pieces_of_any_size_give_the_digest_of_the_whole),
        cmocka_unit_test(digits_of_a_digest_are_read_back),
        cmocka_unit_test(codes_are_those_of_the_standard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
