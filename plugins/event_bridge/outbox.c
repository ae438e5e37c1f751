/* Rows and bytes of an outbox, counted. */
#include "outbox.h"

#include <assert.h>

void outbox_init(struct outbox *outbox, int64_t rows_max, int64_t bytes_max, uint64_t next)
{
    assert(next > 0);
    *outbox = (struct outbox){.rows_max = rows_max, .bytes_max = bytes_max, .next = next};
}

void outbox_found(struct outbox *outbox, uint64_t number, int64_t bytes)
{
    outbox->rows++;
    outbox->bytes += bytes;
    if (number >= outbox->next)
        outbox->next = number + 1;
}

uint64_t outbox_add(struct outbox *outbox, int64_t bytes)
{
    outbox->is_full = outbox->rows >= outbox->rows_max || outbox->bytes + bytes > outbox->bytes_max;
    if (outbox->is_full) {
        outbox->dropped++;
        return 0;
    }
    outbox->rows++;
    outbox->bytes += bytes;
    return outbox->next++;
}

void outbox_remove(struct outbox *outbox, int64_t bytes)
{
    assert(outbox->rows > 0);
    assert(outbox->bytes >= bytes);
    outbox->rows--;
    outbox->bytes -= bytes;
}
