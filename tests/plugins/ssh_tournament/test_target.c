/* Tests of what is a host: words that could be something else on a command line are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

#include "plugins/ssh_tournament/target.h"

static void user_host_and_port_are_read(void **state)
{
    static const struct {
        const char *text, *user, *host;
        int64_t port;
    } rows[] = {
        {"gpu1", "", "gpu1", 0},
        {"root@gpu1.example", "root", "gpu1.example", 0},
        {"root@10.0.0.1:2222", "root", "10.0.0.1", 2222},
        {"[2001:db8::1]:22", "", "2001:db8::1", 22},
        {"u@[::1]", "u", "::1", 0},
        {"fe80::1%eth0", "", "fe80::1%eth0", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct target target;

        assert_int_equal(target_parse(rh_str_from(rows[i].text), &target), RH_OK);
        assert_true(rh_str_eq_c(target.name, rows[i].text));
        assert_true(rh_str_eq_c(target.user, rows[i].user));
        assert_true(rh_str_eq_c(target.host, rows[i].host));
        assert_int_equal(target.port, rows[i].port);
    }
}

static void what_could_be_an_option_or_a_command_is_refused(void **state)
{
    static const char *const texts[] = {"",      "-oProxyCommand=id",
                                        "u@-x",  "-u@h",
                                        "@h",    "h:",
                                        "h:0",   "h:65536",
                                        "h:22x", "a b",
                                        "a\tb",  "a\nb",
                                        "h;id",  "$(id)",
                                        "h\x7f", "ssh://h",
                                        "a@b@c", "[::1]x",
                                        "[]:22", "[::1]:",
                                        "u@",    "h\x01",
                                        "'h'",   "h\\\\",
                                        "h:-1",  "gpu*",
                                        "a`b",   "h|x"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct target target;

        if (target_parse(rh_str_from(texts[i]), &target) != RH_EINVAL)
            fail_msg("taken: %s", texts[i]);
    }
}

static void a_target_of_the_inventory_is_held_to_the_same(void **state)
{
    struct target target = {.name = RH_STR_LIT("gpu 1"), .host = RH_STR_LIT("10.0.0.1")};

    (void)state;
    assert_true(target_check(&target));
    target.identity = RH_STR_LIT("/home/a b/key");
    assert_true(target_check(&target));
    target.identity = RH_STR_LIT("-key");
    assert_false(target_check(&target));
    target.identity = RH_STR_LIT("/key\nx");
    assert_false(target_check(&target));
    target.identity = RH_STR_LIT("");
    target.user = RH_STR_LIT("-l");
    assert_false(target_check(&target));
    target.user = RH_STR_LIT("u");
    target.host = RH_STR_LIT("-h");
    assert_false(target_check(&target));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(user_host_and_port_are_read),
        cmocka_unit_test(what_could_be_an_option_or_a_command_is_refused),
        cmocka_unit_test(a_target_of_the_inventory_is_held_to_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
