/* Sinks that the configuration names no longer and whose rows are still there: a cursor, so that a
 * sink that is put back goes on where it was, dead letters, and of a node events that wait. Shown,
 * told in health where something would be lost with them, and forgotten on request. */
#include <inttypes.h>
#include <string.h>

#include "wire.h"

#define NAMES_AT_ONCE 32u
#define SHOWN_MAX     100u   /* removed sinks in a list */
#define WAITING_MAX   10000u /* events that are counted */

static struct rh_store store_of(const struct bridge *p, const struct scope *scope)
{
    return (struct rh_store){&p->rh, scope->name_space};
}

static int32_t get_cursor(const struct bridge *p, const struct scope *scope, struct rh_str name,
                          struct removed *out)
{
    const struct rh_store store = store_of(p, scope);
    struct rh_value value = {.size = (uint32_t)sizeof value};
    int32_t rc = rh_store_get_id(&store, ROW_CURSOR, name, &value);

    if (rc != RH_OK || !value.found)
        return rc == RH_OK ? RH_ENOTFOUND : rc;
    return record_get_cursor(value.data, &out->cursor) == RH_OK ? RH_OK : RH_EIO;
}

/* Events in the outbox behind the cursor, at most WAITING_MAX. */
static int32_t count_waiting(const struct bridge *p, const struct scope *scope, struct removed *out)
{
    struct rh_rows rows = {.more = scope->is_node};
    uint64_t number = out->cursor.position;
    int32_t rc = RH_OK;

    while (rc == RH_OK && rows.more && out->waiting < WAITING_MAX) {
        rows = (struct rh_rows){.size = (uint32_t)sizeof rows};
        rc = scope_scan(p, scope, rh_str_from(out->name), ROW_OUTBOX, number + 1, 0, &rows);
        out->waiting += rows.count;
        if (rc == RH_OK && rows.count > 0)
            rc = sink_key_number(rh_store_row(&rows, rows.count - 1)->key, &number);
    }
    return rc;
}

int32_t removed_get(struct bridge *p, const struct scope *scope, struct rh_str name,
                    struct removed *out)
{
    int32_t rc;

    *out = (struct removed){0};
    if (bridge_find(p, scope, name) || rh_str_copy(out->name, sizeof out->name, name) != RH_OK)
        return RH_ENOTFOUND;
    rc = get_cursor(p, scope, name, out);
    return rc == RH_OK ? count_waiting(p, scope, out) : rc;
}

/* Call fn for each, at most SHOWN_MAX. */
static int32_t each(struct bridge *p, const struct scope *scope,
                    void (*fn)(void *user, const struct removed *removed), void *user)
{
    const struct rh_store store = store_of(p, scope);
    char names[NAMES_AT_ONCE][SINK_NAME_MAX + 1];
    char last[SINK_NAME_MAX + 1] = "";
    uint32_t count = NAMES_AT_ONCE;
    uint32_t shown = 0;
    int32_t rc = RH_OK;

    while (rc == RH_OK && count == NAMES_AT_ONCE && shown < SHOWN_MAX) {
        rc = rh_store_ids(&store, ROW_CURSOR, rh_str_from(last), 0, NAMES_AT_ONCE, names[0],
                          sizeof names[0], &count);
        for (uint32_t i = 0; i < count && rc == RH_OK; i++) {
            struct removed removed;

            rc = removed_get(p, scope, rh_str_from(names[i]), &removed);
            if (rc == RH_OK && shown++ < SHOWN_MAX)
                fn(user, &removed);
            rc = rc == RH_ENOTFOUND ? RH_OK : rc;
        }
        if (rc == RH_OK && count > 0)
            memcpy(last, names[count - 1], sizeof last);
    }
    return rc;
}

/* --- shown --- */

struct listing {
    struct rh_json_writer *w;
    const struct scope *scope;
    uint64_t newest;
};

