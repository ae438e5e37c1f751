/* Tests of host/daemon/options.c: words of a command line and what they mean. */
#include "tests/host/core/cmocka_all.h"

#include <string.h>

#include "host/daemon/options.h"

/* Parses words, NULL at their end, of which the first is the program's name. */
static int32_t parse(struct options *out, char why[OPTIONS_WHY_MAX], char *const *words)
{
    int argc = 0;

    while (words[argc])
        argc++;
    why[0] = '\0';
    return options_parse(argc, words, out, why);
}

static void no_words_run_a_node_of_the_system(void **state)
{
    char *const words[] = {"ringhost", NULL};
    char why[OPTIONS_WHY_MAX];
    struct options options;

    (void)state;
    assert_int_equal(parse(&options, why, words), RH_OK);

    assert_int_equal(options.mode, MODE_RUN);
    assert_null(options.conf);
    assert_null(options.node);
    assert_int_equal(options.set_count, 0);
}

static void values_come_as_the_next_word_or_after_an_equals_sign(void **state)
{
    char *const words[] = {"ringhost", "--conf", "conf.d",   "--node=n2",
                           "--set",    "a=b=c",  "--set=d=", NULL};
    char why[OPTIONS_WHY_MAX];
    struct options options;

    (void)state;
    assert_int_equal(parse(&options, why, words), RH_OK);

    assert_string_equal(options.conf, "conf.d");
    assert_string_equal(options.node, "n2");
    assert_int_equal(options.set_count, 2);
    assert_string_equal(options.sets[0], "a=b=c");
    assert_string_equal(options.sets[1], "d=");
}

static void each_mode_has_its_word(void **state)
{
    static const struct {
        char *word;
        uint32_t mode;
    } modes[] = {{"--check", MODE_CHECK},     {"--routes", MODE_ROUTES},
                 {"--explain", MODE_EXPLAIN}, {"--docs=events", MODE_DOCS},
                 {"--version", MODE_VERSION}, {"--help", MODE_HELP}};
    char why[OPTIONS_WHY_MAX];
    struct options options;

    (void)state;
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        char *const words[] = {"ringhost", "--checked", modes[i].word, NULL};

        assert_int_equal(parse(&options, why, words), RH_OK);
        assert_int_equal(options.mode, modes[i].mode);
        assert_int_equal(options.checked, 1);
        assert_non_null(strstr(options_help, "--docs"));
    }
}

static void wrong_words_are_named(void **state)
{
    static const struct {
        char *words[3];
        const char *why;
    } cases[] = {
        {{"ringhost", "--conff", NULL}, "unknown option \"--conff\"; did you mean --conf"},
        {{"ringhost", "conf.d", NULL}, "unknown option \"conf.d\""},
        {{"ringhost", "--conf", NULL}, "--conf needs a value"},
        {{"ringhost", "--check=yes", NULL}, "--check takes no value"},
    };
    struct options options = {.mode = 77};
    char why[OPTIONS_WHY_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(parse(&options, why, cases[i].words), RH_EINVAL);
        assert_string_equal(why, cases[i].why);
    }
    assert_int_equal(options.mode, 77); /* written on success only */
}

static void there_is_a_limit_of_sets(void **state)
{
    char *argv[OPTIONS_SETS_MAX + 2];
    char program[] = "ringhost", set[] = "--set=a=1";
    struct options options;
    char why[OPTIONS_WHY_MAX];

    (void)state;
    argv[0] = program;
    for (uint32_t i = 1; i < OPTIONS_SETS_MAX + 2; i++)
        argv[i] = set;

    assert_int_equal(options_parse(OPTIONS_SETS_MAX + 1, argv, &options, why), RH_OK);
    assert_int_equal(options_parse(OPTIONS_SETS_MAX + 2, argv, &options, why), RH_EINVAL);
    assert_string_equal(why, "more than 256 --set");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_words_run_a_node_of_the_system),
        cmocka_unit_test(values_come_as_the_next_word_or_after_an_equals_sign),
        cmocka_unit_test(each_mode_has_its_word),
        cmocka_unit_test(wrong_words_are_named),
        cmocka_unit_test(there_is_a_limit_of_sets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
