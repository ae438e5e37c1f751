/* The command lines of the OpenSSH client, word by word. */
#include "client.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include <ringhost/sdk/hash.h>
#include <ringhost/sdk/str.h>

void client_line_init(struct client_line *line)
{
    *line = (struct client_line){.count = 0};
    rh_buf_init(&line->bytes, CLIENT_BYTES_MAX);
}

void client_line_release(struct client_line *line)
{
    rh_buf_release(&line->bytes);
    line->count = 0;
}

bool client_line_next(const struct client_line *line, size_t *at, struct rh_str *word)
{
    if (line->bytes.rc != RH_OK || *at >= line->bytes.n)
        return false;
    *word = rh_str_from(line->bytes.p + *at);
    *at += word->n + 1;
    return true;
}

/* Errors stay in the line. */
static void put_str(struct client_line *line, struct rh_str word)
{
    (void)rh_buf_append_str(&line->bytes, word);
    (void)rh_buf_append_byte(&line->bytes, '\0');
    line->count++;
}

static void put(struct client_line *line, const char *word)
{
    put_str(line, rh_str_from(word));
}

static void put_option(struct client_line *line, const char *name, struct rh_str value)
{
    put(line, "-o");
    (void)rh_buf_append_c(&line->bytes, name);
    (void)rh_buf_append_byte(&line->bytes, '=');
    put_str(line, value);
}

static void put_number(struct client_line *line, const char *name, int64_t value)
{
    put(line, "-o");
    (void)rh_buf_printf(&line->bytes, "%s=%" PRId64, name, value);
    put(line, "");
}

static int64_t seconds_up(int64_t ms)
{
    return ms <= 1000 ? 1 : (ms + 999) / 1000;
}

/* Nothing may ask, forward, or run something here; an attempt's own words are all that counts. */
static void put_common(const struct client_options *options, struct client_line *line)
{
    static const char *const fixed[] = {
        "BatchMode=yes",           "LogLevel=ERROR",        "EscapeChar=none",  "ForwardAgent=no",
        "ClearAllForwardings=yes", "PermitLocalCommand=no", "ControlPersist=no"};

    for (uint32_t i = 0; i < options->program.count; i++)
        put_str(line, options->program.items[i]);
    put(line, "-T");
    put(line, "-x");
    if (options->config_file.n) {
        put(line, "-F");
        put_str(line, options->config_file);
    }
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
        put(line, "-o");
        put(line, fixed[i]);
    }
    put_number(line, "ConnectTimeout", seconds_up(options->connect_timeout_ms));
    put_number(line, "ServerAliveInterval", seconds_up(options->alive_interval_ms));
    put_number(line, "ServerAliveCountMax", options->alive_count);
    put_option(line, "StrictHostKeyChecking", options->check);
    if (options->known_hosts.n)
        put_option(line, "UserKnownHostsFile", options->known_hosts);
}

/* "%C" does not tell keys apart: nobody may come in over a connection made with another key. */
static void put_control(const struct client_options *options, const struct target *target,
                        struct client_line *line)
{
    const struct rh_str identity = target->identity.n ? target->identity : options->identity;
    const uint64_t hash = rh_hash_fnv1a(RH_HASH_FNV1A_INIT, identity.p, identity.n);

    put(line, "-o");
    (void)rh_buf_append_c(&line->bytes, "ControlPath=");
    if (options->control_dir.n) {
        (void)rh_buf_append_str(&line->bytes, options->control_dir);
        (void)rh_buf_printf(&line->bytes, "/%08" PRIx32, (uint32_t)(hash >> 32));
        put(line, "%C");
    } else {
        put(line, "none");
    }
}

static void put_target(const struct client_options *options, const struct target *target,
                       struct client_line *line)
{
    const struct rh_str identity = target->identity.n ? target->identity : options->identity;

    assert(target_check(target));
    if (identity.n) {
        put_option(line, "IdentitiesOnly", RH_STR_LIT("yes"));
        put(line, "-i");
        put_str(line, identity);
    }
    if (target->port) {
        put(line, "-p");
        (void)rh_buf_printf(&line->bytes, "%" PRId64, target->port);
        put(line, "");
    }
    if (target->user.n) {
        put(line, "-l");
        put_str(line, target->user);
    }
    put(line, "--");
    put_str(line, target->host);
}

int32_t client_attempt(const struct client_options *options, const struct target *target,
                       struct rh_str command, struct client_line *line)
{
    put_common(options, line);
    put_option(line, "ControlMaster", RH_STR_LIT("no"));
    put_control(options, target, line);
    put_target(options, target, line);
    put_str(line, command);
    return line->bytes.rc;
}

int32_t client_master(const struct client_options *options, const struct target *target,
                      struct client_line *line)
{
    assert(options->control_dir.n > 0);
    put_common(options, line);
    put_option(line, "ControlMaster", RH_STR_LIT("yes"));
    put_control(options, target, line);
    put(line, "-N");
    put_target(options, target, line);
    return line->bytes.rc;
}

bool client_path_check(struct rh_str path)
{
    if (path.n == 0)
        return true;
    if (path.n > TARGET_PATH_MAX)
        return false;
    if (path.p[0] != '/' && !rh_str_starts_with(path, RH_STR_LIT("~/")))
        return false;
    for (size_t i = 0; i < path.n; i++) {
        const unsigned char c = (unsigned char)path.p[i];

        if (c <= ' ' || c == 0x7f || strchr("\"'%\\", c) != NULL)
            return false;
    }
    return true;
}
