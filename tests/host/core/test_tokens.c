/* Tests of host/core/tokens.c. */
#include "tests/host/core/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/buf.h>
#include <ringhost/sdk/str.h>

#include "host/core/tokens.h"

#define SECRET_A "aaaaaaaaaaaaaaaa"
#define SECRET_B "bbbbbbbbbbbbbbbb"
#define SECRET_C "cccccccccccccccc"

struct reports {
    uint32_t count;
    uint32_t lines[8];
    char last[256];
};

static void collect(void *user, uint32_t line, const char *message)
{
    struct reports *reports = user;

    if (reports->count < 8)
        reports->lines[reports->count] = line;
    reports->count++;
    (void)snprintf(reports->last, sizeof reports->last, "%s", message);
}

/* The table of a text that must be good. */
static struct tokens *table_of(const char *text)
{
    struct reports reports = {0};
    struct tokens *tokens = NULL;

    assert_int_equal(tokens_parse(rh_str_from(text), collect, &reports, &tokens), RH_OK);
    assert_int_equal(reports.count, 0);
    return tokens;
}

/* The reports about a text that must be wrong. */
static struct reports reports_of(struct rh_str text)
{
    struct reports reports = {0};
    struct tokens *tokens = NULL;

    assert_int_equal(tokens_parse(text, collect, &reports, &tokens), RH_EINVAL);
    assert_null(tokens);
    return reports;
}

static void admin_includes_operator_worker_and_read(void **state)
{
    uint32_t mask = scope_mask_of(RH_ADMIN);

    (void)state;
    for (uint32_t scope = RH_PUBLIC; scope <= RH_ADMIN; scope++)
        assert_true(scope_allows(mask, scope));
    assert_false(scope_allows(mask, RH_PEER));
    assert_false(scope_allows(mask, RH_VOTER));
    assert_false(scope_allows(scope_mask_of(RH_WORKER), RH_OPERATOR));
}

static void peer_and_voter_include_only_public(void **state)
{
    (void)state;
    assert_int_equal(scope_mask_of(RH_PEER), 1u << RH_PUBLIC | 1u << RH_PEER);
    assert_int_equal(scope_mask_of(RH_VOTER), 1u << RH_PUBLIC | 1u << RH_VOTER);
}

static void unknown_scopes_are_never_allowed(void **state)
{
    (void)state;
    assert_false(scope_allows(UINT32_MAX, RH_VOTER + 1));
    assert_false(scope_allows(UINT32_MAX, 40));
    assert_true(scope_allows(SCOPE_ALL, RH_VOTER));
    assert_string_equal(scope_name(RH_OPERATOR), "operator");
    assert_string_equal(scope_name(99), "unknown");
}

static void tokens_are_found_with_name_scopes_and_node(void **state)
{
    struct tokens *tokens = table_of("# who\n\n  ann  operator " SECRET_A "\r\n"
                                     "n1 peer,voter\t" SECRET_B " n1\n"
                                     "any peer " SECRET_C " *");
    struct token_match match;

    (void)state;
    assert_true(tokens_find(tokens, RH_STR_LIT(SECRET_A), &match));
    assert_true(rh_str_eq_c(match.name, "ann"));
    assert_int_equal(match.scope_mask, scope_mask_of(RH_OPERATOR));
    assert_int_equal(match.node_id.n, 0);
    assert_true(tokens_find(tokens, RH_STR_LIT(SECRET_B), &match));
    assert_int_equal(match.scope_mask, scope_mask_of(RH_PEER) | scope_mask_of(RH_VOTER));
    assert_true(rh_str_eq_c(match.node_id, "n1"));
    assert_true(tokens_find(tokens, RH_STR_LIT(SECRET_C), &match));
    assert_true(rh_str_eq_c(match.node_id, "*"));
    tokens_free(tokens);
}

