/* Rows and bytes of an outbox, counted. */
#include "spool.h"

#include <assert.h>

void spool_init(struct spool *outbox, int64_t rows_max, int64_t bytes_max, uint64_t next)
{
    assert(next > 0);
    *outbox = (struct spool){.rows_max = rows_max, .bytes_max = bytes_max, .next = next};
}

void spool_found(struct spool *outbox, uint64_t number, int64_t bytes)
{
    outbox->rows++;
    outbox->bytes += bytes;
    if (number >= outbox->next)
        outbox->next = number + 1;
}

uint64_t spool_add(struct spool *outbox, int64_t bytes)
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

void spool_remove(struct spool *outbox, int64_t bytes)
{
    assert(outbox->rows > 0);
    assert(outbox->bytes >= bytes);
    outbox->rows--;
    outbox->bytes -= bytes;
}
