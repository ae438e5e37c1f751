/* Commands about one node: status, configuration, adopting state, maintenance; and those that need
 * no node. */
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/ctl/cmd.h"
#include "host/ctl/ctl.h"
#include "host/ctl/help.h"
#include "host/ctl/json_get.h"

int cmd_status(struct ctl *ctl)
{
    struct ctl_answer answer;
    int code;

    ctl_answer_init(&answer);
    (void)ctl_ask_command(ctl, &answer); /* the code is in the answer */
    /* A node that fails may answer with 503 and still say how it is. */
    if (json_get(answer.json, "status") && !json_get(answer.json, "error"))
        answer.code = CTL_OK;
    code = ctl_show(ctl, &answer, ctl->args->command->render);
    if (code == CTL_OK && strcmp(json_get_text(answer.json, "status"), "failing") == 0)
        code = CTL_REFUSED;
    ctl_answer_release(&answer);
    return code;
}

int cmd_reload(struct ctl *ctl)
{
    struct ctl_answer answer;
    int code;

    ctl_answer_init(&answer);
    (void)ctl_ask_command(ctl, &answer); /* the code is in the answer */
    code = ctl_show(ctl, &answer, ctl->args->command->render);
    if (code == CTL_OK && json_get_items(answer.json, "refused"))
        code = CTL_REFUSED; /* the others are in force; scripts must see that one is not */
    ctl_answer_release(&answer);
    return code;
}

int cmd_config_explain(struct ctl *ctl)
{
    const struct rh_str pattern = args_text(ctl->args, "PATTERN");
    struct ctl_answer answer;
    int code;

    ctl_answer_init(&answer);
    if (ctl_ask_command(ctl, &answer) == CTL_OK && pattern.n > 0 && !ctl->is_json) {
        cJSON *rows = cJSON_GetObjectItemCaseSensitive(answer.json, "values");
        cJSON *next;

        for (cJSON *row = rows ? rows->child : NULL; row; row = next) {
            next = row->next;
            if (!rh_glob_match(pattern, rh_str_from(json_get_text(row, "key"))))
                cJSON_Delete(cJSON_DetachItemViaPointer(rows, row));
        }
    }
    code = ctl_show(ctl, &answer, ctl->args->command->render);
    ctl_answer_release(&answer);
    return code;
}

static const char *known(const cJSON *health, const char *key)
{
    const char *text = json_get_text(health, key);

    return text[0] ? text : "nobody";
}

/* Says what will happen and asks; CTL_OK to go on. */
static int confirm_adopt(const struct ctl *ctl, const cJSON *health)
{
    char answer[16];

    (void)fprintf(
        ctl->env->err,
        "The replicated state (work queue, gauntlets) is at home on %s; %s leads.\n"
        "To adopt it makes node %s its home, with what that node has stored.\n"
        "Whatever was acknowledged at the old home and is not here is given up for good:\n"
        "do this only when the old home will not come back. If it does after all, it sets\n"
        "its data aside and follows.\n",
        known(health, "state_home"), known(health, "leader"), known(health, "node_id"));
    if (!ctl->env->in_is_tty)
        return ctl_fail(ctl, CTL_USAGE, "not asked on a terminal; add --yes to go on");
    (void)fputs("Type yes to go on: ", ctl->env->err);
    (void)fflush(ctl->env->err); /* a prompt that is not seen is answered with no */
    if (!fgets(answer, sizeof(answer), ctl->env->in) || strcmp(answer, "yes\n") != 0)
        return ctl_fail(ctl, CTL_REFUSED, "nothing was changed");
    return CTL_OK;
}

int cmd_state_adopt(struct ctl *ctl)
{
    const struct client_request look = {.method = "GET", .target = RH_STR_INIT("/admin/health")};
    struct ctl_answer health;
    struct ctl_answer answer;
    int code = CTL_OK;

    ctl_answer_init(&health);
    ctl_answer_init(&answer);
    if (!args_has(ctl->args, "yes")) {
        code = ctl_ask(ctl, &look, &health);
        code = code == CTL_OK ? confirm_adopt(ctl, health.json) : ctl_show(ctl, &health, NULL);
    }
    if (code == CTL_OK) {
        (void)ctl_ask_command(ctl, &answer); /* the code is in the answer */
        code = ctl_show(ctl, &answer, NULL);
    }
    ctl_answer_release(&health);
    ctl_answer_release(&answer);
    return code;
}

int cmd_maintenance(struct ctl *ctl)
{
    const bool is_on = rh_str_eq_c(args_text(ctl->args, "on|off"), "on");
    const struct client_request request = {.method = "POST",
                                           .target = rh_str_from(ctl->args->command->path),
                                           .body = is_on ? RH_STR_LIT("{\"on\":true}")
                                                         : RH_STR_LIT("{\"on\":false}")};
    struct ctl_answer answer;
    int code;

    ctl_answer_init(&answer);
    (void)ctl_ask(ctl, &request, &answer); /* the code is in the answer */
    code = ctl_show(ctl, &answer, NULL);
    ctl_answer_release(&answer);
    return code;
}

static int print(const struct ctl *ctl, struct rh_buf *text)
{
    const bool is_out = text->rc == RH_OK && fwrite(text->p, 1, text->n, ctl->env->out) == text->n;

    rh_buf_release(text);
    return is_out ? CTL_OK : ctl_fail(ctl, CTL_REFUSED, "standard output cannot be written");
}

int cmd_completion(struct ctl *ctl)
{
    struct rh_buf text;

    rh_buf_init(&text, CTL_OUTPUT_MAX);
    help_completion_bash(&text);
    return print(ctl, &text);
}

/* Appends help for each command whose words are, or begin with, those given; returns how many. */
static uint32_t help_matching(struct rh_str words, struct rh_buf *text)
{
    uint32_t count;
    uint32_t found = 0;
    const struct command *commands = commands_all(&count);

    for (uint32_t i = 0; i < count; i++) {
        const struct rh_str own = rh_str_from(commands[i].words);

        if (!rh_str_starts_with(own, words) || (own.n > words.n && own.p[words.n] != ' '))
            continue;
        if (found++ > 0)
            (void)rh_buf_append_byte(text, '\n'); /* sticky */
        help_command(&commands[i], text);
    }
    return found;
}

int cmd_help(struct ctl *ctl)
{
    const struct args *args = ctl->args;
    struct rh_buf words;
    struct rh_buf text;
    int code = CTL_OK;

    rh_buf_init(&words, CTL_WHY_MAX);
    rh_buf_init(&text, CTL_OUTPUT_MAX);
    for (uint32_t i = 0; i < args->count; i++) {
        if (strcmp(args->values[i].row->name, "COMMAND") != 0)
            continue;
        (void)rh_buf_append_c(&words, words.n ? " " : ""); /* sticky, as below */
        (void)rh_buf_append_str(&words, args->values[i].text);
    }
    if (words.n == 0)
        help_all(&text);
    else if (help_matching(rh_buf_str(&words), &text) == 0)
        code = ctl_fail(ctl, CTL_USAGE, "no command \"%s\"; see: ringctl help", words.p);
    rh_buf_release(&words);
    if (code == CTL_OK)
        return print(ctl, &text);
    rh_buf_release(&text);
    return code;
}
