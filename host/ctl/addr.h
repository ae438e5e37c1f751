/* Addresses of nodes and the text of request targets; it resolves and connects nothing. */
#ifndef RH_HOST_CTL_ADDR_H
#define RH_HOST_CTL_ADDR_H

#include <ringhost/sdk/buf.h>

#define ADDR_LIST_MAX     16u
#define ADDR_HOST_SIZE    254u
#define ADDR_TEXT_SIZE    264u
#define ADDR_PORT_DEFAULT 8770

struct addr {
    char host[ADDR_HOST_SIZE]; /* a name or an address, IPv6 without its brackets */
    uint16_t port;
};

struct addr_list {
    struct addr items[ADDR_LIST_MAX];
    uint32_t count;
};

/* Reads "HOST[:PORT][,HOST[:PORT]]..."; an IPv6 address stands in brackets, "http://" before and
 * "/" behind are allowed, the port is ADDR_PORT_DEFAULT when left out. [any] RH_OK; RH_EINVAL with
 * the reason appended to why and *out unchanged. */
int32_t addr_list_parse(struct rh_str text, struct addr_list *out, struct rh_buf *why);

/* "host:port", IPv6 in brackets; dst is returned. [any] */
const char *addr_format(const struct addr *addr, char dst[ADDR_TEXT_SIZE]);

/* Appends "?key=value", or "&key=value" when target has a query already. Everything in value but
 * the unreserved characters of RFC 3986 is percent-encoded; key is written as it is. Errors stay in
 * target->rc. [any] */
void query_put(struct rh_buf *target, const char *key, struct rh_str value);

#endif
