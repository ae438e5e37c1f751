/* Code and message of an error body; see error_scan.h. */
#include "host/core/error_scan.h"

#include <string.h>

#include "host/core/json_scan.h"

static bool key_is(const struct json_string *key, const char *name)
{
    return !key->has_escape && key->n == strlen(name) && memcmp(key->p, name, key->n) == 0;
}

/* The members of the inner object. */
static bool scan_error(struct json_scan *s, struct rh_str *code, struct rh_str *message)
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
            *code = (struct rh_str){text.p, text.n};
        else if (key_is(&key, "message"))
            *message = (struct rh_str){text.p, text.n};
    }
    return s->rc == RH_OK;
}

void error_scan(struct rh_str body, struct rh_str *code, struct rh_str *message)
{
    struct rh_str found_code = *code;
    struct rh_str found_message = *message;
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
        if (is_good && json_end(&s)) {
            *code = found_code;
            *message = found_message;
        }
    }
    json_scan_release(&s);
}
