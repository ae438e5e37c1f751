/* The state of one decoding and what its parts call of each other; private to field_decode*.c. */
#ifndef RH_HOST_CORE_FIELD_DECODER_H
#define RH_HOST_CORE_FIELD_DECODER_H

#include <ringhost/fields.h>
#include <stdbool.h>

#include "host/core/field_arena.h"
#include "host/core/field_words.h"
#include "host/core/json_scan.h"

struct field_decoder {
    struct json_scan scan;
    struct field_arena *arena;
    struct field_error *error;
    uint32_t flags;
    int32_t rc;
};

/* All return true, or false with rc and *error set. The first four always return false.
 * decoder_fail: rc with words; the path goes before them. decoder_fail_syntax: the text is not
 * JSON, the scanner knows where. decoder_fail_arena: for the arena's rc. decoder_fail_rule: the
 * value breaks the field's rule; word is what was given where there are choices, or empty. */
bool decoder_fail(struct field_decoder *d, const struct field_place *place, int32_t rc,
                  const char *what);
bool decoder_fail_syntax(struct field_decoder *d, const struct field_place *place);
bool decoder_fail_arena(struct field_decoder *d, const struct field_place *place);
bool decoder_fail_rule(struct field_decoder *d, const struct rh_field *field,
                       const struct field_place *place, struct rh_str word);

/* Skips a value of the wrong kind, so that broken JSON is told before a broken rule; always false.
 */
bool decoder_refuse(struct field_decoder *d, const struct rh_field *field,
                    const struct field_place *place);

/* The string that comes next, its meant text in the arena. */
bool decoder_text(struct field_decoder *d, const struct field_place *place, struct rh_str *out);

/* An object into base, which is zero. */
bool decoder_object(struct field_decoder *d, const struct rh_fields *table, char *base,
                    const struct field_place *up);

/* A list in place of an object, which is its first field; as above. */
bool decoder_short(struct field_decoder *d, const struct rh_fields *table, char *base,
                   const struct field_place *up);

/* A list of strings; limited: whether the field's min and max count them. */
bool decoder_words(struct field_decoder *d, const struct rh_field *field, bool limited,
                   struct rh_str_list *out, const struct field_place *place);

/* An OBJECT_LIST; a MAP, LIST_MAP or OBJECT_MAP. */
bool decoder_objects(struct field_decoder *d, const struct rh_field *field, char *member,
                     const struct field_place *place);
bool decoder_map(struct field_decoder *d, const struct rh_field *field, char *member,
                 const struct field_place *up);

#endif
