/* Tests of walking through a JSON object. */
#include "fixture.h"

#include <ringhost/sdk/str.h>

#include "plugins/cmaes/members.h"

static void every_member_comes_with_its_key_and_its_text(void **state)
{
    const struct rh_str object = rh_str_from(
        " { \"a\" : 1 ,\"b\":\"x,}\\\"{\", \"c\":[1,{\"d\":\"]\"}],\"e\":{\"f\":[]} , \"g\":null}");
    static const char *const expected[][2] = {{"a", "1"},
                                              {"b", "\"x,}\\\"{\""},
                                              {"c", "[1,{\"d\":\"]\"}]"},
                                              {"e", "{\"f\":[]}"},
                                              {"g", "null"}};
    struct member member;
    size_t offset = 0;

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        assert_true(members_next(object, &offset, &member));
        assert_true(rh_str_eq_c(member.key, expected[i][0]));
        assert_true(rh_str_eq_c(member.value, expected[i][1]));
    }
    assert_false(members_next(object, &offset, &member));
    assert_false(members_next(object, &offset, &member));
}

static void a_path_leads_to_a_value_or_to_nothing(void **state)
{
    const struct rh_str object = rh_str_from("{\"a\":{\"b\":{\"c\":-1.5},\"d\":\"x\"},\"e\":[1]}");

    (void)state;
    assert_true(rh_str_eq_c(members_at(object, RH_STR_LIT("a.b.c")), "-1.5"));
    assert_true(rh_str_eq_c(members_at(object, RH_STR_LIT("e")), "[1]"));
    assert_int_equal(members_at(object, RH_STR_LIT("a.c")).n, 0);
    assert_int_equal(members_at(object, RH_STR_LIT("a.d.x")).n, 0);
    assert_int_equal(members_at(object, RH_STR_LIT("e.0")).n, 0);
    assert_int_equal(members_at(object, RH_STR_LIT("..")).n, 0);
    assert_int_equal(members_at((struct rh_str){NULL, 0}, RH_STR_LIT("a")).n, 0);
}

/* Broken texts never come here, but none may lead outside of its bytes. */
static void cut_texts_end_in_their_bytes(void **state)
{
    static const char text[] = "{\"a\":[1,{\"b\":\"\\\\\"}],\"c\":\"x\"}";

    (void)state;
    for (size_t n = 0; n < sizeof(text); n++) {
        char *copy = malloc(n + 1);
        struct member member;
        size_t offset = 0;
        uint32_t count = 0;

        assert_non_null(copy);
        memcpy(copy, text, n);
        while (count < 10 && members_next((struct rh_str){copy, n}, &offset, &member))
            count++;
        assert_true(count <= 2);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_comes_with_its_key_and_its_text),
        cmocka_unit_test(a_path_leads_to_a_value_or_to_nothing),
        cmocka_unit_test(cut_texts_end_in_their_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
