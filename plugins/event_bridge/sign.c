/* Signatures over "id.timestamp.body", see https://www.standardwebhooks.com. */
#include "sign.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/base64.h>
#include <ringhost/sdk/sha256.h>
#include <ringhost/sdk/str.h>

#define PREFIX  "whsec_"
#define VERSION "v1,"

static struct rh_str trimmed(struct rh_str s)
{
    while (s.n > 0 && (unsigned char)s.p[s.n - 1] <= ' ')
        s.n--;
    while (s.n > 0 && (unsigned char)s.p[0] <= ' ') {
        s.p++;
        s.n--;
    }
    return s;
}

/* One secret into the next place of keys. */
static const char *add_key(struct sign_keys *keys, struct rh_str text)
{
    char *dst = keys->bytes[keys->count];
    size_t n = text.n;

    if (rh_str_starts_with(text, RH_STR_LIT(PREFIX))) {
        const struct rh_str coded = {text.p + strlen(PREFIX), text.n - strlen(PREFIX)};

        if (rh_base64_decode(dst, SIGN_SECRET_MAX, coded, &n) != RH_OK)
            return "what stands behind \"whsec_\" is not base64, or too long";
    } else if (n <= SIGN_SECRET_MAX) {
        memcpy(dst, text.p, n);
    } else {
        return "a secret is too long";
    }
    if (n < SIGN_SECRET_MIN)
        return "a secret has at least 16 bytes";
    keys->sizes[keys->count++] = (uint32_t)n;
    return NULL;
}

int32_t sign_keys_read(struct rh_str text, struct sign_keys *keys, const char **why)
{
    struct sign_keys read = {0};
    const char *problem = NULL;

    while (text.n > 0 && !problem) {
        const char *end = memchr(text.p, '\n', text.n);
        const size_t n = end ? (size_t)(end - text.p) : text.n;
        const struct rh_str line = trimmed((struct rh_str){text.p, n});

        text = (struct rh_str){text.p + n, text.n - n};
        if (end)
            text = (struct rh_str){text.p + 1, text.n - 1};
        if (line.n == 0)
            continue;
        problem = read.count < SIGN_SECRETS_MAX ? add_key(&read, line) : "more than two secrets";
    }
    if (!problem && read.count == 0)
        problem = "there is no secret";
    if (problem) {
        *why = problem;
        return RH_EINVAL;
    }
    *keys = read;
    return RH_OK;
}

void sign_value(const struct sign_keys *keys, const struct sign_message *message,
                char dst[SIGN_VALUE_SIZE])
{
    char timestamp[24];
    size_t at = 0;
    const int n = snprintf(timestamp, sizeof timestamp, ".%" PRId64 ".", message->timestamp_s);

    static_assert(SIGN_SECRETS_MAX * (sizeof(VERSION) + RH_BASE64_SIZE(RH_SHA256_SIZE)) <=
                      SIGN_VALUE_SIZE,
                  "room for all keys");
    assert(n > 0);
    dst[0] = '\0';
    for (uint32_t i = 0; i < keys->count; i++) {
        unsigned char code[RH_SHA256_SIZE];
        char text[RH_BASE64_SIZE(RH_SHA256_SIZE)];
        struct rh_hmac_sha256 hmac;

        rh_hmac_sha256_init(&hmac, (struct rh_str){keys->bytes[i], keys->sizes[i]});
        rh_hmac_sha256_update(&hmac, message->id);
        rh_hmac_sha256_update(&hmac, (struct rh_str){timestamp, (size_t)n});
        rh_hmac_sha256_update(&hmac, message->body);
        rh_hmac_sha256_final(&hmac, code);
        (void)rh_base64_encode(text, sizeof text, code, sizeof code); /* it fits */
        at += (size_t)snprintf(dst + at, SIGN_VALUE_SIZE - at, "%s" VERSION "%s", i > 0 ? " " : "",
                               text);
    }
}
