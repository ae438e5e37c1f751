/* Reads what the queue answers, by field tables; it draws no conclusions. */
#include "wire_peer.h"

/* Longest texts taken over, bytes; what is kept of them is cut further. */
#define ERROR_MAX 65536
#define ITEMS_MAX 1000

#define COUNT_MAX INT64_C(9007199254740991)

static const struct rh_field count_fields[] = {
    RH_INT(struct peer_counts, done, 0, 0, COUNT_MAX, "items that are done"),
    RH_INT(struct peer_counts, dead, 0, 0, COUNT_MAX, "items that failed for good"),
    RH_INT(struct peer_counts, cancelled, 0, 0, COUNT_MAX, "items that were cancelled"),
};

static const struct rh_field item_fields[] = {
    RH_STR(struct peer_item, work_id, RH_REQUIRED, "the work item"),
    RH_STR(struct peer_item, idempotency_key, 0, "the gauntlet's id and the game's index"),
    RH_STR(struct peer_item, status, RH_REQUIRED, "where it stands"),
    RH_STR(struct peer_item, node_id, 0, "who has it, or had it last"),
    RH_TEXT(struct peer_item, error, 0, ERROR_MAX, "why the last attempt failed"),
    RH_RAW(struct peer_item, result, 0, "what the executor reported"),
    RH_INT(struct peer_item, attempt, 0, 0, COUNT_MAX, "attempts begun"),
};

static const struct rh_field group_fields[] = {
    RH_OBJECT_LIST(struct peer_group, items, 0, ITEMS_MAX, struct peer_item, item_fields, "a page"),
    RH_STR(struct peer_group, next, 0, "where the next page begins"),
    RH_FIELD_ROW_(struct peer_group, counts, RH_FIELD_OBJECT,
                  RH_SUB_(struct peer_counts, count_fields), .doc = "items by status",
                  .given_offset = 1 + (uint32_t)offsetof(struct peer_group, has_counts)),
};
static const struct rh_fields group_table = RH_FIELDS(struct peer_group, group_fields);

int32_t gauntlet_group_decode(const struct rh_services *rh, struct rh_str body,
                              struct peer_group *out, void **memory, char *why, uint32_t why_size)
{
    return rh->fields->decode(rh->ctx, &group_table, body, out, memory, why, why_size);
}
