/* The commands of scenarios: what happens. */
#ifndef RH_TESTS_PLUGINS_RAFT_SCRIPT_COMMANDS_H
#define RH_TESTS_PLUGINS_RAFT_SCRIPT_COMMANDS_H

#include "script.h"

/* Longer than the longest election timeout. */
#define SCRIPT_TIMEOUT_MS (21 * GROUP_BEAT_MS)

static inline void script_pass(struct script *s, int64_t ms)
{
    s->group.now_us += ms * 1000;
}

static inline void do_group(struct script *s)
{
    const uint64_t count = script_u64(s, script_word(s, 1));
    const uint64_t voters = s->word_count > 3 ? script_u64(s, script_word(s, 3)) : count;

    group_init(&s->group, (uint32_t)count, (uint32_t)voters);
    s->group.on_write = script_on_write;
    s->group.now_us = 1000000;
    s->is_ready = true;
}

static inline void do_option(struct script *s)
{
    const uint64_t value = script_u64(s, script_word(s, 2));

    if (strcmp(script_word(s, 1), "append_bytes") == 0)
        s->group.config.append_bytes_max = (uint32_t)value;
    else if (strcmp(script_word(s, 1), "uncommitted_bytes") == 0)
        s->group.config.uncommitted_bytes_max = value;
    else if (strcmp(script_word(s, 1), "inflight") == 0)
        s->group.config.inflight_max = (uint32_t)value;
    else if (strcmp(script_word(s, 1), "trailing") == 0)
        s->group.config.trailing_entries = value;
    else
        SCRIPT_FAIL(s, "no option %s", s->words[1]);
}

/* The data of an entry says where it was made. */
static inline void script_store(struct script *s, uint32_t node, uint64_t index, uint64_t term)
{
    struct disk *disk = &s->group.nodes[node].disk;
    struct disk_entry entry = {.term = term, .kind = RAFT_ENTRY_DATA, .n = 2};

    entry.data[0] = (char)('a' + index % 26);
    entry.data[1] = (char)('0' + term % 10);
    disk_put(disk, index, &entry);
    if (disk->hard.term < term)
        disk->hard.term = term;
}

static inline void do_log(struct script *s)
{
    const uint32_t node = script_node(s, script_word(s, 1));

    for (uint32_t i = 2; i < s->word_count; i++)
        script_store(s, node, i - 1, script_u64(s, script_word(s, i)));
}

static inline void do_term(struct script *s)
{
    struct disk *disk = &s->group.nodes[script_node(s, script_word(s, 1))].disk;

    disk->hard.term = script_u64(s, script_word(s, 2));
    memset(disk->hard.vote, 0, sizeof(disk->hard.vote));
    if (s->word_count > 3)
        assert_int_equal(
            rh_str_copy(disk->hard.vote, sizeof(disk->hard.vote), rh_str_from(script_word(s, 3))),
            RH_OK);
}

static inline void do_lineage(struct script *s)
{
    s->group.nodes[script_node(s, script_word(s, 1))].disk.base.lineage =
        script_u64(s, script_word(s, 2));
}

static inline void do_start(struct script *s)
{
    for (uint32_t i = 0; i < s->group.count; i++) {
        if (s->word_count > 1 && i != script_node(s, script_word(s, 1)))
            continue;
        group_start(&s->group, i);
        script_settle(s, i);
    }
}

static inline void do_pass(struct script *s)
{
    script_pass(s, (int64_t)script_u64(s, script_word(s, 1)));
}

static inline void do_tick(struct script *s)
{
    const uint32_t node = script_node(s, script_word(s, 1));

    raft_tick(script_raft(s, script_word(s, 1)), group_now(&s->group, node));
    script_settle(s, node);
}

static inline void do_beat(struct script *s)
{
    script_pass(s, GROUP_BEAT_MS);
    do_tick(s);
}

/* Its timer runs out; the timers of the others are not asked. */
static inline void do_stand(struct script *s)
{
    script_pass(s, SCRIPT_TIMEOUT_MS);
    do_tick(s);
    script_pass(s, GROUP_BEAT_MS);
    do_tick(s);
}

static inline void do_elect(struct script *s)
{
    do_stand(s);
    script_deliver_all(s);
    if (script_raft(s, script_word(s, 1))->role != RAFT_LEADER)
        SCRIPT_FAIL(s, "%s does not lead", s->words[1]);
}

static inline void script_wants(struct script *s, uint32_t word, int32_t rc)
{
    static const struct {
        const char *name;
        int32_t rc;
    } names[] = {
        {"ok", RH_OK},          {"not_leader", RH_ENOTLEADER},   {"again", RH_EAGAIN},
        {"exists", RH_EEXISTS}, {"not_found", RH_ENOTFOUND},     {"conflict", RH_ECONFLICT},
        {"invalid", RH_EINVAL}, {"unreachable", RH_EUNREACHABLE}};
    const char *wanted = s->word_count > word ? script_word(s, word) : "ok";

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i].name, wanted) == 0 && names[i].rc == rc)
            return;
    SCRIPT_FAIL(s, "result %d, expected %s", (int)rc, wanted);
}

