/* Looks up who may play: the engines named in a plugin's configuration; it starts none. */
#include <ringhost/sdk/players.h>

#include <assert.h>
#include <string.h>

#include <ringhost/sdk/json_writer.h>
#include <ringhost/sdk/str.h>
#include <ringhost/sdk/work_input.h>

/* How many bytes of known names an explanation lists. */
#define NAMES_BYTES_MAX 300u

const struct rh_field rh_player_fields[2] = {
    RH_STR_LIST(struct rh_player, argv, 0, "command with arguments"),
    RH_FIELD_ROW_(struct rh_player, inputs, RH_FIELD_STRING_LIST, .max = RH_PLAYER_INPUTS_MAX,
                  .doc = "artifacts that it needs, in the folder that it runs in: NAME=SHA256, or "
                         "NAME=SHA256:MODE"),
};

static const struct rh_player *player_at(const struct rh_list *players, uint32_t i)
{
    return (const void *)((const char *)players->items + (size_t)i * players->stride);
}

const struct rh_player *rh_players_find(const struct rh_list *players, struct rh_str name)
{
    for (uint32_t i = 0; i < players->count; i++) {
        if (rh_str_eq(player_at(players, i)->name, name))
            return player_at(players, i);
    }
    return NULL;
}

/* What is wrong with an input. */
enum fault {
    FAULT_FORM,
    FAULT_FOLDER,
    FAULT_TWICE,
};

static const char *const fault_texts[] = {
    [FAULT_FORM] = "is not NAME=SHA256 or NAME=SHA256:MODE, where MODE is three or four octal "
                   "digits without write permission",
    [FAULT_FOLDER] = "names a folder; inputs of a player lie in the folder that it runs in, and "
                     "their names have no \"/\"",
    [FAULT_TWICE] = "has the name of another one",
};

/* The first of its inputs that cannot be read, or whose name one before has; else empty. */
static struct rh_str bad_input(const struct rh_player *player, enum fault *fault)
{
    struct rh_work_input input;
    struct rh_work_input other;

    for (uint32_t i = 0; i < player->inputs.count; i++) {
        const struct rh_str text = player->inputs.items[i];

        *fault = rh_work_input_parse(text, &input) != RH_OK ? FAULT_FORM : FAULT_FOLDER;
        if (*fault == FAULT_FORM || strchr(input.name, '/'))
            return text;
        *fault = FAULT_TWICE;
        for (uint32_t k = 0; k < i; k++) {
            if (rh_work_input_parse(player->inputs.items[k], &other) == RH_OK &&
                strcmp(input.name, other.name) == 0)
                return text;
        }
    }
    return (struct rh_str){NULL, 0};
}

static enum rh_players_problem check_one(const struct rh_list *players, struct rh_str name)
{
    const struct rh_player *player = rh_players_find(players, name);
    enum fault fault;

    if (!player)
        return RH_PLAYERS_UNKNOWN;
    if (rh_str_eq_c(name, "draw") || (name.n && name.p[0] == '='))
        return RH_PLAYERS_RESERVED;
    if (player->argv.count == 0)
        return RH_PLAYERS_NO_COMMAND;
    return bad_input(player, &fault).n ? RH_PLAYERS_BAD_INPUT : RH_PLAYERS_OK;
}

enum rh_players_problem rh_players_check(const struct rh_list *players, const struct rh_str *names,
                                         uint32_t count, struct rh_str *name)
{
    for (uint32_t i = 0; i < count; i++) {
        enum rh_players_problem problem = RH_PLAYERS_OK;

        for (uint32_t k = 0; k < i; k++) {
            if (rh_str_eq(names[i], names[k]))
                problem = RH_PLAYERS_DUPLICATE;
        }
        if (problem == RH_PLAYERS_OK)
            problem = check_one(players, names[i]);
        if (problem != RH_PLAYERS_OK) {
            *name = names[i];
            return problem;
        }
    }
    return RH_PLAYERS_OK;
}

enum rh_players_problem rh_players_check_all(const struct rh_list *players, struct rh_str *name)
{
    for (uint32_t i = 0; i < players->count; i++) {
        const enum rh_players_problem problem = check_one(players, player_at(players, i)->name);

        if (problem != RH_PLAYERS_OK) {
            *name = player_at(players, i)->name;
            return problem;
        }
    }
    return RH_PLAYERS_OK;
}

