/* Goes round the groups of an owner and asks the queue about each, one call at a time. */
#include "work_round.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#define PATH_SIZE 512u
#define WHY_SIZE  256u

typedef void round_callback(void *self, void *user, const struct rh_reply *reply);

static void next_group(struct rh_work_groups *groups);

static int64_t now_of(const struct rh_work_groups *groups)
{
    return groups->rh->core->now_ms(groups->rh->ctx);
}

static void cut(char *dst, size_t size, struct rh_str s)
{
    const size_t n = s.n < size ? s.n : size - 1;

    if (n)
        memcpy(dst, s.p, n);
    dst[n] = '\0';
}

static void put_off_by(struct rh_work_groups *groups, struct rh_work_group *group,
                       const struct rh_reply *reply, const char *what)
{
    char text[RH_WORK_PROBLEM_SIZE];
    const int n = snprintf(text, sizeof(text), "%s: status %" PRIu32 ": %.*s", what, reply->status,
                           RH_STR_ARG(reply->message));

    work_refusal_put_off(groups, group, n < 0 ? what : text, reply->retry_after_s,
                         reply->status == 0 || reply->status == 503);
}

static void note_well(struct rh_work_group *group)
{
    group->problem[0] = '\0';
    group->refusals = 0;
    group->is_unadded = false;
}

static bool send(struct rh_work_groups *groups, const char *method, const char *path,
                 struct rh_str body, round_callback *cb)
{
    const struct rh_call call = {.size = (uint32_t)sizeof(call),
                                 .target = "self",
                                 .method = method,
                                 .path = path,
                                 .body = body,
                                 .flags = RH_CALL_IDEMPOTENT};

    groups->round.is_calling =
        groups->rh->http->call(groups->rh->ctx, &call, cb, groups, NULL) == RH_OK;
    return groups->round.is_calling;
}

static bool send_get(struct rh_work_groups *groups, const struct rh_work_group *group,
                     uint32_t limit, const char *after, round_callback *cb)
{
    char path[PATH_SIZE];
    const int n = snprintf(path, sizeof(path), "/work/group?group=%s&limit=%" PRIu32 "%s%s",
                           group->id, limit, after[0] ? "&after=" : "", after);

    return n > 0 && (size_t)n < sizeof(path) &&
           send(groups, "GET", path, (struct rh_str){NULL, 0}, cb);
}

static bool is_good(const struct rh_reply *reply)
{
    return reply->rc == RH_OK && reply->status >= 200 && reply->status < 300;
}

/* A group that never had an item is not known to the queue. */
static bool is_empty_group(const struct rh_reply *reply)
{
    return reply->rc == RH_OK && reply->status == 404 &&
           rh_str_eq_c(reply->error_code, "not_found");
}

/* The group that an answer is about; NULL when it is gone, or all is stopped. The round goes on as
 * calling until what follows from the answer is done: whoever kicks it from a callback of the owner
 * must not begin another one in the middle. */
static struct rh_work_group *take_answer(struct rh_work_groups *groups,
                                         const struct rh_reply *reply)
{
    struct rh_work_group *group;

    if (reply->rc == RH_ECANCELLED)
        return NULL; /* deactivated: a new activation begins a round of its own */
    group = work_group_by_serial(groups, groups->round.current);
    if (!group)
        next_group(groups);
    return group;
}

/* The same, and NULL as well when the queue refused: it is then asked again later. That the queue
 * can be read does not mean that it takes what it refused. */
static struct rh_work_group *take_good_answer(struct rh_work_groups *groups,
                                              const struct rh_reply *reply, const char *what)
{
    struct rh_work_group *group = take_answer(groups, reply);

    if (!group)
        return NULL;
    if (is_good(reply) || is_empty_group(reply)) {
        if (!group->is_unadded)
            note_well(group);
        return group;
    }
    put_off_by(groups, group, reply, what);
    next_group(groups);
    return NULL;
}

/* --- adding --- */

/* What the queue will never take. The owner may remove or cancel the group; if it does neither, it
 * is tried again like any other. */
