/* Files to and from the nodes, piece by piece; both go on where they were interrupted. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ringhost/sdk/sha256.h>
#include <ringhost/sdk/str.h>

#include "host/ctl/cmd.h"
#include "host/ctl/ctl.h"
#include "host/ctl/json_get.h"
#include "host/ctl/socket.h"

#define PIECE_BYTES (1024u * 1024u)
#define TRIES_MAX   30u /* of one piece */
#define PATH_SIZE   4096u

/* A file under way. */
struct transfer {
    struct ctl *ctl;
    FILE *file;
    int64_t size_bytes;
    int64_t next;
    uint32_t tries;
    char digits[RH_SHA256_HEX];
    char piece[PIECE_BYTES];
};

/* Digest and size of what is left in a file. */
static int32_t hash_file(FILE *file, struct rh_sha256 *hash, int64_t *size_bytes)
{
    char bytes[65536];
    size_t n;

    rh_sha256_init(hash);
    *size_bytes = 0;
    while ((n = fread(bytes, 1, sizeof(bytes), file)) > 0) {
        rh_sha256_update(hash, bytes, n);
        *size_bytes += (int64_t)n;
    }
    return ferror(file) ? RH_EIO : RH_OK;
}

static void finish_hash(const struct rh_sha256 *hash, char digits[RH_SHA256_HEX])
{
    struct rh_sha256 copy = *hash;
    unsigned char digest[RH_SHA256_SIZE];

    rh_sha256_final(&copy, digest);
    rh_sha256_hex(digits, digest);
}

/* Whether the same may be asked again, after a while. */
static bool is_worth_another(struct transfer *t, const struct ctl_answer *answer)
{
    bool is_passing = answer->code == CTL_UNREACHABLE || answer->code == CTL_TIMEOUT ||
                      answer->reply.status == 503;

    if (!is_passing || ++t->tries >= TRIES_MAX)
        return false;
    socket_pause(answer->reply.retry_after_s > 0 ? answer->reply.retry_after_s * 1000
                                                 : t->ctl->env->retry_ms);
    return true;
}

/* Where the node stands; RH_OK also when it has nothing. */
static int ask_next(struct transfer *t)
{
    struct client_request request = {.method = "GET"};
    struct ctl_answer answer;
    char target[128];
    int code;

    (void)snprintf(target, sizeof(target), "/artifacts/stat?sha256=%s", t->digits); /* fits */
    request.target = rh_str_from(target);
    ctl_answer_init(&answer);
    code = ctl_ask(t->ctl, &request, &answer);
    t->next = code == CTL_OK ? json_get_int(answer.json, "next", 0) : 0;
    if (code == CTL_REFUSED && answer.reply.status == 404)
        code = CTL_OK;
    else if (code != CTL_OK && is_worth_another(t, &answer))
        code = CTL_OK; /* the piece at 0 will tell */
    else if (code != CTL_OK)
        (void)ctl_fail(t->ctl, code, "%.*s", (int)answer.why.n, answer.why.p);
    ctl_answer_release(&answer);
    return code;
}

/* One piece; CTL_OK to go on at t->next, *is_whole at the end. */
static int put_piece(struct transfer *t, bool *is_whole)
{
    struct client_request request = {.method = "PUT"};
    struct ctl_answer answer;
    char target[192];
    size_t n;
    int code;

    if (fseeko(t->file, t->next, SEEK_SET) != 0)
        return ctl_fail(t->ctl, CTL_USAGE, "the file: %s", strerror(errno));
    n = fread(t->piece, 1, sizeof(t->piece), t->file);
    if (n == 0 && t->next < t->size_bytes)
        return ctl_fail(t->ctl, CTL_USAGE,
                        ferror(t->file) ? "the file cannot be read at byte %" PRId64 " of %" PRId64
                                        : "the file ends at byte %" PRId64 " now; it had %" PRId64
                                          " when it was hashed",
                        t->next, t->size_bytes);
    (void)snprintf(target, sizeof(target),
                   "/artifacts/data?sha256=%s&size=%" PRId64 "&offset=%" PRId64, t->digits,
                   t->size_bytes, t->next); /* fits */
    request.target = rh_str_from(target);
    request.body = (struct rh_str){t->piece, n};
    ctl_answer_init(&answer);
    code = ctl_ask(t->ctl, &request, &answer);
    if (code == CTL_OK) {
        t->tries = 0;
        t->next = json_get_int(answer.json, "next", 0);
        *is_whole = json_get_bool(answer.json, "whole");
    } else if (answer.reply.status == 409 && json_get(answer.json, "error") && ++t->tries < 3 &&
               strcmp(json_get_text(json_get(answer.json, "error"), "code"), "wrong_offset") == 0) {
        code = ask_next(t);
    } else if (is_worth_another(t, &answer)) {
        code = ask_next(t);
    } else {
        (void)ctl_fail(t->ctl, code, "%.*s", (int)answer.why.n, answer.why.p);
    }
    ctl_answer_release(&answer);
    return code;
}

