/* Raft cores in one process with disks and lines between them; who uses it decides when messages
 * arrive and writes end. */
#ifndef RH_TESTS_PLUGINS_RAFT_GROUP_H
#define RH_TESTS_PLUGINS_RAFT_GROUP_H

#include "disk.h"

#define GROUP_NODES_MAX    7u
#define GROUP_LETTERS_MAX  8192u
#define GROUP_ENTRIES_MAX  64u /* of one append */
#define GROUP_CHUNK_MAX    64u
#define GROUP_SNAPSHOT_LEN 200u
#define GROUP_BEAT_MS      100

/* A message under way, with everything that it points at. */
struct letter {
    struct raft_message m; /* m.peer: the sender */
    uint32_t from, to;
    int64_t at_us;
    uint64_t order;
    uint32_t entry_count;
    struct disk_entry *entries;
    char chunk[GROUP_CHUNK_MAX];
    struct raft_members members;
};

struct node {
    char id[RAFT_ID_MAX + 1];
    struct raft *raft; /* NULL = down */
    struct disk disk;
    struct disk_write write;
    struct machine live, durable; /* applied; applied and sure to survive */
    struct machine made;          /* the snapshot for others */
    uint64_t made_id;
    char received[GROUP_SNAPSHOT_LEN];
    bool is_installing;
    struct raft_install install;
    struct raft_read reads[64];
    uint32_t read_count;
    double rate;
    int64_t offset_ms;
    int64_t write_at_us, install_at_us, tick_at_us, up_at_us;
};

struct group {
    struct node nodes[GROUP_NODES_MAX];
    uint32_t count;
    struct letter *letters[GROUP_LETTERS_MAX];
    uint32_t letter_count;
    uint64_t order;
    int64_t now_us;
    uint64_t seed;
    uint64_t handed; /* entries given to state machines */
    struct raft_config config;
    /* Hooks of who uses it; may be NULL. */
    void (*on_handed)(struct group *group, uint32_t node, const struct raft_entry *entry);
    void (*on_sent)(struct group *group, struct letter *letter);
    void (*on_write)(struct group *group, uint32_t node);
    void (*on_install)(struct group *group, uint32_t node);
    void *user;
};

static inline int64_t group_now(const struct group *group, uint32_t node)
{
    const struct node *n = &group->nodes[node];

    return n->offset_ms + (int64_t)((double)group->now_us / 1000.0 * n->rate);
}

static inline uint32_t group_find(const struct group *group, const char *id)
{
    for (uint32_t i = 0; i < group->count; i++)
        if (strcmp(group->nodes[i].id, id) == 0)
            return i;
    return GROUP_NODES_MAX;
}

/* count nodes n1, n2, ...; the first voter_count are voters of a new group, the others belong to
 * none. */
static inline void group_init(struct group *group, uint32_t count, uint32_t voter_count)
{
    struct raft_members members = {.index = 0};

    memset(group, 0, sizeof(*group));
    group->count = count;
    group->config = (struct raft_config){
        .heartbeat_ms = GROUP_BEAT_MS,
        .inflight_max = 4,
        .append_bytes_max = 400,
        .inflight_bytes_max = 1000,
        .uncommitted_bytes_max = 4000,
        .held_bytes_max = 600,
        .write_bytes_max = 2000,
        .write_entries_max = DISK_WRITE_MAX,
        .chunk_bytes = GROUP_CHUNK_MAX,
        .trailing_entries = 8,
    };
    for (uint32_t i = 0; i < count; i++) {
        struct node *n = &group->nodes[i];

        n->id[0] = 'n';
        n->id[1] = (char)('1' + i);
        n->rate = 1;
        n->disk.first = 1;
        n->disk.entries = calloc(DISK_ENTRIES_MAX, sizeof(*n->disk.entries));
        assert_non_null(n->disk.entries);
        if (i < voter_count)
            assert_int_equal(raft_members_add(&members, (struct rh_str){n->id, 2}, true), RH_OK);
    }
    for (uint32_t i = 0; i < voter_count; i++) {
        group->nodes[i].disk.base.lineage = RAFT_LINEAGE_FIRST;
        group->nodes[i].disk.base.members = members;
    }
}

