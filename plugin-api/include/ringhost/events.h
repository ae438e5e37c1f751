/* The catalogue of event types: X(TYPE, kind, payload, doc). Payload names are structs of fields in
 * event_catalogue.c; other types ([A-Z][A-Z0-9_]{2,63}) may be published with any JSON object. */
#ifndef RH_EVENTS_H
#define RH_EVENTS_H

#include <stdint.h>

#include <ringhost/abi.h>

#define RH_EVENT_CATALOGUE(X)                                                                    \
    X(SELFPLAY_COMPLETE, CLUSTER, work_completed, "A self-play work item is done.")              \
    X(TRAINING_COMPLETED, CLUSTER, work_completed, "A training work item is done.")              \
    X(TRAINING_FAILED, CLUSTER, work_failed, "A training work item failed for the last time.")   \
    X(EVALUATION_COMPLETED, CLUSTER, evaluation,                                                 \
      "An evaluation item or a whole gauntlet is done.")                                         \
    X(TOURNAMENT_COMPLETED, CLUSTER, tournament_completed, "A tournament has a winner.")         \
    X(WORK_COMPLETED, CLUSTER, work_completed, "A work item of another type is done.")           \
    X(WORK_FAILED, CLUSTER, work_failed, "A work item failed for the last time.")                \
    X(ELO_UPDATED, CLUSTER, elo_updated, "A rating changed.")                                    \
    X(HOST_ONLINE, LOCAL, node_online, "A node was seen to become alive.")                       \
    X(HOST_OFFLINE, LOCAL, node_offline, "A node was declared dead or left.")                    \
    X(LEADER_CHANGED, LOCAL, leader_changed, "This node saw another leader, or none.")           \
    X(NODE_IDLE, LOCAL, node_idle, "A node has nothing to do.")                                  \
    X(SLOW_CALLBACK, LOCAL, slow_callback, "A plugin's callback held the loop for over 100 ms.") \
    X(PLUGIN_STATE, LOCAL, plugin_state,                                                         \
      "A plugin was activated or deactivated, migrates its state, or failed.")

/* The catalogue as definitions (callback NULL), in the order above; count and stride as everywhere.
 * Static. [any] */
const struct rh_event_def *rh_event_catalogue(uint32_t *count);
/* The definition of a type, or NULL outside the catalogue. [any] */
const struct rh_event_def *rh_event_find(struct rh_str type);

#endif
