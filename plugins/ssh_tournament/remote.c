/* What is sent to a host as the remote command, and the marks it prints. */
#include "remote.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "quote.h"

#define MARK_WORD "ringhost-ssh"

/* One line, so that it is one word in every shell, and no "!" before anything but a blank, for
 * which csh would look into its history, even within quotes. $1 nonce, $2 seconds, $3 tenths of the
 * grace, $4 whether the words of the job, which follow, are as encode_word has them. e: signal the
 * group. w: kill what left the group. k: both, with the grace between. The guard (h) waits for the
 * end of standard input, the timer (m) for that of the time; its trap needs a child of its own for
 * $! before there can be a signal. `wait` gives the job's code. A broken pipe must not end the
 * timer before the job. */
static const char wrapper[] =
    "n=$1; t=$2; g=$3; d=$4; shift 4; exec 3<&0 </dev/null; "
    "if [ \"$d\" = 1 ]; then i=$#; for x do x=$(printf %b. \"$x\"); set -- \"$@\" \"${x%.}\"; "
    "done; "
    "shift \"$i\"; fi; "
    "if command -v setsid >/dev/null 2>&1; then s=setsid; else s=; set -m 2>/dev/null; fi; "
    "e() { kill -s \"$1\" -- \"-$p\" 2>/dev/null || kill -s \"$1\" \"$p\" 2>/dev/null; }; "
    "w() { for f in $(grep -ls \"RINGHOST_SSH=$n\" /proc/[0-9]*/environ 2>/dev/null); do "
    "f=${f#/proc/}; kill -s KILL \"${f%/environ}\" 2>/dev/null; done; }; "
    "k() { e TERM; i=0; while [ \"$i\" -lt \"$g\" ] && kill -s 0 -- \"-$p\" 2>/dev/null; do "
    "i=$((i+1)); sleep 0.1 2>/dev/null || { sleep 1; i=$((i+9)); }; done; e KILL; w; }; "
    "printf \"\\n" MARK_WORD " %s start\\n\" \"$n\" >&2; "
    "RINGHOST_SSH=$n $s \"$@\" 2>&1 3<&- & p=$! ; "
    "( while read -r x; do :; done <&3; k ) >/dev/null 2>&1 & h=$! ; "
    "m=; if [ \"$t\" -gt 0 ]; then ( : & trap \"kill \\$! 2>/dev/null; exit 0\" TERM; "
    "sleep \"$t\" >/dev/null 2>&1 & wait $! ; trap \"\" PIPE; "
    "printf \"\\n" MARK_WORD " %s timeout\\n\" \"$n\" >&2; k ) >/dev/null 3<&- & m=$! ; fi; "
    "wait \"$p\"; c=$?; kill \"$h\" $m 2>/dev/null; "
    "if kill -s 0 -- \"-$p\" 2>/dev/null; then k; else w; fi; "
    "printf \"\\n" MARK_WORD " %s end %s\\n\" \"$n\" \"$c\" >&2; exit \"$c\"";

/* No quoting brings a line feed through csh as well as through the others. */
static bool has_line_feed(const struct rh_str_list *words)
{
    for (uint32_t i = 0; i < words->count; i++)
        if (words->items[i].n > 0 && memchr(words->items[i].p, '\n', words->items[i].n))
            return true;
    return false;
}

/* A word for printf's %b: line feeds and backslashes as octal escapes. */
static void encode_word(struct rh_str word, struct rh_buf *out)
{
    for (size_t i = 0; i < word.n; i++) {
        if (word.p[i] == '\n' || word.p[i] == '\\')
            (void)rh_buf_printf(out, "\\0%03o", (unsigned)word.p[i]); /* errors stay in out */
        else
            (void)rh_buf_append_byte(out, word.p[i]);
    }
}

static int32_t put_encoded(const struct rh_str_list *words, struct rh_buf *out)
{
    int32_t rc = RH_OK;

    for (uint32_t i = 0; i < words->count && rc == RH_OK; i++) {
        struct rh_buf word;

        rh_buf_init(&word, out->max);
        encode_word(words->items[i], &word);
        rc = word.rc;
        if (rc == RH_OK && i > 0)
            rc = rh_buf_append_byte(out, ' ');
        if (rc == RH_OK)
            rc = quote_word(rh_buf_str(&word), out);
        rh_buf_release(&word);
    }
    return rc;
}

int32_t remote_command(const struct remote_job *job, struct rh_buf *out)
{
    const struct rh_str *program = job->argv.items;
    const bool is_encoded = has_line_feed(&job->argv);
    int32_t rc;

    if (job->argv.count == 0 || program->n == 0 || program->p[0] == '-')
        return RH_EINVAL;
    (void)rh_buf_append_c(out, "exec /bin/sh -c "); /* errors stay in out */
    rc = quote_word(rh_str_from(wrapper), out);
    if (rc == RH_OK)
        rc = rh_buf_printf(out, " ringhost %016" PRIx64 " %" PRId64 " %" PRId64 " %d ", job->nonce,
                           job->timeout_s, (job->grace_ms + 99) / 100, is_encoded);
    if (rc != RH_OK)
        return rc;
    return is_encoded ? put_encoded(&job->argv, out) : quote_words(&job->argv, out);
}

/* The rest of a mark's line behind the nonce; false for any other line. */
static bool mark_rest(struct rh_str line, uint64_t nonce, struct rh_str *rest)
{
    char head[sizeof(MARK_WORD) + 20];

    (void)snprintf(head, sizeof(head), MARK_WORD " %016" PRIx64 " ", nonce); /* fits */
    if (!rh_str_starts_with(line, rh_str_from(head)))
        return false;
    *rest = (struct rh_str){line.p + strlen(head), line.n - strlen(head)};
    return true;
}

static void mark_take(struct remote_marks *marks, struct rh_str mark)
{
    const struct rh_str end = RH_STR_LIT("end ");
    int64_t code;

    if (rh_str_eq_c(mark, "start"))
        marks->has_started = true;
    else if (rh_str_eq_c(mark, "timeout"))
        marks->is_timeout = true;
    else if (rh_str_starts_with(mark, end) &&
             rh_parse_i64((struct rh_str){mark.p + end.n, mark.n - end.n}, &code) == RH_OK &&
             code >= 0 && code <= 255) {
        marks->has_ended = true;
        marks->code = (int32_t)code;
    }
}

struct remote_marks remote_marks_read(struct rh_str errors, uint64_t nonce)
{
    struct remote_marks marks = {.code = 0};
    size_t from = 0;

    for (size_t at = 0; at < errors.n; at++) {
        struct rh_str line = {errors.p + from, at - from};
        struct rh_str rest;

        if (errors.p[at] != '\n')
            continue;
        if (line.n > 0 && line.p[line.n - 1] == '\r')
            line.n--;
        if (mark_rest(line, nonce, &rest))
            mark_take(&marks, rest);
        from = at + 1;
    }
    return marks;
}
