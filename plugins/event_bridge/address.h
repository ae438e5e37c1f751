/* The URL of a webhook: checked, and with the port that it may leave out. Pure. */
#ifndef RH_PLUGINS_EVENT_BRIDGE_ADDRESS_H
#define RH_PLUGINS_EVENT_BRIDGE_ADDRESS_H

#include <ringhost/errors.h>
#include <ringhost/types.h>

/* Bytes of a URL, with its NUL. */
#define ADDRESS_SIZE 1024u

/* Writes "http://host:port/path" into dst; port 80 and path "/" where the URL has none. RH_EINVAL
 * with *why (static words) for another scheme, a missing host, user names, fragments, blanks, or
 * when it is too long; RH_EUNSUPPORTED with *why for https://. dst is then not written. */
int32_t address_normalise(struct rh_str url, char dst[ADDRESS_SIZE], const char **why);

#endif
