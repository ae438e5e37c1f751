/* Opening of a suite; see suite.h. */
#include "host/sim/run/suite.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ringhost/errors.h>
#include <ringhost/sdk/str.h>

/* Of the first version, which ended with `end`. */
#define TABLE_SIZE_MIN offsetof(struct rh_sim_invariants, process)
#define ENTRY_NAME     "rh_sim_invariants_v1"

static int32_t open_plugin(const struct suite *suite, const struct suite_places *places,
                           const char *id, const char *name, struct opened_plugin *out, char *why)
{
    char file[SUITE_PATH_MAX];
    char inner[PLUGIN_OPEN_WHY_MAX];
    int32_t rc;

    (void)snprintf(file, sizeof file, "%s.so", name); /* an overlong one is not found */
    rc = plugin_open(places->plugin_dirs, places->plugin_dir_count, id, file, out, inner);
    if (rc != RH_OK)
        (void)snprintf(why, SUITE_WHY_MAX, "%s: plugin %.64s: %s", suite->scenario->file, id,
                       inner); /* cut */
    return rc;
}

static int32_t open_plugins(struct suite *suite, const struct suite_places *places, char *why)
{
    int32_t rc = RH_OK;

    for (uint32_t i = 0; rc == RH_OK && i < suite->scenario->plugin_count; i++) {
        const struct scenario_plugin *plugin = &suite->scenario->plugins[i];

        rc = open_plugin(suite, places, plugin->id, plugin->id, &suite->plugins[i], why);
        if (rc == RH_OK)
            suite->plugin_count++;
        if (rc == RH_OK && plugin->older)
            rc = open_plugin(suite, places, plugin->id, plugin->older, &suite->older[i], why);
    }
    return rc;
}

static const struct rh_sim_invariants *static_entry(const char *name)
{
    for (const struct static_check *check = static_checks; check->name; check++)
        if (strcmp(check->name, name) == 0)
            return check->entry();
    return NULL;
}

/* Open the file `path` and call its entry. */
static const struct rh_sim_invariants *open_module(const char *path, void **module, char *why)
{
    const struct rh_sim_invariants *(*function)(void);
    void *symbol;

    *module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!*module) {
        (void)snprintf(why, SUITE_WHY_MAX, "%s", dlerror()); /* names the file; cut */
        return NULL;
    }
    symbol = dlsym(*module, ENTRY_NAME);
    if (!symbol) {
        (void)snprintf(why, SUITE_WHY_MAX, "%s: no symbol %s: not a file of invariants", path,
                       ENTRY_NAME); /* cut */
        return NULL;
    }
    memcpy(&function, &symbol, sizeof function);
    return function();
}

/* The checks may need a plugin that the scenario does not load. */
static int32_t check_needs(const struct suite *suite, const struct rh_sim_invariants *checks,
                           char *why)
{
    if (checks->size < TABLE_SIZE_MIN || !checks->name || !checks->create) {
        (void)snprintf(why, SUITE_WHY_MAX,
                       "%s: no table of invariants: it has %u bytes, expected %zu at least",
                       suite->scenario->file, (unsigned)checks->size, TABLE_SIZE_MIN); /* cut */
        return RH_EINVAL;
    }
    for (uint32_t i = 0; i < checks->plugin_count; i++) {
        bool is_there = false;

        for (uint32_t p = 0; p < suite->scenario->plugin_count; p++)
            is_there |= strcmp(suite->scenario->plugins[p].id, checks->plugins[i]) == 0;
        if (!is_there) {
            (void)snprintf(why, SUITE_WHY_MAX,
                           "%s: invariants \"%s\" need the plugin %s, which is not loaded",
                           suite->scenario->file, checks->name, checks->plugins[i]); /* cut */
            return RH_EINVAL;
        }
    }
    return RH_OK;
}

/* `name` is a path, or what stands before ".so" in a folder of checks; in none: as in the first. */
static void place_check(const struct suite_places *places, const char *name,
                        char path[SUITE_PATH_MAX])
{
    if (strchr(name, '/')) {
        (void)snprintf(path, SUITE_PATH_MAX, "%s", name); /* cut: not found */
        return;
    }
    for (uint32_t i = 0; i < places->check_dir_count; i++) {
        (void)snprintf(path, SUITE_PATH_MAX, "%s/%s.so", places->check_dirs[i],
                       name); /* likewise */
        if (access(path, F_OK) == 0)
            return;
    }
    (void)snprintf(path, SUITE_PATH_MAX, "%s/%s.so", places->check_dirs[0], name); /* likewise */
}

static int32_t open_check(struct suite *suite, const struct suite_places *places, const char *name,
                          char *why)
{
    uint32_t at = suite->check_count;
    const struct rh_sim_invariants *checks;
    char path[SUITE_PATH_MAX];
    int32_t rc;

    if (at == SUITE_CHECKS_MAX) {
        (void)snprintf(why, SUITE_WHY_MAX, "more than %u files of invariants", SUITE_CHECKS_MAX);
        return RH_EFULL;
    }
    checks = static_entry(name);
    if (!checks) {
        place_check(places, name, path);
        checks = open_module(path, &suite->check_modules[at], why);
    }
    suite->check_count++;
    if (!checks)
        return RH_EINVAL;
    memcpy(&suite->checks[at], checks,
           checks->size < sizeof *checks ? checks->size : sizeof *checks);
    rc = check_needs(suite, &suite->checks[at], why);
    for (uint32_t i = 0; rc == RH_OK && i < at; i++)
        if (strcmp(suite->checks[i].name, checks->name) == 0) {
            (void)snprintf(why, SUITE_WHY_MAX, "%s: invariants \"%s\" are given twice",
                           suite->scenario->file, checks->name); /* cut */
            rc = RH_EEXISTS;
        }
    return rc;
}

int32_t suite_open(const char *file, const struct suite_places *places, struct suite **out,
                   char *why)
{
    struct suite *suite = calloc(1, sizeof *suite);
    int32_t rc;

    if (!suite)
        return RH_ENOMEM;
    rc = scenario_read(file, &suite->scenario, why);
    if (rc == RH_OK)
        rc = open_plugins(suite, places, why);
    for (uint32_t i = 0; rc == RH_OK && i < suite->scenario->check_count; i++)
        rc = open_check(suite, places, suite->scenario->checks[i], why);
    for (uint32_t i = 0; rc == RH_OK && i < places->check_count; i++)
        rc = open_check(suite, places, places->checks[i], why);
    if (rc != RH_OK) {
        suite_close(suite);
        return rc;
    }
    *out = suite;
    return RH_OK;
}

void suite_close(struct suite *suite)
{
    if (!suite)
        return;
    for (uint32_t i = 0; i < suite->check_count; i++)
        if (suite->check_modules[i])
            (void)dlclose(suite->check_modules[i]); /* nothing of it is in use any more */
    for (uint32_t i = 0; i < suite->plugin_count; i++) {
        plugin_close(&suite->plugins[i]);
        plugin_close(&suite->older[i]);
    }
    scenario_free(suite->scenario);
    free(suite);
}
