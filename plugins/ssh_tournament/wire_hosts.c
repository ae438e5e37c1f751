/* The hosts of a request, looked up in the inventory, and what all live runs know of a host. */
#include "wire.h"

#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/str.h>

/* What of the inventory matters here. */
struct entry {
    struct rh_str id; /* the key of the map */
    struct rh_str ssh_host;
    struct rh_str ssh_user;
    struct rh_str ssh_key;
    struct rh_str status;
    int64_t ssh_port;
};
static const struct rh_field entry_rows[] = {
    RH_STR(struct entry, ssh_host, 0, "name or address"),
    RH_STR(struct entry, ssh_user, 0, "user"),
    RH_TEXT(struct entry, ssh_key, 0, 4096, "path of the private key"),
    RH_STR(struct entry, status, 0, "ready, offline, ..."),
    RH_INT(struct entry, ssh_port, 22, 1, 65535, "port"),
};
struct inventory {
    struct rh_list hosts;
};
static const struct rh_field inventory_rows[] = {
    RH_OBJECT_MAP(struct inventory, hosts, 0, 1024, struct entry, entry_rows, "machines"),
};
static const struct rh_fields inventory_table = RH_FIELDS(struct inventory, inventory_rows);

/* A request's hosts under way. */
struct pick {
    struct plugin *p;
    const struct inventory *inventory;
    struct target *out;
    uint32_t most;
    uint32_t count;
};

static const struct entry *entry_at(const struct inventory *inventory, uint32_t index)
{
    return (const void *)((const char *)inventory->hosts.items +
                          (size_t)index * inventory->hosts.stride);
}

/* A pattern takes machines that are said to be there; a name takes any. */
static bool is_there(const struct entry *entry)
{
    return entry->status.n == 0 || rh_str_eq_c(entry->status, "ready") ||
           rh_str_eq_c(entry->status, "active");
}

/* The default port is left to the client's configuration, which may know better. */
static struct target target_of(const struct entry *entry)
{
    return (struct target){.name = entry->id,
                           .user = entry->ssh_user,
                           .host = entry->ssh_host.n ? entry->ssh_host : entry->id,
                           .identity = entry->ssh_key,
                           .port = entry->ssh_port == 22 ? 0 : entry->ssh_port};
}

static int32_t take(struct pick *pick, const struct target *target)
{
    if (!target_check(target))
        return rh_failf(&pick->p->rh, RH_EINVAL,
                        "host \"%.*s\": name, user or key path cannot stand on a command line",
                        RH_STR_ARG(target->name));
    for (uint32_t i = 0; i < pick->count; i++)
        if (rh_str_eq(pick->out[i].name, target->name))
            return RH_OK;
    if (pick->count == pick->most)
        return rh_failf(&pick->p->rh, RH_EINVAL, "hosts: more than %u", (unsigned)pick->most);
    pick->out[pick->count++] = *target;
    return RH_OK;
}

static bool is_pattern(struct rh_str word)
{
    return word.n > 0 && (memchr(word.p, '*', word.n) || memchr(word.p, '?', word.n));
}

static int32_t take_pattern(struct pick *pick, struct rh_str pattern)
{
    const uint32_t before = pick->count;
    uint32_t away = 0;
    int32_t rc = RH_OK;

    for (uint32_t i = 0; i < pick->inventory->hosts.count && rc == RH_OK; i++) {
        const struct entry *entry = entry_at(pick->inventory, i);
        const struct target target = target_of(entry);

        if (!rh_glob_match(pattern, entry->id))
            continue;
        if (is_there(entry))
            rc = take(pick, &target);
        else
            away++;
    }
    if (rc == RH_OK && pick->count == before)
        return rh_failf(&pick->p->rh, RH_EINVAL,
                        "hosts: no machine of the inventory matches \"%.*s\"%s",
                        RH_STR_ARG(pattern), away ? " and is ready" : " that is not taken already");
    return rc;
}

static int32_t take_word(struct pick *pick, struct rh_str word)
{
    struct target target;

    for (uint32_t i = 0; i < pick->inventory->hosts.count; i++) {
        const struct entry *entry = entry_at(pick->inventory, i);

        if (!rh_str_eq(entry->id, word))
            continue;
        target = target_of(entry);
        return take(pick, &target);
    }
    if (is_pattern(word))
        return take_pattern(pick, word);
    if (target_parse(word, &target) != RH_OK)
        return rh_failf(&pick->p->rh, RH_EINVAL,
                        "hosts: \"%.*s\" is no machine of the inventory and no [user@]host[:port]",
                        RH_STR_ARG(word));
    return take(pick, &target);
}

int32_t hosts_resolve(struct plugin *p, const struct rh_str_list *words, struct target *out,
                      uint32_t most, uint32_t *count, void **memory)
{
    struct inventory inventory = {.hosts = {NULL, 0, 0}};
    struct pick pick = {.p = p, .inventory = &inventory, .out = out, .most = most};
    struct rh_self self = {.size = (uint32_t)sizeof(self)};
    int32_t rc = RH_OK;

    p->rh.core->self(p->rh.ctx, &self);
    *memory = NULL;
    if (self.inventory.n)
        rc = p->rh.fields->decode(p->rh.ctx, &inventory_table, self.inventory, &inventory, memory,
                                  NULL, 0);
    for (uint32_t i = 0; i < words->count && rc == RH_OK; i++)
        rc = take_word(&pick, words->items[i]);
    if (rc == RH_OK)
        *count = pick.count;
    return rc;
}

struct host *host_enter(struct plugin *p, const struct target *target)
{
    struct host *host = rh_map_get(&p->hosts, target->name);

    if (!host) {
        host = calloc(1, sizeof(*host));
        if (host)
            host->name = strndup(target->name.p, target->name.n);
        if (!host || !host->name || rh_map_put(&p->hosts, target->name, host, NULL) != RH_OK) {
            free(host ? host->name : NULL);
            free(host);
            return NULL;
        }
    }
    host->users++;
    return host;
}

void host_leave(struct plugin *p, struct host *host)
{
    host->idle_ms = ssh_now(p);
    if (--host->users == 0 && !(host->has_master && p->is_active))
        host_forget(p, host);
}

void host_forget(struct plugin *p, struct host *host)
{
    (void)rh_map_remove(&p->hosts, rh_str_from(host->name)); /* it was there */
    free(host->name);
    free(host);
}

void hosts_drop(struct plugin *p)
{
    uint32_t cursor = 0;
    void *value = NULL;

    while (rh_map_next(&p->hosts, &cursor, NULL, &value))
        host_forget(p, value);
    rh_map_release(&p->hosts);
}
