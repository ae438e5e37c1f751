/* Addresses and queries. */
#include "ctl_test.h"

#include <ringhost/sdk/str.h>

#include "host/ctl/addr.h"

static void addresses_have_names_ports_and_brackets(void **state)
{
    struct addr_list list;
    struct rh_buf why;
    char text[ADDR_TEXT_SIZE];

    (void)state;
    rh_buf_init(&why, TEST_TEXT_MAX);

    assert_int_equal(
        addr_list_parse(RH_STR_LIT("n1:1,n2,[::1]:9,[fe80::1],http://n3:80/"), &list, &why), RH_OK);

    assert_int_equal(list.count, 5);
    assert_string_equal(addr_format(&list.items[0], text), "n1:1");
    assert_string_equal(addr_format(&list.items[1], text), "n2:8770");
    assert_string_equal(addr_format(&list.items[2], text), "[::1]:9");
    assert_string_equal(addr_format(&list.items[3], text), "[fe80::1]:8770");
    assert_string_equal(addr_format(&list.items[4], text), "n3:80");
    assert_text(&why, "");
}

static void broken_addresses_are_refused_with_their_rule(void **state)
{
    static const struct {
        const char *text;
        const char *why;
    } rows[] = {
        {"", "address \"\": empty"},
        {"a,", "address \"\": empty"},
        {"a:0", "address \"a:0\": the port must be an integer in [1, 65535]"},
        {"a:65536", "address \"a:65536\": the port must be an integer in [1, 65535]"},
        {"a:x", "address \"a:x\": the port must be an integer in [1, 65535]"},
        {"a:", "address \"a:\": no port after \":\""},
        {":1", "address \":1\": wanted HOST:PORT"},
        {"a/b:1", "address \"a/b:1\": wanted HOST:PORT"},
        {"::1", "address \"::1\": an IPv6 address needs brackets, as in [::1]:8770"},
        {"[::1", "address \"[::1\": \"[\" without \"]\""},
        {"[::1]x", "address \"[::1]x\": only a port may follow \"]\""},
        {"https://a", "address \"https://a\": only plain http is spoken"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct addr_list list = {.count = 77};
        struct rh_buf why;

        rh_buf_init(&why, TEST_TEXT_MAX);
        assert_int_equal(addr_list_parse(rh_str_from(rows[i].text), &list, &why), RH_EINVAL);
        assert_text(&why, rows[i].why);
        assert_int_equal(list.count, 77);
    }
}

static void a_seventeenth_address_is_refused(void **state)
{
    struct addr_list list;
    struct rh_buf why;

    (void)state;
    rh_buf_init(&why, TEST_TEXT_MAX);

    assert_int_equal(addr_list_parse(RH_STR_LIT("a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a"), &list, &why),
                     RH_OK);
    assert_int_equal(addr_list_parse(RH_STR_LIT("a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,b"), &list, &why),
                     RH_EINVAL);

    assert_text(&why, "address \"b\": more than 16 addresses");
}

static void query_values_cannot_leave_their_place(void **state)
{
    struct rh_buf target;

    (void)state;
    rh_buf_init(&target, TEST_TEXT_MAX);
    (void)rh_buf_append_c(&target, "/p");

    query_put(&target, "a", RH_STR_LIT("x y&z=1"));
    query_put(&target, "b", RH_STR_LIT("\xC3\xA4#\r\n-._~"));

    assert_text(&target, "/p?a=x%20y%26z%3D1&b=%C3%A4%23%0D%0A-._~");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_have_names_ports_and_brackets),
        cmocka_unit_test(broken_addresses_are_refused_with_their_rule),
        cmocka_unit_test(a_seventeenth_address_is_refused),
        cmocka_unit_test(query_values_cannot_leave_their_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