static void write_one(void *user, const struct removed *removed)
{
    const struct listing *listing = user;
    struct rh_json_writer *w = listing->w;
    const struct cursor *cursor = &removed->cursor;

    rh_json_begin_object(w);
    rh_json_kv_strc(w, "sink", removed->name);
    rh_json_kv_strc(w, "scope", listing->scope->is_node ? "node" : "cluster");
    rh_json_kv_strc(w, "state", "removed");
    rh_json_kv_int(w, "position", (int64_t)cursor->position);
    rh_json_kv_int(
        w, "behind",
        listing->newest > cursor->position ? (int64_t)(listing->newest - cursor->position) : 0);
    rh_json_kv_int(w, "delivered", (int64_t)cursor->delivered);
    rh_json_kv_int(w, "missed", (int64_t)cursor->missed);
    rh_json_kv_int(w, "buried", (int64_t)cursor->buried);
    rh_json_kv_int(w, "dead_letters", (int64_t)cursor->dead);
    rh_json_kv_int(w, "waiting", removed->waiting);
    rh_json_end_object(w);
}

int32_t removed_list(struct bridge *p, const struct scope *scope, uint64_t newest,
                     struct rh_json_writer *w)
{
    struct listing listing = {w, scope, newest};

    return each(p, scope, write_one, &listing);
}

static void keep_first(void *user, const struct removed *removed)
{
    struct scope *scope = user;

    if (scope->left.name[0] == '\0' && (removed->cursor.dead > 0 || removed->waiting > 0))
        scope->left = *removed;
}

void removed_look(struct bridge *p, struct scope *scope)
{
    scope->left = (struct removed){0};
    (void)each(p, scope, keep_first, scope); /* what cannot be read is told by the list */
}

/* --- forgotten --- */

static void on_forgotten(void *self, void *user, int32_t rc, uint64_t revision)
{
    struct bridge *p = self;
    struct scope *scope = user;
    const struct removed gone = scope->forgetting;
    const rh_req req = scope->forget_req;
    struct rh_json_reply reply;

    (void)revision;
    scope->forget_req = 0;
    if (rc != RH_OK) {
        (void)rh_reply_errorf(&p->rh, req, rc, NULL, "it was not written"); /* gone: nobody waits */
        return;
    }
    rh_log_warn(&p->rh, "sink_forgotten",
                "sink=%s position=%" PRIu64 " dead_letters=%" PRIu64 " waiting=%" PRIu32, gone.name,
                gone.cursor.position, gone.cursor.dead, gone.waiting);
    if (p->is_active) {
        removed_look(p, scope);
        bridge_show(p);
    }
    rh_json_reply_begin(&reply);
    rh_json_kv_strc(&reply.w, "sink", gone.name);
    rh_json_kv_int(&reply.w, "dead_letters", (int64_t)gone.cursor.dead);
    rh_json_kv_int(&reply.w, "waiting", gone.waiting);
    (void)rh_json_reply_send(&reply, &p->rh, req, 200); /* likewise */
}

int32_t bridge_forget(struct bridge *p, struct scope *scope, rh_req req,
                      const struct forget_req *fields)
{
    static const char kinds[] = {ROW_DEAD, ROW_WANTED, ROW_OUTBOX};
    struct rh_batch_builder batch;
    struct removed removed;
    int32_t rc;

    if (bridge_find(p, scope, fields->sink))
        return rh_failf(&p->rh, RH_ECONFLICT,
                        "sink \"%.*s\" is configured here; take it out of the configuration first",
                        RH_STR_ARG(fields->sink));
    if (scope->forget_req)
        return rh_failf(&p->rh, RH_EAGAIN, "another sink is being forgotten");
    rc = removed_get(p, scope, fields->sink, &removed);
    if (rc == RH_ENOTFOUND)
        return rh_failf(&p->rh, rc, "nothing is kept of a sink \"%.*s\" of scope %s",
                        RH_STR_ARG(fields->sink), scope->is_node ? "node" : "cluster");
    if (rc != RH_OK)
        return rc;
    rh_batch_begin(&batch, scope->name_space);
    for (size_t i = 0; i < sizeof kinds; i++)
        rh_store_delete_all(&batch, kinds[i], fields->sink);
    rh_store_delete_id(&batch, ROW_CURSOR, fields->sink);
    rc = rh_batch_commit(&batch, &p->rh, on_forgotten, scope);
    if (rc == RH_OK) {
        scope->forgetting = removed;
        scope->forget_req = req;
    }
    return rc;
}
