/* Runs every scenarios/NAME.txt; each is a test of its own, and its first line says what it claims.
 */
#include <dirent.h>

#include "script_commands.h"
#include "script_expect.h"

#define SCENARIOS_MAX 128u
#define NAME_MAX_     96u

static void run_line(struct script *s, char *text)
{
    script_split(s, text);
    if (s->word_count == 0)
        return;
    if (strcmp(s->words[0], "expect") == 0) {
        do_expect(s);
        return;
    }
    for (size_t i = 0; i < sizeof(script_commands) / sizeof(script_commands[0]); i++) {
        if (strcmp(script_commands[i].name, s->words[0]) == 0) {
            if (!s->is_ready && script_commands[i].run != do_group)
                SCRIPT_FAIL(s, "a scenario begins with \"group\"");
            script_commands[i].run(s);
            return;
        }
    }
    SCRIPT_FAIL(s, "no command \"%s\"", s->words[0]);
}

static void scenario_holds(void **state)
{
    const char *name = *state;
    char path[512];
    char text[SCRIPT_TEXT_MAX];
    struct script *s = calloc(1, sizeof(*s));
    FILE *file;

    assert_non_null(s);
    (void)snprintf(path, sizeof(path), "%s/tests/plugins/raft/scenarios/%s.txt",
                   RINGHOST_SOURCE_DIR, name);
    file = fopen(path, "r");
    assert_non_null(file);
    s->file = name;

    while (fgets(text, sizeof(text), file)) {
        s->line++;
        text[strcspn(text, "\n")] = '\0';
        run_line(s, text);
    }

    assert_true(s->is_ready);
    (void)fclose(file);
    group_free(&s->group);
    free(s);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct CMUnitTest *)a)->name, ((const struct CMUnitTest *)b)->name);
}

int main(void)
{
    static char names[SCENARIOS_MAX][NAME_MAX_];
    struct CMUnitTest tests[SCENARIOS_MAX];
    size_t count = 0;
    DIR *dir = opendir(RINGHOST_SOURCE_DIR "/tests/plugins/raft/scenarios");

    if (!dir)
        return 1;
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        const size_t n = strlen(entry->d_name);

        if (n < 5 || n >= NAME_MAX_ || strcmp(entry->d_name + n - 4, ".txt") != 0)
            continue;
        if (count == SCENARIOS_MAX)
            return 1;
        memcpy(names[count], entry->d_name, n - 4);
        tests[count] = (struct CMUnitTest){
            .name = names[count], .test_func = scenario_holds, .initial_state = names[count]};
        count++;
    }
    (void)closedir(dir);
    if (count < 30)
        return 1; /* some are missing */
    qsort(tests, count, sizeof(tests[0]), by_name);
    return _cmocka_run_group_tests("scenarios", tests, count, NULL, NULL);
}
