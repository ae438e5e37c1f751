/* Empties a node of work: it takes none any more, and what it has is waited for. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#include "host/ctl/cmd.h"
#include "host/ctl/ctl.h"
#include "host/ctl/json_get.h"
#include "host/ctl/other_node.h"
#include "host/ctl/socket.h"

#define MISSES_MAX 10u /* looks in a row that may fail for a passing reason */

/* What the node still has: items, and reports that wait. */
struct rest {
    int64_t items;
    int64_t reports;
};

/* No new work for the node; out gets who it is. */
static int begin(struct ctl *ctl, char who[HTTP_REPLY_NODE_SIZE])
{
    const struct client_request request = {.method = "POST",
                                           .target = RH_STR_LIT("/admin/maintenance"),
                                           .body = RH_STR_LIT("{\"on\":true}")};
    struct ctl_answer answer;
    int code;

    ctl_answer_init(&answer);
    code = ctl_ask(ctl, &request, &answer);
    if (code != CTL_OK)
        (void)ctl_fail(ctl, code, "%.*s", (int)answer.why.n, answer.why.p);
    else
        code = other_node_check(ctl, &answer, args_text(ctl->args, "NODE"),
                                "; that one takes no new work now, \"ringctl maintenance off\" "
                                "there ends it");
    if (code == CTL_OK)
        other_node_stay(ctl);
    memcpy(who, answer.reply.node_id, HTTP_REPLY_NODE_SIZE);
    ctl_answer_release(&answer);
    return code;
}

/* What the node `who` still has. */
static int look(struct ctl *ctl, const char *who, struct rest *rest, bool is_last_try)
{
    const struct client_request request = {.method = "GET", .target = RH_STR_LIT("/worker/status")};
    struct ctl_answer answer;
    int code;

    ctl_answer_init(&answer);
    code = ctl_ask(ctl, &request, &answer);
    *rest = (struct rest){.reports = json_get_int(answer.json, "outbox", 0)};
    for (const cJSON *item = json_get_items(answer.json, "items"); item; item = item->next)
        rest->items++;
    if (code == CTL_REFUSED || (code != CTL_OK && is_last_try))
        (void)ctl_fail(ctl, code, "%.*s", (int)answer.why.n, answer.why.p);
    if (code == CTL_OK)
        code = other_node_check(ctl, &answer, rh_str_from(who), "");
    ctl_answer_release(&answer);
    return code;
}

int cmd_drain(struct ctl *ctl)
{
    const int64_t within_ms = args_int(ctl->args, "within", 0) * 1000;
    const int64_t deadline_ms = within_ms > 0 ? socket_now_ms() + within_ms : INT64_MAX;
    struct rest told = {-1, -1};
    uint32_t misses = 0;
    int code = args_has(ctl->args, "NODE") ? other_node_turn_to(ctl, args_text(ctl->args, "NODE"))
                                           : CTL_OK;
    char who[HTTP_REPLY_NODE_SIZE];

    if (code == CTL_OK)
        code = begin(ctl, who);

    while (code == CTL_OK) {
        struct rest rest;
        int seen = look(ctl, who, &rest, misses + 1 >= MISSES_MAX);

        if (seen == CTL_REFUSED || (seen != CTL_OK && ++misses >= MISSES_MAX))
            return seen;
        if (seen == CTL_OK) {
            misses = 0;
            if (rest.items != told.items || rest.reports != told.reports)
                (void)fprintf(ctl->env->out, "%" PRId64 " running, %" PRId64 " reports waiting\n",
                              rest.items, rest.reports);
            (void)fflush(ctl->env->out); /* the end of the run looks at the stream */
            told = rest;
            if (rest.items == 0 && rest.reports == 0)
                return CTL_OK;
        }
        if (socket_now_ms() >= deadline_ms)
            return ctl_fail(ctl, CTL_TIMEOUT, "not empty within %" PRId64 " s", within_ms / 1000);
        socket_pause(ctl->env->poll_ms);
    }
    return code;
}
