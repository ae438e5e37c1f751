/* One run of ringctl inside the test, with what it printed. */
#include "ctl_run.h"

#include <stdlib.h>

#include "ctl_test.h"

#define WORDS_MAX 64

void ctl_run_argv(struct ctl_run *run, const char *const *words)
{
    static const char empty[] = "\n";
    const char *input = run->input ? run->input : empty;
    char *input_copy = strdup(input);
    char *argv[WORDS_MAX] = {NULL};
    struct ctl_env env = {.in_is_tty = run->is_tty,
                          .out_is_tty = run->is_tty,
                          .addr = run->addr,
                          .token = run->token,
                          .version = "1.2.3",
                          .poll_ms = 1,
                          .retry_ms = 1,
                          .idle_ms = 200,
                          .quiet_ms = 50};
    size_t out_size = 0;
    size_t err_size = 0;
    int argc = 0;

    argv[argc++] = strdup("ringctl");
    for (; words[argc - 1]; argc++) {
        assert_true(argc < WORDS_MAX - 1);
        argv[argc] = strdup(words[argc - 1]);
    }
    env.in = fmemopen(input_copy, strlen(input), "r");
    env.out = open_memstream(&run->out, &out_size);
    env.err = open_memstream(&run->err, &err_size);
    run->code = ctl_main(&env, argc, argv);
    (void)fclose(env.in);
    (void)fclose(env.out);
    (void)fclose(env.err);
    free(input_copy);
    for (int i = 0; i < argc; i++)
        free(argv[i]);
}

void ctl_run(struct ctl_run *run, const char *words)
{
    const char *list[WORDS_MAX] = {NULL};
    char *copy = strdup(words);
    int count = 0;

    for (char *at = copy; at && *at;) {
        char *blank = strchr(at, ' ');

        assert_true(count < WORDS_MAX - 1);
        list[count++] = at;
        if (blank)
            *blank++ = '\0';
        at = blank;
    }
    ctl_run_argv(run, list);
    free(copy);
}

void ctl_run_release(struct ctl_run *run)
{
    free(run->out);
    free(run->err);
    run->out = NULL;
    run->err = NULL;
}

struct fake_node *ctl_run_with(const struct fake_step *steps, uint32_t step_count,
                               struct ctl_run *run, const char *words)
{
    struct fake_node *node = fake_node_start(steps, step_count);

    run->addr = node->address;
    ctl_run(run, words);
    fake_node_stop(node);
    return node;
}
