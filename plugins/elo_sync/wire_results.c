/* Games as JSON, both ways. */
#include <ringhost/sdk/str.h>

#include "outcome.h"
#include "wire.h"

/* An outcome by itself, so that the host decodes it. */
struct outcome_word {
    struct rh_str is;
};
struct outcome_score {
    double is;
};
struct outcome_order {
    struct rh_str_list is;
};
static const struct rh_field word_fields[] = {
    RH_TEXT(struct outcome_word, is, RH_REQUIRED, FACT_PLAYER_MAX, "a player, or draw")};
static const struct rh_field score_fields[] = {RH_FIELD_ROW_(
    struct outcome_score, is, RH_FIELD_NUMBER, .flags = RH_REQUIRED, .doc = "points of the first")};
static const struct rh_field order_fields[] = {
    RH_STR_LIST(struct outcome_order, is, RH_REQUIRED, "players from first to last")};

/* Decodes {"is":VALUE}. */
static int32_t decode(struct elo_sync *p, const struct rh_fields *table, struct rh_str value,
                      void *out, void **memory)
{
    struct rh_json_writer w;
    struct rh_buf buf;
    int32_t rc;

    rh_buf_init(&buf, value.n + 16);
    rh_json_init(&w, &buf);
    rh_json_begin_object(&w);
    rh_json_kv_raw(&w, "is", value);
    rh_json_end_object(&w);
    rc = rh_json_finish(&w);
    if (rc == RH_OK)
        rc = p->rh.fields->decode(p->rh.ctx, table, rh_buf_str(&buf), out, memory, NULL, 0);
    rh_buf_release(&buf);
    return rc;
}

static enum fact_problem read_outcome(struct elo_sync *p, struct rh_str json, struct fact *fact)
{
    static const struct rh_fields word_table = RH_FIELDS(struct outcome_word, word_fields);
    static const struct rh_fields score_table = RH_FIELDS(struct outcome_score, score_fields);
    static const struct rh_fields order_table = RH_FIELDS(struct outcome_order, order_fields);
    enum fact_problem problem = FACT_BAD_OUTCOME;
    struct outcome_word word;
    struct outcome_score score;
    struct outcome_order order;
    void *memory = NULL;

    if (json.n && json.p[0] == '"') {
        if (decode(p, &word_table, json, &word, &memory) == RH_OK)
            problem = outcome_of_word(fact, word.is);
    } else if (json.n && json.p[0] == '[') {
        if (decode(p, &order_table, json, &order, &memory) == RH_OK)
            problem = outcome_of_order(fact, order.is.items, order.is.count);
    } else if (decode(p, &score_table, json, &score, &memory) == RH_OK) {
        problem = outcome_of_score(fact, score.is);
    }
    p->rh.fields->release(p->rh.ctx, memory);
    return problem;
}

enum fact_problem elo_read_result(struct elo_sync *p, const struct result_req *req,
                                  struct fact *fact)
{
    enum fact_problem problem;

    *fact = (struct fact){.id = req->game_id,
                          .board_type = req->board_type,
                          .player_count = req->players.count,
                          .played_at_ms = req->played_at};
    if (req->players.count < 2 || req->players.count > FACT_PLAYERS_MAX)
        return FACT_BAD_PLAYER_COUNT;
    for (uint32_t i = 0; i < fact->player_count; i++)
        fact->players[i] = req->players.items[i];
    problem = read_outcome(p, req->outcome, fact);
    if (problem != FACT_OK)
        for (uint32_t i = 0; i < fact->player_count; i++)
            fact->places[i] = 0;
    return fact_check(fact); /* a bad outcome has no places */
}

void elo_write_outcome(struct rh_json_writer *w, const struct fact *fact)
{
    struct rh_str order[FACT_PLAYERS_MAX];
    bool shared[FACT_PLAYERS_MAX];
    char text[FACT_PLAYER_MAX + 2];
    struct rh_str word;

    rh_json_key(w, "outcome");
    if (outcome_is_word(fact, &word)) {
        rh_json_string(w, word);
        return;
    }
    outcome_order(fact, order, shared);
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < fact->player_count; i++) {
        text[0] = '=';
        (void)rh_str_copy(text + 1, sizeof(text) - 1, order[i]); /* names fit */
        rh_json_string_c(w, shared[i] ? text : text + 1);
    }
    rh_json_end_array(w);
}

static void write_game(struct rh_json_writer *w, const struct fact *fact)
{
    rh_json_kv_str(w, "board_type", fact->board_type);
    rh_json_key(w, "players");
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < fact->player_count; i++)
        rh_json_string(w, fact->players[i]);
    rh_json_end_array(w);
    elo_write_outcome(w, fact);
    rh_json_kv_int(w, "played_at", fact->played_at_ms);
}

void elo_write_entry(struct rh_json_writer *w, const struct entry *entry)
{
    struct fact_record record;

    facts_record(entry, &record);
    rh_json_begin_object(w);
    rh_json_kv_str(w, "game_id", entry->id);
    if (record.has_fact)
        write_game(w, &record.fact);
    if (record.retraction.stamp) {
        rh_json_kv_u64(w, "retracted", record.retraction.stamp);
        rh_json_kv_str(w, "reason", record.retraction.reason);
    }
    rh_json_end_object(w);
}
