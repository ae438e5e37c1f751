/* SWIM's messages as JSON: field tables, writers and readers. */
#include <assert.h>
#include <string.h>

#include "wire.h"

static_assert(SWIM_UNKNOWN == RH_PEER_UNKNOWN, "states are handed on as they are");
static_assert(SWIM_ALIVE == RH_PEER_ALIVE, "states are handed on as they are");
static_assert(SWIM_SUSPECT == RH_PEER_SUSPECT, "states are handed on as they are");
static_assert(SWIM_DEAD == RH_PEER_DEAD, "states are handed on as they are");
static_assert(SWIM_LEFT == RH_PEER_LEFT, "states are handed on as they are");

#define VOUCHED "vouched"

static const char *const state_names[SWIM_STATES] = {"unknown", "alive", "suspect", "dead", "left"};

static const struct rh_field update_fields[] = {
    RH_FIELD_ROW_(struct wire_update, node_id, RH_FIELD_STRING, .flags = RH_REQUIRED, .min = 1,
                  .max = SWIM_ID_MAX, .doc = "whom it is about"),
    RH_CHOICE(struct wire_update, state, RH_REQUIRED, NULL, "alive suspect dead left vouched",
              "what is said; vouched = a hub hears from it"),
    RH_INT(struct wire_update, incarnation, 0, 0, SWIM_WIRE_NUMBER_MAX, "of the node"),
    RH_TEXT(struct wire_update, by, 0, SWIM_ID_MAX, "who accuses it, or the hub"),
    RH_TEXT(struct wire_update, address, 0, SWIM_ADDRESS_MAX, "host:port at this incarnation"),
    RH_INT(struct wire_update, expires_in_ms, 0, 0, VOUCH_TTL_MS, "of a vouch"),
};

const struct rh_field wire_ping_fields[] = {
    RH_FIELD_ROW_(struct wire_ping, from, RH_FIELD_STRING, .flags = RH_REQUIRED, .min = 1,
                  .max = SWIM_ID_MAX, .doc = "who asks"),
    RH_INT_REQUIRED(struct wire_ping, seq, 0, SWIM_WIRE_NUMBER_MAX, "comes back in the answer"),
    RH_INT(struct wire_ping, incarnation, 0, 0, SWIM_WIRE_NUMBER_MAX, "of the sender"),
    RH_OBJECT_LIST(struct wire_ping, updates, 0, SWIM_UPDATES_MAX, struct wire_update,
                   update_fields, "news about nodes"),
};

static const struct rh_field ping_reply_fields[] = {
    RH_INT_REQUIRED(struct wire_ping_reply, seq, 0, SWIM_WIRE_NUMBER_MAX, "of the ping"),
    RH_INT_REQUIRED(struct wire_ping_reply, incarnation, 0, SWIM_WIRE_NUMBER_MAX,
                    "of the node that answers"),
    RH_OBJECT_LIST(struct wire_ping_reply, updates, 0, SWIM_UPDATES_MAX, struct wire_update,
                   update_fields, "news about nodes"),
};
const struct rh_fields wire_ping_reply_table = RH_FIELDS(struct wire_ping_reply, ping_reply_fields);

const struct rh_field wire_ask_fields[] = {
    RH_FIELD_ROW_(struct wire_ask, from, RH_FIELD_STRING, .max = SWIM_ID_MAX, .doc = "who asks"),
    RH_FIELD_ROW_(struct wire_ask, target, RH_FIELD_STRING, .flags = RH_REQUIRED, .min = 1,
                  .max = SWIM_ID_MAX, .doc = "whom to ping"),
    RH_INT_REQUIRED(struct wire_ask, seq, 0, SWIM_WIRE_NUMBER_MAX, "of the asker's own ping"),
    RH_INT(struct wire_ask, timeout_ms, 0, 0, 600000,
           "how long the asker waits; answered at 80 %; 0 = half the interval"),
};

