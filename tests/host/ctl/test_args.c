/* The command line, read by tables of its own. */
#include "ctl_test.h"

#include <ringhost/sdk/str.h>

#include "host/ctl/args.h"

static const struct option_row globals[] = {
    {.name = "addr", .value = "A", .help = ""},
    {.name = "json", .kind = OPTION_FLAG, .help = ""},
    {.name = "help", .letter = 'h', .kind = OPTION_FLAG, .help = ""},
};
static const struct option_row add_options[] = {
    {.name = "TYPE", .flags = OPTION_POSITIONAL | OPTION_REQUIRED, .help = ""},
    {.name = "WHERE", .flags = OPTION_POSITIONAL, .help = ""},
    {.name = "priority", .value = "N", .kind = OPTION_INT, .min = 0, .max = 100, .help = ""},
    {.name = "komi", .value = "N", .kind = OPTION_NUMBER, .min = -4, .max = 4, .help = ""},
    {.name = "seed", .value = "N", .kind = OPTION_U64, .help = ""},
    {.name = "size", .value = "S", .kind = OPTION_CHOICE, .choices = "small large", .help = ""},
    {.name = "requires", .value = "C", .kind = OPTION_LIST, .help = ""},
};
static const struct option_row run_options[] = {
    {.name = "model", .value = "M", .flags = OPTION_REQUIRED, .help = ""},
};
static const struct command commands[] = {
    {.words = "status", .help = ""},
    {.words = "work add", .help = "", .options = add_options, .option_count = 7},
    {.words = "work list", .help = ""},
    {.words = "run", .help = "", .options = run_options, .option_count = 1},
    {.words = "leader", .help = ""},
    {.words = "leader transfer", .help = "", .options = add_options, .option_count = 2},
};
static const struct args_spec spec = {commands, 6, globals, 3};

/* The words that a test parses, parted by '|'; values borrow from them until the next call. */
struct line {
    char text[512];
    char *argv[32];
    int argc;
};

static int32_t parse(struct line *line, struct args *args, struct rh_buf *why, const char *words)
{
    assert_int_equal(rh_str_copy(line->text, sizeof(line->text), rh_str_from(words)), RH_OK);
    line->argv[0] = line->text;
    line->argc = 1;
    for (char *at = strchr(line->text, '|'); at; at = strchr(at, '|')) {
        *at++ = '\0';
        line->argv[line->argc++] = at;
    }
    rh_buf_init(why, TEST_TEXT_MAX);
    return args_parse(&spec, line->argc, line->argv, args, why);
}

static void options_may_stand_anywhere_behind_what_names_them(void **state)
{
    struct args args;
    struct line line;
    struct rh_buf why;

    (void)state;
    assert_int_equal(parse(&line, &args, &why,
                           "x|--addr|a:1|work|--json|add|--priority=7|selfplay|--komi|-3.5|--seed|"
                           "18446744073709551615|--size|large|here"),
                     RH_OK);

    assert_ptr_equal(args.command, &commands[1]);
    assert_true(rh_str_eq_c(args_text(&args, "addr"), "a:1"));
    assert_true(args_has(&args, "json"));
    assert_true(rh_str_eq_c(args_text(&args, "TYPE"), "selfplay"));
    assert_true(rh_str_eq_c(args_text(&args, "WHERE"), "here"));
    assert_int_equal(args_int(&args, "priority", -1), 7);
    assert_true(args_number(&args, "komi", 0) == -3.5);
    assert_int_equal(args_int(&args, "absent", -1), -1);
    assert_text(&why, "");
}

static void lists_take_commas_and_repeats(void **state)
{
    struct args args;
    struct line line;
    struct rh_buf why;

    (void)state;
    assert_int_equal(parse(&line, &args, &why, "x|work|add|t|--requires|a,b|--requires=c"), RH_OK);

    assert_int_equal(args.count, 4);
    assert_true(rh_str_eq_c(args.values[1].text, "a"));
    assert_true(rh_str_eq_c(args.values[2].text, "b"));
    assert_true(rh_str_eq_c(args.values[3].text, "c"));
    assert_text(&why, "");
}

static void two_dashes_end_the_options(void **state)
{
    struct args args;
    struct line line;
    struct rh_buf why;

    (void)state;
    assert_int_equal(parse(&line, &args, &why, "x|work|add|--|--json"), RH_OK);

    assert_true(rh_str_eq_c(args_text(&args, "TYPE"), "--json"));
    assert_false(args_has(&args, "json"));
    assert_text(&why, "");
}

