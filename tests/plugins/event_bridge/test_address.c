/* Tests of webhook URLs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

#include "plugins/event_bridge/address.h"

struct url {
    const char *given, *normal;
};

static void a_url_gets_the_port_and_the_path_that_it_lacks(void **state)
{
    static const struct url urls[] = {
        {"http://host", "http://host:80/"},
        {"http://host:8080", "http://host:8080/"},
        {"http://host/a/b?c=d:e", "http://host:80/a/b?c=d:e"},
        {"http://10.0.0.1:99/x", "http://10.0.0.1:99/x"},
        {"http://[::1]", "http://[::1]:80/"},
        {"http://[::1]:99/x", "http://[::1]:99/x"},
        {"http://host:65535", "http://host:65535/"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        char got[ADDRESS_SIZE] = "";
        const char *why = NULL;

        assert_int_equal(address_normalise(rh_str_from(urls[i].given), got, &why), RH_OK);
        assert_string_equal(got, urls[i].normal);
    }
}

static void what_cannot_be_called_is_refused_with_words(void **state)
{
    static const char *const bad[] = {
        "",
        "host",
        "ftp://host",
        "http://",
        "http:///x",
        "http://:80",
        "http://u@host",
        "http://host#x",
        "http://a b/",
        "http://h\xc3\xa4",
        "HTTP://x",
        "http://?x",
        "http://a/\n",
        "http://x/\x7f",
        "http://x:0",
        "http://x:65536",
        "http://x:",
        "http://x:8o/",
        "http://[::1]:70000/",
        "http://x:-1",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char got[ADDRESS_SIZE] = "old";
        const char *why = NULL;

        assert_int_equal(address_normalise(rh_str_from(bad[i]), got, &why), RH_EINVAL);
        assert_non_null(why);
        assert_string_equal(got, "old");
    }
}

static void https_is_refused_with_the_way_out(void **state)
{
    char got[ADDRESS_SIZE];
    const char *why = NULL;

    (void)state;
    assert_int_equal(address_normalise(rh_str_from("https://host/x"), got, &why), RH_EUNSUPPORTED);
    assert_non_null(strstr(why, "no TLS client"));
}

static void a_url_that_is_too_long_is_refused(void **state)
{
    char url[ADDRESS_SIZE + 10];
    char got[ADDRESS_SIZE];
    const char *why = NULL;

    (void)state;
    memset(url, 'a', sizeof url);
    memcpy(url, "http://", 7);

    assert_int_equal(address_normalise((struct rh_str){url, ADDRESS_SIZE - 4}, got, &why),
                     RH_EINVAL);
    assert_int_equal(address_normalise((struct rh_str){url, ADDRESS_SIZE - 5}, got, &why), RH_OK);
    assert_int_equal(strlen(got), ADDRESS_SIZE - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_url_gets_the_port_and_the_path_that_it_lacks),
        cmocka_unit_test(what_cannot_be_called_is_refused_with_words),
        cmocka_unit_test(https_is_refused_with_the_way_out),
        cmocka_unit_test(a_url_that_is_too_long_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