static const struct rh_field ask_reply_fields[] = {
    RH_BOOL(struct wire_ask_reply, acked, false, "the target answered"),
    RH_INT(struct wire_ask_reply, incarnation, 0, 0, SWIM_WIRE_NUMBER_MAX, "of the target"),
};
const struct rh_fields wire_ask_reply_table = RH_FIELDS(struct wire_ask_reply, ask_reply_fields);

static const struct rh_field vouched_fields[] = {
    RH_FIELD_ROW_(struct wire_vouched, node_id, RH_FIELD_STRING, .flags = RH_REQUIRED, .min = 1,
                  .max = SWIM_ID_MAX, .doc = "the node that the hub hears from"),
    RH_INT_REQUIRED(struct wire_vouched, expires_in_ms, 1, VOUCH_TTL_MS, "how long that holds"),
};

const struct rh_field wire_vouch_fields[] = {
    RH_FIELD_ROW_(struct wire_vouch, hub, RH_FIELD_STRING, .flags = RH_REQUIRED, .min = 1,
                  .max = SWIM_ID_MAX, .doc = "who vouches: the caller"),
    RH_OBJECT_LIST(struct wire_vouch, nodes, RH_REQUIRED, SWIM_VOUCH_NODES_MAX, struct wire_vouched,
                   vouched_fields, "for whom"),
};

static const struct rh_field reserved_fields[] = {
    RH_UINT64(struct wire_reserved, reserved, RH_REQUIRED, "incarnations that may be in use"),
};
const struct rh_fields wire_reserved_table = RH_FIELDS(struct wire_reserved, reserved_fields);

const char *swim_state_name(uint32_t state)
{
    assert(state < SWIM_STATES);
    return state_names[state];
}

static bool take_update(const struct wire_update *wire, struct update *out)
{
    memset(out, 0, sizeof(*out));
    if (rh_str_eq_c(wire->state, VOUCHED))
        out->kind = UPDATE_VOUCH;
    for (uint32_t i = 0; i < SWIM_STATES; i++) {
        if (rh_str_eq_c(wire->state, state_names[i]))
            out->state = i;
    }
    out->incarnation = (uint64_t)wire->incarnation;
    out->expires_in_ms = wire->expires_in_ms;
    return rh_str_copy(out->node_id, sizeof(out->node_id), wire->node_id) == RH_OK &&
           rh_str_copy(out->by, sizeof(out->by), wire->by) == RH_OK &&
           rh_str_copy(out->address, sizeof(out->address), wire->address) == RH_OK;
}

uint32_t swim_take_updates(const struct rh_list *list, struct update *out)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < list->count && count < SWIM_UPDATES_MAX; i++) {
        const struct wire_update *wire =
            (const void *)((const char *)list->items + (size_t)i * list->stride);

        count += take_update(wire, &out[count]);
    }
    return count;
}

static void put_update(struct rh_json_writer *w, const struct update *update)
{
    const bool is_vouch = update->kind == UPDATE_VOUCH;

    rh_json_begin_object(w);
    rh_json_kv_strc(w, "node_id", update->node_id);
    rh_json_kv_strc(w, "state", is_vouch ? VOUCHED : swim_state_name(update->state));
    if (is_vouch)
        rh_json_kv_int(w, "expires_in_ms", update->expires_in_ms);
    else
        rh_json_kv_int(w, "incarnation", (int64_t)update->incarnation);
    if (update->by[0])
        rh_json_kv_strc(w, "by", update->by);
    if (update->address[0])
        rh_json_kv_strc(w, "address", update->address);
    rh_json_end_object(w);
}

void swim_put_updates(struct swim_plugin *p, struct rh_json_writer *w, const char *to)
{
    struct update updates[SWIM_UPDATES_MAX];
    const uint32_t count = swim_message(&p->core, to, updates);

    rh_json_key(w, "updates");
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < count; i++)
        put_update(w, &updates[i]);
    rh_json_end_array(w);
}
