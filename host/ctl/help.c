/* Usage texts and shell completion, made from the command table; it prints nothing. */
#include "host/ctl/help.h"

#include <inttypes.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#define COMMAND_WIDTH 20
#define OPTION_WIDTH  26

static void put(struct rh_buf *out, const char *text)
{
    (void)rh_buf_append_c(out, text); /* sticky: whoever prints the text looks */
}

static void put_options(const struct option_row *rows, uint32_t count, struct rh_buf *out)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct option_row *row = &rows[i];
        const size_t start = out->n;
        char letter[5] = {'-', row->letter, ',', ' ', '\0'};

        put(out, "  ");
        if (!(row->flags & OPTION_POSITIONAL)) {
            put(out, row->letter ? letter : "");
            put(out, "--");
        }
        put(out, row->name);
        if (row->value) {
            put(out, " ");
            put(out, row->value);
        }
        do
            put(out, " ");
        while (out->rc == RH_OK && out->n - start < OPTION_WIDTH);
        put(out, row->help);
        if (row->choices) {
            put(out, ": ");
            put(out, row->choices);
        }
        if (row->kind == OPTION_INT)
            (void)rh_buf_printf(out, " [%" PRId64 ", %" PRId64 "]", row->min, row->max);
        put(out, "\n");
    }
}

static void put_call(const struct command *command, struct rh_buf *out)
{
    bool has_options = false;

    put(out, "ringctl ");
    put(out, command->words);
    for (uint32_t i = 0; i < command->option_count; i++) {
        const struct option_row *row = &command->options[i];
        const bool is_required = (row->flags & OPTION_REQUIRED) != 0;

        if (!(row->flags & OPTION_POSITIONAL) && !is_required) {
            has_options = true;
            continue;
        }
        put(out, is_required ? " " : " [");
        if (!(row->flags & OPTION_POSITIONAL)) {
            put(out, "--");
            put(out, row->name);
            put(out, row->value ? " " : "");
        }
        put(out, row->flags & OPTION_POSITIONAL ? row->name : row->value ? row->value : "");
        put(out, is_required ? "" : "]");
    }
    put(out, has_options ? " [OPTION]...\n" : "\n");
}

void help_all(struct rh_buf *out)
{
    const struct option_row *globals;
    const struct command *commands;
    uint32_t count;

    put(out, "usage: ringctl [OPTION]... COMMAND [ARG]...\n\ncommands:\n");
    commands = commands_all(&count);
    for (uint32_t i = 0; i < count; i++)
        (void)rh_buf_printf(out, "  %-*s%s\n", COMMAND_WIDTH, commands[i].words, commands[i].help);
    put(out, "\noptions of every command:\n");
    globals = commands_globals(&count);
    put_options(globals, count, out);
    put(out, "\nexit status: 0 done, 1 refused, 2 wrong usage, 3 no node reached, 4 no answer in "
             "time\n");
}

void help_command(const struct command *command, struct rh_buf *out)
{
    put(out, "usage: ");
    put_call(command, out);
    put(out, "\n");
    put(out, command->help);
    put(out, ".\n");
    if (command->notes) {
        put(out, command->notes);
        put(out, "\n");
    }
    if (command->option_count > 0) {
        put(out, "\n");
        put_options(command->options, command->option_count, out);
    }
}

static void put_option_words(const struct option_row *rows, uint32_t count, struct rh_buf *out)
{
    for (uint32_t i = 0; i < count; i++) {
        if (rows[i].flags & OPTION_POSITIONAL) {
            put(out, rows[i].choices ? " " : "");
            put(out, rows[i].choices ? rows[i].choices : "");
        } else {
            put(out, " --");
            put(out, rows[i].name);
        }
    }
}

/* "--addr | --timeout": the options whose value is the next word. */
static void put_takers(const struct option_row *rows, uint32_t count, struct rh_buf *out)
{
    const char *sep = "--";

    for (uint32_t i = 0; i < count; i++) {
        if (!rows[i].value)
            continue;
        put(out, sep);
        put(out, rows[i].name);
        sep = " | --";
    }
}

static void put_groups(const struct command *commands, uint32_t count, struct rh_buf *out)
{
    for (uint32_t i = 0; i < count; i++) {
        const char *blank = strchr(commands[i].words, ' ');
        const size_t length = blank ? (size_t)(blank - commands[i].words) + 1 : 0;

        if (!blank || (i > 0 && strncmp(commands[i - 1].words, commands[i].words, length) == 0))
            continue;
        (void)rh_buf_printf(out, "    \"%.*s\") words=\"", (int)length - 1, commands[i].words);
        for (uint32_t k = i; k < count; k++) {
            if (strncmp(commands[k].words, commands[i].words, length) != 0)
                continue;
            put(out, k == i ? "" : " ");
            put(out, commands[k].words + length);
        }
        put(out, "\" ;;\n");
    }
}

static void put_firsts(const struct command *commands, uint32_t count, struct rh_buf *out)
{
    for (uint32_t i = 0; i < count; i++) {
        const size_t length = strcspn(commands[i].words, " ");
        const size_t last = i > 0 ? strcspn(commands[i - 1].words, " ") : 0;

        if (i > 0 && last == length &&
            memcmp(commands[i - 1].words, commands[i].words, length) == 0)
            continue;
        (void)rh_buf_printf(out, "%s%.*s", i ? " " : "", (int)length, commands[i].words);
    }
}

void help_completion_bash(struct rh_buf *out)
{
    const struct option_row *globals;
    const struct command *commands;
    uint32_t global_count;
    uint32_t count;

    globals = commands_globals(&global_count);
    commands = commands_all(&count);
    put(out, "# bash completion of ringctl; load it with: source <(ringctl completion bash)\n"
             "_ringctl() {\n"
             "    local cur=${COMP_WORDS[COMP_CWORD]} said=\"\" words i\n"
             "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
             "        case ${COMP_WORDS[i]} in\n"
             "        ");
    put_takers(globals, global_count, out);
    put(out, ") i=$((i + 1)) ;;\n"
             "        -*) ;;\n"
             "        *) said=\"${said:+$said }${COMP_WORDS[i]}\" ;;\n"
             "        esac\n"
             "    done\n"
             "    case \"$said\" in\n"
             "    \"\") words=\"");
    put_firsts(commands, count, out);
    put(out, "\" ;;\n");
    put_groups(commands, count, out);
    for (uint32_t i = 0; i < count; i++) {
        (void)rh_buf_printf(out, "    \"%s\"*) words=\"", commands[i].words);
        put_option_words(commands[i].options, commands[i].option_count, out);
        put(out, "\" ;;\n");
    }
    put(out, "    esac\n    COMPREPLY=($(compgen -W \"$words");
    put_option_words(globals, global_count, out);
    put(out, "\" -- \"$cur\"))\n}\ncomplete -F _ringctl ringctl\n");
}