static void other_tokens_are_not_found(void **state)
{
    struct tokens *tokens = table_of("ann read " SECRET_A "\n");
    struct token_match match = {.scope_mask = 77};

    (void)state;
    assert_false(tokens_find(tokens, RH_STR_LIT("aaaaaaaaaaaaaaab"), &match));
    assert_false(tokens_find(tokens, RH_STR_LIT(SECRET_A "a"), &match));
    assert_false(tokens_find(tokens, RH_STR_LIT("aaaaaaaaaaaaaaa"), &match));
    assert_false(tokens_find(tokens, (struct rh_str){NULL, 0}, &match));
    assert_int_equal(match.scope_mask, 77);
    tokens_free(tokens);
}

static void the_beginning_of_a_token_is_not_the_token(void **state)
{
    struct tokens *tokens = table_of("ann read " SECRET_A "tail\n");
    struct token_match match;

    (void)state;
    assert_false(tokens_find(tokens, RH_STR_LIT(SECRET_A), &match));
    assert_true(tokens_find(tokens, RH_STR_LIT(SECRET_A "tail"), &match));
    tokens_free(tokens);
}

static void a_node_sends_its_own_token_before_a_common_one(void **state)
{
    struct tokens *tokens = table_of("any peer " SECRET_A " *\nn1 peer " SECRET_B " n1\n"
                                     "n3 voter " SECRET_C " n3\n");
    struct rh_str token;

    (void)state;
    assert_true(tokens_of_node(tokens, RH_STR_LIT("n1"), &token));
    assert_true(rh_str_eq_c(token, SECRET_B));
    assert_true(tokens_of_node(tokens, RH_STR_LIT("n3"), &token));
    assert_true(rh_str_eq_c(token, SECRET_A));
    tokens_free(tokens);
}

static void a_node_without_a_peer_token_has_none_to_send(void **state)
{
    struct tokens *tokens = table_of("n1 peer " SECRET_B " n1\nann admin " SECRET_A "\n");
    struct rh_str token = {NULL, 5};

    (void)state;
    assert_false(tokens_of_node(tokens, RH_STR_LIT("n2"), &token));
    assert_int_equal(token.n, 5);
    tokens_free(tokens);
}

static void a_file_without_a_token_is_refused_with_its_last_line(void **state)
{
    static const struct {
        const char *text;
        uint32_t line;
    } files[] = {{"", 1}, {"\n\n", 2}, {"# n1 worker token\n#\n\n", 3}};

    (void)state;

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        const struct reports reports = reports_of(rh_str_from(files[i].text));

        assert_int_equal(reports.count, 1);
        assert_int_equal(reports.lines[0], files[i].line);
        assert_string_equal(reports.last, "no line holds a token, so everybody would be refused");
    }
}

static void every_wrong_line_is_reported(void **state)
{
    struct reports reports = reports_of(RH_STR_LIT("ann read\n"
                                                   "bob reed " SECRET_A "\n"
                                                   "cid read " SECRET_B "\n"
                                                   "dan read short\n"
                                                   "eve read " SECRET_C " n1 more\n"));
    const uint32_t lines[] = {1, 2, 4, 5};

    (void)state;
    assert_int_equal(reports.count, 4);
    assert_memory_equal(reports.lines, lines, sizeof lines);
}

static void a_misspelt_scope_gets_a_suggestion(void **state)
{
    struct reports reports = reports_of(RH_STR_LIT("bob worker,opertor " SECRET_A));

    (void)state;
    assert_non_null(strstr(reports.last, "did you mean \"operator\"?"));
}

