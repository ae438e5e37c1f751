/* A queue that the tests command: it takes items as work_queue does, and they end when a test says
 * so. It is a plugin of the test host; its items outlive a crash of the node, as those of the real
 * one do. */
#ifndef RH_TESTS_FAKE_QUEUE_H
#define RH_TESTS_FAKE_QUEUE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/plugin.h>
#include <ringhost/sdk/work_item.h>

#define FAKE_ITEMS_MAX 512u

struct fake_item {
    char key[RH_WORK_KEY_SIZE];
    char group[RH_WORK_GROUP_ID_SIZE];
    char status[16];
    char node_id[16];
    char error[64];
    char payload[2048];
    char result[1024];
    char inputs[1024];   /* with a space behind each */
    int64_t finished_at; /* 0 = it does not say */
};

/* What every instance sees; one test at a time. */
static struct {
    struct fake_item items[FAKE_ITEMS_MAX];
    uint32_t count;
    uint32_t adds;         /* calls of /work/add */
    uint32_t repeats;      /* items added a second time */
    uint32_t reads;        /* items handed out by /work/group */
    uint32_t refuse_adds;  /* this many adds are refused first, for the time being */
    const char *bad;       /* not NULL: all adds are refused for good, with this text */
    uint32_t absent_adds;  /* this many are answered first as by a queue that is not there yet */
    char claim_body[1024]; /* of the last claim */
} fake;

struct fake_queue {
    struct rh_services rh;
};

struct fake_add_item {
    struct rh_str work_type, config_key, board_type, group, idempotency_key, payload;
    struct rh_str_list requires, inputs;
    int64_t num_players, priority, min_vram_mb, timeout_s, max_runtime_s, max_attempts;
    int32_t needs_gpu;
};
struct fake_add {
    struct rh_list items;
};
struct fake_group {
    struct rh_str group, after;
    int64_t limit;
};
struct fake_cancel {
    struct rh_str work_id;
};
struct fake_claim {
    struct rh_str node_id, gpu;
    struct rh_str_list work_types, capabilities, board_types, held;
    int64_t max_items, wait_s, poll;
};

static const struct rh_field fake_item_rows[] = {
    RH_STR(struct fake_add_item, work_type, RH_REQUIRED, "-"),
    RH_STR(struct fake_add_item, config_key, 0, "-"),
    RH_STR(struct fake_add_item, board_type, 0, "-"),
    RH_STR(struct fake_add_item, group, RH_REQUIRED, "-"),
    RH_STR(struct fake_add_item, idempotency_key, RH_REQUIRED, "-"),
    RH_RAW_OBJECT(struct fake_add_item, payload, 0, "-"),
    RH_STR_LIST(struct fake_add_item, requires, 0, "-"),
    RH_STR_LIST(struct fake_add_item, inputs, 0, "-"),
    RH_INT(struct fake_add_item, num_players, 0, 0, 64, "-"),
    RH_INT(struct fake_add_item, priority, 50, 0, 100, "-"),
    RH_INT(struct fake_add_item, min_vram_mb, 0, 0, 1000000, "-"),
    RH_INT(struct fake_add_item, timeout_s, 0, 0, 604800, "-"),
    RH_INT(struct fake_add_item, max_runtime_s, 0, 0, 2592000, "-"),
    RH_INT(struct fake_add_item, max_attempts, 3, 1, 100, "-"),
    RH_BOOL(struct fake_add_item, needs_gpu, false, "-"),
};
static const struct rh_field fake_add_rows[] = {
    RH_OBJECT_LIST(struct fake_add, items, RH_REQUIRED, 500, struct fake_add_item, fake_item_rows,
                   "-"),
};
static const struct rh_field fake_group_rows[] = {
    RH_STR(struct fake_group, group, RH_REQUIRED, "-"),
    RH_STR(struct fake_group, after, 0, "-"),
    RH_INT(struct fake_group, limit, 100, 1, 1000, "-"),
};
static const struct rh_field fake_cancel_rows[] = {
    RH_STR(struct fake_cancel, work_id, RH_REQUIRED, "-"),
};
static const struct rh_field fake_claim_rows[] = {
    RH_STR(struct fake_claim, node_id, RH_REQUIRED, "-"),
    RH_STR_LIST(struct fake_claim, work_types, 0, "-"),
    RH_STR_LIST(struct fake_claim, capabilities, 0, "-"),
    RH_STR_LIST(struct fake_claim, board_types, 0, "-"),
    RH_RAW_OBJECT(struct fake_claim, gpu, 0, "-"),
    RH_INT(struct fake_claim, max_items, 1, 1, 64, "-"),
    RH_INT(struct fake_claim, wait_s, 0, 0, 30, "-"),
    RH_STR_LIST(struct fake_claim, held, 0, "-"),
    RH_INT(struct fake_claim, poll, 0, 0, RH_JSON_INT_MAX, "-"),
};

