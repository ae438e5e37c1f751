/* AVL tree of embedded nodes: the heights of two siblings differ by at most one. */
#include <ringhost/sdk/tree.h>

#include <assert.h>

void rh_tree_init(struct rh_tree *tree, rh_tree_compare *compare)
{
    assert(compare);
    *tree = (struct rh_tree){.compare = compare};
}

static uint32_t height_of(const struct rh_tree_node *node)
{
    return node ? node->height : 0;
}

static void set_height(struct rh_tree_node *node)
{
    uint32_t left = height_of(node->child[0]);
    uint32_t right = height_of(node->child[1]);

    node->height = 1 + (left > right ? left : right);
}

/* Which child of its parent a node is; the node has a parent. */
static int side_of(const struct rh_tree_node *node)
{
    return node->parent->child[1] == node;
}

/* Puts `by`, which may be NULL, where node hangs from its parent. */
static void replace(struct rh_tree *tree, struct rh_tree_node *node, struct rh_tree_node *by)
{
    if (node->parent)
        node->parent->child[side_of(node)] = by;
    else
        tree->root = by;
    if (by)
        by->parent = node->parent;
}

/* Moves node down to the given side; its child of the other side takes its place. Returns that. */
static struct rh_tree_node *rotate(struct rh_tree *tree, struct rh_tree_node *node, int side)
{
    struct rh_tree_node *up = node->child[!side];
    struct rh_tree_node *inner = up->child[side];

    replace(tree, node, up);
    node->child[!side] = inner;
    if (inner)
        inner->parent = node;
    up->child[side] = node;
    node->parent = up;
    set_height(node);
    set_height(up);
    return up;
}

/* Restores the balance at node, whose subtrees are balanced; returns the top of the result. */
static struct rh_tree_node *balance(struct rh_tree *tree, struct rh_tree_node *node)
{
    uint32_t left = height_of(node->child[0]);
    uint32_t right = height_of(node->child[1]);
    int heavy = right > left;
    struct rh_tree_node *child = node->child[heavy];

    if (left <= right + 1 && right <= left + 1) {
        set_height(node);
        return node;
    }
    if (height_of(child->child[!heavy]) > height_of(child->child[heavy]))
        rotate(tree, child, heavy);
    return rotate(tree, node, !heavy);
}

/* From the lowest changed node towards the root, until a height stays what it was. */
static void balance_up(struct rh_tree *tree, struct rh_tree_node *node)
{
    while (node) {
        uint32_t before = node->height;

        node = balance(tree, node);
        if (node->height == before)
            break;
        node = node->parent;
    }
}

int32_t rh_tree_insert(struct rh_tree *tree, struct rh_tree_node *node)
{
    struct rh_tree_node **link = &tree->root;
    struct rh_tree_node *parent = NULL;

    assert(node->height == 0);
    while (*link) {
        int order = tree->compare(node, *link);

        if (order == 0)
            return RH_EEXISTS;
        parent = *link;
        link = &parent->child[order > 0];
    }
    *node = (struct rh_tree_node){.parent = parent, .height = 1};
    *link = node;
    tree->count++;
    balance_up(tree, parent);
    return RH_OK;
}

static struct rh_tree_node *outermost(struct rh_tree_node *node, int side)
{
    while (node && node->child[side])
        node = node->child[side];
    return node;
}

/* Puts the successor of node, which has two children, in node's place. Returns the lowest node
 * whose subtrees changed. */
static struct rh_tree_node *replace_by_next(struct rh_tree *tree, struct rh_tree_node *node)
{
    struct rh_tree_node *next = outermost(node->child[1], 0);
    struct rh_tree_node *changed = next->parent == node ? next : next->parent;

    if (next != node->child[1]) {
        replace(tree, next, next->child[1]);
        next->child[1] = node->child[1];
        next->child[1]->parent = next;
    }
    next->child[0] = node->child[0];
    next->child[0]->parent = next;
    next->height = node->height;
    replace(tree, node, next);
    return changed;
}

void rh_tree_remove(struct rh_tree *tree, struct rh_tree_node *node)
{
    struct rh_tree_node *changed = node->parent;

    assert(node->height > 0);
    assert(tree->count > 0);
    if (node->child[0] && node->child[1])
        changed = replace_by_next(tree, node);
    else
        replace(tree, node, node->child[node->child[0] ? 0 : 1]);
    *node = (struct rh_tree_node){0};
    tree->count--;
    balance_up(tree, changed);
}

struct rh_tree_node *rh_tree_find(const struct rh_tree *tree, const void *key,
                                  rh_tree_compare_key *compare)
{
    struct rh_tree_node *node = tree->root;

    while (node) {
        int order = compare(key, node);

        if (order == 0)
            break;
        node = node->child[order > 0];
    }
    return node;
}

struct rh_tree_node *rh_tree_lower_bound(const struct rh_tree *tree, const void *key,
                                         rh_tree_compare_key *compare)
{
    struct rh_tree_node *node = tree->root;
    struct rh_tree_node *best = NULL;

    while (node) {
        bool is_after = compare(key, node) > 0;

        if (!is_after)
            best = node;
        node = node->child[is_after];
    }
    return best;
}

struct rh_tree_node *rh_tree_first(const struct rh_tree *tree)
{
    return outermost(tree->root, 0);
}

struct rh_tree_node *rh_tree_last(const struct rh_tree *tree)
{
    return outermost(tree->root, 1);
}

/* The nearest node on the given side: below if there is one, else the first ancestor on that side.
 */
static struct rh_tree_node *neighbour(const struct rh_tree_node *node, int side)
{
    assert(node->height > 0);
    if (node->child[side])
        return outermost(node->child[side], !side);
    while (node->parent && side_of(node) == side)
        node = node->parent;
    return node->parent;
}

struct rh_tree_node *rh_tree_next(const struct rh_tree_node *node)
{
    return neighbour(node, 1);
}

struct rh_tree_node *rh_tree_prev(const struct rh_tree_node *node)
{
    return neighbour(node, 0);
}

bool rh_tree_contains(const struct rh_tree_node *node)
{
    return node->height > 0;
}
