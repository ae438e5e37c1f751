/* The set of facts; see facts.h. A body is chosen by its hash, a retraction by its stamp, and both
 * choices are minima: so merging commutes, associates and repeats without harm. */
#include "facts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <ringhost/sdk/hash.h>
#include <ringhost/sdk/record.h>
#include <ringhost/sdk/str.h>

#define FLAG_BODY     1
#define FLAG_RETRACT  2
#define FLAG_CONFLICT 4
#define FLAGS_ALL     7

void facts_init(struct facts *facts, uint64_t seed, uint32_t count_max)
{
    assert(count_max >= 1);
    assert(count_max <= FACTS_MAX);
    *facts = (struct facts){0};
    rh_map_init(&facts->by_id, seed, count_max);
}

static void entry_free(struct entry *entry)
{
    if (!entry)
        return;
    free((char *)entry->id.p);
    free((char *)entry->body.p);
    free((char *)entry->retraction.reason.p);
    free(entry);
}

void facts_release(struct facts *facts)
{
    for (uint32_t i = 0; i < FACTS_BUCKETS; i++) {
        while (facts->first[i]) {
            struct entry *entry = facts->first[i];

            facts->first[i] = entry->next;
            entry_free(entry);
        }
    }
    rh_map_release(&facts->by_id);
    *facts = (struct facts){0};
}

/* A copy with a NUL behind it. */
static int32_t copy(struct rh_str from, struct rh_str *to)
{
    char *bytes = malloc(from.n + 1);

    if (!bytes)
        return RH_ENOMEM;
    if (from.n)
        memcpy(bytes, from.p, from.n);
    bytes[from.n] = '\0';
    *to = (struct rh_str){bytes, from.n};
    return RH_OK;
}

static uint64_t state_hash(const struct entry *entry)
{
    uint64_t hash = rh_hash_fnv1a_u64(RH_HASH_FNV1A_INIT, entry->id_hash);

    hash = rh_hash_fnv1a_u64(hash, entry->body.n ? entry->body_hash : 0);
    hash = rh_hash_fnv1a_u64(hash, entry->retraction.stamp);
    hash =
        rh_hash_fnv1a_u64(hash, entry->retraction.stamp ? fact_hash(entry->retraction.reason) : 0);
    return rh_hash_mix(hash);
}

static uint32_t bucket_of(uint64_t id_hash)
{
    return (uint32_t)(id_hash % FACTS_BUCKETS);
}

uint32_t facts_bucket(struct rh_str id)
{
    return bucket_of(fact_hash(id));
}

/* A new, still empty entry, not yet in the digest. */
static int32_t entry_new(struct facts *facts, struct rh_str id, struct entry **out)
{
    struct entry *entry = calloc(1, sizeof(*entry));
    int32_t rc = entry ? copy(id, &entry->id) : RH_ENOMEM;

    if (rc == RH_OK)
        rc = rh_map_put(&facts->by_id, id, entry, NULL);
    if (rc != RH_OK) {
        entry_free(entry);
        return rc;
    }
    entry->id_hash = fact_hash(id);
    *out = entry;
    return RH_OK;
}

/* Whether a body counts before the one that is there. */
static bool is_before(uint64_t hash, struct rh_str body, const struct entry *entry)
{
    if (!entry->body.n)
        return true;
    if (hash != entry->body_hash)
        return hash < entry->body_hash;
    return rh_str_cmp(body, entry->body) < 0;
}

static bool is_earlier(const struct retraction *a, const struct retraction *b)
{
    if (!a->stamp)
        return false;
    if (!b->stamp)
        return true;
    if (a->stamp != b->stamp)
        return a->stamp < b->stamp;
    return rh_str_cmp(a->reason, b->reason) < 0;
}

/* What the record adds to the entry, copied already; NULL strings where it adds nothing. */
struct news {
    struct rh_str body;
    struct rh_str reason;
    uint64_t body_hash;
    uint32_t changes;
};

static int32_t news_of(const struct entry *entry, const struct fact_record *record,
                       struct news *news)
{
    static const struct entry nobody;
    const struct entry *old = entry ? entry : &nobody;
    struct rh_buf buf;
    int32_t rc = RH_OK;

    *news = (struct news){0};
    rh_buf_init(&buf, FACT_BODY_MAX);
    if (record->has_fact) {
        fact_encode(&record->fact, &buf);
        rc = buf.rc;
        news->body_hash = fact_hash(rh_buf_str(&buf));
    }
    if (rc == RH_OK && record->has_fact) {
        if (old->body.n && !rh_str_eq(rh_buf_str(&buf), old->body))
            news->changes |= FACTS_CONFLICT;
        if (is_before(news->body_hash, rh_buf_str(&buf), old)) {
            news->changes |= old->body.n ? FACTS_REPLACED : FACTS_GAME;
            rc = copy(rh_buf_str(&buf), &news->body);
        }
    }
    if (rc == RH_OK && is_earlier(&record->retraction, &old->retraction)) {
        news->changes |= FACTS_RETRACTED;
        rc = copy(record->retraction.reason, &news->reason);
    }
    rh_buf_release(&buf);
    if (rc != RH_OK)
        free((char *)news->body.p);
    return rc;
}

