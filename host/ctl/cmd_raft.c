/* Commands about the replicated log: its members, and the three that give data up, which name what
 * will happen and want the id of the node. */
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/error.h>
#include <ringhost/sdk/json_writer.h>
#include <ringhost/sdk/str.h>

#include "host/ctl/cmd.h"
#include "host/ctl/ctl.h"
#include "host/ctl/json_get.h"

static const struct client_request look = {.method = "GET", .target = RH_STR_INIT("/raft/state")};

int cmd_raft_members(struct ctl *ctl)
{
    const bool changes = args_has(ctl->args, "ACTION");
    struct ctl_answer answer;
    int code;

    if (changes && !args_has(ctl->args, "NODE"))
        return ctl_fail(ctl, CTL_USAGE, "\"raft members %.*s\": NODE is missing",
                        RH_STR_ARG(args_text(ctl->args, "ACTION")));
    ctl_answer_init(&answer);
    if (changes)
        (void)ctl_ask_command(ctl, &answer); /* the code is in the answer, as below */
    else
        (void)ctl_ask(ctl, &look, &answer);
    code = ctl_show(ctl, &answer, changes ? NULL : ctl->args->command->render);
    ctl_answer_release(&answer);
    return code;
}

/* What a command does to the node, for whoever has to confirm it; "%s" is the node. */
static const struct {
    const char *words;
    const char *text;
} warnings[] = {
    {"raft bootstrap", "The data of node %s becomes the state of the whole group. Other nodes with "
                       "data of their own\n"
                       "are refused until it is archived there; those without data get a copy.\n"},
    {"raft archive",
     "The replicated data of node %s is copied to replica.db.superseded-<Unix ms> in its data\n"
     "directory, and emptied. Nothing of it comes back by itself: if this node alone has what\n"
     "should be kept, bootstrap or recover it instead.\n"},
    {"raft recover",
     "Node %s goes on alone, as the only voter of a new lineage. Do this only when a majority of\n"
     "the voters is lost for good: what only they had is given up, and they are refused should\n"
     "they return. See to it that none of them runs any more.\n"},
};

/* Says what will happen, and asks for the id of the node; CTL_OK to go on. */
static int confirm(const struct ctl *ctl, const cJSON *state)
{
    const char *node = json_get_text(state, "node_id");
    char answer[128];

    for (size_t i = 0; i < sizeof(warnings) / sizeof(warnings[0]); i++)
        if (strcmp(warnings[i].words, ctl->args->command->words) == 0)
            (void)fprintf(ctl->env->err, warnings[i].text, node);
    if (!ctl->env->in_is_tty)
        return ctl_fail(ctl, CTL_USAGE, "not asked on a terminal; add --confirm %s to go on", node);
    (void)fputs("Type the id of the node to go on: ", ctl->env->err);
    (void)fflush(ctl->env->err); /* a prompt that is not seen is answered with nothing */
    if (!fgets(answer, sizeof(answer), ctl->env->in))
        return ctl_fail(ctl, CTL_REFUSED, "nothing was changed");
    answer[strcspn(answer, "\n")] = '\0';
    if (!node[0] || strcmp(answer, node) != 0)
        return ctl_fail(ctl, CTL_REFUSED, "nothing was changed");
    return CTL_OK;
}

/* The body names the node: a request that reaches another one changes nothing. */
static int send_confirmed(struct ctl *ctl, struct rh_str node)
{
    struct client_request request = {.method = "POST",
                                     .target = rh_str_from(ctl->args->command->path)};
    struct ctl_answer answer;
    struct rh_json_writer w;
    struct rh_buf body;
    int code;

    ctl_answer_init(&answer);
    rh_buf_init(&body, CTL_INPUT_MAX);
    rh_json_init(&w, &body);
    rh_json_begin_object(&w);
    rh_json_kv_str(&w, "confirm", node);
    rh_json_end_object(&w);
    if (rh_json_finish(&w) == RH_OK) {
        request.body = rh_buf_str(&body);
        (void)ctl_ask(ctl, &request, &answer); /* the code is in the answer */
        code = ctl_show(ctl, &answer, ctl->args->command->render);
    } else {
        code = ctl_fail(ctl, CTL_USAGE, "--confirm: %s", rh_error_text(body.rc));
    }
    rh_buf_release(&body);
    ctl_answer_release(&answer);
    return code;
}

int cmd_raft_confirmed(struct ctl *ctl)
{
    struct ctl_answer state;
    int code;

    if (args_has(ctl->args, "confirm"))
        return send_confirmed(ctl, args_text(ctl->args, "confirm"));
    ctl_answer_init(&state);
    code = ctl_ask(ctl, &look, &state);
    code = code == CTL_OK ? confirm(ctl, state.json) : ctl_show(ctl, &state, NULL);
    if (code == CTL_OK)
        code = send_confirmed(ctl, rh_str_from(json_get_text(state.json, "node_id")));
    ctl_answer_release(&state);
    return code;
}