static inline void group_start(struct group *group, uint32_t node)
{
    struct node *n = &group->nodes[node];
    struct raft_config config = group->config;

    assert_null(n->raft);
    memcpy(config.self, n->id, sizeof(config.self));
    config.seed = rh_hash_mix(group->seed + 1000 * ++group->order + node);
    n->live = n->durable;
    n->raft = disk_start(&n->disk, &n->live, config);
    raft_start(n->raft, group_now(group, node));
}

static inline void letter_free(struct letter *letter)
{
    free(letter->entries);
    free(letter);
}

static inline void group_drop(struct group *group, uint32_t place)
{
    letter_free(group->letters[place]);
    group->letter_count--;
    memmove(&group->letters[place], &group->letters[place + 1],
            (group->letter_count - place) * sizeof(group->letters[0]));
}

/* The node stops; of its write everything or nothing is on the disk. */
static inline void group_crash(struct group *group, uint32_t node, bool keeps_write)
{
    struct node *n = &group->nodes[node];

    if (n->write.is_active && keeps_write)
        disk_apply(&n->disk, &n->write);
    n->write.is_active = false;
    n->is_installing = false;
    n->made_id = 0;
    raft_free(n->raft);
    n->raft = NULL;
}

static inline void group_free(struct group *group)
{
    while (group->letter_count > 0)
        group_drop(group, 0);
    for (uint32_t i = 0; i < group->count; i++) {
        raft_free(group->nodes[i].raft);
        free(group->nodes[i].disk.entries);
    }
}

static inline struct letter *group_letter(struct group *group, uint32_t from, uint32_t to,
                                          const struct raft_message *m)
{
    struct letter *letter = calloc(1, sizeof(*letter));

    assert_non_null(letter);
    assert_true(group->letter_count < GROUP_LETTERS_MAX);
    letter->m = *m;
    letter->from = from;
    letter->to = to;
    letter->order = group->order++;
    memcpy(letter->m.peer, group->nodes[from].id, sizeof(letter->m.peer));
    if (m->members)
        letter->members = *m->members;
    group->letters[group->letter_count++] = letter;
    return letter;
}

/* A snapshot is the state machine and filling. */
static inline void group_fill(const struct node *n, struct letter *letter)
{
    char bytes[GROUP_SNAPSHOT_LEN];

    memset(bytes, (int)(n->made.index & 0x7f), sizeof(bytes));
    memcpy(bytes, &n->made, sizeof(n->made));
    assert_true(letter->m.offset + letter->m.chunk_bytes <= sizeof(bytes));
    memcpy(letter->chunk, bytes + letter->m.offset, letter->m.chunk_bytes);
}

static inline void group_post(struct group *group, uint32_t from, const struct raft_message *m)
{
    const uint32_t to = group_find(group, m->peer);
    struct letter *letter;

    assert_true(to < group->count);
    letter = group_letter(group, from, to, m);
    letter->entry_count = m->entry_count;
    assert_true(m->entry_count <= GROUP_ENTRIES_MAX);
    if (m->entry_count > 0) {
        letter->entries = calloc(m->entry_count, sizeof(*letter->entries));
        assert_non_null(letter->entries);
    }
    for (uint32_t i = 0; i < m->entry_count; i++) {
        struct raft_entry entry;

        assert_int_equal(raft_entry(group->nodes[from].raft, m->index + 1 + i, &entry), RH_OK);
        disk_entry_set(&letter->entries[i], &entry);
    }
    if (m->kind == RAFT_MSG_SNAPSHOT)
        group_fill(&group->nodes[from], letter);
    if (group->on_sent)
        group->on_sent(group, letter);
}

static inline void group_snapshots(struct group *group, uint32_t node)
{
    struct node *n = &group->nodes[node];

    if (n->made_id && !raft_snapshot_in_use(n->raft, n->made_id)) {
        raft_snapshot_dropped(n->raft, n->made_id);
        n->made_id = 0;
    }
    if (!raft_snapshot_wanted(n->raft))
        return;
    n->made = n->live;
    n->made_id = rh_hash_mix(group->seed + 77 * ++group->order) | 1;
    raft_snapshot_making(n->raft, n->made_id);
    raft_snapshot_ready(n->raft, n->made_id, RH_OK, n->made.index, n->made.term,
                        GROUP_SNAPSHOT_LEN);
}

