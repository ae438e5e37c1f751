/* A GTP engine that passes, or misbehaves in the one way its first argument names; it plays no Go.
 */
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* "MODE [PID_FILE]": modes are in the table below; PID_FILE gets the process id. */
struct mode {
    const char *name;
    void (*on_genmove)(const char *id);
};

static void answer(const char *id, const char *body)
{
    (void)printf("=%s %s\n\n", id, body);
}

static void move_pass(const char *id)
{
    answer(id, "pass");
}

static void move_resign(const char *id)
{
    answer(id, "resign");
}

static void move_a1(const char *id)
{
    answer(id, "A1"); /* legal once, then occupied */
}

static void move_nonsense(const char *id)
{
    answer(id, "Z99");
}

static void move_refuse(const char *id)
{
    (void)printf("?%s will not\n\n", id);
}

static void move_other_id(const char *id)
{
    (void)id;
    answer("4711", "pass");
}

static void crash(const char *id)
{
    (void)id;
    (void)fprintf(stderr, "fake engine: out of ideas\n");
    _exit(3);
}

static void die(const char *id)
{
    (void)id;
    (void)raise(SIGKILL);
}

static void hang(const char *id)
{
    (void)id;
    (void)poll(NULL, 0, -1); /* never answers; ends only by a signal */
}

static void garbage(const char *id)
{
    (void)id;
    (void)printf("Welcome to the fake engine!\n");
}

static void flood(const char *id)
{
    (void)printf("=%s ", id);
    for (int i = 0; i < 100000; i++)
        (void)putchar('x');
}

static const struct mode modes[] = {
    {"pass", move_pass},
    {"resign", move_resign},
    {"illegal", move_a1},
    {"crash", crash},
    {"die", die},
    {"hang", hang},
    {"garbage", garbage},
    {"nonsense", move_nonsense},
    {"refuse", move_refuse},
    {"flood", flood},
    {"other_id", move_other_id},
    {"disagree", move_pass},
    {"unscored", move_pass},
    {"draw", move_pass},
    {"no_score", move_pass},
    {"clock_1", move_pass},
    {"deaf", move_pass},
    {"version_1", move_pass},
};

static const char *score_of(const char *mode)
{
    if (strcmp(mode, "disagree") == 0)
        return "B+3.5";
    if (strcmp(mode, "draw") == 0)
        return "0";
    return strcmp(mode, "unscored") == 0 ? "who knows" : "W+7.5";
}

/* Every mode knows time_settings; "clock_1" fails the game unless it hears the times of its test.
 */
static const char *commands_of(const char *mode)
{
    return strcmp(mode, "no_score") == 0
               ? "name\nversion\nboardsize\nkomi\nclear_board\nplay\ngenmove"
               : "name\nversion\nboardsize\nkomi\nclear_board\nplay\ngenmove\nfinal_score\n"
                 "time_settings";
}

static void set_time(const char *id, const char *line, const char *mode)
{
    if (strcmp(mode, "clock_1") == 0 && strstr(line, "time_settings 0 4 1\n"))
        answer(id, "");
    else
        (void)printf("?%s unwanted\n\n", id);
}

static void obey(const char *id, const char *command, const char *line, const struct mode *mode)
{
    if (strcmp(command, "protocol_version") == 0)
        answer(id, strcmp(mode->name, "version_1") == 0 ? "1" : "2");
    else if (strcmp(command, "name") == 0)
        answer(id, "Fake \"Engine\"");
    else if (strcmp(command, "version") == 0)
        answer(id, "1.0");
    else if (strcmp(command, "list_commands") == 0)
        answer(id, commands_of(mode->name));
    else if (strcmp(command, "time_settings") == 0)
        set_time(id, line, mode->name);
    else if (strcmp(command, "final_score") == 0)
        answer(id, score_of(mode->name));
    else if (strcmp(command, "genmove") == 0)
        mode->on_genmove(id);
    else if (strcmp(command, "bad_setup") == 0)
        (void)printf("?%s unknown command\n\n", id);
    else
        answer(id, "");
}

static int serve(const struct mode *mode)
{
    char line[512];
    while (fgets(line, sizeof(line), stdin)) {
        char id[32];
        char command[64];
        if (sscanf(line, "%31s %63s", id, command) != 2)
            return 2;
        if (strcmp(mode->name, "deaf") == 0 && strcmp(command, "quit") == 0)
            continue; /* ignores a polite end */
        obey(id, command, line, mode);
        (void)fflush(stdout);
        if (strcmp(command, "quit") == 0)
            return 0;
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    if (argc > 2) {
        FILE *file = fopen(argv[2], "w");
        if (!file)
            return 2;
        (void)fprintf(file, "%ld\n", (long)getpid());
        (void)fclose(file);
    }
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (strcmp(modes[i].name, argv[1]) == 0)
            return serve(&modes[i]);
    }
    return 2;
}
