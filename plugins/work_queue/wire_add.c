/* POST /work/add: checks, the index, the rows of new items. */
#include "wire.h"

#include <string.h>

#include <ringhost/sdk/json_depth.h>
#include <ringhost/sdk/str.h>

#include <ringhost/sdk/record.h>
#include <ringhost/sdk/work_input.h>

/* A batch keeps this far from the store's own limit, for counters and groups. Bytes. */
#define BATCH_MARGIN (24u * 1024u)

/* One item of the answer. */
struct added {
    uint64_t seq;
    struct item *item; /* NULL = it was there */
    uint8_t state;
};

static void sort_names(struct rh_str *names, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        for (uint32_t j = i; j > 0 && rh_str_cmp(names[j - 1], names[j]) > 0; j--) {
            struct rh_str swap = names[j];
            names[j] = names[j - 1];
            names[j - 1] = swap;
        }
    }
}

/* Names of a list that are too long. */
static int32_t check_names(const char *field, const struct rh_str_list *names,
                           struct add_refusal *why)
{
    for (uint32_t i = 0; i < names->count; i++) {
        if (names->items[i].n > ITEM_NAME_MAX || names->items[i].n == 0)
            return wire_refuse_add(why, RH_EINVAL, field, "has a name of 0 or over %u bytes",
                                   ITEM_NAME_MAX);
    }
    return RH_OK;
}

/* What is before the "=", or all of it. */
static struct rh_str file_name(struct rh_str file)
{
    const char *equals = file.n > 0 ? memchr(file.p, '=', file.n) : NULL;

    return equals ? (struct rh_str){file.p, (size_t)(equals - file.p)} : file;
}

static bool is_folder_of(struct rh_str name, struct rh_str path)
{
    return name.n > 0 && path.n > name.n && path.p[name.n] == '/' && rh_str_starts_with(path, name);
}

/* Two files of one name in the job's folder. The lists are short. */
static int32_t check_twice(const char *field, const struct rh_str_list *files,
                           struct add_refusal *why)
{
    for (uint32_t i = 1; i < files->count; i++) {
        struct rh_str name = file_name(files->items[i]);

        for (uint32_t j = 0; j < i; j++) {
            const struct rh_str other = file_name(files->items[j]);

            if (rh_str_eq(name, other))
                return wire_refuse_add(why, RH_EINVAL, field, "names \"%.*s\" twice",
                                       RH_STR_ARG(name));
            if (is_folder_of(name, other) || is_folder_of(other, name))
                return wire_refuse_add(why, RH_EINVAL, field,
                                       "names a file \"%.*s\" that is the folder of another",
                                       RH_STR_ARG(is_folder_of(name, other) ? name : other));
        }
    }
    return RH_OK;
}

/* Files that no worker could place or take. */
static int32_t check_files(const struct add_fields *f, struct add_refusal *why)
{
    struct rh_work_input input;
    int32_t rc;

    for (uint32_t i = 0; i < f->inputs.count; i++) {
        if (rh_work_input_parse(f->inputs.items[i], &input) != RH_OK)
            return wire_refuse_add(why, RH_EINVAL, "inputs",
                                   "has \"%.*s\", which is not NAME=SHA256 or NAME=SHA256:MODE, "
                                   "where MODE is three or four octal digits without write "
                                   "permission, as 0444 or 0555",
                                   RH_STR_ARG(f->inputs.items[i]));
    }
    for (uint32_t i = 0; i < f->outputs.count; i++) {
        if (!rh_work_file_name_is_good(f->outputs.items[i]))
            return wire_refuse_add(why, RH_EINVAL, "outputs",
                                   "has \"%.*s\", which is no name of a file",
                                   RH_STR_ARG(f->outputs.items[i]));
    }
    rc = check_twice("inputs", &f->inputs, why);
    return rc != RH_OK ? rc : check_twice("outputs", &f->outputs, why);
}

/* Checks what the field table cannot say, and fills the spec but for its dependencies; requires and
 * key_memory are the caller's. */
static int32_t read_spec(struct work_queue *self, const struct add_fields *f,
                         struct rh_str *requires, char key_memory[ITEM_NAME_MAX + 1],
                         struct item_spec *spec, struct add_refusal *why)
{
    int64_t timeout_ms = f->timeout_s > 0 ? f->timeout_s * 1000 : self->config->claim_timeout;