static void refuse(struct rh_work_groups *groups, struct rh_work_group *group, struct rh_str why)
{
    char text[RH_WORK_PROBLEM_SIZE];

    cut(text, sizeof(text), why);
    group->is_unadded = true;
    work_refusal_put_off(groups, group, text, WORK_REFUSAL_WAIT_MAX_S, false);
    if (groups->owner->refused)
        groups->owner->refused(groups->self, group, rh_str_from(text));
}

static void on_added(void *self, void *user, const struct rh_reply *reply);

/* Add the next missing items; false when none is missing or no call could be made. */
static bool add_missing(struct rh_work_groups *groups, struct rh_work_group *group)
{
    struct rh_buf body;
    bool is_sent = false;

    rh_buf_init(&body, RH_BATCH_BYTES_MAX);
    if (!work_add_body(groups, group, &body)) {
        group->is_due = group->has_more = false;
        note_well(group);
    } else if (body.rc == RH_ETOOLARGE) {
        refuse(groups, group, RH_STR_LIT("an item is too large for a request to the queue"));
    } else if (body.rc != RH_OK) {
        group->is_unadded = true;
        work_refusal_put_off(groups, group, "an item could not be written", 0, false);
    } else {
        is_sent = send(groups, "POST", "/work/add", rh_buf_str(&body), on_added);
    }
    rh_buf_release(&body);
    return is_sent;
}

static bool begin_adding(struct rh_work_groups *groups, struct rh_work_group *group)
{
    groups->round.add_from = 0;
    return add_missing(groups, group);
}

static void on_refused(struct rh_work_groups *groups, struct rh_work_group *group,
                       const struct rh_reply *reply)
{
    if (work_refusal_is_for_good(reply) && !group->is_cancelled) {
        refuse(groups, group, reply->message);
    } else {
        group->is_unadded = true;
        put_off_by(groups, group, reply, "POST /work/add");
    }
    next_group(groups);
}

static void on_added(void *self, void *user, const struct rh_reply *reply)
{
    struct rh_work_groups *groups = user;
    struct rh_work_group *group = take_answer(groups, reply);

    (void)self;
    if (!group)
        return;
    if (!is_good(reply)) {
        on_refused(groups, group, reply);
        return;
    }
    note_well(group);
    for (uint32_t i = 0; i < groups->round.add_count; i++)
        work_group_see(group, groups->round.adding[i]);
    if (group->is_cancelled || !add_missing(groups, group))
        next_group(groups);
}

/* --- cancelling --- */

static void on_page(void *self, void *user, const struct rh_reply *reply);
static void on_cancelled(void *self, void *user, const struct rh_reply *reply);

static bool send_cancel(struct rh_work_groups *groups, const char *work_id)
{
    struct rh_json_writer w;
    struct rh_buf body;
    bool is_sent;

    rh_buf_init(&body, PATH_SIZE);
    rh_json_init(&w, &body);
    rh_json_begin_object(&w);
    rh_json_kv_strc(&w, "work_id", work_id);
    rh_json_end_object(&w);
    is_sent = rh_json_finish(&w) == RH_OK &&
              send(groups, "POST", "/work/cancel", rh_buf_str(&body), on_cancelled);
    rh_buf_release(&body);
    return is_sent;
}

static void go_on(struct rh_work_groups *groups);

/* Cancel what nobody wants of the page, one by one; then what follows the page. */
static void cancel_more(struct rh_work_groups *groups)
{
    if (groups->round.cancel_count == 0)
        go_on(groups);
    else if (!send_cancel(groups, groups->round.cancel[--groups->round.cancel_count]))
        next_group(groups);
}

/* An item that ended meanwhile, or is gone, need not be cancelled. */
static void on_cancelled(void *self, void *user, const struct rh_reply *reply)
{
    struct rh_work_groups *groups = user;
    struct rh_work_group *group = take_answer(groups, reply);
    const bool is_over = reply->rc == RH_OK && (reply->status == 404 || reply->status == 409);

    (void)self;
    if (!group)
        return;
    if (is_over || is_good(reply)) {
        cancel_more(groups);
        return;
    }
    put_off_by(groups, group, reply, "POST /work/cancel");
    next_group(groups);
}