int cmd_artifact_put(struct ctl *ctl)
{
    struct transfer t = {.ctl = ctl};
    struct rh_sha256 hash;
    char path[PATH_SIZE];
    bool is_whole = false;
    int code;

    if (rh_str_copy(path, sizeof(path), args_text(ctl->args, "FILE")) != RH_OK)
        return ctl_fail(ctl, CTL_USAGE, "the name of the file is too long");
    t.file = fopen(path, "rb");
    if (!t.file)
        return ctl_fail(ctl, CTL_USAGE, "%s: %s", path, strerror(errno));
    if (hash_file(t.file, &hash, &t.size_bytes) == RH_OK) {
        finish_hash(&hash, t.digits);
        code = ask_next(&t);
        if (code == CTL_OK && t.next == t.size_bytes)
            t.next = 0; /* it is there, or empty: the answer to any piece says so */
    } else {
        code = ctl_fail(ctl, CTL_USAGE, "%s: %s", path, strerror(errno));
    }
    while (code == CTL_OK && !is_whole)
        code = put_piece(&t, &is_whole);
    if (code == CTL_OK)
        (void)fprintf(ctl->env->out,
                      ctl->is_json ? "{\"sha256\":\"%s\",\"size\":%" PRId64 "}\n"
                                   : "%s  %" PRId64 " bytes\n",
                      t.digits, t.size_bytes);
    (void)fclose(t.file); /* it was only read */
    return code;
}

/* One piece into the file; *is_end behind the last. */
static int get_piece(struct transfer *t, struct rh_sha256 *hash, bool *is_end)
{
    struct client_request request = {.method = "GET"};
    struct ctl_answer answer;
    char target[192];
    int code;

    (void)snprintf(target, sizeof(target), "/artifacts/data?sha256=%s&offset=%" PRId64 "&max=%u",
                   t->digits, t->next, PIECE_BYTES); /* fits */
    request.target = rh_str_from(target);
    ctl_answer_init(&answer);
    code = ctl_ask(t->ctl, &request, &answer);
    if (answer.reply.status == 200 && answer.reply.is_complete) {
        const struct rh_buf *body = &answer.reply.body;

        code = CTL_OK;
        t->tries = 0;
        *is_end = body->n == 0;
        rh_sha256_update(hash, body->p, body->n);
        t->next += (int64_t)body->n;
        if (body->n > 0 && fwrite(body->p, 1, body->n, t->file) != body->n)
            code = ctl_fail(t->ctl, CTL_USAGE, "the file: %s", strerror(errno));
    } else if (is_worth_another(t, &answer)) {
        code = CTL_OK;
    } else {
        (void)ctl_fail(t->ctl, code, "%.*s", (int)answer.why.n, answer.why.p);
    }
    ctl_answer_release(&answer);
    return code;
}

int cmd_artifact_get(struct ctl *ctl)
{
    struct transfer t = {.ctl = ctl};
    struct rh_sha256 hash;
    char to[PATH_SIZE];
    char part[PATH_SIZE + 8];
    char digits[RH_SHA256_HEX];
    bool is_end = false;
    int code = CTL_OK;

    if (rh_str_copy(t.digits, sizeof(t.digits), args_text(ctl->args, "SHA256")) != RH_OK ||
        rh_str_copy(to, sizeof(to),
                    args_has(ctl->args, "output") ? args_text(ctl->args, "output")
                                                  : rh_str_from(t.digits)) != RH_OK)
        return ctl_fail(ctl, CTL_USAGE, "the hash or the name of the file is too long");
    (void)snprintf(part, sizeof(part), "%s.part", to); /* fits */
    t.file = fopen(part, "a+b");
    if (!t.file)
        return ctl_fail(ctl, CTL_USAGE, "%s: %s", part, strerror(errno));
    rewind(t.file);
    if (hash_file(t.file, &hash, &t.next) != RH_OK)
        code = ctl_fail(ctl, CTL_USAGE, "%s: %s", part, strerror(errno));
    while (code == CTL_OK && !is_end)
        code = get_piece(&t, &hash, &is_end);
    if (fclose(t.file) != 0 && code == CTL_OK)
        code = ctl_fail(ctl, CTL_USAGE, "%s: %s", part, strerror(errno));
    if (code != CTL_OK)
        return code;
    finish_hash(&hash, digits);
    if (strcmp(digits, t.digits) != 0) {
        (void)unlink(part); /* of no use to anybody */
        return ctl_fail(ctl, CTL_REFUSED, "what came has the SHA-256 %s; it was thrown away",
                        digits);
    }
    if (rename(part, to) != 0)
        return ctl_fail(ctl, CTL_USAGE, "%s: %s", to, strerror(errno));
    (void)fprintf(ctl->env->out, "%s  %" PRId64 " bytes\n", to, t.next);
    return CTL_OK;
}

