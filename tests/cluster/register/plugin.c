/* A register for each key, replicated: get, put and compare-and-swap. For tests and benches, not
 * for users. It decides from the snapshot: reads wait for a barrier, a swap names the version it
 * saw.
 *
 * Nothing is answered before it is known, so answers wait for no other commit (reply_early): held
 * ones would tell of the conflict of another's swap. */
#include <stdlib.h>

#include <ringhost/sdk/batch.h>
#include <ringhost/sdk/plugin.h>

#define NAMESPACE "register"
#define KEY_MAX   64
#define VALUE_MAX 1024

/* One instance. */
struct register_plugin {
    struct rh_services rh;
};

struct get_req {
    struct rh_str key;
};
static const struct rh_field get_fields[] = {
    RH_TEXT(struct get_req, key, RH_REQUIRED, KEY_MAX, "which register"),
};
struct put_req {
    struct rh_str key, value;
};
static const struct rh_field put_fields[] = {
    RH_TEXT(struct put_req, key, RH_REQUIRED, KEY_MAX, "which register"),
    RH_TEXT(struct put_req, value, RH_REQUIRED, VALUE_MAX, "what it holds from now on"),
};
struct cas_req {
    struct rh_str key, expect, value;
};
static const struct rh_field cas_fields[] = {
    RH_TEXT(struct cas_req, key, RH_REQUIRED, KEY_MAX, "which register"),
    RH_TEXT(struct cas_req, expect, 0, VALUE_MAX, "what it must hold; empty: it must be absent"),
    RH_TEXT(struct cas_req, value, RH_REQUIRED, VALUE_MAX, "what it holds from now on"),
};

static int32_t handle_get(void *self, rh_req req, const void *fields);
static int32_t handle_put(void *self, rh_req req, const void *fields);
static int32_t handle_cas(void *self, rh_req req, const void *fields);

static const struct rh_route routes[] = {
    RH_ROUTE("GET", "/register/get", RH_READ, RH_LEADER, RH_FIELDS(struct get_req, get_fields),
             handle_get, "What a register holds; null when it is absent."),
    RH_ROUTE("POST", "/register/put", RH_WORKER, RH_LEADER, RH_FIELDS(struct put_req, put_fields),
             handle_put, "Set a register."),
    RH_ROUTE("POST", "/register/cas", RH_WORKER, RH_LEADER, RH_FIELDS(struct cas_req, cas_fields),
             handle_cas, "Set a register if it holds what is expected; tell what was there."),
};

#define KIND_GET 1u
#define KIND_PUT 2u
#define KIND_CAS 3u

/* A request that waits for its barrier or its commit; one for each request that the host lets in.
 * The strings are copies: the host frees a request's own once it has answered for us. */
struct waiting {
    rh_req req;
    uint32_t kind;
    char key[KEY_MAX + 1];
    char expect[VALUE_MAX + 1];
    char value[VALUE_MAX + 1];
};

static struct waiting *waiting_new(rh_req req, uint32_t kind, struct rh_str key,
                                   struct rh_str expect, struct rh_str value)
{
    struct waiting *w = calloc(1, sizeof *w);

    if (!w)
        return NULL;
    w->req = req;
    w->kind = kind;
    if (rh_str_copy(w->key, sizeof w->key, key) == RH_OK &&
        rh_str_copy(w->expect, sizeof w->expect, expect) == RH_OK &&
        rh_str_copy(w->value, sizeof w->value, value) == RH_OK)
        return w;
    free(w);
    return NULL;
}

/* {"value": what is there or null, "swapped": only for a cas}. */
static void answer(const struct register_plugin *p, const struct waiting *w, struct rh_str found,
                   bool is_swapped)
{
    struct rh_json_reply reply;
    int32_t rc;

    rh_json_reply_begin(&reply);
    if (found.n)
        rh_json_kv_str(&reply.w, "value", found);
    else
        rh_json_kv_null(&reply.w, "value");
    if (w->kind == KIND_CAS)
        rh_json_kv_bool(&reply.w, "swapped", is_swapped);
    rc = rh_json_reply_send_early(&reply, &p->rh, w->req, 200);
    if (rc != RH_OK && rc != RH_ENOTFOUND) /* not found: the caller has gone */
        rh_log_warn(&p->rh, "register_not_answered", "rc=%d", (int)rc);
}