static void no_words_name_no_command(void **state)
{
    struct args args;
    struct line line;
    struct rh_buf why;

    (void)state;
    assert_int_equal(parse(&line, &args, &why, "x"), RH_OK);

    assert_null(args.command);
    assert_text(&why, "");
}

static void help_is_seen_before_a_later_mistake(void **state)
{
    struct args args;
    struct line line;
    struct rh_buf why;

    (void)state;
    assert_int_equal(parse(&line, &args, &why, "x|work|add|-h"), RH_EINVAL);

    assert_true(args_has(&args, "help"));
    assert_ptr_equal(args.command, &commands[1]);
    assert_text(&why, "\"work add\" needs TYPE");
}

static void a_command_may_begin_a_longer_one(void **state)
{
    struct args args;
    struct line line;
    struct rh_buf why;

    (void)state;
    assert_int_equal(parse(&line, &args, &why, "ringctl|leader|--json"), RH_OK);
    assert_string_equal(args.command->words, "leader");
    rh_buf_release(&why);
    assert_int_equal(parse(&line, &args, &why, "ringctl|leader|--json|transfer|n2"), RH_OK);
    assert_string_equal(args.command->words, "leader transfer");
    assert_true(rh_str_eq_c(args_text(&args, "TYPE"), "n2"));
    rh_buf_release(&why);
    assert_int_equal(parse(&line, &args, &why, "ringctl|leader|trasfer"), RH_EINVAL);
    assert_string_equal(why.p, "unknown command \"leader trasfer\"; did you mean \"transfer\"?");
    rh_buf_release(&why);
}

static void mistakes_are_named(void **state)
{
    static const struct {
        const char *words;
        const char *why;
    } rows[] = {
        {"x|statsu", "unknown command \"statsu\"; did you mean \"status\"?"},
        {"x|wrk", "unknown command \"wrk\"; did you mean \"work\"?"},
        {"x|zzzzzz", "unknown command \"zzzzzz\""},
        {"x|work", "\"work\" wants one more word: add, list"},
        {"x|work|lits", "unknown command \"work lits\"; did you mean \"list\"?"},
        {"x|work|add|t|--priorty|1",
         "\"work add\" has no option --priorty; did you mean \"--priority\"?"},
        {"x|--jsn", "no option --jsn before the command; did you mean \"--json\"?"},
        {"x|-x", "no option \"-x\" before the command"},
        {"x|work|add|t|-x", "no option \"-x\""},
        {"x|-hj", "\"-hj\": short options stand alone"},
        {"x|work|add|t|--priority", "--priority wants a value: N"},
        {"x|work|add|t|--priority|1|--priority|2", "--priority is given twice"},
        {"x|work|add|t|--priority|101", "--priority must be an integer in [0, 100], not \"101\""},
        {"x|work|add|t|--priority|1x", "--priority must be an integer in [0, 100], not \"1x\""},
        {"x|work|add|t|--komi|5", "--komi must be a number in [-4, 4], not \"5\""},
        {"x|work|add|t|--seed|-1",
         "--seed must be an integer in [0, 18446744073709551615], not \"-1\""},
        {"x|work|add|t|--size|smal", "--size must be one of: small large; not \"smal\""},
        {"x|work|add|t|--requires|a,,b", "--requires must not be empty"},
        {"x|work|add|", "TYPE must not be empty"},
        {"x|--json=1|status", "--json takes no value"},
        {"x|status|more", "\"status\": unexpected \"more\""},
        {"x|work|add|a|b|c", "\"work add\": unexpected \"c\""},
        {"x|run", "\"run\" needs --model M"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct args args;
        struct line line;
        struct rh_buf why;

        assert_int_equal(parse(&line, &args, &why, rows[i].words), RH_EINVAL);
        assert_text(&why, rows[i].why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_may_stand_anywhere_behind_what_names_them),
        cmocka_unit_test(lists_take_commas_and_repeats),
        cmocka_unit_test(two_dashes_end_the_options),
        cmocka_unit_test(no_words_name_no_command),
        cmocka_unit_test(help_is_seen_before_a_later_mistake),
        cmocka_unit_test(a_command_may_begin_a_longer_one),
        cmocka_unit_test(mistakes_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
