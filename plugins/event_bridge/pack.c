/* Rows over one buffer of records. */
#include "pack.h"

#include <assert.h>
#include <string.h>

#include <ringhost/sdk/hex.h>
#include <ringhost/sdk/sha256.h>

#define NAME_PREFIX "batch_"
#define NAME_BYTES  16u /* of the digest */

static_assert(sizeof NAME_PREFIX - 1 + 2 * NAME_BYTES < PACK_NAME_SIZE, "a name fits");

void pack_init(struct pack *pack)
{
    *pack = (struct pack){0};
    rh_buf_init(&pack->records, PACK_BYTES_MAX + RECORD_BYTES_MAX);
}

void pack_release(struct pack *pack)
{
    rh_buf_release(&pack->records);
    pack->first = pack->end = 0;
}

void pack_clear(struct pack *pack)
{
    rh_buf_reset(&pack->records);
    pack->first = pack->end = 0;
}

int32_t pack_add(struct pack *pack, const struct letter *letter)
{
    const size_t offset = pack->records.n;

    if (pack->end == PACK_LETTERS_MAX || offset >= PACK_BYTES_MAX)
        return RH_EFULL;
    record_put_letter(&pack->records, letter); /* an error stays in records */
    if (pack->records.rc != RH_OK)
        return pack->records.rc;
    pack->rows[pack->end++] =
        (struct pack_row){offset, pack->records.n - offset, letter->position, letter->at_ms};
    return RH_OK;
}

uint32_t pack_count(const struct pack *pack)
{
    return pack->end - pack->first;
}

const struct pack_row *pack_row(const struct pack *pack, uint32_t index)
{
    assert(index < pack_count(pack));
    return &pack->rows[pack->first + index];
}

struct letter pack_letter(const struct pack *pack, uint32_t index)
{
    const struct pack_row *row = pack_row(pack, index);
    struct letter letter;
    int32_t rc =
        record_get_letter((struct rh_str){pack->records.p + row->offset, row->size}, &letter);

    assert(rc == RH_OK); /* we wrote it */
    return letter;
}

void pack_drop(struct pack *pack)
{
    assert(pack_count(pack) > 0);
    pack->first++;
    if (pack->first == pack->end)
        pack_clear(pack);
}

void pack_cut(struct pack *pack, uint32_t count)
{
    if (count == 0)
        pack_clear(pack);
    else if (count < pack_count(pack))
        pack->end = pack->first + count;
}

void pack_name(const struct pack *pack, uint32_t count, char dst[PACK_NAME_SIZE])
{
    unsigned char digest[RH_SHA256_SIZE];
    struct rh_sha256 hash;

    assert(count > 0);
    rh_sha256_init(&hash);
    for (uint32_t i = 0; i < count; i++) {
        const struct letter letter = pack_letter(pack, i);

        rh_sha256_update(&hash, letter.id.p, letter.id.n);
        rh_sha256_update(&hash, "\n", 1);
    }
    rh_sha256_final(&hash, digest);
    memcpy(dst, NAME_PREFIX, sizeof NAME_PREFIX);
    (void)rh_hex_encode(dst + sizeof NAME_PREFIX - 1, PACK_NAME_SIZE - (sizeof NAME_PREFIX - 1),
                        digest, NAME_BYTES); /* fits, as asserted */
}
