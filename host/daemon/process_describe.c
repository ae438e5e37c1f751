/* Turns a plugin's wish into the description that ringhost-exec reads; what is in it is checked
 * there. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ringhost/sdk/str.h>

#include "host/daemon/process.h"
#include "host/daemon/process_folder.h"
#include "host/exec/jobdir.h"
#include "host/exec/spec.h"

#define FILE_ENV_MAX 255u /* bytes of a variable's name that names a file */

/* Everything the description points to while it is written. */
struct draft {
    struct exec_spec spec;
    char *texts; /* the NUL-terminated copies, one after the other */
    size_t used;
    size_t size;
    char cwd[PROCESS_PATH_MAX + sizeof(PROCESS_CWD_NAME) + 1];
};

static size_t list_bytes(struct rh_str_list list)
{
    size_t sum = 0;

    for (uint32_t i = 0; i < list.count; i++)
        sum += list.items[i].n + 1;
    return sum;
}

/* A terminated copy; NULL for a text with a NUL byte inside. Room was made for all of them. */
static const char *text_copy(struct draft *draft, struct rh_str prefix, struct rh_str s)
{
    char *at = draft->texts + draft->used;

    assert(draft->used + prefix.n + s.n < draft->size);
    if (memchr(s.p ? s.p : "", '\0', s.n))
        return NULL;
    if (prefix.n)
        memcpy(at, prefix.p, prefix.n);
    if (s.n)
        memcpy(at + prefix.n, s.p, s.n);
    at[prefix.n + s.n] = '\0';
    draft->used += prefix.n + s.n + 1;
    return at;
}

static int32_t list_copy(struct draft *draft, struct rh_str_list list, const char **to, size_t max,
                         size_t *count)
{
    if (list.count > max)
        return RH_EINVAL;
    for (uint32_t i = 0; i < list.count; i++) {
        to[i] = text_copy(draft, (struct rh_str){NULL, 0}, list.items[i]);
        if (!to[i])
            return RH_EINVAL;
    }
    *count = list.count;
    return RH_OK;
}

static int32_t env_default(struct draft *draft, const char *name, const char *value)
{
    struct exec_spec *spec = &draft->spec;
    size_t n = strlen(name); /* with the '=' */

    for (size_t i = 0; i < spec->env_count; i++)
        if (strncmp(spec->envs[i], name, n) == 0)
            return RH_OK;
    if (spec->env_count >= EXEC_SPEC_ENVS_MAX)
        return RH_EINVAL;
    spec->envs[spec->env_count++] = text_copy(draft, rh_str_from(name), rh_str_from(value));
    return RH_OK;
}

/* NAME=<the job's folder>/<name> for each file that a variable names. */
static int32_t files_env(struct draft *draft, const struct rh_process_spec *from)
{
    int32_t rc = RH_OK;

    for (uint32_t i = 0; i < from->file_count && rc == RH_OK; i++) {
        const char *at = (const char *)from->files + (size_t)i * from->file_stride;
        const struct rh_process_file *file = (const struct rh_process_file *)(const void *)at;
        char name[FILE_ENV_MAX + 2];
        char path[sizeof draft->cwd + RH_PROCESS_KEY_MAX + 2];
        int n = snprintf(name, sizeof name, "%s=", file->env ? file->env : "");

        if (!file->env)
            continue;
        if (n < 2 || (size_t)n >= sizeof name)
            return RH_EINVAL;
        (void)snprintf(path, sizeof path, "%s/%s", draft->cwd, file->name); /* fits by its size */
        rc = env_default(draft, name, path);
    }
    return rc;
}

static int32_t limits_set(struct exec_spec *to, const struct rh_process_spec *from)
{
    if (from->output_max < 0 || from->output_max > PROCESS_OUTPUT_BYTES_MAX)
        return RH_EINVAL;
    if (from->wall_ms < 0 || from->grace_ms < 0 || from->memory_bytes < 0 || from->cpu_s < 0)
        return RH_EINVAL;
    if (from->output_max)
        to->output_max_bytes = from->output_max;
    if (from->output_tail < 0 || from->output_tail > EXEC_SPEC_TAIL_MAX_BYTES)
        return RH_EINVAL;
    to->output_tail_bytes = from->output_tail;
    if (from->grace_ms)
        to->grace_ms = from->grace_ms;
    if (from->memory_bytes && (from->flags & RH_PROCESS_TREE_MEMORY))
        to->memory_max = from->memory_bytes;
    else if (from->memory_bytes)
        to->rlimit_as_bytes = from->memory_bytes;
    if (from->pids_max < 0 || from->cpu_percent < 0)
        return RH_EINVAL;
    if (from->pids_max)
        to->pids_max = from->pids_max;
    if (from->cpu_percent)
        to->cpu_percent = from->cpu_percent;
    if (from->cpu_s)
        to->rlimit_cpu_s = from->cpu_s;
    to->wall_ms = from->wall_ms;
    to->stdin_hold = (from->flags & RH_PROCESS_HOLD_INPUT) != 0;
    return RH_OK;
}

