/* See mix.h. */
#include "mix.h"

#include <assert.h>
#include <stddef.h>

static int64_t total_of(const struct mix_config *config, uint32_t type_count)
{
    int64_t total = 0;

    for (uint32_t t = 0; t < type_count; t++)
        total += config->kinds[t].weight > 0 ? config->kinds[t].have : 0;
    return total;
}

/* The type that would have least for its weight with one more; NULL when the config has none. */
static struct mix_kind *neediest_kind(struct mix_config *config, uint32_t type_count)
{
    struct mix_kind *best = NULL;

    for (uint32_t t = 0; t < type_count; t++) {
        struct mix_kind *kind = &config->kinds[t];

        if (kind->weight <= 0)
            continue;
        /* (have + add + 1) / weight, compared without dividing. */
        if (!best || (kind->have + kind->add + 1) * best->weight <
                         (best->have + best->add + 1) * kind->weight)
            best = kind;
    }
    return best;
}

int64_t mix_plan(struct mix_config *configs, uint32_t config_count, uint32_t type_count,
                 int64_t room)
{
    int64_t totals[MIX_CONFIGS_MAX];
    int64_t added = 0;

    assert(config_count <= MIX_CONFIGS_MAX);
    assert(type_count <= MIX_TYPES_MAX);
    for (uint32_t c = 0; c < config_count; c++) {
        assert(configs[c].depth <= MIX_DEPTH_MAX);
        totals[c] = total_of(&configs[c], type_count);
        for (uint32_t t = 0; t < type_count; t++)
            configs[c].kinds[t].add = 0;
    }
    while (added < room) {
        struct mix_kind *kind;
        uint32_t best = config_count;

        for (uint32_t c = 0; c < config_count; c++) {
            if (totals[c] < configs[c].depth &&
                (best == config_count ||
                 totals[c] * configs[best].depth < totals[best] * configs[c].depth))
                best = c;
        }
        if (best == config_count)
            break;
        kind = neediest_kind(&configs[best], type_count);
        if (!kind) {
            totals[best] = configs[best].depth; /* it has no type: nothing can be added */
            continue;
        }
        kind->add++;
        totals[best]++;
        added++;
    }
    return added;
}
