/* Tests of plugins/admin/peer_address.c. */
#include "tests/host/core/cmocka_all.h"

#include <string.h>

#include <ringhost/sdk/str.h>

#include "peer_address.h"

static void names_and_addresses_with_a_port_are_valid(void **state)
{
    static const char *const good[] = {
        "127.0.0.1:8770",     "n1:1",      "gpu-3.example_x.org:65535",
        "[2001:db8::1]:8770", "[::]:8770", "[::ffff:10.0.0.1]:80"};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(peer_address_is_valid(rh_str_from(good[i])));
}

static void anything_else_is_refused(void **state)
{
    static const char *const bad[] = {
        "",           ":",          "n1",         "n1:",       ":8770",     "n1:0",
        "n1:65536",   "n1:-1",      "n1:80x",     "n1:+80",    "n1:080",    "a b:80",
        "http://n:8", "n1:80/path", "::1:8770",   "[::1]8770", "[::1:8770", "[]:80",
        "[n1]:80",    "[::g]:80",   "user@n1:80", "[abcd]:80"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(peer_address_is_valid(rh_str_from(bad[i])));
}

static void a_nul_byte_is_refused(void **state)
{
    (void)state;
    assert_false(peer_address_is_valid((struct rh_str){"n\0:80", 5}));
}

static void the_longest_name_is_taken_and_one_byte_more_is_not(void **state)
{
    char text[PEER_ADDRESS_MAX];

    (void)state;
    memset(text, 'a', sizeof text);
    memcpy(text + PEER_HOST_MAX, ":80", 3);
    assert_true(peer_address_is_valid((struct rh_str){text, PEER_HOST_MAX + 3}));
    memcpy(text + PEER_HOST_MAX, "a:80", 4);
    assert_false(peer_address_is_valid((struct rh_str){text, PEER_HOST_MAX + 4}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_addresses_with_a_port_are_valid),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(a_nul_byte_is_refused),
        cmocka_unit_test(the_longest_name_is_taken_and_one_byte_more_is_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
