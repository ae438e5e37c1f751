/* The YAML dialect of conf.d: what becomes which tree, and what is refused with which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

#include "host/core/node_tree.h"
#include "host/core/yaml_load.h"

struct loaded {
    struct field_arena arena;
    struct node *documents;
    struct rh_buf problems; /* "line:column: message\n" */
    int32_t rc;
};

static void take_problem(void *user, const struct node *where, int at_key, const char *message)
{
    struct loaded *loaded = user;
    assert_int_equal(at_key, 0);
    assert_string_equal(where->file, "f.yaml");
    (void)rh_buf_printf(&loaded->problems, "%u:%u: %s\n", where->line, where->column, message);
}

static const char *lookup(void *user, const char *name)
{
    (void)user;
    if (strcmp(name, "HOME_DIR") == 0) {
        return "/home/x";
    }
    if (strcmp(name, "PORT") == 0) {
        return "8770";
    }
    if (strcmp(name, "BROKEN") == 0) {
        return "\xff";
    }
    return strcmp(name, "EMPTY") == 0 ? "" : NULL;
}

static void load(struct loaded *loaded, struct rh_str text, uint32_t flags)
{
    struct yaml_input input = {.file = "f.yaml",
                               .text = text,
                               .flags = flags,
                               .lookup = lookup,
                               .report = take_problem,
                               .report_user = loaded};
    field_arena_init(&loaded->arena, 1u << 26);
    rh_buf_init(&loaded->problems, 1u << 20);
    loaded->rc = yaml_load(&input, &loaded->arena, &loaded->documents);
}

static void unload(struct loaded *loaded)
{
    field_arena_release(&loaded->arena);
    rh_buf_release(&loaded->problems);
}

/* Wants the documents printed as flow YAML, one a line. */
static void expect_trees(const char *text, const char *printed)
{
    struct loaded loaded;
    struct rh_buf buf;
    rh_buf_init(&buf, 1u << 20);

    load(&loaded, rh_str_from(text), 0);
    for (const struct node *node = loaded.documents; node != NULL; node = node->next) {
        (void)node_print(node, &buf);
        (void)rh_buf_append_byte(&buf, '\n');
    }

    assert_string_equal(loaded.problems.n > 0 ? loaded.problems.p : "", "");
    assert_int_equal(loaded.rc, RH_OK);
    assert_string_equal(buf.n > 0 ? buf.p : "", printed);
    rh_buf_release(&buf);
    unload(&loaded);
}

static void expect_problems_n(struct rh_str text, const char *problems)
{
    struct loaded loaded;

    load(&loaded, text, 0);

    assert_string_equal(loaded.problems.n > 0 ? loaded.problems.p : "", problems);
    assert_int_equal(loaded.rc, RH_EINVAL);
    unload(&loaded);
}

static void expect_problems(const char *text, const char *problems)
{
    expect_problems_n(rh_str_from(text), problems);
}

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

static void maps_lists_and_documents_become_trees(void **state)
{
    (void)state;
    expect_trees("a: {b: [1, 2], c: x}\n---\n- 1\n-\n  k: v\n",
                 "{a: {b: [1, 2], c: x}}\n[1, {k: v}]\n");
}

static void empty_texts_and_documents_are_left_out(void **state)
{
    (void)state;
    expect_trees("", "");
    expect_trees("# nothing\n---\n---\na: 1\n---\n", "{a: 1}\n");
}

static void places_count_from_one_and_columns_by_code_point(void **state)
{
    (void)state;
    struct loaded loaded;

    load(&loaded, rh_str_from("# c\nx: {\xc3\xa4: v}\n"), 0);

    const struct node *x = node_get(loaded.documents, "x");
    assert_int_equal(x->key_line, 2);
    assert_int_equal(x->key_column, 1);
    assert_int_equal(x->column, 4);
    assert_int_equal(x->first->key_column, 5);
    assert_int_equal(x->first->column, 8);
    unload(&loaded);
}

