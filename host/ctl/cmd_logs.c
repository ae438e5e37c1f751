/* Follows the output of a work item, attempt after attempt, on whichever nodes they run. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/buf.h>
#include <ringhost/sdk/str.h>

#include "host/ctl/cmd.h"
#include "host/ctl/ctl.h"
#include "host/ctl/json_get.h"
#include "host/ctl/socket.h"
#include "host/ctl/words.h"

#define MISSES_MAX  10u /* answers in a row that may fail for a passing reason */
#define STATUS_SIZE 32u
#define WHY_SIZE    1024u

/* Where a reader is. */
struct reading {
    int64_t next;    /* byte of the attempt's output */
    int64_t attempt; /* 0 = none yet */
    char node_id[HTTP_REPLY_NODE_SIZE];
    bool is_begun; /* some output has been read, if it was empty */
    bool is_cut_told;
    uint32_t misses;             /* of questions for the item's state, in a row */
    char waits_for[STATUS_SIZE]; /* the state that was told last; "" = none */
};

/* What a page has told. */
struct page {
    int64_t bytes;
    bool is_new;    /* another attempt: it is read from its beginning */
    bool has_ended; /* the program; what there is of its output is all */
    bool is_gone;
    char why[WHY_SIZE]; /* there is none */
};

/* Bytes are kept, but for a terminal, which would take some for commands. */
static void show_text(const struct ctl *ctl, const char *text)
{
    struct rh_buf clean;

    if (!ctl->env->out_is_tty) {
        (void)fputs(text, ctl->env->out); /* the end of the run looks at the stream, as below */
        return;
    }
    rh_buf_init(&clean, CTL_OUTPUT_MAX);
    words_put_lines(&clean, rh_str_from(text));
    (void)fwrite(clean.n ? clean.p : "", 1, clean.n, ctl->env->out);
    rh_buf_release(&clean);
}

/* A name from elsewhere, without what could drive a terminal; "" if it is too long. */
static void take_word(char *to, size_t size, const char *text)
{
    struct rh_buf clean;

    rh_buf_init(&clean, CTL_WHY_MAX);
    words_put_c(&clean, text);
    to[0] = '\0';
    (void)rh_str_copy(to, size, rh_buf_str(&clean)); /* as said */
    rh_buf_release(&clean);
}

/* Whether the answer is of another attempt than the one that is being read; then r is set to the
 * beginning of that one. */
static bool turn_page(const struct ctl *ctl, const cJSON *json, struct reading *r)
{
    const int64_t attempt = json_get_int(json, "attempt", r->attempt);
    char node_id[HTTP_REPLY_NODE_SIZE];
    const bool is_first = !r->is_begun;

    take_word(node_id, sizeof(node_id), json_get_text(json, "node_id"));
    if (attempt == r->attempt && strcmp(node_id, r->node_id) == 0)
        return false;
    *r = (struct reading){.attempt = attempt, .is_begun = r->is_begun};
    memcpy(r->node_id, node_id, sizeof(node_id));
    if (is_first)
        return false;
    (void)fflush(ctl->env->out);
    (void)fprintf(ctl->env->err, "ringctl: attempt %" PRId64 " on %s\n", attempt, r->node_id);
    return true;
}

static void tell_cut(const struct ctl *ctl, const cJSON *json, struct reading *r)
{
    if (r->is_cut_told || !json_get_bool(json, "truncated"))
        return;
    r->is_cut_told = true;
    (void)fflush(ctl->env->out);
    (void)fprintf(ctl->env->err,
                  "ringctl: the output is cut at %" PRId64 " bytes, its output_max; what was "
                  "printed after that is not kept\n",
                  r->next);
}

