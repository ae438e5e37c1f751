/* The signature of a webhook as the Standard Webhooks specification 1.0 has it: HMAC-SHA-256 over
 * id, timestamp and body, in base64. Pure. */
#ifndef RH_PLUGINS_EVENT_BRIDGE_SIGN_H
#define RH_PLUGINS_EVENT_BRIDGE_SIGN_H

#include <ringhost/errors.h>
#include <ringhost/types.h>

#define SIGN_SECRET_MIN  16u /* bytes of a secret */
#define SIGN_SECRET_MAX  512u
#define SIGN_SECRETS_MAX 2u /* the one in use, and the one before it while it is replaced */
#define SIGN_VALUE_SIZE  128u

/* Keys of one sink. */
struct sign_keys {
    uint32_t count;
    uint32_t sizes[SIGN_SECRETS_MAX];
    char bytes[SIGN_SECRETS_MAX][SIGN_SECRET_MAX];
};

/* What is signed. */
struct sign_message {
    struct rh_str id;
    int64_t timestamp_s; /* Unix seconds */
    struct rh_str body;
};

/* Reads the text of a secret file: one secret a line, at most SIGN_SECRETS_MAX, empty lines left
 * out. One that begins with "whsec_" is base64 behind that, another is taken as it is. RH_EINVAL
 * with *why (static words); *keys is then not written. */
int32_t sign_keys_read(struct rh_str text, struct sign_keys *keys, const char **why);

/* The value of the header webhook-signature: "v1,<base64>" for each key, a blank between two. */
void sign_value(const struct sign_keys *keys, const struct sign_message *message,
                char dst[SIGN_VALUE_SIZE]);

#endif
