/* Writes the standings of a tournament as JSON: a table of points, or places. */
#include "ranks.h"
#include "wire.h"

/* Halves and quarters are exact. */
static void kv_scaled(struct rh_json_writer *w, const char *key, int64_t value, uint32_t unit)
{
    if (value == STANDING_NONE)
        rh_json_kv_null(w, key);
    else if (unit == 1)
        rh_json_kv_int(w, key, value);
    else
        rh_json_kv_double(w, key, (double)value / unit);
}

static void write_standing(struct rh_json_writer *w, const struct tournament *t,
                           const struct standing *row)
{
    rh_json_begin_object(w);
    rh_json_kv_int(w, "rank", row->rank);
    rh_json_kv_str(w, "player", tournament_name(t, row->player));
    rh_json_kv_int(w, "seed", row->player);
    kv_scaled(w, "points", row->halves, 2);
    rh_json_kv_int(w, "points_max", row->most);
    rh_json_kv_int(w, "matches", row->matches);
    rh_json_kv_int(w, "wins", row->wins);
    rh_json_key(w, "tie_breaks");
    rh_json_begin_object(w);
    for (uint32_t i = 0; i < t->spec.tiebreaks.count; i++) {
        const uint8_t tiebreak = t->spec.tiebreaks.items[i];
        const int64_t value = tiebreak == TIEBREAK_SEED ? row->player : row->values[tiebreak];

        kv_scaled(w, tiebreak_name(tiebreak), value, tiebreak_unit(tiebreak));
    }
    rh_json_end_object(w);
    rh_json_end_object(w);
}

static void write_place(struct rh_json_writer *w, const struct tournament *t,
                        const struct place *place)
{
    rh_json_begin_object(w);
    if (place->rank)
        rh_json_kv_int(w, "rank", place->rank);
    else
        rh_json_kv_null(w, "rank");
    rh_json_kv_str(w, "player", tournament_name(t, place->player));
    rh_json_kv_int(w, "seed", place->player);
    rh_json_kv_int(w, "wins", place->wins);
    rh_json_kv_int(w, "losses", place->losses);
    rh_json_end_object(w);
}

int32_t tournament_reply_standings(struct rh_json_writer *w, const struct tournament *t)
{
    struct standing rows[PLAN_PLAYERS_MAX];
    struct place places[PLAN_PLAYERS_MAX];
    const bool is_robin = t->spec.options.format == FORMAT_ROUND_ROBIN;
    const int32_t rc = is_robin ? tournament_standings(t, rows) : RH_OK;

    if (rc != RH_OK)
        return rc;
    if (!is_robin)
        ranks_make(&t->plan, t->meetings, places);
    rh_json_key(w, "standings");
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < t->spec.options.players; i++) {
        if (is_robin)
            write_standing(w, t, &rows[i]);
        else
            write_place(w, t, &places[i]);
    }
    rh_json_end_array(w);
    return RH_OK;
}
