/* Idempotency keys of requests: the same key with the same request is answered as the first time,
 * with another request it is refused (409 idempotency_conflict). Kept in a row of the plugin's
 * namespace: kind, key -> the id of what was made, and a digest of what was asked. All [loop]. */
#ifndef RH_SDK_REQUEST_KEY_H
#define RH_SDK_REQUEST_KEY_H

#include <stdbool.h>

#include <ringhost/sdk/fields_digest.h>
#include <ringhost/sdk/store.h>

/* What a request that has a key says; id is what was made of it, "" = nothing yet. asked 0: not
 * known, as in rows of earlier versions; it suits any request. */
struct rh_request_key {
    struct rh_str key;
    struct rh_str id;
    uint64_t asked;
};

/* Digest of a decoded request, never 0; see rh_fields_digest. [any] */
uint64_t rh_request_asked(const struct rh_fields *table, const void *decoded, uint32_t flags);

/* Whether both digests may be of one request. [any] */
bool rh_request_is_same(uint64_t asked, uint64_t first);

/* The value of a row, and back; out->key is left alone, out->id borrowed from the value. The id may
 * be any bytes that do not end in a NUL and 8 others. [any] */
void rh_request_encode(const struct rh_request_key *request, struct rh_buf *buf);
void rh_request_decode(struct rh_str value, struct rh_request_key *out);

/* Adds the row of a request to the batch that makes what it asked for. Nothing without a key. */
void rh_request_put(struct rh_batch_builder *batch, char kind,
                    const struct rh_request_key *request);

/* Where keys are looked for: in memory first, since the store does not show what is still being
 * committed, then in the store. */
struct rh_request_keys {
    struct rh_store store;
    char kind;
    void *self;
    /* The request that made the index-th thing in memory: key "" when it had none, asked 0 when it
     * came from the store. false: there are no more. */
    bool (*at)(void *self, uint32_t index, struct rh_request_key *out);
};

/* RH_ENOTFOUND: the key is new, or there is none. RH_OK: it was used for this request;
 * RH_ECONFLICT: for another one. Both write the first id into id[size]. Else what the store says.
 */
int32_t rh_request_find(const struct rh_request_keys *keys, const struct rh_request_key *request,
                        char *id, size_t size);

/* Answers 409 idempotency_conflict, with the key and the first id in words and as details. `where`:
 * goes before "idempotency_key" in the name of the field, "items[3]." or "". */
int32_t rh_request_refuse(const struct rh_services *rh, rh_req req, const char *where,
                          struct rh_str key, struct rh_str id);

#endif
