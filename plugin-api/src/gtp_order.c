/* Games of engines as somebody orders them. */
#include <ringhost/sdk/gtp_order.h>

#include <inttypes.h>

#include <ringhost/sdk/json_writer.h>

const char *rh_gtp_ask_problem(const struct rh_gtp_ask *ask)
{
    const double halves = ask->komi * 2.0; /* in range, as the row says */

    return halves == (double)(int64_t)halves ? NULL : "\"komi\" must be a multiple of 0.5";
}

static void put_board_type(const struct rh_gtp_ask *ask, struct rh_buf *texts)
{
    if (ask->board_type.n)
        (void)rh_buf_append_str(texts, ask->board_type); /* errors stay in texts */
    else
        (void)rh_buf_printf(texts, "go%" PRId64, ask->board_size);
}

int32_t rh_gtp_order_init(struct rh_gtp_order *order, const struct rh_gtp_ask *ask,
                          struct rh_buf *texts)
{
    struct rh_json_writer w;
    size_t ends[3];

    put_board_type(ask, texts);
    ends[0] = texts->n;
    put_board_type(ask, texts);
    (void)rh_buf_append_c(texts, "_2p"); /* errors stay in texts */
    ends[1] = texts->n;
    rh_json_init(&w, texts);
    rh_json_str_list(&w, &ask->requires);
    (void)rh_json_finish(&w);
    ends[2] = texts->n;
    if (texts->rc != RH_OK)
        return texts->rc;
    *order = (struct rh_gtp_order){
        .rules = {.ko_rule = ask->ko_rule,
                  .board_size = ask->board_size,
                  .komi_halves = (int64_t)(ask->komi * 2.0),
                  .move_time_ms = ask->move_time_ms,
                  .game_time_ms = ask->game_time_ms,
                  .command_time_ms = ask->command_time_ms,
                  .max_moves = ask->max_moves},
        .board_type = {texts->p, ends[0]},
        .config_key = {texts->p + ends[0], ends[1] - ends[0]},
        .requires_json = {texts->p + ends[1], ends[2] - ends[1]},
        .max_attempts = ask->max_attempts,
        .priority = ask->priority,
        .timeout_s = ask->timeout_s,
        .max_runtime_s = ask->max_runtime_s,
        .min_vram_mb = ask->min_vram_mb,
        .needs_gpu = ask->needs_gpu != 0,
    };
    return RH_OK;
}

void rh_gtp_order_put_numbers(const struct rh_gtp_order *order, struct rh_buf *buf)
{
    const int64_t numbers[] = {order->rules.board_size,
                               order->rules.komi_halves,
                               order->rules.move_time_ms,
                               order->rules.game_time_ms,
                               order->rules.command_time_ms,
                               order->rules.max_moves,
                               order->max_attempts,
                               order->priority,
                               order->timeout_s,
                               order->max_runtime_s,
                               order->min_vram_mb};

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        rh_record_put_i64(buf, numbers[i]);
}

void rh_gtp_order_get_numbers(struct rh_gtp_order *order, struct rh_record_reader *reader)
{
    int64_t *numbers[] = {&order->rules.board_size,
                          &order->rules.komi_halves,
                          &order->rules.move_time_ms,
                          &order->rules.game_time_ms,
                          &order->rules.command_time_ms,
                          &order->rules.max_moves,
                          &order->max_attempts,
                          &order->priority,
                          &order->timeout_s,
                          &order->max_runtime_s,
                          &order->min_vram_mb};

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        *numbers[i] = rh_record_get_i64(reader);
}
