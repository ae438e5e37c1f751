/* Things of the store whose records cannot be read: each is left out and kept as it is, told once
 * in the log by its id, and all together in health as the check "PLUGIN.damaged". For wiring; it
 * reads nothing. All [loop]. */
#ifndef RH_SDK_DAMAGED_H
#define RH_SDK_DAMAGED_H

#include <stdbool.h>

#include <ringhost/sdk/plugin.h>
#include <ringhost/sdk/store.h>

/* As many are remembered; more are in the log only, each time they are met. */
#define RH_DAMAGED_MAX 64u

/* Those met in this activation. Zero-filled is empty. */
struct rh_damaged {
    uint32_t count;
    uint32_t reserved0;
    char ids[RH_DAMAGED_MAX][RH_STORE_ID_SIZE];
};

/* Whether the code of a function that reads records says that they are damaged: a record that does
 * not decode (RH_EINVAL) or is missing (RH_ENOTFOUND). Other codes say that reading failed. [any]
 */
bool rh_damaged_is(int32_t rc);

/* One was met. noun: what it is, in the singular ("gauntlet"). */
void rh_damaged_add(struct rh_damaged *damaged, const struct rh_services *rh, const char *noun,
                    struct rh_str id);

bool rh_damaged_has(const struct rh_damaged *damaged, struct rh_str id);

/* The activation ends, and with it the check. */
void rh_damaged_clear(struct rh_damaged *damaged);

#endif
