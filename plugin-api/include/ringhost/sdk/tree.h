/* Ordered set of nodes inside the caller's structs, an AVL tree; it owns and allocates nothing.
 *
 * find, insert and remove are O(log n); a walk over all nodes is O(n). All functions are [any], one
 * thread at a time per tree. Source: Adelson-Velsky and Landis, 1962; Knuth, TAOCP vol. 3,
 * section 6.2.3. */
#ifndef RH_SDK_TREE_H
#define RH_SDK_TREE_H

#include <ringhost/errors.h>
#include <ringhost/types.h>
#include <stdbool.h>

/* Zero before first use; fields are private. height is 0 outside any tree. */
struct rh_tree_node {
    struct rh_tree_node *parent;
    struct rh_tree_node *child[2];
    uint32_t height;
};

/* Total order: negative if a comes before b, 0 only for equal keys. */
typedef int rh_tree_compare(const struct rh_tree_node *a, const struct rh_tree_node *b);

/* The same order between a key, as given to find, and a node. */
typedef int rh_tree_compare_key(const void *key, const struct rh_tree_node *node);

struct rh_tree {
    struct rh_tree_node *root;
    rh_tree_compare *compare;
    uint32_t count;
};

/* Empty. There is nothing to release: removing the nodes, or forgetting them all, is enough. */
void rh_tree_init(struct rh_tree *tree, rh_tree_compare *compare);

/* Puts in a node that is in no tree. RH_OK; RH_EEXISTS if a node of equal key is there, nothing
 * changed. The key of a node must not change while it is in a tree. */
int32_t rh_tree_insert(struct rh_tree *tree, struct rh_tree_node *node);

/* Takes out a node that is in this tree. Other nodes keep their addresses, so a walk may fetch the
 * next node first and then remove this one. */
void rh_tree_remove(struct rh_tree *tree, struct rh_tree_node *node);

/* The node of that key, or NULL; lower_bound: the first node not before key, or NULL. */
struct rh_tree_node *rh_tree_find(const struct rh_tree *tree, const void *key,
                                  rh_tree_compare_key *compare);
struct rh_tree_node *rh_tree_lower_bound(const struct rh_tree *tree, const void *key,
                                         rh_tree_compare_key *compare);

/* First and last in order, or NULL if empty. */
struct rh_tree_node *rh_tree_first(const struct rh_tree *tree);
struct rh_tree_node *rh_tree_last(const struct rh_tree *tree);

/* Neighbours in order of a node in a tree, or NULL at the end. */
struct rh_tree_node *rh_tree_next(const struct rh_tree_node *node);
struct rh_tree_node *rh_tree_prev(const struct rh_tree_node *node);

/* Whether the node is in a tree. */
bool rh_tree_contains(const struct rh_tree_node *node);

#endif
