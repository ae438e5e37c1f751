/* Reading and writing the words of the Go Text Protocol, version 2; no process, no clock, no rules
 * of Go. */
#ifndef RH_PLUGINS_WORKER_GTP_MATCH_GTP_PARSE_H
#define RH_PLUGINS_WORKER_GTP_MATCH_GTP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Source: Gunnar Farnebäck, "Specification of the Go Text Protocol, version 2, draft 2", sections 2
 * and 4. All functions are pure and may run on any thread; they keep no pointer. */

#define GTP_HALF_POINTS_MAX 20000 /* 10,000 points, far beyond any board of 25 x 25 */
#define GTP_VERTEX_BYTES    8     /* "resign" and its NUL fit */
#define GTP_SCORE_BYTES     16    /* "B+10000.5" and its NUL fit */

enum gtp_move_kind { GTP_MOVE_POINT, GTP_MOVE_PASS, GTP_MOVE_RESIGN };

/* point = row * size + column, both from 0, row 0 at the bottom (GTP's row 1). Only for
 * GTP_MOVE_POINT. */
struct gtp_move {
    enum gtp_move_kind kind;
    int point;
};

/* margin_half counts half points and is positive when black won, negative when white won, 0 for a
 * draw. */
struct gtp_score {
    int32_t margin_half;
};

enum gtp_scan { GTP_SCAN_MORE, GTP_SCAN_DONE, GTP_SCAN_GARBAGE };

/* One answer. body points into the text that was scanned and is NUL-terminated there. */
struct gtp_response {
    bool is_success;
    bool has_id;
    uint32_t id;
    char *body;
};

/* Remove control characters but LF from text[0..len) and turn tabs into spaces, as section 2.2
 * asks. Returns the new length, <= len. */
size_t gtp_clean(char *text, size_t len);

/* Look for one whole answer at the start of text[0..len), which gtp_clean has seen.
 * GTP_SCAN_DONE: *size_bytes says how many bytes it took, *out describes it, and the text is
 * changed to terminate the body. GTP_SCAN_MORE: read on. GTP_SCAN_GARBAGE: no continuation makes it
 * an answer. */
enum gtp_scan gtp_scan_response(char *text, size_t len, size_t *size_bytes,
                                struct gtp_response *out);

/* "D4", "pass" or "resign" in any case, on a board of size 1..25; the letter I is skipped.
 * Returns false and leaves *out alone for anything else. */
bool gtp_parse_move(const char *text, int size, struct gtp_move *out);

/* The reverse; out holds GTP_VERTEX_BYTES. point must lie on the board. */
void gtp_format_move(const struct gtp_move *move, int size, char *out);

/* "7", "7.5", "-0.5", "3.0" as half points, at most GTP_HALF_POINTS_MAX either way. Anything that
 * is no whole number of half points is refused, so that no rounding can change a winner. */
bool gtp_parse_half_points(const char *text, int32_t *out);

/* The answer to final_score: "B+3.5", "W+12" or "0" (a draw; also "0.0" and "draw"). A margin of 0
 * with a colour, a resignation or text behind the score is refused. */
bool gtp_parse_score(const char *text, struct gtp_score *out);

/* "B+3.5", "W+12", "draw" into out, which holds GTP_SCORE_BYTES. */
void gtp_format_score(const struct gtp_score *score, char *out);

/* Whether the lines of a list_commands answer contain exactly this command. */
bool gtp_lists_command(const char *lines, const char *command);

#endif