/* Everything that the core wants done now. */
static inline void group_pump(struct group *group, uint32_t node)
{
    struct node *n = &group->nodes[node];
    struct raft_message message;
    struct raft_entry entry;
    struct raft_write write;

    if (!n->raft)
        return;
    while (raft_next_committed(n->raft, &entry)) {
        machine_apply(&n->live, &entry);
        group->handed++;
        if (group->on_handed)
            group->on_handed(group, node, &entry);
        raft_handed(n->raft);
    }
    for (uint32_t i = 0; i < 2; i++) { /* a message tells that a snapshot is wanted */
        while (raft_next_message(n->raft, group_now(group, node), &message))
            group_post(group, node, &message);
        group_snapshots(group, node);
    }
    while (n->read_count < 64 && raft_next_read(n->raft, &n->reads[n->read_count]))
        n->read_count++;
    if (raft_next_write(n->raft, &write)) {
        disk_take(&n->write, n->raft, &write);
        if (group->on_write)
            group->on_write(group, node);
    }
    if (raft_next_install(n->raft, &n->install)) {
        n->is_installing = true;
        if (group->on_install)
            group->on_install(group, node);
    }
}

/* The write that is under way becomes durable, or fails. */
static inline void group_end_write(struct group *group, uint32_t node, int32_t rc)
{
    struct node *n = &group->nodes[node];

    if (!n->raft || !n->write.is_active)
        return;
    n->write.is_active = false;
    if (rc == RH_OK)
        disk_apply(&n->disk, &n->write);
    raft_written(n->raft, n->write.seq, rc, group_now(group, node));
    group_pump(group, node);
}

static inline void group_end_install(struct group *group, uint32_t node, int32_t rc)
{
    struct node *n = &group->nodes[node];

    if (!n->raft || !n->is_installing)
        return;
    n->is_installing = false;
    if (rc == RH_OK) {
        memcpy(&n->live, n->received, sizeof(n->live));
        n->durable = n->live;
        assert_int_equal(n->live.index, n->install.index);
        assert_int_equal(n->live.term, n->install.term);
    }
    raft_installed(n->raft, n->install.id, rc, group_now(group, node));
    group_pump(group, node);
}

/* What is applied is made sure, and the log shortened. */
static inline void group_checkpoint(struct group *group, uint32_t node)
{
    struct node *n = &group->nodes[node];

    n->durable = n->live;
    raft_compact(n->raft, n->durable.index, group_now(group, node));
    group_pump(group, node);
}

/* Hands a letter in and frees nothing. */
static inline int32_t group_step(struct group *group, const struct letter *letter)
{
    struct node *n = &group->nodes[letter->to];
    struct raft_entry entries[GROUP_ENTRIES_MAX];
    struct raft_message m = letter->m;
    struct raft_chunk chunk;
    int32_t rc;

    if (!n->raft)
        return RH_EUNREACHABLE;
    for (uint32_t i = 0; i < letter->entry_count; i++)
        entries[i] = disk_entry_view(&letter->entries[i], m.index + 1 + i);
    m.entries = entries;
    m.entry_count = letter->entry_count;
    m.chunk = (struct rh_str){letter->chunk, m.chunk_bytes};
    m.members = m.kind == RAFT_MSG_SNAPSHOT ? &letter->members : NULL;
    rc = raft_step(n->raft, &m, group_now(group, letter->to));
    if (raft_next_chunk(n->raft, &chunk)) {
        assert_true(chunk.offset + chunk.data.n <= GROUP_SNAPSHOT_LEN);
        memcpy(n->received + chunk.offset, chunk.data.p, chunk.data.n);
        raft_chunk_stored(n->raft, RH_OK);
    }
    group_pump(group, letter->to);
    return rc;
}

#endif
