/* See loop_actions.h. */
#include <ringhost/sdk/loop_actions.h>

#include <assert.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

/* Room for RH_LOOP_ACTIONS_MAX acts; the host takes 16 KiB. */
#define ACTIONS_BYTES_MAX (16u * 1024u)
/* Longer words are cut. */
#define WHY_SIZE    160u
#define SUBJECT_MAX 64u

void rh_loop_actions_begin(struct rh_loop_actions *actions, const struct rh_services *rh,
                           const char *loop, bool is_dry)
{
    rh_loop_actions_drop(actions);
    *actions = (struct rh_loop_actions){.rh = rh, .loop = loop, .is_dry = is_dry, .is_open = true};
    rh_buf_init(&actions->buf, ACTIONS_BYTES_MAX);
    rh_json_init(&actions->w, &actions->buf);
    rh_json_begin_array(&actions->w);
}

void rh_loop_action(struct rh_loop_actions *actions, const char *action, struct rh_str subject,
                    const char *why, ...)
{
    char text[WHY_SIZE] = "";
    va_list args;

    if (!actions->is_open)
        return;
    va_start(args, why);
    (void)vsnprintf(text, sizeof(text), why, args); /* for people; cut when longer */
    va_end(args);
    if (subject.n > SUBJECT_MAX)
        subject.n = SUBJECT_MAX;
    rh_log_info(actions->rh, "loop_action", "loop=%s action=%s subject=%.*s dry_run=%s why=\"%s\"",
                actions->loop, action, RH_STR_ARG(subject), actions->is_dry ? "true" : "false",
                text);
    if (actions->count++ >= RH_LOOP_ACTIONS_MAX)
        return;
    rh_json_begin_object(&actions->w);
    rh_json_kv_strc(&actions->w, "action", action);
    rh_json_kv_str(&actions->w, "subject", subject);
    rh_json_kv_strc(&actions->w, "why", text);
    if (actions->is_dry)
        rh_json_kv_bool(&actions->w, "dry_run", true);
    rh_json_end_object(&actions->w);
}

void rh_loop_actions_end(struct rh_loop_actions *actions)
{
    const struct rh_services *rh = actions->rh;

    if (!actions->is_open)
        return;
    rh_json_end_array(&actions->w);
    if (rh_json_finish(&actions->w) == RH_OK &&
        rh->core->size >= offsetof(struct rh_core_v1, note) + sizeof(rh->core->note))
        (void)rh->core->note(rh->ctx, actions->loop, rh_buf_str(&actions->buf)); /* logged before */
    rh_loop_actions_drop(actions);
}

void rh_loop_actions_drop(struct rh_loop_actions *actions)
{
    if (actions->is_open)
        rh_buf_release(&actions->buf);
    actions->is_open = false;
}
