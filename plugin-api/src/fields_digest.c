/* Walks over a field table and the struct that it describes. */
#include <ringhost/sdk/fields_digest.h>

#include <string.h>

#include <ringhost/sdk/hash.h>
#include <ringhost/sdk/json_digest.h>
#include <ringhost/sdk/str.h>

static uint64_t add_str(uint64_t digest, struct rh_str s)
{
    digest = rh_hash_fnv1a_u64(digest, s.n);
    return s.n ? rh_hash_fnv1a(digest, s.p, s.n) : digest;
}

static uint64_t strs_digest(const struct rh_str_list *list)
{
    uint64_t digest = RH_HASH_FNV1A_INIT;

    for (uint32_t i = 0; i < list->count; i++)
        digest = add_str(digest, list->items[i]);
    return digest;
}

/* Objects know no order: sums. */
static uint64_t pairs_digest(const struct rh_pair_list *list)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < list->count; i++)
        sum += rh_hash_mix(
            add_str(add_str(RH_HASH_FNV1A_INIT, list->items[i].key), list->items[i].value));
    return sum;
}

static uint64_t named_lists_digest(const struct rh_named_list_list *list)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < list->count; i++)
        sum += rh_hash_mix(rh_hash_fnv1a_u64(add_str(RH_HASH_FNV1A_INIT, list->items[i].key),
                                             strs_digest(&list->items[i].values)));
    return sum;
}

static struct rh_fields sub_table(const struct rh_field *field)
{
    return (struct rh_fields){field->fields, field->field_count, field->field_stride,
                              field->struct_size, 0};
}

static uint64_t objects_digest(const struct rh_field *field, const struct rh_list *list,
                               uint32_t flags)
{
    const struct rh_fields table = sub_table(field);
    const bool is_map = field->type == RH_FIELD_OBJECT_MAP;
    uint64_t digest = is_map ? 0 : RH_HASH_FNV1A_INIT;

    for (uint32_t i = 0; i < list->count; i++) {
        const void *at = (const char *)list->items + (size_t)i * list->stride;
        const uint64_t one = rh_fields_digest(&table, at, flags);

        if (is_map)
            digest += rh_hash_mix(
                rh_hash_fnv1a_u64(add_str(RH_HASH_FNV1A_INIT, *(const struct rh_str *)at), one));
        else
            digest = rh_hash_fnv1a_u64(digest, one);
    }
    return digest;
}

/* -0.0 is 0.0. */
static uint64_t bits_of(double value)
{
    uint64_t bits;

    value += 0.0;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

static uint64_t value_digest(const struct rh_field *field, const void *at, uint32_t flags)
{
    const struct rh_fields table = sub_table(field);

    switch (field->type) {
    case RH_FIELD_STRING:
    case RH_FIELD_BYTES:
        return add_str(RH_HASH_FNV1A_INIT, *(const struct rh_str *)at);
    case RH_FIELD_NUMBER:
        return bits_of(*(const double *)at);
    case RH_FIELD_BOOL:
        return *(const int32_t *)at != 0;
    case RH_FIELD_STRING_LIST:
        return strs_digest(at);
    case RH_FIELD_MAP:
        return pairs_digest(at);
    case RH_FIELD_LIST_MAP:
        return named_lists_digest(at);
    case RH_FIELD_OBJECT:
        return rh_fields_digest(&table, at, flags);
    case RH_FIELD_OBJECT_LIST:
    case RH_FIELD_OBJECT_MAP:
        return objects_digest(field, at, flags);
    case RH_FIELD_RAW:
    case RH_FIELD_RAW_OBJECT:
        return rh_json_digest(*(const struct rh_str *)at);
    default: /* whole numbers of 64 bits */
        return *(const uint64_t *)at;
    }
}

static bool is_default(const struct rh_field *field, const void *at, uint64_t digest)
{
    const struct rh_str fallback = field->fallback ? rh_str_from(field->fallback) : RH_STR_LIT("");
    const struct rh_str *text = at;
    uint64_t u = 0;
    int64_t i = 0;
    double d = 0.0;

    switch (field->type) {
    case RH_FIELD_STRING:
    case RH_FIELD_BYTES:
        return rh_str_eq(*text, fallback);
    case RH_FIELD_NUMBER:
        return (!fallback.n || rh_parse_f64(fallback, &d) == RH_OK) && digest == bits_of(d);
    case RH_FIELD_BOOL:
        return (digest != 0) == rh_str_eq_c(fallback, "true");
    case RH_FIELD_INT:
        return (!fallback.n || rh_parse_i64(fallback, &i) == RH_OK) && digest == (uint64_t)i;
    case RH_FIELD_U64:
        return (!fallback.n || rh_parse_u64(fallback, &u) == RH_OK) && digest == u;
    case RH_FIELD_DURATION:
    case RH_FIELD_SIZE:
        return !fallback.n && digest == 0;
    case RH_FIELD_RAW:
        return text->n == 0 || rh_str_eq_c(*text, "null");
    case RH_FIELD_RAW_OBJECT:
        return text->n == 0 || digest == rh_json_digest(RH_STR_LIT("{}"));
    case RH_FIELD_OBJECT:
        return digest == 0;
    case RH_FIELD_STRING_LIST:
        return ((const struct rh_str_list *)at)->count == 0;
    case RH_FIELD_MAP:
        return ((const struct rh_pair_list *)at)->count == 0;
    case RH_FIELD_LIST_MAP:
        return ((const struct rh_named_list_list *)at)->count == 0;
    default:
        return ((const struct rh_list *)at)->count == 0;
    }
}

uint64_t rh_fields_digest(const struct rh_fields *table, const void *decoded, uint32_t flags)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < table->count; i++) {
        const struct rh_field *field =
            (const void *)((const char *)table->fields + (size_t)i * table->stride);
        const char *base = decoded;
        const uint64_t digest = value_digest(field, base + field->offset, flags);
        const bool is_given =
            (flags & RH_DIGEST_GIVEN) && field->given_offset && base[field->given_offset - 1] != 0;

        if (!is_given && is_default(field, base + field->offset, digest))
            continue;
        sum += rh_hash_mix(rh_hash_fnv1a_u64(
            add_str(rh_hash_fnv1a_u64(RH_HASH_FNV1A_INIT, is_given), rh_str_from(field->name)),
            digest));
    }
    return sum;
}