static inline void do_propose(struct script *s)
{
    uint64_t index = 0;
    const int32_t rc =
        raft_propose(script_raft(s, script_word(s, 1)), rh_str_from(script_word(s, 2)), &index);

    script_wants(s, 3, rc);
    script_settle(s, script_node(s, script_word(s, 1)));
}

static inline void do_change(struct script *s)
{
    const char *what = script_word(s, 2);
    struct raft_change change = {.kind = strcmp(what, "add") == 0       ? RAFT_ADD_LEARNER
                                         : strcmp(what, "promote") == 0 ? RAFT_PROMOTE
                                                                        : RAFT_REMOVE};
    uint64_t index = 0;

    assert_int_equal(rh_str_copy(change.id, sizeof(change.id), rh_str_from(script_word(s, 3))),
                     RH_OK);
    script_wants(s, 4, raft_propose_change(script_raft(s, script_word(s, 1)), &change, &index));
    script_settle(s, script_node(s, script_word(s, 1)));
}

static inline void do_transfer(struct script *s)
{
    const uint32_t node = script_node(s, script_word(s, 1));

    script_wants(s, 3,
                 raft_transfer(script_raft(s, script_word(s, 1)), script_word(s, 2),
                               group_now(&s->group, node)));
    script_settle(s, node);
}

static inline void do_step_down(struct script *s)
{
    const uint32_t node = script_node(s, script_word(s, 1));

    raft_step_down(script_raft(s, script_word(s, 1)), 0, group_now(&s->group, node));
    script_settle(s, node);
}

static inline void do_read(struct script *s)
{
    script_wants(
        s, 3, raft_read_index(script_raft(s, script_word(s, 1)), script_u64(s, script_word(s, 2))));
    script_settle(s, script_node(s, script_word(s, 1)));
}

static inline void do_deliver(struct script *s)
{
    uint64_t count;

    if (s->word_count == 1) {
        script_deliver_all(s);
        return;
    }
    count = s->word_count > 2 ? script_u64(s, script_word(s, 2)) : 1;
    for (; count > 0; count--) {
        const uint32_t place = script_letter(s, script_word(s, 1));

        if (place == GROUP_LETTERS_MAX)
            SCRIPT_FAIL(s, "nothing is on %s", s->words[1]);
        script_arrive(s, place);
    }
}

/* The newest message of a line overtakes the others. */
static inline void do_overtake(struct script *s)
{
    const uint32_t first = script_letter(s, script_word(s, 1));
    uint32_t place = first;

    for (uint32_t i = 0; first < GROUP_LETTERS_MAX && i < s->group.letter_count; i++)
        if (s->group.letters[i]->from == s->group.letters[first]->from &&
            s->group.letters[i]->to == s->group.letters[first]->to)
            place = i;
    if (place == first)
        SCRIPT_FAIL(s, "nothing to overtake on %s", s->words[1]);
    script_arrive(s, place);
}

/* The first message of a line arrives, and stays under way. */
static inline void do_double(struct script *s)
{
    const uint32_t place = script_letter(s, script_word(s, 1));

    if (place == GROUP_LETTERS_MAX)
        SCRIPT_FAIL(s, "nothing is on %s", s->words[1]);
    (void)group_step(&s->group, s->group.letters[place]);
    script_flush(s);
}

static inline void do_drop(struct script *s)
{
    uint64_t count = s->word_count > 2 ? script_u64(s, script_word(s, 2)) : UINT64_MAX;

    if (s->word_count == 1)
        while (s->group.letter_count > 0)
            group_drop(&s->group, 0);
    for (; s->word_count > 1 && count > 0; count--) {
        const uint32_t place = script_letter(s, script_word(s, 1));

        if (place == GROUP_LETTERS_MAX)
            break;
        group_drop(&s->group, place);
    }
}

/* The first message of a line is lost, and its sender is told. */
static inline void do_lose(struct script *s)
{
    const uint32_t place = script_letter(s, script_word(s, 1));
    const struct letter *letter;

    if (place == GROUP_LETTERS_MAX)
        SCRIPT_FAIL(s, "nothing is on %s", s->words[1]);
    letter = s->group.letters[place];
    raft_unreachable(s->group.nodes[letter->from].raft, s->group.nodes[letter->to].id,
                     letter->m.kind, group_now(&s->group, letter->from));
    script_settle(s, letter->from);
    group_drop(&s->group, place);
}

static inline void do_hold(struct script *s)
{
    s->is_held[script_node(s, script_word(s, 1))] = true;
}

static inline void do_release(struct script *s)
{
    s->is_held[script_node(s, script_word(s, 1))] = false;
    script_flush(s);
}

/* The write that is under way ends, and the disk stays held. */
static inline void do_write(struct script *s)
{
    group_end_write(&s->group, script_node(s, script_word(s, 1)), RH_OK);
}

/* The snapshot that is complete comes into force, and the disk stays held. */
static inline void do_install(struct script *s)
{
    const uint32_t node = script_node(s, script_word(s, 1));

    if (!s->group.nodes[node].is_installing)
        SCRIPT_FAIL(s, "%s installs nothing", s->words[1]);
    group_end_install(&s->group, node, RH_OK);
}