static bool is_unwanted(const struct rh_work_groups *groups, const struct rh_work_group *group,
                        const struct work_row *row)
{
    enum rh_work_end end;
    uint32_t index;

    if (work_row_end(row, &end))
        return false;
    if (group->is_cancelled)
        return true;
    return groups->owner->unwanted &&
           rh_work_key_index(row->idempotency_key, rh_str_from(group->id), &index) == RH_OK &&
           groups->owner->unwanted(groups->self, group, index);
}

static void list_to_cancel(struct rh_work_groups *groups, const struct rh_work_group *group,
                           const struct work_page *page)
{
    groups->round.cancel_count = 0;
    for (uint32_t i = 0; i < page->items.count && i < RH_WORK_PAGE_MAX; i++) {
        const struct work_row *row = work_page_row(page, i);

        if (is_unwanted(groups, group, row))
            cut(groups->round.cancel[groups->round.cancel_count++], RH_WORK_ID_SIZE, row->work_id);
    }
}

/* --- results --- */

static void take_row(struct rh_work_groups *groups, struct rh_work_group *group,
                     const struct work_row *row)
{
    const int64_t now_ms = groups->rh->core->wall_ms(groups->rh->ctx);
    struct rh_work_item item = {.attempt = row->attempt,
                                .finished_at_ms = row->finished_at > 0 && row->finished_at < now_ms
                                                      ? row->finished_at
                                                      : now_ms,
                                .work_id = row->work_id,
                                .node_id = row->node_id,
                                .error = row->error,
                                .result = row->result};
    const bool is_over = work_row_end(row, &item.end);

    if (rh_work_key_index(row->idempotency_key, rh_str_from(group->id), &item.index) == RH_OK) {
        work_group_see(group, item.index);
        if (is_over)
            groups->owner->take(groups->self, group, &item);
    }
    groups->round.is_prefix = groups->round.is_prefix && is_over;
    if (groups->round.is_prefix)
        cut(group->after, sizeof(group->after), row->work_id);
}

static void take_page(struct rh_work_groups *groups, struct rh_work_group *group,
                      const struct work_page *page)
{
    for (uint32_t i = 0; i < page->items.count; i++)
        take_row(groups, group, work_page_row(page, i));
    groups->owner->taken(groups->self, group);
}

/* All pages of a cancelled group were read, and what was alive is cancelled. */
static void settle(struct rh_work_groups *groups, struct rh_work_group *group)
{
    group->not_before_ms = INT64_MAX;
    groups->owner->settled(groups->self, group);
}

/* All pages were read: what is still missing is added. */
static bool read_all(struct rh_work_groups *groups, struct rh_work_group *group)
{
    group->over = groups->round.over;
    return !group->is_cancelled && (groups->round.is_sweep || group->has_more) &&
           begin_adding(groups, group);
}

/* After a page: the next one, or what follows from all of them. The owner may have removed or
 * cancelled the group meanwhile; one cancelled just now has its turn in the next round. */
static void go_on(struct rh_work_groups *groups)
{
    struct rh_work_group *group = work_group_by_serial(groups, groups->round.current);
    bool is_sent = false;

    if (group && group->not_before_ms != INT64_MAX) {
        if (groups->round.next[0])
            is_sent = send_get(groups, group, RH_WORK_PAGE_MAX, groups->round.next, on_page);
        else if (groups->round.is_end)
            settle(groups, group);
        else
            is_sent = read_all(groups, group);
    }
    if (!is_sent)
        next_group(groups);
}

static void on_page(void *self, void *user, const struct rh_reply *reply)
{
    struct rh_work_groups *groups = user;
    struct rh_work_group *group = take_good_answer(groups, reply, "GET /work/group");
    struct rh_reply bad = *reply;
    struct work_page page;
    char why[WHY_SIZE] = "";
    void *memory = NULL;

    (void)self;
    if (!group)
        return;
    if (work_page_decode(groups->rh, reply->body, &page, &memory, why, sizeof(why)) != RH_OK) {
        bad.message = rh_str_from(why);
        put_off_by(groups, group, &bad, "GET /work/group");
        next_group(groups);
        return;
    }
    cut(groups->round.next, sizeof(groups->round.next),
        page.items.count ? page.next : (struct rh_str){NULL, 0});
    if (groups->round.over < 0)
        groups->round.over = work_page_over(&page);
    list_to_cancel(groups, group, &page);
    if (!group->is_cancelled)
        take_page(groups, group, &page);
    groups->rh->fields->release(groups->rh->ctx, memory);
    cancel_more(groups);
}

