/* Field tables: the one way data is described. Not a parser: the host decodes, plugins only
 * declare. */
#ifndef RH_FIELDS_H
#define RH_FIELDS_H

#include <stddef.h>
#include <stdint.h>

#include <ringhost/types.h>

/* Field types, with the C type that the struct must hold at `offset`. */
#define RH_FIELD_STRING 1u /* struct rh_str; NUL never occurs inside */
#define RH_FIELD_INT    2u /* int64_t; JSON digits within +-(2^53-1) */
#define RH_FIELD_U64    3u /* uint64_t; a decimal string in JSON, digits in YAML */
#define RH_FIELD_NUMBER 4u /* double, finite */
#define RH_FIELD_BOOL   5u /* int32_t, 0 or 1 */
#define RH_FIELD_DURATION                                                   \
    6u /* int64_t milliseconds; "1500ms", "15s", "2m"; units ns us ms s m h \
        */
#define RH_FIELD_SIZE        7u  /* int64_t bytes; "64KiB", "1MiB", "2GB" or digits */
#define RH_FIELD_BYTES       8u  /* struct rh_str, decoded from base64 */
#define RH_FIELD_STRING_LIST 9u  /* struct rh_str_list */
#define RH_FIELD_MAP         10u /* struct rh_pair_list: object whose values are strings */
#define RH_FIELD_LIST_MAP                                                  \
    11u /* struct rh_named_list_list: object whose values are string lists \
         */
#define RH_FIELD_OBJECT      12u /* the sub-struct itself, described by `fields` */
#define RH_FIELD_OBJECT_LIST 13u /* struct rh_list of sub-structs */
#define RH_FIELD_OBJECT_MAP \
    14u /* struct rh_list of sub-structs that begin with struct rh_str (the key) */
#define RH_FIELD_RAW        15u /* struct rh_str: any JSON value as text, already checked */
#define RH_FIELD_RAW_OBJECT 16u /* as RAW, but must be an object; default "{}" */

/* Field flags. */
#define RH_REQUIRED 1u /* absent or null is an error */
#define RH_SECRET   2u /* never printed by logs, `config explain` or /admin */
#define RH_SHORT_LIST                                                                             \
    4u /* OBJECT_MAP whose objects' first field is a STRING_LIST: a list in place of an object is \
          that field */

/* One field. All-zero members mean: no limit, no default, no sub-fields. Immutable, static storage.
 */
struct rh_field {
    uint32_t size;    /* sizeof(struct rh_field) at the time of compilation */
    uint32_t type;    /* RH_FIELD_... */
    const char *name; /* JSON and YAML key */
    const char *doc;  /* one line, ends up in OpenAPI, the configuration reference and --help */
    uint32_t offset;  /* of the member in the struct */
    uint32_t flags;   /* RH_REQUIRED | RH_SECRET */
    int64_t min; /* smallest value (INT, DURATION in ms, SIZE), shortest string, fewest entries */
    int64_t max; /* largest of the same; min == max == 0 means the type's own limits */
    double number_min; /* NUMBER only; number_min == number_max == 0 means any finite number */
    double number_max;
    const char
        *fallback; /* the default as text ("50", "quick", "15s", "true"); NULL = zero value */
    const char
        *allowed; /* STRING, STRING_LIST: allowed values, separated by one space; NULL = any */
    const struct rh_field *fields; /* OBJECT, OBJECT_LIST, OBJECT_MAP */
    uint32_t field_count;
    uint32_t field_stride; /* sizeof(struct rh_field) */
    uint32_t struct_size;  /* of the sub-struct, bytes */
    uint32_t given_offset; /* 1 + offset of a uint8_t set to 1 when the field was given; 0 = none */
};

/* A table of fields and the struct they fill. fields may be NULL when count is 0. */
struct rh_fields {
    const struct rh_field *fields;
    uint32_t count;
    uint32_t stride;
    uint32_t struct_size;
    uint32_t reserved;
};

struct rh_pair {
    struct rh_str key;
    struct rh_str value;
};
struct rh_pair_list {
    const struct rh_pair *items;
    uint32_t count;
    uint32_t reserved;
};
struct rh_named_list {
    struct rh_str key;
    struct rh_str_list values;
};
struct rh_named_list_list {
    const struct rh_named_list *items;
    uint32_t count;
    uint32_t reserved;
};
/* Sub-structs one after the other, `stride` bytes apart. */
struct rh_list {
    const void *items;
    uint32_t count;
    uint32_t stride;
};

#define RH_FIELDS(struct_type, array)                                                          \
    {                                                                                          \
        (array), (uint32_t)(sizeof(array) / sizeof((array)[0])), (uint32_t)sizeof((array)[0]), \
            (uint32_t)sizeof(struct_type), 0                                                   \
    }
