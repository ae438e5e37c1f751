/* Tests of the ordered tree: shape and order under random steps, lookups, and walks that remove. */
#include "sdk_test.h"

#include <ringhost/sdk/tree.h>

#define ITEMS 500u

struct item {
    uint32_t key;
    struct rh_tree_node node;
};

static struct item *item_of(const struct rh_tree_node *node)
{
    return RH_CONTAINER_OF(node, struct item, node);
}

static int compare_key(const void *key, const struct rh_tree_node *node)
{
    uint32_t left = *(const uint32_t *)key;
    uint32_t right = item_of(node)->key;

    return (left > right) - (left < right);
}

static int compare(const struct rh_tree_node *a, const struct rh_tree_node *b)
{
    return compare_key(&item_of(a)->key, b);
}

/* Height of a subtree whose links, heights and balance have been checked. */
static uint32_t check_shape(const struct rh_tree_node *node, const struct rh_tree_node *parent)
{
    uint32_t left;
    uint32_t right;

    if (!node)
        return 0;
    assert_ptr_equal(node->parent, parent);
    left = check_shape(node->child[0], node);
    right = check_shape(node->child[1], node);
    assert_true(left <= right + 1 && right <= left + 1);
    assert_int_equal(node->height, 1 + (left > right ? left : right));
    return node->height;
}

/* items[i].key is i, so the order of the nodes in the tree is that of the array. */
static void check_order(const struct rh_tree *tree, struct item *items)
{
    struct rh_tree_node *node = rh_tree_first(tree);
    struct rh_tree_node *before = NULL;
    uint32_t count = 0;

    for (uint32_t i = 0; i < ITEMS; i++) {
        if (!rh_tree_contains(&items[i].node))
            continue;
        assert_ptr_equal(node, &items[i].node);
        assert_ptr_equal(rh_tree_prev(node), before);
        before = node;
        node = rh_tree_next(node);
        count++;
    }
    assert_null(node);
    assert_ptr_equal(rh_tree_last(tree), before);
    assert_int_equal(tree->count, count);
}

static void check_lookups(const struct rh_tree *tree, struct item *items, uint32_t key)
{
    uint32_t next = key;
    struct rh_tree_node *found = rh_tree_find(tree, &key, compare_key);

    while (next < ITEMS && !rh_tree_contains(&items[next].node))
        next++;
    assert_ptr_equal(rh_tree_lower_bound(tree, &key, compare_key),
                     next < ITEMS ? &items[next].node : NULL);
    assert_ptr_equal(found, key < ITEMS && next == key ? &items[key].node : NULL);
}

static void init_items(struct item *items)
{
    memset(items, 0, ITEMS * sizeof(*items));
    for (uint32_t i = 0; i < ITEMS; i++)
        items[i].key = i;
}

static void random_steps_keep_order_and_balance(void **state)
{
    static struct item items[ITEMS];
    struct rh_rng rng = test_rng(71);
    struct rh_tree tree;

    (void)state;

    init_items(items);
    rh_tree_init(&tree, compare);
    for (int round = 0; round < 10000; round++) {
        uint64_t range = round / 2500 % 2 ? ITEMS : 20;
        struct item *item = &items[rh_rng_below(&rng, range)];

        if (rh_tree_contains(&item->node))
            rh_tree_remove(&tree, &item->node);
        else
            assert_int_equal(rh_tree_insert(&tree, &item->node), RH_OK);
        check_shape(tree.root, NULL);
        check_lookups(&tree, items, (uint32_t)rh_rng_below(&rng, ITEMS + 1));
        if (round % 20 == 0)
            check_order(&tree, items);
    }
}

static void rising_keys_stay_balanced(void **state)
{
    static struct item items[ITEMS];
    struct rh_tree tree;

    (void)state;

    init_items(items);
    rh_tree_init(&tree, compare);
    for (uint32_t i = 0; i < ITEMS; i++)
        assert_int_equal(rh_tree_insert(&tree, &items[i].node), RH_OK);

    assert_true(check_shape(tree.root, NULL) <= 10);
    check_order(&tree, items);
}

static void equal_keys_are_refused(void **state)
{
    struct item first = {.key = 1};
    struct item second = {.key = 1};
    struct rh_tree tree;

    (void)state;

    rh_tree_init(&tree, compare);
    assert_int_equal(rh_tree_insert(&tree, &first.node), RH_OK);
    assert_int_equal(rh_tree_insert(&tree, &second.node), RH_EEXISTS);
    assert_false(rh_tree_contains(&second.node));
    assert_int_equal(tree.count, 1);
}

static void empty_tree_has_no_nodes(void **state)
{
    struct rh_tree tree;
    uint32_t key = 0;

    (void)state;

    rh_tree_init(&tree, compare);
    assert_null(rh_tree_first(&tree));
    assert_null(rh_tree_last(&tree));
    assert_null(rh_tree_find(&tree, &key, compare_key));
    assert_null(rh_tree_lower_bound(&tree, &key, compare_key));
}

static void a_walk_may_remove_behind_itself(void **state)
{
    static struct item items[ITEMS];
    struct rh_tree tree;
    uint32_t visited = 0;
    struct rh_tree_node *node;

    (void)state;

    init_items(items);
    rh_tree_init(&tree, compare);
    for (uint32_t i = ITEMS; i > 0; i--)
        assert_int_equal(rh_tree_insert(&tree, &items[i - 1].node), RH_OK);
    node = rh_tree_first(&tree);
    while (node) {
        struct rh_tree_node *next = rh_tree_next(node);

        assert_int_equal(item_of(node)->key, visited++);
        rh_tree_remove(&tree, node);
        check_shape(tree.root, NULL);
        node = next;
    }

    assert_int_equal(visited, ITEMS);
    assert_null(tree.root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_steps_keep_order_and_balance),
        cmocka_unit_test(rising_keys_stay_balanced),
        cmocka_unit_test(equal_keys_are_refused),
        cmocka_unit_test(empty_tree_has_no_nodes),
        cmocka_unit_test(a_walk_may_remove_behind_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
