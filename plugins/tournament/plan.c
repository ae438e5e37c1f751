/* The list of matches of a tournament and the names of its pieces; who builds it is elsewhere. */
#include "plan.h"

#include <assert.h>
#include <ringhost/sdk/str.h>
#include <stdio.h>
#include <stdlib.h>

#include "berger.h"
#include "double.h"
#include "single.h"

static const char *const format_names[FORMAT_COUNT] = {"single_elimination", "double_elimination",
                                                       "round_robin"};
static const char *const part_names[PART_COUNT] = {"winners", "losers", "third_place", "final",
                                                   "round_robin"};
/* Letters of ids, and whether their matches have one round only. */
static const char part_letters[PART_COUNT] = {'W', 'L', 'T', 'F', 'R'};

static bool has_rounds(uint8_t part)
{
    return part != PART_THIRD && part != PART_FINAL;
}

uint32_t plan_matches(const struct plan_options *options)
{
    static uint32_t (*const sizes[FORMAT_COUNT])(const struct plan_options *options) = {
        single_matches, double_matches, berger_matches};

    assert(options->players >= 2);
    assert(options->players <= PLAN_PLAYERS_MAX);
    assert(options->format < FORMAT_COUNT);
    return sizes[options->format](options);
}

int32_t plan_init(struct plan *plan, const struct plan_options *options)
{
    static void (*const builders[FORMAT_COUNT])(struct plan * plan) = {single_build, double_build,
                                                                       berger_build};

    *plan = (struct plan){.options = *options, .capacity = plan_matches(options)};
    assert(plan->capacity <= PLAN_MATCHES_MAX);
    plan->matches = calloc(plan->capacity, sizeof(*plan->matches));
    if (!plan->matches)
        return RH_ENOMEM;
    builders[options->format](plan);
    assert(plan->count == plan->capacity);
    return RH_OK;
}

void plan_release(struct plan *plan)
{
    free(plan->matches);
    *plan = (struct plan){0};
}

static bool is_taken(const struct plan *plan, struct plan_side side)
{
    switch (side.source) {
    case SOURCE_SEED:
        return side.of <= plan->options.players;
    case SOURCE_WINNER:
        return plan_seats(&plan->matches[side.of]) > 0;
    case SOURCE_LOSER:
        return plan_seats(&plan->matches[side.of]) == 2;
    case SOURCE_SAME:
        return true;
    default:
        return false;
    }
}

uint32_t plan_add(struct plan *plan, uint8_t part, uint32_t round, uint32_t number,
                  struct plan_side first, struct plan_side second)
{
    struct plan_match *match = &plan->matches[plan->count];

    assert(plan->count < plan->capacity);
    *match = (struct plan_match){.part = part,
                                 .is_last = true,
                                 .round = (uint16_t)round,
                                 .number = (uint16_t)number,
                                 .sides = {first, second}};
    for (uint32_t i = 0; i < 2; i++) {
        struct plan_side *side = &match->sides[i];

        side->is_taken = is_taken(plan, *side);
        if (side->source == SOURCE_LOSER)
            plan->matches[side->of].is_last = false;
    }
    return plan->count++;
}

uint32_t plan_seats(const struct plan_match *match)
{
    return (uint32_t)match->sides[0].is_taken + (uint32_t)match->sides[1].is_taken;
}

uint32_t plan_played(const struct plan *plan)
{
    uint32_t played = 0;

    for (uint32_t i = 0; i < plan->count; i++) {
        const struct plan_match *match = &plan->matches[i];

        played += plan_seats(match) == 2 && match->sides[0].source != SOURCE_SAME;
    }
    return played;
}

void plan_id(const struct plan_match *match, char id[PLAN_ID_SIZE])
{
    const char letter = part_letters[match->part];

    if (has_rounds(match->part)) /* it fits: see PLAN_ID_SIZE */
        (void)snprintf(id, PLAN_ID_SIZE, "%c%u.%u", letter, match->round, match->number);
    else
        (void)snprintf(id, PLAN_ID_SIZE, "%c%u", letter, match->number);
}

uint32_t plan_find(const struct plan *plan, struct rh_str id)
{
    char known[PLAN_ID_SIZE];
    uint32_t index = 0;

    for (; index < plan->count; index++) {
        if (id.n < 2 || part_letters[plan->matches[index].part] != id.p[0])
            continue;
        plan_id(&plan->matches[index], known);
        if (rh_str_eq_c(id, known))
            break;
    }
    return index;
}

const char *plan_format_name(uint8_t format)
{
    assert(format < FORMAT_COUNT);
    return format_names[format];
}

uint8_t plan_format_find(struct rh_str name)
{
    uint8_t format = 0;

    while (format < FORMAT_COUNT && !rh_str_eq_c(name, format_names[format]))
        format++;
    return format;
}

const char *plan_part_name(uint8_t part)
{
    assert(part < PART_COUNT);
    return part_names[part];
}