void rh_players_list(const struct rh_list *players, size_t size_max, struct rh_buf *buf)
{
    const size_t start = buf->n;

    if (players->count == 0)
        (void)rh_buf_append_c(buf, "none"); /* errors stay in buf, here and below */
    for (uint32_t i = 0; i < players->count; i++) {
        const struct rh_str name = player_at(players, i)->name;

        if (i)
            (void)rh_buf_append_c(buf, ", ");
        if (buf->n - start + name.n > size_max) {
            (void)rh_buf_append_c(buf, "...");
            return;
        }
        (void)rh_buf_append_str(buf, name);
    }
}

static void explain_input(const struct rh_player *player, struct rh_buf *buf)
{
    enum fault fault = FAULT_FORM;
    const struct rh_str input = bad_input(player, &fault);

    (void)rh_buf_printf(buf, "input \"%.*s\" %s", RH_STR_ARG(input),
                        fault_texts[fault]); /* errors stay in buf */
}

void rh_players_explain(const struct rh_list *players, enum rh_players_problem problem,
                        struct rh_str name, struct rh_buf *buf)
{
    assert(problem != RH_PLAYERS_OK);
    switch (problem) { /* errors stay in buf */
    case RH_PLAYERS_DUPLICATE:
        (void)rh_buf_printf(buf, "player \"%.*s\" is named twice", RH_STR_ARG(name));
        break;
    case RH_PLAYERS_RESERVED:
        (void)rh_buf_printf(buf, "a player must not be called \"%.*s\"", RH_STR_ARG(name));
        break;
    case RH_PLAYERS_NO_COMMAND:
        (void)rh_buf_printf(buf, "player \"%.*s\" has an empty command in the configuration",
                            RH_STR_ARG(name));
        break;
    case RH_PLAYERS_BAD_INPUT:
        (void)rh_buf_printf(buf, "player \"%.*s\": ", RH_STR_ARG(name));
        explain_input(rh_players_find(players, name), buf);
        break;
    case RH_PLAYERS_OK:
    case RH_PLAYERS_UNKNOWN:
    default:
        (void)rh_buf_printf(buf,
                            "no player \"%.*s\" in the configuration; known: ", RH_STR_ARG(name));
        rh_players_list(players, NAMES_BYTES_MAX, buf);
        break;
    }
}

int32_t rh_players_configured(const struct rh_services *rh, const struct rh_list *players)
{
    struct rh_str name;
    const enum rh_players_problem problem = rh_players_check_all(players, &name);
    struct rh_buf text;
    int32_t rc;

    if (problem == RH_PLAYERS_OK)
        return RH_OK;
    rh_buf_init(&text, RH_TEXT_MAX);
    if (problem == RH_PLAYERS_BAD_INPUT)
        explain_input(rh_players_find(players, name), &text);
    rc = rh_fail_fieldf(rh, RH_EINVAL, rh_field_path("players.%.*s", RH_STR_ARG(name)).text, "%s",
                        problem == RH_PLAYERS_RESERVED
                            ? "no player may be called \"draw\", or have \"=\" in front of its name"
                        : problem == RH_PLAYERS_NO_COMMAND
                            ? "names no program: wanted is a list of words, or an object with "
                              "\"argv\""
                        : text.n ? text.p
                                 : "one of its inputs cannot be read");
    rh_buf_release(&text);
    return rc;
}

/* Errors stay in buf. */
static void write_argv(const struct rh_player *player, struct rh_buf *buf)
{
    struct rh_json_writer w;

    rh_json_init(&w, buf);
    rh_json_str_list(&w, &player->argv);
    (void)rh_json_finish(&w);
}

static void write_inputs(const struct rh_player *player, struct rh_buf *buf)
{
    for (uint32_t i = 0; i < player->inputs.count; i++) {
        if (i)
            (void)rh_buf_append_byte(buf, ' ');
        (void)rh_buf_append_str(buf, player->inputs.items[i]);
    }
}

void rh_players_write(const struct rh_list *players, const struct rh_str *names, uint32_t count,
                      struct rh_buf *memory, struct rh_str *argv_json, struct rh_str *inputs)
{
    size_t at = memory->n;

    for (uint32_t i = 0; i < count; i++) {
        const struct rh_player *player = rh_players_find(players, names[i]);
        size_t start = memory->n;

        assert(player);
        write_argv(player, memory);
        argv_json[i].n = memory->n - start;
        start = memory->n;
        write_inputs(player, memory);
        inputs[i].n = memory->n - start;
    }
    /* It may have moved while it grew. */
    for (uint32_t i = 0; i < count && memory->rc == RH_OK; i++) {
        argv_json[i].p = memory->p + at;
        at += argv_json[i].n;
        inputs[i].p = memory->p + at;
        at += inputs[i].n;
    }
}
