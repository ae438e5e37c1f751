/* A blocking TCP connection with deadlines; it knows no HTTP. */
#ifndef RH_HOST_CTL_SOCKET_H
#define RH_HOST_CTL_SOCKET_H

#include "host/ctl/addr.h"

/* Milliseconds that never go back; and Unix milliseconds. */
int64_t socket_now_ms(void);
int64_t socket_wall_ms(void);

/* Waits without a connection. */
void socket_pause(int64_t pause_ms);

/* Connects to the first address behind the name that answers before deadline_ms (of
 * socket_now_ms). Looking a name up may take longer. RH_OK and *fd, which the caller closes;
 * RH_EUNREACHABLE with the reason appended to why. */
int32_t socket_connect(const struct addr *addr, int64_t deadline_ms, int *fd, struct rh_buf *why);

/* Sends all bytes. RH_OK, RH_ETIMEOUT, RH_EIO; *sent says how many left in any case. */
int32_t socket_send(int fd, struct rh_str bytes, int64_t deadline_ms, size_t *sent);

/* Receives what is there, at least one byte. Returns how many, 0 at the end of the connection,
 * RH_ETIMEOUT or RH_EIO. */
int64_t socket_receive(int fd, void *buf, size_t size, int64_t deadline_ms);

#endif
