/* Reads the secrets of a command from the files that the configuration names. */
#include "wire.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/error.h>
#include <ringhost/sdk/str.h>

static_assert(SECRET_BYTES_MAX == RH_SECRET_BYTES_MAX, "the host gives no more");

static const char *words_of(int32_t rc)
{
    switch (rc) {
    case RH_EINVAL:
        return "must be the absolute path of a plain file";
    case RH_EFORBIDDEN:
        return "must belong to this user, with mode 0600 or 0400";
    case RH_ENOTFOUND:
        return "no such file";
    case RH_ETOOLARGE:
        return "larger than 4096 bytes";
    default:
        return rh_error_text(rc);
    }
}

int32_t worker_secrets_read(struct worker *w, const struct command *command,
                            struct secrets *secrets, char why[SECRETS_WHY_SIZE])
{
    int32_t rc = RH_OK;

    secrets_init(secrets);
    for (uint32_t i = 0; i < command->secrets.count && rc == RH_OK; i++) {
        const struct rh_pair *pair = &command->secrets.items[i];
        struct rh_str text = {NULL, 0};
        char path[SECRET_PATH_MAX + 1];

        rc = rh_str_copy(path, sizeof(path), pair->value);
        if (rc == RH_OK)
            rc = w->rh.file->secret(w->rh.ctx, path, &text);
        if (rc == RH_OK)
            rc = secrets_add(secrets, pair->key, text);
        if (rc != RH_OK) /* cut when long: it is for people */
            (void)snprintf(why, SECRETS_WHY_SIZE, "secrets.%.*s: %.*s: %s", RH_STR_ARG(pair->key),
                           RH_STR_ARG(pair->value), words_of(rc));
    }
    return rc;
}

/* Where they stand in the configuration. */
static struct rh_field_path path_of(const struct command *command)
{
    return rh_field_path("commands.%.*s.secrets", RH_STR_ARG(command->work_type));
}

int32_t worker_secrets_check(struct worker *w, const struct command *command)
{
    struct secrets secrets;
    char why[SECRETS_WHY_SIZE] = "";
    int32_t rc = RH_OK;

    if (command->secrets.count > SECRETS_MAX)
        return rh_fail_fieldf(&w->rh, RH_EINVAL, path_of(command).text, "at most %u", SECRETS_MAX);
    for (uint32_t i = 0; i < command->secrets.count; i++)
        if (!secret_name_is_good(command->secrets.items[i].key))
            return rh_fail_fieldf(&w->rh, RH_EINVAL, path_of(command).text,
                                  "\"%.*s\" must be letters, digits and _",
                                  RH_STR_ARG(command->secrets.items[i].key));
    rc = worker_secrets_read(w, command, &secrets, why);
    secrets_wipe(&secrets);
    return rc == RH_OK ? RH_OK
                       : rh_fail_fieldf(&w->rh, RH_EINVAL, path_of(command).text, "%s", why);
}

uint32_t worker_secrets_files(const struct secrets *secrets, struct rh_process_file *files)
{
    for (uint32_t i = 0; i < secrets->count; i++)
        files[i] = (struct rh_process_file){
            .size = (uint32_t)sizeof(files[i]),
            .mode = 0400,
            .name = secrets->items[i].file,
            .bytes = secret_text(secrets, i),
            .env = secrets->items[i].variable,
        };
    return secrets->count;
}
