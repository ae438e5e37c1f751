/* Tests of quoting: a shell reads back what was meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <ringhost/sdk/rng.h>
#include <ringhost/sdk/str.h>

#include "plugins/ssh_tournament/quote.h"

#define CSH "/bin/tcsh"

static void quoted(const char *word, const char *expected)
{
    struct rh_buf buf;

    rh_buf_init(&buf, 1024);
    assert_int_equal(quote_word(rh_str_from(word), &buf), RH_OK);
    assert_string_equal(buf.p, expected);
    rh_buf_release(&buf);
}

static void harmless_words_stay_bare(void **state)
{
    (void)state;
    quoted("/usr/bin/gnugo", "/usr/bin/gnugo");
    quoted("--level=10", "'--level=10'");
    quoted("a_b@c%d+e:f,g.h-1", "a_b@c%d+e:f,g.h-1");
}

static void others_stand_in_quotes(void **state)
{
    (void)state;
    quoted("", "''");
    quoted("a b", "'a b'");
    quoted("$HOME", "'$HOME'");
    quoted("two\nlines", "'two\nlines'");
    quoted("it's", "'it'\\''s'");
    quoted("'", "\\'");
    quoted("a\\b", "'a'\\\\'b'");
    quoted("~", "'~'");
    quoted("a!b", "'a'\\!'b'");
    quoted("! b!", "'! b'\\!");
}

static void a_nul_byte_is_refused(void **state)
{
    const struct rh_str word = {"a\0b", 3};
    struct rh_buf buf;

    (void)state;
    rh_buf_init(&buf, 64);
    assert_int_equal(quote_word(word, &buf), RH_EINVAL);
    assert_int_equal(buf.n, 0);
    rh_buf_release(&buf);
}

/* What "SHELL -c" makes of the words after printf, each followed by a bell. */
static char *through_shell(const char *shell, const char *command, size_t *size)
{
    char *bytes = malloc(1u << 16);
    int ends[2];
    ssize_t n;
    pid_t pid;

    assert_non_null(bytes);
    assert_int_equal(pipe(ends), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)dup2(ends[1], 1);
        (void)close(ends[0]);
        (void)execl(shell, shell, "-c", command, (char *)NULL);
        _exit(127);
    }
    (void)close(ends[1]);
    *size = 0;
    while ((n = read(ends[0], bytes + *size, (1u << 16) - *size)) > 0)
        *size += (size_t)n;
    (void)close(ends[0]);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    return bytes;
}

static uint64_t seed_of_test(void)
{
    const char *given = getenv("RINGHOST_TEST_SEED");
    const uint64_t seed = given ? (uint64_t)strtoull(given, NULL, 10) : (uint64_t)getpid();

    print_message("RINGHOST_TEST_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

/* Random words out of odd bytes and others come back from a shell as they were. */
static void read_back(const char *shell, uint64_t seed, const char *odd, int words)
{
    struct rh_buf expected;
    struct rh_buf command;
    struct rh_rng rng;
    size_t size;
    char *got;

    rh_rng_seed(&rng, seed);
    rh_buf_init(&expected, 1u << 16);
    rh_buf_init(&command, 1u << 17);
    (void)rh_buf_append_c(&command, "/usr/bin/printf '%s\\007'");
    for (int i = 0; i < words; i++) {
        char word[12];
        const size_t n = (size_t)rh_rng_below(&rng, sizeof(word));

        for (size_t k = 0; k < n; k++)
            word[k] = rh_rng_below(&rng, 3) ? odd[rh_rng_below(&rng, strlen(odd))]
                                            : (char)(33 + rh_rng_below(&rng, 90));
        (void)rh_buf_append(&expected, word, n);
        (void)rh_buf_append_byte(&expected, 7);
        (void)rh_buf_append_byte(&command, ' ');
        assert_int_equal(quote_word((struct rh_str){word, n}, &command), RH_OK);
    }

    got = through_shell(shell, command.p, &size);

    assert_int_equal(size, expected.n);
    assert_memory_equal(got, expected.p, size);
    free(got);
    rh_buf_release(&expected);
    rh_buf_release(&command);
}

static void a_shell_reads_back_whatever_was_quoted(void **state)
{
    (void)state;
    read_back("/bin/sh", seed_of_test(), "'\"\\$`!*?[]{}()<>|&;# \n\t~=%^-\b\177\1", 300);
}

static void csh_reads_back_all_but_line_feeds(void **state)
{
    const uint64_t seed = seed_of_test();

    (void)state;
    if (access(CSH, X_OK) != 0) {
        print_message("there is no " CSH "\n");
        skip();
    }
    for (uint64_t i = 0; i < 20; i++)
        read_back(CSH, seed + i, "'\"\\$`!*?[]{}()<>|&;# \t~=%^-", 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(harmless_words_stay_bare),
        cmocka_unit_test(others_stand_in_quotes),
        cmocka_unit_test(a_nul_byte_is_refused),
        cmocka_unit_test(a_shell_reads_back_whatever_was_quoted),
        cmocka_unit_test(csh_reads_back_all_but_line_feeds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