static void duplicate_key_names_the_first_place(void **state)
{
    (void)state;
    expect_problems("a: 1\nb:\n  c: 1\n  \"c\": 2\na: 3\n",
                    "4:3: duplicate key \"c\", first given at 3:3\n"
                    "5:1: duplicate key \"a\", first given at 1:1\n");
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

static void aliases_are_copied_and_keep_inner_places(void **state)
{
    (void)state;
    struct loaded loaded;

    load(&loaded, rh_str_from("a: &x {k: [1]}\nb: *x\n"), 0);

    const struct node *b = node_get(loaded.documents, "b");
    assert_int_equal(loaded.rc, RH_OK);
    assert_int_equal(b->line, 2);
    assert_int_equal(node_get(b, "k")->line, 1);
    assert_string_equal(node_get(b, "k")->first->text.p, "1");
    unload(&loaded);
}

static void alias_bomb_is_capped(void **state)
{
    (void)state;
    expect_problems("a: &a [x,x,x,x,x,x,x,x,x,x]\n"
                    "b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
                    "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
                    "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
                    "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n",
                    "4:29: aliases expand to more than 10000 values in this file\n");
}

static void unknown_and_recursive_aliases_are_refused(void **state)
{
    (void)state;
    expect_problems("a: *no\nb: &b [*b]\n",
                    "1:4: alias *no has no anchor &no before it\n"
                    "2:8: alias *b stands inside its own anchor, or the anchor is at fault\n");
}

static void what_the_dialect_lacks_is_refused_by_name(void **state)
{
    (void)state;
    expect_problems(
        "a: !!str 1\nb: &x {c: 1}\nd:\n  <<: *x\n? [k]\n: v\n\"\": w\n",
        "1:4: tags (!name) are not supported; quote the value to make it text\n"
        "4:3: merge keys (<<) are not supported; use kind: override, or write the keys out\n"
        "5:3: a key must be a word, not a map, list or alias\n"
        "7:1: a key is missing before \":\"\n");
}

static void nesting_stops_at_64(void **state)
{
    (void)state;
    char text[256] = {0};
    memset(text, '[', 64);
    memset(text + 64, ']', 64);
    struct loaded loaded;
    load(&loaded, rh_str_from(text), 0);
    assert_int_equal(loaded.rc, RH_OK);
    unload(&loaded);

    memset(text, '[', 65);
    memset(text + 65, ']', 65);
    expect_problems(text, "1:65: nested deeper than 64 levels\n");
}

static void bytes_that_are_no_text_are_refused(void **state)
{
    (void)state;
    expect_problems_n((struct rh_str){"a: \0\n", 5}, "1:4: a NUL byte is not text\n");
    expect_problems("a: 1\nb: \xc3\n", "2:4: this byte is not UTF-8\n");
    expect_problems("a: \xed\xa0\x80\n", "1:4: this byte is not UTF-8\n");
    expect_problems("a: \x01\n", "1:4: a control character is not allowed\n");
    expect_problems("a: \"x\\0y\"\n", "1:4: a value cannot hold a NUL byte (\"\\0\")\n");
}

static void broken_syntax_keeps_the_documents_before_it(void **state)
{
    (void)state;
    struct loaded loaded;

    load(&loaded, rh_str_from("a: 1\n---\nb: [1, 2\n"), 0);

    assert_int_equal(loaded.rc, RH_EINVAL);
    assert_non_null(node_get(loaded.documents, "a"));
    assert_null(loaded.documents->next);
    assert_memory_equal(loaded.problems.p, "4:1: ", 5);
    unload(&loaded);
}

static void failing_memory_is_an_error_at_every_size(void **state)
{
    (void)state;
    static const char text[] = "a: &x [1, {b: c}]\nd: *x\ne: ${HOME_DIR}\n";
    int is_done = 0;
    for (uint64_t room = 0; !is_done; room += 16) {
        struct loaded loaded;
        struct yaml_input input = {.file = "f.yaml",
                                   .text = rh_str_from(text),
                                   .lookup = lookup,
                                   .report = take_problem,
                                   .report_user = &loaded};
        field_arena_init(&loaded.arena, room);
        rh_buf_init(&loaded.problems, 1000);
        loaded.rc = yaml_load(&input, &loaded.arena, &loaded.documents);
        is_done = loaded.rc == RH_OK;
        if (!is_done) {
            assert_int_equal(loaded.rc, RH_ENOMEM);
            assert_null(loaded.documents);
        }
        unload(&loaded);
        assert_true(room < 100000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(core_scalars_have_their_kinds),
        cmocka_unit_test(maps_lists_and_documents_become_trees),
        cmocka_unit_test(empty_texts_and_documents_are_left_out),
        cmocka_unit_test(places_count_from_one_and_columns_by_code_point),
        cmocka_unit_test(duplicate_key_names_the_first_place),
        cmocka_unit_test(yes_is_refused_with_a_hint),
        cmocka_unit_test(old_booleans_are_read_where_allowed),
        cmocka_unit_test(variables_are_replaced_in_values_only),
        cmocka_unit_test(a_replaced_plain_value_gets_its_kind_afterwards),
        cmocka_unit_test(wrong_variables_are_named),
        cmocka_unit_test(aliases_are_copied_and_keep_inner_places),
        cmocka_unit_test(alias_bomb_is_capped),
        cmocka_unit_test(unknown_and_recursive_aliases_are_refused),
        cmocka_unit_test(what_the_dialect_lacks_is_refused_by_name),
        cmocka_unit_test(nesting_stops_at_64),
        cmocka_unit_test(bytes_that_are_no_text_are_refused),
        cmocka_unit_test(broken_syntax_keeps_the_documents_before_it),
        cmocka_unit_test(failing_memory_is_an_error_at_every_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
