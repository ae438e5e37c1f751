/* How a job ended, for the host: fields, writer, strict reader; no file, no global. */
#ifndef RH_HOST_EXEC_RECORD_H
#define RH_HOST_EXEC_RECORD_H

#include <stddef.h>
#include <stdint.h>

#define EXEC_RECORD_BYTES_MAX   2048u
#define EXEC_RECORD_MESSAGE_MAX 511u /* bytes, without the NUL */

#define EXEC_CODE_INTERNAL      70
#define EXEC_CODE_SPAWN_FAILED  126
#define EXEC_CODE_NOT_FOUND     127
#define EXEC_CODE_SIGNAL_BASE   128

/* name, word in the text, what it says */
#define EXEC_REASONS(X)                                                                           \
    X(EXITED, "exited")             /* the program returned; code is its status */                \
    X(SIGNALLED, "signalled")       /* a signal that ringhost-exec did not send ended it */       \
    X(TIMEOUT, "timeout")           /* wall_ms was over; code and signal say how it then ended */ \
    X(KILLED, "killed")             /* cancelled; code and signal say how it then ended */        \
    X(NOT_FOUND, "not_found")       /* there is no such program */                                \
    X(SPAWN_FAILED, "spawn_failed") /* the program is there and could not be started */           \
    X(INTERNAL, "internal")         /* ringhost-exec failed; message says where */

enum exec_reason {
#define X(name, word) EXEC_REASON_##name,
    EXEC_REASONS(X)
#undef X
        EXEC_REASON_COUNT
};

/* The text has one line "KEY VALUE\n" per field, all of them, in this order.
 * code is never 0 for a job that did not return 0 by itself: 128 + signal after a signal, 127 for
 * not_found, 126 for spawn_failed, 70 for internal; only timeout and killed may carry the 0 of a
 * program that obeyed SIGTERM. */
struct exec_record {
    enum exec_reason reason;
    int64_t code;           /* 0..255 */
    int64_t signal;         /* 0 = none, else 1..64 */
    int64_t wall_ms;        /* from start to the end of the program itself, not of its stragglers */
    int64_t user_ms;        /* of the whole tree, as far as it was waited for */
    int64_t sys_ms;         /* likewise */
    int64_t maxrss_kb;      /* of the largest process in the tree */
    int64_t stdout_bytes;   /* kept: the first ones */
    int64_t stdout_dropped; /* read and thrown away after those */
    int64_t stderr_bytes;
    int64_t stderr_dropped;
    char message[EXEC_RECORD_MESSAGE_MAX + 1]; /* one line, may be empty */
};

/* name, code, text */
#define EXEC_RECORD_ERRORS(X)                                            \
    X(OK, 0, "ok")                                                       \
    X(ETOO_BIG, -1, "the record is larger than 2048 bytes")              \
    X(ETRUNCATED, -2, "the record ends before its last line")            \
    X(EKEY, -3, "a line does not begin with the key that belongs there") \
    X(EREASON, -4, "unknown reason")                                     \
    X(ENUMBER, -5, "not a decimal number, or out of range")              \
    X(EMESSAGE, -6, "message has a control character or is too long")    \
    X(ETRAILING, -7, "bytes after the last line")                        \
    X(ECONFLICT, -8, "reason, code and signal contradict each other")    \
    X(ESPACE, -9, "the caller's buffer is too small")

enum exec_record_error {
#define X(name, code, text) EXEC_RECORD_##name = (code),
    EXEC_RECORD_ERRORS(X)
#undef X
};

/* Zero every field; reason internal, code 70: what a record says until somebody knows better. [any]
 */
void exec_record_init(struct exec_record *rec);

/* Set the message, cut at its limit; control characters become '?'. [any] */
void exec_record_say(struct exec_record *rec, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Write rec to buf (EXEC_RECORD_BYTES_MAX always suffices) without a NUL; *len gets the size.
 * Refuses what the reader would refuse, with the reader's code, and EXEC_RECORD_ESPACE; *len is
 * set only on success. [any] */
int32_t exec_record_write(const struct exec_record *rec, char *buf, size_t size, size_t *len);

/* Read buf[0..len). Returns a code of EXEC_RECORD_ERRORS; *out is set only on success. [any] */
int32_t exec_record_read(const char *buf, size_t len, struct exec_record *out);

/* The word of a reason; "internal" for a value outside the list. Static storage. [any] */
const char *exec_reason_word(enum exec_reason reason);

/* The text of a code; "unknown error" for anything else. Static storage. [any] */
const char *exec_record_error_text(int32_t code);

#endif
