/* See cursor.h. */
#include "cursor.h"

#include <ringhost/sdk/hash.h>
#include <ringhost/sdk/str.h>

/* One byte of the list, eight of the position, three of the check. */
#define BYTES 12u

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void pack(enum cursor_list list, uint64_t position, uint8_t bytes[BYTES])
{
    uint64_t check;

    bytes[0] = (uint8_t)list;
    for (unsigned i = 0; i < 8; i++)
        bytes[1 + i] = (uint8_t)(position >> (56 - 8 * i));
    check = rh_hash_fnv1a(RH_HASH_FNV1A_INIT, bytes, 9);
    for (unsigned i = 0; i < 3; i++)
        bytes[9 + i] = (uint8_t)(check >> (8 * i));
    /* So that neighbours do not look alike. */
    for (unsigned i = 0; i < 9; i++)
        bytes[i] ^= bytes[9 + i % 3];
}

struct rh_str cursor_format(enum cursor_list list, uint64_t position, char dst[CURSOR_TEXT_SIZE])
{
    uint8_t bytes[BYTES];

    pack(list, position, bytes);
    for (unsigned i = 0; i < BYTES / 3; i++) {
        const uint32_t three =
            (uint32_t)bytes[3 * i] << 16 | (uint32_t)bytes[3 * i + 1] << 8 | bytes[3 * i + 2];

        for (unsigned k = 0; k < 4; k++)
            dst[4 * i + k] = letters[three >> (18 - 6 * k) & 63];
    }
    dst[CURSOR_TEXT_SIZE - 1] = '\0';
    return (struct rh_str){dst, CURSOR_TEXT_SIZE - 1};
}

static uint32_t value_of(char letter)
{
    uint32_t value = 0;

    while (value < 64 && letters[value] != letter)
        value++;
    return value;
}

bool cursor_parse(enum cursor_list list, struct rh_str text, uint64_t *position)
{
    char again[CURSOR_TEXT_SIZE];
    uint8_t bytes[BYTES];
    uint64_t found = 0;

    if (text.n != CURSOR_TEXT_SIZE - 1)
        return false;
    for (unsigned i = 0; i < BYTES / 3; i++) {
        uint32_t three = 0;

        for (unsigned k = 0; k < 4; k++)
            three = three << 6 | (value_of(text.p[4 * i + k]) & 63);
        for (unsigned k = 0; k < 3; k++)
            bytes[3 * i + k] = (uint8_t)(three >> (16 - 8 * k));
    }
    for (unsigned i = 1; i < 9; i++)
        found = found << 8 | (uint8_t)(bytes[i] ^ bytes[9 + i % 3]);
    if (!rh_str_eq(cursor_format(list, found, again), text))
        return false;
    *position = found;
    return true;
}
