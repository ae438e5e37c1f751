/* Which files this node holds, how much room they take, and which goes first when there is none;
 * neither the files nor their rows. */
#ifndef RH_PLUGINS_ARTIFACTS_CATALOG_H
#define RH_PLUGINS_ARTIFACTS_CATALOG_H

#include <stdbool.h>
#include <stdint.h>

#include <ringhost/sdk/map.h>
#include <ringhost/sdk/sha256.h>

#define CATALOG_FILES_MAX 60000u

/* One whole file. */
struct artifact {
    uint64_t id; /* grows with each that is added; names it where it may be gone */
    unsigned char digest[RH_SHA256_SIZE];
    int64_t size_bytes;
    int64_t checked_at_ms; /* Unix ms, when it was last found right in this activation; 0 = never */
    int64_t added_at_ms;   /* Unix ms, as used_at_ms */
    int64_t used_at_ms;
    uint32_t readers;  /* under way: it stays */
    bool is_pinned;    /* by an operator: it stays */
    bool is_own;       /* it was put here; else it is a copy of what another node holds */
    bool is_dirty;     /* used_at_ms is newer than what is stored */
    bool is_doubted;   /* it is to be hashed again, or is being */
    bool is_unchecked; /* it could not be read when it was last to be hashed again */
    bool is_there;     /* its file has been seen; for the comparison at the start */
};

/* What may be held, and when what goes. */
struct catalog_limits {
    int64_t bytes_max;
    int64_t files_max;
    int64_t idle_min_ms; /* used since: it stays */
    int64_t own_keep_ms; /* as long unused one that was put here stays; 0 = for ever */
};

struct catalog {
    struct rh_map files; /* digest to struct artifact; owned */
    struct catalog_limits limits;
    uint64_t last_id;
    int64_t bytes;          /* of all files */
    int64_t reserved_bytes; /* promised to files under way */
    int64_t reserved_files;
};

void catalog_init(struct catalog *catalog, uint64_t seed, const struct catalog_limits *limits);
/* Frees all; a zeroed one may be released. */
void catalog_release(struct catalog *catalog);

/* NULL: not held. */
struct artifact *catalog_find(const struct catalog *catalog,
                              const unsigned char digest[RH_SHA256_SIZE]);

/* One more, which is copied but for its id; it is not in yet. RH_OK, RH_EFULL at CATALOG_FILES_MAX,
 * RH_ENOMEM. */
int32_t catalog_add(struct catalog *catalog, const struct artifact *artifact,
                    struct artifact **out);
/* Out, and freed. */
void catalog_remove(struct catalog *catalog, struct artifact *artifact);

/* Whether a file may go now, for room or by age. */
bool catalog_may_go(const struct catalog *catalog, const struct artifact *artifact, int64_t now_ms);

/* Room for one more file of this size: RH_OK and it is promised; RH_EAGAIN: *victim has to go first
 * (copies before own ones, the longest unused first); RH_EFULL: nothing more may go; RH_ETOOLARGE:
 * it would not even fit alone. size_bytes >= 0. */
int32_t catalog_reserve(struct catalog *catalog, int64_t size_bytes, int64_t now_ms,
                        struct artifact **victim);
/* The promise is kept (before catalog_add) or not needed any more. */
void catalog_unreserve(struct catalog *catalog, int64_t size_bytes);

/* What is too much without a newcomer, after limits have changed: the next to go, or NULL. */
struct artifact *catalog_surplus(const struct catalog *catalog, int64_t now_ms);

#endif
