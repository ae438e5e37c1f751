/* Idempotency keys of requests. */
#include <ringhost/sdk/request_key.h>

#include <stdio.h>

#include <ringhost/sdk/str.h>

/* Behind the id: a NUL and the digest. */
#define TAIL_BYTES      9u
#define ROW_BYTES_MAX   1024u
#define DETAILS_MAX     8192u
#define FIELD_NAME_SIZE 64u

uint64_t rh_request_asked(const struct rh_fields *table, const void *decoded, uint32_t flags)
{
    const uint64_t digest = rh_fields_digest(table, decoded, flags);

    return digest ? digest : 1;
}

bool rh_request_is_same(uint64_t asked, uint64_t first)
{
    return asked == 0 || first == 0 || asked == first;
}

void rh_request_encode(const struct rh_request_key *request, struct rh_buf *buf)
{
    unsigned char tail[TAIL_BYTES] = {0};

    for (unsigned i = 0; i < 8; i++)
        tail[i + 1] = (unsigned char)(request->asked >> (8 * i));
    (void)rh_buf_append(buf, request->id.p, request->id.n); /* errors stay in buf */
    (void)rh_buf_append(buf, tail, sizeof(tail));
}

void rh_request_decode(struct rh_str value, struct rh_request_key *out)
{
    const unsigned char *tail;

    out->id = value;
    out->asked = 0;
    if (value.n < TAIL_BYTES || value.p[value.n - TAIL_BYTES] != '\0')
        return;
    out->id.n = value.n - TAIL_BYTES;
    tail = (const unsigned char *)value.p + out->id.n + 1;
    for (unsigned i = 0; i < 8; i++)
        out->asked |= (uint64_t)tail[i] << (8 * i);
}

void rh_request_put(struct rh_batch_builder *batch, char kind, const struct rh_request_key *request)
{
    struct rh_key key;
    struct rh_buf buf;

    if (!request->key.n)
        return;
    rh_buf_init(&buf, ROW_BYTES_MAX);
    rh_request_encode(request, &buf);
    rh_store_key(&key, kind, request->key);
    rh_store_put_buf(batch, &key, &buf);
    rh_buf_release(&buf);
}

static int32_t answer(const struct rh_request_key *request, const struct rh_request_key *first,
                      char *id, size_t size)
{
    const int32_t rc = rh_str_copy(id, size, first->id);

    if (rc != RH_OK)
        return RH_EIO;
    return rh_request_is_same(request->asked, first->asked) ? RH_OK : RH_ECONFLICT;
}

int32_t rh_request_find(const struct rh_request_keys *keys, const struct rh_request_key *request,
                        char *id, size_t size)
{
    struct rh_request_key first = {.asked = 0};
    struct rh_request_key known = {.asked = 0};
    struct rh_value value;
    int32_t rc;

    if (!request->key.n)
        return RH_ENOTFOUND;
    for (uint32_t i = 0; keys->at(keys->self, i, &known); i++) {
        if (known.asked && rh_str_eq(known.key, request->key))
            return answer(request, &known, id, size);
    }
    rc = rh_store_get_id(&keys->store, keys->kind, request->key, &value);
    if (rc != RH_OK)
        return rc;
    if (!value.found)
        return RH_ENOTFOUND;
    rh_request_decode(value.data, &first);
    return answer(request, &first, id, size);
}

int32_t rh_request_refuse(const struct rh_services *rh, rh_req req, const char *where,
                          struct rh_str key, struct rh_str id)
{
    char text[RH_TEXT_MAX];
    char field[FIELD_NAME_SIZE];
    struct rh_error error = {.size = (uint32_t)sizeof(error),
                             .rc = RH_ECONFLICT,
                             .code = "idempotency_conflict",
                             .message = text,
                             .field = field};
    struct rh_json_writer w;
    struct rh_buf details;
    int32_t rc;

    (void)snprintf(field, sizeof(field), "%sidempotency_key", where); /* a cut is fine, here... */
    (void)snprintf(text, sizeof(text),
                   "%s \"%.*s\" was used before, for another request, which made \"%.*s\"; nothing "
                   "was added",
                   field, RH_STR_ARG(key), RH_STR_ARG(id)); /* ... and here */
    rh_buf_init(&details, DETAILS_MAX);
    rh_json_init(&w, &details);
    rh_json_begin_object(&w);
    rh_json_kv_str(&w, "idempotency_key", key);
    rh_json_kv_str(&w, "first", id);
    rh_json_end_object(&w);
    if (rh_json_finish(&w) == RH_OK)
        error.details = rh_buf_str(&details);
    rc = rh->http->reply_error(rh->ctx, req, &error);
    rh_buf_release(&details);
    return rc;
}
