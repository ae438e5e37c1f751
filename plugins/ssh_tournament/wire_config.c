/* What the field table cannot say of the configuration. */
#include "wire.h"

#include <string.h>

#include <ringhost/sdk/str.h>

static int32_t check_path(struct plugin *p, const char *name, struct rh_str path)
{
    if (client_path_check(path))
        return RH_OK;
    return rh_fail_fieldf(&p->rh, RH_EINVAL, name,
                          "\"%.*s\" must begin with / or ~/, and hold no blank, quote, \\ or %%",
                          RH_STR_ARG(path));
}

static int32_t check_env(struct plugin *p, const struct rh_pair_list *env)
{
    if (env->count > ENV_MAX)
        return rh_fail_fieldf(&p->rh, RH_EINVAL, "env", "more than %u names", ENV_MAX);
    for (uint32_t i = 0; i < env->count; i++)
        if (env->items[i].key.n == 0 || memchr(env->items[i].key.p, '=', env->items[i].key.n))
            return rh_fail_fieldf(&p->rh, RH_EINVAL, "env", "\"%.*s\" is no name of a variable",
                                  RH_STR_ARG(env->items[i].key));
    return RH_OK;
}

int32_t ssh_config_check(struct plugin *p, const struct ssh_config *wanted)
{
    int32_t rc = check_path(p, "config_file", wanted->config_file);

    if (rc == RH_OK)
        rc = check_path(p, "identity_file", wanted->identity_file);
    if (rc == RH_OK)
        rc = check_path(p, "known_hosts", wanted->known_hosts);
    if (rc == RH_OK)
        rc = check_path(p, "control_dir", wanted->control_dir);
    if (rc == RH_OK && wanted->control_dir.n && wanted->control_dir.p[0] != '/')
        rc = rh_fail_fieldf(&p->rh, RH_EINVAL, "control_dir", "must begin with /");
    if (rc == RH_OK && wanted->ssh.count && wanted->ssh.items[0].n == 0)
        rc = rh_fail_fieldf(&p->rh, RH_EINVAL, "ssh", "names no program");
    if (rc == RH_OK)
        rc = check_env(p, &wanted->env);
    return rc;
}