/* --- the round --- */

static bool begin_pages(struct rh_work_groups *groups, struct rh_work_group *group, bool is_sweep)
{
    groups->round.is_sweep = is_sweep;
    groups->round.is_end = group->is_cancelled;
    groups->round.over = -1;
    groups->round.is_prefix = true;
    if (is_sweep)
        work_group_forget(group);
    return send_get(groups, group, RH_WORK_PAGE_MAX, group->after, on_page);
}

static void on_counts(void *self, void *user, const struct rh_reply *reply)
{
    struct rh_work_groups *groups = user;
    struct rh_work_group *group = take_good_answer(groups, reply, "GET /work/group");
    struct work_page page;
    void *memory = NULL;
    bool has_news = true;

    (void)self;
    if (!group)
        return;
    if (work_page_decode(groups->rh, reply->body, &page, &memory, NULL, 0) == RH_OK)
        has_news = group->over < 0 || work_page_over(&page) != group->over;
    groups->rh->fields->release(groups->rh->ctx, memory);
    if (!has_news || group->is_cancelled || !begin_pages(groups, group, false))
        next_group(groups);
}

static bool visit(struct rh_work_groups *groups, struct rh_work_group *group)
{
    if (group->not_before_ms > now_of(groups))
        return false;
    if (!group->problem[0])
        group->refusals = 0; /* the visit before was without */
    if (group->is_due || group->is_cancelled)
        return begin_pages(groups, group, true);
    if (group->has_more) {
        if (begin_adding(groups, group))
            return true;
        group = work_group_by_serial(groups, groups->round.current);
        if (!group || group->not_before_ms > now_of(groups))
            return false; /* refused: it is put off, or gone */
    }
    return send_get(groups, group, 1, "", on_counts);
}

static void on_timer(void *self, void *user)
{
    struct rh_work_groups *groups = user;

    (void)self;
    groups->round.is_armed = false;
    rh_work_groups_kick(groups);
}

static struct rh_work_group *after_current(const struct rh_work_groups *groups)
{
    for (uint32_t i = 0; i < groups->count; i++) {
        if (groups->groups[i]->serial > groups->round.current)
            return groups->groups[i];
    }
    return NULL;
}

/* The next group of the round that has something to ask; at its end the timer for the next one. A
 * visit may remove its group. */
static void next_group(struct rh_work_groups *groups)
{
    struct rh_work_group *group;

    groups->round.is_calling = false;
    while ((group = after_current(groups))) {
        groups->round.current = group->serial;
        if (visit(groups, group))
            return;
    }
    if (groups->count == 0)
        return;
    groups->round.is_armed =
        groups->rh->core->timer(groups->rh->ctx, groups->round.is_again ? 0 : groups->interval_ms,
                                on_timer, groups, &groups->round.timer) == RH_OK;
}

void rh_work_groups_kick(struct rh_work_groups *groups)
{
    if (groups->round.is_calling) {
        groups->round.is_again = true;
        return;
    }
    if (groups->round.is_armed) /* gone is as good as cancelled */
        (void)groups->rh->core->timer_cancel(groups->rh->ctx, groups->round.timer);
    groups->round.is_armed = false;
    groups->round.is_again = false;
    groups->round.current = 0;
    next_group(groups);
}

void rh_work_groups_init(struct rh_work_groups *groups, const struct rh_services *rh,
                         const struct rh_work_owner *owner, void *self, int64_t interval_ms)
{
    memset(groups, 0, sizeof(*groups));
    groups->rh = rh;
    groups->owner = owner;
    groups->self = self;
    groups->interval_ms = interval_ms;
}

void rh_work_groups_interval(struct rh_work_groups *groups, int64_t interval_ms)
{
    groups->interval_ms = interval_ms;
}

void rh_work_groups_stop(struct rh_work_groups *groups)
{
    while (groups->count)
        rh_work_group_remove(groups, groups->groups[0]);
    memset(&groups->round, 0, sizeof(groups->round));
}
