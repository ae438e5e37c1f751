/* JSON strings as written between their quotes: checked, compared and unescaped; the rest of JSON
 * is in json_scan. */
#ifndef RH_HOST_CORE_JSON_STRING_H
#define RH_HOST_CORE_JSON_STRING_H

#include <ringhost/errors.h>
#include <ringhost/types.h>
#include <stdbool.h>

#include "host/core/field_arena.h"

/* The bytes between the quotes, already checked. Borrowed from the text that was scanned. */
struct json_string {
    const char *p;
    size_t n;
    bool has_escape;
};

/* Checks the string whose first byte after the opening quote is p, up to end. Returns the byte
 * after the closing quote and fills *out; or NULL with the broken rule, a static text, in *rule and
 * its place in *rule_at. Refused: control characters, unknown escapes, lone surrogates, \u0000, and
 * what is not UTF-8 (RFC 3629). [any] */
const char *json_string_scan(const char *p, const char *end, struct json_string *out,
                             const char **rule, const char **rule_at);

/* Writes the meant bytes to dst, which has room for s.n; returns how many. [any] */
size_t json_string_decode(struct json_string s, char *dst);

/* Order of the meant bytes: negative, 0 or positive. [any] */
int json_string_cmp(struct json_string a, struct json_string b);

/* The meant text in the arena; *out is written only on success. RH_OK or the arena's rc. */
int32_t json_unescape(struct json_string s, struct field_arena *arena, struct rh_str *out);

/* Length of the UTF-8 sequence at p (1 to 4), or 0 if it is none. p < end. [any] */
size_t json_utf8_length(const char *p, const char *end);

/* Whether all of s is UTF-8 with no NUL. [any] */
bool json_utf8_valid(struct rh_str s);

#endif
