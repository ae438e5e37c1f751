/* Tests of host/core/error_scan.c. */
#include "tests/host/core/cmocka_all.h"

#include <ringhost/sdk/str.h>
#include <string.h>

#include "host/core/error_scan.h"

/* Scan `body` and compare; "-" stands for untouched. */
static void expect(const char *body, const char *code, const char *message)
{
    struct rh_str found_code = RH_STR_LIT("-");
    struct rh_str found_message = RH_STR_LIT("-");
    struct rh_buf room;

    rh_buf_init(&room, strlen(body));
    error_scan(rh_str_from(body), &room, &found_code, &found_message);
    if (!rh_str_eq_c(found_code, code) || !rh_str_eq_c(found_message, message))
        fail_msg("%s: code \"%.*s\", message \"%.*s\"", body, RH_STR_ARG(found_code),
                 RH_STR_ARG(found_message));
    rh_buf_release(&room);
}

static void code_and_message_are_found_in_any_order(void **state)
{
    (void)state;
    expect("{\"error\":{\"code\":\"full\",\"message\":\"no room\"}}", "full", "no room");
    expect("{\"error\":{\"message\":\"no room\",\"code\":\"full\"}}", "full", "no room");
}

static void escapes_are_undone(void **state)
{
    (void)state;
    expect(
        "{\"error\":{\"code\":\"bad\",\"message\":\"\\\"x\\\" is\\n\\u00e9 \\ud83d\\ude00\\\\\"}}",
        "bad", "\"x\" is\n\xc3\xa9 \xf0\x9f\x98\x80\\");
    expect("{\"error\":{\"message\":\"\\u0041\\/\",\"code\":\"\\u0062\\u0061d\"}}", "bad", "A/");
    expect("{\"error\":{\"message\":\"plain\",\"code\":\"\\u0062\"}}", "b", "plain");
}

static void other_members_are_skipped(void **state)
{
    (void)state;
    expect("{\"a\":[1,{\"error\":2}],\"error\":{\"details\":{\"code\":\"x\"},\"code\":\"busy\","
           "\"field\":null,\"message\":\"m\"},\"z\":1}",
           "busy", "m");
}

static void a_part_that_is_missing_stays_untouched(void **state)
{
    (void)state;
    expect("{\"error\":{\"code\":\"full\"}}", "full", "-");
    expect("{\"error\":{\"code\":7,\"message\":\"m\"}}", "-", "m");
}

static void what_is_no_error_body_changes_nothing(void **state)
{
    (void)state;
    expect("", "-", "-");
    expect("<html>502</html>", "-", "-");
    expect("[{\"error\":{\"code\":\"full\"}}]", "-", "-");
    expect("{\"error\":\"code\"}", "-", "-");
    expect("{\"code\":\"full\",\"message\":\"m\"}", "-", "-");
}

static void a_broken_body_changes_nothing(void **state)
{
    (void)state;
    expect("{\"error\":{\"code\":\"full\",\"message\":\"m\"}", "-", "-");
    expect("{\"error\":{\"code\":\"full\",\"message\":\"m\"}} trailing", "-", "-");
    expect("{\"error\":{\"code\":\"fu", "-", "-");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(code_and_message_are_found_in_any_order),
        cmocka_unit_test(escapes_are_undone),
        cmocka_unit_test(other_members_are_skipped),
        cmocka_unit_test(a_part_that_is_missing_stays_untouched),
        cmocka_unit_test(what_is_no_error_body_changes_nothing),
        cmocka_unit_test(a_broken_body_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
