/* Addresses of nodes and the text of request targets; it resolves and connects nothing. */
#include "host/ctl/addr.h"

#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

static int32_t refuse(struct rh_buf *why, struct rh_str word, const char *rule)
{
    (void)rh_buf_printf(why, "address \"%.*s\": %s", RH_STR_ARG(word), rule); /* sticky in why */
    return RH_EINVAL;
}

static struct rh_str without_scheme(struct rh_str word)
{
    static const struct rh_str scheme = RH_STR_INIT("http://");

    if (rh_str_starts_with(word, scheme)) {
        word.p += scheme.n;
        word.n -= scheme.n;
    }
    if (word.n > 0 && word.p[word.n - 1] == '/')
        word.n--;
    return word;
}

/* Splits host and port; *port stays empty when there is none. NULL, or the rule that is broken. */
static const char *split(struct rh_str text, struct rh_str *host, struct rh_str *port)
{
    const char *end = text.p + text.n;
    const char *colon;

    if (text.n > 0 && text.p[0] == '[') {
        const char *bracket = memchr(text.p, ']', text.n);

        if (!bracket)
            return "\"[\" without \"]\"";
        *host = (struct rh_str){text.p + 1, (size_t)(bracket - text.p) - 1};
        colon = bracket + 1;
        if (colon < end && *colon != ':')
            return "only a port may follow \"]\"";
    } else {
        colon = memchr(text.p, ':', text.n);
        if (!colon)
            colon = end;
        if (colon < end && memchr(colon + 1, ':', (size_t)(end - colon) - 1))
            return "an IPv6 address needs brackets, as in [::1]:8770";
        *host = (struct rh_str){text.p, (size_t)(colon - text.p)};
    }
    if (colon < end) {
        *port = (struct rh_str){colon + 1, (size_t)(end - colon) - 1};
        if (port->n == 0)
            return "no port after \":\"";
    }
    return NULL;
}

static int32_t parse_one(struct rh_str word, struct addr *out, struct rh_buf *why)
{
    struct rh_str host = {"", 0};
    struct rh_str port = {"", 0};
    int64_t number = ADDR_PORT_DEFAULT;
    const char *rule;

    if (rh_str_starts_with(word, RH_STR_LIT("https://")))
        return refuse(why, word, "only plain http is spoken");
    rule = word.n > 0 ? split(without_scheme(word), &host, &port) : "empty";
    if (rule)
        return refuse(why, word, rule);
    if (host.n == 0 || memchr(host.p, '/', host.n) || memchr(host.p, ' ', host.n))
        return refuse(why, word, "wanted HOST:PORT");
    if (port.n > 0 && (rh_parse_i64(port, &number) != RH_OK || number < 1 || number > 65535))
        return refuse(why, word, "the port must be an integer in [1, 65535]");
    if (rh_str_copy(out->host, sizeof(out->host), host) != RH_OK)
        return refuse(why, word, "the host name is too long");
    out->port = (uint16_t)number;
    return RH_OK;
}

int32_t addr_list_parse(struct rh_str text, struct addr_list *out, struct rh_buf *why)
{
    struct addr_list list = {.count = 0};
    const char *at = text.p;
    const char *end = text.p + text.n;

    for (;;) {
        const char *comma = text.n ? memchr(at, ',', (size_t)(end - at)) : NULL;
        const struct rh_str word = {at, (size_t)((comma ? comma : end) - at)};

        if (list.count == ADDR_LIST_MAX)
            return refuse(why, word, "more than 16 addresses");
        if (parse_one(word, &list.items[list.count], why) != RH_OK)
            return RH_EINVAL;
        list.count++;
        if (!comma)
            break;
        at = comma + 1;
    }
    *out = list;
    return RH_OK;
}

const char *addr_format(const struct addr *addr, char dst[ADDR_TEXT_SIZE])
{
    const char *format = strchr(addr->host, ':') ? "[%s]:%u" : "%s:%u";

    (void)snprintf(dst, ADDR_TEXT_SIZE, format, addr->host, (unsigned)addr->port); /* fits */
    return dst;
}

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

void query_put(struct rh_buf *target, const char *key, struct rh_str value)
{
    const bool is_first = target->n == 0 || !memchr(target->p, '?', target->n);

    (void)rh_buf_append_byte(target, is_first ? '?' : '&'); /* sticky in target, as below */
    (void)rh_buf_append_c(target, key);
    (void)rh_buf_append_byte(target, '=');
    for (size_t i = 0; i < value.n; i++) {
        if (is_unreserved(value.p[i]))
            (void)rh_buf_append_byte(target, value.p[i]);
        else
            (void)rh_buf_printf(target, "%%%02X", (unsigned)(unsigned char)value.p[i]);
    }
}
