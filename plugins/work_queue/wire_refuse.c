/* Why an add was refused: which item, which field, and that nothing was added. */
#include "wire.h"

#include <stdarg.h>
#include <stdio.h>

#include <ringhost/sdk/request_key.h>
#include <ringhost/sdk/str.h>

/* When a full queue may have room again: as long as the items of the request take at the present
 * rate, within these bounds; the longest when nothing has been completed lately. Seconds. */
#define FULL_RETRY_MIN_S 1.0
#define FULL_RETRY_MAX_S 300.0

#define FIELD_SIZE       64u

int32_t wire_refuse_add(struct add_refusal *out, int32_t rc, const char *field, const char *format,
                        ...)
{
    va_list args;

    out->field = field;
    va_start(args, format);
    (void)vsnprintf(out->text, sizeof(out->text), format, args); /* a cut is fine */
    va_end(args);
    return rc;
}

int32_t wire_refuse_full(struct work_queue *self, rh_req req, uint32_t count)
{
    double per_s = rate_per_minute(&self->queue.done_rate, self->queue.clock_ms) / 60;
    double wait_s = per_s > 0 ? count / per_s : FULL_RETRY_MAX_S;
    struct rh_error full = {.size = (uint32_t)sizeof(full),
                            .rc = RH_EFULL,
                            .status = 429,
                            .code = "queue_full",
                            .message = "the queue holds as many live items, or kinds of them, as "
                                       "it may; nothing was added"};

    if (wait_s > FULL_RETRY_MAX_S)
        wait_s = FULL_RETRY_MAX_S;
    full.retry_after_s = (uint32_t)(wait_s < FULL_RETRY_MIN_S ? FULL_RETRY_MIN_S : wait_s + 0.999);
    return self->rh.http->reply_error(self->rh.ctx, req, &full);
}

/* "items[3]." in a batch. */
static void write_place(const struct add_refusal *refusal, bool is_batch, char place[FIELD_SIZE])
{
    place[0] = '\0';
    if (is_batch && refusal->index != ADD_NO_INDEX)
        (void)snprintf(place, FIELD_SIZE, "items[%u].", (unsigned)refusal->index); /* it fits */
}

int32_t wire_reply_refusal(struct work_queue *self, rh_req req, int32_t rc,
                           const struct add_refusal *refusal, bool is_batch)
{
    char text[RH_TEXT_MAX];
    char place[FIELD_SIZE];
    char field[FIELD_SIZE * 2];
    struct rh_error error = {
        .size = (uint32_t)sizeof(error), .rc = rc, .message = text, .field = field};
    char id[ITEM_ID_TEXT_SIZE];

    if (!refusal->field)
        return rc; /* nothing that the caller has said */
    write_place(refusal, is_batch, place);
    if (refusal->first_seq)
        return rh_request_refuse(&self->rh, req, place, refusal->key,
                                 item_id_format(refusal->first_seq, id));
    (void)snprintf(field, sizeof(field), "%s%s", place, refusal->field); /* it fits */
    (void)snprintf(text, sizeof(text), "\"%s\" %s; nothing was added", field,
                   refusal->text); /* a cut is fine */
    return self->rh.http->reply_error(self->rh.ctx, req, &error);
}
