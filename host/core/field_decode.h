/* JSON text straight into a struct by a field table, in one pass and with no tree between. */
#ifndef RH_HOST_CORE_FIELD_DECODE_H
#define RH_HOST_CORE_FIELD_DECODE_H

#include <ringhost/errors.h>
#include <ringhost/fields.h>

#include "host/core/field_arena.h"
#include "host/core/field_words.h"

/* Unknown fields, at every level, are errors with "did you mean"; else they are checked as JSON and
 * ignored. */
#define FIELD_STRICT 1u

/* Decodes the JSON object in json (at most bytes_max bytes; 0: JSON_TEXT_MAX) into out,
 * table->struct_size bytes, which is overwritten: zero, then what was given, then defaults. An
 * optional field that is null counts as absent. Everything that out points to is in the arena or in
 * the table; json may go.
 *
 * Fields of an absent OBJECT get their defaults and are not required. Strings in lists and maps,
 * and keys, are at most FIELD_ENTRY_MAX bytes. Of equal keys in one object none wins: that is an
 * error, in ignored and RAW values too. On failure out is zeroed, the arena holds leftovers until
 * its release or reset, and *error (may be NULL) has words. table was accepted by field_check.
 * [any] Returns RH_OK, RH_EINVAL, RH_ETOOLARGE (text or arena) or RH_ENOMEM. */
int32_t field_decode(const struct rh_fields *table, struct rh_str json, uint32_t flags,
                     uint64_t bytes_max, void *out, struct field_arena *arena,
                     struct field_error *error);

#endif