static bool is_game(const struct entry *entry)
{
    return entry->body.n && !entry->retraction.stamp;
}

/* Cannot fail. */
static void apply(struct facts *facts, struct entry *entry, const struct fact_record *record,
                  const struct news *news)
{
    facts->games -= is_game(entry);
    if (news->body.p) {
        free((char *)entry->body.p);
        entry->body = news->body;
        entry->body_hash = news->body_hash;
    }
    if (news->changes & FACTS_RETRACTED) {
        facts->retracted += !entry->retraction.stamp;
        free((char *)entry->retraction.reason.p);
        entry->retraction = (struct retraction){record->retraction.stamp, news->reason};
    }
    if ((news->changes & FACTS_CONFLICT) && !entry->has_conflict) {
        entry->has_conflict = true;
        facts->conflicts++;
    }
    facts->games += is_game(entry);
    facts->sums[bucket_of(entry->id_hash)] -= entry->state_hash;
    entry->state_hash = state_hash(entry);
    facts->sums[bucket_of(entry->id_hash)] += entry->state_hash;
}

int32_t facts_merge(struct facts *facts, const struct fact_record *record, struct entry **entry,
                    uint32_t *changes)
{
    struct entry *found = facts_find(facts, record->id);
    const bool is_new = !found;
    struct news news;
    int32_t rc;

    assert(record->id.n >= 1);
    assert(record->has_fact || record->retraction.stamp);
    rc = news_of(found, record, &news);
    if (rc == RH_OK && is_new) {
        rc = entry_new(facts, record->id, &found);
        if (rc != RH_OK) {
            free((char *)news.body.p);
            free((char *)news.reason.p);
        }
    }
    if (rc != RH_OK)
        return rc;
    if (is_new) {
        found->next = facts->first[bucket_of(found->id_hash)];
        facts->first[bucket_of(found->id_hash)] = found;
        if (facts->newest)
            facts->newest->later = found;
        else
            facts->oldest = found;
        facts->newest = found;
    }
    if (news.changes)
        apply(facts, found, record, &news);
    *entry = found;
    *changes = news.changes;
    return RH_OK;
}

struct entry *facts_find(const struct facts *facts, struct rh_str id)
{
    return rh_map_get(&facts->by_id, id);
}

uint32_t facts_count(const struct facts *facts)
{
    return rh_map_count(&facts->by_id);
}

void facts_record(const struct entry *entry, struct fact_record *out)
{
    int32_t rc;

    *out = (struct fact_record){.id = entry->id, .retraction = entry->retraction};
    if (!entry->body.n)
        return;
    rc = fact_decode(entry->body, &out->fact);
    assert(rc == RH_OK); /* we wrote it */
    out->has_fact = true;
    out->fact.id = entry->id;
}

uint64_t facts_root(const struct facts *facts)
{
    uint64_t root = RH_HASH_FNV1A_INIT;

    for (uint32_t i = 0; i < FACTS_BUCKETS; i++)
        root = rh_hash_fnv1a_u64(root, facts->sums[i]);
    return root;
}

void facts_encode(const struct entry *entry, struct rh_buf *buf)
{
    rh_record_put(buf, (entry->body.n ? FLAG_BODY : 0) |
                           (entry->retraction.stamp ? FLAG_RETRACT : 0) |
                           (entry->has_conflict ? FLAG_CONFLICT : 0));
    if (entry->body.n)
        rh_record_put_str(buf, entry->body);
    if (entry->retraction.stamp) {
        rh_record_put_u64(buf, entry->retraction.stamp);
        rh_record_put_str(buf, entry->retraction.reason);
    }
}

int32_t facts_decode(struct rh_str id, struct rh_str bytes, struct fact_record *out,
                     bool *has_conflict)
{
    struct rh_record_reader reader;
    struct fact_record record = {.id = id};
    int64_t flags;
    int32_t rc = RH_OK;

    rh_record_reader_init(&reader, bytes);
    flags = rh_record_get(&reader, 1, FLAGS_ALL);
    if (flags & FLAG_BODY) {
        rc = fact_decode(rh_record_get_str(&reader), &record.fact);
        record.has_fact = true;
        record.fact.id = id;
    }
    if (flags & FLAG_RETRACT) {
        record.retraction.stamp = rh_record_get_u64(&reader);
        record.retraction.reason = rh_record_get_str(&reader);
    }
    if (rc != RH_OK || rh_record_end(&reader) != RH_OK ||
        (!record.has_fact && !record.retraction.stamp))
        return RH_EINVAL;
    *out = record;
    *has_conflict = (flags & FLAG_CONFLICT) != 0;
    return RH_OK;
}