static inline void fake_cut(char *dst, size_t size, struct rh_str s)
{
    const size_t n = s.n < size ? s.n : size - 1;

    if (n)
        memcpy(dst, s.p, n);
    dst[n] = '\0';
}

static inline struct fake_item *fake_find(struct rh_str key)
{
    for (uint32_t i = 0; i < fake.count; i++) {
        if (rh_str_eq_c(key, fake.items[i].key))
            return &fake.items[i];
    }
    return NULL;
}

static int32_t fake_handle_add(void *self, rh_req req, const void *fields)
{
    struct fake_queue *q = self;
    const struct fake_add *add = fields;

    fake.adds++;
    if (fake.bad)
        return rh_failf(&q->rh, RH_EINVAL, "%s", fake.bad);
    if (fake.refuse_adds) {
        fake.refuse_adds--;
        return rh_reply_errorf(&q->rh, req, RH_EBUSY, "queue_full", "the queue is full");
    }
    if (fake.absent_adds) {
        fake.absent_adds--;
        return rh_reply_errorf(&q->rh, req, RH_EAGAIN, "loading", "the queue is loading");
    }
    for (uint32_t i = 0; i < add->items.count; i++) {
        const struct fake_add_item *from = (const struct fake_add_item *)add->items.items + i;
        struct fake_item *item = fake_find(from->idempotency_key);

        if (item) {
            fake.repeats++;
            continue;
        }
        assert_true(fake.count < FAKE_ITEMS_MAX);
        item = &fake.items[fake.count++];
        fake_cut(item->key, sizeof(item->key), from->idempotency_key);
        fake_cut(item->group, sizeof(item->group), from->group);
        fake_cut(item->status, sizeof(item->status), RH_STR_LIT("pending"));
        fake_cut(item->payload, sizeof(item->payload), from->payload);
        for (uint32_t k = 0; k < from->inputs.count; k++) {
            const size_t used = strlen(item->inputs);

            (void)snprintf(item->inputs + used, sizeof(item->inputs) - used, "%.*s ",
                           RH_STR_ARG(from->inputs.items[k])); /* cut when long */
        }
    }
    return rh_reply_ok(&q->rh, req);
}

/* Work ids are "w" and the place + 1. */
static uint32_t fake_place(struct rh_str work_id)
{
    uint64_t number = 0;

    if (work_id.n > 1)
        (void)rh_parse_u64((struct rh_str){work_id.p + 1, work_id.n - 1}, &number);
    return (uint32_t)number;
}

static void fake_write(struct rh_json_writer *w, uint32_t place)
{
    const struct fake_item *item = &fake.items[place];
    char id[16];

    (void)snprintf(id, sizeof(id), "w%u", place + 1);
    rh_json_begin_object(w);
    rh_json_kv_strc(w, "work_id", id);
    rh_json_kv_strc(w, "idempotency_key", item->key);
    rh_json_kv_strc(w, "status", item->status);
    rh_json_kv_strc(w, "node_id", item->node_id);
    rh_json_kv_int(w, "attempt", 1);
    if (item->finished_at)
        rh_json_kv_int(w, "finished_at", item->finished_at);
    if (item->result[0])
        rh_json_kv_raw(w, "result", rh_str_from(item->result));
    if (item->error[0])
        rh_json_kv_strc(w, "error", item->error);
    rh_json_end_object(w);
}

static int64_t fake_count(struct rh_str group, const char *status)
{
    int64_t count = 0;

    for (uint32_t i = 0; i < fake.count; i++)
        count += rh_str_eq_c(group, fake.items[i].group) && !strcmp(fake.items[i].status, status);
    return count;
}

