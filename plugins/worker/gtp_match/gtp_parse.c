/* Reading and writing the words of the Go Text Protocol, version 2; no process, no clock, no rules
 * of Go. */
#include "gtp_parse.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define GTP_SIZE_MAX   25
#define GTP_ID_MAX     UINT32_C(2147483647)
#define GTP_POINTS_MAX (GTP_HALF_POINTS_MAX / 2)

static const char gtp_columns[] = "ABCDEFGHJKLMNOPQRSTUVWXYZ";
static_assert(sizeof(gtp_columns) == GTP_SIZE_MAX + 1, "one letter for each column");

size_t gtp_clean(char *text, size_t len)
{
    size_t kept = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '\t')
            c = ' ';
        if (c == '\n' || (c >= ' ' && c != 0x7f))
            text[kept++] = (char)c;
    }
    return kept;
}

/* Digits right behind '=' or '?' are the id of the command that is answered. */
static char *take_id(char *at, struct gtp_response *out)
{
    uint64_t id = 0;
    out->has_id = false;
    while (isdigit((unsigned char)*at)) {
        id = id * 10 + (uint64_t)(*at - '0');
        if (id > GTP_ID_MAX)
            id = GTP_ID_MAX;
        out->has_id = true;
        at++;
    }
    out->id = (uint32_t)id;
    return at;
}

static void trim_end(char *begin, char *end)
{
    while (end > begin && isspace((unsigned char)end[-1]))
        end--;
    *end = '\0';
}

enum gtp_scan gtp_scan_response(char *text, size_t len, size_t *size_bytes,
                                struct gtp_response *out)
{
    size_t start = 0;
    while (start < len && isspace((unsigned char)text[start]))
        start++;
    if (start == len)
        return GTP_SCAN_MORE;
    if (text[start] != '=' && text[start] != '?')
        return GTP_SCAN_GARBAGE;

    for (size_t i = start; i + 1 < len; i++) {
        if (text[i] != '\n' || text[i + 1] != '\n')
            continue;
        text[i] = '\0';
        out->is_success = text[start] == '=';
        char *body = take_id(text + start + 1, out);
        while (*body == ' ')
            body++;
        trim_end(body, text + i);
        out->body = body;
        *size_bytes = i + 2;
        return GTP_SCAN_DONE;
    }
    return GTP_SCAN_MORE;
}

bool gtp_parse_move(const char *text, int size, struct gtp_move *out)
{
    assert(size >= 1);
    assert(size <= GTP_SIZE_MAX);
    if (strcasecmp(text, "pass") == 0) {
        *out = (struct gtp_move){GTP_MOVE_PASS, 0};
        return true;
    }
    if (strcasecmp(text, "resign") == 0) {
        *out = (struct gtp_move){GTP_MOVE_RESIGN, 0};
        return true;
    }

    int letter = toupper((unsigned char)text[0]);
    const char *column = letter == '\0' ? NULL : strchr(gtp_columns, letter);
    if (!column || column - gtp_columns >= size)
        return false;
    int row = 0;
    size_t at = 1;
    for (; at <= 2 && isdigit((unsigned char)text[at]); at++)
        row = row * 10 + (text[at] - '0');
    if (text[at] != '\0' || text[1] == '0' || row < 1 || row > size)
        return false;
    *out = (struct gtp_move){GTP_MOVE_POINT, (row - 1) * size + (int)(column - gtp_columns)};
    return true;
}

void gtp_format_move(const struct gtp_move *move, int size, char *out)
{
    int len = 0;
    switch (move->kind) {
    case GTP_MOVE_PASS:
        len = snprintf(out, GTP_VERTEX_BYTES, "pass");
        break;
    case GTP_MOVE_RESIGN:
        len = snprintf(out, GTP_VERTEX_BYTES, "resign");
        break;
    case GTP_MOVE_POINT:
        assert(move->point >= 0);
        assert(move->point < size * size);
        len = snprintf(out, GTP_VERTEX_BYTES, "%c%d", gtp_columns[move->point % size],
                       move->point / size + 1);
        break;
    }
    assert(len < GTP_VERTEX_BYTES);
}

bool gtp_parse_half_points(const char *text, int32_t *out)
{
    const char *at = text;
    bool is_negative = *at == '-';
    int32_t points = 0;
    int32_t half = 0;
    if (*at == '-' || *at == '+')
        at++;
    if (!isdigit((unsigned char)*at))
        return false;
    for (; isdigit((unsigned char)*at); at++) {
        points = points * 10 + (*at - '0');
        if (points > GTP_POINTS_MAX)
            return false;
    }
    if (*at == '.') {
        at++;
        if (*at != '0' && *at != '5')
            return false;
        half = *at == '5';
        for (at++; *at == '0'; at++)
            continue;
    }
    if (*at != '\0' || points * 2 + half > GTP_HALF_POINTS_MAX)
        return false;
    *out = is_negative ? -(points * 2 + half) : points * 2 + half;
    return true;
}

bool gtp_parse_score(const char *text, struct gtp_score *out)
{
    int32_t half = 0;
    if (strcasecmp(text, "draw") == 0) {
        out->margin_half = 0;
        return true;
    }
    int colour = toupper((unsigned char)text[0]);
    if (colour != 'B' && colour != 'W') {
        if (!gtp_parse_half_points(text, &half) || half != 0)
            return false;
        out->margin_half = 0;
        return true;
    }
    if (text[1] != '+' || !isdigit((unsigned char)text[2]))
        return false;
    if (!gtp_parse_half_points(text + 2, &half) || half == 0)
        return false;
    out->margin_half = colour == 'B' ? half : -half;
    return true;
}

void gtp_format_score(const struct gtp_score *score, char *out)
{
    int32_t half = score->margin_half < 0 ? -score->margin_half : score->margin_half;
    int len;
    if (half == 0)
        len = snprintf(out, GTP_SCORE_BYTES, "draw");
    else
        len = snprintf(out, GTP_SCORE_BYTES, "%c+%d%s", score->margin_half > 0 ? 'B' : 'W',
                       half / 2, half % 2 ? ".5" : "");
    assert(len < GTP_SCORE_BYTES);
}

bool gtp_lists_command(const char *lines, const char *command)
{
    size_t len = strlen(command);
    const char *at = lines;
    while (*at) {
        size_t line = strcspn(at, "\n");
        size_t word = line;
        while (word > 0 && at[word - 1] == ' ')
            word--;
        if (word == len && memcmp(at, command, len) == 0)
            return true;
        at += line;
        if (*at)
            at++;
    }
    return false;
}
