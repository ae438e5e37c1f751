/* Whether a text can be the address of a peer; it resolves and dials nothing. */
#ifndef RH_PLUGINS_ADMIN_PEER_ADDRESS_H
#define RH_PLUGINS_ADMIN_PEER_ADDRESS_H

#include <ringhost/types.h>
#include <stdbool.h>

#define PEER_HOST_MAX    253u                 /* bytes of a host name (RFC 1035, section 2.3.4) */
#define PEER_ADDRESS_MAX (PEER_HOST_MAX + 8u) /* bytes: brackets, a colon and five digits more */

/* "name:port", "IPv4:port" or "[IPv6]:port" with port 1 to 65535 in decimal. A name consists of
 * letters, digits, '.', '-' and '_'; brackets hold hexadecimal digits, ':' and '.'. [any] */
bool peer_address_is_valid(struct rh_str address);

#endif