static void refuse(const struct register_plugin *p, const struct waiting *w, int32_t rc)
{
    (void)rh_reply_errorf(&p->rh, w->req, rc, NULL, "register \"%s\"",
                          w->key); /* the caller may have gone */
}

static void committed(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct waiting *w = user;

    (void)revision;
    if (rc == RH_OK)
        answer(self, w, rh_str_from(w->value), true);
    else
        refuse(self, w, rc);
    free(w);
}

/* Takes w when it succeeds. A swap's version makes the batch fail if anything came between. */
static int32_t write_take(struct register_plugin *p, struct waiting *w, uint64_t version)
{
    struct rh_batch_builder batch;

    rh_batch_begin(&batch, NAMESPACE);
    if (w->kind == KIND_CAS)
        rh_batch_check(&batch, rh_str_from(w->key), version);
    rh_batch_put(&batch, rh_str_from(w->key), rh_str_from(w->value));
    return rh_batch_commit(&batch, &p->rh, committed, w);
}

/* The snapshot is now as new as the request. */
static void barrier_passed(void *self, void *user, int32_t rc)
{
    struct register_plugin *p = self;
    struct waiting *w = user;
    struct rh_value value = {.size = (uint32_t)sizeof value};

    if (rc == RH_OK)
        rc = p->rh.state->get(p->rh.ctx, NAMESPACE, rh_str_from(w->key), &value);
    if (rc == RH_OK && w->kind == KIND_CAS && rh_str_eq_c(value.data, w->expect)) {
        rc = write_take(p, w, value.version);
        if (rc == RH_OK)
            return;
    } else if (rc == RH_OK) {
        answer(p, w, value.data, false);
        free(w);
        return;
    }
    refuse(p, w, rc);
    free(w);
}

static int32_t await_barrier(struct register_plugin *p, struct waiting *w)
{
    int32_t rc;

    if (!w)
        return RH_ENOMEM;
    rc = p->rh.state->barrier(p->rh.ctx, barrier_passed, w);
    if (rc != RH_OK)
        free(w);
    return rc;
}

static int32_t handle_get(void *self, rh_req req, const void *fields)
{
    const struct get_req *want = fields;

    return await_barrier(self,
                         waiting_new(req, KIND_GET, want->key, RH_STR_LIT(""), RH_STR_LIT("")));
}

static int32_t handle_put(void *self, rh_req req, const void *fields)
{
    struct register_plugin *p = self;
    const struct put_req *want = fields;
    struct waiting *w;
    int32_t rc;

    if (want->value.n == 0)
        return rh_failf(&p->rh, RH_EINVAL, "\"value\" must not be empty");
    w = waiting_new(req, KIND_PUT, want->key, RH_STR_LIT(""), want->value);
    if (!w)
        return RH_ENOMEM;
    rc = write_take(p, w, 0);
    if (rc != RH_OK)
        free(w);
    return rc;
}

static int32_t handle_cas(void *self, rh_req req, const void *fields)
{
    struct register_plugin *p = self;
    const struct cas_req *want = fields;

    if (want->value.n == 0)
        return rh_failf(&p->rh, RH_EINVAL, "\"value\" must not be empty");
    return await_barrier(p, waiting_new(req, KIND_CAS, want->key, want->expect, want->value));
}

static int32_t register_create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                               const void *config)
{
    struct register_plugin *p = self;

    (void)config;
    rh_services_init(&p->rh, ctx, host);
    return RH_OK;
}

static const char *const services[] = {RH_CORE_ID, RH_HTTP_ID, RH_STATE_ID};
static const struct rh_namespace namespaces[] = {
    {.size = (uint32_t)sizeof(struct rh_namespace),
     .flags = RH_NS_REPLICATED,
     .name = NAMESPACE,
     .schema_read_min = 1,
     .schema_write = 1},
};

static const struct rh_plugin descriptor = {
    .size = (uint32_t)sizeof descriptor,
    .abi_major = RH_ABI_MAJOR,
    .abi_minor = RH_ABI_MINOR,
    .min_host_minor = RH_ABI_MINOR,
    .instance_size = (uint32_t)sizeof(struct register_plugin),
    .id = "test.register",
    .version = "0.1.0",
    .summary = "Replicated registers, for tests.",
    .license = "Apache-2.0",
    RH_LIST_OF(services, service),
    RH_TABLE(namespaces, namespace),
    RH_TABLE(routes, route),
    .create = register_create,
};

RH_PLUGIN_ENTRY("test.register", "0.1.0", descriptor)
