/* A bit for each number and for each device. */
#include "slots.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

void slots_init(struct slots *slots, uint32_t count, uint32_t gpu_count)
{
    assert(count <= SLOTS_MAX);
    assert(gpu_count <= SLOTS_GPUS_MAX);
    memset(slots, 0, sizeof(*slots));
    slots->count = count;
    slots->gpu_count = gpu_count;
}

static bool is_taken(const struct slots *slots, uint32_t index)
{
    return (slots->taken_bits[index / 64] >> (index % 64) & 1) != 0;
}

/* The lowest devices that are free, as many as asked for; 0 if there are fewer. */
static uint64_t free_gpus(const struct slots *slots, uint32_t wanted)
{
    uint64_t bits = 0;

    for (uint32_t i = 0; i < slots->gpu_count && wanted > 0; i++) {
        const uint64_t bit = UINT64_C(1) << i;

        if (slots->gpu_bits & bit)
            continue;
        bits |= bit;
        wanted--;
    }
    return wanted == 0 ? bits : 0;
}

bool slots_take_at(struct slots *slots, const struct share *share)
{
    if (share->index >= SLOTS_MAX || share->cpus == 0 || share->cpus > SLOTS_MAX ||
        is_taken(slots, share->index) || (slots->gpu_bits & share->gpu_bits) != 0)
        return false;
    slots->taken_bits[share->index / 64] |= UINT64_C(1) << (share->index % 64);
    slots->gpu_bits |= share->gpu_bits;
    slots->taken += share->cpus;
    return true;
}

bool slots_take(struct slots *slots, uint32_t cpus, uint32_t gpus, struct share *out)
{
    struct share share = {.cpus = cpus, .gpu_bits = free_gpus(slots, gpus)};

    assert(cpus > 0);
    if (cpus > slots_free(slots) || (gpus > 0 && share.gpu_bits == 0))
        return false;
    while (share.index < SLOTS_MAX && is_taken(slots, share.index))
        share.index++;
    if (!slots_take_at(slots, &share))
        return false; /* every number is taken */
    *out = share;
    return true;
}

void slots_give(struct slots *slots, const struct share *share)
{
    assert(share->index < SLOTS_MAX);
    assert(is_taken(slots, share->index));
    assert((slots->gpu_bits & share->gpu_bits) == share->gpu_bits);
    assert(slots->taken >= share->cpus);
    slots->taken_bits[share->index / 64] &= ~(UINT64_C(1) << (share->index % 64));
    slots->gpu_bits &= ~share->gpu_bits;
    slots->taken -= share->cpus;
}

uint32_t slots_free(const struct slots *slots)
{
    return slots->taken < slots->count ? slots->count - slots->taken : 0;
}

uint32_t slots_gpus_free(const struct slots *slots)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < slots->gpu_count; i++)
        count += (slots->gpu_bits >> i & 1) == 0;
    return count;
}

void slots_gpus_write(uint64_t gpu_bits, char text[SLOTS_GPUS_TEXT])
{
    size_t n = 0;

    text[0] = '\0';
    for (uint32_t i = 0; i < SLOTS_GPUS_MAX; i++) {
        if ((gpu_bits >> i & 1) == 0)
            continue;
        n += (size_t)snprintf(text + n, SLOTS_GPUS_TEXT - n, "%s%u", n > 0 ? "," : "", i);
        assert(n < SLOTS_GPUS_TEXT);
    }
}

int32_t slots_gpus_read(struct rh_str text, uint64_t *gpu_bits)
{
    char again[SLOTS_GPUS_TEXT];
    uint64_t bits = 0;
    uint32_t device = 0;

    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] >= '0' && text.p[i] <= '9')
            device = device * 10 + (uint32_t)(text.p[i] - '0');
        if (device >= SLOTS_GPUS_MAX)
            return RH_EINVAL;
        if (text.p[i] == ',' || i + 1 == text.n) {
            bits |= UINT64_C(1) << device;
            device = 0;
        }
    }
    slots_gpus_write(bits, again); /* anything else than what it writes is none */
    if (!rh_str_eq_c(text, again))
        return RH_EINVAL;
    *gpu_bits = bits;
    return RH_OK;
}