static void reports_never_quote_a_token(void **state)
{
    static const char *const texts[] = {
        "ann s3cr3t-s3cr3t-s3cr3t read",
        "s3cr3t-s3cr3t-s3cr3t ann read",
        "s3cr3t-s3cr3t-s3cr3t",
        "ann read s3cr3t-s3cr3t-s3cr3t\nbob read s3cr3t-s3cr3t-s3cr3t",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_null(strstr(reports_of(rh_str_from(texts[i])).last, "s3cr3t"));
}

static void equal_names_and_tokens_are_errors(void **state)
{
    struct reports reports =
        reports_of(RH_STR_LIT("ann read " SECRET_A "\n\nann read " SECRET_B "\n"));

    (void)state;
    assert_int_equal(reports.lines[0], 3);
    assert_string_equal(reports.last, "the same NAME as in line 1");
    reports = reports_of(RH_STR_LIT("ann read " SECRET_A "\nbob read " SECRET_A "\n"));
    assert_string_equal(reports.last, "the same TOKEN as in line 1");
}

static void peer_scopes_need_a_node(void **state)
{
    struct reports reports = reports_of(RH_STR_LIT("n1 peer " SECRET_A));

    (void)state;
    assert_int_equal(reports.count, 1);
    assert_non_null(strstr(reports.last, "NODE_ID"));
    assert_int_equal(reports_of(RH_STR_LIT("n1 voter " SECRET_A)).count, 1);
    assert_int_equal(reports_of(RH_STR_LIT("n1 peer " SECRET_A " n/1")).count, 1);
}

static void scope_lists_with_holes_are_errors(void **state)
{
    static const char *const lists[] = {",read", "read,", "read,,worker", "public", "READ"};

    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        char line[64];

        (void)snprintf(line, sizeof line, "ann %s " SECRET_A, lists[i]);
        assert_int_equal(reports_of(rh_str_from(line)).count, 1);
    }
}

static void bytes_that_do_not_print_are_errors(void **state)
{
    struct reports reports = reports_of(RH_STR_LIT("ann read aaaaaaaaaaaaaaa\0a"));

    (void)state;
    assert_int_equal(reports.count, 1);
    assert_int_equal(reports_of(RH_STR_LIT("a\0n read " SECRET_A)).count, 1);
    assert_int_equal(reports_of(RH_STR_LIT("ann read aaaaaaaaaaaaaaa\xc3\xa4")).count, 1);
}

/* A file of that many lines, each with a token of its own. */
static void fill(struct rh_buf *buf, uint32_t lines)
{
    rh_buf_init(buf, 1u << 20);
    for (uint32_t i = 0; i < lines; i++)
        assert_int_equal(rh_buf_printf(buf, "user%u worker token-%012u\n", i, i), RH_OK);
}

static void a_full_file_is_read_and_searched(void **state)
{
    struct tokens *tokens = NULL;
    struct reports reports = {0};
    struct token_match match;
    struct rh_buf text;

    (void)state;
    fill(&text, TOKENS_LINES_MAX);
    assert_int_equal(tokens_parse(rh_buf_str(&text), collect, &reports, &tokens), RH_OK);
    assert_true(tokens_find(tokens, RH_STR_LIT("token-000000004095"), &match));
    assert_true(rh_str_eq_c(match.name, "user4095"));
    tokens_free(tokens);
    rh_buf_release(&text);
}

static void one_line_more_than_the_limit_is_refused(void **state)
{
    struct rh_buf text;

    (void)state;
    fill(&text, TOKENS_LINES_MAX + 1);
    assert_int_equal(reports_of(rh_buf_str(&text)).count, 1);
    rh_buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(admin_includes_operator_worker_and_read),
        cmocka_unit_test(peer_and_voter_include_only_public),
        cmocka_unit_test(unknown_scopes_are_never_allowed),
        cmocka_unit_test(tokens_are_found_with_name_scopes_and_node),
        cmocka_unit_test(other_tokens_are_not_found),
        cmocka_unit_test(the_beginning_of_a_token_is_not_the_token),
        cmocka_unit_test(a_node_sends_its_own_token_before_a_common_one),
        cmocka_unit_test(a_node_without_a_peer_token_has_none_to_send),
        cmocka_unit_test(a_file_without_a_token_is_refused_with_its_last_line),
        cmocka_unit_test(every_wrong_line_is_reported),
        cmocka_unit_test(a_misspelt_scope_gets_a_suggestion),
        cmocka_unit_test(reports_never_quote_a_token),
        cmocka_unit_test(equal_names_and_tokens_are_errors),
        cmocka_unit_test(peer_scopes_need_a_node),
        cmocka_unit_test(scope_lists_with_holes_are_errors),
        cmocka_unit_test(bytes_that_do_not_print_are_errors),
        cmocka_unit_test(a_full_file_is_read_and_searched),
        cmocka_unit_test(one_line_more_than_the_limit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
