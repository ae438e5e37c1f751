/* Reads what the queue tells about a group, and writes what is to be added to it; it draws no
 * conclusions. */
#include "work_round.h"

#include <ringhost/sdk/str.h>

/* The longest error taken over, bytes. */
#define ERROR_MAX 65536
#define ROWS_MAX  1000
#define COUNT_MAX INT64_C(9007199254740991)

/* Items of one call: the queue takes them in one batch, which has to stay far below its 256 KiB. */
#define ADD_ITEMS_MAX 25u
#define ADD_BYTES     (128u * 1024u)

static const struct rh_field count_fields[] = {
    RH_INT(struct work_counts, done, 0, 0, COUNT_MAX, "items that are done"),
    RH_INT(struct work_counts, dead, 0, 0, COUNT_MAX, "items that failed for good"),
    RH_INT(struct work_counts, cancelled, 0, 0, COUNT_MAX, "items that were cancelled"),
};

static const struct rh_field row_fields[] = {
    RH_STR(struct work_row, work_id, RH_REQUIRED, "the work item"),
    RH_STR(struct work_row, idempotency_key, 0, "group and index"),
    RH_STR(struct work_row, status, RH_REQUIRED, "where it stands"),
    RH_STR(struct work_row, node_id, 0, "who has it, or had it last"),
    RH_TEXT(struct work_row, error, 0, ERROR_MAX, "why the last attempt failed"),
    RH_RAW(struct work_row, result, 0, "what was reported"),
    RH_INT(struct work_row, attempt, 0, 0, COUNT_MAX, "attempts begun"),
    RH_INT(struct work_row, finished_at, 0, 0, COUNT_MAX, "when it ended, Unix ms"),
};

static const struct rh_field page_fields[] = {
    RH_OBJECT_LIST(struct work_page, items, 0, ROWS_MAX, struct work_row, row_fields, "a page"),
    RH_STR(struct work_page, next, 0, "where the next page begins"),
    RH_OBJECT(struct work_page, counts, 0, struct work_counts, count_fields, "items by status"),
};
static const struct rh_fields page_table = RH_FIELDS(struct work_page, page_fields);

int32_t work_page_decode(const struct rh_services *rh, struct rh_str body, struct work_page *out,
                         void **memory, char *why, uint32_t why_size)
{
    return rh->fields->decode(rh->ctx, &page_table, body, out, memory, why, why_size);
}

const struct work_row *work_page_row(const struct work_page *page, uint32_t index)
{
    const char *row = (const char *)page->items.items + (size_t)index * page->items.stride;

    return (const struct work_row *)(const void *)row;
}

int64_t work_page_over(const struct work_page *page)
{
    return page->counts.done + page->counts.dead + page->counts.cancelled;
}

bool work_row_end(const struct work_row *row, enum rh_work_end *end)
{
    static const char *const names[] = {
        [RH_WORK_DONE] = "done", [RH_WORK_DEAD] = "dead", [RH_WORK_CANCELLED] = "cancelled"};

    for (uint32_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (rh_str_eq_c(row->status, names[i])) {
            *end = (enum rh_work_end)i;
            return true;
        }
    }
    return false;
}

static void write_item(const struct rh_work_groups *groups, const struct rh_work_group *group,
                       uint32_t index, struct rh_json_writer *w)
{
    char key[RH_WORK_KEY_SIZE];

    (void)rh_work_key(key, rh_str_from(group->id), index); /* sized for every id and index */
    rh_json_begin_object(w);
    groups->owner->write(groups->self, group, index, w);
    rh_json_kv_strc(w, "group", group->id);
    rh_json_kv_strc(w, "idempotency_key", key);
    rh_json_end_object(w);
}

bool work_add_body(struct rh_work_groups *groups, const struct rh_work_group *group,
                   struct rh_buf *buf)
{
    struct rh_json_writer w;
    uint32_t index = work_group_missing(groups, group, groups->round.add_from);

    groups->round.add_count = 0;
    if (index == RH_WORK_NONE)
        return false;
    rh_json_init(&w, buf);
    rh_json_begin_object(&w);
    rh_json_key(&w, "items");
    rh_json_begin_array(&w);
    do {
        write_item(groups, group, index, &w);
        groups->round.adding[groups->round.add_count++] = index;
        groups->round.add_from = index + 1;
        index = work_group_missing(groups, group, index + 1);
    } while (index != RH_WORK_NONE && groups->round.add_count < ADD_ITEMS_MAX &&
             buf->n < ADD_BYTES);
    rh_json_end_array(&w);
    rh_json_end_object(&w);
    (void)rh_json_finish(&w); /* the error stays in buf */
    return true;
}
