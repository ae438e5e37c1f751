/* What the answer of a receiver means for an event. Pure. */
#ifndef RH_PLUGINS_EVENT_BRIDGE_VERDICT_H
#define RH_PLUGINS_EVENT_BRIDGE_VERDICT_H

#include <ringhost/types.h>

enum verdict {
    VERDICT_TAKEN,
    VERDICT_AGAIN,       /* the receiver could not: an attempt that counts */
    VERDICT_UNAVAILABLE, /* the receiver is not there, whatever the event: no attempt */
    VERDICT_REFUSED,     /* the receiver will never take this event */
    VERDICT_STOPPED,     /* we gave up ourselves: nothing is known, nothing is counted */
};

/* rc, status as in struct rh_reply of rh.http/1. 2xx takes; 408, 425, 429 and 5xx ask for another
 * try, as do no answer in time and a broken connection; nothing sent is unavailable; the rest,
 * redirects among it, refuses. */
enum verdict verdict_of_reply(int32_t rc, uint32_t status);

/* rc, reason, code as in struct rh_process_exit. Exit status 0 takes, 75 (EX_TEMPFAIL of
 * sysexits.h), a signal and too long a time ask for another try, a missing program is unavailable;
 * another status refuses. */
enum verdict verdict_of_exit(int32_t rc, struct rh_str reason, int32_t code);

#endif
