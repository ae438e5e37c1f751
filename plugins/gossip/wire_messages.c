/* Gossip's messages as JSON: field tables, writers and readers. */
#include <string.h>

#include "wire.h"

static const struct rh_field digest_fields[] = {
    RH_INT_REQUIRED(struct wire_digest, g, 0, WIRE_NUMBER_MAX, "generation"),
    RH_INT_REQUIRED(struct wire_digest, v, 0, WIRE_NUMBER_MAX, "version"),
    RH_INT(struct wire_digest, b, 0, 0, WIRE_NUMBER_MAX,
           "beat: rounds of the node in this generation"),
};

static const struct rh_field state_fields[] = {
    RH_FIELD_ROW_(struct wire_state, node_id, RH_FIELD_STRING, .flags = RH_REQUIRED, .min = 1,
                  .max = STATE_ID_MAX, .doc = "the node that says it"),
    RH_FIELD_ROW_(struct wire_state, instance_id, RH_FIELD_STRING, .max = STATE_ID_MAX,
                  .doc = "random, made at its first start"),
    RH_FIELD_ROW_(struct wire_state, role, RH_FIELD_STRING, .max = STATE_ID_MAX, .doc = "its role"),
    RH_FIELD_ROW_(struct wire_state, address, RH_FIELD_STRING, .max = STATE_ADDRESS_MAX,
                  .doc = "host:port"),
    RH_FIELD_ROW_(struct wire_state, cluster_id, RH_FIELD_STRING, .max = STATE_ID_MAX,
                  .doc = "its cluster"),
    RH_RAW_OBJECT(struct wire_state, presence, 0, "what it advertises"),
    RH_INT_REQUIRED(struct wire_state, generation, 0, WIRE_NUMBER_MAX, "grows with each start"),
    RH_INT_REQUIRED(struct wire_state, version, 0, WIRE_NUMBER_MAX, "grows with each change"),
    RH_INT(struct wire_state, beat, 0, 0, WIRE_NUMBER_MAX, "grows with each round"),
    RH_INT(struct wire_state, incarnation, 0, 0, WIRE_NUMBER_MAX, "of its liveness"),
    RH_BOOL(struct wire_state, left, false, "it has left on purpose"),
    RH_BOOL(struct wire_state, maintenance, false, "it takes no new work"),
};

const struct rh_field wire_gossip_fields[] = {
    RH_FIELD_ROW_(struct wire_gossip, from, RH_FIELD_STRING, .flags = RH_REQUIRED, .min = 1,
                  .max = STATE_ID_MAX, .doc = "who tells"),
    RH_OBJECT_MAP(struct wire_gossip, digest, 0, STATE_DIGEST_MAX, struct wire_digest,
                  digest_fields, "what the sender knows, by node id"),
    RH_BOOL(struct wire_gossip, partial, false, "the digest names only some of the nodes it knows"),
    RH_OBJECT_LIST(struct wire_gossip, states, 0, STATE_DIGEST_MAX, struct wire_state, state_fields,
                   "news"),
};
const struct rh_field wire_push_fields[] = {
    RH_OBJECT_LIST(struct wire_push, states, 0, STATE_DIGEST_MAX, struct wire_state, state_fields,
                   "news"),
};

static const struct rh_field reply_fields[] = {
    RH_OBJECT_MAP(struct wire_gossip, digest, 0, STATE_DIGEST_MAX, struct wire_digest,
                  digest_fields, "what the answering node knows, by node id"),
    RH_OBJECT_LIST(struct wire_gossip, states, 0, STATE_DIGEST_MAX, struct wire_state, state_fields,
                   "what the sender lacked"),
    RH_FIELD_ROW_(struct wire_gossip, want, RH_FIELD_STRING_LIST, .max = STATE_DIGEST_MAX,
                  .doc = "nodes of which the sender knows more"),
};
const struct rh_fields wire_gossip_reply_table = RH_FIELDS(struct wire_gossip, reply_fields);

int32_t wire_take_state(const struct wire_state *wire, struct gossip_state *out)
{
    const struct {
        char *to;
        size_t size;
        struct rh_str from;
    } texts[] = {
        {out->node_id, sizeof(out->node_id), wire->node_id},
        {out->instance_id, sizeof(out->instance_id), wire->instance_id},
        {out->role, sizeof(out->role), wire->role},
        {out->cluster_id, sizeof(out->cluster_id), wire->cluster_id},
        {out->address, sizeof(out->address), wire->address},
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (rh_str_copy(texts[i].to, texts[i].size, texts[i].from) != RH_OK)
            return RH_EINVAL;
    }
    out->presence = wire->presence;
    out->generation = (uint64_t)wire->generation;
    out->version = (uint64_t)wire->version;
    out->beat = (uint64_t)wire->beat;
    out->incarnation = (uint64_t)wire->incarnation;
    out->is_left = wire->left;
    out->maintenance = wire->maintenance;
    return RH_OK;
}

uint32_t wire_take_digest(const struct rh_list *list, struct state_digest *out, uint32_t max)
{
    uint32_t filled = 0;

    for (uint32_t i = 0; i < list->count && filled < max; i++) {
        const struct wire_digest *wire =
            (const void *)((const char *)list->items + (size_t)i * list->stride);

        if (rh_str_copy(out[filled].node_id, sizeof(out[filled].node_id), wire->node_id) != RH_OK)
            continue;
        out[filled].generation = (uint64_t)wire->g;
        out[filled].version = (uint64_t)wire->v;
        out[filled].beat = (uint64_t)wire->b;
        filled++;
    }
    return filled;
}

static void put_state(struct rh_json_writer *w, const struct gossip_state *state)
{
    rh_json_begin_object(w);
    rh_json_kv_strc(w, "node_id", state->node_id);
    rh_json_kv_strc(w, "instance_id", state->instance_id);
    rh_json_kv_strc(w, "role", state->role);
    rh_json_kv_strc(w, "address", state->address);
    rh_json_kv_strc(w, "cluster_id", state->cluster_id);
    if (state->presence.n)
        rh_json_kv_raw(w, "presence", state->presence);
    rh_json_kv_int(w, "generation", (int64_t)state->generation);
    rh_json_kv_int(w, "version", (int64_t)state->version);
    rh_json_kv_int(w, "beat", (int64_t)state->beat);
    rh_json_kv_int(w, "incarnation", (int64_t)state->incarnation);
    if (state->is_left)
        rh_json_kv_bool(w, "left", true);
    if (state->maintenance)
        rh_json_kv_bool(w, "maintenance", true);
    rh_json_end_object(w);
}

void wire_put_states(struct rh_json_writer *w, const struct gossip_state *const *states,
                     uint32_t count)
{
    rh_json_key(w, "states");
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < count; i++)
        put_state(w, states[i]);
    rh_json_end_array(w);
}

void wire_put_digest(struct rh_json_writer *w, const struct state_digest *digest, uint32_t count,
                     bool is_partial)
{
    if (is_partial)
        rh_json_kv_bool(w, "partial", true);
    rh_json_key(w, "digest");
    rh_json_begin_object(w);
    for (uint32_t i = 0; i < count; i++) {
        rh_json_key(w, digest[i].node_id);
        rh_json_begin_object(w);
        rh_json_kv_int(w, "g", (int64_t)digest[i].generation);
        rh_json_kv_int(w, "v", (int64_t)digest[i].version);
        rh_json_kv_int(w, "b", (int64_t)digest[i].beat);
        rh_json_end_object(w);
    }
    rh_json_end_object(w);
}
