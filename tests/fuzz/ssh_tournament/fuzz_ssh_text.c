/* Fuzzer of the texts that come from outside: a client's error output, a job's output, a host's
 * name, and stored records. */
#include <assert.h>
#include <stdint.h>

#include <ringhost/sdk/str.h>

#include "plugins/ssh_tournament/attempt.h"
#include "plugins/ssh_tournament/output.h"
#include "plugins/ssh_tournament/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(struct rh_str text)
{
    const struct remote_marks marks = remote_marks_read(text, UINT64_C(0x0123456789abcdef));
    const struct attempt_facts facts = {.code = 255, .errors = text};
    struct rh_buf reason;
    enum attempt_verdict verdict;

    assert(marks.code >= 0);
    assert(marks.code <= 255);
    rh_buf_init(&reason, 1024);
    verdict = attempt_judge(&facts, &marks, &reason);
    assert(reason.rc == RH_OK);
    assert(verdict == ATTEMPT_OK || verdict == ATTEMPT_EXITED ? marks.has_ended : true);
    rh_buf_release(&reason);
}

static void look_at_output(struct rh_str text)
{
    const struct rh_str object = output_object(text);
    const struct rh_str tail = output_tail(text, 7);

    assert(object.n == 0 || (object.p >= text.p && object.p + object.n <= text.p + text.n));
    assert(tail.n <= 7);
    assert(tail.n == 0 || tail.p + tail.n == text.p + text.n);
}

static void read_target(struct rh_str text)
{
    struct target target;

    if (target_parse(text, &target) != RH_OK)
        return;
    assert(target_check(&target));
    assert(target.host.n > 0);
    assert(target.host.p[0] != '-');
}

/* What can be read can be written again, and read as the same. */
static void read_run(struct rh_str text)
{
    struct run *run = NULL;
    struct run *again = NULL;
    struct rh_buf buf;

    if (record_run_new(text, &run) != RH_OK)
        return;
    rh_buf_init(&buf, 1u << 22);
    record_spec(&run->spec, &buf);
    assert(record_run_new(rh_buf_str(&buf), &again) == RH_OK);
    assert(again->spec.match_count == run->spec.match_count);
    run_free(again);
    run_free(run);
    rh_buf_release(&buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct rh_str text = {(const char *)data, size};
    struct run_summary summary;
    struct joblog line;
    struct match match;

    judge(text);
    look_at_output(text);
    read_target(text);
    read_run(text);
    (void)record_summary_read(text, &summary); /* whether it is one does not matter here */
    (void)record_joblog_read(text, &line);
    (void)record_match_read(text, 2, &match);
    return 0;
}
