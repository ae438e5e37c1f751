/* Calls to the leader that are part of an act decided in one epoch, and their answers. Not for pure
 * cores. All [loop]. */
#ifndef RH_SDK_LEADER_CALL_H
#define RH_SDK_LEADER_CALL_H

#include <ringhost/sdk/plugin.h>

/* A call to the leader. take_body is a JSON object under construction that is closed, sent and
 * released here, or NULL for a GET. epoch 0 = no act. cb as in rh.http/1. Returns RH_OK, or why
 * there will be no callback. */
int32_t rh_leader_call(const struct rh_services *rh, const char *method, const char *path,
                       struct rh_json_reply *take_body, uint64_t epoch,
                       void (*cb)(void *self, void *user, const struct rh_reply *reply),
                       void *user);

/* What came of it: RH_OK when it was answered with a status below 300, its body decoded by the
 * table into out, with *memory to be released by the caller (NULL on failure). Else a negative code
 * with the words said: what was asked (`path`), and the answer's own words. table NULL = the body
 * does not matter. */
int32_t rh_leader_answer(const struct rh_services *rh, const struct rh_reply *reply,
                         const char *path, const struct rh_fields *table, void *out, void **memory);

/* The epoch of this node's leadership; 0 while it does not lead. */
uint64_t rh_leader_epoch(const struct rh_services *rh);

#endif
