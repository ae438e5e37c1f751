/* The job description for ringhost-exec: limits, writer, strict reader; no file, no global. */
#ifndef RH_HOST_EXEC_SPEC_H
#define RH_HOST_EXEC_SPEC_H

#include <stddef.h>
#include <stdint.h>

/* The text is a sequence of records, in any order:
 *
 *     KEY LENGTH\nBYTES\n
 *
 * LENGTH is the count of BYTES in decimal, without sign or leading zero. BYTES may hold anything
 * the key allows, newlines included, so nothing is ever quoted. Keys:
 *
 *     arg              argv in order, at least one; the first names the program      (repeatable)
 *     env              NAME=VALUE, each name once; the environment is exactly these  (repeatable)
 *     cwd              absolute path; default "/"
 *     stdin            bytes fed on standard input; default none
 *     stdin_hold       1: standard input stays open behind these bytes; to end the job it is closed
 *                      first, a grace before SIGTERM; default 0
 *     output_max       bytes kept of standard output, and as many of standard error
 *     output_tail      of output_max, bytes for the end of an output that is longer; default 0
 *     wall_ms          time limit; 0 = none
 *     grace_ms         between SIGTERM and SIGKILL
 *     rlimit_as_bytes, rlimit_cpu_s, rlimit_nofile   default: left as they are
 *     memory_max, pids_max, cpu_percent    of the whole tree, kept by a cgroup where one can be
 *                      made; else memory_max is the rlimit_as_bytes of each process, and the others
 *                      are not kept; default: none
 *     nice             absolute priority; default 0 = left as it is
 *     umask            octal; default 22
 */
#define EXEC_SPEC_BYTES_MAX            (2u * 1024u * 1024u) /* the whole text; bounds stdin, too */
#define EXEC_SPEC_ARGS_MAX             1024u
#define EXEC_SPEC_ENVS_MAX             1024u
#define EXEC_SPEC_TEXT_MAX             131071u /* one arg or env: Linux's MAX_ARG_STRLEN less NUL */
#define EXEC_SPEC_CWD_MAX              4095u
#define EXEC_SPEC_NUMBER_MAX           20u /* digits of a number */

#define EXEC_SPEC_OUTPUT_DEFAULT_BYTES (1024 * 1024)
#define EXEC_SPEC_OUTPUT_MAX_BYTES     (INT64_C(1) << 40)
#define EXEC_SPEC_TAIL_MAX_BYTES       (1024 * 1024) /* kept in memory while the job runs */
#define EXEC_SPEC_GRACE_DEFAULT_MS     5000
#define EXEC_SPEC_GRACE_MAX_MS         3600000
#define EXEC_SPEC_WALL_MAX_MS          (INT64_C(366) * 24 * 3600 * 1000)
#define EXEC_SPEC_CPU_PERCENT_MAX      102400 /* of one processor */
#define EXEC_SPEC_NOFILE_MIN           16 /* fewer and the dynamic loader cannot start the job */

/* name, code, text */
#define EXEC_SPEC_ERRORS(X)                                      \
    X(OK, 0, "ok")                                               \
    X(ETOO_BIG, -1, "the description is larger than 2 MiB")      \
    X(ETRUNCATED, -2, "the description ends inside a record")    \
    X(EHEADER, -3, "a record does not begin with KEY LENGTH")    \
    X(EKEY, -4, "unknown key")                                   \
    X(ETWICE, -5, "a key that may be given once is given twice") \
    X(ELENGTH, -6, "a value is longer than its key allows")      \
    X(EEND, -7, "a value is not followed by a newline")          \
    X(ENUMBER, -8, "not a number, or out of range for its key")  \
    X(ENUL, -9, "a NUL byte in arg, env or cwd")                 \
    X(EENV, -10, "env is not NAME=VALUE")                        \
    X(EENV_TWICE, -11, "an environment name is given twice")     \
    X(ECOUNT, -12, "more than 1024 args or envs")                \
    X(ENO_PROGRAM, -13, "no arg, or an empty program name")      \
    X(ECWD, -14, "cwd is not an absolute path")                  \
    X(ESPACE, -15, "the caller's buffer is too small")

enum exec_spec_error {
#define X(name, code, text) EXEC_SPEC_##name = (code),
    EXEC_SPEC_ERRORS(X)
#undef X
};

/* One job. Strings are NUL-terminated and borrowed. The arrays end with NULL, as execve wants. */
struct exec_spec {
    const char *args[EXEC_SPEC_ARGS_MAX + 1];
    const char *envs[EXEC_SPEC_ENVS_MAX + 1];
    size_t arg_count;
    size_t env_count;
    const char *cwd;         /* NULL = "/" */
    const char *stdin_bytes; /* NULL = none */
    size_t stdin_len;
    int64_t stdin_hold;
    int64_t output_max_bytes;
    int64_t output_tail_bytes;
    int64_t wall_ms;
    int64_t grace_ms;
    int64_t rlimit_as_bytes; /* -1 = left as it is; so for the next two */
    int64_t rlimit_cpu_s;
    int64_t rlimit_nofile;
    int64_t memory_max; /* -1 = no limit; so for the next two */
    int64_t pids_max;
    int64_t cpu_percent; /* of one processor */
    int64_t nice;
    int64_t umask;
};

/* Fill with the defaults above and no argument. Cannot fail. [any] */
void exec_spec_init(struct exec_spec *spec);

/* Write the text of spec to buf. *len gets the bytes needed, also with EXEC_SPEC_ESPACE, so that
 * buf NULL and size 0 asks for the size. Refuses whatever the reader would refuse, with the
 * reader's code, and then leaves *len alone. [any] */
int32_t exec_spec_write(const struct exec_spec *spec, char *buf, size_t size, size_t *len);

/* Read the text in buf[0..len). The newline after each value is overwritten with NUL and *out
 * points into buf, which must outlive it. Returns a code of EXEC_SPEC_ERRORS; on failure *out is
 * untouched, buf is spoilt and *at (may be NULL) is the offset of the record at fault. [any] */
int32_t exec_spec_read(char *buf, size_t len, struct exec_spec *out, size_t *at);

/* The text of a code; "unknown error" for anything else. Static storage. [any] */
const char *exec_spec_error_text(int32_t code);

#endif
