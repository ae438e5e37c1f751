/* What jobs printed, and the joblog. The end of an output is in the store; a longer one is a file
 * too, one for each match, that of its last attempt. */
#include "wire.h"

#include <inttypes.h>
#include <stdio.h>

#include <ringhost/sdk/str.h>

#include "output.h"

static void file_name(uint64_t number, uint32_t index, char name[PROCESS_KEY_SIZE])
{
    (void)snprintf(name, PROCESS_KEY_SIZE, "r%" PRIu64 ".m%" PRIu32 ".out", number, index); /* fits
                                                                                             */
}

void output_forget(struct plugin *p, uint64_t number, uint32_t index)
{
    char name[PROCESS_KEY_SIZE];

    file_name(number, index, name);
    (void)p->rh.file->remove(p->rh.ctx, name); /* there may be none */
}

int64_t output_keep(struct plugin *p, struct live *live, uint32_t index, struct rh_str output)
{
    const int64_t left = p->config->run_output_max - live->stored_bytes;
    char name[PROCESS_KEY_SIZE];

    output_forget(p, live->run->spec.number, index);
    if (output.n <= TAIL_MAX)
        return (int64_t)output.n;
    file_name(live->run->spec.number, index, name);
    if ((int64_t)output.n > left || p->rh.file->append(p->rh.ctx, name, output) != RH_OK) {
        rh_log_warn(&p->rh, "ssh_output_not_kept", "run=%.*s match=%" PRIu32 " bytes=%zu",
                    RH_STR_ARG(live->run->spec.id), index, output.n);
        return (int64_t)TAIL_MAX;
    }
    live->stored_bytes += (int64_t)output.n;
    return (int64_t)output.n;
}

/* By id, else by number. */
static int32_t find_match(struct plugin *p, const struct run *run, struct rh_str word,
                          uint32_t *index)
{
    int64_t number;

    for (uint32_t i = 0; i < run->spec.match_count; i++) {
        if (!rh_str_eq(run->spec.matches[i].id, word))
            continue;
        *index = i;
        return RH_OK;
    }
    if (rh_parse_i64(word, &number) == RH_OK && number >= 0 && number < run->spec.match_count) {
        *index = (uint32_t)number;
        return RH_OK;
    }
    return rh_failf(&p->rh, RH_ENOTFOUND, "run \"%.*s\" has no match \"%.*s\"",
                    RH_STR_ARG(run->spec.id), RH_STR_ARG(word));
}

static struct rh_str slice(struct rh_str text, int64_t offset, int64_t limit)
{
    const size_t from = offset < (int64_t)text.n ? (size_t)offset : text.n;
    const size_t left = text.n - from;

    return (struct rh_str){text.p + from, left < (size_t)limit ? left : (size_t)limit};
}

/* Borrowed. The tail of a longer output that is in no file begins where it begins: at offset 0. */
static struct rh_str read_output(struct plugin *p, const struct run *run, uint32_t index,
                                 const struct logs_req *asked)
{
    const struct match *match = &run->matches[index];
    struct rh_str text = {"", 0};
    char name[PROCESS_KEY_SIZE];

    if (match->state == MATCH_RUNNING) {
        attempt_key(run->spec.number, index, match->attempts, name);
        if (p->rh.process->output(p->rh.ctx, name, asked->offset, (uint32_t)asked->limit, &text) !=
            RH_OK)
            return (struct rh_str){"", 0};
        return text;
    }
    file_name(run->spec.number, index, name);
    if (match->output_bytes > (int64_t)TAIL_MAX &&
        p->rh.file->read(p->rh.ctx, name, asked->offset, (uint32_t)asked->limit, &text) == RH_OK)
        return text;
    return slice(runs_tail(p, run, index), asked->offset, asked->limit);
}

int32_t reply_logs(struct plugin *p, struct rh_json_writer *w, const struct run *run,
                   const struct logs_req *asked)
{
    uint32_t index = 0;
    int32_t rc = find_match(p, run, asked->match, &index);
    struct rh_str text;

    if (rc != RH_OK)
        return rc;
    text = read_output(p, run, index, asked);
    if (run->matches[index].state == MATCH_RUNNING || text.n == (size_t)asked->limit)
        text = output_whole(text); /* the rest of a character begins the next page */
    rh_json_kv_str(w, "run_id", run->spec.id);
    rh_json_kv_str(w, "match", run->spec.matches[index].id);
    rh_json_kv_strc(w, "state", match_state_name(run->matches[index].state));
    rh_json_kv_int(w, "attempt", run->matches[index].attempts);
    rh_json_kv_int(w, "offset", asked->offset);
    rh_json_kv_int(w, "next", asked->offset + (int64_t)text.n);
    rh_json_kv_str(w, "output", text);
    return RH_OK;
}

static void write_line(struct rh_json_writer *w, const struct run *run, const struct joblog *line)
{
    rh_json_begin_object(w);
    rh_json_kv_str(w, "match", run->spec.matches[line->match].id);
    rh_json_kv_int(w, "attempt", line->attempt);
    rh_json_kv_str(w, "host", line->host);
    rh_json_kv_strc(w, "verdict", attempt_verdict_name(line->verdict));
    rh_json_kv_int(w, "begun_at", line->begun_at_ms);
    rh_json_kv_int(w, "ended_at", line->ended_at_ms);
    if (line->verdict == ATTEMPT_OK || line->verdict == ATTEMPT_EXITED)
        rh_json_kv_int(w, "exit_code", line->code);
    rh_json_kv_int(w, "output_bytes", line->output_bytes);
    if (line->reason.n)
        rh_json_kv_str(w, "reason", line->reason);
    rh_json_end_object(w);
}

int32_t reply_joblog(struct plugin *p, struct rh_json_writer *w, const struct run *run,
                     const struct joblog_req *asked)
{
    const struct rh_store store = ssh_store(p);
    struct rh_rows rows = {.count = 0};
    struct rh_key from;
    struct rh_key to;
    uint32_t number = 0;
    int32_t rc;

    rh_store_range(&from, &to, KEY_JOBLOG, run->spec.id);
    rh_store_key(&from, KEY_JOBLOG, run->spec.id);
    (void)rh_key_u32(&from, (uint32_t)asked->after); /* errors stay in the key */
    rc = rh_store_scan(&store, &from, &to, 0, (uint32_t)asked->limit, &rows);
    rh_json_kv_str(w, "run_id", run->spec.id);
    rh_json_key(w, "attempts");
    rh_json_begin_array(w);
    for (uint32_t i = 0; i < rows.count && rc == RH_OK; i++) {
        const struct rh_row *row = rh_store_row(&rows, i);
        struct joblog line;

        if (rh_store_key_number(row->key, &number) != RH_OK ||
            record_joblog_read(row->data, &line) != RH_OK || line.match >= run->spec.match_count)
            rc = RH_EIO;
        else
            write_line(w, run, &line);
    }
    rh_json_end_array(w);
    if (rows.more)
        rh_json_kv_int(w, "next", (int64_t)number + 1);
    else
        rh_json_kv_null(w, "next");
    return rc;
}
