/* Requests that were taken; see seen.h. */
#include "seen.h"

#include <stdlib.h>
#include <string.h>

#include "frame.h"

struct seen_row {
    struct seen_row *next;
    int64_t until_ms;
    size_t n;
    char key[FRAME_NODE_MAX + 8];
};

void seen_init(struct seen *seen, uint64_t seed)
{
    rh_map_init(&seen->rows, seed, SEEN_COUNT_MAX);
    seen->first = seen->last = NULL;
}

static void drop_first(struct seen *seen)
{
    struct seen_row *row = seen->first;

    (void)rh_map_remove(&seen->rows, (struct rh_str){row->key, row->n}); /* it is there */
    seen->first = row->next;
    if (!seen->first)
        seen->last = NULL;
    free(row);
}

void seen_release(struct seen *seen)
{
    while (seen->first)
        drop_first(seen);
    rh_map_release(&seen->rows);
}

int32_t seen_add(struct seen *seen, struct rh_str from, uint64_t key, int64_t now_ms)
{
    struct seen_row *row;
    int32_t rc;

    if (from.n > FRAME_NODE_MAX)
        return RH_EFULL;
    while (seen->first && seen->first->until_ms <= now_ms)
        drop_first(seen);
    row = calloc(1, sizeof(*row));
    if (!row)
        return RH_ENOMEM;
    memcpy(row->key, from.p, from.n);
    memcpy(row->key + from.n, &key, sizeof(key));
    row->n = from.n + sizeof(key);
    row->until_ms = now_ms + SEEN_HOLD_MS;
    rc = rh_map_get(&seen->rows, (struct rh_str){row->key, row->n}) ? RH_EEXISTS : RH_OK;
    if (rc == RH_OK)
        rc = rh_map_put(&seen->rows, (struct rh_str){row->key, row->n}, row, NULL);
    if (rc != RH_OK) {
        free(row);
        return rc;
    }
    if (seen->last)
        seen->last->next = row;
    else
        seen->first = row;
    seen->last = row;
    return RH_OK;
}
