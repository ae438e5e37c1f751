/* Events, errors and replies without a form of their own as text. */
#include "host/ctl/render.h"

#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/ctl/json_get.h"
#include "host/ctl/words.h"

#define NAME_SIZE 256u
#define DEPTH_MAX 8u
#define WIDTH_MAX 32u

int32_t render_event(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    char *payload = cJSON_PrintUnformatted(json_get(reply, "payload"));

    (void)env;
    words_instant(out, json_get_int(reply, "at", 0));
    (void)rh_buf_append_byte(out, ' '); /* sticky, as below */
    words_put_c(out, json_get_text(reply, "type"));
    (void)rh_buf_append_byte(out, ' ');
    words_put_c(out, json_get_text(reply, "node_id"));
    if (json_get_text(reply, "source")[0]) {
        (void)rh_buf_append_byte(out, '/');
        words_put_c(out, json_get_text(reply, "source"));
    }
    (void)rh_buf_append_byte(out, ' ');
    words_put_c(out, payload ? payload : "{}");
    cJSON_free(payload);
    return rh_buf_append_byte(out, '\n');
}

/* What an error has to say beyond its message, each line on a line of its own. */
static void put_lines(struct rh_buf *out, const char *text)
{
    while (*text) {
        const size_t n = strcspn(text, "\n");

        (void)rh_buf_append_byte(out, '\n'); /* sticky */
        words_put(out, (struct rh_str){text, n});
        text += n + (text[n] != '\0');
    }
}

int32_t render_error(const cJSON *reply, int status, struct rh_buf *out)
{
    const cJSON *error = json_get(reply, "error");
    const char *field = json_get_text(error, "field");

    if (!json_get_text(error, "code")[0])
        return rh_buf_printf(out, "http_%d: the node answered %d without saying why", status,
                             status);
    words_put_c(out, json_get_text(error, "code"));
    (void)rh_buf_append_c(out, ": "); /* sticky, as below */
    words_put_c(out, json_get_text(error, "message"));
    if (field[0] && !strstr(json_get_text(error, "message"), field)) {
        (void)rh_buf_append_c(out, " (field \"");
        words_put_c(out, field);
        (void)rh_buf_append_c(out, "\")");
    }
    put_lines(out, json_get_text(json_get(error, "details"), "text"));
    return out->rc;
}

static bool is_nested(const cJSON *item)
{
    return cJSON_IsObject(item) && item->child;
}

static void full_name(const char *prefix, const cJSON *item, char name[NAME_SIZE])
{
    /* A name that is too long is cut: it is only shown. */
    (void)snprintf(name, NAME_SIZE, "%s%s%s", prefix, prefix[0] ? "." : "", item->string);
}

/* The longest name, for the first pass over the tree. */
static size_t widest(const cJSON *object, const char *prefix, uint32_t depth)
{
    size_t width = 0;

    for (const cJSON *item = object->child; item; item = item->next) {
        char name[NAME_SIZE];
        size_t own;

        full_name(prefix, item, name);
        own = is_nested(item) && depth < DEPTH_MAX ? widest(item, name, depth + 1)
                                                   : words_width(rh_str_from(name));
        if (own > width)
            width = own;
    }
    return width < WIDTH_MAX ? width : WIDTH_MAX;
}

static void write_value(const cJSON *item, int64_t now_ms, struct rh_buf *out)
{
    const size_t length = strlen(item->string);
    const bool is_instant = length > 3 && strcmp(item->string + length - 3, "_at") == 0;
    char *text;

    if (cJSON_IsString(item)) {
        words_put_c(out, item->valuestring[0] ? item->valuestring : "-");
        return;
    }
    if (cJSON_IsNull(item) || !(text = cJSON_PrintUnformatted(item))) {
        (void)rh_buf_append_byte(out, '-'); /* sticky, as below */
        return;
    }
    if (is_instant && cJSON_IsNumber(item) && item->valuedouble > 0) {
        words_instant(out, (int64_t)item->valuedouble);
        (void)rh_buf_append_c(out, " (");
        words_ago(out, (int64_t)item->valuedouble, now_ms);
        (void)rh_buf_append_byte(out, ')');
    } else {
        words_put_c(out, text);
    }
    cJSON_free(text);
}

static void write_members(const cJSON *object, const char *prefix, uint32_t depth, size_t width,
                          int64_t now_ms, struct rh_buf *out)
{
    for (const cJSON *item = object->child; item; item = item->next) {
        char name[NAME_SIZE];
        size_t used;

        full_name(prefix, item, name);
        if (is_nested(item) && depth < DEPTH_MAX) {
            write_members(item, name, depth + 1, width, now_ms, out);
            continue;
        }
        words_put_c(out, name);
        used = words_width(rh_str_from(name));
        do
            (void)rh_buf_append_byte(out, ' '); /* sticky */
        while (++used < width + 2);
        write_value(item, now_ms, out);
        (void)rh_buf_append_byte(out, '\n');
    }
}

int32_t render_members(const cJSON *reply, const struct render_env *env, struct rh_buf *out)
{
    if (!cJSON_IsObject(reply) || !reply->child)
        return rh_buf_append_c(out, "done\n");
    write_members(reply, "", 0, widest(reply, "", 0), env->now_ms, out);
    return out->rc;
}
