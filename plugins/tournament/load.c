/* Stored rows of a tournament back into it. */
#include "load.h"

int32_t load_match(void *tournament, uint32_t number, struct rh_str data)
{
    struct match_record record;
    const int32_t rc = tournament_match_decode(data, &record);

    return rc == RH_OK ? tournament_load_match(tournament, number, &record) : rc;
}

int32_t load_extra(void *tournament, uint32_t number, struct rh_str data)
{
    struct tournament *t = tournament;
    struct extra_record extra;
    const int32_t rc = number == t->extra_count ? tournament_extra_decode(data, &extra) : RH_EINVAL;

    return rc == RH_OK ? tournament_load_extra(t, &extra) : rc;
}

int32_t load_result(void *tournament, uint32_t number, struct rh_str data)
{
    struct game_record record;
    const int32_t rc = tournament_game_decode(data, &record);

    return rc == RH_OK ? tournament_load_result(tournament, number, &record) : rc;
}