static inline void do_fail_write(struct script *s)
{
    group_end_write(&s->group, script_node(s, script_word(s, 1)), RH_EIO);
}

static inline void do_crash(struct script *s)
{
    const uint32_t node = script_node(s, script_word(s, 1));

    group_crash(&s->group, node,
                s->word_count > 2 && strcmp(script_word(s, 2), "after_write") == 0);
    s->is_held[node] = false;
}

static inline void do_cut(struct script *s)
{
    s->is_cut[script_node(s, script_word(s, 1))] = true;
}

static inline void do_heal(struct script *s)
{
    s->is_cut[script_node(s, script_word(s, 1))] = false;
}

static inline void do_checkpoint(struct script *s)
{
    const uint32_t node = script_node(s, script_word(s, 1));

    (void)script_raft(s, script_word(s, 1)); /* it is up */
    group_checkpoint(&s->group, node);
    script_flush(s);
}

/* The disk of a node that is down has lost entries that it had said were there. */
static inline void do_forget(struct script *s)
{
    struct disk *disk = &s->group.nodes[script_node(s, script_word(s, 1))].disk;

    disk->last = script_u64(s, script_word(s, 2)) - 1;
}

/* "3/1": an index and a term. */
static inline void script_place(struct script *s, const char *text, uint64_t *index, uint64_t *term)
{
    const char *slash = strchr(text, '/');
    struct rh_str left = {text, slash ? (size_t)(slash - text) : 0};

    if (!slash || rh_parse_u64(left, index) != RH_OK)
        SCRIPT_FAIL(s, "\"%s\" is not like 3/1", text);
    *term = script_u64(s, slash + 1);
}

/* send n2 append from n1 term 3 at 4/2 entries 2 3 commit 4: a message made by hand. */
static inline void do_send(struct script *s)
{
    struct raft_message m = {.seq = 1, .lineage = RAFT_LINEAGE_FIRST};
    struct disk_entry entries[16];
    const char *kind = script_word(s, 2);
    uint32_t from = 0;
    uint32_t count = 0;
    struct letter *letter;

    m.kind = strcmp(kind, "append") == 0    ? RAFT_MSG_APPEND
             : strcmp(kind, "beat") == 0    ? RAFT_MSG_BEAT
             : strcmp(kind, "timeout") == 0 ? RAFT_MSG_TIMEOUT
                                            : RAFT_MSG_VOTE;
    for (uint32_t i = 3; i < s->word_count; i++) {
        const char *word = script_word(s, i);

        if (strcmp(word, "from") == 0)
            from = script_node(s, script_word(s, ++i));
        else if (strcmp(word, "term") == 0)
            m.term = script_u64(s, script_word(s, ++i));
        else if (strcmp(word, "at") == 0)
            script_place(s, script_word(s, ++i), &m.index, &m.index_term);
        else if (strcmp(word, "commit") == 0)
            m.commit = script_u64(s, script_word(s, ++i));
        else if (strcmp(word, "lineage") == 0)
            m.lineage = script_u64(s, script_word(s, ++i));
        else if (strcmp(word, "pre") == 0)
            m.flags |= RAFT_FLAG_PRE;
        else if (strcmp(word, "forced") == 0)
            m.flags |= RAFT_FLAG_FORCED;
        else if (strcmp(word, "entries") != 0 && count < 16)
            entries[count++] = (struct disk_entry){
                .term = script_u64(s, word), .kind = RAFT_ENTRY_DATA, .n = 1, .data = "x"};
    }
    letter = group_letter(&s->group, from, script_node(s, script_word(s, 1)), &m);
    letter->entry_count = count;
    letter->entries = calloc(count + 1, sizeof(*entries));
    assert_non_null(letter->entries);
    memcpy(letter->entries, entries, count * sizeof(*entries));
    script_arrive(s, s->group.letter_count - 1);
}

static const struct {
    const char *name;
    void (*run)(struct script *s);
} script_commands[] = {
    {"group", do_group},
    {"option", do_option},
    {"log", do_log},
    {"term", do_term},
    {"lineage", do_lineage},
    {"start", do_start},
    {"pass", do_pass},
    {"tick", do_tick},
    {"beat", do_beat},
    {"stand", do_stand},
    {"elect", do_elect},
    {"propose", do_propose},
    {"change", do_change},
    {"transfer", do_transfer},
    {"step_down", do_step_down},
    {"read", do_read},
    {"deliver", do_deliver},
    {"overtake", do_overtake},
    {"double", do_double},
    {"drop", do_drop},
    {"lose", do_lose},
    {"hold", do_hold},
    {"release", do_release},
    {"write", do_write},
    {"fail_write", do_fail_write},
    {"crash", do_crash},
    {"cut", do_cut},
    {"heal", do_heal},
    {"checkpoint", do_checkpoint},
    {"forget", do_forget},
    {"send", do_send},
    {"install", do_install},
};

#endif
