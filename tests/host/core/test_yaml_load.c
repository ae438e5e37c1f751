/* The YAML dialect of conf.d: what becomes which tree, and what is refused with which words. */
#include "host/core/yaml_fixture.h"

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
        cmocka_unit_test(maps_lists_and_documents_become_trees),
        cmocka_unit_test(empty_texts_and_documents_are_left_out),
        cmocka_unit_test(places_count_from_one_and_columns_by_code_point),
        cmocka_unit_test(duplicate_key_names_the_first_place),
        cmocka_unit_test(what_the_dialect_lacks_is_refused_by_name),
        cmocka_unit_test(nesting_stops_at_64),
        cmocka_unit_test(bytes_that_are_no_text_are_refused),
        cmocka_unit_test(broken_syntax_keeps_the_documents_before_it),
        cmocka_unit_test(failing_memory_is_an_error_at_every_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