static int32_t fake_handle_group(void *self, rh_req req, const void *fields)
{
    static const char *const states[] = {"pending", "leased", "done", "dead", "cancelled"};
    struct fake_queue *q = self;
    const struct fake_group *asked = fields;
    struct rh_json_reply reply;
    int64_t listed = 0;
    uint32_t i = fake_place(asked->after);
    char next[16] = "";
    bool is_known = false;

    for (uint32_t k = 0; k < fake.count; k++)
        is_known = is_known || rh_str_eq_c(asked->group, fake.items[k].group);
    if (!is_known)
        return rh_failf(&q->rh, RH_ENOTFOUND, "no group");
    rh_json_reply_begin(&reply);
    rh_json_key(&reply.w, "counts");
    rh_json_begin_object(&reply.w);
    for (size_t k = 0; k < sizeof(states) / sizeof(states[0]); k++)
        rh_json_kv_int(&reply.w, states[k], fake_count(asked->group, states[k]));
    rh_json_end_object(&reply.w);
    rh_json_key(&reply.w, "items");
    rh_json_begin_array(&reply.w);
    for (; i < fake.count && listed < asked->limit; i++) {
        if (!rh_str_eq_c(asked->group, fake.items[i].group))
            continue;
        fake_write(&reply.w, i);
        listed++;
    }
    rh_json_end_array(&reply.w);
    fake.reads += (uint32_t)listed;
    if (i < fake.count)
        (void)snprintf(next, sizeof(next), "w%u", i);
    rh_json_kv_strc(&reply.w, "next", next[0] ? next : NULL);
    return rh_json_reply_send(&reply, &q->rh, req, 200);
}

static int32_t fake_handle_cancel(void *self, rh_req req, const void *fields)
{
    struct fake_queue *q = self;
    const struct fake_cancel *cancel = fields;
    const uint32_t place = fake_place(cancel->work_id);

    assert_true(place >= 1 && place <= fake.count);
    if (strcmp(fake.items[place - 1].status, "pending") != 0)
        return rh_failf(&q->rh, RH_ECONFLICT, "it is over");
    fake_cut(fake.items[place - 1].status, sizeof(fake.items[0].status), RH_STR_LIT("cancelled"));
    return rh_reply_ok(&q->rh, req);
}

static int32_t fake_handle_claim(void *self, rh_req req, const void *fields)
{
    struct fake_queue *q = self;
    struct rh_request facts = {.size = (uint32_t)sizeof(facts)};

    (void)fields;
    assert_int_equal(q->rh.http->request(q->rh.ctx, req, &facts), RH_OK);
    fake_cut(fake.claim_body, sizeof(fake.claim_body), facts.body);
    return q->rh.http->reply(q->rh.ctx, req, 200,
                             RH_STR_LIT("{\"items\":[],\"refused\":{\"no_work\":1}}"));
}

static const struct rh_route fake_routes[] = {
    RH_ROUTE("POST", "/work/add", RH_WORKER, 0, RH_FIELDS(struct fake_add, fake_add_rows),
             fake_handle_add, "-"),
    RH_ROUTE("GET", "/work/group", RH_READ, 0, RH_FIELDS(struct fake_group, fake_group_rows),
             fake_handle_group, "-"),
    RH_ROUTE("POST", "/work/cancel", RH_WORKER, 0, RH_FIELDS(struct fake_cancel, fake_cancel_rows),
             fake_handle_cancel, "-"),
    RH_ROUTE("POST", "/work/claim", RH_WORKER, 0, RH_FIELDS(struct fake_claim, fake_claim_rows),
             fake_handle_claim, "-"),
};

static int32_t fake_create(void *self, struct rh_ctx *ctx, const struct rh_host *host,
                           const void *config)
{
    (void)config;
    rh_services_init(&((struct fake_queue *)self)->rh, ctx, host);
    return RH_OK;
}

static void fake_destroy(void *self)
{
    (void)self;
}

static const char *const fake_services[] = {RH_CORE_ID, RH_HTTP_ID};

static const struct rh_plugin fake_plugin = {
    .size = (uint32_t)sizeof(struct rh_plugin),
    .abi_major = RH_ABI_MAJOR,
    .abi_minor = RH_ABI_MINOR,
    .instance_size = (uint32_t)sizeof(struct fake_queue),
    .id = "work_queue",
    .version = "0.1.0",
    .summary = "A queue for tests.",
    .license = "Apache-2.0",
    RH_LIST_OF(fake_services, service),
    RH_TABLE(fake_routes, route),
    .create = fake_create,
    .destroy = fake_destroy,
};

#endif
