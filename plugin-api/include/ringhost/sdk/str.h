/* Borrowed strings: comparing, copying, strict numbers, globs, "did you mean"; no allocation.
 *
 * All functions are [any], read only their arguments and do not depend on the locale. */
#ifndef RH_SDK_STR_H
#define RH_SDK_STR_H

#include <ringhost/errors.h>
#include <ringhost/types.h>
#include <stdbool.h>

/* The rh_str of a string literal, as an expression, and as an initializer of a static table. */
#define RH_STR_LIT(literal) ((struct rh_str){"" literal, sizeof(literal) - 1})
#define RH_STR_INIT(literal)            \
    {                                   \
        "" literal, sizeof(literal) - 1 \
    }

/* printf arguments for "%.*s". */
#define RH_STR_ARG(s) (int)((s).n > 4096 ? 4096 : (s).n), ((s).p ? (s).p : "")

/* Words longer than this many bytes are compared by rh_edit_distance only up to "far apart". */
#define RH_EDIT_BYTES_MAX 64u

/* Borrows a NUL-terminated text; NULL gives the empty string. */
struct rh_str rh_str_from(const char *text);

/* Bytes equal. text is NUL-terminated and not NULL. */
bool rh_str_eq(struct rh_str a, struct rh_str b);
bool rh_str_eq_c(struct rh_str a, const char *text);

/* Order by unsigned bytes, a prefix before the longer string: negative, 0 or positive. */
int rh_str_cmp(struct rh_str a, struct rh_str b);

bool rh_str_starts_with(struct rh_str s, struct rh_str prefix);
bool rh_str_ends_with(struct rh_str s, struct rh_str suffix);

/* Copies s into dst[size] and terminates it; size >= 1. RH_EINVAL if s does not fit or contains a
 * NUL byte; dst is then the empty string. */
int32_t rh_str_copy(char *dst, size_t size, struct rh_str s);

/* The whole string is one number, or RH_EINVAL (also when out of range); *out is written only on
 * success. Integers: an optional '-' (i64 only), then decimal digits with no leading zero, no '+',
 * no blank. f64: the number grammar of RFC 8259, section 6, rounded to nearest even; too large is
 * RH_EINVAL, too small gives a denormal or zero. Infinity and NaN have no spelling. */
int32_t rh_parse_i64(struct rh_str s, int64_t *out);
int32_t rh_parse_u64(struct rh_str s, uint64_t *out);
int32_t rh_parse_f64(struct rh_str s, double *out);

/* Whether the whole text matches. '*' stands for any bytes, also none; '?' for exactly one byte;
 * every other byte for itself, there is no escape. Takes at most pattern.n * text.n steps. */
bool rh_glob_match(struct rh_str pattern, struct rh_str text);

/* Number of single-byte insertions, deletions, substitutions and swaps of neighbours that turn a
 * into b (optimal string alignment); limit + 1 if it is above limit or a string is longer than
 * RH_EDIT_BYTES_MAX. */
uint32_t rh_edit_distance(struct rh_str a, struct rh_str b, uint32_t limit);

/* The candidate nearest to word, for "did you mean", or NULL if none is near: at most a third of
 * the word's length rounded up is changed, and at most 3 bytes. Ties go to the first. Returns one
 * of candidates[], which are NUL-terminated. */
const char *rh_suggest(struct rh_str word, const char *const *candidates, size_t count);

#endif
