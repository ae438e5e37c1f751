/* See tail.h. */
#include "tail.h"

#include <stdlib.h>
#include <string.h>

static void drop(struct tail *tail)
{
    free(tail->text);
    *tail = (struct tail){.text = NULL};
}

/* A place for this item: its own, a free one, or that of the oldest. */
static struct tail *place_of(struct tails *tails, struct rh_str work_id)
{
    struct tail *best = &tails->tails[0];

    for (uint32_t i = 0; i < TAILS_MAX; i++) {
        struct tail *tail = &tails->tails[i];

        if (tail->text && rh_str_eq_c(work_id, tail->work_id))
            return tail;
        if (best->text && (!tail->text || tail->ended_ms < best->ended_ms))
            best = tail;
    }
    return best;
}

struct tail *tails_keep(struct tails *tails, struct rh_str work_id, struct rh_str output,
                        int64_t now_ms)
{
    size_t from = output.n > TAIL_BYTES_MAX ? output.n - TAIL_BYTES_MAX : 0;
    struct tail *tail = place_of(tails, work_id);

    drop(tail);
    if (rh_str_copy(tail->work_id, sizeof(tail->work_id), work_id) != RH_OK)
        return NULL; /* no item is called so */
    if (from > 0)    /* not in the middle of a character */
        for (int i = 0; i < 3 && ((unsigned char)output.p[from] & 0xc0) == 0x80; i++)
            from++;
    tail->size = output.n - from;
    tail->text = malloc(tail->size + 1);
    if (!tail->text) {
        drop(tail);
        return NULL;
    }
    if (tail->size > 0)
        memcpy(tail->text, output.p + from, tail->size);
    tail->offset = (int64_t)from;
    tail->ended_ms = now_ms;
    return tail;
}

const struct tail *tails_find(const struct tails *tails, struct rh_str work_id, int64_t now_ms)
{
    for (uint32_t i = 0; i < TAILS_MAX; i++) {
        const struct tail *tail = &tails->tails[i];

        if (tail->text && rh_str_eq_c(work_id, tail->work_id))
            return now_ms - tail->ended_ms <= TAIL_KEPT_MS ? tail : NULL;
    }
    return NULL;
}

struct rh_str tail_text(const struct tail *tail, int64_t *offset, int64_t max)
{
    size_t from;
    size_t n;

    if (*offset < tail->offset)
        *offset = tail->offset;
    if (*offset - tail->offset >= (int64_t)tail->size)
        return (struct rh_str){tail->text, 0};
    from = (size_t)(*offset - tail->offset);
    n = tail->size - from;
    return (struct rh_str){tail->text + from, (int64_t)n < max ? n : (size_t)max};
}

void tails_release(struct tails *tails)
{
    for (uint32_t i = 0; i < TAILS_MAX; i++)
        drop(&tails->tails[i]);
}