    if (f->work_type.n == 0)
        return wire_refuse_add(why, RH_EINVAL, "work_type", "is required");
    if (f->payload.n > ITEM_PAYLOAD_MAX)
        return wire_refuse_add(why, RH_ETOOLARGE, "payload", "is larger than %u bytes",
                               ITEM_PAYLOAD_MAX);
    if (rh_json_depth(f->payload) > RH_WORK_DEPTH_MAX)
        return wire_refuse_add(why, RH_EINVAL, "payload", "is nested more than %d deep",
                               RH_WORK_DEPTH_MAX);
    int32_t rc = check_names("requires", &f->requires, why);
    if (!rc)
        rc = check_files(f, why);
    if (rc)
        return rc;
    for (uint32_t i = 0; i < f->requires.count; i++) {
        requires[i] = f->requires.items[i];
    }
    sort_names(requires, f->requires.count);
    *spec = (struct item_spec){.work_type = f->work_type,
                               .config_key = f->config_key,
                               .board_type = f->board_type,
                               .group = f->group,
                               .idempotency_key = f->idempotency_key,
                               .target_node = f->target_node,
                               .requires = {requires, f->requires.count, 0},
                               .inputs = f->inputs,
                               .outputs = f->outputs,
                               .delay_ms = f->delay_s * 1000,
                               .num_players = f->num_players,
                               .priority = f->priority,
                               .min_vram_mb = f->min_vram_mb,
                               .timeout_ms = timeout_ms,
                               .max_runtime_ms = f->max_runtime_s * 1000,
                               .max_attempts = f->max_attempts,
                               .needs_gpu = f->needs_gpu != 0};
    if (item_spec_derive(spec, key_memory, ITEM_NAME_MAX + 1))
        return wire_refuse_add(why, RH_EINVAL, "config_key",
                               "contradicts \"board_type\" or \"num_players\"");
    return RH_OK;
}

/* The item that has the key already, if any; RH_ECONFLICT when it was asked for in other words. */
static int32_t find_first(struct work_queue *self, struct rh_str idempotency_key, uint64_t asked,
                          struct added *out, bool *found, struct add_refusal *why)
{
    struct item_status status;
    uint64_t first_asked;
    int32_t rc;

    *found = false;
    if (idempotency_key.n == 0)
        return RH_OK;
    *out = (struct added){.seq = 0};
    rc = store_get_keyed(self, idempotency_key, &out->seq, &first_asked);
    if (rc)
        return rc == RH_ENOTFOUND ? RH_OK : rc;
    *found = true;
    if (!rh_request_is_same(asked, first_asked)) {
        why->first_seq = out->seq;
        why->key = idempotency_key;
        return wire_refuse_add(why, RH_ECONFLICT, "idempotency_key", "is taken");
    }
    struct item *item = queue_find(&self->queue, out->seq);
    if (item) {
        out->state = item->state;
        return RH_OK;
    }
    rc = store_get_status(self, out->seq, &status);
    out->state = rc ? ITEM_PENDING : status.state;
    return rc;
}

static void put_item(struct work_queue *self, const struct item *item, const struct item_spec *spec,
                     struct rh_str payload, uint64_t asked)
{
    uint64_t seq = item->entry.seq;
    struct rh_buf buf;

    rh_buf_init(&buf, RH_VALUE_MAX);
    item_spec_encode(spec, &buf);
    store_put_seq(self, ROW_SPEC, seq, rh_buf_str(&buf));
    if (payload.n > 2) /* "{}" needs no row */
        store_put_seq(self, ROW_PAYLOAD, seq, payload);
    if (spec->group.n > 0) {
        struct rh_key key = key_of_member(spec->group, seq);
        store_put(self, &key, (struct rh_str){"", 0});
    }
    if (spec->idempotency_key.n > 0)
        store_put_keyed(self, spec->idempotency_key, seq, asked);
    if (buf.rc)
        self->store_rc = buf.rc;
    rh_buf_release(&buf);
}

/* Item i of a batch; seqs are the numbers of those before it. */
static int32_t add_one(struct work_queue *self, const struct add_fields *f, const uint64_t *seqs,
                       struct added *out, struct add_refusal *why)
{
    const uint64_t asked = rh_request_asked(&add_item_table, f, 0);
    struct rh_str requires[ITEM_REQUIRES_MAX];
    char key_memory[ITEM_NAME_MAX + 1];
    struct depend_list depends;
    struct item_spec spec;
    bool found;
    int32_t rc = read_spec(self, f, requires, key_memory, &spec, why);

    if (!rc)
        rc = find_first(self, spec.idempotency_key, asked, out, &found, why);
    if (rc || found)
        return rc;
    rc = wire_read_depends(self, &f->depends_on, seqs, &depends, why);
    if (rc)
        return rc;
    spec.depends = depends.all;
    spec.depend_count = depends.count;
    rc = queue_add(&self->queue, &spec, wire_now(self), &out->item);
    if (rc)
        return rc;
    if (depends.live_count > 0)
        rc = queue_block(&self->queue, out->item, depends.live, depends.live_count);
    out->seq = out->item->entry.seq;
    out->state = out->item->state;
    if (!rc && out->item->group && !out->item->group->is_loaded)
        rc = store_load_group(self, out->item->group);
    put_item(self, out->item, &spec, f->payload, asked);
    return rc ? rc : self->store_rc;
}

