/* Follows the output of a running work item, on whichever node it runs. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/buf.h>
#include <ringhost/sdk/str.h>

#include "host/ctl/cmd.h"
#include "host/ctl/ctl.h"
#include "host/ctl/json_get.h"
#include "host/ctl/socket.h"

#define MISSES_MAX 10u /* answers in a row that may fail for a passing reason */

/* What a page has told. */
struct page {
    int64_t bytes;
    bool has_ended; /* the program; what there is of its output is all */
    bool is_gone;
};

/* One page from *next on. CTL_OK and what there was. */
static int show_page(struct ctl *ctl, int64_t *next, struct page *page)
{
    struct client_request request = {.method = "GET"};
    struct ctl_answer answer;
    char target[512];
    int code;

    (void)snprintf(target, sizeof(target), "/worker/log?work_id=%.*s&offset=%" PRId64,
                   RH_STR_ARG(args_text(ctl->args, "ID")), *next); /* cut: then it is refused */
    request.target = rh_str_from(target);
    ctl_answer_init(&answer);
    code = ctl_ask(ctl, &request, &answer);
    *page = (struct page){.is_gone = answer.reply.status == 404};
    if (code == CTL_OK) {
        page->bytes = json_get_int(answer.json, "next", *next) - *next;
        page->has_ended = json_get_bool(answer.json, "ended");
        *next += page->bytes;
        (void)fputs(json_get_text(answer.json, "text"), ctl->env->out);
        (void)fflush(ctl->env->out); /* the end of the run looks at the stream */
    } else if (!page->is_gone || *next == 0) {
        (void)ctl_fail(ctl, code, "%.*s", (int)answer.why.n, answer.why.p);
    }
    ctl_answer_release(&answer);
    return code;
}

int cmd_logs(struct ctl *ctl)
{
    const bool follows = args_has(ctl->args, "follow");
    int64_t next = 0;
    uint32_t misses = 0;

    for (;;) {
        struct page page;
        int code = show_page(ctl, &next, &page);

        if (page.is_gone)
            return next > 0 ? CTL_OK : code; /* what has been seen is over */
        if (code != CTL_OK && (!follows || code == CTL_REFUSED || ++misses >= MISSES_MAX))
            return code;
        if (code == CTL_OK)
            misses = 0;
        if (page.bytes == 0 && (!follows || page.has_ended))
            return code;
        if (page.bytes == 0)
            socket_pause(ctl->env->poll_ms);
    }
}
