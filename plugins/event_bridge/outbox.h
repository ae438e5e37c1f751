/* Accounts of an outbox on disk: what waits in it, what may still come in. The oldest are kept;
 * what finds no room is counted. Pure. */
#ifndef RH_PLUGINS_EVENT_BRIDGE_OUTBOX_H
#define RH_PLUGINS_EVENT_BRIDGE_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

struct outbox {
    int64_t rows_max;
    int64_t bytes_max;
    int64_t rows;
    int64_t bytes;
    uint64_t next;    /* number of the next row; grows by one a row and is never used again */
    uint64_t dropped; /* since the outbox was opened */
    bool is_full;     /* the last one found no room */
};

void outbox_init(struct outbox *outbox, int64_t rows_max, int64_t bytes_max, uint64_t next);
/* A row that was found on the disk: number and size. */
void outbox_found(struct outbox *outbox, uint64_t number, int64_t bytes);
/* Room for a row of this size: its number, or 0 and it is dropped. */
uint64_t outbox_add(struct outbox *outbox, int64_t bytes);
/* A row has left. */
void outbox_remove(struct outbox *outbox, int64_t bytes);

#endif
