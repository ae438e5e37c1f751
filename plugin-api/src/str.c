/* Borrowed strings: comparing, copying, globs and edit distance; numbers are in parse.c. */
#include <ringhost/sdk/str.h>

#include <assert.h>
#include <string.h>

struct rh_str rh_str_from(const char *text)
{
    if (!text)
        return (struct rh_str){NULL, 0};
    return (struct rh_str){text, strlen(text)};
}

bool rh_str_eq(struct rh_str a, struct rh_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool rh_str_eq_c(struct rh_str a, const char *text)
{
    return rh_str_eq(a, rh_str_from(text));
}

int rh_str_cmp(struct rh_str a, struct rh_str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;

    if (order)
        return order;
    return (a.n > b.n) - (a.n < b.n);
}

bool rh_str_starts_with(struct rh_str s, struct rh_str prefix)
{
    return s.n >= prefix.n && rh_str_eq((struct rh_str){s.p, prefix.n}, prefix);
}

bool rh_str_ends_with(struct rh_str s, struct rh_str suffix)
{
    if (s.n < suffix.n || suffix.n == 0)
        return suffix.n == 0;
    return memcmp(s.p + (s.n - suffix.n), suffix.p, suffix.n) == 0;
}

int32_t rh_str_copy(char *dst, size_t size, struct rh_str s)
{
    assert(size >= 1);
    dst[0] = '\0';
    if (s.n >= size || (s.n && memchr(s.p, '\0', s.n)))
        return RH_EINVAL;
    if (s.n)
        memcpy(dst, s.p, s.n);
    dst[s.n] = '\0';
    return RH_OK;
}

/* On a mismatch only the last '*' has to take one byte more: an earlier one could gain nothing. */
bool rh_glob_match(struct rh_str pattern, struct rh_str text)
{
    bool has_star = false;
    size_t after_star = 0;
    size_t star_end = 0;
    size_t p = 0;
    size_t t = 0;

    while (t < text.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            has_star = true;
            after_star = ++p;
            star_end = t;
        } else if (p < pattern.n && (pattern.p[p] == '?' || pattern.p[p] == text.p[t])) {
            p++;
            t++;
        } else if (has_star) {
            p = after_star;
            t = ++star_end;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*')
        p++;
    return p == pattern.n;
}

static uint32_t min_u32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

uint32_t rh_edit_distance(struct rh_str a, struct rh_str b, uint32_t limit)
{
    uint32_t rows[3][RH_EDIT_BYTES_MAX + 1]; /* Rows i, i - 1 and i - 2 of the table, by i mod 3. */
    uint32_t distance;

    assert(limit < UINT32_MAX);
    if (a.n > RH_EDIT_BYTES_MAX || b.n > RH_EDIT_BYTES_MAX)
        return limit + 1;
    for (uint32_t j = 0; j <= b.n; j++)
        rows[0][j] = j;
    for (uint32_t i = 1; i <= a.n; i++) {
        uint32_t *row = rows[i % 3];
        const uint32_t *above = rows[(i + 2) % 3];
        const uint32_t *two_above = rows[(i + 1) % 3];

        row[0] = i;
        for (uint32_t j = 1; j <= b.n; j++) {
            bool same = a.p[i - 1] == b.p[j - 1];

            row[j] = above[j - 1] + (same ? 0 : 1);
            row[j] = min_u32(row[j], min_u32(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
                row[j] = min_u32(row[j], two_above[j - 2] + 1);
        }
    }
    distance = rows[a.n % 3][b.n];
    return min_u32(distance, limit + 1);
}

const char *rh_suggest(struct rh_str word, const char *const *candidates, size_t count)
{
    uint32_t limit = word.n >= 9 ? 3 : (uint32_t)((word.n + 2) / 3);
    const char *best = NULL;

    for (size_t i = 0; i < count; i++) {
        uint32_t distance = rh_edit_distance(word, rh_str_from(candidates[i]), limit);

        if (distance > limit)
            continue;
        best = candidates[i];
        if (distance == 0)
            break;
        limit = distance - 1;
    }
    return best;
}