int cmd_artifact_rm(struct ctl *ctl)
{
    struct client_request request = {.method = "DELETE"};
    struct ctl_answer answer;
    char target[128];
    int code;

    (void)snprintf(target, sizeof(target), "/artifacts/data?sha256=%.*s",
                   RH_STR_ARG(args_text(ctl->args, "SHA256"))); /* cut: then it is refused */
    request.target = rh_str_from(target);
    ctl_answer_init(&answer);
    (void)ctl_ask(ctl, &request, &answer); /* the code is in the answer */
    code = ctl_show(ctl, &answer, NULL);
    ctl_answer_release(&answer);
    return code;
}

/* How far the node is; CTL_OK with *answer filled, which is the caller's to release. */
static int ask_verified(struct ctl *ctl, struct ctl_answer *answer)
{
    const struct client_request request = {.method = "GET",
                                           .target = RH_STR_LIT("/artifacts/verify")};
    int code;

    ctl_answer_init(answer);
    code = ctl_ask(ctl, &request, answer);
    return code == CTL_OK ? code : ctl_fail(ctl, code, "%.*s", (int)answer->why.n, answer->why.p);
}

/* Those that were found damaged since there were `before`, and those that could not be read; the
 * node names the newest first. */
static int show_verified(const struct ctl *ctl, const struct ctl_answer *answer, int64_t before)
{
    const int64_t damaged = json_get_int(answer->json, "damaged_count", 0) - before;
    const int64_t unchecked = json_get_int(answer->json, "unchecked_count", 0);
    const cJSON *row =
        json_get(answer->json, "damaged") ? json_get(answer->json, "damaged")->child : NULL;
    int code = CTL_OK;

    if (ctl->is_json)
        code = ctl_show(ctl, answer, NULL);
    for (int64_t i = 0; i < damaged && row && !ctl->is_json; i++, row = row->next)
        (void)fprintf(ctl->env->out, "%s  damaged and removed\n", cJSON_GetStringValue(row));
    row = json_get_items(answer->json, "unchecked");
    for (; row && !ctl->is_json; row = row->next)
        (void)fprintf(ctl->env->out, "%s  could not be read, and stays\n",
                      cJSON_GetStringValue(row));
    if (damaged == 0 && unchecked == 0 && !ctl->is_json)
        (void)fprintf(ctl->env->out, "no file is damaged\n");
    return code == CTL_OK && damaged + unchecked > 0 ? CTL_REFUSED : code;
}

int cmd_artifact_verify(struct ctl *ctl)
{
    struct ctl_answer answer;
    int64_t before = 0;
    int code = ask_verified(ctl, &answer);

    if (code == CTL_OK)
        before = json_get_int(answer.json, "damaged_count", 0);
    ctl_answer_release(&answer);
    if (code != CTL_OK)
        return code;
    ctl_answer_init(&answer);
    code = ctl_ask_command(ctl, &answer);
    if (code != CTL_OK)
        (void)ctl_fail(ctl, code, "%.*s", (int)answer.why.n, answer.why.p);
    while (code == CTL_OK && json_get_int(answer.json, "waiting", 0) > 0) {
        socket_pause(ctl->env->poll_ms);
        ctl_answer_release(&answer);
        code = ask_verified(ctl, &answer);
    }
    if (code == CTL_OK)
        code = show_verified(ctl, &answer, before);
    ctl_answer_release(&answer);
    return code;
}
