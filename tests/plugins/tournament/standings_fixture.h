/* What the tests of the table of a round robin share: cross-tables as text. */
#ifndef RH_TESTS_PLUGINS_TOURNAMENT_STANDINGS_FIXTURE_H
#define RH_TESTS_PLUGINS_TOURNAMENT_STANDINGS_FIXTURE_H

#include "core_test.h"

#include "plugins/tournament/standings.h"

/* A cross-table: row i against column k is '1', '=', '0' or '.' (not played); only above the
 * diagonal. */
static inline uint32_t read_table(const char *const *rows, uint32_t n, struct encounter *out)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = i + 1; k < n; k++) {
            const char c = rows[i][k];

            if (c == '.')
                continue;
            out[count++] = (struct encounter){.first = (uint16_t)(i + 1),
                                              .second = (uint16_t)(k + 1),
                                              .first_halves = c == '1'   ? 2
                                                              : c == '=' ? 1
                                                                         : 0,
                                              .second_halves = c == '1'   ? 0
                                                               : c == '=' ? 1
                                                                          : 2,
                                              .units = 1,
                                              .first_wins = c == '1',
                                              .second_wins = c == '0'};
        }
    }
    return count;
}

static inline void make(const char *const *rows, uint32_t n, const struct tiebreak_list *list,
                        struct standing *out)
{
    static struct encounter encounters[1024];

    standings_make(encounters, read_table(rows, n, encounters), n, list, out);
}

static inline void assert_order(const struct standing *rows, uint32_t n, const char *expected)
{
    char text[256] = "";
    size_t at = 0;

    for (uint32_t i = 0; i < n; i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%u:%u", i ? " " : "",
                               rows[i].player, rows[i].rank);
    assert_string_equal(text, expected);
}

static inline const struct standing *row_of(const struct standing *rows, uint32_t n,
                                            uint16_t player)
{
    for (uint32_t i = 0; i < n; i++) {
        if (rows[i].player == player)
            return &rows[i];
    }
    fail_msg("no row of %u", player);
    return NULL;
}

#endif
