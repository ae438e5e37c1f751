/* GET /artifacts/list and /artifacts/stat: what this node holds, and what is on its way. */
#include "wire.h"

#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/sort.h>
#include <ringhost/sdk/str.h>

static void write_artifact(struct rh_json_writer *w, const struct artifact *artifact)
{
    char digits[RH_SHA256_HEX];

    rh_sha256_hex(digits, artifact->digest);
    rh_json_kv_strc(w, "sha256", digits);
    rh_json_kv_int(w, "size", artifact->size_bytes);
    rh_json_kv_int(w, "next", artifact->size_bytes);
    rh_json_kv_bool(w, "whole", true);
    rh_json_kv_bool(w, "pinned", artifact->is_pinned);
    rh_json_kv_strc(w, "kind", artifact->is_own ? "own" : "copy");
    rh_json_kv_int(w, "added_at", artifact->added_at_ms);
    rh_json_kv_int(w, "used_at", artifact->used_at_ms);
}

static void write_incoming(struct rh_json_writer *w, const struct incoming *in)
{
    char digits[RH_SHA256_HEX];

    rh_sha256_hex(digits, in->digest);
    rh_json_kv_strc(w, "sha256", digits);
    rh_json_kv_int(w, "size", in->size_bytes);
    rh_json_kv_int(w, "next", in->next);
    rh_json_kv_bool(w, "whole", false);
    rh_json_kv_strc(w, "kind", in->is_fetch ? "copy" : "own");
}

int32_t artifacts_stat(void *self, rh_req req, const void *fields)
{
    struct artifacts *p = self;
    unsigned char digest[RH_SHA256_SIZE];
    const struct artifact *held;
    const struct incoming *in;
    struct rh_json_reply reply;
    int32_t rc = artifacts_digest(p, ((const struct one_req *)fields)->sha256, digest);

    if (rc != RH_OK)
        return rc;
    held = catalog_find(&p->catalog, digest);
    in = held ? NULL : artifacts_incoming_find(p, digest);
    if (!held && !in)
        return rh_failf(&p->rh, RH_ENOTFOUND, "not held by this node; /artifacts/where asks all");
    rh_json_reply_begin(&reply);
    if (held)
        write_artifact(&reply.w, held);
    else
        write_incoming(&reply.w, in);
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}

static int compare(const void *a, const void *b, void *ctx)
{
    const struct artifact *const *x = a;
    const struct artifact *const *y = b;

    (void)ctx;
    return memcmp((*x)->digest, (*y)->digest, RH_SHA256_SIZE);
}

/* All that are held, by digest; the caller frees it. NULL without memory. */
static const struct artifact **sorted(const struct artifacts *p, uint32_t *count)
{
    uint32_t n = rh_map_count(&p->catalog.files);
    const struct artifact **all = calloc(2 * (size_t)n + 1, sizeof(const struct artifact *));
    uint32_t cursor = 0;
    void *value = NULL;

    *count = 0;
    while (all && rh_map_next(&p->catalog.files, &cursor, NULL, &value))
        all[(*count)++] = value;
    if (all) /* the second half is scratch: it cannot fail */
        (void)rh_sort(all, *count, sizeof(const struct artifact *), compare, NULL, all + n);
    return all;
}

static void write_page(struct rh_json_writer *w, const struct artifact **all, uint32_t count,
                       const unsigned char *after, int64_t limit)
{
    const struct artifact *last = NULL;
    bool is_more = false;
    char digits[RH_SHA256_HEX];

    rh_json_key(w, "artifacts");
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < count && !is_more; i++) {
        if (after && memcmp(all[i]->digest, after, RH_SHA256_SIZE) <= 0)
            continue;
        is_more = limit-- == 0;
        if (is_more)
            continue;
        last = all[i];
        rh_json_begin_object(w);
        write_artifact(w, all[i]);
        rh_json_end_object(w);
    }
    rh_json_end_array(w);
    if (is_more && last) {
        rh_sha256_hex(digits, last->digest);
        rh_json_kv_strc(w, "next", digits);
    }
}

static void write_incomings(struct rh_json_writer *w, const struct artifacts *p)
{
    uint32_t cursor = 0;
    void *value = NULL;

    rh_json_key(w, "incoming");
    rh_json_begin_array(w);
    while (rh_map64_next(&p->incomings, &cursor, NULL, &value)) {
        rh_json_begin_object(w);
        write_incoming(w, value);
        rh_json_end_object(w);
    }
    rh_json_end_array(w);
}

int32_t artifacts_list(void *self, rh_req req, const void *fields)
{
    struct artifacts *p = self;
    const struct list_req *f = fields;
    unsigned char after[RH_SHA256_SIZE];
    const struct artifact **all;
    struct rh_json_reply reply;
    uint32_t count = 0;

    if (f->after.n > 0 && rh_sha256_parse(f->after, after) != RH_OK)
        return rh_failf(&p->rh, RH_EINVAL, "\"after\" must be 64 hexadecimal digits");
    all = sorted(p, &count);
    if (!all)
        return RH_ENOMEM;
    rh_json_reply_begin(&reply);
    write_page(&reply.w, all, count, f->after.n > 0 ? after : NULL, f->limit);
    free(all);
    write_incomings(&reply.w, p);
    rh_json_kv_int(&reply.w, "total", count);
    rh_json_kv_int(&reply.w, "bytes", p->catalog.bytes);
    rh_json_kv_int(&reply.w, "bytes_promised", p->catalog.reserved_bytes);
    rh_json_kv_int(&reply.w, "bytes_max", p->config->bytes_max);
    rh_json_kv_int(&reply.w, "files_max", p->config->files_max);
    return rh_json_reply_send(&reply, &p->rh, req, 200);
}
