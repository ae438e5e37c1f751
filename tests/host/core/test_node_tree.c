/* Changing trees: put replaces in place, take keeps the count, print is one line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ringhost/sdk/str.h>

#include "host/core/node_tree.h"

static struct node *text_node(struct field_arena *arena, const char *key, const char *text)
{
    struct node *node = node_new(arena, NODE_STRING, NULL, rh_str_from(key));
    assert_non_null(node);
    node->text = rh_str_from(text);
    return node;
}

static void expect_printed(const struct node *node, const char *printed)
{
    struct rh_buf buf;
    rh_buf_init(&buf, 1000);
    assert_int_equal(node_print(node, &buf), RH_OK);
    assert_string_equal(buf.p, printed);
    rh_buf_release(&buf);
}

static void put_replaces_in_place_and_take_removes(void **state)
{
    (void)state;
    struct field_arena arena;
    field_arena_init(&arena, 100000);
    struct node *map = node_new(&arena, NODE_MAP, NULL, rh_str_from(""));

    node_put(map, text_node(&arena, "a", "1"));
    node_put(map, text_node(&arena, "b", "2"));
    node_put(map, text_node(&arena, "a", "3"));

    assert_int_equal(map->child_count, 2);
    expect_printed(map, "{a: 3, b: 2}");
    assert_non_null(node_take(map, "a"));
    assert_null(node_take(map, "a"));
    assert_int_equal(map->child_count, 1);
    expect_printed(map, "{b: 2}");
    field_arena_release(&arena);
}

static void a_path_leads_through_maps_and_lists_as_far_as_it_is_there(void **state)
{
    struct field_arena arena;
    struct node *map;
    struct node *pools;
    struct node *item;

    (void)state;
    field_arena_init(&arena, 100000);
    map = node_new(&arena, NODE_MAP, NULL, rh_str_from(""));
    pools = node_new(&arena, NODE_LIST, NULL, rh_str_from("pools"));
    item = node_new(&arena, NODE_MAP, NULL, rh_str_from(""));
    node_put(map, pools);
    pools->first = item;
    node_put(item, text_node(&arena, "least", "1"));
    node_put(item, text_node(&arena, "gnu.go", "2"));
    node_put(item, text_node(&arena, "gnu", "3"));

    assert_ptr_equal(node_at_path(map, ""), map);
    assert_ptr_equal(node_at_path(map, "pools.0.least"), node_get(item, "least"));
    assert_ptr_equal(node_at_path(map, "pools.0.gnu.go"), node_get(item, "gnu.go"));
    assert_ptr_equal(node_at_path(map, "pools.0.gnu"), node_get(item, "gnu"));
    assert_ptr_equal(node_at_path(map, "pools.0.most"), item);
    assert_ptr_equal(node_at_path(map, "pools.1.least"), pools);
    assert_ptr_equal(node_at_path(map, "pool"), map);
    assert_ptr_equal(node_at_path(map, "pools.0.least.more"), node_get(item, "least"));
    assert_null(node_at_path(NULL, "pools"));
    field_arena_release(&arena);
}

static void lookups_of_absent_things_give_nothing(void **state)
{
    (void)state;
    struct node list = {.kind = NODE_LIST};
    assert_null(node_get(NULL, "a"));
    assert_null(node_get(&list, "a"));
    assert_null(node_take(&list, "a"));
    assert_int_equal(node_get_text(&list, "a").n, 0);
    expect_printed(&list, "[]");
}

/* {a: A, b: [B]}, put in this or the other order. */
static struct node *some_map(struct field_arena *arena, const char *a, const char *b, int is_turned)
{
    struct node *map = node_new(arena, NODE_MAP, NULL, rh_str_from(""));
    struct node *list = node_new(arena, NODE_LIST, NULL, rh_str_from("b"));
    list->first = text_node(arena, "", b);
    list->child_count = 1;
    if (is_turned) {
        node_put(map, list);
    }
    node_put(map, text_node(arena, "a", a));
    if (!is_turned) {
        node_put(map, list);
    }
    return map;
}

static void equal_values_are_equal_in_any_order(void **state)
{
    (void)state;
    struct field_arena arena;
    field_arena_init(&arena, 100000);
    struct node *map = some_map(&arena, "1", "2", 0);
    const struct node empty = {.kind = NODE_MAP};

    assert_true(node_equal(map, some_map(&arena, "1", "2", 1)));
    assert_true(node_equal(NULL, &empty));
    assert_false(node_equal(map, some_map(&arena, "1", "3", 0)));
    assert_false(node_equal(map, some_map(&arena, "2", "2", 0)));
    assert_false(node_equal(map, NULL));
    assert_false(node_equal(NULL, map));
    field_arena_release(&arena);
}

static void lists_of_different_length_differ(void **state)
{
    (void)state;
    struct field_arena arena;
    field_arena_init(&arena, 100000);
    struct node longer = {.kind = NODE_LIST, .first = text_node(&arena, "", "1")};
    const struct node shorter = {.kind = NODE_LIST, .first = text_node(&arena, "", "1")};
    longer.first->next = text_node(&arena, "", "2");

    assert_false(node_equal(&longer, &shorter));
    assert_false(node_equal(&shorter, &longer));
    assert_true(node_equal(&longer, &longer));
    field_arena_release(&arena);
}

static void a_new_node_is_refused_when_memory_is_out(void **state)
{
    (void)state;
    struct field_arena arena;
    field_arena_init(&arena, 8);
    assert_null(node_new(&arena, NODE_MAP, NULL, rh_str_from("k")));
    field_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(put_replaces_in_place_and_take_removes),
        cmocka_unit_test(a_path_leads_through_maps_and_lists_as_far_as_it_is_there),
        cmocka_unit_test(lookups_of_absent_things_give_nothing),
        cmocka_unit_test(equal_values_are_equal_in_any_order),
        cmocka_unit_test(lists_of_different_length_differ),
        cmocka_unit_test(a_new_node_is_refused_when_memory_is_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
