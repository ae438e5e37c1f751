/* Streams one JSON value (RFC 8259) onto an rh_buf; it does not parse and keeps no tree.
 *
 * Commas and colons come by themselves. Errors are sticky: after the first one every call does
 * nothing, and rh_json_finish tells. Calls out of place (a value where a key belongs, an end
 * without its begin, a second top-level value) are wrong programs and assert. All functions are
 * [any], one thread at a time per writer. */
#ifndef RH_SDK_JSON_WRITER_H
#define RH_SDK_JSON_WRITER_H

#include <ringhost/sdk/buf.h>
#include <stdbool.h>

/* Deeper nesting is the sticky error RH_ETOOLARGE. */
#define RH_JSON_DEPTH_MAX 64u

/* Integers beyond this in size are not exact in every reader. */
#define RH_JSON_INT_MAX INT64_C(9007199254740991)

/* Room for any result of rh_json_format_double. */
#define RH_JSON_DOUBLE_SIZE 32u

/* Caller's memory; fields are private. Bit d of a mask describes nesting level d. */
struct rh_json_writer {
    struct rh_buf *buf;
    uint64_t object_mask;
    uint64_t filled_mask;
    uint32_t depth;
    int32_t rc;
    bool has_key;
    bool has_value;
};

/* Starts one value at the end of buf, which is borrowed until rh_json_finish. An error already in
 * buf is taken over. */
void rh_json_init(struct rh_json_writer *w, struct rh_buf *buf);

/* Asserts that exactly one complete value was written, unless there was an error. Returns RH_OK,
 * RH_ENOMEM or RH_ETOOLARGE (from buf, or nested too deep), or RH_EINVAL (NaN or infinity); on
 * error what buf holds is not JSON. */
int32_t rh_json_finish(struct rh_json_writer *w);

void rh_json_begin_object(struct rh_json_writer *w);
void rh_json_end_object(struct rh_json_writer *w);
void rh_json_begin_array(struct rh_json_writer *w);
void rh_json_end_array(struct rh_json_writer *w);

/* Names the next value; only directly inside an object. Escaped like a string. Keys must differ;
 * that is the caller's business. */
void rh_json_key(struct rh_json_writer *w, const char *key);
void rh_json_key_str(struct rh_json_writer *w, struct rh_str key);

/* Text. Bytes that are not UTF-8 become U+FFFD, one for each maximal broken piece (Unicode 15,
 * section 3.9); '"', '\\' and control characters are escaped. string_c takes NUL-terminated text;
 * NULL writes null. */
void rh_json_string(struct rh_json_writer *w, struct rh_str s);
void rh_json_string_c(struct rh_json_writer *w, const char *text);

/* Digits. The convention for fields is |value| <= RH_JSON_INT_MAX; larger numbers are written
 * exactly all the same. */
void rh_json_int(struct rh_json_writer *w, int64_t value);

/* A decimal string, "18446744073709551615", because readers that use doubles would lose digits. */
void rh_json_u64(struct rh_json_writer *w, uint64_t value);

/* Shortest digits that parse back to the same bits, with '.' in every locale. NaN and infinity are
 * the sticky error RH_EINVAL. */
void rh_json_double(struct rh_json_writer *w, double value);

void rh_json_bool(struct rh_json_writer *w, bool value);
void rh_json_null(struct rh_json_writer *w);

/* One value that is JSON already, copied unchecked. An empty json writes null. */
void rh_json_raw(struct rh_json_writer *w, struct rh_str json);

/* An array of strings. */
void rh_json_str_list(struct rh_json_writer *w, const struct rh_str_list *list);

/* key, then value. */
void rh_json_kv_str(struct rh_json_writer *w, const char *key, struct rh_str value);
void rh_json_kv_strc(struct rh_json_writer *w, const char *key, const char *value);
void rh_json_kv_int(struct rh_json_writer *w, const char *key, int64_t value);
void rh_json_kv_u64(struct rh_json_writer *w, const char *key, uint64_t value);
void rh_json_kv_double(struct rh_json_writer *w, const char *key, double value);
void rh_json_kv_bool(struct rh_json_writer *w, const char *key, bool value);
void rh_json_kv_null(struct rh_json_writer *w, const char *key);
void rh_json_kv_raw(struct rh_json_writer *w, const char *key, struct rh_str json);
void rh_json_kv_str_list(struct rh_json_writer *w, const char *key, const struct rh_str_list *list);

/* The digits of rh_json_double alone, NUL-terminated, into dst[RH_JSON_DOUBLE_SIZE]; returns their
 * number. value is finite. Algorithm: Raffaello Giulietti, "The Schubfach way to render doubles",
 * 2020. */
size_t rh_json_format_double(char *dst, double value);

#endif
