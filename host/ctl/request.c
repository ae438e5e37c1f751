/* Makes the target and the body of a request from the options of a command; it sends nothing. */
#include "host/ctl/request.h"

#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/ctl/addr.h"

void request_target(const struct args *args, struct rh_buf *target)
{
    (void)rh_buf_append_c(target, args->command->path); /* sticky in target */
    if (strcmp(args->command->method, "GET") != 0)
        return;
    for (uint32_t i = 0; i < args->count; i++) {
        const struct args_value *value = &args->values[i];

        if (!value->row->field)
            continue;
        query_put(target, value->row->field,
                  value->row->kind == OPTION_FLAG ? RH_STR_LIT("true") : value->text);
    }
}

/* All texts of a list; they need not stand side by side on the command line. */
static void write_list(const struct args *args, const struct option_row *row,
                       struct rh_json_writer *w)
{
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < args->count; i++) {
        if (args->values[i].row == row)
            rh_json_string(w, args->values[i].text);
    }
    rh_json_end_array(w);
}

static void write_member(const struct args *args, uint32_t index, const char *key,
                         struct rh_json_writer *w)
{
    const struct option_row *row = args->values[index].row;
    const struct rh_str text = args->values[index].text;

    rh_json_key(w, key);
    switch (row->kind) {
    case OPTION_FLAG:
        rh_json_bool(w, true);
        break;
    case OPTION_INT:
        rh_json_int(w, args_int(args, row->name, 0));
        break;
    case OPTION_NUMBER:
        rh_json_double(w, args_number(args, row->name, 0));
        break;
    case OPTION_LIST:
        write_list(args, row, w);
        break;
    case OPTION_JSON:
        rh_json_raw(w, text);
        break;
    default:
        rh_json_string(w, text);
    }
}

/* The field of a value; NULL when it has none, or the option was given before: flags and lists may
 * be given again, and their first place counts. */
static const char *field_of(const struct args *args, uint32_t index)
{
    const struct option_row *row = args->values[index].row;

    return args_find(args, row->name) == &args->values[index] ? row->field : NULL;
}

/* Bytes of "outer." in "outer.inner", 0 without a dot. */
static size_t outer_of(const char *field)
{
    const char *dot = strchr(field, '.');

    return dot ? (size_t)(dot - field) + 1 : 0;
}

/* All values of one object, at the place of the first. */
static void write_object(const struct args *args, uint32_t first, struct rh_json_writer *w)
{
    const char *field = field_of(args, first);
    const size_t outer = outer_of(field);

    rh_json_key_str(w, (struct rh_str){field, outer - 1});
    rh_json_begin_object(w);
    for (uint32_t i = first; i < args->count; i++) {
        const char *other = field_of(args, i);

        if (other && strncmp(other, field, outer) == 0)
            write_member(args, i, other + outer, w);
    }
    rh_json_end_object(w);
}

static bool is_first_of_object(const struct args *args, uint32_t index)
{
    const char *field = field_of(args, index);

    for (uint32_t i = 0; i < index; i++) {
        const char *other = field_of(args, i);

        if (other && strncmp(other, field, outer_of(field)) == 0)
            return false;
    }
    return true;
}

void request_members(const struct args *args, struct rh_json_writer *w)
{
    for (uint32_t i = 0; i < args->count; i++) {
        const char *field = field_of(args, i);

        if (!field)
            continue;
        if (outer_of(field) == 0)
            write_member(args, i, field, w);
        else if (is_first_of_object(args, i))
            write_object(args, i, w);
    }
}

int32_t request_body(const struct args *args, struct rh_buf *body)
{
    struct rh_json_writer w;

    rh_json_init(&w, body);
    rh_json_begin_object(&w);
    request_members(args, &w);
    rh_json_end_object(&w);
    return rh_json_finish(&w);
}
