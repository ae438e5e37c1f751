/* How decoding fails, in words, and the strings all its parts read; the decoding itself is in
 * field_decode. */
#include "host/core/field_decoder.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

bool decoder_fail(struct field_decoder *d, const struct field_place *place, int32_t rc,
                  const char *what)
{
    assert(d->rc == RH_OK);
    d->rc = rc;
    if (!d->error)
        return false;
    field_path(place, d->error->field, sizeof(d->error->field));
    /* Cut where it does not fit. */
    if (d->error->field[0] != '\0')
        (void)snprintf(d->error->message, sizeof(d->error->message), "\"%s\" %s", d->error->field,
                       what);
    else
        (void)snprintf(d->error->message, sizeof(d->error->message), "%s", what);
    return false;
}

bool decoder_fail_syntax(struct field_decoder *d, const struct field_place *place)
{
    char what[256];

    assert(d->scan.rc != RH_OK);
    d->rc = d->scan.rc;
    if (!d->error)
        return false;
    json_describe(&d->scan, what, sizeof(what));
    field_path(place, d->error->field, sizeof(d->error->field));
    (void)snprintf(d->error->message, sizeof(d->error->message), "%.*s%s%s%s",
                   (int)(sizeof(d->error->message) - sizeof(d->error->field) - 8), what,
                   d->error->field[0] != '\0' ? ", in \"" : "", d->error->field,
                   d->error->field[0] != '\0' ? "\"" : ""); /* so that the field always fits */
    return false;
}

bool decoder_fail_arena(struct field_decoder *d, const struct field_place *place)
{
    assert(d->arena->rc != RH_OK);
    return decoder_fail(d, place, d->arena->rc,
                        d->arena->rc == RH_ETOOLARGE
                            ? "needs more memory than is allowed for all fields"
                            : "could not be kept: out of memory");
}

bool decoder_fail_rule(struct field_decoder *d, const struct rh_field *field,
                       const struct field_place *place, struct rh_str word)
{
    char what[FIELD_RULE_SIZE + FIELD_NAME_MAX + 48];
    char rule[FIELD_RULE_SIZE];
    char choice[FIELD_NAME_MAX + 1];

    if (!d->error)
        return decoder_fail(d, place, RH_EINVAL, "");
    field_rule(field, FIELD_IN_JSON, rule);
    if (field->allowed && field_suggest_choice(field, word, choice))
        (void)snprintf(what, sizeof(what), "must be %s; did you mean \"%s\"?", rule, choice);
    else
        (void)snprintf(what, sizeof(what), "must be %s", rule); /* what has room for both. */
    return decoder_fail(d, place, RH_EINVAL, what);
}

bool decoder_text(struct field_decoder *d, const struct field_place *place, struct rh_str *out)
{
    struct json_string string;

    if (!json_string(&d->scan, &string))
        return decoder_fail_syntax(d, place);
    if (json_unescape(string, d->arena, out) != RH_OK)
        return decoder_fail_arena(d, place);
    return true;
}

bool decoder_refuse(struct field_decoder *d, const struct rh_field *field,
                    const struct field_place *place)
{
    if (!json_skip(&d->scan, NULL))
        return decoder_fail_syntax(d, place);
    return decoder_fail_rule(d, field, place, (struct rh_str){NULL, 0});
}