static int32_t draft_fill(struct draft *draft, const char *path, const struct rh_process_spec *from,
                          const char *default_path, const char *home)
{
    struct exec_spec *spec = &draft->spec;
    int32_t rc;

    exec_spec_init(spec);
    rc = list_copy(draft, from->argv, spec->args, EXEC_SPEC_ARGS_MAX, &spec->arg_count);
    if (rc == RH_OK)
        rc = list_copy(draft, from->env, spec->envs, EXEC_SPEC_ENVS_MAX, &spec->env_count);
    if (rc == RH_OK)
        rc = env_default(draft, "PATH=", default_path);
    if (rc == RH_OK)
        rc = env_default(draft, "HOME=", home);
    if (rc == RH_OK)
        rc = limits_set(spec, from);
    if (rc != RH_OK)
        return rc;
    (void)snprintf(draft->cwd, sizeof draft->cwd, "%s/" PROCESS_CWD_NAME, path); /* fits */
    if (from->cwd.n) {
        spec->cwd = text_copy(draft, (struct rh_str){NULL, 0}, from->cwd);
        if (!spec->cwd)
            return RH_EINVAL;
    } else {
        spec->cwd = draft->cwd;
    }
    rc = env_default(draft, "RINGHOST_JOB_DIR=", draft->cwd);
    if (rc == RH_OK)
        rc = files_env(draft, from);
    if (rc != RH_OK)
        return rc;
    spec->stdin_bytes = from->input.n ? from->input.p : NULL;
    spec->stdin_len = from->input.n;
    return RH_OK;
}

static int32_t draft_write(const struct draft *draft, const char *path)
{
    size_t len = 0;
    char *text = NULL;
    int dir_fd = -1;
    int error = 0;
    int32_t code = exec_spec_write(&draft->spec, NULL, 0, &len);

    if (code != EXEC_SPEC_ESPACE)
        return RH_EINVAL;
    text = malloc(len);
    if (!text)
        return RH_ENOMEM;
    code = exec_spec_write(&draft->spec, text, len, &len);
    if (code == EXEC_SPEC_OK) {
        error = exec_jobdir_open(path, &dir_fd);
        if (error == 0)
            error = exec_jobdir_replace(dir_fd, EXEC_JOBDIR_SPEC, text, len, false);
        if (dir_fd >= 0)
            (void)close(dir_fd); /* the file was closed with its result seen */
    }
    free(text);
    if (code != EXEC_SPEC_OK)
        return RH_EINVAL;
    if (error == 0)
        return RH_OK;
    return error == -ENOSPC || error == -EDQUOT ? RH_ENOSPACE : RH_EIO;
}

int32_t process_folder_describe(const char *path, const struct rh_process_spec *spec,
                                const char *default_path, const char *home)
{
    size_t size = list_bytes(spec->argv) + list_bytes(spec->env) + spec->cwd.n +
                  strlen(default_path) + strlen(home) + strlen(path) + 96 +
                  (size_t)spec->file_count * (FILE_ENV_MAX + strlen(path) +
                                              sizeof(PROCESS_CWD_NAME) + RH_PROCESS_KEY_MAX + 4);
    struct draft *draft = calloc(1, sizeof *draft);
    int32_t rc = RH_ENOMEM;

    if (size > EXEC_SPEC_BYTES_MAX) {
        rc = RH_EINVAL;
        goto out;
    }
    if (!draft)
        goto out;
    draft->texts = malloc(size);
    draft->size = size;
    if (!draft->texts)
        goto out;
    rc = draft_fill(draft, path, spec, default_path, home);
    if (rc == RH_OK)
        rc = draft_write(draft, path);
out:
    if (draft)
        free(draft->texts);
    free(draft);
    return rc;
}
