/* What an attempt came to. */
#include "attempt.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#define REASON_MAX 240u

const char *attempt_verdict_name(enum attempt_verdict verdict)
{
    static const char *const names[] = {
#define X(name, text) text,
        ATTEMPT_VERDICTS(X)
#undef X
    };

    assert(verdict < ATTEMPT_VERDICT_COUNT);
    return names[verdict];
}

static bool is_own_line(struct rh_str line)
{
    return rh_str_starts_with(line, RH_STR_LIT("ringhost-ssh "));
}

/* The last line that somebody else than the wrapper wrote. */
static struct rh_str last_words(struct rh_str text)
{
    size_t end = text.n;

    while (end > 0) {
        size_t from = end;
        struct rh_str line;

        while (from > 0 && text.p[from - 1] != '\n')
            from--;
        line = (struct rh_str){text.p + from, end - from};
        while (line.n > 0 && (line.p[line.n - 1] == '\r' || line.p[line.n - 1] == ' '))
            line.n--;
        if (line.n > 0 && !is_own_line(line))
            return line.n > REASON_MAX ? (struct rh_str){line.p, REASON_MAX} : line;
        end = from > 0 ? from - 1 : 0;
    }
    return (struct rh_str){"", 0};
}

/* Errors stay in reason. */
static void say(struct rh_buf *reason, const struct attempt_facts *facts, const char *otherwise)
{
    const struct rh_str words = last_words(facts->errors);

    if (words.n)
        (void)rh_buf_append_str(reason, words);
    else
        (void)rh_buf_printf(reason, "%s (the client's exit code is %" PRId32 ")", otherwise,
                            facts->code);
}

static enum attempt_verdict judge_ended(const struct attempt_facts *facts,
                                        const struct remote_marks *marks, struct rh_buf *reason)
{
    if (marks->is_timeout || facts->is_wall) {
        (void)rh_buf_append_c(reason, "ran longer than timeout_s"); /* errors stay in reason */
        return ATTEMPT_TIMEOUT;
    }
    if (marks->code == 0)
        return ATTEMPT_OK;
    if (marks->code > 128)
        (void)rh_buf_printf(reason, "as the shell tells of signal %" PRId32, marks->code - 128);
    return ATTEMPT_EXITED;
}

enum attempt_verdict attempt_judge(const struct attempt_facts *facts,
                                   const struct remote_marks *marks, struct rh_buf *reason)
{
    if (facts->is_left) {
        (void)rh_buf_append_c(reason, "this node was restarted, and the end was not recorded");
        return ATTEMPT_LOST;
    }
    if (facts->is_cancelled && !(marks->has_ended && marks->code == 0)) {
        if (marks->has_started && !marks->has_ended)
            (void)rh_buf_append_c(reason, "the host did not confirm that the job is gone");
        return ATTEMPT_CANCELLED;
    }
    if (facts->is_unspawned) {
        (void)rh_buf_append_str(reason, facts->message);
        return ATTEMPT_LOCAL;
    }
    if (marks->has_ended)
        return judge_ended(facts, marks, reason);
    if (marks->is_timeout) {
        (void)rh_buf_append_c(reason, "ran longer than timeout_s; its end was not seen");
        return ATTEMPT_TIMEOUT;
    }
    if (marks->has_started) {
        say(reason, facts, facts->is_wall ? "no answer within the time limit" : "connection lost");
        return ATTEMPT_LOST;
    }
    say(reason, facts,
        facts->is_wall ? "no connection within the time limit" : "the job's start was not seen");
    return ATTEMPT_UNREACHABLE;
}

int32_t attempt_blame(enum attempt_verdict verdict)
{
    switch (verdict) {
    case ATTEMPT_OK:
    case ATTEMPT_EXITED:
    case ATTEMPT_TIMEOUT:
        return 1;
    case ATTEMPT_LOST:
    case ATTEMPT_UNREACHABLE:
        return -1;
    default:
        return 0;
    }
}
