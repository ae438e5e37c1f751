/* Claims about exit records: what is written is read back, everything else is refused by name. */
#include "host/exec/record.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define ROUNDS 2000

#define NUMBERS                                                                       \
    "wall_ms 1\nuser_ms 2\nsys_ms 3\nmaxrss_kb 4\nstdout_bytes 5\nstdout_dropped 6\n" \
    "stderr_bytes 7\nstderr_dropped 8\n"

static uint64_t random_next(uint64_t *state)
{
    uint64_t x = *state; /* Marsaglia, "Xorshift RNGs", 2003 */

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return *state = x;
}

static uint64_t seed_of_run(void)
{
    const char *given = getenv("RINGHOST_TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);

    print_message("RINGHOST_TEST_SEED=%llu\n", (unsigned long long)seed);
    return seed | 1;
}

static void random_record(uint64_t *random, struct exec_record *rec)
{
    exec_record_init(rec);
    rec->reason = (enum exec_reason)(random_next(random) % EXEC_REASON_COUNT);
    rec->code = 1 + (int64_t)(random_next(random) % 255);
    if (rec->reason == EXEC_REASON_SIGNALLED) {
        rec->signal = 1 + (int64_t)(random_next(random) % 64);
        rec->code = EXEC_CODE_SIGNAL_BASE + rec->signal;
    }
    rec->wall_ms = (int64_t)(random_next(random) >> 1);
    rec->user_ms = (int64_t)(random_next(random) >> 40);
    rec->maxrss_kb = (int64_t)(random_next(random) >> 50);
    rec->stdout_bytes = (int64_t)(random_next(random) >> 20);
    rec->stderr_dropped = INT64_MAX;
    for (uint64_t i = 0, n = random_next(random) % (EXEC_RECORD_MESSAGE_MAX + 1); i < n; i++)
        rec->message[i] = (char)(0x80 | (random_next(random) & 0x7f));
}

static void whatever_is_written_is_read_back(void **state)
{
    uint64_t random = seed_of_run();

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct exec_record wrote;
        struct exec_record read;
        char buf[EXEC_RECORD_BYTES_MAX];
        size_t len = 0;

        random_record(&random, &wrote);
        assert_int_equal(exec_record_write(&wrote, buf, sizeof buf, &len), EXEC_RECORD_OK);

        assert_int_equal(exec_record_read(buf, len, &read), EXEC_RECORD_OK);

        assert_int_equal(read.reason, wrote.reason);
        assert_memory_equal(&read.code, &wrote.code,
                            offsetof(struct exec_record, message) -
                                offsetof(struct exec_record, code));
        assert_string_equal(read.message, wrote.message);
    }
}

static void every_prefix_is_refused(void **state)
{
    struct exec_record rec;
    struct exec_record read;
    char buf[EXEC_RECORD_BYTES_MAX];
    size_t len = 0;

    (void)state;
    exec_record_init(&rec);
    exec_record_say(&rec, "disk \"%s\"", "full");
    assert_int_equal(exec_record_write(&rec, buf, sizeof buf, &len), EXEC_RECORD_OK);

    for (size_t n = 0; n < len; n++)
        assert_int_equal(exec_record_read(buf, n, &read), EXEC_RECORD_ETRUNCATED);
}

static void a_mutated_record_is_refused_by_name_or_writes_itself_again(void **state)
{
    uint64_t random = seed_of_run() + 2;

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct exec_record rec;
        char buf[EXEC_RECORD_BYTES_MAX];
        char again[EXEC_RECORD_BYTES_MAX];
        size_t len = 0;
        size_t again_len = 0;
        int32_t rc;

        random_record(&random, &rec);
        assert_int_equal(exec_record_write(&rec, buf, sizeof buf, &len), EXEC_RECORD_OK);
        buf[random_next(&random) % len] = (char)random_next(&random);

        rc = exec_record_read(buf, len, &rec);

        if (rc != EXEC_RECORD_OK) {
            assert_string_not_equal(exec_record_error_text(rc), "unknown error");
            continue;
        }
        assert_int_equal(exec_record_write(&rec, again, sizeof again, &again_len), EXEC_RECORD_OK);
        assert_int_equal(again_len, len);
        assert_memory_equal(again, buf, len);
    }
}