/* One page. CTL_OK and what there was. */
static int show_page(struct ctl *ctl, struct reading *r, struct page *page)
{
    struct client_request request = {.method = "GET"};
    struct ctl_answer answer;
    char target[512];
    int code;

    (void)snprintf(target, sizeof(target), "/worker/log?work_id=%.*s&offset=%" PRId64,
                   RH_STR_ARG(args_text(ctl->args, "ID")), r->next); /* cut: then it is refused */
    request.target = rh_str_from(target);
    ctl_answer_init(&answer);
    code = ctl_ask(ctl, &request, &answer);
    *page = (struct page){.is_gone = answer.reply.status == 404};
    if (code == CTL_OK) {
        page->is_new = turn_page(ctl, answer.json, r);
        page->has_ended = json_get_bool(answer.json, "ended");
        r->is_begun = true;
    } else {
        (void)snprintf(page->why, sizeof(page->why), "%.*s",
                       RH_STR_ARG(rh_buf_str(&answer.why))); /* cut: it is for people */
    }
    if (code == CTL_OK && !page->is_new) {
        page->bytes = json_get_int(answer.json, "next", r->next) - r->next;
        r->next += page->bytes;
        show_text(ctl, json_get_text(answer.json, "text"));
        (void)fflush(ctl->env->out);
        tell_cut(ctl, answer.json, r);
    }
    ctl_answer_release(&answer);
    return code;
}

/* Whether the item has ended, or there is none; what else it is, is told once. CTL_OK, or why
 * nothing is known. */
static int ask_item(struct ctl *ctl, struct reading *r, bool *has_ended)
{
    static const char *const live[] = {"pending", "delayed", "blocked", "leased"};
    struct client_request request = {.method = "GET"};
    struct ctl_answer answer;
    char target[512];
    char status[STATUS_SIZE];
    int code;

    (void)snprintf(target, sizeof(target), "/work/item?work_id=%.*s",
                   RH_STR_ARG(args_text(ctl->args, "ID"))); /* as above */
    request.target = rh_str_from(target);
    ctl_answer_init(&answer);
    code = ctl_ask(ctl, &request, &answer);
    take_word(status, sizeof(status), json_get_text(answer.json, "status"));
    *has_ended = true;
    for (uint32_t i = 0; code == CTL_OK && i < sizeof(live) / sizeof(live[0]); i++)
        *has_ended = *has_ended && strcmp(status, live[i]) != 0;
    if (code == CTL_REFUSED)
        code = CTL_OK; /* nobody has it any more */
    if (code == CTL_OK && !*has_ended && strcmp(status, r->waits_for) != 0) {
        if (strcmp(status, "leased") != 0)
            (void)fprintf(ctl->env->err, "ringctl: %.*s is %s; waiting\n",
                          RH_STR_ARG(args_text(ctl->args, "ID")), status);
        memcpy(r->waits_for, status, sizeof(status));
    }
    ctl_answer_release(&answer);
    return code;
}

/* Whether a page without bytes, of an attempt that has ended or of none, is not the last. */
static bool is_awaited(struct ctl *ctl, struct reading *r)
{
    bool has_ended = false;

    if (ask_item(ctl, r, &has_ended) != CTL_OK)
        return ++r->misses < MISSES_MAX;
    r->misses = 0;
    return !has_ended;
}

int cmd_logs(struct ctl *ctl)
{
    const bool follows = args_has(ctl->args, "follow");
    struct reading r = {.next = 0};
    uint32_t misses = 0;

    for (;;) {
        struct page page;
        int code = show_page(ctl, &r, &page);

        if (code == CTL_OK)
            misses = 0;
        else if (!page.is_gone && (!follows || code == CTL_REFUSED || ++misses >= MISSES_MAX))
            return ctl_fail(ctl, code, "%s", page.why);
        if (page.bytes > 0 || page.is_new)
            continue;
        if (!follows || ((page.is_gone || page.has_ended) && !is_awaited(ctl, &r)))
            return code == CTL_OK || r.is_begun ? CTL_OK : ctl_fail(ctl, code, "%s", page.why);
        socket_pause(ctl->env->poll_ms);
    }
}
