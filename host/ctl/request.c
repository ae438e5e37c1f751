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

void request_members(const struct args *args, struct rh_json_writer *w)
{
    for (uint32_t i = 0; i < args->count; i++) {
        const struct option_row *row = args->values[i].row;
        const struct rh_str text = args->values[i].text;

        /* Flags and lists may be given again; their first place counts. */
        if (!row->field || args_find(args, row->name) != &args->values[i])
            continue;
        rh_json_key(w, row->field);
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
