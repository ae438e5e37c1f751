/* Builds a double elimination. */
#include "double.h"

#include "seeding.h"
#include "single.h"

/* Matches of losers' round `round`, from 1. */
static uint32_t losers_count(uint32_t size, uint32_t round)
{
    return size >> (2 + (round - 1) / 2);
}

static uint32_t losers_rounds(uint32_t size)
{
    return 2 * (single_rounds(size) - 1);
}

uint32_t double_matches(const struct plan_options *options)
{
    const uint32_t size = seeding_size(options->players);
    uint32_t matches = size - 1 + 1 + (options->has_reset ? 1 : 0);

    for (uint32_t round = 1; round <= losers_rounds(size); round++)
        matches += losers_count(size, round);
    return matches;
}

static struct plan_side winner_of(uint32_t index)
{
    return (struct plan_side){.source = SOURCE_WINNER, .of = (uint16_t)index};
}

static struct plan_side loser_of(uint32_t index)
{
    return (struct plan_side){.source = SOURCE_LOSER, .of = (uint16_t)index};
}

/* One round; `before` is the index of the first match of the losers' round before. */
static void add_losers_round(struct plan *plan, uint32_t size, uint32_t round, uint32_t before)
{
    const uint32_t count = losers_count(size, round);

    for (uint32_t i = 0; i < count; i++) {
        struct plan_side first = winner_of(before + 2 * i);
        struct plan_side second = winner_of(before + 2 * i + 1);

        if (round == 1) {
            first = loser_of(single_index(size, 1, 2 * i + 1));
            second = loser_of(single_index(size, 1, 2 * i + 2));
        } else if (round % 2 == 0) {
            const uint32_t place = dropin_place(plan->options.drop_in[round / 2 - 1], count, i);

            first = loser_of(single_index(size, round / 2 + 1, place + 1));
            second = winner_of(before + i);
        }
        (void)plan_add(plan, PART_LOSERS, round, i + 1, first, second);
    }
}

void double_build(struct plan *plan)
{
    const uint32_t size = seeding_size(plan->options.players);
    const uint32_t final = size - 2; /* the last match of the winners' bracket */
    uint32_t before = 0;
    uint32_t index;

    dropin_settle(size, plan->options.drop_in);
    single_add_bracket(plan, size);
    for (uint32_t round = 1; round <= losers_rounds(size); round++) {
        const uint32_t start = plan->count;

        add_losers_round(plan, size, round, before);
        before = start;
    }
    /* Two players have no losers' bracket: who loses the first match meets the winner again. */
    index = plan_add(plan, PART_FINAL, 1, 1, winner_of(final),
                     size == 2 ? loser_of(final) : winner_of(plan->count - 1));
    if (plan->options.has_reset)
        (void)plan_add(plan, PART_FINAL, 2, 2,
                       (struct plan_side){.source = SOURCE_SAME, .of = (uint16_t)index},
                       (struct plan_side){.source = SOURCE_SAME, .of = (uint16_t)index});
}
