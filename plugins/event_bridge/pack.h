/* Events of one sink that were read and are not left behind yet, in order: the first ones go out
 * next, alone or together. Pure. */
#ifndef RH_PLUGINS_EVENT_BRIDGE_PACK_H
#define RH_PLUGINS_EVENT_BRIDGE_PACK_H

#include "record.h"

#define PACK_LETTERS_MAX 256u
#define PACK_BYTES_MAX   (256u * 1024u) /* of records; one that passes it is the last */
#define PACK_NAME_SIZE   40u            /* room for the name of a batch with a NUL */

struct pack_row {
    size_t offset;
    size_t size; /* bytes of the record */
    uint64_t position;
    int64_t at_ms;
};

struct pack {
    struct rh_buf records;
    uint32_t first; /* rows before it are left behind */
    uint32_t end;   /* behind the last row */
    struct pack_row rows[PACK_LETTERS_MAX];
};

/* Empty. Allocates nothing; release frees what pack_add allocated. */
void pack_init(struct pack *pack);
void pack_release(struct pack *pack);
/* Without letters; keeps the memory. */
void pack_clear(struct pack *pack);

/* Put a copy of a letter behind the others. RH_EFULL: there is no room behind them, never for the
 * first. RH_ENOMEM or RH_ETOOLARGE: also for those that follow, until the pack is empty. */
int32_t pack_add(struct pack *pack, const struct letter *letter);
uint32_t pack_count(const struct pack *pack);
/* A row, 0 = the next to go out; index < count. */
const struct pack_row *pack_row(const struct pack *pack, uint32_t index);
/* A letter; its strings live until the pack changes. index < count. */
struct letter pack_letter(const struct pack *pack, uint32_t index);
/* Leave the first one behind; count > 0. */
void pack_drop(struct pack *pack);
/* Forget all but the first `count`; at most those that there are. */
void pack_cut(struct pack *pack, uint32_t count);

/* The name of a batch of the first `count` letters, count > 0: the same letters have the same,
 * others another. "batch_" and 32 digits of the SHA-256 of the ids, each with a line feed. */
void pack_name(const struct pack *pack, uint32_t count, char dst[PACK_NAME_SIZE]);

#endif
