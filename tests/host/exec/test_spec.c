/* Claims about the job description: what is written is read back, everything else is refused by
 * name. */
#include "host/exec/spec.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define ROUNDS 300

struct random {
    uint64_t state;
};

/* Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014 (SplitMix64). */
static uint64_t random_next(struct random *random)
{
    uint64_t z = random->state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint64_t random_below(struct random *random, uint64_t n)
{
    return random_next(random) % n;
}

static uint64_t seed_of_run(void)
{
    const char *given = getenv("RINGHOST_TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);

    print_message("RINGHOST_TEST_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

static char *random_text(struct random *random, size_t len_max)
{
    size_t len = (size_t)random_below(random, len_max + 1);
    char *text = malloc(len + 1);

    assert_non_null(text);
    for (size_t i = 0; i < len; i++)
        text[i] = (char)(1 + random_below(random, 255));
    text[len] = '\0';
    return text;
}

static char *numbered_text(const char *head, size_t number, const char *tail)
{
    size_t size = strlen(head) + strlen(tail) + 32;
    char *text = malloc(size);

    assert_non_null(text);
    assert_true(snprintf(text, size, "%s%zu%s", head, number, tail) > 0);
    return text;
}

static void random_spec(struct random *random, struct exec_spec *spec)
{
    static const char bytes[] = "a\0b\nc 3\narg 1\n";

    exec_spec_init(spec);
    spec->arg_count = 1 + (size_t)random_below(random, 20);
    spec->env_count = (size_t)random_below(random, 20);
    for (size_t i = 0; i < spec->arg_count; i++) {
        char *tail = random_text(random, 60);

        spec->args[i] = numbered_text("", i, tail);
        free(tail);
    }
    for (size_t i = 0; i < spec->env_count; i++) {
        char *value = random_text(random, 60);
        char *tail = numbered_text("=", i, value);

        spec->envs[i] = numbered_text("N", i, tail);
        free(tail);
        free(value);
    }
    spec->cwd = random_below(random, 2) ? "/a\nb c" : NULL;
    spec->stdin_len = (size_t)random_below(random, sizeof bytes);
    spec->stdin_bytes = spec->stdin_len ? bytes : NULL;
    spec->stdin_hold = (int64_t)random_below(random, 2);
    spec->output_max_bytes = (int64_t)random_below(random, (uint64_t)EXEC_SPEC_OUTPUT_MAX_BYTES);
    spec->output_tail_bytes = (int64_t)random_below(random, EXEC_SPEC_TAIL_MAX_BYTES);
    spec->wall_ms = (int64_t)random_below(random, (uint64_t)EXEC_SPEC_WALL_MAX_MS);
    spec->grace_ms = (int64_t)random_below(random, EXEC_SPEC_GRACE_MAX_MS);
    if (random_below(random, 2))
        spec->rlimit_as_bytes = (int64_t)(random_next(random) >> 1 | 1);
    if (random_below(random, 2))
        spec->rlimit_nofile = EXEC_SPEC_NOFILE_MIN + (int64_t)random_below(random, 1000);
    spec->nice = (int64_t)random_below(random, 40) - 20;
    spec->umask = (int64_t)random_below(random, 01000);
}

static void random_spec_free(struct exec_spec *spec)
{
    for (size_t i = 0; i < spec->arg_count; i++)
        free((char *)(uintptr_t)spec->args[i]);
    for (size_t i = 0; i < spec->env_count; i++)
        free((char *)(uintptr_t)spec->envs[i]);
}

static void assert_same(const struct exec_spec *a, const struct exec_spec *b)
{
    assert_int_equal(a->arg_count, b->arg_count);
    assert_int_equal(a->env_count, b->env_count);
    for (size_t i = 0; i < a->arg_count; i++)
        assert_string_equal(a->args[i], b->args[i]);
    for (size_t i = 0; i < a->env_count; i++)
        assert_string_equal(a->envs[i], b->envs[i]);
    assert_null(b->args[b->arg_count]);
    assert_null(b->envs[b->env_count]);
    assert_string_equal(a->cwd ? a->cwd : "", b->cwd ? b->cwd : "");
    assert_int_equal(a->stdin_len, b->stdin_len);
    if (a->stdin_len > 0)
        assert_memory_equal(a->stdin_bytes, b->stdin_bytes, a->stdin_len);
    assert_memory_equal(&a->stdin_hold, &b->stdin_hold,
                        sizeof *a - offsetof(struct exec_spec, stdin_hold));
}

static void whatever_is_written_is_read_back(void **state)
{
    struct random random = {.state = seed_of_run()};

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct exec_spec wrote;
        struct exec_spec read;
        size_t size = 0;
        size_t len = 0;
        char *buf;

        random_spec(&random, &wrote);
        assert_int_equal(exec_spec_write(&wrote, NULL, 0, &size), EXEC_SPEC_ESPACE);
        buf = malloc(size);
        assert_non_null(buf);
        assert_int_equal(exec_spec_write(&wrote, buf, size, &len), EXEC_SPEC_OK);
        assert_int_equal(len, size);

        assert_int_equal(exec_spec_read(buf, len, &read, NULL), EXEC_SPEC_OK);

        assert_same(&wrote, &read);
        random_spec_free(&wrote);
        free(buf);
    }
}

/* A mutated text may still be good; then writing it again must give what is read again. */
static void mutated_text_is_refused_by_name_or_canonical(void **state)
{
    struct random random = {.state = seed_of_run() + 1};

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct exec_spec spec;
        size_t len = 0;
        size_t at = 0;
        char buf[8192];
        int32_t rc;

        random_spec(&random, &spec);
        assert_int_equal(exec_spec_write(&spec, buf, sizeof buf, &len), EXEC_SPEC_OK);
        random_spec_free(&spec);
        for (uint64_t i = 1 + random_below(&random, 4); i > 0; i--)
            buf[random_below(&random, len)] = (char)random_next(&random);
        len -= (size_t)random_below(&random, 3);

        rc = exec_spec_read(buf, len, &spec, &at);

        if (rc == EXEC_SPEC_OK) {
            char again[8192];

            assert_int_equal(exec_spec_write(&spec, again, sizeof again, &at), EXEC_SPEC_OK);
        } else {
            assert_string_not_equal(exec_spec_error_text(rc), "unknown error");
            assert_true(at < len);
        }
    }
}

static void each_fault_has_its_own_name(void **state)
{
    static const struct {
        const char *text;
        int32_t code;
    } rows[] = {
        {"", EXEC_SPEC_ENO_PROGRAM},
        {"env 3\nA=b\n", EXEC_SPEC_ENO_PROGRAM},
        {"arg 0\n\n", EXEC_SPEC_ENO_PROGRAM},
        {"arg", EXEC_SPEC_ETRUNCATED},
        {"arg 3", EXEC_SPEC_ETRUNCATED},
        {"arg 3\nab\n", EXEC_SPEC_ETRUNCATED},
        {"arg 3\nabc", EXEC_SPEC_ETRUNCATED},
        {"arg 2\nabc\n", EXEC_SPEC_EEND},
        {"arg 03\nabc\n", EXEC_SPEC_EHEADER},
        {"arg +3\nabc\n", EXEC_SPEC_EHEADER},
        {"arg  3\nabc\n", EXEC_SPEC_EHEADER},
        {"arg \nabc\n", EXEC_SPEC_EHEADER},
        {"a_key_without_any_space_in_it\n", EXEC_SPEC_EHEADER},
        {"ARG 3\nabc\n", EXEC_SPEC_EKEY},
        {"ar 3\nabc\n", EXEC_SPEC_EKEY},
        {"arg 99999999999999999999999\nabc\n", EXEC_SPEC_ELENGTH},
        {"wall_ms 21\n000000000000000000001\n", EXEC_SPEC_ELENGTH},
        {"cwd 1\n/\ncwd 1\n/\n", EXEC_SPEC_ETWICE},
        {"wall_ms 1\n1\nwall_ms 1\n1\n", EXEC_SPEC_ETWICE},
        {"wall_ms 0\n\n", EXEC_SPEC_ENUMBER},
        {"wall_ms 2\n-1\n", EXEC_SPEC_ENUMBER},
        {"wall_ms 2\n01\n", EXEC_SPEC_ENUMBER},
        {"wall_ms 2\n 1\n", EXEC_SPEC_ENUMBER},
        {"nice 2\n20\n", EXEC_SPEC_ENUMBER},
        {"umask 1\n8\n", EXEC_SPEC_ENUMBER},
        {"umask 4\n1000\n", EXEC_SPEC_ENUMBER},
        {"rlimit_nofile 1\n3\n", EXEC_SPEC_ENUMBER},
        {"env 1\nA\n", EXEC_SPEC_EENV},
        {"env 2\n=b\n", EXEC_SPEC_EENV},
        {"env 3\nA=1\nenv 3\nA=2\n", EXEC_SPEC_EENV_TWICE},
        {"cwd 0\n\n", EXEC_SPEC_ECWD},
        {"cwd 1\na\n", EXEC_SPEC_ECWD},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct exec_spec spec;
        size_t len = strlen(rows[i].text);
        char *text = strdup(rows[i].text);
        int32_t rc;

        assert_non_null(text);
        rc = exec_spec_read(text, len, &spec, NULL);

        if (rc != rows[i].code)
            fail_msg("row %zu: %s", i, exec_spec_error_text(rc));
        free(text);
    }
}

static void a_nul_byte_is_refused_except_in_stdin(void **state)
{
    char bad[] = "arg 3\na\0b\n";
    char good[] = "arg 1\na\nstdin 3\na\0b\n";
    struct exec_spec spec;

    (void)state;
    assert_int_equal(exec_spec_read(bad, sizeof bad - 1, &spec, NULL), EXEC_SPEC_ENUL);
    assert_int_equal(exec_spec_read(good, sizeof good - 1, &spec, NULL), EXEC_SPEC_OK);
    assert_int_equal(spec.stdin_len, 3);
}

static void the_offset_of_the_bad_record_is_told(void **state)
{
    char text[] = "arg 1\na\ncwd 1\n/\nfoo 1\nx\n";
    struct exec_spec spec;
    size_t at = 0;

    (void)state;
    assert_int_equal(exec_spec_read(text, sizeof text - 1, &spec, &at), EXEC_SPEC_EKEY);
    assert_int_equal(at, 16);
}

static void limits_hold_for_reader_and_writer(void **state)
{
    struct exec_spec *spec = malloc(sizeof *spec);
    size_t size = EXEC_SPEC_BYTES_MAX + 64;
    char *buf = malloc(size);
    size_t len = 7;
    size_t at = 0;

    (void)state;
    assert_non_null(spec);
    assert_non_null(buf);
    for (size_t i = 0; i <= EXEC_SPEC_ARGS_MAX; i++, at += 8)
        memcpy(buf + at, "arg 1\nx\n", 8);
    assert_int_equal(exec_spec_read(buf, at, spec, NULL), EXEC_SPEC_ECOUNT);
    memset(buf, 'x', size);
    assert_int_equal(exec_spec_read(buf, EXEC_SPEC_BYTES_MAX + 1, spec, NULL), EXEC_SPEC_ETOO_BIG);
    exec_spec_init(spec);
    spec->args[spec->arg_count++] = "a";
    spec->stdin_bytes = buf;
    spec->stdin_len = EXEC_SPEC_BYTES_MAX;
    assert_int_equal(exec_spec_write(spec, NULL, 0, &len), EXEC_SPEC_ETOO_BIG);
    assert_int_equal(len, 7);
    free(buf);
    free(spec);
}

static void the_writer_refuses_what_the_reader_refuses(void **state)
{
    struct exec_spec spec;
    char buf[256];
    size_t len = 0;

    (void)state;
    exec_spec_init(&spec);
    assert_int_equal(exec_spec_write(&spec, buf, sizeof buf, &len), EXEC_SPEC_ENO_PROGRAM);
    spec.args[spec.arg_count++] = "a";
    spec.cwd = "relative";
    assert_int_equal(exec_spec_write(&spec, buf, sizeof buf, &len), EXEC_SPEC_ECWD);
    spec.cwd = NULL;
    spec.envs[0] = "A=1";
    spec.envs[1] = "A=2";
    spec.env_count = 2;
    assert_int_equal(exec_spec_write(&spec, buf, sizeof buf, &len), EXEC_SPEC_EENV_TWICE);
    spec.env_count = 1;
    spec.nice = 100;
    assert_int_equal(exec_spec_write(&spec, buf, sizeof buf, &len), EXEC_SPEC_ENUMBER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_is_written_is_read_back),
        cmocka_unit_test(mutated_text_is_refused_by_name_or_canonical),
        cmocka_unit_test(each_fault_has_its_own_name),
        cmocka_unit_test(a_nul_byte_is_refused_except_in_stdin),
        cmocka_unit_test(the_offset_of_the_bad_record_is_told),
        cmocka_unit_test(limits_hold_for_reader_and_writer),
        cmocka_unit_test(the_writer_refuses_what_the_reader_refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
