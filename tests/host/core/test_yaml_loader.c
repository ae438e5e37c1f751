/* Scalars of a file: kinds, old booleans and variables. */
#include "host/core/yaml_fixture.h"

static void expect_kind(const char *value, uint32_t kind)
{
    struct loaded loaded;
    char text[128];
    (void)snprintf(text, sizeof(text), "k: %s\n", value);

    load(&loaded, rh_str_from(text), 0);

    assert_int_equal(loaded.rc, RH_OK);
    assert_int_equal(node_get(loaded.documents, "k")->kind, kind);
    unload(&loaded);
}

static void core_scalars_have_their_kinds(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        uint32_t kind;
    } cases[] = {{"~", NODE_NULL},         {"", NODE_NULL},
                 {"null", NODE_NULL},      {"true", NODE_BOOL},
                 {"false", NODE_BOOL},     {"12", NODE_INT},
                 {"-0", NODE_INT},         {"0x1F", NODE_INT},
                 {"0o17", NODE_INT},       {"1.5", NODE_NUMBER},
                 {"1e3", NODE_NUMBER},     {".inf", NODE_NUMBER},
                 {"15s", NODE_STRING},     {"1:30", NODE_STRING},
                 {"\"12\"", NODE_STRING},  {"'true'", NODE_STRING},
                 {"1.2.3", NODE_STRING},   {"1e", NODE_STRING},
                 {".", NODE_STRING},       {"2026-01-01", NODE_STRING},
                 {"\"yes\"", NODE_STRING}, {"yesterday", NODE_STRING}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        expect_kind(cases[i].value, cases[i].kind);
    }
}

static void yes_is_refused_with_a_hint(void **state)
{
    (void)state;
    expect_problems(
        "a: yes\nb: [Off]\n",
        "1:4: \"yes\" is not a boolean in YAML 1.2; write true, or quote it to mean the text\n"
        "2:5: \"Off\" is not a boolean in YAML 1.2; write false, or quote it to mean the text\n");
}

static void old_booleans_are_read_where_allowed(void **state)
{
    (void)state;
    struct loaded loaded;

    load(&loaded, rh_str_from("a: yes\n"), YAML_OLD_BOOLS);

    assert_int_equal(loaded.rc, RH_OK);
    assert_int_equal(loaded.documents->first->kind, NODE_BOOL);
    assert_string_equal(loaded.documents->first->text.p, "true");
    unload(&loaded);
}

static void variables_are_replaced_in_values_only(void **state)
{
    (void)state;
    expect_trees("a: ${HOME_DIR}/n1\n\"${PORT}\": \"$${PORT} $5 $$\"\n",
                 "{a: /home/x/n1, ${PORT}: ${PORT} $5 $}\n");
}

static void a_replaced_plain_value_gets_its_kind_afterwards(void **state)
{
    (void)state;
    struct loaded loaded;

    load(&loaded, rh_str_from("a: ${PORT}\nb: \"${PORT}\"\nc: ${EMPTY}\n"), 0);

    assert_int_equal(node_get(loaded.documents, "a")->kind, NODE_INT);
    assert_int_equal(node_get(loaded.documents, "b")->kind, NODE_STRING);
    assert_int_equal(node_get(loaded.documents, "c")->kind, NODE_STRING);
    unload(&loaded);
}

static void wrong_variables_are_named(void **state)
{
    (void)state;
    expect_problems("a: ${NOPE}/x\nb: ${}\nc: ${PORT\nd: ${BROKEN}\n",
                    "1:4: variable \"NOPE\" is not set\n"
                    "2:4: \"${\" begins a variable: write ${NAME}, or $${ for the text itself\n"
                    "3:4: \"${\" begins a variable: write ${NAME}, or $${ for the text itself\n"
                    "4:4: a variable in this value holds bytes that are not UTF-8 text\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(core_scalars_have_their_kinds),
        cmocka_unit_test(yes_is_refused_with_a_hint),
        cmocka_unit_test(old_booleans_are_read_where_allowed),
        cmocka_unit_test(variables_are_replaced_in_values_only),
        cmocka_unit_test(a_replaced_plain_value_gets_its_kind_afterwards),
        cmocka_unit_test(wrong_variables_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
