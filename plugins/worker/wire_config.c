/* Whether a configuration makes sense beyond what its fields say; before the first item is claimed.
 */
#include "wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ringhost/sdk/str.h>

#define SETTER_SIZE (SECRET_NAME_MAX + 16u)

/* Where a member of a command stands; "" = the command. */
static struct rh_field_path path_of(const struct command *command, const char *member)
{
    return rh_field_path("commands.%.*s%s", RH_STR_ARG(command->work_type), member);
}

static int32_t check_words(struct worker *w, const struct command *command, struct rh_str word)
{
    size_t at = 0;

    if (template_expand(word, NULL, NULL, &at) == RH_OK)
        return RH_OK;
    return rh_fail_fieldf(&w->rh, RH_EINVAL, path_of(command, "").text,
                          "no such placeholder at byte %zu of \"%.*s\"; write {{ for a brace", at,
                          RH_STR_ARG(word));
}

/* Who else sets this variable, or NULL. */
static const char *setter_of(const struct worker *w, const struct command *command,
                             struct rh_str name, char words[SETTER_SIZE])
{
    for (uint32_t i = 0; i < command->secrets.count; i++) {
        const struct rh_str secret = command->secrets.items[i].key;

        if (name.n == secret.n + strlen("_FILE") && rh_str_starts_with(name, secret) &&
            memcmp(name.p + secret.n, "_FILE", strlen("_FILE")) == 0) {
            (void)snprintf(words, SETTER_SIZE, "secrets.%.*s",
                           RH_STR_ARG(secret)); /* cut if long */
            return words;
        }
    }
    for (int kind = 0; kind < NOTE_KIND_COUNT; kind++)
        if (rh_str_eq_c(name, note_variable((enum note_kind)kind)))
            return "the worker";
    if (rh_str_eq_c(name, "RINGHOST_JOB_DIR"))
        return "the worker";
    if (w->config->gpu.count > 0 && rh_str_eq_c(name, WORKER_GPU_VARIABLE))
        return "the worker where gpu.count is given";
    return NULL;
}

static int32_t check_variable(struct worker *w, const struct command *command,
                              const struct rh_pair *variable)
{
    char words[SETTER_SIZE];
    const char *setter = setter_of(w, command, variable->key, words);

    if (variable->key.n == 0 || memchr(variable->key.p, '=', variable->key.n))
        return rh_fail_fieldf(&w->rh, RH_EINVAL, path_of(command, ".env").text,
                              "\"%.*s\" is no name of a variable", RH_STR_ARG(variable->key));
    if (setter)
        return rh_fail_fieldf(&w->rh, RH_EINVAL,
                              rh_field_path("commands.%.*s.env.%.*s",
                                            RH_STR_ARG(command->work_type),
                                            RH_STR_ARG(variable->key))
                                  .text,
                              "%.*s is set by %s", RH_STR_ARG(variable->key), setter);
    return check_words(w, command, variable->value);
}

static int32_t check_shares(struct worker *w, const struct command *command)
{
    if (command->cpus > w->config->slots)
        return rh_fail_fieldf(&w->rh, RH_EINVAL, path_of(command, ".cpus").text,
                              "%" PRId64 " are more than the %" PRId64 " slots", command->cpus,
                              w->config->slots);
    if (command->gpus > w->config->gpu.count)
        return rh_fail_fieldf(&w->rh, RH_EINVAL, path_of(command, ".gpus").text,
                              "%" PRId64 " are more than the %" PRId64 " of gpu.count",
                              command->gpus, w->config->gpu.count);
    return RH_OK;
}

/* Below that not even an empty program starts: the loader ends by a signal, without a word. */
static int32_t check_memory(struct worker *w, const struct command *command)
{
    if (command->memory == 0 || command->memory >= COMMAND_MEMORY_MIN)
        return RH_OK;
    return rh_fail_fieldf(&w->rh, RH_EINVAL, path_of(command, ".memory").text,
                          "%" PRId64 " bytes are too few for any program: 4MiB at least, or 0",
                          command->memory);
}

static int32_t check_command(struct worker *w, const struct command *command)
{
    int32_t rc = RH_OK;

    if (command->argv.count == 0 || command->argv.items[0].n == 0)
        return rh_fail_fieldf(&w->rh, RH_EINVAL, path_of(command, ".argv").text,
                              "names no program");
    for (uint32_t n = 0; n < command->argv.count && rc == RH_OK; n++)
        rc = check_words(w, command, command->argv.items[n]);
    for (uint32_t n = 0; n < command->env.count && rc == RH_OK; n++)
        rc = check_variable(w, command, &command->env.items[n]);
    if (rc == RH_OK && command->cwd.n > 0 && command->cwd.p[0] != '/')
        rc = rh_fail_fieldf(&w->rh, RH_EINVAL, path_of(command, ".cwd").text, "must be absolute");
    if (rc == RH_OK)
        rc = check_memory(w, command);
    if (rc == RH_OK)
        rc = check_shares(w, command);
    return rc == RH_OK ? worker_secrets_check(w, command) : rc;
}

int32_t worker_config_set(struct worker *w, const struct worker_config *config)
{
    const struct worker_config *old = w->config;
    int32_t rc = RH_OK;

    w->config = config;
    if (config->preemption.command.count > 0 && config->preemption.command.items[0].n == 0)
        rc = rh_fail_fieldf(&w->rh, RH_EINVAL, "preemption.command", "names no program");
    for (uint32_t i = 0; i < config->commands.count && rc == RH_OK; i++)
        rc = check_command(w, worker_command_at(w, i));
    if (rc != RH_OK)
        w->config = old;
    return rc;
}