#define RH_NO_FIELDS     \
    {                    \
        NULL, 0, 0, 0, 0 \
    }

/* Rows. Each takes the struct, the member (= JSON name), flags or limits, and one line of doc. */
#define RH_FIELD_ROW_(struct_type, member, kind, ...)                               \
    {                                                                               \
        .size = (uint32_t)sizeof(struct rh_field), .type = (kind), .name = #member, \
        .offset = (uint32_t)offsetof(struct_type, member), __VA_ARGS__              \
    }
#define RH_STR(s, m, fl, d) \
    RH_FIELD_ROW_(s, m, RH_FIELD_STRING, .flags = (fl), .max = 512, .doc = (d))
#define RH_TEXT(s, m, fl, longest, d) \
    RH_FIELD_ROW_(s, m, RH_FIELD_STRING, .flags = (fl), .max = (longest), .doc = (d))
#define RH_CHOICE(s, m, fl, def, choices, d)                                           \
    RH_FIELD_ROW_(s, m, RH_FIELD_STRING, .flags = (fl), .max = 512, .fallback = (def), \
                  .allowed = (choices), .doc = (d))
#define RH_INT(s, m, def, lo, hi, d) \
    RH_FIELD_ROW_(s, m, RH_FIELD_INT, .fallback = #def, .min = (lo), .max = (hi), .doc = (d))
#define RH_INT_REQUIRED(s, m, lo, hi, d) \
    RH_FIELD_ROW_(s, m, RH_FIELD_INT, .flags = RH_REQUIRED, .min = (lo), .max = (hi), .doc = (d))
#define RH_UINT64(s, m, fl, d) RH_FIELD_ROW_(s, m, RH_FIELD_U64, .flags = (fl), .doc = (d))
#define RH_NUMBER(s, m, def, lo, hi, d)                                                            \
    RH_FIELD_ROW_(s, m, RH_FIELD_NUMBER, .fallback = #def, .number_min = (lo), .number_max = (hi), \
                  .doc = (d))
#define RH_BOOL(s, m, def, d) RH_FIELD_ROW_(s, m, RH_FIELD_BOOL, .fallback = #def, .doc = (d))
#define RH_DURATION(s, m, def, lo_ms, hi_ms, d)                                               \
    RH_FIELD_ROW_(s, m, RH_FIELD_DURATION, .fallback = (def), .min = (lo_ms), .max = (hi_ms), \
                  .doc = (d))
#define RH_SIZE(s, m, def, lo, hi, d) \
    RH_FIELD_ROW_(s, m, RH_FIELD_SIZE, .fallback = (def), .min = (lo), .max = (hi), .doc = (d))
#define RH_BYTES(s, m, fl, most, d) \
    RH_FIELD_ROW_(s, m, RH_FIELD_BYTES, .flags = (fl), .max = (most), .doc = (d))
#define RH_STR_LIST(s, m, fl, d) \
    RH_FIELD_ROW_(s, m, RH_FIELD_STRING_LIST, .flags = (fl), .max = 256, .doc = (d))
#define RH_MAP(s, m, fl, d) RH_FIELD_ROW_(s, m, RH_FIELD_MAP, .flags = (fl), .max = 256, .doc = (d))
#define RH_LIST_MAP(s, m, fl, d) \
    RH_FIELD_ROW_(s, m, RH_FIELD_LIST_MAP, .flags = (fl), .max = 256, .doc = (d))
#define RH_RAW(s, m, fl, d) RH_FIELD_ROW_(s, m, RH_FIELD_RAW, .flags = (fl), .doc = (d))
#define RH_RAW_OBJECT(s, m, fl, d) \
    RH_FIELD_ROW_(s, m, RH_FIELD_RAW_OBJECT, .flags = (fl), .doc = (d))
#define RH_SUB_(sub, array)                                                           \
    .fields = (array), .field_count = (uint32_t)(sizeof(array) / sizeof((array)[0])), \
    .field_stride = (uint32_t)sizeof((array)[0]), .struct_size = (uint32_t)sizeof(sub)
#define RH_OBJECT(s, m, fl, sub, array, d) \
    RH_FIELD_ROW_(s, m, RH_FIELD_OBJECT, .flags = (fl), RH_SUB_(sub, array), .doc = (d))
#define RH_OBJECT_LIST(s, m, fl, most, sub, array, d)                                            \
    RH_FIELD_ROW_(s, m, RH_FIELD_OBJECT_LIST, .flags = (fl), .max = (most), RH_SUB_(sub, array), \
                  .doc = (d))
#define RH_OBJECT_MAP(s, m, fl, most, sub, array, d)                                            \
    RH_FIELD_ROW_(s, m, RH_FIELD_OBJECT_MAP, .flags = (fl), .max = (most), RH_SUB_(sub, array), \
                  .doc = (d))

#endif
