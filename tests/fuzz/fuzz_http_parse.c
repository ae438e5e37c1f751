/* Any bytes, cut anywhere, as requests and as answers: the parser must not care where they were
 * cut. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/rng.h>

#include "host/daemon/http_parse.h"

#define BODY_BYTES_MAX 64u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All that a user can learn from a stream. */
struct digest {
    struct rh_buf text;
    uint32_t failed_status;
    uint32_t end;
};

static void note(struct digest *digest, struct rh_str s)
{
    (void)rh_buf_printf(&digest->text, "%zu:", s.n);
    (void)rh_buf_append_str(&digest->text, s);
}

static void note_message(struct digest *digest, const struct http_parse *parse, bool is_response)
{
    struct http_header headers[HTTP_HEADERS_MAX];
    uint32_t count = http_parse_headers(parse, headers);
    note(digest, is_response ? (struct rh_str){NULL, 0} : http_parse_method(parse));
    note(digest, http_parse_target(parse));
    note(digest, rh_buf_str(&parse->body));
    (void)rh_buf_printf(&digest->text, "%u/%u/%u;", http_parse_status(parse), count,
                        parse->is_keep_alive);
    for (uint32_t i = 0; i < count; i++) {
        note(digest, headers[i].name);
        note(digest, headers[i].value);
    }
    if (parse->body.n > BODY_BYTES_MAX || count > HTTP_HEADERS_MAX)
        abort();
}

static void parse_stream(struct digest *digest, const uint8_t *data, size_t size, bool is_response,
                         uint64_t seed)
{
    struct http_parse parse;
    struct rh_rng rng;
    size_t at = 0;
    bool goes_on = true;
    rh_rng_seed(&rng, seed);
    http_parse_init(&parse, is_response, BODY_BYTES_MAX);
    while (at < size && goes_on) {
        size_t piece = seed == 0 ? size - at : (size_t)rh_rng_below(&rng, 9) + 1;
        if (piece > size - at)
            piece = size - at;
        /* A copy of exactly that size, so that reading beyond it is noticed. */
        char *copy = malloc(piece);
        if (!copy)
            abort();
        memcpy(copy, data + at, piece);
        size_t used = 0;
        uint32_t result = http_parse_feed(&parse, copy, piece, &used);
        free(copy);
        if (used > piece || (result == HTTP_PARSE_MORE && used != piece))
            abort();
        at += used;
        if (result == HTTP_PARSE_MESSAGE) {
            note_message(digest, &parse, is_response);
            goes_on = parse.is_keep_alive;
            if (goes_on)
                http_parse_next(&parse);
        } else if (result == HTTP_PARSE_FAILED) {
            digest->failed_status = parse.failure.status;
            goes_on = false;
        }
    }
    if (goes_on && parse.phase != HTTP_PHASE_DONE) {
        digest->end = http_parse_finish(&parse);
        if (digest->end == HTTP_PARSE_MESSAGE)
            note_message(digest, &parse, is_response);
    }
    http_parse_release(&parse);
}

static void compare(const uint8_t *data, size_t size, bool is_response)
{
    struct digest whole = {0};
    struct digest cut = {0};
    rh_buf_init(&whole.text, (size_t)64 << 20);
    rh_buf_init(&cut.text, (size_t)64 << 20);
    parse_stream(&whole, data, size, is_response, 0);
    parse_stream(&cut, data, size, is_response, size + 1 + data[0]);
    /* Which of several faults in one line is named may depend on the cut; that there is one may
     * not. */
    if ((whole.failed_status != 0) != (cut.failed_status != 0) || whole.end != cut.end ||
        whole.text.n != cut.text.n)
        abort();
    if (whole.text.n > 0 && memcmp(whole.text.p, cut.text.p, whole.text.n) != 0)
        abort();
    rh_buf_release(&whole.text);
    rh_buf_release(&cut.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    compare(data, size, false);
    compare(data, size, true);
    return 0;
}
