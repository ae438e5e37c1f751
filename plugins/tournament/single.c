/* Builds a single elimination, and the winners' half of a double one. */
#include "single.h"

#include "seeding.h"

uint32_t single_rounds(uint32_t size)
{
    uint32_t rounds = 0;

    while ((UINT32_C(1) << rounds) < size)
        rounds++;
    return rounds;
}

uint32_t single_index(uint32_t size, uint32_t round, uint32_t number)
{
    /* Rounds before have size/2 + size/4 + ... matches. */
    return size - (size >> (round - 1)) + number - 1;
}

void single_add_bracket(struct plan *plan, uint32_t size)
{
    uint16_t order[PLAN_PLAYERS_MAX];

    seeding_order(size, order);
    for (uint32_t k = 1; k <= size / 2; k++) {
        (void)plan_add(plan, PART_WINNERS, 1, k,
                       (struct plan_side){.source = SOURCE_SEED, .of = order[2 * k - 2]},
                       (struct plan_side){.source = SOURCE_SEED, .of = order[2 * k - 1]});
    }
    for (uint32_t round = 2; round <= single_rounds(size); round++) {
        for (uint32_t k = 1; k <= size >> round; k++) {
            const uint32_t above = single_index(size, round - 1, 2 * k - 1);

            (void)plan_add(
                plan, PART_WINNERS, round, k,
                (struct plan_side){.source = SOURCE_WINNER, .of = (uint16_t)above},
                (struct plan_side){.source = SOURCE_WINNER, .of = (uint16_t)(above + 1)});
        }
    }
}

/* Two players have no semifinals. */
static bool has_third(const struct plan_options *options)
{
    return options->has_third_place && options->players > 2;
}

uint32_t single_matches(const struct plan_options *options)
{
    return seeding_size(options->players) - 1 + (has_third(options) ? 1 : 0);
}

void single_build(struct plan *plan)
{
    const uint32_t size = seeding_size(plan->options.players);

    single_add_bracket(plan, size);
    if (has_third(&plan->options)) {
        const uint32_t semifinal = single_index(size, single_rounds(size) - 1, 1);

        (void)plan_add(plan, PART_THIRD, 1, 1,
                       (struct plan_side){.source = SOURCE_LOSER, .of = (uint16_t)semifinal},
                       (struct plan_side){.source = SOURCE_LOSER, .of = (uint16_t)(semifinal + 1)});
    }
}