static void each_fault_has_its_own_name(void **state)
{
    static const struct {
        const char *text;
        int32_t code;
    } rows[] = {
        {"reason exited\ncode 0\nsignal 0\n" NUMBERS "message \n", EXEC_RECORD_OK},
        {"reason killed\ncode 137\nsignal 9\n" NUMBERS "message x\n", EXEC_RECORD_OK},
        {"reason exited\ncode 0\nsignal 0\n" NUMBERS "message x\ny\n", EXEC_RECORD_ETRAILING},
        {"reason exited\ncode 0\nsignal 0\n" NUMBERS "message a\tb\n", EXEC_RECORD_EMESSAGE},
        {"reason exited\ncode 0\nsignal 0\n" NUMBERS "massage a\n", EXEC_RECORD_EKEY},
        {"reason exited\nsignal 0\ncode 0\n" NUMBERS "message \n", EXEC_RECORD_EKEY},
        {"code 0\n", EXEC_RECORD_EKEY},
        {"reason done\n", EXEC_RECORD_EREASON},
        {"reason exited\ncode 256\n", EXEC_RECORD_ENUMBER},
        {"reason exited\ncode 00\n", EXEC_RECORD_ENUMBER},
        {"reason exited\ncode -1\n", EXEC_RECORD_ENUMBER},
        {"reason exited\ncode \n", EXEC_RECORD_ENUMBER},
        {"reason exited\ncode 0\nsignal 0\nwall_ms 9223372036854775808\n", EXEC_RECORD_ENUMBER},
        {"reason exited\ncode 137\nsignal 9\n" NUMBERS "message \n", EXEC_RECORD_ECONFLICT},
        {"reason signalled\ncode 0\nsignal 0\n" NUMBERS "message \n", EXEC_RECORD_ECONFLICT},
        {"reason killed\ncode 0\nsignal 9\n" NUMBERS "message \n", EXEC_RECORD_ECONFLICT},
        {"reason not_found\ncode 0\nsignal 0\n" NUMBERS "message \n", EXEC_RECORD_ECONFLICT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct exec_record rec;
        int32_t rc = exec_record_read(rows[i].text, strlen(rows[i].text), &rec);

        if (rc != rows[i].code)
            fail_msg("row %zu: %s", i, exec_record_error_text(rc));
    }
}

static void a_message_is_one_line_within_its_limit(void **state)
{
    struct exec_record rec;
    char buf[EXEC_RECORD_BYTES_MAX];
    char big[EXEC_RECORD_MESSAGE_MAX + 100];
    size_t len = 0;

    (void)state;
    memset(big, 'x', sizeof big);
    big[5] = '\n';
    big[sizeof big - 1] = '\0';
    exec_record_init(&rec);
    exec_record_say(&rec, "%s", big);

    assert_int_equal(strlen(rec.message), EXEC_RECORD_MESSAGE_MAX);
    assert_int_equal(rec.message[5], '?');
    assert_int_equal(exec_record_write(&rec, buf, sizeof buf, &len), EXEC_RECORD_OK);
}

static void the_writer_refuses_a_contradiction_and_a_short_buffer(void **state)
{
    struct exec_record rec;
    char buf[EXEC_RECORD_BYTES_MAX];
    size_t len = 3;

    (void)state;
    exec_record_init(&rec);
    assert_int_equal(exec_record_write(&rec, buf, 10, &len), EXEC_RECORD_ESPACE);
    rec.wall_ms = -1;
    assert_int_equal(exec_record_write(&rec, buf, sizeof buf, &len), EXEC_RECORD_ENUMBER);
    rec.wall_ms = 0;
    rec.signal = 9;
    assert_int_equal(exec_record_write(&rec, buf, sizeof buf, &len), EXEC_RECORD_ECONFLICT);
    assert_int_equal(len, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_is_written_is_read_back),
        cmocka_unit_test(every_prefix_is_refused),
        cmocka_unit_test(a_mutated_record_is_refused_by_name_or_writes_itself_again),
        cmocka_unit_test(each_fault_has_its_own_name),
        cmocka_unit_test(a_message_is_one_line_within_its_limit),
        cmocka_unit_test(the_writer_refuses_a_contradiction_and_a_short_buffer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
