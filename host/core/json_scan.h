/* A strict pull scanner for JSON text (RFC 8259); it builds no tree and knows no field tables.
 *
 * Refused: more than one value, a BOM, depth above 64, leading zeros, numbers that no double can
 * hold, what json_string refuses, and two equal keys (after unescaping) in one object at any level,
 * skipped values included. Equal keys are found by sorting at the end of each object, so no choice
 * of keys makes it slower than n log n. Errors are sticky: after the first, every function returns
 * false. Functions are [any], one thread per scan. */
#ifndef RH_HOST_CORE_JSON_SCAN_H
#define RH_HOST_CORE_JSON_SCAN_H

#include <ringhost/errors.h>
#include <ringhost/sdk/buf.h>
#include <ringhost/types.h>
#include <stdbool.h>

#include "host/core/json_string.h"

#define JSON_DEPTH_MAX 64u
/* Longer text is RH_ETOOLARGE. */
#define JSON_TEXT_MAX (UINT32_C(1) << 30)
/* Keys noted without allocating. */
#define JSON_KEYS_INLINE 32u

/* What json_peek sees next. */
#define JSON_NONE   0u /* no value begins here, or there was an error */
#define JSON_OBJECT 1u
#define JSON_ARRAY  2u
#define JSON_STRING 3u
#define JSON_NUMBER 4u
#define JSON_TRUE   5u
#define JSON_FALSE  6u
#define JSON_NULL   7u

/* A key seen: its place in the text and its length; the top bit of length means "has escapes". */
struct json_key {
    uint32_t at;
    uint32_t length;
};

struct json_scan {
    const char *start;
    const char *p;
    const char *end;
    const char *rule; /* static text of the broken rule */
    const char *rule_at;
    int32_t rc; /* RH_OK, RH_EINVAL, RH_ENOMEM or RH_ETOOLARGE */
    uint32_t depth;
    uint32_t key_count;
    struct json_key keys[JSON_KEYS_INLINE];
    struct rh_buf more_keys; /* all keys, once they are more than JSON_KEYS_INLINE */
};

/* An object or array being read. Caller's memory, private. */
struct json_nest {
    uint32_t key_base;
    bool is_first;
};

struct json_number {
    struct rh_str text;
    bool is_integer; /* no fraction and no exponent */
};

/* Starts at the beginning of text, which is borrowed until release. */
void json_scan_init(struct json_scan *s, struct rh_str text);
void json_scan_release(struct json_scan *s);

/* Skips white space and tells the kind of the next value by its first byte. */
uint32_t json_peek(struct json_scan *s);

/* Each reads one value of its kind, which json_peek announced (a wrong program asserts); outputs
 * are written only on success. json_literal reads true, false or null. */
bool json_string(struct json_scan *s, struct json_string *out);
bool json_number(struct json_scan *s, struct json_number *out);
bool json_literal(struct json_scan *s);

/* Begins the object or array that json_peek announced. */
bool json_enter(struct json_scan *s, struct json_nest *nest);

/* The next key, its colon read; the caller then reads the value. false at the end of the object,
 * which is read, and on error. The caller calls json_note_key for each key it does not keep from
 * repeating itself, before the value. */
bool json_next_key(struct json_scan *s, struct json_nest *nest, struct json_string *key);
bool json_note_key(struct json_scan *s, struct json_string key);

/* Whether another item follows; the caller then reads it. false at the end of the array, which is
 * read, and on error. */
bool json_next_item(struct json_scan *s, struct json_nest *nest);

/* Reads any value, all rules checked; its text goes to *raw, which may be NULL. */
bool json_skip(struct json_scan *s, struct rh_str *raw);

/* Only white space may be left. */
bool json_end(struct json_scan *s);

/* Fails the scan at a place in the text, with a static text. Does nothing after an earlier error.
 * Returns false. */
bool json_fail(struct json_scan *s, const char *at, const char *rule);

/* Writes "at byte 17 (line 1, column 18): numbers have no leading zeros"; bytes count from 0, lines
 * and columns (bytes) from 1. Only after an error. Cut to fit; size >= 1. */
void json_describe(const struct json_scan *s, char *dst, size_t size);

/* Whether text is one valid JSON value. On failure why, which may be NULL, gets json_describe's
 * text. RH_OK, RH_EINVAL, RH_ETOOLARGE or RH_ENOMEM. */
int32_t json_check(struct rh_str text, char *why, size_t why_size);

#endif