/* What an add is about. */
struct adding {
    const struct add_fields *items;
    uint32_t stride;
    uint32_t count;
    uint32_t order[ADD_ITEMS_MAX];
    uint64_t seqs[ADD_ITEMS_MAX]; /* by index */
    struct added added[ADD_ITEMS_MAX];
    bool is_new; /* at least one was not there before */
    struct add_refusal why;
};

static void undo(struct work_queue *self, const struct adding *adding, uint32_t count)
{
    while (count-- > 0) {
        struct item *item = adding->added[adding->order[count]].item;
        if (item)
            queue_undo_add(&self->queue, item);
    }
}

static int32_t too_large(struct add_refusal *why)
{
    why->index = ADD_NO_INDEX;
    return wire_refuse_add(why, RH_ETOOLARGE, "items", "are larger than %u bytes in all",
                           RH_BATCH_REPLICATED_BYTES_MAX - BATCH_MARGIN);
}

/* All rows of all items into the batch; *done is how many were tried. */
static int32_t add_each(struct work_queue *self, struct adding *adding, uint32_t *done)
{
    int32_t rc = RH_OK;

    for (*done = 0; *done < adding->count && !rc; ++*done) {
        uint32_t i = adding->order[*done];
        const char *at = (const char *)adding->items + (size_t)i * adding->stride;

        adding->added[i] = (struct added){.seq = 0};
        adding->why.index = i;
        rc = add_one(self, (const struct add_fields *)(const void *)at, adding->seqs,
                     &adding->added[i], &adding->why);
        adding->seqs[i] = adding->added[i].seq;
        adding->is_new = adding->is_new || adding->added[i].item;
        if (!rc && self->batch.bytes.n > RH_BATCH_REPLICATED_BYTES_MAX - BATCH_MARGIN)
            rc = too_large(&adding->why);
    }
    return rc;
}

/* Adds all or none. */
static int32_t add_all(struct work_queue *self, struct adding *adding)
{
    const struct added *added = adding->added;
    uint32_t done = 0;
    int32_t rc =
        wire_order(self, adding->items, adding->stride, adding->count, adding->order, &adding->why);

    if (rc)
        return rc;
    store_begin(self);
    rc = add_each(self, adding, &done);
    if (rc) {
        undo(self, adding, done);
        store_abort(self);
        return rc;
    }
    for (uint32_t i = 0; i < adding->count; i++) {
        struct group *group = added[i].item ? added[i].item->group : NULL;
        if (group && (i == 0 || !added[i - 1].item || added[i - 1].item->group != group))
            store_put_group(self, group);
    }
    if (adding->is_new)
        store_put_counters(self);
    rc = store_commit(self, false);
    if (rc) /* The overlay may have lost values under way: begin anew from what is stored. */
        self->rh.core->reactivate(self->rh.ctx, "an add could not be submitted");
    return rc;
}

static void write_added(struct rh_json_writer *w, const struct added *added)
{
    char id[ITEM_ID_TEXT_SIZE];

    rh_json_kv_str(w, "work_id", item_id_format(added->seq, id));
    rh_json_kv_strc(w, "status", item_state_name(added->state));
    if (!added->item)
        rh_json_kv_bool(w, "duplicate", true);
}

static int32_t reply(struct work_queue *self, rh_req req, const struct adding *adding,
                     bool is_batch)
{
    struct rh_json_reply reply;

    rh_json_reply_begin(&reply);
    if (is_batch) {
        rh_json_key(&reply.w, "items");
        rh_json_begin_array(&reply.w);
        for (uint32_t i = 0; i < adding->count; i++) {
            rh_json_begin_object(&reply.w);
            write_added(&reply.w, &adding->added[i]);
            rh_json_end_object(&reply.w);
        }
        rh_json_end_array(&reply.w);
    } else {
        write_added(&reply.w, &adding->added[0]);
    }
    return rh_json_reply_send(&reply, &self->rh, req, adding->is_new ? 201 : 200);
}

int32_t handle_add(void *instance, rh_req req, const void *fields)
{
    struct work_queue *self = instance;
    const struct add_fields *f = fields;
    bool is_batch = f->items.count > 0;
    struct adding adding;
    int32_t rc;

    if (is_batch && memchr(f->given, 1, sizeof(f->given)))
        return rh_failf(&self->rh, RH_EINVAL, "\"items\" must be the only field");
    adding.items = is_batch ? f->items.items : f;
    adding.count = is_batch ? f->items.count : 1;
    adding.stride = is_batch ? f->items.stride : 0;
    adding.is_new = false;
    adding.why = (struct add_refusal){.index = ADD_NO_INDEX};
    rc = add_all(self, &adding);
    if (rc == RH_EFULL)
        return wire_refuse_full(self, req, adding.count);
    if (rc)
        return wire_reply_refusal(self, req, rc, &adding.why, is_batch);
    rc = reply(self, req, &adding, is_batch);
    wire_settle(self);
    return rc;
}
