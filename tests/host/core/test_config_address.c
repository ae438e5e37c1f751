/* host:port taken apart, and what is not one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

#include "host/core/config_address.h"

static void good_addresses_are_taken_apart(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *host;
        uint32_t kind;
        uint16_t port;
        uint8_t is_loopback;
        uint8_t is_any;
    } cases[] = {
        {"127.0.0.1:8770", "127.0.0.1", CONFIG_HOST_V4, 8770, 1, 0},
        {"0.0.0.0:0", "0.0.0.0", CONFIG_HOST_V4, 0, 0, 1},
        {"10.1.2.3:65535", "10.1.2.3", CONFIG_HOST_V4, 65535, 0, 0},
        {"[::1]:80", "::1", CONFIG_HOST_V6, 80, 1, 0},
        {"[::]:80", "::", CONFIG_HOST_V6, 80, 0, 1},
        {"[2001:db8::7]:80", "2001:db8::7", CONFIG_HOST_V6, 80, 0, 0},
        {"[1:2:3:4:5:6:7:8]:1", "1:2:3:4:5:6:7:8", CONFIG_HOST_V6, 1, 0, 0},
        {"[1::]:1", "1::", CONFIG_HOST_V6, 1, 0, 0},
        {"[::ffff:1.2.3.4]:1", "::ffff:1.2.3.4", CONFIG_HOST_V6, 1, 0, 0},
        {"localhost:1", "localhost", CONFIG_HOST_NAME, 1, 1, 0},
        {"gpu-7.example.org:22", "gpu-7.example.org", CONFIG_HOST_NAME, 22, 0, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct config_address address;
        assert_int_equal(config_address_parse(rh_str_from(cases[i].text), &address), RH_OK);
        assert_string_equal(address.host, cases[i].host);
        assert_int_equal(address.kind, cases[i].kind);
        assert_int_equal(address.port, cases[i].port);
        assert_int_equal(address.is_loopback, cases[i].is_loopback);
        assert_int_equal(address.is_any, cases[i].is_any);
    }
}

static void anything_else_is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {"",
                                        ":1",
                                        "1.2.3.4",
                                        "1.2.3.4:",
                                        "1.2.3.4:65536",
                                        "1.2.3.4:-1",
                                        "1.2.3.4:01",
                                        "1.2.3:1",
                                        "1.2.3.256:1",
                                        "1.2.3.4.5:1",
                                        "::1:80",
                                        "[::1]",
                                        "[::1]80",
                                        "[::1:80",
                                        "[]:1",
                                        "[:::]:1",
                                        "[1::2::3]:1",
                                        "[12345::]:1",
                                        "[1:2:3:4:5:6:7]:1",
                                        "[1:2:3:4:5:6:7:8:9]:1",
                                        "[1:2:3:4:5:6:7:8::]:1",
                                        "[1.2.3.4::]:1",
                                        "[:1]:1",
                                        "[1:]:1",
                                        "[fe80::1%eth0]:1",
                                        "-a:1",
                                        "a..b:1",
                                        "a b:1",
                                        "a:1 ",
                                        "a:1:2"};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct config_address address;
        assert_int_equal(config_address_parse(rh_str_from(cases[i]), &address), RH_EINVAL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_addresses_are_taken_apart),
        cmocka_unit_test(anything_else_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
