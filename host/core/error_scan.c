/* Code and message of an error body; see error_scan.h. */
#include "host/core/error_scan.h"

#include <string.h>

#include "host/core/json_scan.h"

static bool key_is(const struct json_string *key, const char *name)
{
    return !key->has_escape && key->n == strlen(name) && memcmp(key->p, name, key->n) == 0;
}

/* The members of the inner object, as written. */
static bool scan_error(struct json_scan *s, struct json_string *code, struct json_string *message)
{
    struct json_nest nest;
    struct json_string key;

    if (!json_enter(s, &nest))
        return false;
    while (json_next_key(s, &nest, &key)) {
        struct json_string text;

        if (json_peek(s) != JSON_STRING) {
            if (!json_skip(s, NULL))
                return false;
            continue;
        }
        if (!json_string(s, &text))
            return false;
        if (key_is(&key, "code"))
            *code = text;
        else if (key_is(&key, "message"))
            *message = text;
    }
    return s->rc == RH_OK;
}

/* What is meant; room has place for it. */
static void take(struct json_string text, struct rh_buf *room, struct rh_str *out)
{
    if (text.p && text.has_escape) {
        char *dst = room->p + room->n;
        size_t n = json_string_decode(text, dst);

        rh_buf_advance(room, n);
        *out = (struct rh_str){dst, n};
    } else if (text.p) {
        *out = (struct rh_str){text.p, text.n};
    }
}

void error_scan(struct rh_str body, struct rh_buf *room, struct rh_str *code,
                struct rh_str *message)
{
    struct json_string found_code = {NULL, 0, false};
    struct json_string found_message = {NULL, 0, false};
    struct json_scan s;
    struct json_nest nest;
    struct json_string key;
    bool is_good = true;

    json_scan_init(&s, body);
    if (json_peek(&s) == JSON_OBJECT && json_enter(&s, &nest)) {
        while (is_good && json_next_key(&s, &nest, &key)) {
            if (key_is(&key, "error") && json_peek(&s) == JSON_OBJECT)
                is_good = scan_error(&s, &found_code, &found_message);
            else
                is_good = json_skip(&s, NULL);
        }
        /* Reserved once for both: what *code points to must not move. */
        if (is_good && json_end(&s) &&
            ((!found_code.has_escape && !found_message.has_escape) ||
             rh_buf_reserve(room, found_code.n + found_message.n))) {
            take(found_code, room, code);
            take(found_message, room, message);
        }
    }
    json_scan_release(&s);
}
