/* Another node than the one that was asked: where it is, and whether it is the one that answers
 * there. Machines may share an address and a port, so an address alone names no node. */
#ifndef RH_HOST_CTL_OTHER_NODE_H
#define RH_HOST_CTL_OTHER_NODE_H

#include "host/ctl/ctl.h"

/* From now on the node of that id is asked, and no other: at the address that its peers know, or
 * where it is asked already. CTL_OK; or, with words on standard error and the addresses as they
 * were: CTL_REFUSED when no address is known, it is reached through hubs only, or another node
 * answers there; and the codes of ctl_ask. */
int other_node_turn_to(struct ctl *ctl, struct rh_str node_id);

/* From now on only the address that answered last is asked. */
void other_node_stay(struct ctl *ctl);

/* Whether an answer came from that node. CTL_OK, or CTL_REFUSED with words, to which `more` is
 * added. An empty node_id is every node's. */
int other_node_check(const struct ctl *ctl, const struct ctl_answer *answer, struct rh_str node_id,
                     const char *more);

#endif
