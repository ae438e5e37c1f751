/* Copies in one piece of memory, so that one stroke wipes them. */
#include "secrets.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/errors.h>

bool secret_name_is_good(struct rh_str name)
{
    if (name.n == 0 || name.n > SECRET_NAME_MAX)
        return false;
    for (size_t i = 0; i < name.n; i++) {
        const char c = name.p[i];
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';

        if (!is_letter && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return true;
}

bool secrets_is_in_way(const char *name)
{
    const size_t n = sizeof(SECRETS_FOLDER) - 1;

    return strncmp(name, SECRETS_FOLDER, n) == 0 && (name[n] == '\0' || name[n] == '/');
}

void secrets_init(struct secrets *secrets)
{
    memset(secrets, 0, sizeof(*secrets));
}

int32_t secrets_add(struct secrets *secrets, struct rh_str name, struct rh_str text)
{
    struct secret *secret;

    assert(secret_name_is_good(name));
    if (secrets->count == SECRETS_MAX)
        return RH_EFULL;
    if (text.n > SECRET_BYTES_MAX)
        return RH_ETOOLARGE;
    secret = &secrets->items[secrets->count++];
    /* Both fit: the name is short. */
    (void)snprintf(secret->file, sizeof(secret->file), SECRETS_FOLDER "/%.*s", (int)name.n, name.p);
    (void)snprintf(secret->variable, sizeof(secret->variable), "%.*s_FILE", (int)name.n, name.p);
    secret->at = secrets->used;
    secret->bytes = text.n;
    if (text.n > 0)
        memcpy(secrets->text + secrets->used, text.p, text.n);
    secrets->used += text.n;
    return RH_OK;
}

struct rh_str secret_text(const struct secrets *secrets, uint32_t index)
{
    const struct secret *secret = &secrets->items[index];

    assert(index < secrets->count);
    return (struct rh_str){secrets->text + secret->at, secret->bytes};
}

void secrets_wipe(struct secrets *secrets)
{
    volatile char *at =
        secrets->text; /* a plain memset of what is not read again may be left out */

    for (size_t i = 0; i < sizeof(secrets->text); i++)
        at[i] = '\0';
    secrets_init(secrets);
}
