/* Draws the tree of an elimination.
 *
 * Sides of the first round stand on every second line, or on two lines of four in a losers'
 * bracket; a match is joined in the middle of its sides, and there its winner stands as a side of
 * the next round. In a losers' round that others drop into, the one who drops in stands two lines
 * above the survivor. Each line of the screen grows from left to right, column by column. */
#include "host/ctl/bracket.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/ctl/json_get.h"
#include "host/ctl/words.h"

#define LINE_BYTES_MAX 4096u
#define NAME_COLUMNS   24u
/* Columns of a line that joins: "─┐ ". */
#define JOINT_COLUMNS 3u
#define ROUNDS_MAX    16u

struct line {
    struct rh_buf text;
    uint32_t width;
};

struct drawing {
    const cJSON *reply;
    const char *bracket;
    struct line *lines;
    uint32_t line_count;
    uint32_t first_count; /* matches of the first round */
    uint32_t rounds;
    uint32_t cell; /* columns of a name with its score */
};

/* The lines of one match. */
struct place {
    uint32_t top;
    uint32_t bottom;
    uint32_t middle;
};

void bracket_put_side(struct rh_buf *out, const cJSON *side)
{
    const char *player = json_get_text(side, "player");
    const char *from = json_get_text(side, "from");
    const char *of = strstr(from, " of ");

    if (player[0]) {
        words_put_c(out, player);
    } else if (of) {
        (void)rh_buf_append_byte(out, from[0]); /* sticky, as everywhere here */
        words_put_c(out, of + 4);
    } else {
        (void)rh_buf_append_byte(out, '-');
    }
}

void bracket_put_score(struct rh_buf *out, const cJSON *side)
{
    const double score = json_get_number(side, "score");

    if (json_get_bool(side, "forfeit"))
        (void)rh_buf_append_c(out, "ff");
    else if (score >= 0.0)
        words_number(out, score, score == (double)(int64_t)score ? 0 : 1);
}

static bool is_losers(const struct drawing *d)
{
    return strcmp(d->bracket, "losers") == 0;
}

static const cJSON *find_match(const struct drawing *d, uint32_t round, uint32_t number)
{
    for (const cJSON *m = json_get_items(d->reply, "matches"); m; m = m->next) {
        if (strcmp(json_get_text(m, "bracket"), d->bracket) == 0 &&
            json_get_int(m, "round", 0) == round && json_get_int(m, "number", 0) == number)
            return m;
    }
    return NULL;
}

static uint32_t count_in_round(const struct drawing *d, uint32_t round)
{
    return is_losers(d) ? d->first_count >> ((round - 1) / 2) : d->first_count >> (round - 1);
}

/* From the first round on: see the top of this file. */
static struct place place_of(const struct drawing *d, uint32_t round, uint32_t number)
{
    struct place place;

    if (round == 1) {
        place.top = 4 * (number - 1) + (is_losers(d) ? 1 : 0);
        place.bottom = place.top + 2;
    } else if (is_losers(d) && round % 2 == 0) {
        place.bottom = place_of(d, round - 1, number).middle;
        place.top = place.bottom - 2;
    } else {
        place.top = place_of(d, round - 1, 2 * number - 1).middle;
        place.bottom = place_of(d, round - 1, 2 * number).middle;
    }
    place.middle = (place.top + place.bottom) / 2;
    return place;
}

/* Fills the line with blanks up to the column, then appends text that takes `width` columns. */
static void put(struct drawing *d, uint32_t y, uint32_t column, struct rh_str text, uint32_t width)
{
    struct line *line = &d->lines[y];

    for (; line->width < column; line->width++)
        (void)rh_buf_append_byte(&line->text, ' ');
    (void)rh_buf_append_str(&line->text, text);
    line->width += width;
}

static void put_c(struct drawing *d, uint32_t y, uint32_t column, const char *text, uint32_t width)
{
    put(d, y, column, rh_str_from(text), width);
}

/* At most so many columns of a text, from its start. */
static struct rh_str cut_columns(struct rh_str text, uint32_t columns)
{
    while (words_width(text) > columns) {
        text.n--;
        while (text.n && ((unsigned char)text.p[text.n] & 0xc0u) == 0x80u)
            text.n--;
    }
    return text;
}

/* "name 2 ───": what is left of the cell is a line, if one goes on from here. */
static void put_side(struct drawing *d, uint32_t y, uint32_t column, const cJSON *side,
                     bool goes_on)
{
    struct rh_buf name;
    struct rh_buf score;
    struct rh_str shown;
    uint32_t width;

    rh_buf_init(&name, LINE_BYTES_MAX);
    rh_buf_init(&score, LINE_BYTES_MAX);
    bracket_put_side(&name, side);
    bracket_put_score(&score, side);
    shown = cut_columns(rh_buf_str(&name), NAME_COLUMNS);
    width = (uint32_t)words_width(shown);
    put(d, y, column, shown, width);
    if (score.n) {
        put_c(d, y, column + width + 1, "", 0);
        put(d, y, column + width + 1, rh_buf_str(&score), (uint32_t)score.n);
        width += 1 + (uint32_t)score.n;
    }
    put_c(d, y, column + width + 1, "", 0);
    for (width++; goes_on && width < d->cell; width++)
        put_c(d, y, column + width, "─", 1);
    rh_buf_release(&name);
    rh_buf_release(&score);
}

