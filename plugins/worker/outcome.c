/* The rules, first match wins; then one sentence for people. */
#include "outcome.h"

#include <assert.h>
#include <string.h>

#include <ringhost/sdk/str.h>
#include <ringhost/sdk/work_add.h>

struct rh_str outcome_tail(struct rh_str text, size_t max)
{
    const char *line;

    while (text.n > 0 && (text.p[text.n - 1] == '\n' || text.p[text.n - 1] == '\r' ||
                          text.p[text.n - 1] == ' ' || text.p[text.n - 1] == '\0'))
        text.n--;
    if (text.n <= max)
        return text;
    text.p += text.n - max;
    text.n = max;
    if (text.p[-1] == '\n')
        return text;
    line = memchr(text.p, '\n', text.n);
    if (line) { /* something follows it: the end is no newline */
        text.n -= (size_t)(line + 1 - text.p);
        text.p = line + 1;
    }
    return text;
}

/* Append what fits. */
static void put(struct rh_buf *out, struct rh_str text)
{
    size_t left = out->n < OUTCOME_ERROR_MAX ? OUTCOME_ERROR_MAX - out->n : 0;

    if (text.n > left)
        text.n = left;
    (void)rh_buf_append_str(out, text); /* out keeps the error */
}

static void put_c(struct rh_buf *out, const char *text)
{
    put(out, rh_str_from(text));
}

static void put_details(const struct outcome_facts *facts, struct rh_buf *out)
{
    struct rh_str tail = outcome_tail(facts->errors, OUTCOME_TAIL_MAX);

    if (facts->said.n > 0) {
        put_c(out, ": ");
        put(out,
            (struct rh_str){facts->said.p,
                            facts->said.n < OUTCOME_TAIL_MAX ? facts->said.n : OUTCOME_TAIL_MAX});
    }
    if (tail.n > 0) {
        put_c(out, "; stderr: ");
        put(out, tail);
    }
}

static void put_message(const struct outcome_facts *facts, struct rh_buf *out)
{
    put(out, facts->program.n ? facts->program : rh_str_from("the program"));
    put_c(out, ": ");
    put(out, facts->message.n ? facts->message : facts->reason);
}

static enum outcome_kind fail_stopped(const struct outcome_facts *facts, struct rh_buf *error)
{
    put_c(error, facts->stop == OUTCOME_STOP_CANCELLED
                     ? "cancelled on request; the program was ended"
                     : "the lease ran out while the leader could not be reached; the program was "
                       "ended");
    put_details(facts, error);
    return OUTCOME_FAIL;
}

static enum outcome_kind fail_output(const struct outcome_facts *facts, struct rh_buf *error)
{
    put(error, facts->program);
    if (facts->output_bytes == 0)
        put_c(error, ": exited with status 0 and printed no result");
    else if (facts->output_bytes > OUTCOME_RESULT_MAX)
        (void)rh_buf_printf(error, ": printed %zu bytes, more than the %u of a result",
                            facts->output_bytes, OUTCOME_RESULT_MAX); /* error keeps it */
    else if (facts->is_too_deep)
        (void)rh_buf_printf(error, ": printed a result nested more than %d deep",
                            RH_WORK_DEPTH_MAX); /* as above */
    else
        put_c(error, ": printed something that is not one JSON object or number");
    put_details(facts, error);
    return OUTCOME_FAIL;
}

enum outcome_kind outcome_of(const struct outcome_facts *facts, struct rh_buf *error)
{
    bool is_success =
        facts->rc == RH_OK && facts->code == 0 && rh_str_eq_c(facts->reason, "exited");

    if (facts->stop == OUTCOME_STOP_STALE)
        return OUTCOME_DROP;
    /* It may have finished before the signal came: the queue decides whether that counts. */
    if (is_success && facts->is_object && !facts->is_too_deep &&
        facts->output_bytes <= OUTCOME_RESULT_MAX && facts->stop != OUTCOME_STOP_CANCELLED)
        return OUTCOME_COMPLETE;
    if (facts->stop == OUTCOME_STOP_PREEMPTED)
        return OUTCOME_RELEASE;
    if (facts->stop != OUTCOME_STOP_NONE)
        return fail_stopped(facts, error);
    if (is_success)
        return fail_output(facts, error);
    put_message(facts, error);
    put_details(facts, error);
    assert(error->n > 0 || error->rc != RH_OK);
    return OUTCOME_FAIL;
}
