/* The one list of error codes; the lookups are in <ringhost/sdk/error.h>. */
#ifndef RH_ERRORS_H
#define RH_ERRORS_H

/* X(NAME, number, http status, token, text). Numbers and tokens never change; new rows go to the
 * end. NAME is also an errno macro in places, so X must use it only with # or ##. */
#define RH_ERRORS(X)                                                              \
    X(EINVAL, -1, 400, "invalid_argument", "invalid argument")                    \
    X(ENOTFOUND, -2, 404, "not_found", "not found")                               \
    X(ENOMEM, -3, 503, "out_of_memory", "out of memory")                          \
    X(EAGAIN, -4, 503, "overloaded", "overloaded, try again later")               \
    X(ECANCELLED, -5, 503, "cancelled", "cancelled before it finished")           \
    X(ETIMEOUT, -6, 504, "timeout", "no answer in time")                          \
    X(ENOTLEADER, -7, 503, "not_leader", "this node does not lead")               \
    X(ECONFLICT, -8, 409, "conflict", "changed by someone else meanwhile")        \
    X(EFULL, -9, 507, "full", "a limit on stored items is reached")               \
    X(EUNKNOWN, -10, 503, "outcome_unknown", "may have been applied or not")      \
    X(EIO, -11, 503, "io_error", "reading or writing failed")                     \
    X(ENOSPACE, -12, 503, "disk_full", "no space left on disk")                   \
    X(EFORBIDDEN, -13, 403, "forbidden", "not allowed for this caller")           \
    X(EUNAUTHORIZED, -14, 401, "unauthorized", "caller is not authenticated")     \
    X(EEXISTS, -15, 409, "exists", "already exists")                              \
    X(EUNSUPPORTED, -16, 501, "unsupported", "not supported here")                \
    X(ESTALE, -17, 412, "stale_epoch", "belongs to an earlier epoch")             \
    X(ELOADING, -18, 503, "loading", "state is still being loaded")               \
    X(EELSEWHERE, -19, 503, "state_elsewhere", "the state lives on another node") \
    X(EINTERNAL, -20, 500, "internal", "internal error")                          \
    X(ETOOLARGE, -21, 413, "too_large", "larger than its limit")                  \
    X(EUNREACHABLE, -22, 502, "unreachable", "the other node cannot be reached")  \
    X(EPROTOCOL, -23, 502, "bad_reply", "the other side broke the protocol")      \
    X(EBUSY, -24, 429, "busy", "too many requests from this caller")              \
    X(ESTALECLAIM, -25, 409, "stale_claim", "the claim has passed to someone else")

/* Constants only: fields and results are int32_t. RH_PENDING means "finished later, exactly once".
 */
enum {
    RH_OK = 0,
    RH_PENDING = 1,
#define RH_ERROR_CONSTANT(name, number, http, token, text) RH_##name = (number),
    RH_ERRORS(RH_ERROR_CONSTANT)
#undef RH_ERROR_CONSTANT
};

#endif
