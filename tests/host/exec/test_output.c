/* Claims about what goes into a job and comes out of it: input that is held, output that is capped.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/exec/jobdir.h"
#include "tests/host/exec/jobs.h"

/* The output of numbered lines, with a tail of 600 of 2000 bytes. */
static void run_lines(const char *script, struct exec_record *rec, char **got, size_t *len)
{
    struct job job;

    job_init_shell(&job, script);
    job.spec.output_max_bytes = 2000;
    job.spec.output_tail_bytes = 600;
    job_run(&job, rec);
    *got = job_file(&job, EXEC_JOBDIR_STDOUT, len);
    job_release(&job);
}

static void the_end_of_a_long_output_is_kept_behind_its_beginning(void **state)
{
    struct exec_record rec;
    char *got;
    size_t len = 0;
    long left_out = 0;

    (void)state;
    run_lines("seq -w 1 100000", &rec, &got, &len); /* 7 bytes a line */

    assert_int_equal(rec.stdout_bytes, len);
    assert_true(len <= 2000);
    assert_memory_equal(got, "000001\n000002\n", 14);
    assert_string_equal(got + len - 14, "099999\n100000\n");
    assert_int_equal(sscanf(strchr(got, '['), "[%ld bytes left out]", &left_out), 1);
    assert_int_equal(rec.stdout_dropped, left_out);
    assert_int_equal(left_out, 700000 - 1400 - (600 - 96));
    free(got);
}

static void an_output_that_fits_with_its_tail_is_whole(void **state)
{
    struct exec_record rec;
    char *got;
    size_t len = 0;

    (void)state;
    run_lines("seq -w 1000 1399", &rec, &got, &len); /* 2000 bytes */

    assert_int_equal(len, 2000);
    assert_int_equal(rec.stdout_dropped, 0);
    assert_null(strchr(got, '['));
    assert_string_equal(got + 1990, "1398\n1399\n");
    for (size_t i = 0; i < 400; i++)
        assert_int_equal(strtol(got + 5 * i, NULL, 10), 1000 + i);
    free(got);
}

static void held_input_ends_when_the_job_must(void **state)
{
    struct exec_record rec;
    struct job job;
    size_t len = 0;
    char *got;

    (void)state;
    job_init_shell(&job, "read -r a; echo got $a; read -r b; echo end of input; exit 5");
    job.spec.stdin_bytes = "one\n";
    job.spec.stdin_len = 4;
    job.spec.stdin_hold = 1;
    job.spec.wall_ms = 200;
    job.spec.grace_ms = JOBS_DEADLINE_MS;

    job_run(&job, &rec);

    got = job_file(&job, EXEC_JOBDIR_STDOUT, &len);
    assert_int_equal(rec.reason, EXEC_REASON_TIMEOUT);
    assert_int_equal(rec.code, 5);
    assert_int_equal(rec.signal, 0);
    assert_true(rec.wall_ms >= 200);
    assert_string_equal(got, "got one\nend of input\n");
    free(got);
    job_release(&job);
}

static void held_input_that_nobody_reads_does_not_hold_the_job(void **state)
{
    struct exec_record rec;
    struct job job;

    (void)state;
    job_init_shell(&job, "exec <&-; sleep 0.1; exit 4");
    job.spec.stdin_hold = 1;
    job.spec.wall_ms = JOBS_DEADLINE_MS;

    job_run(&job, &rec);

    assert_int_equal(rec.reason, EXEC_REASON_EXITED);
    assert_int_equal(rec.code, 4);
    job_release(&job);
}

static void a_job_deaf_to_the_end_of_its_input_gets_signals(void **state)
{
    struct exec_record rec;
    struct job job;

    (void)state;
    job_init_shell(&job, "exec sleep 100");
    job.spec.stdin_hold = 1;
    job.spec.wall_ms = 50;
    job.spec.grace_ms = 50;

    job_run(&job, &rec);

    assert_int_equal(rec.reason, EXEC_REASON_TIMEOUT);
    assert_int_equal(rec.signal, SIGTERM);
    job_release(&job);
}

static void output_is_capped_at_exactly_its_limit_and_the_rest_counted(void **state)
{
    struct exec_record rec;
    struct job job;
    size_t len = 0;
    char *kept;

    (void)state;
    job_init_shell(&job, "printf ab; head -c 3000000 /dev/zero; head -c 1001 /dev/zero >&2");
    job.spec.output_max_bytes = 1000;

    job_run(&job, &rec);

    kept = job_file(&job, EXEC_JOBDIR_STDOUT, &len);
    assert_int_equal(len, 1000);
    assert_memory_equal(kept, "ab\0", 3);
    free(kept);
    free(job_file(&job, EXEC_JOBDIR_STDERR, &len));
    assert_int_equal(len, 1000);
    assert_int_equal(rec.stdout_bytes, 1000);
    assert_int_equal(rec.stdout_dropped, 3000002 - 1000);
    assert_int_equal(rec.stderr_bytes, 1000);
    assert_int_equal(rec.stderr_dropped, 1);
    job_release(&job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_end_of_a_long_output_is_kept_behind_its_beginning),
        cmocka_unit_test(an_output_that_fits_with_its_tail_is_whole),
        cmocka_unit_test(held_input_ends_when_the_job_must),
        cmocka_unit_test(held_input_that_nobody_reads_does_not_hold_the_job),
        cmocka_unit_test(a_job_deaf_to_the_end_of_its_input_gets_signals),
        cmocka_unit_test(output_is_capped_at_exactly_its_limit_and_the_rest_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
