/* Small texts for people: spans of time, safe words, colours of states. No tables, no input. */
#ifndef RH_HOST_CTL_WORDS_H
#define RH_HOST_CTL_WORDS_H

#include <stdbool.h>

#include <ringhost/sdk/buf.h>

/* All append to out; errors stay in out->rc. [any] */

/* Text that came from elsewhere: control characters and what is not UTF-8 become '?', so that no
 * reply can drive the terminal. */
void words_put(struct rh_buf *out, struct rh_str text);
void words_put_c(struct rh_buf *out, const char *text);
/* The same for text of lines: ends of lines and tabs stay. */
void words_put_lines(struct rh_buf *out, struct rh_str text);

/* "350 ms", "12 s", "3 min 5 s", "2 h 14 min", "3 d 4 h"; negative spans are 0 ms. */
void words_span(struct rh_buf *out, int64_t span_ms);
/* "12 s ago" or "in 12 s"; "never" when at_ms is 0 or less. */
void words_ago(struct rh_buf *out, int64_t at_ms, int64_t now_ms);
/* "2024-03-01T12:00:05Z"; "-" when at_ms is 0 or less. */
void words_instant(struct rh_buf *out, int64_t at_ms);
/* A fixed point number with so many digits after the point, 0 to 9, '.' in every locale; "-" for
 * NaN and infinity. */
void words_number(struct rh_buf *out, double value, int digits);

/* Columns that text takes: one for each code point, none for combining marks U+0300-U+036F, two for
 * U+1100-U+115F, U+2E80-U+A4CF, U+AC00-U+D7A3, U+F900-U+FAFF, U+FE30-U+FE6F, U+FF00-U+FF60 and
 * U+1F300-U+1FAFF. */
size_t words_width(struct rh_str text);

/* The escape sequence that colours a word naming a state ("ok" green, "waiting" yellow, "failed"
 * red, ...), or NULL. */
const char *words_colour(struct rh_str state);
#define WORDS_COLOUR_END "\033[0m"

#endif
