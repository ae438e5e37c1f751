/* The orders of fair.c's trees, for fair_index.c, which makes the trees. */
#ifndef RH_PLUGINS_WORK_QUEUE_FAIR_ORDER_H
#define RH_PLUGINS_WORK_QUEUE_FAIR_ORDER_H

#include <ringhost/sdk/tree.h>

int fair_compare_rows(const struct rh_tree_node *a, const struct rh_tree_node *b);
int fair_compare_lanes(const struct rh_tree_node *a, const struct rh_tree_node *b);
int fair_compare_buckets(const struct rh_tree_node *a, const struct rh_tree_node *b);
int fair_compare_entries(const struct rh_tree_node *a, const struct rh_tree_node *b);

#endif