/* "─┐", "│", "├─", "│", "─┘" behind the cells of both sides. */
static void put_joint(struct drawing *d, const struct place *place, uint32_t column)
{
    put_c(d, place->top, column, "─┐", 2);
    for (uint32_t y = place->top + 1; y < place->bottom; y++) {
        if (y == place->middle)
            put_c(d, y, column + 1, "├─", 2);
        else
            put_c(d, y, column + 1, "│", 1);
    }
    put_c(d, place->bottom, column, "─┘", 2);
}

static void put_match(struct drawing *d, uint32_t round, uint32_t number, uint32_t column)
{
    const cJSON *match = find_match(d, round, number);
    const cJSON *first = json_get_items(match, "sides");
    const struct place place = place_of(d, round, number);
    struct rh_buf winner;

    if (!first || !first->next)
        return;
    put_side(d, place.top, column, first, true);
    put_side(d, place.bottom, column, first->next, true);
    put_joint(d, &place, column + d->cell);
    if (round < d->rounds)
        return;
    rh_buf_init(&winner, LINE_BYTES_MAX);
    (void)rh_buf_append_byte(&winner, ' ');
    words_put_c(&winner, json_get_text(match, "winner"));
    if (winner.n > 1)
        put(d, place.middle, column + d->cell + JOINT_COLUMNS, rh_buf_str(&winner),
            (uint32_t)words_width(rh_buf_str(&winner)));
    rh_buf_release(&winner);
}

/* The size of the tree, and of the longest cell. */
static void measure(struct drawing *d)
{
    for (const cJSON *m = json_get_items(d->reply, "matches"); m; m = m->next) {
        const int64_t round = json_get_int(m, "round", 0);
        const int64_t number = json_get_int(m, "number", 0);

        if (strcmp(json_get_text(m, "bracket"), d->bracket) != 0)
            continue;
        if (round > d->rounds && round <= ROUNDS_MAX)
            d->rounds = (uint32_t)round;
        for (const cJSON *side = json_get_items(m, "sides"); side; side = side->next) {
            struct rh_buf text;
            uint32_t width;

            rh_buf_init(&text, LINE_BYTES_MAX);
            bracket_put_side(&text, side);
            width = (uint32_t)words_width(cut_columns(rh_buf_str(&text), NAME_COLUMNS));
            rh_buf_reset(&text);
            bracket_put_score(&text, side);
            width += (text.n ? 1 + (uint32_t)text.n : 0) + 2;
            if (width > d->cell)
                d->cell = width;
            rh_buf_release(&text);
        }
        (void)number;
    }
    /* The last round has one match. */
    d->first_count = 1;
    for (uint32_t round = 2; round <= d->rounds; round++) {
        if (!is_losers(d) || round % 2)
            d->first_count *= 2;
    }
}

static int32_t write_lines(struct drawing *d, struct rh_buf *out)
{
    int32_t rc = RH_OK;

    for (uint32_t y = 0; y < d->line_count && rc == RH_OK; y++) {
        struct rh_str text = rh_buf_str(&d->lines[y].text);

        rc = d->lines[y].text.rc;
        while (text.n && text.p[text.n - 1] == ' ')
            text.n--;
        (void)rh_buf_append_str(out, text);
        (void)rh_buf_append_byte(out, '\n');
    }
    return rc == RH_OK ? out->rc : rc;
}

int32_t bracket_draw(const cJSON *reply, const char *bracket, struct rh_buf *out)
{
    struct drawing d = {.reply = reply, .bracket = bracket, .cell = 4};
    int32_t rc;

    measure(&d);
    if (d.rounds == 0)
        return out->rc;
    if (d.first_count > BRACKET_MATCHES_MAX) {
        return rh_buf_printf(out, "a tree of %" PRIu32 " first matches is not drawn\n",
                             d.first_count);
    }
    d.line_count = 4 * d.first_count + 1;
    d.lines = calloc(d.line_count, sizeof(*d.lines));
    if (!d.lines)
        return RH_ENOMEM;
    for (uint32_t y = 0; y < d.line_count; y++)
        rh_buf_init(&d.lines[y].text, LINE_BYTES_MAX);
    for (uint32_t round = 1; round <= d.rounds; round++) {
        for (uint32_t number = 1; number <= count_in_round(&d, round); number++)
            put_match(&d, round, number, (round - 1) * (d.cell + JOINT_COLUMNS));
    }
    if (d.lines[d.line_count - 1].text.n == 0)
        d.line_count--;
    if (d.line_count && d.lines[d.line_count - 1].text.n == 0)
        d.line_count--;
    rc = write_lines(&d, out);
    for (uint32_t y = 0; y < 4 * d.first_count + 1; y++)
        rh_buf_release(&d.lines[y].text);
    free(d.lines);
    return rc;
}
